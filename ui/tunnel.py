"""The faults of the wind tunnel: what happens to a design while it runs."""

from typing import Any

import streamlit as st

from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from ui.words import plain

Fault = dict[str, Any]


def choose_fault(design: Design) -> Fault | None:
    """Let the person choose what happens to the design while it runs."""
    kinds = {
        "Nothing": None,
        "Replicas die": "kill_replicas",
        "A part is slow": "slow",
        "More traffic": "traffic_spike",
    }
    chosen = kinds[st.selectbox("What happens", list(kinds), key="tunnel_fault")]
    if chosen is None:
        return None
    fault: Fault = {"kind": chosen}
    if chosen == "kill_replicas":
        names = [name for name, part in design.components.items() if _can_lose(part)]
        if not names:
            st.info("No part of this design has replicas to lose.")
            return None
        fault["component"] = st.selectbox("Of", names, index=_most_costly(design, names), key="tunnel_victim")
        fault["replicas"] = int(st.number_input("How many", 1, 1000, 1, key="tunnel_deaths"))
    elif chosen == "slow":
        names = list(design.components)
        fault["component"] = st.selectbox("Which", names, index=_most_costly(design, names), key="tunnel_slowed")
        fault["factor"] = float(st.number_input("Times as slow", 1.0, 100.0, 3.0, key="tunnel_slowness"))
    else:
        fault["factor"] = float(st.number_input("Times the traffic", 0.1, 20.0, 2.0, key="tunnel_spike"))
    start, length = st.columns(2)
    fault["at_s"] = float(start.number_input("From second", 0.0, 600.0, 3.0, key="tunnel_at"))
    fault["for_s"] = float(length.number_input("For seconds", 0.1, 600.0, 4.0, key="tunnel_for"))
    return fault


def with_fault(design: Design, fault: Fault | None) -> Design:
    """The design with the fault; if it does not fit, that is said and the design stays as it is."""
    if fault is None:
        return design
    data = design.model_dump(mode="json")
    data["faults"].append(fault)
    try:
        return design_from(data)
    except DesignProblem as problem:
        st.error(plain(problem.problems[0]))
        return design


def _most_costly(design: Design, names: list[str]) -> int:
    prices = [getattr(design.components[name], "usd_per_replica_hour", None) or 0.0 for name in names]
    return prices.index(max(prices))


def _can_lose(part: Any) -> bool:
    return part.kind in ("service", "model_server") or (part.kind == "store" and part.concurrency != "unlimited")
