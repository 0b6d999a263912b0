"""Sharing in the wind tunnel: a link and a file restore a design with its faults, knobs and luck."""

import pytest
from streamlit.testing.v1 import AppTest

from simulator.design import Design
from simulator.design_file import design_from, write_design
from simulator.knobs import with_value
from simulator.share import Shared, from_link, link_text, read_shared, write_shared
from simulator.workers import Job
from tests.simulator.designs import design_data, front, wide
from tests.ui.screen import Screen
from ui.cached import questions

SMALL = design_from(
    design_data({"web": front([{"to": "back"}]), "back": wide(0.01, replicas=3)}, rate_per_s=50.0)
    | {"faults": [{"kind": "slow", "component": "back", "factor": 5.0, "at_s": 1.0, "for_s": 2.0}]}
)


def job(screen: Screen) -> Job:
    found: Job = screen.at.session_state["jobs"]["tunnel"]
    return found


@pytest.fixture
def screen(screen: Screen) -> Screen:
    """A visit that has opened what is below Share."""
    screen.at.session_state["share"] = True
    return screen


def link_on(screen: Screen) -> str:
    [code] = screen.at.code
    address, _, text = code.value.partition("?d=")
    assert address.endswith("wind_tunnel") or address == ""
    return text


def test_a_link_restores_design_faults_knobs_and_luck(screen: Screen) -> None:
    screen.open("wind_tunnel", d=link_text(Shared(design=SMALL, seed=42)))
    assert (job(screen).design, job(screen).settings.seed) == (SMALL, 42)
    screen.set("slider", "back: replicas", 8)
    screen.set("number_input", "Luck", 7)
    turned: Design = with_value(SMALL, "components.back.replicas", 8)
    assert (job(screen).design, job(screen).settings.seed) == (turned, 7)
    sent = link_on(screen)
    assert from_link(sent) == Shared(design=turned, seed=7)
    other = Screen().open("wind_tunnel", d=sent)
    assert (job(other).design, job(other).settings.seed) == (turned, 7)
    screen.press("share:leave")
    assert "d" not in screen.at.query_params
    assert job(screen).design != turned


def _draw_the_knobs() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function as a file of its own

    from ui.knobs import turned  # noqa: PLC0415
    from ui.sources import Start, opened  # noqa: PLC0415

    st.session_state["drawn"] = turned(opened(Start("Shared", st.session_state["sent"])))


def test_knobs_that_nobody_has_turned_leave_a_shared_design_as_it_was_sent() -> None:
    at = AppTest.from_function(_draw_the_knobs, default_timeout=30)
    uneven = with_value(SMALL, "traffic.arrival_rate_per_s", 694.4444444444445)
    for design in (uneven, *(question.designs.staff.design for question in questions().values())):
        at.session_state["sent"] = design
        at.run()
        assert at.session_state["drawn"] == design, design.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.AAAAA", "The shared link cannot be opened: the link is damaged"),
        ("9.AAAA", "The shared link cannot be opened: the link is of version 9"),
        ("<script>alert(1)</script>", "The shared link cannot be opened: the link is damaged"),
        ("1." + "A" * 100_000, "The shared link cannot be opened: the link has 100,002 characters"),
    ],
)
def test_a_link_that_is_wrong_gets_a_sentence_and_the_page_works(screen: Screen, text: str, said: str) -> None:
    screen.open("wind_tunnel", d=text)
    [error] = screen.errors
    assert error.startswith(said)
    assert screen.has("selectbox", "Design")
    assert job(screen).design is not None


def test_a_file_restores_what_it_holds_even_a_plain_design(screen: Screen) -> None:
    screen.open("wind_tunnel")
    for text, seed in ((write_shared(Shared(design=SMALL, seed=42)), 42), (write_design(SMALL), 1)):
        screen.set("file_uploader", "Open a shared file", ("shared.yaml", text.encode(), "application/yaml"))
        assert (job(screen).design, job(screen).settings.seed) == (SMALL, seed)
    [button] = [one for one in screen.at.get("download_button") if one.label == "Download as a file"]
    assert button is not None
    assert read_shared(write_shared(from_link(link_on(screen)))) == Shared(design=SMALL)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00x", "The file is not text in UTF-8."),
        (b"just words", "The file cannot be opened: there is no design in it"),
        (b"version: 3\ndesign: {}", "The file cannot be opened: it is of version '3'"),
    ],
)
def test_a_file_that_is_wrong_gets_a_sentence(screen: Screen, content: bytes, said: str) -> None:
    screen.open("wind_tunnel")
    before = job(screen).design
    screen.set("file_uploader", "Open a shared file", ("shared.yaml", content, "application/yaml"))
    [error] = screen.errors
    assert error.startswith(said)
    assert job(screen).design == before
