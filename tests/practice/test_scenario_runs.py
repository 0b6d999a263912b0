"""The scenarios of a question on a design of one's own: what is run, and what a run then says."""

import pytest

from practice.scenario_runs import FIRST_COMPONENT, Planned, is_current, outcome, passed, plan, starting_design
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.run import simulate
from simulator.settings import RunSettings
from tests.practice.rounds import QUESTION, SCENARIOS, SENIOR, a_run, changed

LONG_ENOUGH_S = {"steady": 3.0, "lose_one_gpu": 17.0, "spike_2x": 7.0}
MET, MISSED, UNKNOWN = True, False, None


def planned(scenario, design=SENIOR) -> Planned:
    return next(one for one in plan(QUESTION, design) if one.scenario.id == scenario)


@pytest.fixture(scope="module")
def steady_run():
    return a_run(planned("steady"), LONG_ENOUGH_S["steady"])


def test_every_scenario_is_planned_in_order_with_its_own_time():
    found = plan(QUESTION, SENIOR, seed=7)
    assert [one.scenario for one in found] == list(QUESTION.simulation.scenarios)
    assert [one.settings for one in found] == [
        RunSettings(seed=7, duration_s=scenario.duration_s) for scenario in QUESTION.simulation.scenarios
    ]


@pytest.mark.parametrize("level", ["cell", "junior", "senior", "staff"])
def test_every_reference_design_can_be_run_through_every_scenario(level):
    design = QUESTION.designs.by_name(level)
    for one in plan(QUESTION, design):
        assert one.problem is None
        assert one.checks == one.scenario.checks
        assert one.design == design.model_copy(update={"faults": design.faults + one.scenario.faults})


def test_planning_leaves_the_design_as_it_is():
    before = SENIOR.model_dump_json()
    plan(QUESTION, SENIOR)
    assert SENIOR.model_dump_json() == before


@pytest.mark.parametrize("level", ["senior", "staff"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_good_reference_design_meets_its_scenarios_even_in_a_short_run(scenario, level):
    found = planned(scenario, QUESTION.designs.by_name(level))
    run = a_run(found, LONG_ENOUGH_S[scenario])
    said = outcome(SCENARIOS[scenario], run, found)
    assert said.passed, said.sentence


def test_the_junior_design_is_too_busy_in_the_peak_hour():
    found = planned("steady", QUESTION.designs.junior.design)
    said = outcome(SCENARIOS["steady"], a_run(found, 3.0), found)
    assert said.passed is False
    assert "ranker busy" in said.sentence
    assert said.sentence.endswith("wanted below 75%.")


def test_a_run_says_every_check_in_one_sentence(steady_run):
    said = outcome(SCENARIOS["steady"], steady_run, planned("steady"))
    assert said.sentence == "; ".join(one.sentence for one in steady_run.summary.checks) + "."
    assert (said.id, said.title, said.steady) == ("steady", SCENARIOS["steady"].title, True)


def test_the_faults_strike_the_part_of_the_right_kind_whatever_its_name():
    mine = changed(SENIOR, "ranker", "scorer")  # light_ranker becomes light_scorer as well
    found = planned("lose_one_gpu", mine)
    assert found.design.faults[0].component == "scorer"
    assert planned("steady", mine).checks[1].component == "scorer"


def test_a_scenario_that_was_not_run_has_not_failed():
    said = outcome(SCENARIOS["steady"], None, planned("steady"))
    assert (said.passed, said.sentence) == (None, "not run yet.")


def test_a_run_of_a_design_that_was_changed_since_says_nothing(steady_run):
    found = planned("steady", changed(SENIOR, "max_wait_ms: 2", "max_wait_ms: 3"))
    said = outcome(SCENARIOS["steady"], steady_run, found)
    assert not is_current(steady_run, found)
    assert (said.passed, said.sentence) == (None, "the design has been changed since it was run.")


def test_a_change_that_is_taken_back_makes_the_run_count_again(steady_run):
    there = changed(SENIOR, "max_wait_ms: 2", "max_wait_ms: 3")
    back = changed(there, "max_wait_ms: 3", "max_wait_ms: 2")
    assert is_current(steady_run, planned("steady", back))


def test_a_run_of_one_scenario_says_nothing_of_another(steady_run):
    assert not is_current(steady_run, planned("spike_2x"))


def test_a_scenario_that_cannot_run_says_what_is_missing_even_if_it_once_ran(steady_run):
    found = planned("steady", starting_design(QUESTION))
    said = outcome(SCENARIOS["steady"], steady_run, found)
    assert said.passed is None
    assert said.sentence == found.problem


TOO_NARROW = "autoscaling: {metric: utilization, target: 1, minimum: 9, maximum: 2}"


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (starting_design(QUESTION), "the design has no model_server; add one to run it"),
        (
            changed(SENIOR, "kind: model_server", f"kind: model_server\n    {TOO_NARROW}"),
            "above maximum",
        ),
    ],
    ids=["no such part", "cannot run"],
)
def test_a_design_that_a_scenario_cannot_run_on_gets_a_sentence(design, said):
    found = planned("lose_one_gpu", design)
    assert said in found.problem
    assert (found.design, found.checks) == (None, ())


@pytest.mark.parametrize(
    ("met", "is_passed"),
    [
        ([MET, MET], True),
        ([MET, MISSED], False),
        ([MET, UNKNOWN], False),
        ([UNKNOWN, UNKNOWN], False),
        ([MISSED, MISSED], False),
    ],
)
def test_only_a_run_that_meets_every_check_has_passed(steady_run, met, is_passed):
    verdicts = tuple(
        one.model_copy(update={"met": each}) for one, each in zip(steady_run.summary.checks, met, strict=True)
    )
    assert passed(steady_run.summary.model_copy(update={"checks": verdicts})) == is_passed


def test_a_run_too_short_to_tell_has_not_passed():
    found = planned("steady")
    said = outcome(SCENARIOS["steady"], a_run(found, 1.0), found)
    assert said.passed is False
    assert "the run cannot tell" in said.sentence


def test_the_same_seed_repeats_a_run_and_another_does_not(steady_run):
    again, other = (plan(QUESTION, SENIOR, seed=seed)[0] for seed in (1, 2))
    assert a_run(again, 3.0).summary == steady_run.summary
    assert a_run(other, 3.0).summary.latency != steady_run.summary.latency


def test_the_starting_design_has_the_traffic_and_promise_of_the_question_and_one_part():
    start = starting_design(QUESTION)
    assert list(start.components) == [FIRST_COMPONENT] == [start.traffic.entry]
    assert start.traffic.model_copy(update={"entry": SENIOR.traffic.entry}) == SENIOR.traffic
    assert (start.promise, start.cell, start.faults) == (SENIOR.promise, SENIOR.cell, ())


def test_the_starting_design_runs_and_gives_nothing_away():
    start = starting_design(QUESTION)
    run = simulate(start, seed=1, duration_s=0.5)
    assert len(run.arrived_s) > 500
    summary = summarize(replicate(start, RunSettings(requests=3000, replications=1)))
    assert summary.latency.p99_ms.value < QUESTION.slo.p99_ms
    assert planned("spike_2x", start).problem is None
