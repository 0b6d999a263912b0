"""Knobs and scenarios of a question fit its own designs, and designs that people draw with names of their own."""

import re

import pytest

from question_bank.loader import load_question
from question_bank.scenarios import ScenarioProblem, fit, turned
from simulator.design import Design
from simulator.design_file import DesignProblem, read_design, write_design
from simulator.run import simulate

QUESTION = load_question("ads-ranking")
SENIOR = QUESTION.designs.senior.design
KNOBS = {knob.id: knob for knob in QUESTION.simulation.knobs}
SCENARIOS = {scenario.id: scenario for scenario in QUESTION.simulation.scenarios}


def renamed(design: Design, **names: str) -> Design:
    """The design with other names for its components."""
    text = write_design(design)
    for old, new in names.items():
        text = re.sub(rf"\b{old}\b(?=:|\n)", new, text)
    return read_design(text)


@pytest.mark.parametrize("knob", KNOBS.values(), ids=KNOBS)
def test_every_knob_turns_the_senior_design(knob):
    assert turned(SENIOR, knob, knob.low) != turned(SENIOR, knob, knob.high)


def test_a_knob_that_may_be_off_takes_its_part_out():
    hedged = turned(SENIOR, KNOBS["hedge_after_ms"], 8)
    assert hedged != SENIOR
    assert turned(hedged, KNOBS["hedge_after_ms"], None) == SENIOR


def test_a_knob_without_a_place_in_a_design_is_refused():
    with pytest.raises(DesignProblem, match="there is no 'feature_cache'"):
        turned(QUESTION.designs.junior.design, KNOBS["cache_hit"], 0.5)


def test_a_scenario_adds_its_faults_and_keeps_its_checks():
    scenario = SCENARIOS["lose_one_gpu"]
    fitted = fit(scenario, SENIOR)
    assert fitted.design.faults == scenario.faults
    assert fitted.checks == scenario.checks
    assert fitted.targets == {"ranker": "ranker"}


def test_a_scenario_finds_its_target_under_another_name():
    fitted = fit(SCENARIOS["steady"], renamed(SENIOR, ranker="gpu_pool"))
    assert fitted.targets == {"ranker": "gpu_pool"}
    assert fitted.checks[1].component == "gpu_pool"
    assert fit(SCENARIOS["lose_one_gpu"], renamed(SENIOR, ranker="gpu_pool")).design.faults[0].component == "gpu_pool"


def test_of_several_of_a_kind_the_most_visited_is_struck():
    text = write_design(renamed(SENIOR, ranker="gpu_pool"))
    spare = "components:\n  spare: {kind: model_server, max_items: 300, batch_time: {fixed_ms: 1, per_item_ms: 0}}\n"
    assert fit(SCENARIOS["steady"], read_design(text.replace("components:\n", spare))).targets == {"ranker": "gpu_pool"}


def test_a_design_without_the_kind_is_told_what_it_lacks():
    text = """
    traffic: {entry: ads, arrival_rate_per_s: 10}
    components: {ads: {kind: service, service_time: {kind: constant, value_ms: 1}}}
    """
    with pytest.raises(ScenarioProblem, match=r"lose_one_gpu is about 'ranker', a model_server, and the design has no"):
        fit(SCENARIOS["lose_one_gpu"], read_design(text))


def test_losing_more_than_there_is_is_refused():
    alone = turned(SENIOR, KNOBS["gpus"], 3)
    scenario = SCENARIOS["lose_one_gpu"]
    many = scenario.model_copy(update={"faults": (scenario.faults[0].model_copy(update={"replicas": 4}),)})
    with pytest.raises(DesignProblem, match="has only 3"):
        fit(many, alone)


@pytest.mark.parametrize("name", ["cell", "junior", "senior", "staff"])
def test_every_design_runs(name):
    run = simulate(QUESTION.designs.by_name(name), seed=1, duration_s=1.0)
    assert len(run.arrived_s) > 1_000
