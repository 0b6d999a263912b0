"""Canaries, shadows and their undoing, by hand and by the luck of the draw."""

import numpy as np
import pytest

from simulator.results.run import Ending
from simulator.support import DoesNotRunYet
from tests.simulator.designs import a_design, balancer, front, kill, latencies_s, log, path_of, run_of, service, wide


def router(canary=0.5, undo=None, **shadow):
    routes = [{"to": "old", "share": 1 - canary}, {"to": "new", "share": canary}]
    if shadow:
        routes.append({"shadow": True, **shadow})
    return {"kind": "router", "routes": routes, **({"undo": undo} if undo else {})}


def parts_of(canary=0.5, old_s=1.0, new_s=2.0, **more):
    return {"r": router(canary, **more), "old": wide(old_s), "new": wide(new_s)}


def bad(at_s=0.0, for_s=None, **how):
    return {"kind": "bad_canary", "component": "r", "at_s": at_s, "for_s": for_s, **how}


def routes_of(run):
    return run.components["r"].routes


def taken(run):
    """The route of every request, in order of arrival."""
    kept = routes_of(run)
    return kept.route[np.argsort(kept.request, kind="stable")]


def test_every_request_takes_one_route_and_its_time():
    run = run_of(a_design(parts_of()), 200)
    assert latencies_s(run) == pytest.approx((1.0 + taken(run)).tolist())
    assert len(log(run, "old")) + len(log(run, "new")) == 200 == len(log(run, "r"))


@pytest.mark.parametrize("share", [0.01, 0.2, 0.9])
def test_the_canary_gets_its_share_within_the_luck_of_the_draw(share):
    n = 20_000
    got = int((taken(run_of(a_design(parts_of(share)), n)) == 1).sum())
    assert abs(got - n * share) <= 4 * (n * share * (1 - share)) ** 0.5


def test_three_routes_share_all_requests():
    routes = [{"to": name, "share": share} for name, share in (("old", 0.7), ("new", 0.2), ("newer", 0.1))]
    parts = {"r": {"kind": "router", "routes": routes}} | {name: wide() for name in ("old", "new", "newer")}
    counts = np.bincount(taken(run_of(a_design(parts), 10_000)), minlength=3)
    assert counts.sum() == 10_000
    for count, share in zip(counts, (0.7, 0.2, 0.1), strict=True):
        assert abs(count - 10_000 * share) <= 4 * (10_000 * share * (1 - share)) ** 0.5


def test_a_larger_share_only_adds_requests_to_the_canary():
    small, large = (taken(run_of(a_design(parts_of(share)), 2000)) for share in (0.1, 0.2))
    assert (large[small == 1] == 1).all()
    assert (large == 1).sum() > (small == 1).sum()


def test_a_shadow_copy_costs_the_target_and_never_the_request():
    run = run_of(a_design(parts_of(0.0, to="new", share=1.0)), 3)
    assert latencies_s(run) == [1.0] * 3
    assert log(run, "new") == [(0, 1.0, 1.0, 3.0), (1, 2.0, 2.0, 4.0), (2, 3.0, 3.0, 5.0)]
    kept = routes_of(run)
    assert sorted(zip(kept.route.tolist(), kept.ended_s.tolist(), strict=True)) == [
        (0, 2.0),
        (0, 3.0),
        (0, 4.0),
        (2, 3.0),
        (2, 4.0),
        (2, 5.0),
    ]


def test_only_a_share_of_the_requests_is_copied():
    n = 5000
    copies = len(log(run_of(a_design(parts_of(0.0, to="new", share=0.3)), n), "new"))
    assert abs(copies - 0.3 * n) <= 4 * (n * 0.3 * 0.7) ** 0.5


def test_a_shadow_copy_is_not_on_the_path_of_the_request():
    parts = {"r": router(0.0, to="shade", share=1.0), "old": wide(), "new": wide(), "shade": wide()}
    design = a_design(parts)
    assert path_of(design, run_of(design, 1), 0) == {("old", "work"): 1.0}


def test_a_route_whose_fallback_answers_gives_a_degraded_answer():
    call = {"to": "dead", "fallback": [{"answer_ms": 100.0}]}
    parts = {"r": router(0.0, to="old", share=1.0), "old": front([call]), "new": wide()}
    parts |= {"dead": balancer("corpse"), "corpse": service()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0.0)]), 3)
    assert (run.ending == Ending.DEGRADED).all()


def test_a_shadow_that_fails_harms_nobody_and_is_written_down():
    parts = {"r": router(0.0, to="dead", share=1.0), "old": wide(), "new": wide()}
    parts |= {"dead": balancer("corpse"), "corpse": service()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0.0)]), 3)
    assert (run.ending == Ending.ANSWERED).all()
    kept = routes_of(run)
    assert not kept.answered[kept.route == 2].any()
    assert int((kept.route == 2).sum()) == 3


def test_a_shadow_on_the_same_target_has_luck_of_its_own():
    time = {"kind": "exponential", "mean_ms": 1000.0}
    parts = {"r": router(0.0, to="old", share=1.0), "old": wide(service_time=time), "new": wide()}
    kept = routes_of(run_of(a_design(parts), 50))
    took = kept.ended_s - kept.sent_s
    for request in range(50):
        first, copy = took[kept.request == request]
        assert first != pytest.approx(copy)


