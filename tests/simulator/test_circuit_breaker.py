"""A circuit breaker opens, waits, tries once and closes, at exact times; requests come every second from second 1."""

import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, front, latencies_s, log, run_of, slow, wide

PLACE = "front.calls.0.0"
LATE = {"timeout_ms": 500.0}
ANSWERED, REFUSED, FAILED = Ending.ANSWERED, Ending.REFUSED, Ending.FAILED


def _run(arrivals, faults, open_s=2.5, window=4, share=0.5, rate_per_s=1.0, **more):
    breaker = {"window": window, "failure_share": share, "open_s": open_s}
    design = a_design(
        {"front": front([{"to": "x", **LATE, "circuit_breaker": breaker, **more}]), "x": wide(0.25)},
        rate_per_s=rate_per_s,
        faults=faults,
    )
    return run_of(design, arrivals)


def _slow(from_s, for_s):
    return slow("x", 100, from_s, for_s)


def test_it_opens_waits_tries_once_and_closes():
    run = _run(10, [_slow(2.5, 3)])
    # answered at 1 and 2, timed out at 3 and 4: half of the last four, so open from 4.5 to 7
    wanted = [ANSWERED, ANSWERED, FAILED, FAILED, REFUSED, REFUSED, ANSWERED, ANSWERED, ANSWERED, ANSWERED]
    assert run.ending.tolist() == wanted
    assert run.calls[PLACE].circuit_changes == [(4.5, "open"), (7.0, "half-open"), (7.25, "closed")]
    assert run.calls[PLACE].circuit_refusals == 2


def test_it_fails_at_once_and_does_not_ask_while_it_is_open():
    run = _run(6, [_slow(2.5, 3)])
    assert latencies_s(run)[4:] == [0, 0]
    assert [row[0] for row in log(run, "x")] == [0, 1, 2, 3]


def test_a_failed_trial_opens_it_for_as_long_again():
    run = _run(10, [_slow(2.5, 5)])
    changes = [(4.5, "open"), (7.0, "half-open"), (7.5, "open"), (10.0, "half-open"), (10.25, "closed")]
    assert run.calls[PLACE].circuit_changes == changes
    assert run.ending.tolist()[4:] == [REFUSED, REFUSED, FAILED, REFUSED, REFUSED, ANSWERED]


def test_only_one_attempt_is_let_through_while_it_is_half_open():
    run = _run(8, [_slow(2.5, 10)], rate_per_s=1.0, timeout_ms=1500.0, open_s=1.0, window=2, share=1.0)
    # 3 and 4 time out at 4.5 and 5.5 (5 is sent before that); 7 is the trial until 8.5; 8 finds it under way
    assert run.calls[PLACE].circuit_changes[:3] == [(5.5, "open"), (7.0, "half-open"), (8.5, "open")]
    assert [row[0] + 1 for row in log(run, "x")] == [1, 2, 3, 4, 5, 7]
    assert run.ending.tolist()[5:] == [REFUSED, FAILED, REFUSED]


def test_it_does_not_open_before_its_window_is_full():
    run = _run(6, [_slow(0, 4.5)], window=6, share=0.5, open_s=9.0)
    assert run.ending.tolist() == [FAILED] * 4 + [ANSWERED] * 2
    assert run.calls[PLACE].circuit_changes == [(6.25, "open")]


def test_it_looks_at_the_last_calls_only():
    faults = [_slow(1.5, 1), _slow(5.5, 1), _slow(9.5, 1)]
    run = _run(12, faults, window=4, share=0.5)
    assert run.calls[PLACE].circuit_changes == []


def test_after_it_has_closed_it_counts_from_zero():
    run = _run(12, [_slow(2.5, 3), _slow(7.5, 1)])
    # only one of 7, 8, 9, 10 failed; with the old failures in the window it would have opened at 8.5
    assert [state for _, state in run.calls[PLACE].circuit_changes] == ["open", "half-open", "closed"]
    again = _run(12, [_slow(2.5, 3), _slow(7.5, 9)])  # 8, 9, 10 and 11 fill a new window
    assert again.calls[PLACE].circuit_changes[3] == (11.5, "open")


def test_a_fallback_answers_while_it_is_open():
    run = _run(6, [_slow(2.5, 3)], fallback=[{"answer_ms": 125.0}])
    assert (run.ending.tolist()[4:], latencies_s(run)[4:]) == ([Ending.DEGRADED] * 2, [0.125] * 2)


def test_each_attempt_counts_and_no_retry_is_made_while_it_is_open():
    run = _run(5, [_slow(0, 4)], window=4, retries={"attempts": 3, "backoff": "none"}, open_s=1.5)
    # Four attempts fail until 2.5. The request of second 2 is about to retry then and is refused, as is that of
    # second 3, which does not retry; that of second 4 is the trial.
    counts = run.calls[PLACE]
    assert counts.circuit_changes == [(2.5, "open"), (4.0, "half-open"), (4.25, "closed")]
    assert [row[1] for row in log(run, "x")] == [1, 1.5, 2, 2, 4, 5]
    assert (counts.retries, counts.circuit_refusals) == (3, 2)


def test_what_began_before_it_opened_does_not_close_it():
    run = _run(5, [_slow(1.5, 1)], window=1, share=1.0, timeout_ms=2125.0, open_s=9.0)
    assert run.calls[PLACE].circuit_changes == [(4.125, "open")]  # the request of second 4 is answered at 4.25
    assert run.ending.tolist() == [ANSWERED, FAILED, ANSWERED, ANSWERED, REFUSED]


def test_a_withdrawn_trial_lets_the_next_attempt_be_the_trial():
    inner = {"to": "x", "circuit_breaker": {"window": 1, "failure_share": 1.0, "open_s": 1.0}}
    outer = {"to": "mid", "timeout_ms": 500.0, "cancel": True}
    parts = {"front": front([outer]), "mid": front([inner]), "x": wide(0.25)}
    error = {"kind": "error_rate", "component": "x", "share": 1.0, "at_s": 0.0, "for_s": 1.5}
    run = run_of(a_design(parts, faults=[error, _slow(2.5, 1)]), 4)
    assert run.ending.tolist() == [FAILED, REFUSED, FAILED, ANSWERED]
    changes = [(1.25, "open"), (3.0, "half-open"), (4.0, "half-open"), (4.25, "closed")]
    assert run.calls["mid.calls.0.0"].circuit_changes == changes


@pytest.mark.parametrize(("share", "changes"), [(0.5, [(4.25, "open")]), (0.51, []), (1.0, [])])
def test_the_share_is_enough_to_open_it_and_less_is_not(share, changes):
    run = _run(8, [_slow(1.5, 2)], window=4, share=share, open_s=50.0)
    assert run.calls[PLACE].circuit_changes == changes


def test_without_a_failure_it_stays_closed_whatever_its_share():
    assert _run(8, [], window=2, share=0.0).calls[PLACE].circuit_changes == []
