"""Dynamic batching against an event loop of its own, request by request and batch by batch, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.results.replications import replicate
from simulator.results.run import Ending
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from tests.simulator import oracles
from tests.simulator.designs import a_design, balancer, log, model_server, run_of


def batches_of(run, name="x"):
    table = run.components[name].batches
    columns = (table.fired_s, table.ended_s, table.items, table.requests)
    return list(zip(*(column.tolist() for column in columns), strict=True))


RULES = st.fixed_dictionaries(
    {
        "replicas": st.integers(1, 3),
        "streams": st.integers(1, 2),
        "max_items": st.integers(1, 12) | st.just("unlimited"),
        "max_wait_ms": st.sampled_from([0.0, 3.0, 20.0]),
        "fixed_ms": st.floats(1, 20),
        "per_item_ms": st.floats(0, 3),
        "limit": st.integers(0, 12) | st.just("unlimited"),
        "drop_older_than_ms": st.none() | st.floats(1, 80),
        "trim": st.none()
        | st.fixed_dictionaries({"when_waiting_items_over": st.integers(1, 9), "keep_share": st.floats(0.1, 0.9)}),
    }
)
ITEMS = st.just(1) | st.builds(
    lambda shape, mean: {"shape": shape, "mean": mean}, st.sampled_from(["geometric", "exponential"]), st.floats(1, 6)
)


def _part(rules):
    queue = {"limit": rules["limit"], "drop_older_than_ms": rules["drop_older_than_ms"]}
    time = {"fixed_ms": rules["fixed_ms"], "per_item_ms": rules["per_item_ms"]}
    kept = {key: rules[key] for key in ("replicas", "streams", "max_items", "max_wait_ms", "trim")}
    return {"kind": "model_server", "queue": queue, "batch_time": time, **kept}


def _oracle(run, rules):
    def number(value):
        return np.inf if value in (None, "unlimited") else value

    trim = rules["trim"] or {"when_waiting_items_over": np.inf, "keep_share": 1.0}
    return oracles.batching(
        run.arrived_s.tolist(),
        run.items.tolist(),
        oracles.Batching(
            devices=rules["replicas"] * rules["streams"],
            max_items=number(rules["max_items"]),
            max_wait_s=rules["max_wait_ms"] / 1000,
            fixed_s=rules["fixed_ms"] / 1000,
            per_item_s=rules["per_item_ms"] / 1000,
            places=number(rules["limit"]),
            oldest_s=number(rules["drop_older_than_ms"]) / 1000,
            trim_over=trim["when_waiting_items_over"],
            keep_share=trim["keep_share"],
        ),
    )


@given(rules=RULES, items=ITEMS, rate=st.floats(20, 600), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=150)
def test_every_request_and_every_batch_is_as_the_rules_say(rules, items, rate, seed):
    traffic = {"entry": "x", "arrival_rate_per_s": rate, "classes": [{"items": items}]}
    run = run_of(design_from({"traffic": traffic, "components": {"x": _part(rules)}}), 200, seed=seed)
    expected = _oracle(run, rules)
    served = [fate == oracles.SERVED for fate in expected.fate]
    assert (run.ending == Ending.ANSWERED).tolist() == served
    assert run.ended_s == pytest.approx(expected.ended_s, rel=1e-12)
    assert [(items, size) for *_, items, size in batches_of(run)] == [
        (items, size) for *_, items, size in expected.batches
    ]
    times = np.array([batch[:2] for batch in batches_of(run)])
    assert times == pytest.approx(np.array([batch[:2] for batch in expected.batches]), rel=1e-12)


def test_a_full_batch_leaves_at_once():
    run = run_of(a_design({"x": model_server(3, 0.5, max_wait_s=60)}), 6)
    assert batches_of(run) == [(3, 3.5, 3, 3), (6, 6.5, 3, 3)]


def test_a_batch_leaves_when_its_oldest_request_has_waited_exactly_long_enough():
    run = run_of(a_design({"x": model_server(9, 0.25, max_wait_s=1.75)}), 4)
    assert batches_of(run) == [(2.75, 3, 2, 2), (4.75, 5, 2, 2)]
    assert log(run, "x")[:2] == [(0, 1, 2.75, 3), (1, 2, 2.75, 3)]


def test_without_a_wait_an_idle_device_takes_what_is_there():
    run = run_of(a_design({"x": model_server(9, 2.5)}), 6)
    assert batches_of(run) == [(1, 3.5, 1, 1), (3.5, 6, 2, 2), (6, 8.5, 3, 3)]


def test_a_device_that_becomes_idle_late_does_not_wait_again():
    run = run_of(a_design({"x": model_server(3, 2.5, max_wait_s=1)}), 3)
    assert batches_of(run) == [(2, 4.5, 2, 2), (4.5, 7, 1, 1)]


def test_nobody_joins_a_batch_that_runs():
    run = run_of(a_design({"x": model_server(9, 1.5)}), 2)
    assert log(run, "x") == [(0, 1, 1, 2.5), (1, 2, 2.5, 4)]


def test_a_batch_is_full_when_the_next_request_would_not_fit():
    run = run_of(a_design({"x": model_server(5, 0.5, max_wait_s=60)}, classes=[{"items": 2}]), 3)
    assert batches_of(run)[0] == (3, 3.5, 4, 2)


def test_a_request_that_does_not_fit_stays_first_in_line():
    run = run_of(a_design({"x": model_server(5, 0.5, max_wait_s=2)}, classes=[{"items": 2}]), 3)
    assert log(run, "x") == [(0, 1, 3, 3.5), (1, 2, 3, 3.5), (2, 3, 5, 5.5)]


def test_a_batch_takes_its_fixed_time_and_the_time_of_each_item():
    part = model_server(9, 0) | {"batch_time": {"fixed_ms": 2500.0, "per_item_ms": 250.0}}
    run = run_of(a_design({"x": part}, classes=[{"items": 2}]), 3)
    assert batches_of(run) == [(1, 4, 2, 1), (4, 7.5, 4, 2)]


def test_devices_and_streams_run_side_by_side_from_one_queue():
    for devices in ({"replicas": 2}, {"streams": 2}):
        run = run_of(a_design({"x": model_server(1, 2.5, **devices)}), 4)
        assert batches_of(run) == [(1, 3.5, 1, 1), (2, 4.5, 1, 1), (3.5, 6, 1, 1), (4.5, 7, 1, 1)]


def test_who_finds_too_many_items_waiting_keeps_a_share_of_its_own():
    trim = {"when_waiting_items_over": 4, "keep_share": 0.5}
    run = run_of(a_design({"x": model_server(100, 3.5, trim=trim)}, classes=[{"items": 4}]), 4)
    # the second finds 0 waiting, the third 4, the fourth 8
    assert batches_of(run) == [(1, 4.5, 4, 1), (4.5, 8, 10, 3)]
    assert run.components["x"].counts == {"trimmed": 1}


def test_a_trimmed_request_keeps_at_least_one_item():
    trim = {"when_waiting_items_over": 1, "keep_share": 0.01}
    run = run_of(a_design({"x": model_server(100, 4.5, trim=trim)}, classes=[{"items": 2}]), 4)
    assert batches_of(run)[1][2] == 2 + 1 + 1


def test_a_full_queue_refuses_and_old_work_is_dropped_when_its_turn_comes():
    queue = {"limit": 2, "drop_older_than_ms": 1500.0}
    run = run_of(a_design({"x": model_server(9, 3.5, queue=queue)}), 4)
    assert log(run, "x") == [(0, 1, 1, 4.5), (1, 2, None, 4.5), (2, 3, 4.5, 8), (3, 4, None, 4)]


def test_an_idle_device_serves_though_there_is_no_place_to_wait():
    run = run_of(a_design({"x": model_server(1, 1.5, queue={"limit": 0})}), 4)
    assert run.ending.tolist() == [Ending.ANSWERED, Ending.REFUSED, Ending.ANSWERED, Ending.REFUSED]


def test_a_queue_shorter_than_a_batch_may_still_fill_it_at_an_idle_device():
    run = run_of(a_design({"x": model_server(3, 0.5, max_wait_s=60, queue={"limit": 2})}), 3)
    assert batches_of(run) == [(3, 3.5, 3, 3)]


@pytest.mark.parametrize("oldest_s", [1.5, 2.0])
def test_waiting_for_the_batch_to_fill_is_not_an_age_to_be_dropped_for(oldest_s):
    queue = {"drop_older_than_ms": 1000 * oldest_s}
    run = run_of(a_design({"x": model_server(9, 0.5, max_wait_s=2, queue=queue)}), 1)
    assert log(run, "x") == [(0, 1, 3, 3.5)]


def test_each_device_behind_a_balancer_fills_its_own_batches():
    run = run_of(a_design({"lb": balancer("x"), "x": model_server(2, 0.5, max_wait_s=60, replicas=2)}), 4)
    assert [row[:3] for row in log(run, "x")] == [(0, 1, 3), (1, 2, 4), (2, 3, 3), (3, 4, 4)]


def test_the_spread_of_batch_times_keeps_their_mean_and_scv():
    part = model_server(1, 0) | {"batch_time": {"fixed_ms": 10.0, "per_item_ms": 0.0, "scv": 0.5}, "replicas": 50}
    run = run_of(a_design({"x": part}, rate_per_s=100), 20_000)
    times = run.components["x"].batches.ended_s - run.components["x"].batches.fired_s
    assert times.mean() == pytest.approx(0.010, abs=4 * 0.010 * (0.5 / 20_000) ** 0.5)
    # of a gamma with SCV c the fourth central moment is (3 c^2 + 6 c^3) mean^4
    spread_of_variance = ((3 * 0.5**2 + 6 * 0.5**3 - 0.5**2) / 20_000) ** 0.5
    assert times.var() / 0.010**2 == pytest.approx(0.5, abs=4 * spread_of_variance)


@pytest.mark.parametrize(("warm_up_s", "share"), [(0.0, 3 / 6), (2.5, 3 / 4), (3.5, 1.0)])
def test_who_is_trimmed_during_the_warm_up_does_not_count(warm_up_s, share):
    """The first runs, two wait, and those of 4, 5 and 6 s find more than one item waiting."""
    part = model_server(1, 100.0, trim={"when_waiting_items_over": 1, "keep_share": 0.5})
    settings = RunSettings(seed=1, replications=1, duration_s=6.5, warm_up_s=warm_up_s)
    [summary] = summarize(replicate(a_design({"x": part}, classes=[{"items": 1}]), settings)).components
    assert summary.trimmed_share == pytest.approx(share)
