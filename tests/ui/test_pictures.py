"""The pictures of a run on a page of their own: one at a time, with words, and with the numbers of the summary."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from simulator.results.summary import Summary
from tests.simulator.designs import a_design, front, service
from tests.ui import a_run
from ui import chart_data, charts
from ui.components.playback import film_data
from ui.latency_chart import latency_alt
from ui.layers import layers
from ui.pictures import _ROWS, MINUS, VIEWS
from ui.words import milliseconds, plain


def page() -> None:
    """Everything that is shown of a run."""
    from tests.ui import a_run  # noqa: PLC0415
    from ui.pictures import bottleneck, headline, pictures, promise  # noqa: PLC0415

    headline(a_run.summary())
    promise(a_run.summary())
    bottleneck(a_run.summary())
    pictures(a_run.summary(), a_run.design(), key="test")


def quiet_page() -> None:
    """The same for a run to which hardly anybody came."""
    from tests.ui import a_run  # noqa: PLC0415
    from ui.pictures import headline, pictures, promise  # noqa: PLC0415

    headline(a_run.empty_summary())
    promise(a_run.empty_summary())
    pictures(a_run.empty_summary(), a_run.quiet_design(), key="test")


def compared_page() -> None:
    """A run beside a pinned one."""
    from tests.ui import a_run  # noqa: PLC0415
    from ui.pictures import headline, pictures  # noqa: PLC0415

    headline(a_run.slower(), a_run.summary())
    pictures(a_run.slower(), a_run.design(), key="test", pinned=a_run.summary())


def shown(page: Callable[[], None], view: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=30).run()
    at.button_group(key="test:view").set_value(view).run()
    assert [one.value for one in at.exception] == []
    return at


@pytest.fixture(scope="module")
def summary() -> Summary:
    return a_run.summary()


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("Latency", latency_alt),
        ("Where the time goes", charts.waterfall_alt),
        ("Busy", charts.utilization_alt),
    ],
)
def test_a_picture_stands_beside_its_words_and_is_alone(
    summary: Summary, view: str, words: Callable[[Summary], str]
) -> None:
    at = shown(page, view)
    [chart] = at.get("plotly_chart")
    assert json.loads(chart.proto.spec)["data"]
    assert chart.proto.alt == words(summary)
    assert plain(words(summary)) in [one.value for one in at.caption]


def test_the_format_may_be_missing_and_the_chosen_one_is_what_the_camera_saves() -> None:
    """A busy server may run the page again before the browser has drawn the choice."""
    at = AppTest.from_function(page, default_timeout=30)
    at.session_state["pictures:format"] = None
    assert [one.value for one in at.run().exception] == []
    assert saved_as_format(at) == "png"
    at.button_group(key="pictures:format").set_value("SVG").run()
    assert saved_as_format(at) == "svg"


def saved_as_format(at: AppTest) -> str:
    [chart] = at.get("plotly_chart")
    return str(json.loads(chart.proto.config)["toImageButtonOptions"]["format"])


def test_the_headline_says_the_numbers_of_the_summary(summary: Summary) -> None:
    at = shown(page, "Cost")
    p99 = summary.latency.p99_ms
    assert p99 is not None
    values = {one.label: one.value for one in at.metric}
    assert values["p99 latency"] == milliseconds(p99.value)
    assert values["Cost per month"] == "1,825 USD"  # (0.5 + 2.0) USD, 730 hours
    assert summary.bottleneck is not None
    assert any(plain(summary.bottleneck.sentence) in one.value for one in at.markdown)


def test_what_has_no_price_costs_nothing_that_could_be_drawn() -> None:
    at = shown(quiet_page, "Cost")
    assert "Nothing in this design has a price." in [one.value for one in at.markdown]
    assert len(at.get("plotly_chart")) == 0
    assert [one.key for one in at.button_group] == ["test:view"]  # and no format to save it in


def test_every_part_of_the_promise_has_its_verdict(summary: Summary) -> None:
    said = "\n".join(one.value for one in shown(page, "Cost").markdown)
    assert {verdict.met for verdict in summary.promise} == {True, False}
    for verdict in summary.promise:
        word = {True: "green-badge[met]", False: "red-badge[missed]", None: "gray-badge[unknown]"}[verdict.met]
        assert f":{word} {plain(verdict.sentence)}" in said


def test_the_cost_table_has_a_row_for_every_component_and_says_what_is_not_priced() -> None:
    table = shown(page, "Cost").table[0].value
    assert table["component"].tolist() == ["web", "features", "ranker"]
    assert table["USD per month"].tolist() == ["365", "not priced", "1,460"]


def test_the_numbers_add_up_to_the_requests_that_were_counted(summary: Summary) -> None:
    at, ends = shown(page, "Numbers"), summary.outcomes
    assert any(one.value.startswith(f"Of {ends.arrivals:,} counted requests {ends.in_time:,}") for one in at.markdown)
    assert at.table[0].value["component"].tolist() == [one.component for one in summary.components]
    captions = [one.value for one in at.caption]
    assert all(plain(remark) in captions for remark in summary.remarks)


@pytest.mark.parametrize("view", VIEWS)
def test_a_run_to_which_hardly_anybody_came_has_every_picture(view: str) -> None:
    at = shown(quiet_page, view)
    assert at.metric[0].value == "too few"


def test_over_time_stands_beside_a_table_of_before_during_and_after(summary: Summary) -> None:
    at = shown(page, "Over time")
    assert at.get("plotly_chart")[0].proto.alt.startswith("In time before the fault")
    assert at.table[0].value["the fault"].tolist() == ["before", "during", "after"]


def test_a_film_is_sent_to_the_browser_whole(summary: Summary) -> None:
    at = shown(page, "Playback")
    [film] = at.get("bidi_component")
    assert film.proto.component_name.endswith("windtunnel_playback")
    data = film_data(summary.playback, a_run.design())
    assert [(one["name"], one["layer"]) for one in data["nodes"]] == [("web", 0), ("features", 1), ("ranker", 1)]
    assert data["edges"] == [[0, 1], [0, 2]]
    assert data["faults"] == [
        {"from_s": 4.0, "to_s": 6.0, "text": "work at ranker takes 3 times as long, from second 4 for 2 s"}
    ]
    assert [one["busy"] is None for one in data["nodes"]] == [False, True, False]
    assert all(len(one["waiting"]) == data["steps"] for one in data["nodes"])
    assert data["most_waiting"] == max(max(one["waiting"]) for one in data["nodes"])


def test_a_pinned_film_is_resampled_to_the_steps_of_this_one(summary: Summary) -> None:
    film = summary.playback
    assert film is not None
    twice = film.model_copy(update={"step_s": 2 * film.step_s})
    ranker = film_data(film, a_run.design(), pinned=twice)["nodes"][2]
    assert ranker["pinned_waiting"] == [ranker["waiting"][step // 2] for step in range(len(ranker["waiting"]))]
    half = film_data(twice, a_run.design(), pinned=film)["nodes"][2]
    assert half["pinned_waiting"][60:] == [None] * 60  # the pinned run is over


def test_numbers_and_headline_say_the_difference_to_the_pinned_run(summary: Summary) -> None:
    at = shown(compared_page, "Numbers")
    old, new = summary.latency.p99_ms, a_run.slower().latency.p99_ms
    assert old is not None
    assert new is not None
    change = new.value - old.value
    said = f"{'+' if change > 0 else MINUS}{milliseconds(abs(change))}"
    assert {one.label: one.delta for one in at.metric}["p99 latency"] == said
    assert {one.label: one.delta for one in at.metric}["Cost per month"] == "as pinned"
    table = at.table[0].value.set_index("")
    assert table.loc["p99 latency"].tolist() == [milliseconds(old.value), milliseconds(new.value), said]


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_gives_its_data_for_both_runs(view: str) -> None:
    at = shown(compared_page, view)
    [button] = [one for one in at.get("download_button") if one.label == "Data as CSV"]
    assert button.key == "test:csv"
    rows = list(csv.DictReader(io.StringIO(chart_data.csv_text(_ROWS[view], a_run.slower(), a_run.summary()))))
    assert {row["run"] for row in rows} == {"pinned", "this run"}


def test_the_data_are_those_of_the_summary(summary: Summary) -> None:
    def read(rows: chart_data.Rows) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(chart_data.csv_text(rows, summary))))

    bins = read(chart_data.latency_rows)
    assert sum(int(row["answers"]) for row in bins) == sum(summary.latency.histogram_counts)
    parts = read(chart_data.waterfall_rows)
    p99 = sum(float(row["mean_ms"]) for row in parts if row["percentile"] == "0.99")
    assert p99 == pytest.approx(summary.waterfalls[1].latency_ms)
    steps = read(chart_data.timeline_rows)
    assert [float(row["waiting ranker"]) for row in steps] == list(summary.timeline.components[2].waiting)
    assert "busy features" not in steps[0]
    money = {row["component"]: row["usd_per_month"] for row in read(chart_data.cost_rows)}
    assert money == {"web": "365.0", "features": "", "ranker": "1460.0"}
    busy = {row["component"]: row["busy_share"] for row in read(chart_data.component_rows)}
    assert float(busy["ranker"]) == summary.components[2].utilization.value  # type: ignore[union-attr]
    films = read(chart_data.playback_rows)
    assert len(films) == 3 * 120


def test_layers_follow_the_requests_and_what_nobody_asks_stands_last() -> None:
    parts = {
        "idle": service(0.01),
        "web": front([{"to": "cache"}, {"to": "gpu"}]),
        "gpu": service(0.01),
        "cache": front([{"to": "db"}]),
        "db": service(0.01, calls=[[{"to": "gpu"}]]),
    }
    design = a_design(parts, entry="web")
    assert layers(design) == [["web"], ["cache"], ["db"], ["gpu"], ["idle"]]
