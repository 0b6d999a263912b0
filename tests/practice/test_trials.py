"""The drill of a round: when it is due, and the same fault on a changed design."""

import pytest

from practice.drill import NoDrill, drill_for
from practice.trials import changed_trial, drill_is_due, drill_trial, recovery_of
from question_bank.loader import load_question
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from tests.practice.interviewer.states import a_state

DESIGNS = load_question("ads-ranking").designs
LAST = "bottlenecks_tradeoffs"


@pytest.mark.parametrize(
    ("phase", "minute", "is_drawn", "due"),
    [
        (LAST, 1.3, True, False),
        (LAST, 1.5, True, True),
        (LAST, 1.5, False, False),
        (LAST, 30.0, True, False),
        ("detailed_design", 5.0, True, False),
    ],
    ids=["too early", "in time", "nothing drawn", "after the round", "too early a phase"],
)
def test_the_fault_strikes_in_the_last_phase_and_only_what_is_drawn(phase, minute, is_drawn, due):
    assert drill_is_due(a_state(phase=phase, minute=minute), is_drawn=is_drawn) is due


def test_a_changed_design_meets_the_same_fault_at_the_same_time_with_the_same_luck():
    drill = drill_for(DESIGNS.junior.design, "attempt-1")
    first = drill_trial(drill, "drill", 1.0)
    again = changed_trial(first, drill, DESIGNS.junior.design.model_copy(update={"name": "Changed"}), 2.0)
    assert (again.kind, again.at, again.design.name) == ("drill_again", 2.0, "Changed")
    assert (again.design.faults, again.settings) == (first.design.faults, first.settings)


def test_a_part_that_was_struck_and_taken_out_cannot_be_struck_again():
    drill = drill_for(DESIGNS.senior.design, "attempt-1")
    with pytest.raises(NoDrill, match="no longer has"):
        changed_trial(drill_trial(drill, "drill", 1.0), drill, DESIGNS.cell, 2.0)


def test_a_drill_has_a_recovery_and_a_twist_none():
    drill = drill_for(DESIGNS.junior.design, "attempt-1")
    short = drill.settings.model_copy(update={"duration_s": drill.until_s + 0.5})
    trial = drill_trial(drill, "drill", 1.0).model_copy(update={"settings": short})
    summary = summarize(replicate(trial.design, short))
    found = recovery_of(trial, summary)
    assert found is not None
    assert found.before_share is not None
    assert recovery_of(trial.model_copy(update={"kind": "twist_after"}), summary) is None
