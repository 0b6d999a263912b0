"""The pictures of a run on a page of their own: one at a time, with words, and with the numbers of the summary."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from simulator.results.summary import Summary
from tests.ui import a_run
from ui import charts
from ui.pictures import VIEWS
from ui.words import milliseconds, plain


def page() -> None:
    """Everything that is shown of a run."""
    from tests.ui import a_run  # noqa: PLC0415
    from ui.pictures import headline, pictures, promise  # noqa: PLC0415

    headline(a_run.summary())
    promise(a_run.summary())
    pictures(a_run.summary(), a_run.design(), key="test")


def quiet_page() -> None:
    """The same for a run to which hardly anybody came."""
    from tests.ui import a_run  # noqa: PLC0415
    from ui.pictures import headline, pictures, promise  # noqa: PLC0415

    headline(a_run.empty_summary())
    promise(a_run.empty_summary())
    pictures(a_run.empty_summary(), a_run.design(), key="test")


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
        ("Latency", charts.latency_alt),
        ("Where the time goes", charts.waterfall_alt),
        ("Over time", charts.timeline_alt),
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


def test_the_headline_says_the_numbers_of_the_summary(summary: Summary) -> None:
    at = shown(page, "Cost")
    p99 = summary.latency.p99_ms
    assert p99 is not None
    values = {one.label: one.value for one in at.metric}
    assert values["p99 latency"] == milliseconds(p99.value)
    assert values["Cost per month"] == "1,825 USD"  # (0.5 + 2.0) USD, 730 hours
    assert summary.bottleneck is not None
    assert any(plain(summary.bottleneck.sentence) in one.value for one in at.markdown)


def test_every_part_of_the_promise_has_its_verdict(summary: Summary) -> None:
    said = [one.value for one in shown(page, "Cost").markdown]
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
