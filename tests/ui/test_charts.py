"""Figures show the numbers of the summary, all of them and no others."""

from itertools import pairwise
from math import log10

import plotly.graph_objects as go
import pytest

from simulator.results.stages import stages
from simulator.results.summary import Summary
from simulator.results.timeline import CircuitLine
from tests.ui import a_run
from ui import charts
from ui.latency_chart import fig_latency, latency_alt
from ui.timeline_chart import fig_timeline, timeline_alt


def traces(figure: go.Figure) -> dict[str, go.Bar]:
    return {one.name: one for one in figure.data}


def texts(figure: go.Figure) -> list[str]:
    return [one.text for one in figure.layout.annotations]


@pytest.fixture(scope="module")
def summary() -> Summary:
    return a_run.summary()


def test_the_histogram_has_a_bar_for_every_bin_and_the_bars_add_up_to_all_answers(summary: Summary) -> None:
    [bars] = fig_latency(summary, None).data
    edges, counts = summary.latency.histogram_edges_ms, summary.latency.histogram_counts
    assert sum(counts) > 0
    assert list(bars.y) == [count / sum(counts) for count in counts]
    assert list(bars.width) == [high - low for low, high in pairwise(edges)]
    assert all(low < x < high for x, (low, high) in zip(bars.x, pairwise(edges), strict=True))


def test_percentiles_and_the_promise_are_marked_where_they_are(summary: Summary) -> None:
    figure = fig_latency(summary, 300.0)
    latency = summary.latency
    marks = [one.value for one in (latency.p50_ms, latency.p95_ms, latency.p99_ms) if one is not None]
    assert len(marks) == 3
    assert [one.x0 for one in figure.layout.shapes] == [*marks, 300.0]
    assert [one.x for one in figure.layout.annotations] == pytest.approx([log10(x) for x in [*marks, 300.0]])
    assert [text.split()[0] for text in texts(figure)] == ["p50", "p95", "p99", "promise"]


def test_a_pinned_run_is_drawn_beside_this_one_in_every_figure(summary: Summary) -> None:
    latency = traces(fig_latency(summary, None, pinned=summary))
    assert list(latency) == ["this run", "pinned"]
    assert list(latency["pinned"].y)[:-2] == list(latency["this run"].y)  # its own steps lie on the tops of its bars
    assert {bar.y[0] for bar in charts.fig_waterfall(summary, summary).data} == {
        "p50",
        "p99",
        "pinned p50",
        "pinned p99",
    }
    busy = traces(charts.fig_utilization(summary, summary))
    assert list(busy["pinned: busy"].x) == list(busy["busy"].x)
    cost = traces(charts.fig_cost(summary, summary))
    assert list(cost["pinned"].x) == list(cost["this run"].x)
    lines = [one for one in fig_timeline(summary, None, pinned=summary).data if one.line.dash == "dot"]
    assert len(lines) * 2 == len(fig_timeline(summary, None, pinned=summary).data)
    assert list(lines[0].y) == list(summary.timeline.p50_ms)


def test_bars_of_two_widths_are_made_comparable(summary: Summary) -> None:
    """A pinned histogram with bins twice as wide, in the logarithm, has bars half as high beside this one."""
    latency = summary.latency
    wide = latency.model_copy(
        update={
            "histogram_edges_ms": latency.histogram_edges_ms[::2],
            "histogram_counts": tuple(a + b for a, b in zip(*[iter(latency.histogram_counts)] * 2, strict=True)),
        }
    )
    shown = traces(fig_latency(summary, None, pinned=summary.model_copy(update={"latency": wide})))["pinned"]
    assert sum(shown.y[:-2]) == pytest.approx(0.5)


def test_the_cost_figure_has_a_bar_for_every_price(summary: Summary) -> None:
    [bars] = charts.fig_cost(summary).data
    assert dict(zip(bars.y, bars.x, strict=True)) == {"web": 365.0, "ranker": 1460.0}
    assert charts.cost_alt(summary) == "1,825 USD per month for the whole fleet, 80% of it for ranker."
    assert charts.cost_alt(a_run.empty_summary()) == "Nothing in this design has a price."


def test_before_during_and_after_are_said_beside_the_timeline(summary: Summary) -> None:
    found = stages(summary.timeline, a_run.design().faults, warm_up_s=0.0, duration_s=summary.duration_s)
    assert [one.name for one in found] == ["before", "during", "after"]
    assert timeline_alt(summary, found).startswith(f"In time before the fault {charts.share(found[0].in_time_share)}")


def test_the_timeline_shows_every_step_in_its_middle(summary: Summary) -> None:
    shown, line = traces(fig_timeline(summary, 300.0)), summary.timeline
    assert len(line.starts_s) > 1
    for name, values in (("p50", line.p50_ms), ("p95", line.p95_ms), ("in time", line.in_time_share)):
        assert list(shown[name].y) == list(values)
        assert list(shown[name].x) == [start + line.step_s / 2 for start in line.starts_s]
    for one in line.components:
        if max(one.waiting) >= 0.05:
            assert list(shown[f"waiting at {one.component}"].y) == list(one.waiting)
    assert "waiting at ranker" in shown


