"""Tokens, lag and routes in the summary and the report, counted by hand."""

import numpy as np
import pytest

from simulator.design_file import design_from
from simulator.results.own_records import MessageRecord, TokenRecord
from simulator.results.own_results import Lag, reserved_token_s
from simulator.results.summary import summarize
from simulator.text_report import text_report
from tests.simulator.designs import a_design, balancer, constant, design_data, kill, replications_of, service, wide

LLM = {"kind": "llm_server", "step_ms": 1000.0, "per_running_ms": 1000.0, "queue": {"limit": "unlimited"}}


def summary_of(components, arrivals, **more):
    return summarize(replications_of(a_design(components, **more), arrivals))


def messages(*rows):
    """(appended, read) in seconds, read None if never; each takes no time to work on."""
    appended = np.array([float(row[0]) for row in rows])
    read = np.array([np.inf if row[1] is None else float(row[1]) for row in rows])
    never = np.full(len(rows), np.inf)
    return MessageRecord(
        request=np.arange(len(rows)),
        appended_s=appended,
        read_s=read,
        done_s=read,
        lost_s=never,
        failed=np.zeros(len(rows), dtype=bool),
        redelivered=0,
    )


def test_tokens_are_counted_by_hand():
    # three requests of 3 tokens arrive at 1, 2 and 3; tokens come at 3, 7, 7, 7, 11, 11, 11, 14, 14
    [one] = summary_of({"x": {**LLM, "kv_memory_tokens": 20}}, 3, classes=[{"items": 3, "prompt_tokens": 2}]).tokens
    assert one.answers == 3
    assert one.first_token.mean_ms == pytest.approx((2000 + 5000 + 4000) / 3)
    assert one.per_token.mean_ms == pytest.approx((4000 + 3500 + 3500) / 3)
    assert one.running_per_step == pytest.approx(9 / 4)
    assert one.peak_running == 3
    # until the horizon at 3.5: one token in the step to 3, and an eighth of the 6 tokens of the two steps to 11
    assert one.tokens_per_s == pytest.approx((1 + 6 * 0.5 / 8) / 3.5)
    assert one.mean_running == pytest.approx((2.5 + 0.5 + 0.5) / 3.5)
    assert one.mean_reserved_tokens == pytest.approx(5 * 3.5 / 3.5)
    assert one.memory_share == pytest.approx(5 / 20)
    assert one.running == pytest.approx((1.0,))
    assert one.reserved_tokens == pytest.approx((5.0,))


def test_unlimited_memory_has_no_share():
    [one] = summary_of({"x": LLM}, 3).tokens
    assert one.memory_share is None


def test_a_single_token_has_no_time_per_further_token():
    [one] = summary_of({"x": LLM}, 3, classes=[{"items": 1}]).tokens
    assert one.per_token.mean_ms is None
    assert one.first_token.mean_ms is not None


def test_requests_that_were_cut_short_are_no_answers():
    [one] = summary_of({"x": LLM}, 3, classes=[{"items": 3}], faults=[kill("x", 3.2)]).tokens
    assert one.answers == 0


def test_an_llm_server_is_busy_while_it_steps_and_loaded_by_its_limit():
    part = {**LLM, "per_running_ms": 0.0, "max_running": 4}
    [one] = summary_of({"x": part}, 40, rate_per_s=0.25, classes=[{"items": 2}]).components
    assert one.load == pytest.approx(0.25 * 2 * 1.0 / 4, rel=0.05)
    assert one.utilization.value == pytest.approx(0.5, rel=0.05)


def test_prompts_and_memory_limit_the_load():
    part = {**LLM, "per_running_ms": 0.0, "max_running": 40, "kv_memory_tokens": 30, "prefill_ms_per_token": 10.0}
    classes = [{"items": 2, "prompt_tokens": 8}]
    [one] = summary_of({"x": part}, 400, rate_per_s=0.25, classes=classes).components
    assert one.load == pytest.approx(0.25 * (2 * 1.0 / 3 + 0.08), rel=0.01)  # three at a time


def test_context_counts_for_the_load():
    part = {**LLM, "per_running_ms": 0.0, "max_running": 4, "per_context_token_ms": 100.0}
    classes = [{"items": 3, "prompt_tokens": 4}]
    [one] = summary_of({"x": part}, 400, rate_per_s=0.1, classes=classes).components
    # on a full device a request's context is 5 tokens on average: a step takes 1 + 4 * 5 * 0.1 s
    assert one.load == pytest.approx(0.1 * 3 * 3.0 / 4, rel=0.01)


def test_memory_that_nobody_holds_any_more_is_none_and_not_a_little_less():
    """The sums of what began and of what is over differ in their last digit here."""
    started_s, ended_s = np.array([0.8, 3.0, 3.5, 3.7]), np.array([0.9, 3.3, 4.1, 3.8000000000000003])
    none, reserved = np.array([], dtype=np.int64), np.array([2040, 2516, 3056, 3708])
    few = np.ones(4, dtype=np.int64)
    record = TokenRecord(
        few, started_s, started_s, ended_s, ended_s, few, few, reserved, few > 0, started_s[:0], ended_s[:0], none, none
    )
    found = reserved_token_s(record, np.array([0.0, 2.0, 10.0, 20.0]))
    assert found[:2] == pytest.approx([204.0, 2516 * 0.3 + 3056 * 0.6 + 3708 * 0.1])
    assert found[2] == 0.0


