"""The fields of one fault: whom it strikes, how hard, and when."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from simulator.design import Design
from simulator.strikes import ZONES, FaultKind, links, victims

Fault = dict[str, Any]
WIDTH = 150

TITLES: dict[FaultKind, str] = {
    "kill_replicas": "Kill replicas",
    "breakdowns": "Breakdowns",
    "lose_zone": "Lose a zone",
    "slow": "Slow a part",
    "error_rate": "Errors",
    "cut_link": "Cut a link",
    "flush_cache": "Flush a cache",
    "delay_features": "Delay features",
    "bad_canary": "Bad canary",
    "replay": "Replay a stream",
    "traffic_spike": "Traffic spike",
}
_SHORT: dict[FaultKind, str] = {
    "kill_replicas": "Dead",
    "breakdowns": "Breaking",
    "lose_zone": "Lost",
    "slow": "Slow",
    "error_rate": "Errors",
    "cut_link": "Cut",
    "flush_cache": "Empty",
    "delay_features": "Late",
    "bad_canary": "Bad",
    "replay": "Replayed",
    "traffic_spike": "Spike",
}


@dataclass(frozen=True)
class Amount:
    """A number of a fault as a field; what is shown is `scale` times what stands in the design."""

    field: str
    label: str
    low: float
    high: float
    step: float = 1.0
    scale: float = 1.0
    whole: bool = False


_AMOUNTS: dict[FaultKind, tuple[Amount, ...]] = {
    "kill_replicas": (Amount("replicas", "Replicas that die", 1, 1000, whole=True),),
    "breakdowns": (
        Amount("mean_time_to_failure_s", "Breaks about every, s", 0.1, 1e6),
        Amount("mean_time_to_repair_s", "Repaired in about, s", 0.1, 1e6),
    ),
    "lose_zone": (),
    "slow": (Amount("factor", "Times as slow", 1.0, 100.0, 0.5),),
    "error_rate": (Amount("share", "Answers that fail, %", 0.0, 100.0, scale=100),),
    "cut_link": (),
    "flush_cache": (),
    "delay_features": (Amount("lag_s", "Visible later by, s", 0.1, 1e6),),
    "bad_canary": (
        Amount("failure_share", "Canary fails, %", 0.0, 100.0, scale=100),
        Amount("slow_factor", "Canary times as slow", 1.0, 100.0, 0.5),
    ),
    "replay": (Amount("of_s", "Of the last, s", 0.1, 1e6),),
    "traffic_spike": (Amount("factor", "Times the traffic", 0.1, 20.0, 0.5),),
}


def fault_fields(design: Design, guess: Fault, key: str) -> tuple[int | None, Fault]:
    """The fault as its fields stand, and the number of zones if it needs one; `guess` is what they begin with."""
    kind, fault, zones = guess["kind"], dict(guess), None
    with st.container(horizontal=True):
        if kind == "cut_link":
            fault |= _link(design, guess, key)
        elif "component" in guess:
            fault["component"] = _component(design, guess, key)
        elif kind == "lose_zone":
            start = design.zones if design.zones > 1 else ZONES
            zones = int(st.number_input("One of so many zones", 1, 100, start, key=f"{key}:zones", width=WIDTH))
        elif kind == "traffic_spike":
            fault["class_name"] = _class(design, key)
        for amount in _AMOUNTS[kind]:
            fault[amount.field] = _amount(amount, guess[amount.field], key)
        fault |= _times(kind, guess, key)
    return zones, fault


def _component(design: Design, guess: Fault, key: str) -> str:
    names = victims(design, guess["kind"])
    label = f"{_SHORT[guess['kind']]}: which part"
    return st.selectbox(label, names, index=names.index(guess["component"]), key=f"{key}:component", width=200)


def _link(design: Design, guess: Fault, key: str) -> Fault:
    found = links(design)
    start = found.index((guess["caller"], guess["component"]))
    chosen = st.selectbox("Cut: which link", found, index=start, format_func=" to ".join, key=f"{key}:link", width=260)
    return {"caller": chosen[0], "component": chosen[1]}


def _class(design: Design, key: str) -> str | None:
    names = [one.name for one in design.traffic.classes if one.share]
    if len(names) < 2:
        return None
    everybody = "all requests"
    chosen = st.selectbox("Spike: of which class", [everybody, *names], key=f"{key}:class", width=200)
    return None if chosen == everybody else chosen


def _amount(amount: Amount, start: float, key: str) -> float | int:
    number: type[int | float] = int if amount.whole else float
    value = st.number_input(
        amount.label,
        number(amount.low),
        number(amount.high),
        number(start * amount.scale),
        number(amount.step),
        format=None if amount.whole else "%g",
        key=f"{key}:{amount.field}",
        width=WIDTH,
    )
    return number(value / amount.scale) if amount.scale != 1 else number(value)


def _times(kind: FaultKind, guess: Fault, key: str) -> Fault:
    """When it begins, and how long it lasts; no seconds mean to the end of the run."""
    short = _SHORT[kind]
    at_s = st.number_input(
        f"{short} from second", 0.0, 1e6, float(guess["at_s"]), 1.0, format="%g", key=f"{key}:at", width=WIDTH
    )
    if kind == "replay":
        return {"at_s": float(at_s)}
    for_s = st.number_input(
        f"{short} for seconds",
        0.0,
        1e6,
        float(guess["for_s"]),
        1.0,
        format="%g",
        key=f"{key}:for",
        width=WIDTH,
        help="0 lasts to the end of the run.",
    )
    return {"at_s": float(at_s), "for_s": float(for_s) or None}
