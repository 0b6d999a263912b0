"""What a reader must know besides the numbers: theory beside measurement, sources of prices, what is left out."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from simulator import wiring
from simulator.catalogue import Entry, entries_for, load_catalogue
from simulator.design import Cache, ComponentSpec, Design, EvenlySpaced, ModelServer, Poisson, Renewal, Service, Store
from simulator.distributions import Distribution
from simulator.hit_ratios import hit_ratio
from simulator.load import mean_items
from simulator.results.summary import ComponentSummary, Summary
from simulator.spec import Spec
from simulator.theory.pools import DeterministicPool, allen_cunneen_wait, mmc_mean_wait
from simulator.theory.queues import pollaczek_khinchine_wait
from simulator.yaml_text import read_own_yaml

FILE = Path(__file__).parents[1] / "data" / "not_modelled.yaml"
DRAWS = 100_000  # points of a distribution, for its variance
AGREES = 0.1

Line = Annotated[str, Field(min_length=1, max_length=200)]


# ---- theory ----------------------------------------------------------------------------------------------------


class BesideTheory(Spec):
    """A formula and the run, for one component: a mean wait in ms, or a hit ratio. None where there is no formula.

    `why` says why they may differ or why there is nothing to compare.
    """

    component: str
    what: Literal["mean wait", "hit ratio"]
    formula: str
    calculated: float | None
    measured: float | None
    why: str


def beside_theory(design: Design, summary: Summary) -> tuple[BesideTheory, ...]:
    """Theory beside measurement for every component that can be full, and for every cache that fills itself."""
    found = []
    for one in summary.components:
        part = design.components[one.component]
        if isinstance(part, Cache):
            if part.contents.kind != "fixed":
                found.append(_hits(design, summary, one, part))
        elif one.load is not None:
            found.append(_wait(design, summary, one, part))
    return tuple(found)


def _hits(design: Design, summary: Summary, one: ComponentSummary, part: Cache) -> BesideTheory:
    calculated = hit_ratio(part, design.traffic.keys, one.visits_per_request * summary.arrival_rate_per_s)
    why = "The formula lets a missed key be filled at once; in the run a fill takes as long as it takes."
    return BesideTheory(
        component=one.component,
        what="hit ratio",
        formula="Che's approximation" if part.contents.kind == "lru" else "renewal argument",
        calculated=calculated,
        measured=one.hit_ratio,
        why=f"They agree. {why}" if _close(calculated, one.hit_ratio) else why,
    )


def _wait(design: Design, summary: Summary, one: ComponentSummary, part: ComponentSpec) -> BesideTheory:
    def row(formula: str, calculated: float | None, why: str) -> BesideTheory:
        wait_ms = one.mean_wait_ms
        return BesideTheory(
            component=one.component, what="mean wait", formula=formula, calculated=calculated, measured=wait_ms, why=why
        )

    if (reason := _no_formula(design, part)) is not None:
        return row("none", None, reason)
    rate, mean_s, scv, servers = _station(design, summary, one, part)
    if rate * mean_s >= servers:
        return row("none", None, "It is asked for all it can do or more, so that no formula has a mean wait for it.")
    name, calculated_s = _formula(rate, mean_s, scv, servers, _arrival_scv(design, one.component))
    why = " ".join(_differences(design, one.component, part, name))
    if _close(calculated_s * 1000, one.mean_wait_ms):
        return row(name, calculated_s * 1000, f"They agree. {why}".strip())
    return row(name, calculated_s * 1000, why or "What is left is chance: the run is finite.")


def _close(calculated: float, measured: float | None) -> bool:
    return measured is not None and abs(calculated - measured) <= max(AGREES * calculated, 0.01)


Station = tuple[float, float, float, int]  # arrivals per second, mean work in s, its SCV, servers


def _no_formula(design: Design, part: ComponentSpec) -> str | None:
    """Why theory has nothing to say about a part; None if it has."""
    match part:
        case Service(sharing="slots") | Store(quorum=None):
            return None
        case ModelServer() if part.max_items != "unlimited" and part.max_items < 2 * mean_items(design):
            return None
        case Service():
            return "Its cores are shared, so that nobody waits: work slows down instead."
        case ModelServer():
            return "Devices that wait for batches to fill have no formula; the run is all there is."
        case Store():
            return "Reads that ask several replicas and wait for some of them have no simple formula."
        case _:
            return "There is no formula for this kind of part; the run is all there is."


def _station(design: Design, summary: Summary, one: ComponentSummary, part: ComponentSpec) -> Station:
    """One of the component's queues as theory sees it."""
    rate = one.visits_per_request * summary.arrival_rate_per_s
    if isinstance(part, Service):
        apart = part.replicas if one.component in wiring.balanced(design) else 1
        return rate / apart, *_moments(part.service_time), part.replicas * part.concurrency // apart
    if isinstance(part, Store):
        servers = part.replicas * (1 if part.concurrency == "unlimited" else part.concurrency)
        return rate / part.shards, *_moments(part.read_time), servers
    assert isinstance(part, ModelServer)
    apart = part.replicas if one.component in wiring.balanced(design) else 1
    mean_s = part.batch_time.mean_s(mean_items(design))
    return rate / apart, mean_s, part.batch_time.scv, part.replicas * part.streams // apart