def test_a_run_in_which_nobody_waits_has_no_empty_row_for_it() -> None:
    titles = [axis.title.text for axis in fig_timeline(a_run.empty_summary(), None).select_yaxes()]
    assert titles == ["ms", "in time"]


def test_a_fault_is_shaded_from_its_beginning_to_its_end_or_that_of_the_run(summary: Summary) -> None:
    [fault] = a_run.design().faults
    figure = fig_timeline(summary, None, [fault, fault.model_copy(update={"for_s": None})])
    assert {(one.x0, one.x1) for one in figure.layout.shapes} == {(4.0, summary.duration_s)}  # the two overlap
    later = fault.model_copy(update={"at_s": 7.0, "for_s": 1.0})
    apart = fig_timeline(summary, None, [later, fault])
    assert {(one.x0, one.x1) for one in apart.layout.shapes} == {(4.0, 6.0), (7.0, 8.0)}


def test_replicas_and_circuits_have_rows_of_their_own_where_a_run_has_them(summary: Summary) -> None:
    line = summary.timeline
    steps = len(line.starts_s)
    circuits = (CircuitLine(caller="web", to="ranker", open_share=(0.0,) * (steps - 1) + (0.5,)),)
    first, *rest = line.components
    scaled = first.model_copy(update={"replicas": (4.0,) * (steps - 1) + (2.0,)})
    both = line.model_copy(update={"components": (scaled, *rest), "circuits": circuits})
    struck = summary.model_copy(update={"timeline": both})
    shown = traces(fig_timeline(struck, None))
    assert list(shown[f"replicas of {first.component}"].y) == list(scaled.replicas or ())
    assert list(shown["circuit web to ranker"].y) == list(circuits[0].open_share)
    axes = [shown[name].yaxis for name in (f"replicas of {first.component}", "circuit web to ranker")]
    assert axes == ["y4", "y5"]
    assert f"{first.component} has 2 to 4 replicas" in timeline_alt(struck)
    assert f"opens, first at about {line.starts_s[-1]:,.1f} s" in timeline_alt(struck)
    plain = fig_timeline(summary, None)
    assert not [name for name in traces(plain) if name.startswith(("replicas", "circuit"))]
    assert "yaxis4" not in plain.to_dict()["layout"]


def test_the_waterfall_shows_every_part_that_takes_time_at_its_length(summary: Summary) -> None:
    bars = charts.fig_waterfall(summary).data
    wanted = {
        (f"p{fall.percentile * 100:g}", f"{one.component}: {one.part}", one.mean_ms)
        for fall in summary.waterfalls
        for one in fall.segments
        if one.mean_ms >= 0.005 * fall.latency_ms and one.part != "lost"
    }
    assert len(wanted) > 4
    assert {(bar.y[0], bar.name, bar.x[0]) for bar in bars if ": " in bar.name} == wanted
    assert len([bar.name for bar in bars if bar.showlegend]) == len({bar.name for bar in bars})


def test_the_utilization_figure_shows_load_and_busy_shares_of_what_can_be_full(summary: Summary) -> None:
    shown = traces(charts.fig_utilization(summary))
    rows = {one.component: one for one in summary.components if one.utilization is not None}
    asked, busy = shown["asked for, of capacity"], shown["busy"]
    assert dict(zip(asked.y, asked.x, strict=True)) == {name: one.load for name, one in rows.items()}
    assert dict(zip(busy.y, busy.x, strict=True)) == {n: one.utilization.value for n, one in rows.items()}  # type: ignore[union-attr]
    fullness = dict(zip(shown["batch fullness"].y, shown["batch fullness"].x, strict=True))
    assert fullness["ranker"] == rows["ranker"].batch_fullness
    assert fullness["web"] is None


def test_words_beside_a_figure_say_its_numbers(summary: Summary) -> None:
    answers = sum(summary.latency.histogram_counts)
    assert f"the latency of {answers:,} answers" in latency_alt(summary)
    worst = min(one for one in summary.timeline.in_time_share if one is not None)
    assert charts.share(worst) in timeline_alt(summary)
    assert charts.waterfall_alt(summary).count("most of it") == len(summary.waterfalls) == 2
    assert "ranker is" in charts.utilization_alt(summary)


def test_a_run_with_hardly_any_requests_still_gives_figures_and_words() -> None:
    nobody = a_run.empty_summary()
    assert nobody.latency.p50_ms is None
    figures = [fig_latency(nobody, 50.0), fig_timeline(nobody, 50.0)]
    figures += [charts.fig_waterfall(nobody), charts.fig_utilization(nobody), charts.fig_cost(nobody)]
    assert all(isinstance(figure.to_dict(), dict) for figure in figures)
    assert "too few" in latency_alt(nobody)
    assert timeline_alt(nobody).endswith(" s.")
    assert charts.utilization_alt(nobody)
    assert charts.waterfall_alt(nobody) == ""


def test_components_keep_their_colors_and_more_than_there_are_begin_again() -> None:
    names = [f"part_{number}" for number in range(10)]
    shades = charts.colors(names)
    assert list(shades) == names
    assert len({shades[name] for name in names[:8]}) == 8
    assert (shades["part_8"], shades["part_9"]) == (shades["part_0"], shades["part_1"])
