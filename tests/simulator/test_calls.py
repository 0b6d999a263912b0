"""Calls and their policies, on scenes short enough to be worked by hand; the first request arrives at second 1."""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, exponential, front, latencies_s, log, run_of, service, wide

LATE = {"timeout_ms": 1000.0}


def test_steps_follow_one_another_and_their_times_add_up():
    design = a_design({"front": front([{"to": "x"}], [{"to": "y"}]), "x": wide(2), "y": wide(3)})
    run = run_of(design, 1)
    assert log(run, "x") == [(0, 1, 1, 3)]
    assert log(run, "y") == [(0, 3, 3, 6)]
    assert latencies_s(run) == [5]


def test_the_calls_of_a_step_run_side_by_side_and_the_longest_counts():
    design = a_design(
        {"front": front([{"to": "x"}, {"to": "y"}], [{"to": "z"}]), "x": wide(2), "y": wide(3), "z": wide(1)}
    )
    run = run_of(design, 1)
    assert [log(run, name) for name in "xyz"] == [[(0, 1, 1, 3)], [(0, 1, 1, 4)], [(0, 4, 4, 5)]]


def test_a_service_is_free_again_while_its_calls_run():
    design = a_design({"caller": service(1, calls=[[{"to": "x"}]]), "x": wide(10)})
    assert log(run_of(design, 3), "caller") == [(0, 1, 1, 2), (1, 2, 2, 3), (2, 3, 3, 4)]


def test_a_timeout_ends_the_call_at_exactly_its_time():
    run = run_of(a_design({"front": front([{"to": "x", "timeout_ms": 1750.0}]), "x": wide(5)}), 2)
    assert latencies_s(run) == [1.75, 1.75]
    assert run.ending.tolist() == [Ending.FAILED] * 2
    assert run.calls["front.calls.0.0"].timeouts == 2


def test_an_answer_before_the_timeout_is_an_answer():
    run = run_of(a_design({"front": front([{"to": "x", "timeout_ms": 1750.0}]), "x": wide(1.5)}), 2)
    assert latencies_s(run) == [1.5, 1.5]
    assert run.ending.tolist() == [Ending.ANSWERED] * 2


def test_abandoned_work_still_occupies_the_server_below():
    run = run_of(a_design({"front": front([{"to": "x", **LATE}]), "x": service(5)}), 2)
    assert latencies_s(run) == [1, 1]
    assert log(run, "x") == [(0, 1, 1, 6), (1, 2, 6, 11)]


def test_cancelled_work_frees_the_server_at_once():
    run = run_of(a_design({"front": front([{"to": "x", **LATE, "cancel": True}]), "x": service(5)}), 3)
    assert log(run, "x") == [(0, 1, 1, 2), (1, 2, 2, 3), (2, 3, 3, 4)]


@pytest.mark.parametrize(
    ("backoff", "entered_s"),
    [("none", [1, 2, 3, 4]), ("exponential", [1, 3, 6, 10])],
)
def test_retries_start_after_their_pause(backoff, entered_s):
    retries = {"attempts": 4, "backoff": backoff, "base_ms": 1000.0, "cap_ms": 3000.0}
    run = run_of(a_design({"front": front([{"to": "x", **LATE, "retries": retries}]), "x": wide(50)}), 1)
    assert [row[1] for row in log(run, "x")] == entered_s
    assert run.ended_s.tolist() == [entered_s[-1] + 1]
    assert (run.calls["front.calls.0.0"].retries, run.calls["front.calls.0.0"].failures) == (3, 1)


def _shares_of_longest_pause(backoff, base_ms):
    """Each pause as a share of the longest that its attempt may have, shape (40, 2)."""
    retries = {"attempts": 3, "backoff": backoff, "base_ms": base_ms, "cap_ms": 1.5 * base_ms}
    run = run_of(a_design({"front": front([{"to": "x", **LATE, "retries": retries}]), "x": wide(50)}), 40)
    entered_s = np.array([row[1] for row in sorted(log(run, "x"))]).reshape(40, 3)
    return (np.diff(entered_s, axis=1) - 1) / (base_ms / 1000 * np.array([1, 1.5]))


@pytest.mark.parametrize(("backoff", "least"), [("full_jitter", 0.0), ("equal_jitter", 0.5)])
def test_jitter_spreads_the_pause_below_its_longest(backoff, least):
    shares = _shares_of_longest_pause(backoff, 1000.0)
    assert least - 1e-9 <= shares.min() < shares.max() <= 1 + 1e-9
    assert len(np.unique(shares.round(9))) == shares.size


