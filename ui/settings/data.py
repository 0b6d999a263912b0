"""Where the data lies, a copy of it, and how it goes away."""

import tempfile
import time
from pathlib import Path

import streamlit as st

from storage.attempts import list_attempts
from storage.database import StorageProblem, path
from storage.whole import SAFETY, backup_bytes, delete_person, restore, size_bytes
from ui.moments import on_day
from ui.people import LOCAL, current_person
from ui.words import many, plain

LARGEST_MB = 200
_UPLOAD, _SAID, _PROBLEM, _SURE = "settings:restore", "settings:said", "settings:problem", "settings:sure"
WORD = "delete"


def data() -> None:
    """The place and the size, backup and restore for the one local person, and deletion for everybody."""
    st.subheader("Your data", anchor=False)
    if said := st.session_state.pop(_SAID, None):
        st.success(plain(said))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(plain(problem))
    attempts = list_attempts(current_person())
    if current_person() == LOCAL:
        st.markdown(f"{many(len(attempts), 'attempt')} in one file of {size_bytes() / 1e6:,.1f} MB:")
        st.code(str(path()), language=None, wrap_lines=True)
        st.caption("The environment variable WINDTUNNEL_DATA names another folder.")
        _copies()
    else:
        st.markdown(f"{many(len(attempts), 'attempt')} of yours are kept on this server.")
    _delete()


def _copies() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Back up everything", backup_bytes, f"windtunnel-{on_day(time.time())}.db", "application/vnd.sqlite3",
            key="settings:backup", on_click="ignore", help="A whole copy, also while you work.",
        )  # fmt: skip
    with st.expander("Restore a backup", key="settings:restoring"):
        st.markdown(f"It takes the place of all that is here now, which is kept beside it as `{SAFETY}`.")
        st.file_uploader("A file that Backup has made", type=["db"], key=_UPLOAD, max_upload_size=LARGEST_MB)
        st.button("Restore it", key="settings:restore_it", on_click=_restore, disabled=not st.session_state[_UPLOAD])


def _restore() -> None:
    uploaded = st.session_state[_UPLOAD]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "uploaded.db"
        file.write_bytes(uploaded.getvalue())
        try:
            number = restore(file)
        except StorageProblem as problem:
            st.session_state[_PROBLEM] = str(problem).replace(str(file), "The file")
            return
    st.session_state[_SAID] = f"Restored: {many(number, 'attempt')}."


def _delete() -> None:
    with st.expander("Delete my data", key="settings:deleting"):
        st.markdown(
            "Every attempt, card, drill, note and setting of yours goes away, from the file too: freed pages are "
            "overwritten and the file is compacted. Copies that you have downloaded stay where you put them."
        )
        st.text_input(f"Type {WORD} to make sure", key=_SURE)
        st.button("Delete everything of mine", key="settings:delete", on_click=_delete_now)


def _delete_now() -> None:
    if st.session_state[_SURE].strip().lower() != WORD:
        st.session_state[_PROBLEM] = f"Nothing was deleted: the field does not say {WORD}."
        return
    try:
        delete_person(current_person())
    except StorageProblem as problem:
        st.session_state[_PROBLEM] = str(problem)
        return
    st.session_state.clear()
    st.session_state[_SAID] = "Everything of yours is gone."
