"""The runs that a round asks for beside the question's scenarios: before and after its twist, and of its drill."""

from typing import Literal

from practice.drill import Drill, NoDrill, drill_for
from practice.drill import again as struck_again
from practice.interviewer.state import State
from practice.prediction import Prediction
from practice.recovery import Recovery, recovery
from simulator.design import Design, FaultSpec
from simulator.fault_words import fault_in_words
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.spec import NonNegative, Spec

TrialKind = Literal["twist_before", "twist_after", "drill", "drill_again"]
DRILL_AT_SHARE = 0.2  # of the time of the last phase: late enough to have read on, early enough to repair


class Trial(Spec):
    """A design as it was run for the round, and what came of it; `summary` is None until the run has ended.

    Only a drill has a `recovery`, and only the run after a twist a `prediction`.
    """

    kind: TrialKind
    at: NonNegative
    design: Design
    settings: RunSettings
    prediction: Prediction | None = None
    summary: Summary | None = None
    recovery: Recovery | None = None


def drill_trial(drill: Drill, kind: TrialKind, at: float) -> Trial:
    """The drill as a trial that has not been run."""
    return Trial(kind=kind, at=at, design=drill.design, settings=drill.settings)


def changed_trial(first: Trial, drill: Drill, changed: Design, at: float) -> Trial:
    """The same fault and luck on a changed design. Raise NoDrill if what was struck has gone."""
    return drill_trial(struck_again(drill, changed), "drill_again", at).model_copy(update={"settings": first.settings})


def recovery_of(trial: Trial, summary: Summary) -> Recovery | None:
    """How a drill was come through; None for what is no drill."""
    if not trial.kind.startswith("drill"):
        return None
    at_s, until_s = fault_window_s(trial.design.faults[0], summary.duration_s)
    return recovery(summary.timeline, at_s, until_s)


def story(first: Trial, attempt: str) -> str:
    """What it was that struck in a drill, which the round does not say."""
    fault = first.design.faults[0]
    try:
        drawn = drill_for(first.design, attempt)
    except NoDrill:
        drawn = None
    is_it = drawn is not None and drawn.fault == fault  # an attempt from a file may have got another id
    return drawn.story if drawn is not None and is_it else f"{fault_in_words(fault, first.design)}."


def fault_window_s(fault: FaultSpec, duration_s: float) -> tuple[float, float]:
    """From when until when a fault lasts, in simulated seconds of a run."""
    return fault.at_s, duration_s if fault.for_s is None else fault.at_s + fault.for_s


def drill_is_due(state: State, *, is_drawn: bool) -> bool:
    """Whether the fault may strike now, unannounced: in the last phase, in a design, and not into a sentence."""
    from_s = DRILL_AT_SHARE * state.round.phase_minutes["bottlenecks_tradeoffs"] * 60
    is_time = state.phase == "bottlenecks_tradeoffs" and state.phase_s >= from_s and state.round_left_s > 0
    return is_time and is_drawn and state.is_running
