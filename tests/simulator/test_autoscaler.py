"""Replicas that follow a metric: the decisions of a Kubernetes HPA by hand, and the laws of growing and shrinking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.draws import Draws
from simulator.results.levels import busy_s, capacity_s, mean_replicas
from simulator.results.run import Ending
from simulator.support import DoesNotRunYet, check
from tests.simulator.designs import (
    a_design,
    balancer,
    breakdowns,
    exponential,
    kill,
    log,
    lose_zone,
    model_server,
    replications_of,
    run_of,
    service,
    wide,
)


def _rules(metric="utilization", target=0.5, **more):
    """Look every 10 s, start at once, shrink at once, unless `more` says otherwise."""
    quick = {"period_s": 10.0, "start_delay_s": 0.0, "cool_down_s": 0.0, "minimum": 1, "maximum": 100}
    return {"metric": metric, "target": target, **quick, **more}


def _replicas(run, until_s=np.inf):
    """What is paid for at the end of each moment at which it changes."""
    return {at_s: number for at_s, number in run.components["x"].replicas if at_s <= until_s}


def _slots(run, until_s=np.inf):
    steps, seen = {}, None
    for at_s, slots in run.components["x"].capacity:
        if at_s <= until_s and slots != seen:
            steps[at_s] = seen = slots
    return steps


FULL = {"service": service(1), "model_server": model_server(1, 1), "shared": service(1, sharing="processor_sharing")}


@pytest.mark.parametrize("kind", FULL)
def test_a_full_component_grows_as_a_kubernetes_hpa_would(kind):
    """Always busy, target one half, 15 s to start, at most 4 more or twice as many a minute.

    10 s: twice 2 is 4. 20 s: 2 are ready and 2 idle ones start, which is just enough. 30 s: twice 4 is 8, but at most 6
    within the minute; so it stays. 70 s: the first step is a minute old, so 4 + 4. 90 s: the second is, so twice 6.
    """
    rules = _rules(start_delay_s=15.0)
    run = run_of(a_design({"x": {**FULL[kind], "replicas": 2, "autoscaling": rules}}, 20.0), 95 * 20)
    assert _replicas(run, 95) == {0: 2, 10: 4, 30: 6, 70: 8, 90: 12}
    assert _slots(run, 110) == {0: 2, 25: 4, 45: 6, 85: 8, 105: 12} | {
        at_s: slots for at_s, slots in _slots(run, 110).items() if at_s > 105
    }


def test_it_shrinks_to_the_highest_wish_of_the_cool_down_and_lets_work_be_finished():
    """One of eight is busy, and two would do; the eight of second 0 count until second 50.

    The last six go: five at once and the busy one at second 51.
    """
    rules = _rules(cool_down_s=50.0)
    run = run_of(a_design({"x": service(1, replicas=8, autoscaling=rules)}), 70)
    assert _replicas(run, 70) == {0: 8, 50: 3, 51: 2}
    assert _slots(run, 70) == {0: 8, 50: 3, 51: 2}
    assert (run.ended_s - run.arrived_s).tolist() == [1.0] * 70


def test_one_that_starts_counts_as_idle_when_the_metric_is_held_against_its_target():
    """From second 10 on 6.25 are inside on average. Second 20: 5 are ready, so 7 are wanted, and one more is allowed.

    Second 50: the next could come, but 6.25 on six is within a tenth of the target, though one still starts.
    """
    rules = _rules("concurrency", 1.0, start_delay_s=99.0, add_at_most=1, multiply_at_most=1.2, scale_up_window_s=25.0)
    run = run_of(a_design({"x": wide(6.25, replicas=5, autoscaling={**rules, "cool_down_s": 1e6})}), 70)
    assert _replicas(run, 70) == {0: 5, 20: 6}


@pytest.mark.parametrize(("target", "replicas"), [(1.9, {0: 1}), (1.8, {0: 1, 10: 2})])
def test_a_tenth_above_the_target_is_let_pass(target, replicas):
    """Two requests are inside from second 2 on, and over the first ten seconds (1 + 2 * 8) / 10 = 1.7, then 2 ..."""
    rules = _rules("concurrency", target * 0.85, cool_down_s=1e6)
    run = run_of(a_design({"x": wide(2.0, autoscaling=rules)}), 10)
    assert _replicas(run, 10) == replicas


def test_concurrency_counts_who_is_served_and_who_waits_by_replica():
    """Second 10: nine have come, one a second, and one is done with 5 s of work: the mean is 3.7 on two replicas."""
    run = run_of(a_design({"x": service(5, replicas=2, autoscaling=_rules("concurrency", 1.0, cool_down_s=1e6))}), 10)
    inside = sum(max(0.0, 10 - at_s) - max(0.0, 10 - end_s) for _, at_s, _, end_s in log(run, "x")) / 10
    assert _replicas(run, 10)[10] == np.ceil(inside)


def test_queue_delay_is_the_mean_wait_of_those_whose_work_began():
    """Work takes 2 s: until second 10, begin the waits 0, 1, 2, 3, 4 (5 of them at 1, 3, 5, 7, 9), 2 s on average."""
    run = run_of(a_design({"x": service(2, autoscaling=_rules("queue_delay_ms", 700.0, cool_down_s=1e6))}), 10)
    assert _replicas(run, 10) == {0: 1, 10: 3}


def test_queue_delay_is_the_age_of_the_oldest_if_no_work_began():
    """Second 10: the one that began had not waited. Second 20: none has begun, and the second has waited for 18 s."""
    run = run_of(a_design({"x": service(99, autoscaling=_rules("queue_delay_ms", 6000.0))}), 20)
    assert _replicas(run, 20) == {0: 1, 20: 3}


def test_replicas_that_still_start_are_the_first_to_go():
    """Second 10: about 9.5 are inside, which would take 10, but 4 more a minute are allowed. Second 20: none is."""
    rules = _rules("concurrency", 1.0, start_delay_s=30.0)
    profile = {"kind": "steps", "points": [[10, 0.004]]}
    run = run_of(a_design({"x": wide(1.0, replicas=2, autoscaling=rules)}, 10.0, profile=profile), 400)
    assert _replicas(run, 40) == {0: 2, 10: 6, 20: 1}
    assert _slots(run, 39) == {0: 2000, 20: 1000}


def test_too_few_or_too_many_are_corrected_at_once():
    """The bounds hold whatever the metric says, the window allows and the cool-down asks for."""
    for replicas, bounds in ((1, (7, 9)), (20, (7, 9))):
        rules = _rules(minimum=bounds[0], maximum=bounds[1], cool_down_s=1e6, period_s=9.5)
        run = run_of(a_design({"x": service(0.1, replicas=replicas, autoscaling=rules)}), 12)
        assert _replicas(run, 12) == {0: replicas, 9.5: bounds[0] if replicas == 1 else bounds[1]}


def test_dead_replicas_are_replaced_and_who_waits_is_served():
    part = service(1, replicas=2, autoscaling=_rules(minimum=2, maximum=2, start_delay_s=3.0))
    run = run_of(a_design({"x": part}, faults=[kill("x", 4.5, replicas=2)]), 8)
    assert _slots(run, 20) == {0: 2, 4.5: 0, 13: 2}
    assert run.ending.tolist().count(Ending.FAILED) == 1
    assert min(began for _, _, began, _ in log(run, "x") if began > 4.5) == 13


def test_who_pays_pays_for_the_replicas_that_there_were():
    """Eight until second 50, then three, then two from second 51 to 100.5."""
    part = service(1, replicas=8, autoscaling=_rules(cool_down_s=50.0), usd_per_replica_hour=2.0)
    design = a_design({"x": part})
    mean = (8 * 50 + 3 + 2 * 49.5) / 100.5
    some = replications_of(design, 100)
    assert mean_replicas(some.runs[0].components["x"], 0.0, 100.5) == pytest.approx(mean)
    assert some.cost.usd_per_hour == pytest.approx(2 * mean)


def test_starting_replicas_cost_before_they_work():
    rules = _rules(start_delay_s=50.0, maximum=2)
    run = run_of(a_design({"x": service(1, autoscaling=rules)}, 2.0), 100)
    assert _replicas(run, 50) == {0: 1, 10: 2}
    assert _slots(run, 59) == {0: 1}


def test_nobody_looks_any_more_when_all_requests_have_ended():
    run = run_of(a_design({"x": service(1, replicas=5, autoscaling=_rules(cool_down_s=100.0))}), 20)
    assert _replicas(run) == {0: 5}


@given(
    seed=st.integers(0, 2**31),
    kind=st.sampled_from(["service", "shared", "model_server"]),
    metric=st.sampled_from([("utilization", 0.6), ("concurrency", 2.0), ("queue_delay_ms", 50.0)]),
    cool_down_s=st.floats(0, 0.5),
    at_s=st.floats(0, 1),
    policy=st.none() | st.sampled_from(["round_robin", "least_outstanding", "power_of_d", "consistent_hash"]),
    breaks=st.booleans(),
)
@settings(deadline=None, max_examples=100)
def test_whatever_comes_and_goes_everyone_ends_and_nobody_works_beyond_capacity(
    seed, kind, metric, cool_down_s, at_s, policy, breaks
):
    times = {"period_s": 0.05, "start_delay_s": 0.08, "scale_up_window_s": 0.2, "cool_down_s": cool_down_s}
    rules = _rules(*metric, **times, minimum=2, maximum=9)
    if kind == "shared" and metric[0] == "queue_delay_ms":
        rules["metric"], rules["target"] = "concurrency", 1.5
    parts = {
        "service": service(concurrency=2, service_time=exponential(0.05)),
        "shared": service(concurrency=2, service_time=exponential(0.05), sharing="processor_sharing"),
        "model_server": model_server(3, 0.05, 0.01, streams=2),
    }
    components = {"x": {**parts[kind], "replicas": 3, "autoscaling": rules}}
    if policy:
        components = {"lb": balancer("x", policy), **components}
    spike = {"kind": "traffic_spike", "at_s": at_s, "for_s": 0.3, "factor": 4.0}
    faults = [spike, kill("x", at_s, 0.3), lose_zone(1 - at_s, 0.3)]
    faults += [breakdowns("x", 0.3, 0.1)] if breaks else []
    run = run_of(a_design(components, 60.0, arrivals={"kind": "poisson"}, faults=faults, zones=2), 90, seed=seed)
    assert not np.isnan(run.ended_s).any()
    record, last_s = run.components["x"], float(np.nanmax(run.ended_s, initial=1)) + 1
    visits = record.visits
    moments = [at for at, _ in record.capacity] + visits.entered_s.tolist() + visits.ended_s.tolist()
    moments += visits.started_s[~np.isnan(visits.started_s)].tolist()
    edges = np.unique([0.0, last_s, *(at for at in moments if at < last_s)])
    assert (busy_s(record, edges) <= capacity_s(record, edges) + 1e-9).all()
    assert all(slots >= 0 for _, slots in record.capacity)
    assert all(paid >= 0 for _, paid in record.replicas)


@given(seed=st.integers(0, 2**31), least=st.integers(1, 3), load=st.floats(0.5, 2))
@settings(deadline=None, max_examples=30)
def test_who_never_has_fewer_replicas_never_makes_anybody_wait_longer(seed, least, load):
    """Nobody is refused and all are served in their order: every request ends no later, and so in time if it was."""
    rules = _rules(target=0.6, minimum=least, maximum=8, period_s=0.1, start_delay_s=0.05)
    plain = service(service_time=exponential(0.05), replicas=least)
    fixed, scaled = (
        run_of(a_design({"x": part}, load * least * 20, arrivals={"kind": "poisson"}), 200, seed=seed)
        for part in (plain, {**plain, "autoscaling": rules})
    )
    assert (scaled.ended_s <= fixed.ended_s + 1e-9).all()
    work_s = Draws(seed, 0, len(fixed.arrived_s)).durations_s("x", a_design({"x": plain}).components["x"].service_time)
    visits = scaled.components["x"].visits
    assert (visits.ended_s - visits.started_s) == pytest.approx(work_s[visits.request])


REFUSED = [
    ({"x": service(autoscaling=_rules(minimum=3, maximum=2))}, [], "components.x.autoscaling.minimum is 3"),
    (
        {"x": service(autoscaling=_rules("queue_delay_ms"), sharing="processor_sharing")},
        [],
        "components.x.autoscaling.metric is 'queue_delay_ms'",
    ),
]


@pytest.mark.parametrize(("parts", "faults", "said"), REFUSED)
def test_what_cannot_scale_is_refused_with_the_reason(parts, faults, said):
    with pytest.raises(DoesNotRunYet) as refused:
        check(design_from(a_design(parts, faults=faults).model_dump(mode="json")))
    [problem] = refused.value.problems
    assert problem.startswith(said)
