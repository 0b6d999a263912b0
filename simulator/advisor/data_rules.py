"""The rule of old data and the changes it suggests."""

from collections.abc import Iterator

from simulator import wiring
from simulator.advisor.case import Beside, Case, Finding, Seen, seconds
from simulator.advisor.change import Change, changed
from simulator.design import Store, Stream

P95 = 0.95
ROOM = 0.9  # of the promised age


def stale_data(case: Case) -> Iterator[Seen]:
    promised_s, found = case.design.promise.freshness_s, case.summary.freshness
    if promised_s is None or found is None or found.p95_s is None or found.p95_s <= promised_s:
        return
    for name, part in case.design.components.items():
        age, fresh = case.parts[name].age, getattr(part, "freshness", None)
        if age is None or fresh is None or age.p95_s is None or age.p95_s <= promised_s:
            continue
        every = seconds(fresh.update_every_s) if fresh.update_every_s else "moment"
        every = "time its stream is read" if fresh.fed_by is not None else every
        words = {
            "component": name, "age": seconds(found.p95_s), "promised": seconds(promised_s),
            "every": every, "lag": seconds(fresh.lag_s),
        }  # fmt: skip
        theory = Beside(
            quantity=f"p95 age of what {name} returns", unit="s", measured=age.p95_s,
            expected=fresh.lag_s + P95 * fresh.update_every_s, source="lag + 0.95 of the time between updates",
        )  # fmt: skip
        applies = fresh.fed_by is None and not case.design.faults
        yield Seen(name, 1 - promised_s / found.p95_s, words, [theory] if applies else [])


def fresher(case: Case, finding: Finding) -> Iterator[Change]:
    """Updates so often, and after them so small a lag, that the p95 age fits."""
    name, part, promised_s = finding.component, case.design.components[finding.component], case.promised_age_s
    if not isinstance(part, Store) or part.freshness is None or promised_s is None:
        return
    fresh, place = part.freshness, f"components.{name}.freshness"
    left_s = ROOM * promised_s - fresh.lag_s
    if left_s > 0 and fresh.update_every_s * P95 > left_s:
        every_s = float(f"{left_s / P95:.3g}")
        label = f"{name}: written every {seconds(every_s)} instead of every {seconds(fresh.update_every_s)}"
        yield from changed(case, f"{label}, which has no price here", {f"{place}.update_every_s": every_s})
    lag_s = ROOM * promised_s - P95 * fresh.update_every_s
    if 0 <= lag_s < fresh.lag_s:
        label = f"{name}: visible {seconds(lag_s)} after it is written instead of {seconds(fresh.lag_s)}"
        yield from changed(case, f"{label}, which has no price here", {f"{place}.lag_s": float(f"{lag_s:.3g}")})


def more_consumers(case: Case, finding: Finding) -> Iterator[Change]:
    """Of the stream that feeds the store."""
    for name in wiring.fed_by(case.design.components[finding.component]):
        stream = case.design.components[name]
        if isinstance(stream, Stream):
            for number in (stream.replicas + 1, 2 * stream.replicas):
                place = f"components.{name}"
                edits = {f"{place}.partitions": max(number, stream.partitions), f"{place}.replicas": number}
                yield from changed(case, f"{name}: {number} consumers instead of {stream.replicas}", edits)
