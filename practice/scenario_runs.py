"""A question's scenarios on the candidate's own design: what to run, and what a finished run says."""

from dataclasses import dataclass

from practice.attempt import Attempt, StoredRun
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


def run_all(question: Question, attempt: Attempt, *, replications: int) -> dict[str, StoredRun]:
    """Every scenario that can run on the attempt's own design, run here and now, by the scenario's id."""
    if attempt.design is None:
        return {}
    found: dict[str, StoredRun] = {}
    for one in plan(question, attempt.design):
        if one.design is not None:
            settings = one.settings.model_copy(update={"replications": replications})
            summary = summarize(replicate(one.design, settings), one.checks)
            found[one.scenario.id] = StoredRun(
                id=f"from-a-file-{one.scenario.id}", at=0.0, scenario=one.scenario.id, design=one.design,
                settings=settings, summary=summary,
            )  # fmt: skip
    return found


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
        return "not run yet."
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
