"""The difference of two runs is that of their numbers, and its causes add up to it."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.fair_comparison import changes, same_length
from simulator.results.difference import explained, in_words, rows
from simulator.results.estimates import Estimate
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.results.waterfall import ELSEWHERE, Segment, Waterfall
from simulator.settings import RunSettings, duration_s
from tests.simulator.designs import a_design, design_data, kill, model_server, service, wide, with_part

SLOT, BATCH, WORK = "waiting for a free slot", "waiting for the batch", "work"


@pytest.fixture(scope="module")
def summary() -> Summary:
    quiet = a_design({"web": service(0.001, usd_per_replica_hour=1.0)}, 10.0)
    return summarize(replicate(quiet, RunSettings(replications=1, duration_s=5.0)))


def with_path(summary: Summary, p99_ms: float, *segments: tuple[str, str, float]) -> Summary:
    """The summary with this p99 and a path there that adds up to what the segments say."""
    parts = tuple(Segment(component=name, part=part, mean_ms=ms) for name, part, ms in segments)
    fall = Waterfall(percentile=0.99, latency_ms=sum(one.mean_ms for one in parts), requests=10, segments=parts)
    latency = summary.latency.model_copy(update={"p50_ms": None, "p99_ms": Estimate(value=p99_ms)})
    return summary.model_copy(update={"latency": latency, "waterfalls": (fall,)})


def said_of(summary: Summary, before: list[tuple[str, str, float]], after: list[tuple[str, str, float]]) -> list[str]:
    pair = [with_path(summary, sum(ms for _, _, ms in some), *some) for some in (before, after)]
    return in_words(*pair)


def test_the_added_time_is_put_down_to_where_it_was_spent(summary):
    before = [("gpu", BATCH, 2.0), ("gpu", WORK, 16.0)]
    after = [("gpu", BATCH, 27.0), ("gpu", WORK, 44.0)]
    assert said_of(summary, before, after) == [
        "p99 18 -> 71 ms: 28 of the 53 added ms is work at gpu and 25 is waiting for the batch to fill at gpu."
    ]


def test_saved_time_is_put_down_in_the_same_way_and_small_parts_are_left_out(summary):
    before = [("gpu", SLOT, 90.0), ("web", WORK, 10.5)]
    after = [("gpu", SLOT, 10.0), ("web", WORK, 10.0)]
    assert said_of(summary, before, after) == [
        "p99 100 -> 20 ms: 80 of the 80 saved ms was waiting for a free slot at gpu."
    ]


def test_parts_that_move_against_each_other_are_not_shares_of_the_difference(summary):
    before = [("gpu", SLOT, 30.0), ("gpu", WORK, 10.0)]
    after = [("gpu", SLOT, 2.0), ("gpu", WORK, 58.0)]
    assert said_of(summary, before, after) == [
        "p99 40 -> 60 ms: 48 ms more work at gpu and 28 ms less waiting for a free slot at gpu."
    ]


def test_a_path_that_is_longer_than_the_percentile_says_whose_it_is(summary):
    before, after = with_path(summary, 20.0, ("a", WORK, 20.0)), with_path(summary, 30.0, ("a", WORK, 40.0))
    assert in_words(before, after) == [
        "p99 20 -> 30 ms: of the requests around it, 20 of the 20 added ms is work at a."
    ]
    against = with_path(summary, 30.0, ("a", WORK, 10.0))
    assert in_words(before, against) == ["p99 20 -> 30 ms."]


def test_lost_time_has_no_component_and_a_change_of_a_hundredth_is_none(summary):
    assert said_of(summary, [("a", WORK, 10.0)], [("a", WORK, 10.0), (ELSEWHERE, "lost", 5.0)]) == [
        "p99 10 -> 15 ms: 5.0 of the 5.0 added ms is pauses and lost time."
    ]
    assert said_of(summary, [("a", WORK, 100.0)], [("a", WORK, 101.0)]) == ["p99 stays at about 100 ms."]


SEGMENTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([SLOT, BATCH, WORK]), st.floats(0.0, 1e3)),
    unique_by=lambda one: one[:2],
)


@given(before=SEGMENTS, after=SEGMENTS)
def test_causes_add_up_to_the_difference_and_the_greatest_comes_first(summary, before, after):
    [found] = explained(with_path(summary, 1.0, *before), with_path(summary, 1.0, *after))
    assert sum(one.added_ms for one in found.causes) == pytest.approx(found.added_ms, abs=1e-6)
    sizes = [abs(one.added_ms) for one in found.causes]
    assert sizes == sorted(sizes, reverse=True)


def test_ends_bottleneck_and_money_are_said_where_they_differ(summary):
    ends = summary.outcomes.model_copy(
        update={"arrivals": 1000, "in_time": 900, "late": 60, "degraded": 30, "failed": 10}
    )
    worse = ends.model_copy(update={"in_time": 500, "late": 460})
    limit = summary.bottleneck
    before = summary.model_copy(update={"outcomes": ends})
    after = summary.model_copy(
        update={
            "outcomes": worse,
            "bottleneck": limit.model_copy(update={"component": "gpu", "load": 0.9}),
            "cost": summary.cost.model_copy(update={"usd_per_month": summary.cost.usd_per_month + 1500.0}),
        }
    )
    assert in_words(before, after)[-3:] == [
        "Answered in time: 93.0% -> 53.0%.",
        "The bottleneck moves from web to gpu, which is asked for 90% of what it can do.",
        "It costs 1,500 USD a month more.",
    ]
    assert in_words(before, before) == ["p50 stays at about 1.0 ms."]


def test_the_rows_hold_the_numbers_of_both_runs():
    def run(wait_s: float) -> Summary:
        design = a_design({"gpu": model_server(10, 0.01, wait_s, usd_per_replica_hour=2.0)}, 100.0)
        return summarize(replicate(design, RunSettings(replications=1, duration_s=25.0, warm_up_s=0.0)))

    before, after = run(0.0), run(0.095)
    found = {row.what: (row.before, row.after) for row in rows(before, after)}
    assert found["mean latency"] == (before.latency.mean_ms.value, after.latency.mean_ms.value)
    assert found["gpu: batch fullness"] == pytest.approx((0.1, 1.0), abs=0.01)
    assert found["cost per month"] == (1460.0, 1460.0)
    assert found["answered in time"] == (1.0, 1.0)
    assert any("waiting for the batch to fill at gpu" in sentence for sentence in in_words(before, after))


def test_changes_name_the_places_and_what_came_and_went():
    data = design_data({"web": wide(0.0, calls=[[{"to": "gpu"}]]), "gpu": model_server(8, 0.01)}, 10.0)
    other = with_part(with_part(data, "components.gpu.max_items", 9600), "components.gpu.queue.limit", 50)
    before, after = design_from(data), design_from(other | {"faults": [kill("gpu", 3.0, 4.0)]})
    fault = "1 of 1 replicas of gpu die, from second 3 for 4 s"
    assert changes(before, after) == ["gpu.max_items 8 -> 9,600", "gpu.queue.limit unlimited -> 50", fault]
    assert changes(after, before)[-1] == f"no more: {fault}"
    with_store = design_from(
        with_part(data, "components.db", {"kind": "store", "read_time": {"kind": "constant", "value_ms": 1.0}})
    )
    assert changes(before, with_store) == ["db is new"]
    assert changes(with_store, before) == ["db is gone"]
    assert changes(before, before) == []


def test_many_changes_are_counted_after_the_first():
    before = a_design({f"part_{i}": service(0.01) for i in range(20)} | {"x": service(0.01)}, 10.0, entry="x")
    after = a_design({"x": service(0.01)}, 10.0)
    assert changes(before, after)[-1] == "13 more"
    assert len(changes(before, after)) == 8


def test_two_designs_are_compared_over_the_longer_of_their_runs():
    quick, struck = (
        a_design({"x": service(0.001)}, 1000.0),
        a_design({"x": service(0.001)}, 1000.0, faults=[kill("x", 3.0, 4.0)]),
    )
    settings = RunSettings(requests=6000)
    both = same_length(quick, struck, settings)
    assert both.duration_s == duration_s(struck, settings) == 17.0
    assert duration_s(quick, both) == duration_s(struck, both) < inf
    fixed = RunSettings(duration_s=5.0)
    assert same_length(quick, struck, fixed) == fixed
