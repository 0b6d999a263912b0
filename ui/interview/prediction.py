"""What a person expects of a run, asked for before it, and held beside what it showed."""

import streamlit as st

from practice.prediction import Prediction, compare
from simulator.design import Design
from simulator.results.summary import Summary
from ui.words import KIND_NAMES, plain


def prediction_form(
    design: Design, before: Prediction | None, *, key: str, lead: str, label: str = "Commit and run"
) -> Prediction | None:
    """Ask for bottleneck, p99 and cost; the prediction in the run in which all three were committed, else None."""
    can_be_full = [name for name, part in design.components.items() if part.kind != "load_balancer"]
    with st.form(key, border=True):
        st.markdown(lead)
        bottleneck, p99, cost = st.columns(3)
        chosen = bottleneck.selectbox(
            "What limits it",
            can_be_full,
            index=can_be_full.index(before.bottleneck) if before and before.bottleneck in can_be_full else None,
            format_func=lambda name: f"{name} ({KIND_NAMES[design.components[name].kind].lower()})",
            placeholder="a component",
        )
        latency = p99.number_input(
            "p99 latency, ms",
            min_value=0.1,
            value=before.p99_ms if before else None,
            step=1.0,
            format="%.6g",
            placeholder="for example 30",
        )
        money = cost.number_input(
            "Cost of the fleet, USD per month",
            min_value=1.0,
            value=before.usd_per_month if before else None,
            step=10_000.0,
            format="%.0f",
            placeholder="for example 200000",
        )
        sent = st.form_submit_button(label, type="primary")
    if not sent:
        return None
    if chosen is None or latency is None or money is None:
        st.warning("Say all three before you run: a wrong prediction teaches more than none.")
        return None
    return Prediction(bottleneck=chosen, p99_ms=float(latency), usd_per_month=float(money))


def prediction_table(prediction: Prediction, summary: Summary) -> dict[str, list[str]]:
    """The prediction beside the measurement."""
    rows = compare(prediction, summary)
    return {
        "": [row.what for row in rows],
        "predicted": [plain(row.predicted) for row in rows],
        "measured": [plain(row.measured) for row in rows],
        "what it says": [plain(row.sentence) for row in rows],
    }
