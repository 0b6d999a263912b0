"""Every control of the interview page changes something that is kept or shown."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from practice import wall_clock
from practice.attempt import Edit, Written
from practice.rounds import Round, presets, profiles
from rubrics.hire_signal import TARGETS
from rubrics.schema import PHASES
from storage.attempts import list_attempts, load_attempt, save_design
from storage.rounds import load_round, load_said, save_reply
from tests.ui.screen import SLUG, Screen
from ui.cached import questions
from ui.own_runs import jobs_of
from ui.people import LOCAL

pytestmark = pytest.mark.slow
KINDS = ("button", "text_input", "number_input", "selectbox", "multiselect", "slider", "toggle", "checkbox", "radio")
PREDICTION = {"What limits it": "ranker", "p99 latency, ms": 31.0, "Cost of the fleet, USD per month": 123_456.0}
SHEET = questions()[SLUG].worksheet


def controls(screen: Screen) -> set[str]:
    """The labels of what can be clicked or filled in, but for the design, whose form has a test of its own."""
    kinds = [one for kind in (*KINDS, "button_group") for one in screen.at.get(kind)]
    return {one.label for one in kinds if not (one.key or "").startswith("design:")}


def choose(screen: Screen, key: str, value: Any) -> None:
    [group] = [one for one in screen.at.button_group if one.key.startswith(key)]
    group.set_value(value)
    screen.run()


# ---- what a round begins as --------------------------------------------------------------------------------------


def test_every_choice_of_the_set_up_is_kept_in_the_round(screen: Screen) -> None:
    usual, fields = begun(screen, lambda: None), {"Begin", "Back to the questions"}
    assert begun(screen, lambda: choose(screen, "round_mode", "self_study")).mode != usual.mode
    assert begun(screen, lambda: choose(screen, "round_level", other(TARGETS, usual.level))).level != usual.level
    assert (
        begun(screen, lambda: choose(screen, "round_minutes", other(presets(), usual.minutes))).minutes != usual.minutes
    )
    profile = other([one.id for one in profiles()], usual.profile)
    assert begun(screen, lambda: screen.set("radio", "Profile", profile)).profile == profile

    def shorten() -> None:
        fields.update(controls(screen))
        for one in screen.at.number_input:
            one.set_value(one.value - 1)
        screen.run()

    shorter = begun(screen, shorten).phase_minutes
    assert shorter == {phase: minutes - 1 for phase, minutes in usual.phase_minutes.items()}
    assert len(fields) == 2 + 4 + len(PHASES)
    screen.open("interview", question=SLUG).click("Back to the questions")
    assert screen.title == "Practice an ML system design interview"


def begun(screen: Screen, choice: Callable[[], None]) -> Round:
    screen.open("interview", question=SLUG)
    choice()
    screen.click("Begin")
    found = load_round(LOCAL, str(screen.at.session_state["attempt"]))
    assert found is not None
    return found


def other(options: Any, than: Any) -> Any:
    return next(one for one in options if one != than)


# ---- self-study ------------------------------------------------------------------------------------------------


def test_every_control_of_every_phase_is_kept_or_shows_something(screen: Screen, attempt: str) -> None:
    """The text of a phase is a component of the browser's, and typed in `tests/e2e`."""
    screen.open("interview", attempt=attempt)
    seen = controls(screen)
    for label, kind in (("Pause", "pause"), ("Go on", "resume")):
        screen.click(label)
        assert load_attempt(LOCAL, attempt).events[-1].kind == kind
        seen |= controls(screen)
    screen.field("text_input", "Your question").set_value("How many people use it?")
    screen.click("Ask")
    assert load_attempt(LOCAL, attempt).known_facts() == ("users",)
    walked = {"Pause", "Go on", "Your question", "Ask", "Phase", "Finish and review"}
    for phase in PHASES[1:]:
        choose(screen, "phase:", phase)
        assert load_attempt(LOCAL, attempt).events[-1].phase == phase
        seen |= controls(screen)
        if phase == "capacity_estimation":
            walked |= set(every_number_is_kept(screen, attempt))
        elif phase == "high_level_design":
            save_design(LOCAL, attempt, questions()[SLUG].designs.senior.design)
            screen.run()
            walked |= set(a_prediction_is_kept_and_run(screen, attempt))
        seen |= controls(screen)
    screen.click("Finish and review")
    assert list_attempts(LOCAL)[0].finished_at is not None
    assert seen - walked == set()


def every_number_is_kept(screen: Screen, attempt: str) -> Iterator[str]:
    """All at once, each with a value of its own, which is looked for at its own place."""
    told = "Calculate with another number than the one told"
    yield told
    screen.set("selectbox", told, "peak_factor")
    typed = {one.key: str(i + 2) for i, one in enumerate(screen.at.text_input)}
    assert len(typed) > 2 * len(SHEET.rows)
    for one in screen.at.text_input:
        one.set_value(typed[one.key])
        yield one.label
    screen.run()
    kept = load_attempt(LOCAL, attempt)
    assert "peak_factor" in kept.assumptions
    places = {"row": kept.worksheet, "constant": kept.assumptions}
    for key, value in typed.items():
        what, kind, of, name = key.split(":")
        if what == "value":
            unit = typed[f"unit:{kind}:{of}:{name}"]
            assert places[kind][name] == Written(value=value, unit=unit), key


def a_prediction_is_kept_and_run(screen: Screen, attempt: str) -> Iterator[str]:
    for label, value in PREDICTION.items():
        screen.field("selectbox" if isinstance(value, str) else "number_input", label).set_value(value)
        yield label
    screen.click("Commit and run")
    kept = load_attempt(LOCAL, attempt).prediction
    assert kept is not None
    assert [kept.bottleneck, kept.p99_ms, kept.usd_per_month] == list(PREDICTION.values())
    assert jobs_of(attempt)
    screen.click("Cancel the runs")
    assert all(job.is_over for job in jobs_of(attempt).values())
    yield from ("Commit and run", "Cancel the runs")


# ---- a mock interview ------------------------------------------------------------------------------------------


def test_every_control_that_a_mock_interview_adds_is_kept_or_shows_something(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for those of the twist and the drill, which `test_round.py` reaches on its way."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "WINDTUNNEL_GRADER_URL"):
        monkeypatch.delenv(name, raising=False)
    minute = 0.0
    with wall_clock.read_from(lambda: 1_800_000_000.0 + 60 * minute):
        screen.open("interview", question=SLUG).click("Begin")
        attempt, minute = str(screen.at.session_state["attempt"]), 3.5
        screen.run()
        fields = {"Address of the endpoint", "Model", "Key", "Ask the model"}
        added = controls(screen) - {"Phase", "Your question", "Ask", "Finish and review"}
        assert added == {"Send", "I don't know"} | fields
        screen.click("Send")
        assert screen.says("Write a few words first")
        save_reply(LOCAL, attempt, 0, Edit(text="The bid.", writer="t", sequence=1, base=0))
        screen.click("I don't know")
        assert load_said(LOCAL, attempt)[0].answer == "The bid.\nI don't know."
        screen.set("text_input", "Address of the endpoint", "http://model.example/v1")
        assert screen.says("model.example")
        screen.set("text_input", "Model", "m-1")
        screen.set("text_input", "Key", "secret")
        assert screen.at.session_state["wording_endpoint"] is None
        screen.set("toggle", "Ask the model", True)
        asked = screen.at.session_state["wording_endpoint"]
        assert (asked.model, asked.key.get_secret_value()) == ("m-1", "secret")
