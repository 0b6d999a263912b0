"""A design before and after the twist of a round, ready to be run both ways with the same luck."""

import math
from typing import Any

from practice.twist import TwistId, twists
from question_bank.schema import Question
from simulator.design import ClosedLoop, Design, KillReplicas, LoseZone, Trace
from simulator.design_file import DesignProblem, design_from
from simulator.load import mean_rate_per_s, static_load
from simulator.settings import RunSettings
from simulator.spec import Spec
from simulator.support import DoesNotRunYet, check

TRAFFIC_FACTOR = 10
ZONES = 3  # where a design names none
REQUESTS = 10_000  # of one run, so that it takes seconds
LONGEST_S = 3_000.0
_COMES_AT = 1 / 3  # of the run


class Twisted(Spec):
    """The same design before and after, each with its settings: the same seed and about as many requests. Or `problem`,
    why nothing can be run.
    """

    id: TwistId
    change: str
    before: Design | None = None
    after: Design | None = None
    settings_before: RunSettings | None = None
    settings_after: RunSettings | None = None
    problem: str | None = None


def twisted(twist_id: TwistId, question: Question, design: Design, *, seed: int = 1) -> Twisted:
    """The design as it is, and as the twist changes it. The same seed gives both the same luck."""
    change = next(one for one in twists() if one.id == twist_id).change
    try:
        before, after = _changed(twist_id, question, design.model_copy(update={"faults": ()}))
        check(before)
        check(after)
    except (DesignProblem, DoesNotRunYet) as problem:
        return Twisted(id=twist_id, change=change, problem=" ".join(problem.problems))
    return Twisted(
        id=twist_id,
        change=change,
        before=before,
        after=after,
        settings_before=settings_for(before, seed=seed),
        settings_after=settings_for(after, seed=seed),
    )


def settings_for(design: Design, *, seed: int) -> RunSettings:
    """One replication of a design, for as long as it can be simulated in seconds."""
    return RunSettings(seed=seed, replications=1, duration_s=_lasts_s(design))


def _lasts_s(design: Design) -> float:
    return min(LONGEST_S, REQUESTS / mean_rate_per_s(design))


def _changed(twist_id: TwistId, question: Question, design: Design) -> tuple[Design, Design]:
    match twist_id:
        case "traffic_x10":
            return design, _more_traffic(design)
        case "half_budget":
            return _half_budget(question, design)
        case "promise_halved":
            return design, _half_promise(question, design)
        case "zone_lost":
            return _without_a_zone(design)
        case "labels_lost":
            raise DesignProblem(["A lost label source changes no request, so there is nothing to run."])


def _more_traffic(design: Design) -> Design:
    traffic = design.traffic
    changes: dict[str, Any] = {}
    match traffic.arrivals:
        case Trace():
            raise DesignProblem(["Recorded traffic cannot be multiplied; use a rate to run this."])
        case ClosedLoop() as loop:
            changes["arrivals"] = loop.model_copy(update={"users": loop.users * TRAFFIC_FACTOR})
        case _:
            changes["arrival_rate_per_s"] = traffic.arrival_rate_per_s * TRAFFIC_FACTOR
    return _whole(design.model_copy(update={"traffic": traffic.model_copy(update=changes)}))


def _half_budget(question: Question, design: Design) -> tuple[Design, Design]:
    """The budget of the design or, without one, of the question, before and after."""
    given = question.budget.usd_per_month if question.budget is not None else None
    budget = design.promise.usd_per_month or given
    if budget is None:
        raise DesignProblem(["There is no budget to halve."])
    return _with_promise(design, usd_per_month=budget), _with_promise(design, usd_per_month=budget / 2)


def _half_promise(question: Question, design: Design) -> Design:
    promise = design.promise
    p99_ms = promise.p99_ms or question.slo.p99_ms
    if p99_ms is None:
        raise DesignProblem(["There is no promised time to halve."])
    deadline_ms = promise.deadline_ms / 2 if promise.deadline_ms is not None else None
    return _with_promise(design, p99_ms=p99_ms / 2, deadline_ms=deadline_ms)


def _with_promise(design: Design, **changes: float | None) -> Design:
    return _whole(design.model_copy(update={"promise": design.promise.model_copy(update=changes)}))


def _without_a_zone(design: Design) -> tuple[Design, Design]:
    """A zone goes for good. A design without zones is spread over three; where that would take nothing, a third of its
    most loaded part goes.
    """
    at_s = _COMES_AT * _lasts_s(design)
    before = design if design.zones > 1 else _whole(design.model_copy(update={"zones": ZONES}))
    if any(getattr(one, "replicas", 1) >= before.zones for one in design.components.values()):
        return before, _whole(before.model_copy(update={"faults": (LoseZone(at_s=at_s),)}))
    loads = {
        name: one.load for name, one in static_load(design).items() if hasattr(design.components[name], "replicas")
    }
    if not loads:
        raise DesignProblem(["No part of the design has replicas that a zone could take away."])
    hot = max(loads, key=lambda one: loads[one])
    gone = math.ceil(getattr(design.components[hot], "replicas", 1) / ZONES)
    fault = KillReplicas(at_s=at_s, component=hot, replicas=gone)
    return design, _whole(design.model_copy(update={"faults": (fault,)}))


def _whole(design: Design) -> Design:
    """The design with everything checked again."""
    return design_from(design.model_dump(mode="json"))
