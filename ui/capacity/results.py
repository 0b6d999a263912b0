"""What follows from the settings: the numbers that one looks at first, two figures, and every formula."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from question_bank.capacity import Line, amount, demand_of, in_words, said, with_numbers
from question_bank.capacity_file import Values, load_capacity
from question_bank.quantity import shown
from simulator.capacity import Demand, PromiseKind
from ui.capacity import charts
from ui.charts import PLAIN
from ui.words import dollars, milliseconds, plain, short_dollars

NONE = "\u2013"
Nouns = Mapping[str, str]


def headline(lines: Mapping[str, Line], nouns: Nouns) -> None:
    """The numbers that one looks at first; they wrap on a narrow screen."""
    peak, cost, each = (lines[name].value for name in ("peak_rate", "cost", "cost_per_1000"))
    numbers = {
        _capital(f"Peak, {said('request/s', nouns)}"): NONE if peak is None else shown(peak),
        "Machines": _said(lines["machines_paid"], nouns),
        "p99 latency": milliseconds(lines["p99_latency_ms"].value) if lines["p99_latency_ms"].value else NONE,
        "Cost per month": NONE if cost is None else short_dollars(cost),
        "Per 1,000 requests": NONE if each is None else dollars(each),
        "New data": _said(lines["data_day"], nouns),
    }
    with st.container(horizontal=True, gap="medium"):
        for label, value in numbers.items():
            st.metric(label, value, width="content")


def verdict(values: Values, lines: Mapping[str, Line]) -> None:
    """What has no answer and why, and whether the machines keep the promise."""
    for line in lines.values():
        if line.problem is not None:
            st.warning(plain(f"{line.result.label}: {line.problem}."))
    _promise(values, lines)


def _promise(values: Values, lines: Mapping[str, Line]) -> None:
    """What the machines for the promise reach, and what one fewer would."""
    demand, found = demand_of(values, lines), lines["machines_promise"].value
    if demand is None or found is None:
        return
    kind, machines = _kind(values), int(found)
    words = load_capacity().choices["promise_kind"].options[kind]
    kept = milliseconds(demand.promised_ms(kind, machines))
    said_of_one_less = "and fewer cannot keep up with the traffic"
    if machines - 1 >= demand.least_machines():
        missed = milliseconds(demand.promised_ms(kind, machines - 1))
        said_of_one_less = f"and {missed} with one fewer"
    target = lines["machines_target"].value
    st.markdown(
        plain(
            f"For the promise {machines:,} will do: a {words} of {kept}, {said_of_one_less}. "
            f"The rule of {float(values['target']):.0%} utilization asks for {target:,.0f}."
        )
    )


def figures(values: Values, lines: Mapping[str, Line], nouns: Nouns) -> None:
    """Latency against utilization and cost against traffic, side by side."""
    demand, machines = demand_of(values, lines), lines["machines"].value
    left, right = st.columns(2, gap="medium")
    if demand is None or machines is None:
        return
    with left:
        _latency(values, lines, demand, int(machines))
    with right:
        _costs(values, lines, nouns)


def _latency(values: Values, lines: Mapping[str, Line], demand: Demand, machines: int) -> None:
    st.subheader("Latency against utilization", anchor=False)
    present = (lines["utilization"].value, lines["p99_latency_ms"].value)
    if present[0] is None or present[1] is None or present[0] >= 1:
        st.info("The machines are busy all the time, so the queue grows for ever.")
        return
    curve, where = charts.loaded(demand, machines), (present[0], present[1])
    words = charts.loaded_alt(curve, machines, where)
    kind = load_capacity().choices["promise_kind"].options[_kind(values)]
    figure = charts.fig_loaded(curve, where, (kind, float(values["promise_ms"])))
    st.plotly_chart(figure, config=PLAIN, alt=words, key="capacity:latency")
    st.caption(plain(words))


def _costs(values: Values, lines: Mapping[str, Line], nouns: Nouns) -> None:
    st.subheader("Cost against traffic", anchor=False)
    peak, cost = lines["peak_rate"].value, lines["cost"].value
    if peak is None or cost is None:
        return
    curve = charts.costs(values)
    words = charts.costs_alt(curve, _capital(said("machine", nouns)), 730 * float(values["machine_usd"]))
    figure = charts.fig_costs(curve, (peak, cost), said("request", nouns))
    st.plotly_chart(figure, config=PLAIN, alt=words, key="capacity:costs")
    st.caption(plain(words))


def formulas(values: Values, lines: Mapping[str, Line], nouns: Nouns) -> None:
    """Every result with its formula, in words and with its numbers filled in."""
    st.subheader("Every number and its formula", anchor=False)
    st.caption("k is 1,000, B is byte and b is bit; a month has 730 hours. Formulas calculate in B, bit and ms.")
    for group, title in load_capacity().groups.items():
        rows = [line for line in lines.values() if line.result.group == group]
        if rows:
            st.markdown(f"**{title}**")
            st.html(_table(rows, values, lines, nouns))


def _table(rows: list[Line], values: Values, lines: Mapping[str, Line], nouns: Nouns) -> str:
    columns = ("Result", "Formula", "With these numbers")
    head = "".join(f'<th scope="col">{column}</th>' for column in ("", *columns))
    body = []
    for line in rows:
        source = f"<br><small>{escape(line.result.source)}</small>" if line.result.source else ""
        cells = (
            f"<b>{escape(_said(line, nouns))}</b>",
            escape(in_words(line.formula)) + source,
            NONE if line.value is None else escape(_capital(with_numbers(line.formula, values, lines, nouns))),
        )
        drawn = "".join(f'<td data-label="{column}">{cell}</td>' for column, cell in zip(columns, cells, strict=True))
        body.append(f'<tr><th scope="row">{escape(line.result.label)}</th>{drawn}</tr>')
    widths = "".join(f'<col style="width: {percent}%">' for percent in (21, 17, 31, 31))
    columns_of_all = f'<table class="comparison" style="table-layout: fixed"><colgroup>{widths}</colgroup>'
    return f"{columns_of_all}<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _said(line: Line, nouns: Nouns) -> str:
    if line.value is None:
        return NONE
    return _capital(amount(line.value, said(line.result.shown_unit or line.result.unit, nouns)))


def _capital(text: str) -> str:
    return text.replace("usd", "USD").replace("gpu", "GPU")


def _kind(values: Values) -> PromiseKind:
    kind = values["promise_kind"]
    assert kind in ("p99_latency", "p99_wait", "mean_wait")
    return kind  # type: ignore[return-value]  # mypy does not narrow a str by membership
