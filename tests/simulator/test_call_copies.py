"""Backup requests and fan-out: several copies of one call, and the answers that count."""

import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, exponential, front, latencies_s, log, run_of, service, slow, wide


def _hedged(after_s, cancel_loser=True, **more):
    return front([{"to": "x", "hedge": {"after_ms": after_s * 1000, "cancel_loser": cancel_loser}, **more}])


def _slow_at_first():
    """Work that begins before second 2 takes ten times as long."""
    return {"faults": [slow("x", 10, 0, 2)]}


@pytest.mark.parametrize(("cancel_loser", "first_ends_s"), [(True, 4), (False, 11)])
def test_a_backup_request_that_answers_first_wins(cancel_loser, first_ends_s):
    run = run_of(a_design({"front": _hedged(2, cancel_loser), "x": wide(1)}, **_slow_at_first()), 1)
    assert latencies_s(run) == [3]
    assert log(run, "x") == [(0, 1, 1, first_ends_s), (0, 3, 3, 4)]


def test_the_first_copy_may_still_win():
    run = run_of(a_design({"front": _hedged(2), "x": wide(3)}), 1)
    assert latencies_s(run) == [3]
    assert log(run, "x") == [(0, 1, 1, 4), (0, 3, 3, 4)]


def test_no_backup_request_is_sent_when_the_answer_is_early():
    run = run_of(a_design({"front": _hedged(2), "x": wide(1.5)}), 3)
    assert len(log(run, "x")) == 3
    assert run.calls["front.calls.0.0"].backup_requests == 0


def test_a_backup_request_waits_in_the_queue_like_any_other():
    run = run_of(a_design({"front": _hedged(2, cancel_loser=False), "x": service(3)}), 1)
    assert log(run, "x") == [(0, 1, 1, 4), (0, 3, 4, 7)]


def test_a_failure_before_the_backup_request_is_the_answer():
    design = a_design({"front": _hedged(2), "x": service(9, queue={"limit": 0})})
    run = run_of(design, 2)
    assert (run.ended_s[1], run.ending[1]) == (2, Ending.REFUSED)


def test_a_failure_after_the_backup_request_waits_for_the_other_copy():
    run = run_of(a_design({"front": _hedged(2), "x": service(3.5, queue={"limit": 1})}), 2)
    refused_backups = [(0, 3, None, 3), (1, 4, None, 4)]
    assert log(run, "x") == [(0, 1, 1, 4.5), (1, 2, 4.5, 8), *refused_backups]
    assert run.ended_s.tolist() == [4.5, 8]


def test_a_backup_request_has_draws_of_its_own():
    run = run_of(a_design({"front": _hedged(0, cancel_loser=False), "x": wide(service_time=exponential(1))}), 50)
    works = [round(ended - began, 9) for _, _, began, ended in log(run, "x")]
    assert len(set(works)) == 100


def test_a_hedged_request_ends_with_the_faster_of_its_copies():
    run = run_of(a_design({"front": _hedged(0.5, cancel_loser=False), "x": wide(service_time=exponential(1))}), 200)
    ends = {}
    for request, _, _, ended in log(run, "x"):
        ends[request] = min(ended, ends.get(request, ended))
    assert run.ended_s.tolist() == [ends[i] for i in range(200)]


def test_a_fan_out_waits_for_all_its_copies():
    run = run_of(a_design({"front": front([{"to": "x", "fan_out": {"copies": 3}}]), "x": service(2)}), 1)
    assert log(run, "x") == [(0, 1, 1, 3), (0, 1, 3, 5), (0, 1, 5, 7)]
    assert latencies_s(run) == [6]


@pytest.mark.parametrize(("cancel", "last_s"), [(False, 7), (True, 5)])
def test_a_fan_out_may_need_fewer_answers_than_it_asks_for(cancel, last_s):
    call = {"to": "x", "fan_out": {"copies": 3, "need": 2}, "cancel": cancel}
    run = run_of(a_design({"front": front([call]), "x": service(2)}), 1)
    assert latencies_s(run) == [4]
    assert log(run, "x")[-1][3] == last_s


def test_a_fan_out_bears_as_many_failures_as_it_has_copies_to_spare():
    call = {"to": "x", "fan_out": {"copies": 3, "need": 2}}
    run = run_of(a_design({"front": front([call]), "x": service(2, queue={"limit": 1})}), 1)
    assert latencies_s(run) == [4]


def test_a_fan_out_fails_with_the_first_failure_too_many():
    call = {"to": "x", "fan_out": {"copies": 3, "need": 2}}
    run = run_of(a_design({"front": front([call]), "x": service(2, queue={"limit": 0})}), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([0], [Ending.REFUSED])


def test_the_timeout_is_for_all_copies_together():
    call = {"to": "x", "fan_out": {"copies": 3}, "timeout_ms": 5000.0}
    run = run_of(a_design({"front": front([call]), "x": service(2)}), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([5], [Ending.FAILED])


def test_every_copy_may_have_a_backup_request():
    run = run_of(a_design({"front": _hedged(2, fan_out={"copies": 2}), "x": wide(1)}, **_slow_at_first()), 1)
    assert latencies_s(run) == [3]
    assert run.calls["front.calls.0.0"].backup_requests == 2


def test_copies_and_their_backup_requests_all_have_draws_of_their_own():
    node = _hedged(0, cancel_loser=False, fan_out={"copies": 3})
    run = run_of(a_design({"front": node, "x": wide(service_time=exponential(1))}), 40)
    works = [round(ended - began, 9) for _, _, began, ended in log(run, "x")]
    assert len(set(works)) == 240
