"""How many machines a promise needs, by hand, by law and by simulation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.capacity import Demand, NoNumber, cell_design, fewest_machines
from simulator.design_file import read_design, write_design
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings

KINDS = ("p99_latency", "p99_wait", "mean_wait")
TWO_ERLANGS = Demand(100, 20)


def test_the_mean_wait_of_three_machines_is_that_of_the_textbook():
    assert TWO_ERLANGS.offered_load() == 2
    assert TWO_ERLANGS.promised_ms("mean_wait", 3) == pytest.approx(4 / 9 * 20)  # C(2, 3) S / (c - a)


@pytest.mark.parametrize(("promise_ms", "machines"), [(8.9, 3), (8.8, 4), (1.75, 4), (1.7, 5)])
def test_the_fewest_machines_follow_from_the_table(promise_ms, machines):
    # C(2, 3) = 4/9 and C(2, 4) = 4/23, so that the mean waits are 8.89 and 1.74 ms
    assert fewest_machines(TWO_ERLANGS, "mean_wait", promise_ms) == machines


demands = st.builds(
    Demand,
    rate_per_s=st.floats(0.01, 1e6),
    service_ms=st.floats(0.01, 1e4),
    slots=st.integers(1, 64),
    arrival_scv=st.floats(0, 10),
    service_scv=st.floats(0, 10),
)


@settings(max_examples=60)
@given(demands, st.sampled_from(KINDS), st.floats(0.1, 50))
def test_the_promise_is_kept_by_that_many_and_missed_with_one_fewer(demand, kind, times):
    promise_ms = demand.service_ms * times
    try:
        machines = fewest_machines(demand, kind, promise_ms)
    except NoNumber:
        return
    assert demand.promised_ms(kind, machines) <= promise_ms * (1 + 1e-9)
    if machines > demand.least_machines():
        assert demand.promised_ms(kind, machines - 1) > promise_ms * (1 - 1e-9)
    else:
        assert (machines - 1) * demand.slots <= demand.offered_load() * (1 + 1e-9)


@settings(max_examples=40)
@given(demands, st.sampled_from(KINDS), st.floats(0.1, 50), st.floats(1, 10))
def test_more_traffic_never_needs_fewer_machines(demand, kind, times, growth):
    promise_ms = demand.service_ms * times
    more = Demand(demand.rate_per_s * growth, demand.service_ms, demand.slots, demand.arrival_scv, demand.service_scv)
    try:
        needed = fewest_machines(more, kind, promise_ms)
    except NoNumber:
        return
    assert fewest_machines(demand, kind, promise_ms) <= needed


def test_a_p99_below_that_of_the_service_alone_has_no_number_of_machines():
    # the p99 of an exponential of 20 ms is 20 ln 100 = 92.1 ms
    assert fewest_machines(TWO_ERLANGS, "p99_latency", 92.2) > 3
    with pytest.raises(NoNumber, match="no number of machines keeps a p99 of 92 ms"):
        fewest_machines(TWO_ERLANGS, "p99_latency", 92)


def test_a_slip_of_a_unit_gets_a_sentence_and_no_search():
    with pytest.raises(NoNumber, match="more than 10,000,000 machines"):
        fewest_machines(Demand(1e9, 1e6), "mean_wait", 10)


def test_a_small_pool_is_simulated_whole_and_a_large_one_in_parts_of_the_same_cost():
    whole = cell_design(TWO_ERLANGS, 3, zones=3, usd_per_hour=0.5, p99_ms=150)
    assert (whole.cell.fraction, whole.components["machines"].replicas, whole.traffic.arrival_rate_per_s) == (1, 3, 100)
    assert (whole.promise.p99_ms, whole.zones) == (150, 3)
    part = cell_design(Demand(100_000, 20), 2500)
    assert part.cell.fraction == pytest.approx(1 / 13)
    assert part.traffic.arrival_rate_per_s == pytest.approx(100_000 / 13)
    assert part.components["machines"].replicas == 193  # 2,500 / 13, rounded up


@pytest.mark.parametrize(("scv", "gaps", "service"), [(0, "evenly_spaced", "constant"), (1, "poisson", "exponential")])
def test_the_design_has_the_variability_of_the_estimate(scv, gaps, service):
    design = cell_design(Demand(100, 20, 4, scv, scv), 2)
    assert (design.traffic.arrivals.kind, design.components["machines"].service_time.kind) == (gaps, service)
    assert design.components["machines"].concurrency == 4
    uneven = cell_design(Demand(100, 20, 1, 2.5, 0.5), 3)
    assert (uneven.traffic.arrivals.scv, uneven.components["machines"].service_time.scv) == (2.5, 0.5)
    assert read_design(write_design(uneven)) == uneven


@pytest.mark.slow
def test_the_simulated_machines_wait_as_the_formula_says():
    demand = Demand(230, 20)  # 4.6 of 6
    summary = summarize(replicate(cell_design(demand, 6), RunSettings(seed=3, replications=8, requests=20_000)))
    [machines] = summary.components
    p99 = summary.latency.p99_ms
    assert machines.mean_wait_ms == pytest.approx(demand.promised_ms("mean_wait", 6), rel=0.06)
    assert p99 is not None
    assert p99.value == pytest.approx(demand.promised_ms("p99_latency", 6), rel=0.03)
