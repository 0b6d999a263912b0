"""A turn draws the fragments that are ready, and else the page."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st  # noqa: PLC0415

    from ui import at_once  # noqa: PLC0415

    at_once.not_ready()
    drawn = st.session_state.setdefault("drawn", [])
    drawn.append("page")
    st.slider("Knob", 0, 9, key="knob", on_change=at_once.show)

    @st.fragment(key="words")
    def words() -> None:
        drawn.append("words")
        st.text(f"turned to {st.session_state['knob']}")

    words()
    if st.session_state.get("ready"):
        at_once.ready(st.session_state["ready"])


def turned(*ready: str | None) -> AppTest:
    """The page after a turn to 3, drawn before with each of what was ready; only what the turn drew is counted."""
    at = AppTest.from_function(page)
    for one in ready:
        at.session_state["ready"] = one
        at.run()
    at.session_state["drawn"].clear()
    at.slider(key="knob").set_value(3).run()
    assert not at.exception
    assert [one.value for one in at.text] == ["turned to 3"]
    return at


def test_a_fragment_that_is_ready_is_drawn_alone():
    assert turned("words").session_state["drawn"] == ["words"]


def test_the_page_is_drawn_while_nothing_is_ready():
    assert turned(None).session_state["drawn"] == ["page", "words"]


def test_the_page_is_drawn_if_the_fragment_is_gone():
    assert turned("pictures").session_state["drawn"] == ["page", "words"]


def test_what_was_ready_is_not_any_more_when_the_page_has_been_drawn_without():
    assert turned("words", None).session_state["drawn"] == ["page", "words"]
