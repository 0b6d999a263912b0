"""Every question's designs behave as the question says, and its cell measures what the file says."""

import pytest

from question_bank.behavior import behavior_problems
from question_bank.loader import load_question, slugs
from question_bank.schema import Gain, Measured, Question
from simulator.results.checks import Check


@pytest.mark.slow
@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("slug", slugs())
def test_designs_behave_as_their_question_declares(slug, monkeypatch):
    """What `python -m question_bank check` runs, on the faster engine, which gives the same runs."""
    monkeypatch.setenv("WINDTUNNEL_ENGINE", "auto")
    assert behavior_problems(load_question(slug)) == []


def a_small_question(**changes: object) -> Question:
    """The ads question with its peak hour alone, for four seconds, and nothing else to run."""
    question = load_question("ads-ranking")
    steady = question.simulation.scenarios[0].model_copy(update={"duration_s": 4.0})
    scenario = {name: changes.pop(name) for name in ("checks",) if name in changes}
    simulation = {
        "scenarios": (steady.model_copy(update=scenario),),
        "junior_fails": ("steady",),
        "staff_gains": (),
        "measured": (),
        **changes,
    }
    return question.model_copy(update={"simulation": question.simulation.model_copy(update=simulation)})


def test_what_is_declared_and_happens_is_no_problem():
    assert behavior_problems(a_small_question()) == []


def test_a_junior_design_that_passes_what_it_should_fail_is_told():
    [said] = behavior_problems(a_small_question(checks=(Check(metric="p99_ms", below=5000),)))
    assert said.startswith("designs/junior.yaml under steady does not clearly fail, though junior_fails names it: p99")


def test_designs_that_fail_are_told_one_by_one():
    said = behavior_problems(a_small_question(checks=(Check(metric="p99_ms", below=5),)))
    assert [one.split(": p99")[0] for one in said] == [
        "designs/senior.yaml under steady fails",
        "designs/staff.yaml under steady fails",
    ]


def test_a_junior_failure_that_is_not_declared_is_told():
    [said] = behavior_problems(a_small_question(junior_fails=()))
    assert said.startswith("designs/junior.yaml under steady fails: ranker busy")


def test_a_bound_inside_the_interval_is_too_close_to_call():
    replicated = behavior_problems(a_small_question(checks=(Check(metric="p99_ms", below=1),), junior_fails=()))
    p99_ms = float(next(one for one in replicated if "senior" in one).split("p99 ")[1].split(" ms")[0])
    said = behavior_problems(a_small_question(checks=(Check(metric="p99_ms", below=p99_ms),)))
    [senior] = [one for one in said if "senior" in one]
    assert "is too close to call" in senior
    assert "95% interval" in senior


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_a_gain_that_is_none_is_told(better):
    """Both designs pay for the same five GPUs."""
    gain = Gain(scenario="steady", metric="usd_per_month", better=better)
    [said] = behavior_problems(a_small_question(staff_gains=(gain,)))
    assert said.startswith("simulation.yaml: staff_gains.0: usd_per_month of steady is 2.555e+05 to 2.555e+05")
    assert f"not clearly {better}" in said


def test_a_gain_that_is_clear_is_no_problem():
    gain = Gain(scenario="steady", metric="utilization", component="ranker", better="lower")
    question = a_small_question(staff_gains=(gain,))
    ranker = question.designs.staff.design.components["ranker"].model_copy(update={"replicas": 9})
    parts = question.designs.staff.design.components | {"ranker": ranker}
    staff = question.designs.staff.model_copy(
        update={"design": question.designs.staff.design.model_copy(update={"components": parts})}
    )
    more = question.model_copy(update={"designs": question.designs.model_copy(update={"staff": staff})})
    assert behavior_problems(more) == []


def measured(**row: object) -> list[str]:
    settings = {"max_batch_rows": 1200.0, "max_wait_ms": 2.0}
    one = Measured.model_validate({"design": "cell", "settings": settings, **row})
    return [said for said in behavior_problems(a_small_question(measured=(one,))) if "measured" in said]


def test_a_measured_row_holds_within_fifteen_percent():
    assert measured(p99_ms=17.9, utilization=0.62) == []
    [p99, busy] = measured(p99_ms=17.9 * 1.5, utilization=0.62 * 1.5)
    assert p99.startswith("simulation.yaml: measured.0 says p99_ms 26.85, but the run gives 1")
    assert busy.startswith("simulation.yaml: measured.0 says utilization 0.93, but the run gives 0.5")


def test_a_stable_row_that_is_called_unstable_is_told():
    [said] = measured(unstable=True)
    assert said.startswith("simulation.yaml: measured.0 says unstable, but ranker is offered 0.")
