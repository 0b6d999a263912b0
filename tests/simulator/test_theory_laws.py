"""What must hold for all parameters: more load never helps, percentiles rise, shares stay within 0 to 1."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.theory.balancing import (
    power_of_d_mean_sojourn,
    power_of_d_sojourn_percentile,
    round_robin_mean_sojourn,
    round_robin_sojourn_percentile,
)
from simulator.theory.batching import GreedyBatching, batch_window, bulk_service
from simulator.theory.caching import che_hit_ratio, perfect_hit_ratio, ttl_hit_ratio, zipf_popularity
from simulator.theory.fanout import fork_join_mean_sojourn, fork_join_upper_bound, lognormal_sum_percentile
from simulator.theory.llm import ContinuousBatching
from simulator.theory.pools import (
    BoundedPool,
    DeterministicPool,
    FiniteSource,
    allen_cunneen_wait,
    erlang_b,
    erlang_c,
    mmc_mean_wait,
    mmc_sojourn_percentile,
    mmc_wait_percentile,
)
from simulator.theory.queues import (
    cobham_wait,
    hyperexponential_erlang_wait,
    kingman_upper_bound,
    mg1_lognormal_wait_percentile,
    mm1_mean_wait,
    mm1_mean_wait_from_empty,
    mm1_sojourn_percentile,
    mm1_wait_percentile,
    pollaczek_khinchine_wait,
    tandem_sojourn_percentile,
)
from simulator.theory.reliability import BreakdownServer, k_of_n_availability
from simulator.theory.retries import expected_attempts, queue_timeout_share, uncancelled_goodput_share

LOADS = st.tuples(st.floats(0.01, 0.97), st.floats(0.01, 0.97)).map(sorted)
SHARES = st.tuples(st.floats(0.01, 0.999), st.floats(0.01, 0.999)).map(sorted)
SLACK = 1 + 1e-6

WAITS = {
    "M/M/1": lambda rho: mm1_mean_wait(rho, 1.0),
    "M/M/5": lambda rho: mmc_mean_wait(5 * rho, 1.0, 5),
    "M/D/3": lambda rho: DeterministicPool(3 * rho, 1.0, 3).mean_wait(),
    "M/G/1": lambda rho: pollaczek_khinchine_wait(rho, 1.0, 4.0),
    "H2/E4/1": lambda rho: hyperexponential_erlang_wait(rho, 1.0, 4.0, 4),
    "M/M/1 from empty": lambda rho: mm1_mean_wait_from_empty(rho, 1.0, 50),
    "high class": lambda rho: cobham_wait([rho / 2, rho / 2], [1.0, 1.0], [1.0, 1.0])[0],
    "M/M/3/9": lambda rho: BoundedPool(3 * rho, 1.0, 3, 9).mean_sojourn(),
    "Erlang B": lambda rho: erlang_b(8 * rho, 8),
    "Erlang C": lambda rho: erlang_c(8 * rho, 8),
    "round robin": lambda rho: round_robin_mean_sojourn(4 * rho, 1.0, 4),
    "power of two": lambda rho: power_of_d_mean_sojourn(rho, 1.0, 2),
    "fork-join": lambda rho: fork_join_mean_sojourn(rho, 1.0, 5),
    "full batches": lambda rho: GreedyBatching(16 * rho, 0.84, 0.01, 16).mean_sojourn(),
    "breakdowns": lambda rho: BreakdownServer(0.9 * rho, 1.0, 90.0, 10.0).mean_sojourn(),
    "token batches": lambda rho: ContinuousBatching(rho, 10.0, 1.0, 0.1).mean_sojourn(),
    "impatient": lambda rho: queue_timeout_share(rho, 1.0, 5.0),
    "not cancelled": lambda rho: 1 - uncancelled_goodput_share(rho, 1.0, 5.0),
}

PERCENTILES = {
    "M/M/1": lambda rho, share: mm1_sojourn_percentile(rho, 1.0, share),
    "M/M/1 wait": lambda rho, share: mm1_wait_percentile(rho, 1.0, share),
    "M/M/5": lambda rho, share: mmc_sojourn_percentile(5 * rho, 1.0, 5, share),
    "M/M/5 wait": lambda rho, share: mmc_wait_percentile(5 * rho, 1.0, 5, share),
    "M/D/3 wait": lambda rho, share: DeterministicPool(3 * rho, 1.0, 3).wait_percentile(share),
    "M/G/1 wait": lambda rho, share: mg1_lognormal_wait_percentile(rho, 1.0, 4.0, share),
    "M/M/3/9": lambda rho, share: BoundedPool(3 * rho, 1.0, 3, 9).sojourn_percentile(share),
    "tandem": lambda rho, share: tandem_sojourn_percentile(rho, [1.0, 0.5], share),
    "round robin": lambda rho, share: round_robin_sojourn_percentile(4 * rho, 1.0, 4, share),
    "power of two": lambda rho, share: power_of_d_sojourn_percentile(rho, 1.0, 2, share),
    "greedy batches": lambda rho, share: GreedyBatching(8 * rho, 0.5, 0.1).sojourn_percentile(share),
    "full batches": lambda rho, share: GreedyBatching(4 * rho, 0.84, 0.04, 4).sojourn_percentile(share),
    "breakdowns": lambda rho, share: BreakdownServer(0.9 * rho, 1.0, 90.0, 10.0).sojourn_percentile(share),
    "token batches": lambda rho, share: ContinuousBatching(rho, 10.0, 1.0, 0.1).exponential_sojourn_percentile(share),
    "sum": lambda rho, share: lognormal_sum_percentile([1.0, 5.0], [4.0, 9.0], share),
}


@pytest.mark.parametrize("system", WAITS)
@given(loads=LOADS)
@settings(max_examples=25, deadline=None)
def test_more_load_never_helps(system, loads):
    less, more = (WAITS[system](rho) for rho in loads)
    assert 0 <= less <= more * SLACK
    assert math.isfinite(more)


@pytest.mark.parametrize("system", PERCENTILES)
@given(rho=st.floats(0.01, 0.97), shares=SHARES)
@settings(max_examples=12, deadline=None)
def test_percentiles_rise(system, rho, shares):
    lower, higher = (PERCENTILES[system](rho, share) for share in shares)
    assert 0 <= lower <= higher * SLACK + 1e-9
    assert math.isfinite(higher)


@given(load=st.floats(0.001, 5000), servers=st.integers(1, 500))
def test_refused_and_waiting_are_shares_and_who_can_wait_waits_more_often(load, servers):
    refused = erlang_b(load, servers)
    assert 0 <= refused <= 1
    if load < servers:
        assert refused <= erlang_c(load, servers) <= 1 + 1e-12


@given(rho=st.floats(0.01, 0.99), servers=st.integers(1, 200))
def test_pooling_never_lengthens_the_wait(rho, servers):
    assert mmc_mean_wait(2 * rho * servers, 1.0, 2 * servers) <= mmc_mean_wait(rho * servers, 1.0, servers)


@given(rho=st.floats(0.01, 0.97), servers=st.integers(1, 20))
@example(rho=0.017578125, servers=15)  # its sums round to more than 1
@settings(max_examples=20, deadline=None)
def test_constant_service_waits_less_than_exponential_but_at_least_nearly_half(rho, servers):
    constant, exponential = DeterministicPool(rho * servers, 1.0, servers), mmc_mean_wait(rho * servers, 1.0, servers)
    assert constant.mean_wait() <= exponential * SLACK + 1e-12
    assert constant.mean_wait() >= 0.5 * exponential * (1 - 1e-6) - 1e-12
    assert 0 <= constant.waiting_share() <= 1


@given(rho=st.floats(0.05, 0.97), arrival_scv=st.floats(1, 50), stages=st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_the_exact_wait_stays_below_kingmans_bound(rho, arrival_scv, stages):
    exact = hyperexponential_erlang_wait(rho, 1.0, arrival_scv, stages)
    assert exact <= kingman_upper_bound(rho, 1.0, arrival_scv, 1 / stages) * SLACK


@given(rho=st.floats(0.01, 0.97), branches=st.integers(1, 100))
def test_branches_that_share_arrivals_stay_below_independent_ones(rho, branches):
    assert fork_join_mean_sojourn(rho, 1.0, branches) <= fork_join_upper_bound(rho, 1.0, branches) * SLACK


@given(rho=st.floats(0.05, 0.95), scale=st.floats(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_the_unit_of_time_does_not_matter(rho, scale):
    for percentile in (mm1_sojourn_percentile, lambda rate, time, p: mmc_sojourn_percentile(5 * rate, time, 5, p)):
        assert percentile(rho / scale, scale, 0.99) == pytest.approx(scale * percentile(rho, 1.0, 0.99), rel=1e-9)
    assert allen_cunneen_wait(3 * rho / scale, scale, 3, 2.0, 3.0) == pytest.approx(
        scale * allen_cunneen_wait(3 * rho, 1.0, 3, 2.0, 3.0)
    )
    assert BoundedPool(3 * rho / scale, scale, 3, 7).sojourn_percentile(0.9) == pytest.approx(
        scale * BoundedPool(3 * rho, 1.0, 3, 7).sojourn_percentile(0.9), rel=1e-9
    )


@given(keys=st.integers(2, 2000), exponent=st.floats(0, 2), data=st.data())
def test_a_larger_cache_hits_more_and_never_more_than_the_best_policy(keys, exponent, data):
    capacity = data.draw(st.integers(1, keys - 1))
    popularity = zipf_popularity(keys, exponent)
    hit_ratio = che_hit_ratio(popularity, capacity)
    assert 0 < hit_ratio <= perfect_hit_ratio(popularity, capacity) + 1e-9
    if capacity + 1 < keys:
        assert hit_ratio <= che_hit_ratio(popularity, capacity + 1) + 1e-12


@given(keys=st.integers(1, 500), rate=st.floats(0.01, 1000), life=st.floats(0, 1000))
def test_renewing_an_entry_never_loses_hits(keys, rate, life):
    popularity = zipf_popularity(keys, 1.0)
    fixed, renewed = (ttl_hit_ratio(popularity, rate, life, renewed=flag) for flag in (False, True))
    assert 0 <= fixed <= renewed + 1e-12 <= 1 + 1e-9


@given(part=st.floats(0, 1), n=st.integers(1, 60), data=st.data())
def test_fewer_needed_replicas_are_more_available(part, n, data):
    k = data.draw(st.integers(1, n))
    assert 0 <= k_of_n_availability(k, n, part) <= k_of_n_availability(k - 1, n, part) + 1e-12 <= 1 + 1e-9


@given(failing=st.floats(0, 1), most=st.integers(1, 20))
def test_attempts_are_at_least_one_and_at_most_all(failing, most):
    assert 1 <= expected_attempts(failing, most) <= most * SLACK
    assert expected_attempts(failing, most) <= expected_attempts(failing, most + 1)


@given(sources=st.integers(1, 200), think=st.floats(0.1, 1000), servers=st.integers(1, 20))
def test_a_closed_loop_obeys_its_asymptotes(sources, think, servers):
    loop = FiniteSource(sources, think, 1.0, servers)
    assert loop.throughput() <= min(servers, sources / (think + 1.0)) * SLACK
    assert loop.mean_response() >= 1.0 - 1e-9
    assert loop.waiting_or_served.sum() == pytest.approx(1.0)


@given(rate=st.floats(0.01, 50), most=st.integers(1, 40), wait=st.floats(0, 50))
def test_a_window_keeps_its_promises(rate, most, wait):
    window = batch_window(rate, most, wait)
    assert 1 - 1e-9 <= window.mean_batch <= most * SLACK
    assert -1e-9 <= window.mean_wait <= window.mean_window * SLACK + 1e-9
    assert window.mean_window <= wait * SLACK + 1e-9


@given(rho=st.floats(0.01, 0.99), most=st.integers(1, 64))
def test_bulk_service_balances_its_flow(rho, most):
    bulk = bulk_service(rho * most, 1.0, most)
    assert bulk.utilization * bulk.mean_batch == pytest.approx(rho * most)
    assert 0 < bulk.utilization <= 1
    assert 1 - 1e-9 <= bulk.mean_batch <= most * SLACK