def test_the_luck_of_a_pause_is_the_same_at_another_base():
    once, twice = (_shares_of_longest_pause("full_jitter", base_ms) for base_ms in (1000.0, 2000.0))
    assert once == pytest.approx(twice, abs=1e-9)


def test_both_jitters_use_the_same_luck():
    full, equal = (_shares_of_longest_pause(backoff, 1000.0) for backoff in ("full_jitter", "equal_jitter"))
    assert equal == pytest.approx((1 + full) / 2, abs=1e-9)


def test_a_retry_has_draws_of_its_own():
    retries = {"attempts": 3, "backoff": "none"}
    target = wide(service_time=exponential(100))
    run = run_of(a_design({"front": front([{"to": "x", "timeout_ms": 1.0, "retries": retries}]), "x": target}), 50)
    works = [round(ended - began, 6) for _, _, began, ended in log(run, "x")]
    assert len(works) == len(set(works)) == 150


def test_a_call_that_fails_without_timeout_is_tried_again_too():
    retries = {"attempts": 2, "backoff": "exponential", "base_ms": 1500.0, "cap_ms": 9000.0}
    design = a_design({"front": front([{"to": "x", "retries": retries}]), "x": service(2, queue={"limit": 0})})
    run = run_of(design, 2)
    assert log(run, "x") == [(0, 1, 1, 3), (1, 2, None, 2), (1, 3.5, 3.5, 5.5)]


def test_every_attempt_has_the_whole_timeout_and_goes_to_the_end_of_the_queue():
    call = {"to": "x", "timeout_ms": 3000.0, "retries": {"attempts": 2, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), "x": service(2)}, rate_per_s=2), 3)
    first = [(0, 0.5, 0.5, 2.5), (1, 1.0, 2.5, 4.5), (2, 1.5, 4.5, 6.5)]
    assert log(run, "x") == [*first, (1, 4.0, 6.5, 8.5), (2, 4.5, 8.5, 10.5)]
    assert run.ended_s.tolist() == [2.5, 7.0, 7.5]


def test_an_inner_timeout_is_bounded_by_the_outer_one():
    outer = {"to": "mid", "timeout_ms": 3000.0}
    inner = {"to": "x", "timeout_ms": 5000.0}
    run = run_of(a_design({"front": front([outer]), "mid": front([inner]), "x": wide(9)}), 1)
    assert latencies_s(run) == [3]
    assert [run.calls[f"{name}.calls.0.0"].timeouts for name in ("front", "mid")] == [1, 1]


def test_an_inner_timeout_reaches_the_outer_call_as_a_failure():
    outer = {"to": "mid", "timeout_ms": 5000.0}
    run = run_of(a_design({"front": front([outer]), "mid": front([{"to": "x", **LATE}]), "x": wide(9)}), 1)
    assert latencies_s(run) == [1]
    assert [run.calls[f"{name}.calls.0.0"].timeouts for name in ("front", "mid")] == [0, 1]


def test_a_request_that_every_attempt_refused_ends_as_refused():
    design = a_design({"front": front([{"to": "x"}]), "x": service(1.5, queue={"limit": 0})})
    assert run_of(design, 2).ending.tolist() == [Ending.ANSWERED, Ending.REFUSED]


def test_a_request_that_waited_too_long_ends_as_refused_when_its_turn_comes():
    design = a_design({"front": front([{"to": "x"}]), "x": service(3, queue={"drop_older_than_ms": 1500.0})})
    run = run_of(design, 2)
    assert log(run, "x") == [(0, 1, 1, 4), (1, 2, None, 4)]
    assert run.ending.tolist() == [Ending.ANSWERED, Ending.REFUSED]


@pytest.mark.parametrize(("places", "ending"), [(0, Ending.REFUSED), (1, Ending.FAILED)])
def test_the_last_attempt_decides_how_a_request_ends(places, ending):
    call = {"to": "x", **LATE, "retries": {"attempts": 2, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), "x": service(9, queue={"limit": places})}), 1)
    assert run.ending.tolist() == [ending]


def test_a_step_that_fails_ends_the_request_and_the_next_step_is_not_made():
    design = a_design({"front": front([{"to": "x", **LATE}], [{"to": "y"}]), "x": wide(2), "y": wide(1)})
    run = run_of(design, 1)
    assert (log(run, "y"), run.ending.tolist()) == ([], [Ending.FAILED])


def test_a_parallel_call_that_fails_fails_its_step_at_once_while_the_others_go_on():
    design = a_design({"front": front([{"to": "x", **LATE}, {"to": "y"}]), "x": wide(5), "y": wide(3)})
    run = run_of(design, 1)
    assert latencies_s(run) == [1]
    assert log(run, "y") == [(0, 1, 1, 4)]
