"""The advice: what the changes that were tried did to the promise, and which of them are worth their money."""

from collections.abc import Sequence

from simulator.advisor.candidates import improvements, savings
from simulator.advisor.case import Finding
from simulator.advisor.change import Change
from simulator.advisor.diagnosis import diagnose, only_money_is_wanting
from simulator.advisor.goal import effect, harm, keeps, keeps_surely, with_goal
from simulator.design import Design
from simulator.results.comparison import Change as Difference
from simulator.results.comparison import Comparison, compare, number
from simulator.results.summary import Summary, promise_checks
from simulator.settings import WARM_UP_AT_MOST, RunSettings, duration_s
from simulator.spec import Spec

BEST = 3
SMALLEST_EFFECT = 0.002
FREE = 0.02  # of the present cost: what costs no more counts as this much, so that nothing is divided by zero


class Tried(Spec):
    """A change and what it did. `effect` is how much nearer to the promise it brings the design, from 0 to 1; `extra`
    is in USD per month, None where nothing is priced. `why_not` says why it is no advice.
    """

    label: str
    rule: str
    kind: str
    saves: bool
    effect: Difference
    extra_usd_per_month: float | None
    unpriced: tuple[str, ...]
    keeps: bool
    comparison: Comparison
    why_not: str | None

    @property
    def helps(self) -> bool:
        return self.why_not is None


class Plan:
    """What to try on a design, given a run of it. The first design to run is the present one, so that everything is
    compared on the same requests.
    """

    def __init__(self, design: Design, summary: Summary):
        self.own_promise = design.promise
        self.design, self.added = with_goal(design, summary)
        self.findings: tuple[Finding, ...] = diagnose(design, summary)
        self.kept = keeps(summary) and not self.added
        self.is_broken = any(verdict.met is False for verdict in summary.promise)
        of_money = not self.added and only_money_is_wanting(design, summary)
        too_dear = any(
            verdict.met is False and check.metric == "usd_per_month"
            for check, verdict in zip(promise_checks(design), summary.promise, strict=True)
        )
        found = [] if of_money else improvements(self.design, summary, self.findings)
        self.changes: list[Change] = [*found, *(savings(self.design, summary) if of_money or too_dear else [])]

    @property
    def designs(self) -> list[Design]:
        return [self.design, *(change.design for change in self.changes)]

    def with_own_promise(self, design: Design) -> Design:
        """A tried design without what was added to its promise."""
        return design.model_copy(update={"promise": self.own_promise})


def settings_for(design: Design, settings: RunSettings) -> RunSettings:
    """The settings with as much warm-up as any change may need, so that all runs count the same requests."""
    if settings.warm_up_s is not None:
        return settings
    return settings.model_copy(update={"warm_up_s": WARM_UP_AT_MOST * duration_s(design, settings)})


def tried(design: Design, change: Change, before: Summary, after: Summary) -> Tried:
    """What a change did, from runs of both on the same luck."""
    comparison, gain = compare(before, after), effect(design, before, after)
    old, new = number(before, "usd_per_month"), number(after, "usd_per_month")
    extra = new - old if old is not None and new is not None else None
    return Tried(
        label=change.label,
        rule=change.rule,
        kind=change.kind,
        saves=change.saves,
        effect=gain,
        extra_usd_per_month=extra,
        unpriced=_unpriced(before, after),
        keeps=keeps(after),
        comparison=comparison,
        why_not=_why_not(design, change, before, after, gain, extra),
    )


def _why_not(  # both runs and what was made of them
    design: Design, change: Change, before: Summary, after: Summary, gain: Difference, extra: float | None
) -> str | None:
    if worse := harm(design, before, after):
        return worse
    if change.saves and keeps(before):
        if not keeps_surely(design, after):
            broken = [verdict.sentence for verdict in after.promise if not verdict.met]
            return "; ".join(broken) or "the promise would be broken in some of the runs"
        return None if extra is not None and extra < 0 else "it saves nothing"
    if gain.value < SMALLEST_EFFECT:
        return "it brings the promise no nearer" if gain.value > -SMALLEST_EFFECT else "it makes the promise worse"
    if gain.low is not None and gain.low <= 0 and not keeps(after):
        return "its effect is within what luck does"
    return None


def _unpriced(before: Summary, after: Summary) -> tuple[str, ...]:
    """Components of which there are more replicas and that have no price."""
    old = {one.component: one.replicas for one in before.cost.components}
    return tuple(
        one.component
        for one in after.cost.components
        if one.usd_per_hour is None and one.replicas > old.get(one.component, 0.0)
    )


def best(found: Sequence[Tried], before: Summary) -> list[Tried]:
    """The changes that help, best first: what keeps the whole promise, then by effect for each extra dollar a month.

    A saving is the better the more it saves. Of two that do the same for the same money the one with a known price is
    better; of one kind at one component only what adds something to those before it.
    """
    useful = [one for one in found if one.helps]
    if keeps(before):
        ranked = sorted(useful, key=lambda one: one.extra_usd_per_month or 0.0)
    else:
        month = number(before, "usd_per_month") or 0.0
        ranked = sorted(useful, key=lambda one: (not one.keeps, -worth(one, month), bool(one.unpriced)))
    chosen: list[Tried] = []
    for one in ranked:
        if not any(_adds_nothing(one, other) for other in chosen):
            chosen.append(one)
    return chosen[:BEST]


def _adds_nothing(one: Tried, other: Tried) -> bool:
    """Compared with one that comes before it: the same at a higher price, or no further saving at the same place."""
    same = one.kind.split()[-1:] == other.kind.split()[-1:] if one.saves and other.saves else one.kind == other.kind
    no_cheaper = (one.extra_usd_per_month or 0.0) >= (other.extra_usd_per_month or 0.0)
    return same and one.effect.value <= other.effect.value and no_cheaper


def worth(one: Tried, usd_per_month: float) -> float:
    """Effect for each extra dollar a month; what is free or saves counts as 2% of the present cost."""
    floor = max(FREE * usd_per_month, 1.0)
    return one.effect.value / (max(0.0, one.extra_usd_per_month or 0.0) + floor)
