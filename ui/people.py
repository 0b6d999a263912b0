"""Whose data it is."""

LOCAL = "local"


def current_person() -> str:
    """The owner of everything that is read and written; without sign-in there is one local person."""
    return LOCAL
