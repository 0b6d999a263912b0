"""The advices of a visit: what is tried on a design, how far that is, and what has been used and can be undone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from simulator.advisor.advice import Plan, Tried, best, settings_for, tried
from simulator.advisor.change import Change
from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.results.summary import Summary
from simulator.series import Series
from simulator.settings import RunSettings
from simulator.workers import Job
from ui import limits
from ui.simulations import visit

REMEMBERED = 4

Apply = Callable[[Design], None]


@dataclass
class Trying:
    """The changes to one design, and what those that have run did."""

    plan: Plan
    series: Series | None = None
    before: Summary | None = None
    found: list[tuple[Change, Tried]] = field(default_factory=list)
    waiting: list[tuple[Change, Summary]] = field(default_factory=list)  # for the run of the present design
    problems: list[str] = field(default_factory=list)

    @property
    def is_under_way(self) -> bool:
        return self.series is not None and not self.series.is_over

    def take(self, place: int, job: Job) -> None:
        """The run of the present design, which is the first, or of a change."""
        if job.summary is None:
            self.problems += job.problems
        elif place == 0:
            self.before = job.summary
        else:
            self.waiting.append((self.plan.changes[place - 1], job.summary))
        if self.before is not None:
            while self.waiting:
                change, after = self.waiting.pop()
                self.found.append((change, tried(self.plan.design, change, self.before, after)))

    def best(self) -> list[tuple[Change, Tried]]:
        """The changes that help most of those that have run, in the order of the plan where they are equal."""
        if self.before is None:
            return []
        order = {id(change): i for i, change in enumerate(self.plan.changes)}
        found = sorted(self.found, key=lambda one: order[id(one[0])])
        chosen = best([result for _, result in found], self.before)
        return [(change, result) for one in chosen for change, result in found if result is one]


def find(key: str, design: Design, seed: int) -> Trying | None:
    """What is being or has been tried on a design."""
    return _advices(key).get(_name(design, seed))


def start(key: str, design: Design, plan: Plan, settings: RunSettings) -> Trying:
    """Try the changes of a plan; whatever is under way at this place ends."""
    cancel(key)
    trying = Trying(plan)
    advices = _advices(key)
    advices[_name(design, settings.seed)] = trying
    while len(advices) > REMEMBERED:
        del advices[next(iter(advices))]
    owner = f"{visit()}/{key}"
    same = settings_for(plan.design, settings)
    trying.series = limits.sweep(plan.designs, same, owner, trying.take)
    return trying


def cancel(key: str) -> None:
    """End what is under way at a place; what has been found stays."""
    for trying in _advices(key).values():
        if trying.series is not None:
            trying.series.cancel()


def is_under_way(key: str) -> bool:
    """Whether anything is being tried at a place."""
    return any(trying.is_under_way for trying in _advices(key).values())


@dataclass(frozen=True)
class Used:
    """A change that is in use: what it was, and the designs before and after it."""

    label: str
    before: Design
    after: Design


def use(key: str, label: str, before: Design, after: Design, apply: Apply) -> None:
    """Put a changed design in use."""
    _stack(key).append(Used(label, before, after))
    apply(after)


def last_used(key: str, design: Design) -> Used | None:
    """The change that led to this design, if one did."""
    stack = _stack(key)
    return stack[-1] if stack and stack[-1].after == design else None


def undo(key: str, apply: Apply) -> None:
    """Go back to the design before the last change."""
    apply(_stack(key).pop().before)


def _name(design: Design, seed: int) -> str:
    return f"{fingerprint(design)} {seed}"


def _advices(key: str) -> dict[str, Trying]:
    advices: dict[str, Trying] = st.session_state.setdefault(f"{key}:advices", {})
    return advices


def _stack(key: str) -> list[Used]:
    stack: list[Used] = st.session_state.setdefault(f"{key}:used", [])
    return stack