def test_the_load_of_a_stream_is_that_of_the_consumers_that_can_work():
    stream = {"kind": "stream", "partitions": 2, "replicas": 5, "consumer_time": constant(0.5)}
    [one] = summary_of({"x": stream}, 400).components
    assert one.load == pytest.approx(0.25, rel=0.01)
    assert one.utilization.value == pytest.approx(0.25, rel=0.01)


def test_lag_is_counted_by_hand():
    stream = {"kind": "stream", "append_time": constant(0), "consumer_time": constant(0.5)}
    [one] = summary_of({"x": stream}, 8, faults=[kill("x", 1.75, for_s=3.0)]).streams
    assert (one.appended, one.consumed, one.failed, one.lost, one.left, one.redelivered) == (8, 8, 0, 0, 0, 0)
    # three wait from 4 to 4.75 and again from 5; the last to wait, that of second 6, is read at 6.75
    assert one.peak_lag_messages == 3
    assert one.peak_lag_s == pytest.approx(2.75)
    assert one.drain_s == pytest.approx(6.75 - 5.0)
    assert one.delay.mean_ms == pytest.approx((500 + 3250 + 2750 + 2250 + 1750 + 1250 + 750 + 500) / 8)


def test_messages_that_nobody_reads_are_left_and_the_log_never_drains():
    stream = {"kind": "stream", "append_time": constant(0), "consumer_time": constant(0.5)}
    [one] = summary_of({"x": stream}, 4, faults=[kill("x", 0.5)]).streams
    assert (one.consumed, one.left, one.peak_lag_messages, one.drain_s) == (0, 4, 4, None)
    assert one.peak_lag_s == pytest.approx(3.5)
    assert one.lag_s == pytest.approx((3.5,))
    assert one.lag_messages == pytest.approx(((3.5 + 2.5 + 1.5 + 0.5) / 4.5,))


def test_lost_and_failed_messages_are_told():
    stream = {"kind": "stream", "append_time": constant(0), "consumer_time": constant(10), "retention_messages": 2}
    parts = {"x": {**stream, "calls": [[{"to": "dead"}]]}, "dead": balancer("corpse"), "corpse": service()}
    [one] = summary_of(parts, 5, faults=[kill("corpse", 0.0)]).streams
    assert (one.appended, one.consumed, one.failed, one.lost, one.left) == (5, 3, 3, 2, 0)


@pytest.mark.parametrize(
    ("rows", "peak", "drain_s"),
    [
        ([], 0, 0.0),
        ([(1, 1), (2, 2)], 0, 0.0),
        ([(1, 2)], 1, 1.0),
        ([(1, 3), (2, 4)], 2, 2.0),
        ([(1, 3), (2, 4), (3.5, 5)], 2, 1.5),
        ([(1, None)], 1, None),
        ([(1, 3), (2, 4), (9, None)], 2, 2.0),
        ([(1, 3), (2, None)], 2, None),
    ],
)
def test_a_log_is_drained_when_nobody_waits(rows, peak, drain_s):
    lag = Lag(messages(*rows), 10.0)
    assert lag.peak_messages == peak
    assert lag.drain_s == drain_s


def test_the_age_of_the_oldest_unread_message_rises_until_it_is_read():
    lag = Lag(messages((1, 4), (2, 3), (3, 6)), 10.0)
    ages = lag.oldest_s(np.array([0.5, 1.5, 2.5, 3.5, 4.5, 6.5]))
    assert ages.tolist() == [0.0, 0.5, 1.5, 2.5, 1.5, 0.0]


ROUTES = [{"to": "old", "share": 0.5}, {"to": "new", "share": 0.5}, {"to": "new", "share": 1.0, "shadow": True}]
ROUTED = {"r": {"kind": "router", "routes": ROUTES}, "old": wide(1.0), "new": wide(2.0)}


def test_routes_are_told_apart():
    fault = {"kind": "bad_canary", "component": "r", "at_s": 0, "failure_share": 1.0}
    [one] = summary_of(ROUTED, 100, faults=[fault]).routers
    old, new, shadow = one.routes
    assert old.requests + new.requests == 100 == shadow.requests
    assert (old.failed_share, new.failed_share, shadow.failed_share) == (0.0, 1.0, 0.0)
    assert (old.latency.mean_ms, new.latency.mean_ms) == (pytest.approx(1000), None)
    assert one.undone_s == (None,)


def test_the_report_has_a_part_for_each_kind():
    undo = {"metric": "failure_share", "above": 0.5, "window_s": 50.0}
    log = {"kind": "stream", "append_time": constant(0), "consumer_time": constant(0.5)}
    parts = {
        "a": wide(0.0, calls=[[{"to": "x"}], [{"to": "log"}], [{"to": "r"}]]),
        **ROUTED,
        "r": {**ROUTED["r"], "undo": undo},
        "x": {**LLM, "kv_memory_tokens": 1000},
        "log": log,
    }
    fault = {"kind": "bad_canary", "component": "r", "at_s": 0, "failure_share": 1.0}
    said = text_report(summary_of(parts, 100, faults=[fault]), "all of it")
    for part in (
        "x: ",
        "tokens/s",
        "of the memory reserved",
        "first token mean ",
        "log: 100 messages appended, 100 consumed",
        "from append to done mean ",
        " requests (copies), 0.00% failed",
        "the canary was taken back in 1 of 1 runs, at second",
    ):
        assert part in said


def test_a_plain_design_has_none_of_these():
    summary = summarize(replications_of(design_from(design_data({"web": service(0.1)})), 50))
    assert (summary.tokens, summary.streams, summary.routers) == ((), (), ())
    said = text_report(summary, "plain")
    assert not any(word in said for word in ("tokens", "streams", "routes"))
