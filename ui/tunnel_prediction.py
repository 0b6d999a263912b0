"""Predict before the run: what limits a design, its p99 and its cost, said before anything is shown."""

from dataclasses import dataclass, field

import streamlit as st

from practice.attempt import is_id
from practice.prediction import Compared, Prediction, compare
from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.load import static_load
from simulator.results.summary import Summary
from storage.attempts import NoSuchAttempt, add_prediction, load_attempt
from ui.look import LABELED, SWITCH, at_least
from ui.people import current_person
from ui.visit import PARAMETER
from ui.words import KIND_NAMES, plain

ON = "tunnel_predict"
_SAID = "tunnel_predictions"
_UNPRICED = 1.0  # USD per month; stands where nothing has a price, and is not shown


@dataclass
class _Said:
    """What was predicted of each design in this visit, by the source it was loaded from, and whether to ask."""

    asks: bool = True
    of: dict[str, tuple[Design, Prediction]] = field(default_factory=dict)


def _said() -> _Said:
    found: _Said = st.session_state.setdefault(_SAID, _Said())
    return found


def predict_switch() -> None:
    """Whether to be asked before the first run of each design."""
    st.session_state.setdefault(ON, _said().asks)
    with at_least(SWITCH):
        st.toggle(
            "Predict before each design",
            key=ON,
            on_change=_switch,
            help="Say what you expect before you see the first run of a design.",
        )


def _switch() -> None:
    _said().asks = bool(st.session_state[ON])


def wants_prediction(source: Design) -> bool:
    """Whether the results of a source wait for a prediction."""
    return _said().asks and fingerprint(source) not in _said().of


def ask(source: Design, design: Design) -> None:
    """The offer: predict, or skip it."""
    loads = static_load(design)
    names = list(loads) or list(design.components)
    priced = any(part.usd_per_replica_hour is not None for part in design.components.values())
    with st.form(f"predict:{fingerprint(source)}", border=True):
        st.markdown("**Predict before you look.** The run is under way; what will it show?")
        cells = st.columns(3 if priced else 2)
        places = []
        for cell in cells:
            with cell:
                places.append(at_least(LABELED))
        chosen = places[0].selectbox(
            "What limits it",
            names,
            index=None,
            format_func=lambda name: f"{name} ({KIND_NAMES[design.components[name].kind].lower()})",
            placeholder="a component",
        )
        p99 = places[1].number_input(
            "p99 latency, ms", min_value=0.1, value=None, step=1.0, format="%.6g", placeholder="for example 30"
        )
        money: float | None = _UNPRICED
        if priced:
            money = places[2].number_input(
                "Cost, USD per month",
                min_value=1.0,
                value=None,
                step=10_000.0,
                format="%.0f",
                placeholder="for example 200000",
            )
        with st.container(horizontal=True):
            sent = st.form_submit_button("Show the run", type="primary")
            st.form_submit_button("Skip", on_click=_skip, help="Show the run, and do not ask again in this visit.")
    if sent:
        if chosen is None or p99 is None or money is None:
            st.warning("Say all of it, however rough, or skip; a wrong prediction teaches more than none.")
        else:
            _commit(source, design, Prediction(bottleneck=chosen, p99_ms=float(p99), usd_per_month=float(money)))


def _skip() -> None:
    _said().asks = st.session_state[ON] = False


def _commit(source: Design, design: Design, prediction: Prediction) -> None:
    _said().of[fingerprint(source)] = (design, prediction)
    _keep(design, prediction)
    st.rerun()


def _keep(design: Design, prediction: Prediction) -> None:
    """A prediction about the very design of the open attempt belongs to that attempt; any other is not stored."""
    attempt = st.session_state.get(PARAMETER)
    if not isinstance(attempt, str) or not is_id(attempt):
        return
    try:
        if load_attempt(current_person(), attempt).design == design:
            add_prediction(current_person(), attempt, prediction)
    except NoSuchAttempt:
        return


def compared(source: Design, design: Design, summary: Summary) -> None:
    """What was predicted beside what is measured, while the design is the one that was predicted."""
    found = _said().of.get(fingerprint(source))
    if found is None:
        return
    about, prediction = found
    if about != design:
        st.caption("Your prediction was about the design as it stood then. Turn the knobs back to compare.")
        return
    rows: list[Compared] = [
        row for row in compare(prediction, summary) if summary.cost.is_priced or row.what[:4] != "cost"
    ]
    with st.expander("Your prediction beside the measurement", expanded=True, key="tunnel_compared"):
        st.table(
            {
                "": [row.what for row in rows],
                "predicted": [plain(row.predicted) for row in rows],
                "measured": [plain(row.measured) for row in rows],
                "what it says": [plain(row.sentence) for row in rows],
            },
            border="horizontal",
        )
