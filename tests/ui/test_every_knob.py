"""Every knob that the wind tunnel offers turns its own place in the design, and a number of a run with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from question_bank.loader import slugs
from question_bank.scenarios import ScenarioProblem, fit
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from, fingerprint
from simulator.knobs import value_at, with_value
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from simulator.sliders import Slider, why_idle
from simulator.strikes import FaultKind, first_guess, strikes, victims, when
from simulator.support import DoesNotRunYet, check
from tests.ui.controls import another, keyed, offered, running
from tests.ui.screen import Screen
from ui.knobs import _number, _sliders
from ui.sources import Start

pytestmark = pytest.mark.slow
ONCE = RunSettings(seed=1, replications=1, requests=300)
SET = ("design_fingerprint", "settings", "duration_s", "warm_up_s", "arrival_rate_per_s")
NOT_MEASURED: Any = dict.fromkeys(SET, True) | {"cost": {"components"}}  # where the replicas are repeated
HEAVIER = (2, 4)
RATE = "traffic.arrival_rate_per_s"


def knobs(start: Start) -> dict[str, Slider]:
    known = {knob.path: knob for knob in start.question.simulation.knobs} if start.question is not None else {}
    return _sliders(start.design, known)


def test_every_knob_of_every_template_and_question_turns_its_own_place(screen: Screen) -> None:
    """All of them at once, and each is looked for at its own place; one that is idle cannot be turned."""
    tunnel = screen.open("wind_tunnel")
    for label, start in offered().items():
        key = f"tunnel:{fingerprint(start.design)}:{start.label}"
        tunnel.at.session_state[f"{key}:more"] = True
        tunnel.set("selectbox", "Design", label)
        shown = keyed(tunnel, "slider", f"{key}:slider") + keyed(tunnel, "toggle", f"{key}:slider")
        paths = {path_of(one) for one in shown}
        assert paths == set(knobs(start)), label
        assert [one.key for one in shown if one.value != says(one, value_at(start.design, path_of(one)))] == [], label
        idle = {path for path in paths if why_idle(start.design, path)}
        assert {path_of(one) for one in shown if one.disabled} == idle, label
        for widget in shown:
            if not widget.disabled:
                widget.set_value(another(widget))
        tunnel.run()
        assert tunnel.values("warning") == [], label
        design = running(tunnel).design
        same = {path for path in paths if value_at(design, path) == value_at(start.design, path)}
        assert same == idle, label


def test_a_knob_for_what_is_unlimited_is_a_switch_that_can_be_switched_back(screen: Screen) -> None:
    start = next(one for label, one in offered().items() if label.startswith("Senior: The model server dies"))
    tunnel = screen.open("wind_tunnel")
    tunnel.set("selectbox", "Design", start.label)
    switch = "Requests that may wait, requests (off: unlimited)"
    for is_on, held in ((True, 0), (False, "unlimited")):
        tunnel.set("toggle", switch, is_on)
        assert value_at(running(tunnel).design, "components.ranker.queue.limit") == held
        assert tunnel.has("slider", "Requests that may wait, requests:") == is_on
    assert running(tunnel).design == start.design


def says(widget: Any, held: Any) -> Any:
    """What a widget has to show of what the design holds: a number or, as a switch, whether there is one."""
    return isinstance(held, int | float) if widget.type == "toggle" else held


def path_of(widget: Any) -> str:
    return widget.key.removesuffix(":on").rsplit(":", 1)[1]


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("slug", [None, *slugs()], ids=lambda slug: slug or "templates")
def test_every_knob_changes_a_number_of_some_run(slug: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the design as it stands, under more load, in a scenario of its question or under a fault that is offered."""
    monkeypatch.setenv("WINDTUNNEL_ENGINE", "auto")
    dead = {}
    for label, start in offered().items():
        if slug != (start.question.slug if start.question is not None else None):
            continue
        left = {path: one for path, one in knobs(start).items() if not why_idle(start.design, path)}
        for design in situations(start):
            before = numbers(design)
            left = {path: one for path, one in left.items() if not moves(one, design, before)}
            if not left:
                break
        else:
            dead[label] = list(left)
    assert dead == {}


def situations(start: Start) -> Iterator[Design]:
    """Where a knob may show: first what is likeliest, so that most are found in few runs."""
    design = start.design
    yield design
    if design.traffic.arrivals.kind not in ("closed_loop", "trace"):
        yield from (with_value(design, RATE, times * design.traffic.arrival_rate_per_s) for times in HEAVIER)
    for scenario in start.question.simulation.scenarios if start.question is not None else ():
        try:
            yield fit(scenario, design).design
        except (ScenarioProblem, DesignProblem):
            continue
    for kind in sorted(strikes(design), key=_lateness):
        guess = first_guess(design, kind, *when(design, ONCE.requests))
        for victim in victims(design, kind) if "component" in guess and "caller" not in guess else [None]:
            fault = guess | ({"component": victim} if victim else {})
            yield design_from(design.model_dump(mode="json") | {"faults": [fault]})


def _lateness(kind: FaultKind) -> int:
    """Breakdowns take the longest run, and a flushed cache shows what stands behind it."""
    return {"flush_cache": 0, "breakdowns": 2}.get(kind, 1)


def moves(slider: Slider, design: Design, before: Any) -> bool:
    return any(numbers(one) not in (before, None) for one in turned(design, slider))


def turned(design: Design, slider: Slider) -> Iterator[Design]:
    ends = [_number(slider, slider.high), _number(slider, slider.low)]
    for value in [*ends, None] if slider.may_be_off else ends:
        try:
            changed = with_value(design, slider.path, value)
        except DesignProblem:
            continue
        if changed != design:
            yield changed


def numbers(design: Design) -> Any:
    """What is measured and what it costs; None if it cannot run."""
    try:
        check(design)
    except DoesNotRunYet:
        return None
    return summarize(replicate(design, ONCE)).model_dump(exclude=NOT_MEASURED)
