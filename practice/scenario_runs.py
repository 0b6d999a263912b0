"""A question's scenarios on the candidate's own design: what to run, and what a finished run says."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from practice.attempt import StoredRun, new_id
from question_bank.scenarios import ScenarioProblem, fit
from question_bank.schema import Question, Scenario
from rubrics import ScenarioOutcome
from simulator.design import Cell, Design, Service
from simulator.design_file import DesignProblem, fingerprint
from simulator.distributions import Constant
from simulator.results.checks import CheckSpec
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from simulator.support import DoesNotRunYet, check

FIRST_COMPONENT = "api"
NOT_RUN = "not run yet."


@dataclass(frozen=True)
class Planned:
    """One scenario, ready to run; or `problem`, a sentence that says why it cannot run on this design."""

    scenario: Scenario
    design: Design | None
    checks: tuple[CheckSpec, ...]
    settings: RunSettings
    problem: str | None


def plan(question: Question, design: Design, *, seed: int = 1) -> list[Planned]:
    """All scenarios of the question, with their faults put where they belong in this design."""
    return [_planned(scenario, design, seed) for scenario in question.simulation.scenarios]


def _planned(scenario: Scenario, design: Design, seed: int) -> Planned:
    settings = RunSettings(seed=seed, duration_s=scenario.duration_s)
    try:
        fitted = fit(scenario, design)
        check(fitted.design)
    except ScenarioProblem as problem:
        return Planned(scenario, None, (), settings, str(problem))
    except (DesignProblem, DoesNotRunYet) as problem:
        return Planned(scenario, None, (), settings, " ".join(problem.problems))
    return Planned(scenario, fitted.design, fitted.checks, settings, None)


def run_all(
    planned: Sequence[Planned], progress: Callable[[str, float], None], *, replications: int | None = None
) -> dict[str, StoredRun]:
    """Run every scenario that can run, one after the other, by its id; `progress` is told its title and the share done,
    0-1. `replications` other than the planned ones make it quicker and less sure.
    """
    found = {}
    for one in planned:
        if one.design is not None:
            settings = one.settings
            if replications is not None:
                settings = settings.model_copy(update={"replications": replications})
            found[one.scenario.id] = _run(one, one.design, settings, progress)
    return found


def _run(planned: Planned, design: Design, settings: RunSettings, progress: Callable[[str, float], None]) -> StoredRun:
    done = replicate(design, settings, lambda share: progress(planned.scenario.title, share))
    return StoredRun(
        id=new_id(),
        at=time.time(),
        scenario=planned.scenario.id,
        design=design,
        settings=settings,
        summary=summarize(done, planned.checks),
    )


def outcome(scenario: Scenario, run: StoredRun | None, planned: Planned) -> ScenarioOutcome:
    """What the newest run of a scenario says; nothing, if the design has been changed since."""
    return ScenarioOutcome(
        id=scenario.id,
        title=scenario.title,
        steady=scenario.steady,
        passed=passed(run.summary) if run is not None and is_current(run, planned) else None,
        sentence=_sentence(run, planned),
    )


def is_current(run: StoredRun, planned: Planned) -> bool:
    """Whether a run is of the design as it is now."""
    return planned.design is not None and run.summary.design_fingerprint == fingerprint(planned.design)


def passed(summary: Summary) -> bool:
    """Whether every check of the scenario is met; a check that the run cannot tell is not."""
    return all(verdict.met for verdict in summary.checks)


def _sentence(run: StoredRun | None, planned: Planned) -> str:
    if planned.problem is not None:
        return planned.problem
    if run is None:
        return NOT_RUN
    if not is_current(run, planned):
        return "the design has been changed since it was run."
    return "; ".join(verdict.sentence for verdict in run.summary.checks) + "."


def starting_design(question: Question) -> Design:
    """An almost empty drawing: the question's cell, traffic and promise, and one service at which requests enter."""
    given = question.designs.senior.design
    traffic = given.traffic.model_copy(update={"entry": FIRST_COMPONENT})
    front = Service(label="API", replicas=4, concurrency=64, service_time=Constant(value_ms=1.0))
    return Design(
        name=question.title,
        cell=Cell(fraction=given.cell.fraction, note=given.cell.note),
        traffic=traffic,
        components={FIRST_COMPONENT: front},
        promise=given.promise,
    )
