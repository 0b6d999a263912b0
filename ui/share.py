"""Sharing: a design with its settings as a link or a file, and opening either of them."""

import streamlit as st

from simulator.design import Design
from simulator.share import Shared, ShareProblem, TooLongForALink, from_link, link_text, read_shared, write_shared
from ui.sources import Source, Start, opened
from ui.words import plain

PARAMETER = "d"
SEED = "tunnel_seed"
_FILE, _UPLOAD, _SEEN, _PROBLEMS = "share:file", "share:upload", "share:seen", "share:problems"


def shared_source() -> Source | None:
    """The design that the address or a shared file brings; None if there is none, or after a sentence on what is wrong.

    It stands before the field of the seed, which it sets once.
    """
    for sentence in st.session_state.pop(_PROBLEMS, ()):
        st.error(plain(sentence))
    shared = _from_address() or st.session_state.get(_FILE)
    if shared is None:
        return None
    if st.session_state.get(_SEEN) != shared:
        st.session_state[_SEEN] = shared
        st.session_state[SEED] = shared.seed
    st.caption("This design was shared: its faults and knobs are as they were sent.")
    st.button("Choose another design", key="share:leave", on_click=_leave)
    return opened(Start("Shared", shared.design))


def _from_address() -> Shared | None:
    text = st.query_params.get(PARAMETER)
    if not text:
        return None
    try:
        return from_link(text)
    except ShareProblem as problem:
        for sentence in _short(problem, "The shared link cannot be opened"):
            st.error(plain(sentence))
        return None


def _short(problem: ShareProblem, lead: str) -> list[str]:
    """A few sentences, whatever somebody has sent."""
    return [f"{lead}: {sentence[:400].rstrip('.')}." for sentence in problem.problems[:5]]


def _leave() -> None:
    st.query_params.pop(PARAMETER, None)
    for key in (_FILE, _SEEN):
        st.session_state.pop(key, None)


def share(design: Design, seed: int) -> None:
    """A link to copy, a file to keep, and a field for a file that somebody else has sent."""
    with st.expander("Share", key="share", on_change="rerun") as shown:
        if not shown.open:
            return
        shared = Shared(design=design, seed=seed)
        try:
            link = f"{_page()}?{PARAMETER}={link_text(shared)}"
        except TooLongForALink as problem:
            st.info(plain(str(problem)))
        else:
            st.caption("The link holds the whole design, its faults and the luck; nothing is kept on a server.")
            st.code(link, language=None, height=110, wrap_lines=True)
        st.download_button(
            "Download as a file", write_shared(shared), "shared-design.yaml", "application/yaml",
            key="share:download", on_click="ignore",
        )  # fmt: skip
        st.file_uploader("Open a shared file", type=["yaml", "yml"], key=_UPLOAD, on_change=_open_file)


def _page() -> str:
    return (st.context.url or "").partition("?")[0]


def _open_file() -> None:
    uploaded = st.session_state[_UPLOAD]
    if uploaded is None:
        return
    try:
        shared = read_shared(uploaded.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        st.session_state[_PROBLEMS] = ["The file is not text in UTF-8. Save it as UTF-8 and open it again."]
        return
    except ShareProblem as problem:
        st.session_state[_PROBLEMS] = _short(problem, "The file cannot be opened")
        return
    _leave()
    st.session_state[_FILE] = shared
