"""Whether the reference designs do in the simulator what their question says of them.

Each design is run under each scenario in several replications. A bound counts as kept or broken only if it lies outside
the 95% Student interval of the replications' own values, so that what is shown as a fact does not hang on luck.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from math import nan
from multiprocessing import get_context
from typing import NamedTuple

from question_bank.scenarios import ScenarioProblem, fit, turned
from question_bank.schema import DesignName, Gain, Measured, Question, Scenario
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.results.checks import AnyOf, Check, CheckSpec, interval, judge, measure
from simulator.results.estimates import Estimate
from simulator.results.replications import Replications, one_by_one, replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings, TooLong
from simulator.support import DoesNotRunYet

SEED = 3
REPLICATIONS = (3, 5, 8)
"""So many first; more if they leave a check open."""
STABLE_WITHIN = 0.15
"""Measured rows that are stable repeat within this share (the content brief's band for two different models)."""
LEVELS: tuple[DesignName, ...] = ("junior", "senior", "staff")

Interval = tuple[float, float]


class _Ran(NamedTuple):
    """What one design under one scenario shows: its problems, and the interval of each gain that is about it."""

    problems: list[str]
    gains: dict[int, Interval]


def behavior_problems(question: Question, jobs: int = 1) -> list[str]:
    """A sentence for each design that does not behave as declared and each row that measures something else; `jobs`
    processes run at a time.
    """
    tasks = list(product(LEVELS, [scenario.id for scenario in question.simulation.scenarios]))
    rows = range(len(question.simulation.measured))
    if jobs == 1:
        ran = [_run(question, *task) for task in tasks]
        others = [_row(question, row) for row in rows]
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            ran = list(pool.map(_run, [question] * len(tasks), *zip(*tasks, strict=True)))
            others = list(pool.map(_row, [question] * len(rows), rows))
    gains = list(_gains(question, dict(zip(tasks, ran, strict=True))))
    return [problem for problems in [*(one.problems for one in ran), *others, gains] for problem in problems]


def _run(question: Question, level: DesignName, scenario_id: str) -> _Ran:
    scenario = next(one for one in question.simulation.scenarios if one.id == scenario_id)
    place = f"designs/{level}.yaml under {scenario_id}"
    try:
        fitted = fit(scenario, question.designs.by_name(level))
        settings = RunSettings(seed=SEED, replications=REPLICATIONS[-1], duration_s=scenario.duration_s)
        may_fail = level == "junior" and scenario_id in question.simulation.junior_fails
        replications = _enough(fitted.design, settings, fitted.checks, one_failure=may_fail)
    except (DesignProblem, ScenarioProblem, DoesNotRunYet, TooLong) as problem:
        return _Ran([f"{place}: {problem}"], {})
    gains = {
        number: _band(_as_check(gain), replications)
        for number, gain in enumerate(question.simulation.staff_gains)
        if gain.scenario == scenario_id and level != "junior"
    }
    if may_fail:
        return _Ran(list(_not_failed(place, fitted.checks, replications)), gains)
    problems = list(_not_passed(place, scenario, fitted.checks, replications, at_the_edge=level == "junior"))
    return _Ran(problems, gains)


def _enough(design: Design, settings: RunSettings, checks: tuple[CheckSpec, ...], *, one_failure: bool) -> Replications:
    """As few replications as make every check clear, or with `one_failure` as show one that is clearly not met."""
    for so_far in one_by_one(design, settings):
        if len(so_far.runs) in REPLICATIONS:
            clear = [_clearly(check, so_far) for check in checks]
            if None not in clear or (one_failure and False in clear):
                break
    return so_far


def _not_failed(place: str, checks: tuple[CheckSpec, ...], replications: Replications) -> Iterator[str]:
    if not any(_clearly(check, replications) is False for check in checks):
        said = "; ".join(judge(check, replications).sentence for check in checks)
        yield f"{place} does not clearly fail, though junior_fails names it: {said}"


def _not_passed(
    place: str, scenario: Scenario, checks: tuple[CheckSpec, ...], replications: Replications, *, at_the_edge: bool
) -> Iterator[str]:
    for check in checks:
        clearly, said = _clearly(check, replications), judge(check, replications).sentence
        if clearly is None and not at_the_edge:
            yield f"{place} is too close to call: {said}{_spread(check, replications)}; give the design more room"
        elif clearly is False:
            yield f"{place} fails: {said}; correct the design or the check of {scenario.id}"


def _clearly(check: CheckSpec, replications: Replications) -> bool | None:
    """Whether the check is met; None if the replications disagree too much to say."""
    if isinstance(check, AnyOf):
        answers = [_clearly(one, replications) for one in check.any_of]
        return True if any(answers) else None if None in answers else False
    met, (low, high) = judge(check, replications).met, _band(check, replications)
    bound = check.bound()[1]
    return None if met is None or (low < bound < high) else met


def _band(check: Check, replications: Replications) -> Interval:
    """The 95% interval of the metric's mean over replications; a point where there are too few values for one."""
    if (found := interval(check, replications)) is not None:
        return found[0] - found[1], found[0] + found[1]
    whole = measure(check, replications)
    return (whole, whole) if whole is not None else (nan, nan)


def _spread(check: CheckSpec, replications: Replications) -> str:
    if isinstance(check, AnyOf):
        return ""
    low, high = _band(check, replications)
    return f" (95% interval {low:.4g} to {high:.4g})"


def _as_check(gain: Gain) -> Check:
    return Check(
        metric=gain.metric,
        component=gain.component,
        class_name=gain.class_name,
        from_s=gain.from_s,
        to_s=gain.to_s,
        at_least=0,
    )


def _gains(question: Question, ran: dict[tuple[DesignName, str], _Ran]) -> Iterator[str]:
    for number, gain in enumerate(question.simulation.staff_gains):
        senior, staff = (ran[level, gain.scenario].gains.get(number) for level in ("senior", "staff"))
        if senior is None or staff is None:
            continue  # it did not run, which has been said
        if not (staff[1] < senior[0] if gain.better == "lower" else staff[0] > senior[1]):
            yield (
                f"simulation.yaml: staff_gains.{number}: {gain.metric} of {gain.scenario} is {staff[0]:.4g} to "
                f"{staff[1]:.4g} with the staff design and {senior[0]:.4g} to {senior[1]:.4g} with the senior one, not "
                f"clearly {gain.better}; correct one of the two"
            )


def _row(question: Question, number: int) -> list[str]:
    row, simulation = question.simulation.measured[number], question.simulation
    place = f"simulation.yaml: measured.{number}"
    design, knobs = question.designs.by_name(row.design), {knob.id: knob for knob in simulation.knobs}
    for knob, value in row.settings.items():
        design = turned(design, knobs[knob], value)
    settings = RunSettings(
        seed=simulation.measured_seed, replications=REPLICATIONS[0], duration_s=simulation.measured_duration_s
    )
    try:
        return [f"{place} {problem}" for problem in _other_than_measured(row, replicate(design, settings))]
    except (DoesNotRunYet, TooLong) as problem:
        return [f"{place}: {problem}"]


def _other_than_measured(row: Measured, replications: Replications) -> Iterator[str]:
    summary = summarize(replications)
    bottleneck = summary.bottleneck
    if bottleneck is None:
        yield "needs a component that can be full; this design has none"
    elif row.unstable:
        if bottleneck.load <= 1:
            yield f"says unstable, but {bottleneck.component} is offered {bottleneck.load:.3g} of what it can do"
    else:
        busiest = next(one for one in summary.components if one.component == bottleneck.component)
        yield from _apart("p99_ms", row.p99_ms, summary.latency.p99_ms)
        yield from _apart("utilization", row.utilization, busiest.utilization)


def _apart(what: str, said: float | None, measured: Estimate | None) -> Iterator[str]:
    if said is None:
        return
    if measured is None:
        yield f"says {what} {said:g}, but too few requests were counted to tell; run it for longer"
    elif abs(measured.value / said - 1) > STABLE_WITHIN:
        yield f"says {what} {said:g}, but the run gives {measured.value:.4g}; they must agree within 15%"
