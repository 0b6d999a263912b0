"""Whose data it is: the person who has signed in, or the one local person where nobody has to."""

from pathlib import Path
from urllib.parse import quote

import streamlit as st

from storage.database import StorageProblem

LOCAL = "local"


class NotSignedIn(StorageProblem):
    """People sign in here, and this visitor has not; nothing is read or written."""


def people_sign_in() -> bool:
    """Whether `[auth]` is among the secrets. Secrets that are there but cannot be read let nobody in."""
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    return any(Path(one).exists() for one in st.get_option("secrets.files"))


def is_known() -> bool:
    """Whether it is clear whose data is meant."""
    return not people_sign_in() or _subject() is not None


def current_person() -> str:
    """The owner of everything that is read and written. Raise NotSignedIn; nobody ever becomes the local person."""
    if not people_sign_in():
        return LOCAL
    if (subject := _subject()) is None:
        raise NotSignedIn("you are not signed in (any more); reload the page and sign in")
    return subject


def display_name() -> str:
    """What the provider calls the person, for the screen only."""
    user = st.user.to_dict()
    return str(user.get("name") or user.get("email") or user.get("sub") or "")


def _subject() -> str | None:
    """Issuer and subject, which together never change and are nobody else's (OpenID Connect Core 1.0, section 5.7)."""
    user = st.user.to_dict()
    issuer, subject = user.get("iss"), user.get("sub")
    if user.get("is_logged_in") is not True or not issuer or not subject:
        return None
    return f"oidc:{quote(str(issuer), safe='')}:{quote(str(subject), safe='')}"
