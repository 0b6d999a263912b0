"""The path of one request, walked by itself with plain Python: what `results/paths.py` does for all at once."""

from collections.abc import Iterator
from math import isnan
from typing import NamedTuple

from simulator.results.run import Run

SAME_MOMENT_S = 1e-9
Part = tuple[str, str]


class Step(NamedTuple):
    """A visit that the caller waited for."""

    left_s: float
    entered_s: float
    started_s: float
    filled_s: float
    name: str


def path(run: Run, request: int) -> Iterator[tuple[Part, float, float]]:
    """What the request waited for, from when to when, from its end backwards."""
    steps, at_s, name = list(_steps(run, request)), float(run.ended_s[request]), ""
    arrived_s = float(run.arrived_s[request])
    while at_s > arrived_s and (step := _before(at_s, steps, name)) is not None:
        end_s, name = min(step.left_s, at_s), step.name
        began_s = end_s if isnan(step.started_s) else min(step.started_s, end_s)
        filled_from_s = max(step.entered_s, began_s - step.filled_s)
        if at_s - end_s > SAME_MOMENT_S:
            yield ("(pauses and time lost)", "lost"), end_s, at_s
        yield (name, "waiting for a free slot"), step.entered_s, filled_from_s
        yield (name, "waiting for the batch"), filled_from_s, began_s
        yield (name, "work"), began_s, end_s
        at_s = step.entered_s
    if at_s - arrived_s > SAME_MOMENT_S:
        yield ("(pauses and time lost)", "lost"), arrived_s, at_s


def _steps(run: Run, request: int) -> Iterator[Step]:
    for name, record in run.components.items():
        visits = record.visits
        for row in range(len(visits.request)):
            left_s, entered_s = float(visits.waited_for_until_s[row]), float(visits.entered_s[row])
            if visits.request[row] == request and left_s > entered_s:
                started_s = float(visits.started_s[row])
                after_s = max(0.0, (left_s if isnan(started_s) else started_s) - left_s)
                yield Step(left_s, entered_s, started_s, max(0.0, float(visits.filled_s[row]) - after_s), name)


def _before(at_s: float, steps: list[Step], name: str) -> Step | None:
    """The visit that was left last or, if none was left just now, the last copy there that was under way."""
    left = max((one for one in steps if one.left_s <= at_s), default=None)
    if left is None or at_s - left.left_s > SAME_MOMENT_S:
        under_way = [one for one in steps if one.entered_s < at_s < one.left_s and one.name == name]
        return max(under_way, default=left)
    return left
