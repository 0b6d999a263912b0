"""Markup in every field and file is shown as it was typed: no link, no picture, no formula, no color, no tag."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from practice.attempt import Edit, OwnLevel, Written
from practice.attempt_file import read_attempt_file, write_attempt_file
from practice.clock import ClockEvent
from practice.forensics import Mark
from practice.interviewer.state import Said
from practice.prediction import Prediction
from practice.review import card
from practice.rounds import new_round
from practice.scenario_runs import plan
from practice.versions import versions
from rubrics.schema import PHASES
from storage.attempt_files import export_attempt
from storage.attempts import (
    add_asked,
    add_event,
    add_prediction,
    add_run,
    load_attempt,
    save_assumption,
    save_card,
    save_design,
    save_own_level,
    save_section,
    save_worksheet_row,
)
from storage.notes import save_note
from storage.rounds import add_marks, add_said, keep_round, save_reply
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.ui.screen import Screen
from ui.people import LOCAL

EVIL = (
    "<script>alert(1)</script> ![x](http://evil.example/a.png) $E=mc^2$ :red[red] **bold** `code` "
    '=HYPERLINK("http://evil") ../../etc/passwd'
)
ALIVE = ("](http://evil", "$E=", ":red[", "**bold**", "`code`")
"""What would do something if a backslash did not stand in it."""
READ_AS_MARKDOWN = (
    "button", "caption", "checkbox", "error", "expander", "header", "info", "markdown", "metric", "popover", "radio",
    "segmented_control", "subheader", "success", "table", "tab", "title", "warning",
)  # fmt: skip


@pytest.fixture
def evil(attempt: str) -> str:
    """An attempt in a round with something bad in every field that a person fills."""
    keep_round(LOCAL, attempt, new_round(45, mode_id="mock"))
    for phase in PHASES:
        save_section(LOCAL, attempt, phase, Edit(text=f"We promise {EVIL}", writer="w", sequence=1, base=0))
    add_asked(LOCAL, attempt, EVIL, None)
    save_worksheet_row(LOCAL, attempt, "gpus", Written(value=EVIL, unit=EVIL))
    save_assumption(LOCAL, attempt, "util", Written(value=EVIL, unit=EVIL))
    design = SENIOR.model_copy(update={"name": EVIL[:110]})
    save_design(LOCAL, attempt, design)
    number = add_prediction(LOCAL, attempt, Prediction(bottleneck="ranker", p99_ms=30.0, usd_per_month=2e5))
    run = a_run(plan(QUESTION, design)[0], 2.0)
    add_run(LOCAL, attempt, "steady", run.design, run.summary, number)
    save_own_level(LOCAL, attempt, "serving_scale", OwnLevel(level=2, quote=EVIL, explains_failure=EVIL))
    said = Said(at=1.0, kind="probe", id="scope", text="What is left out?", why="y", phase="requirements")
    add_said(LOCAL, attempt, said.model_copy(update={"answer": EVIL, "answered_at": 2.0}), after=0)
    add_said(LOCAL, attempt, said, after=1)
    save_reply(LOCAL, attempt, 1, Edit(text=EVIL, writer="w", sequence=1, base=0))
    add_marks(LOCAL, attempt, [Mark(kind="number", at=1.0, phase="requirements", sentence=EVIL)])
    save_note(LOCAL, "exercise", "unknown", EVIL)
    save_card(LOCAL, attempt, card(QUESTION, load_attempt(LOCAL, attempt), {"steady": run}))
    return attempt


def alive(screen: Screen) -> list[tuple[str, str]]:
    """What the page would interpret, with the kind of element."""
    found = [(kind, text) for kind in READ_AS_MARKDOWN for one in screen.at.get(kind) for text in _texts(kind, one)]
    return [(kind, text) for kind, text in found if any(one in re.sub(r"\\.", "", text) for one in ALIVE)]


def _texts(kind: str, one: Any) -> Iterator[str]:
    for name in ("label", "value", "delta", "options"):
        value = getattr(one, name, None)
        if kind == "table" and name == "value":
            yield from (str(cell) for cell in (*value.columns, *value.to_numpy().ravel()))
        elif isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from map(str, value)


def test_every_page_shows_what_was_typed_and_interprets_none_of_it(evil: str) -> None:
    screen, shown = Screen(), 0
    for page in ("questions", "interview", "review", "history", "progress", "practice", "wind_tunnel", "capacity"):
        if page == "review":
            add_event(LOCAL, evil, ClockEvent(at=time.time(), kind="finish", phase=None))
        screen.open(page, attempt=evil)
        assert alive(screen) == [], page
        shown += "alert(1)" in str(screen.values("markdown", "caption", "text"))
        if page == "review":
            [steps] = [one for one in screen.at.segmented_control if one.key.startswith("step:")]
            for step in steps.options:
                screen.step(step)
                assert alive(screen) == [], step
                shown += "alert(1)" in str(screen.values("markdown", "caption", "text"))
    assert shown >= 2, "it was on the screen at all"


def test_an_opened_file_with_an_odd_name_shows_its_fields_as_text(evil: str) -> None:
    text = write_attempt_file(export_attempt(LOCAL, evil, versions(QUESTION)))
    assert read_attempt_file(text).said[1].answer == EVIL
    screen = Screen().open("history")
    [field] = screen.at.get("file_uploader")
    field.set_value((f"{EVIL}.yaml", text.encode(), "application/yaml"))
    screen.run()
    assert screen.title == "From a file: Ads for a feed inside 50 ms"
    assert any(EVIL in one for one in screen.values("caption"))
    assert any(EVIL in one for one in screen.values("markdown"))
    assert alive(screen) == []
    screen.click("Close")
    [field] = screen.at.get("file_uploader")
    field.set_value((f"{EVIL}.yaml", f"question: '{EVIL}'\n{EVIL}".encode(), "application/yaml"))
    screen.run()
    assert screen.errors
    assert alive(screen) == []
