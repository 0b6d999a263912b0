"""Every reference design of the bank ends every request alike on both engines, under each of its scenarios."""

import gc

import pytest

from question_bank.loader import load_all
from question_bank.scenarios import ScenarioProblem, fit
from question_bank.schema import Question
from simulator.compiled.coverage import covers
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from simulator.load import mean_rate_per_s
from simulator.results.replications import replicate
from simulator.settings import RunSettings
from simulator.support import DoesNotRunYet, check
from tests.simulator.engines import both, differences

pytest.importorskip("numba")

REQUESTS = 120
QUESTIONS = load_all()


def struck(question: Question) -> dict[str, Design]:
    """The reference designs under each scenario that fits them."""
    found = {}
    for level in ("cell", "junior", "senior", "staff"):
        for scenario in question.simulation.scenarios:
            try:
                design = fit(scenario, question.designs.by_name(level)).design
                check(design)
            except (ScenarioProblem, DesignProblem, DoesNotRunYet):
                continue
            found[f"{level}, {scenario.id}"] = design
    return found


def shortened(design: Design) -> tuple[Design, float]:
    """The design with its faults closer together, so that all of them strike within few requests; and how long that
    takes.
    """
    lasts_s = REQUESTS / mean_rate_per_s(design)
    end_s = max((fault.at_s + (fault.for_s or 0.0) for fault in design.faults), default=0.0)
    scale = min(1.0, 0.8 * lasts_s / end_s) if end_s else 1.0
    data = design.model_dump(mode="json")
    for fault in data["faults"]:
        fault["at_s"] *= scale
        fault["for_s"] = fault["for_s"] and fault["for_s"] * scale
    return design_from(data), lasts_s


@pytest.mark.parametrize("slug", QUESTIONS)
def test_a_run_leaves_nothing_that_only_the_garbage_collector_would_find(slug, compiled_engine):
    design = QUESTIONS[slug].designs.senior.design
    settings = RunSettings(seed=1, requests=100, replications=1)
    replicate(design, settings, engine="compiled")  # what is made once stays
    gc.collect()
    gc.disable()
    try:
        replicate(design, settings, engine="compiled")
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("slug", QUESTIONS)
def test_reference_designs_end_alike_under_every_scenario(slug, compiled_engine):
    designs = struck(QUESTIONS[slug])
    assert designs
    for name, design in designs.items():
        assert covers(design) is None, f"{slug}, {name}"
        assert not differences(*both(*shortened(design))), f"{slug}, {name}"