def _moments(distribution: Distribution) -> tuple[float, float]:
    """Mean in seconds and squared coefficient of variation, the latter from many points of the distribution."""
    mean_ms = distribution.mean()
    points = distribution.inverse_ms((np.arange(DRAWS) + 0.5) / DRAWS)
    return mean_ms / 1000, float(points.var()) / mean_ms**2 if mean_ms else 0.0


def _arrival_scv(design: Design, name: str) -> float:
    """Of the requests that come from outside as the design says; what comes from others is taken as random."""
    if name == design.traffic.entry:
        match design.traffic.arrivals:
            case EvenlySpaced():
                return 0.0
            case Renewal(scv=scv):
                return scv
    return 1.0


def _formula(rate: float, mean_s: float, scv: float, servers: int, arrival_scv: float) -> tuple[str, float]:
    """The name of the best formula that fits, and its mean wait in seconds."""
    if arrival_scv == 1 and abs(scv - 1) < 0.01:
        return "Erlang C (M/M/c)", mmc_mean_wait(rate, mean_s, servers)
    if arrival_scv == 1 and servers == 1:
        return "Pollaczek-Khinchine (M/G/1)", pollaczek_khinchine_wait(rate, mean_s, scv)
    if arrival_scv == 1 and scv == 0 and rate * mean_s / servers < 0.95 and servers <= 200:
        return "Crommelin (M/D/c)", DeterministicPool(rate, mean_s, servers).mean_wait()
    return "Allen-Cunneen (G/G/c)", allen_cunneen_wait(rate, mean_s, servers, arrival_scv, scv)


def _differences(design: Design, name: str, part: ComponentSpec, formula: str) -> Iterator[str]:
    """What the run has and the formula has not."""
    if design.faults:
        yield "The run has faults, and the formula has none."
    traffic = design.traffic
    if name != traffic.entry:
        yield "The formula takes arrivals as random (Poisson); here they come as those before let them through."
    elif not isinstance(traffic.arrivals, Poisson | EvenlySpaced | Renewal) or traffic.profile is not None:
        yield "The rate changes during the run, and the formula knows only its mean."
    if name in wiring.balanced(design):
        yield "The balancer may avoid busy replicas; the formula gives each its share blindly."
    if isinstance(part, Store) and part.shards > 1:
        yield "The formula gives each shard the same; keys do not."
    queue = getattr(part, "queue", None)
    if queue is not None and (queue.drop_older_than_ms is not None or queue.discipline == "lifo"):
        yield "The queue does not keep everybody in order until the end, and that of the formula does."
    if formula.startswith("Allen"):
        yield "The formula is an approximation from means and variances."


# ---- prices ----------------------------------------------------------------------------------------------------


class PriceSource(Spec):
    """The price of one component, and what the catalogue knows with that price; None if it knows none."""

    component: str
    usd_per_hour: float
    source: str | None
    date: str | None


def price_sources(design: Design) -> tuple[PriceSource, ...]:
    """Where the prices of a design may come from: entries of the catalogue that have the same price for that kind."""
    found = []
    for name, part in design.components.items():
        price = part.usd_per_replica_hour
        if price is not None:
            entry = _entry_with(part.kind, price)
            source = load_catalogue().source_of(entry) if entry is not None else None
            said = f"{entry.title}: {source.title}" if entry is not None and source is not None else None
            date = entry.date if entry is not None else None
            found.append(PriceSource(component=name, usd_per_hour=price, source=said, date=date))
    return tuple(found)


def _entry_with(kind: str, price: float) -> Entry | None:
    for entry in entries_for(kind):
        fragment = entry.fragment(kind) or {}
        if fragment.get("usd_per_replica_hour") == price:
            return entry
    return None


# ---- what is left out ------------------------------------------------------------------------------------------


class LeftOut(Spec):
    """What is not in any run, and what is not in the parts of one kind."""

    version: Literal[1]
    always: Annotated[tuple[Line, ...], Field(min_length=1)]
    kinds: dict[str, tuple[Line, ...]]


@cache
def load_left_out() -> LeftOut:
    """What the file says."""
    return LeftOut.model_validate_json(json.dumps(read_own_yaml(FILE.read_text(encoding="utf-8"))))


def not_modelled(design: Design) -> list[str]:
    """What a run of this design does not contain."""
    kinds = dict.fromkeys(part.kind for part in design.components.values())
    left_out = load_left_out()
    return [*left_out.always, *(line for kind in kinds for line in left_out.kinds.get(kind, ()))]