def test_a_bad_canary_fails_after_its_work_and_only_while_it_is_bad():
    run = run_of(a_design(parts_of(1.0), faults=[bad(2.5, 2.0, failure_share=1.0)]), 6)
    assert latencies_s(run) == [2.0] * 6
    failed = [Ending.ANSWERED] * 2 + [Ending.FAILED] * 2 + [Ending.ANSWERED] * 2
    assert run.ending.tolist() == failed


def test_a_bad_canary_fails_a_share_of_its_requests():
    n = 5000
    failed = int((run_of(a_design(parts_of(1.0), faults=[bad(failure_share=0.3)]), n).ending == Ending.FAILED).sum())
    assert abs(failed - 0.3 * n) <= 4 * (n * 0.3 * 0.7) ** 0.5


def test_a_bad_canary_is_slow_and_the_first_route_is_not():
    run = run_of(a_design(parts_of(), faults=[bad(slow_factor=3.0)]), 50)
    assert latencies_s(run) == pytest.approx(np.where(taken(run) == 1, 6.0, 1.0).tolist())


def test_the_canary_is_undone_when_too_many_fail():
    undo = {"metric": "failure_share", "above": 0.5, "window_s": 1000.0}
    run = run_of(a_design(parts_of(1.0, undo=undo), faults=[bad(10.5, failure_share=1.0)]), 60)
    # answers come at 3, 4, ...; those of 13 and later fail; 11 of 21 are more than half
    assert routes_of(run).undone_s == 23.0
    assert taken(run).tolist() == [1] * 23 + [0] * 37  # who comes at 23 comes just before the answer


def test_fewer_than_twenty_answers_are_no_verdict():
    undo = {"metric": "failure_share", "above": 0.5, "window_s": 1000.0}
    run = run_of(a_design(parts_of(1.0, undo=undo), faults=[bad(failure_share=1.0)]), 60)
    assert routes_of(run).undone_s == 22.0  # the twentieth answer


def test_answers_older_than_the_window_do_not_count():
    undo = {"metric": "failure_share", "above": 0.5, "window_s": 25.0}
    run = run_of(a_design(parts_of(1.0, undo=undo), faults=[bad(50.5, failure_share=1.0)]), 90)
    assert routes_of(run).undone_s == 65.0  # 13 of the last 25; the first failure is answered at 53


def test_a_canary_that_is_too_slow_is_undone_by_its_p99():
    undo = {"metric": "p99_ms", "above": 5000.0, "window_s": 1000.0}
    run = run_of(a_design(parts_of(1.0, undo=undo), faults=[bad(30.5, slow_factor=3.0)]), 60)
    # below 100 answers the nearest rank of the p99 is the slowest, and the first slow one arrives at 31
    assert routes_of(run).undone_s == 37.0


def test_a_canary_as_good_as_promised_stays():
    undo = {"metric": "failure_share", "above": 0.5, "window_s": 1000.0}
    run = run_of(a_design(parts_of(0.5, undo=undo), faults=[bad(failure_share=0.2)]), 2000)
    assert routes_of(run).undone_s == np.inf


def test_a_failed_shadow_does_not_undo_the_canary():
    undo = {"metric": "failure_share", "above": 0.1, "window_s": 1000.0}
    parts = {"r": router(0.5, undo=undo, to="dead", share=1.0), "old": wide(), "new": wide()}
    parts |= {"dead": balancer("corpse"), "corpse": service()}
    assert routes_of(run_of(a_design(parts, faults=[kill("corpse", 0.0)]), 100)).undone_s == np.inf


def test_a_withdrawn_request_is_no_verdict_on_the_canary():
    undo = {"metric": "failure_share", "above": 0.1, "window_s": 1000.0}
    parts = {"a": front([{"to": "r", "timeout_ms": 1500, "cancel": True}]), **parts_of(1.0, undo=undo)}
    run = run_of(a_design(parts), 50)
    assert (run.ending == Ending.FAILED).all()
    assert routes_of(run).undone_s == np.inf
    assert len(routes_of(run).route) == 0


@pytest.mark.slow
def test_shares_hold_for_every_seed():
    n, share = 2000, 0.3
    got = [int((taken(run_of(a_design(parts_of(share)), n, seed=seed)) == 1).sum()) for seed in range(20)]
    assert abs(sum(got) - 20 * n * share) <= 4 * (20 * n * share * (1 - share)) ** 0.5


def routes_taken(routes):
    parts = {"r": {"kind": "router", "routes": routes}} | {route["to"]: wide() for route in routes}
    return taken(run_of(a_design(parts), 2000)).tolist()


def test_the_first_route_without_a_share_takes_what_the_others_leave():
    """The same luck sends the same requests to the same routes as if the share had been written."""
    said, left = (
        routes_taken([{"to": "old", **first}, {"to": "new", "share": 0.25}]) for first in ({"share": 0.75}, {})
    )
    assert said == left
    assert 0.2 < sum(said) / len(said) < 0.3


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ([{"to": "old", "share": 0.5}, {"to": "new"}], "routes.1.share is missing, and only the first route takes"),
        ([{"to": "old"}, {"to": "new", "share": 0.75}, {"to": "third", "share": 0.5}], "shares that add up to 1.25"),
    ],
)
def test_only_the_first_route_can_go_without_a_share(routes, said):
    with pytest.raises(DoesNotRunYet, match=said):
        routes_taken(routes)
