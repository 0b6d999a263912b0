"""Token buckets at a service's door."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.components.token_bucket import TokenBucket
from simulator.results.run import Ending
from tests.simulator.designs import a_design, balancer, front, log, run_of, service, wide

ANSWERED, REFUSED, DEGRADED = Ending.ANSWERED, Ending.REFUSED, Ending.DEGRADED


def _limited(*limits, **more):
    return wide(0.25, rate_limits=list(limits), **more)


def test_a_token_every_two_seconds_lets_every_other_request_pass():
    run = run_of(a_design({"x": _limited({"rate_per_s": 0.5})}), 6)
    assert run.ending.tolist() == [ANSWERED, REFUSED] * 3


def test_a_full_bucket_lets_a_burst_pass():
    """Three tokens at second 1, and half a one for every second."""
    run = run_of(a_design({"x": _limited({"rate_per_s": 0.5, "burst": 3.0})}), 9)
    assert [int(end == ANSWERED) for end in run.ending] == [1, 1, 1, 1, 1, 0, 1, 0, 1]


def test_who_is_refused_at_the_door_takes_no_time_and_is_counted():
    run = run_of(a_design({"x": _limited({"rate_per_s": 0.5})}), 4)
    assert log(run, "x") == [(0, 1, 1, 1.25), (1, 2, None, 2), (2, 3, 3, 3.25), (3, 4, None, 4)]
    assert run.components["x"].counts == {"rate_limited": 2}


CLASSES = [{"name": "feed", "share": 0.5}, {"name": "search", "share": 0.5}]


def test_a_limit_for_one_class_leaves_the_others_alone():
    limit = {"rate_per_s": 1e-6, "class_name": "feed"}
    run = run_of(a_design({"x": _limited(limit)}, classes=CLASSES), 30)
    feed = run.class_index == 0
    assert run.ending[feed].tolist() == [ANSWERED] + [REFUSED] * (feed.sum() - 1)
    assert (run.ending[~feed] == ANSWERED).all()


def test_a_request_that_one_limit_refuses_takes_no_token_of_another():
    """The first feed takes the last feed token and a common one; later feeds must leave the common ones alone."""
    limits = [{"rate_per_s": 1e-6, "burst": 3.0}, {"rate_per_s": 1e-6, "class_name": "feed"}]
    run = run_of(a_design({"x": _limited(*limits)}, classes=CLASSES), 30)
    feed = run.class_index == 0
    assert (run.ending == ANSWERED).sum() == 3
    assert (run.ending[feed] == ANSWERED).sum() == 1


def test_replicas_behind_a_balancer_share_the_limit():
    run = run_of(a_design({"lb": balancer("x"), "x": _limited({"rate_per_s": 1e-6, "burst": 3.0}, replicas=4)}), 8)
    assert run.ending.tolist() == [ANSWERED] * 3 + [REFUSED] * 5


def test_a_caller_may_fall_back_when_it_is_refused():
    call = {"to": "x", "fallback": [{"answer_ms": 1.0}]}
    run = run_of(a_design({"front": front([call]), "x": _limited({"rate_per_s": 1e-6})}), 3)
    assert run.ending.tolist() == [ANSWERED, DEGRADED, DEGRADED]


@given(
    gaps_s=st.lists(st.floats(0, 5), min_size=1, max_size=80),
    rate_per_s=st.floats(0.01, 20),
    burst=st.floats(1, 10),
)
@settings(deadline=None)
def test_a_bucket_never_gives_more_than_rate_times_time_and_the_burst(gaps_s, rate_per_s, burst):
    bucket, taken_s = TokenBucket(rate_per_s, burst), []
    for now_s in np.cumsum(gaps_s).tolist():
        if bucket.has_one(now_s):
            bucket.take()
            taken_s.append(now_s)
    for first, from_s in enumerate(taken_s):
        for last in range(first, len(taken_s)):
            assert last - first + 1 <= rate_per_s * (taken_s[last] - from_s) + burst + 1e-6


@pytest.mark.parametrize("load", [0.5, 2.0])
def test_a_limit_passes_what_is_asked_up_to_its_rate(load):
    parts = {"x": _limited({"rate_per_s": 10.0, "burst": 50.0})}
    run = run_of(a_design(parts, 10.0 * load, arrivals={"kind": "poisson"}), 5000)
    passed_per_s = (run.ending == ANSWERED).sum() / run.duration_s
    # the bucket is never full for long at load 2; at load 0.5 its 50 tokens outlast any burst but one in e**-35
    assert passed_per_s == pytest.approx(min(1.0, load) * 10, rel=0.03)


def test_a_service_without_limits_counts_nothing():
    assert run_of(a_design({"x": service(1)}), 3).components["x"].counts == {}
