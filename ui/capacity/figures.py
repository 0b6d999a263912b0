"""Published prices and service times that a setting can take over, each with its source and date."""

from collections.abc import Callable

import streamlit as st

from simulator.catalogue import Entry, entries_for, load_catalogue
from ui.words import plain

Put = Callable[[str, float], None]


def price(put: Put) -> None:
    """List prices of machines by the hour."""
    prices = {one.id: one for one in entries_for("price") if isinstance(one.value, int | float) and _by_hour(one)}
    _offer("A list price", "capacity:price", prices, lambda one: {"machine_usd": _number(one.value)}, put)


def device(put: Put) -> None:
    """Measured batch times, with each request as a batch of its own."""
    devices = {one.id: one for one in entries_for("model_server") if _batch_time(one)}
    _offer("A measured service time", "capacity:device", devices, _batch_time, put)


def _by_hour(entry: Entry) -> bool:
    return "price" in entry.fits and entry.unit.startswith("USD/") and "h" in entry.unit.split()[0]


def _batch_time(entry: Entry) -> dict[str, float]:
    found = (entry.fragment("model_server") or {}).get("batch_time") or {}
    return {"fixed_ms": found["fixed_ms"], "item_ms": found["per_item_ms"]} if found else {}


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _offer(
    label: str, key: str, entries: dict[str, Entry], takes: Callable[[Entry], dict[str, float]], put: Put
) -> None:
    def take() -> None:
        if st.session_state[key] is not None:
            for name, value in takes(entries[st.session_state[key]]).items():
                put(name, value)

    chosen = st.selectbox(
        label, list(entries), index=None, format_func=lambda one: entries[one].title, key=key, on_change=take,
        placeholder="Choose one to take its numbers", persist_state="session",
    )  # fmt: skip
    if chosen is not None:
        entry = entries[chosen]
        source = load_catalogue().source_of(entry)
        where = plain(source.title) if source is not None else "no source"
        st.caption(f"Source: {where}, {entry.date}, confidence {entry.confidence}.")
