"""Every question's designs behave as the question says, and its cell measures what the file says."""

import pytest

from question_bank.loader import load_all
from question_bank.scenarios import fit, turned
from simulator.results.checks import judge
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings

QUESTIONS = load_all()
STABLE_WITHIN = 0.15
CASES = [(slug, scenario.id) for slug, question in QUESTIONS.items() for scenario in question.simulation.scenarios]


def passes(slug: str, level: str, scenario_id: str) -> bool:
    question = QUESTIONS[slug]
    scenario = next(one for one in question.simulation.scenarios if one.id == scenario_id)
    fitted = fit(scenario, question.designs.by_name(level))
    replications = replicate(fitted.design, RunSettings(seed=3, replications=1, duration_s=scenario.duration_s))
    return all(judge(check, replications).met for check in fitted.checks)


@pytest.mark.slow
@pytest.mark.parametrize("level", ["senior", "staff"])
@pytest.mark.parametrize(("slug", "scenario"), CASES)
def test_senior_and_staff_designs_pass_every_scenario(slug, scenario, level):
    assert passes(slug, level, scenario)


@pytest.mark.slow
@pytest.mark.parametrize("slug", QUESTIONS)
def test_the_junior_design_fails_a_scenario(slug):
    assert not all(passes(slug, "junior", scenario.id) for scenario in QUESTIONS[slug].simulation.scenarios)


def measured_rows():
    for slug, question in QUESTIONS.items():
        for i, row in enumerate(question.simulation.measured):
            yield pytest.param(slug, row, id=f"{slug}-{i}")


@pytest.mark.parametrize(("slug", "row"), list(measured_rows()))
def test_the_cell_measures_what_the_file_says(slug, row):
    """Stable rows within 15%, averaged over seeds; an unstable one is asked for more than it can do."""
    simulation = QUESTIONS[slug].simulation
    design, knobs = QUESTIONS[slug].designs.by_name(row.design), {knob.id: knob for knob in simulation.knobs}
    for knob, value in row.settings.items():
        design = turned(design, knobs[knob], value)
    settings = RunSettings(seed=simulation.measured_seed, replications=3, duration_s=simulation.measured_duration_s)
    replications = replicate(design, settings)
    summary = summarize(replications)
    if row.unstable:
        assert summary.bottleneck.load > 1
        assert summary.latency.p99_ms.value > 10 * design.promise.p99_ms
    else:
        assert summary.latency.p99_ms.value == pytest.approx(row.p99_ms, rel=STABLE_WITHIN)
        limit = next(one for one in summary.components if one.component == summary.bottleneck.component)
        assert limit.utilization.value == pytest.approx(row.utilization, rel=STABLE_WITHIN)
