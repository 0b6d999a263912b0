"""Forms of fan-out, caches, failures and training against brute force and at their limits."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from simulator.theory.caching import (
    che_characteristic_time,
    che_hit_ratio,
    perfect_hit_ratio,
    ttl_hit_ratio,
    zipf_popularity,
)
from simulator.theory.fanout import (
    any_slow,
    exponential_maximum_mean,
    exponential_maximum_percentile,
    exponential_mixture_percentile,
    fork_join_mean_sojourn,
    fork_join_upper_bound,
    leaf_share_needed,
    lognormal_sum_percentile,
)
from simulator.theory.fluid import burst_backlog, scale_out_backlog
from simulator.theory.llm import ContinuousBatching
from simulator.theory.numerics import poisson_weights, stationary
from simulator.theory.pools import (
    FiniteSource,
    erlang_b,
    mmc_mean_sojourn,
)
from simulator.theory.queues import (
    mm1_mean_sojourn,
    mm1_sojourn_percentile,
)
from simulator.theory.reliability import BreakdownServer, k_of_n_availability, series_availability
from simulator.theory.retries import (
    expected_attempts,
    nested_attempts,
    queue_timeout_share,
    retry_storm_recovery,
    retry_storm_threshold,
    success_after_attempts,
    uncancelled_goodput_share,
)
from simulator.theory.training import checkpoint_efficiency, daly_interval, first_order_waste, young_interval


def test_slowest_leaf_by_order_statistics():
    assert any_slow(0.3, 3) == pytest.approx(1 - 0.7**3)
    assert any_slow(1.0, 3) == 1
    assert leaf_share_needed(0.99, 100) ** 100 == pytest.approx(0.99)
    mean = quad(lambda t: 1 - (1 - math.exp(-t / 2)) ** 7, 0, 200)[0]
    assert exponential_maximum_mean(7, 2.0) == pytest.approx(mean)
    assert (1 - math.exp(-exponential_maximum_percentile(7, 2.0, 0.9) / 2)) ** 7 == pytest.approx(0.9)


def test_a_fork_with_one_branch_is_mm1():
    assert fork_join_mean_sojourn(0.8, 1.0, 1) == mm1_mean_sojourn(0.8, 1.0)
    assert fork_join_upper_bound(0.8, 1.0, 1) == mm1_mean_sojourn(0.8, 1.0)


def test_a_fork_without_load_waits_for_the_slowest_service():
    for branches in (2, 10):
        slowest = exponential_maximum_mean(branches, 1.0)
        assert fork_join_mean_sojourn(1e-9, 1.0, branches) == pytest.approx(slowest)


def test_one_stage_has_its_own_percentiles():
    assert lognormal_sum_percentile([50.0], [200.0], 0.5) == pytest.approx(50, rel=1e-5)
    assert lognormal_sum_percentile([50.0], [200.0], 0.99) == pytest.approx(200, rel=1e-5)
    assert exponential_mixture_percentile([1.0], [3.0], 0.99) == pytest.approx(-3 * math.log(0.01))


def test_unequal_stages_add_up_as_an_integral_says():
    sigmas = [math.log(4) / stats.norm.ppf(0.99), math.log(2) / stats.norm.ppf(0.99)]
    first, second = (stats.lognorm(sigma, scale=scale) for sigma, scale in zip(sigmas, (50, 20), strict=True))
    sum_ms = lognormal_sum_percentile([50.0, 20.0], [200.0, 40.0], 0.9)
    assert quad(lambda x: first.pdf(x) * second.cdf(sum_ms - x), 0, sum_ms, points=[50])[0] == pytest.approx(
        0.9, rel=1e-4
    )


def _exact_lru(popularity, capacity):
    """The hit ratio from the chain of all ordered contents of the cache."""
    states = list(permutations(range(len(popularity)), capacity))
    index, rows, hits = {state: i for i, state in enumerate(states)}, np.zeros((len(states), len(states))), []
    for state in states:
        hits.append(sum(popularity[key] for key in state))
        for key, chance in enumerate(popularity):
            rest = [other for other in state if other != key]
            rows[index[state], index[(key, *rest)[:capacity]]] += chance
    return float(stationary(rows) @ hits)


@pytest.mark.parametrize(("keys", "capacity", "exponent"), [(5, 2, 1.0), (6, 3, 0.8), (6, 4, 1.2), (7, 3, 0.5)])
def test_che_is_near_the_exact_lru_even_for_a_tiny_cache(keys, capacity, exponent):
    popularity = zipf_popularity(keys, exponent)
    assert che_hit_ratio(popularity, capacity) == pytest.approx(_exact_lru(popularity, capacity), abs=0.02)


def test_che_is_exact_when_all_keys_are_equally_popular():
    assert che_hit_ratio(zipf_popularity(6, 0.0), 3) == pytest.approx(0.5)
    assert _exact_lru(zipf_popularity(6, 0.0), 3) == pytest.approx(0.5)


def test_the_characteristic_time_fills_the_cache_and_no_policy_beats_the_most_popular():
    popularity = zipf_popularity(1000, 0.9)
    t = che_characteristic_time(popularity, 100)
    assert (1 - np.exp(-popularity * t)).sum() == pytest.approx(100)
    assert che_hit_ratio(popularity, 100) < perfect_hit_ratio(popularity, 100)


def test_one_key_expires_as_renewal_theory_says():
    assert ttl_hit_ratio(np.ones(1), 2.0, 3.0) == pytest.approx(6 / 7)  # six hits on average, then a miss
    assert ttl_hit_ratio(np.ones(1), 2.0, 3.0, renewed=True) == pytest.approx(1 - math.exp(-6))


@pytest.mark.parametrize("working", [0, 1, 3, 5])
def test_availability_of_k_of_n_counts_the_states(working):
    part = 0.9
    states = product((0, 1), repeat=5)
    enumerated = sum(math.prod(part if up else 1 - part for up in state) for state in states if sum(state) >= working)
    assert k_of_n_availability(working, 5, part) == pytest.approx(enumerated)


def test_ends_of_k_of_n():
    assert k_of_n_availability(5, 5, 0.9) == pytest.approx(series_availability([0.9] * 5))
    assert k_of_n_availability(1, 5, 0.9) == pytest.approx(1 - 0.1**5)


def test_a_server_that_hardly_breaks_is_mm1():
    server = BreakdownServer(0.8, 1.0, 1e9, 1e-3)
    assert server.mean_sojourn() == pytest.approx(5.0, rel=1e-6)
    assert server.sojourn_percentile(0.99) == pytest.approx(mm1_sojourn_percentile(0.8, 1.0, 0.99), rel=1e-5)


def test_very_short_outages_only_slow_the_server():
    half_the_time_s = 1e-4
    server = BreakdownServer(0.2, 1.0, half_the_time_s, half_the_time_s)
    assert server.mean_sojourn() == pytest.approx(mm1_mean_sojourn(0.2, 2.0), rel=1e-3)


@pytest.mark.parametrize(("rate", "fail", "repair"), [(0.5, 1 / 2000, 1 / 20), (0.3, 0.1, 0.2), (0.5, 2.0, 3.0)])
def test_breakdowns_cost_what_the_generating_function_says(rate, fail, repair):
    """The derivative at 1 of the generating function of the number, solved by hand from the balance of both phases."""
    up = repair / (fail + repair)
    in_number = rate / up + fail * (rate / repair) ** 2
    mean_number = in_number / (1.0 - rate / up) + up * fail * rate / repair**2
    assert BreakdownServer(rate, 1.0, 1 / fail, 1 / repair).mean_sojourn() == pytest.approx(mean_number / rate)


def _enumerated_attempts(failing, most):
    """Mean attempts and success over all outcomes of all attempts that could be made."""
    mean, success = 0.0, 0.0
    for outcomes in product((True, False), repeat=most):  # True fails
        chance = math.prod(failing if fails else 1 - failing for fails in outcomes)
        made = next((k + 1 for k, fails in enumerate(outcomes) if not fails), most)
        mean, success = mean + chance * made, success + chance * (not all(outcomes))
    return mean, success


@pytest.mark.parametrize("failing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("most", [1, 2, 4])
def test_attempts_are_those_of_the_enumerated_tree(failing, most):
    made = (expected_attempts(failing, most), success_after_attempts(failing, most))
    assert made == pytest.approx(_enumerated_attempts(failing, most))


def _outcomes(failing, most, layers):
    """Chances of (calls at the bottom, whether it failed), by walking through every layer's attempts."""
    if layers == 0:
        return {(1, True): failing, (1, False): 1 - failing}
    below, open_, done = _outcomes(failing, most, layers - 1), {0: 1.0}, {}
    for attempt in range(most):
        following = {}
        for calls, chance in open_.items():
            for (more, failed), p in below.items():
                if failed and attempt < most - 1:
                    following[calls + more] = following.get(calls + more, 0.0) + chance * p
                else:
                    done[calls + more, failed] = done.get((calls + more, failed), 0.0) + chance * p
        open_ = following
    return done


@pytest.mark.parametrize("failing", [0.2, 0.7, 1.0])
def test_nested_attempts_are_those_of_the_enumerated_tree(failing):
    enumerated = sum(calls * chance for (calls, _), chance in _outcomes(failing, 2, 3).items())
    assert nested_attempts(failing, 2, 3) == pytest.approx(enumerated)


def test_patience_has_its_limits():
    assert queue_timeout_share(0.8, 1.0, 0.0) == pytest.approx(erlang_b(0.8, 1))
    assert queue_timeout_share(1.0, 1.0, 0.0) == pytest.approx(erlang_b(1.0, 1))
    assert queue_timeout_share(2.0, 1.0, 0.0) == pytest.approx(erlang_b(2.0, 1))
    assert queue_timeout_share(0.8, 1.0, 1e6) == 0
    assert queue_timeout_share(2.0, 1.0, 1e6) == pytest.approx(0.5)  # the server is always busy
    near = [queue_timeout_share(rho, 1.0, 7.0) for rho in (1 - 1e-7, 1.0, 1 + 1e-7)]
    assert near == pytest.approx([1 / 9] * 3, rel=1e-5)


def test_work_for_nobody_is_never_in_time_from_capacity_on():
    assert uncancelled_goodput_share(1.0, 1.0, 10.0) == 0
    assert uncancelled_goodput_share(0.5, 1.0, 1e6) == 1


def _stepped_storm(rate, capacity, attempts, timeout, outage, step=0.001):
    """The fluid of the retry storm, step by step: the time from the end of the outage until the delay is in time."""
    backlog, t = 0.0, 0.0
    while t < 1000:
        backlog += rate * min(attempts, 1 + int(t / timeout)) * step  # first attempts, and those that time out now
        t += step
        if t >= outage:
            backlog -= capacity * step
            if backlog <= capacity * timeout:
                return t - outage
    return math.inf


@pytest.mark.parametrize(("rate", "attempts"), [(140, 2), (160, 2), (90, 3), (280, 1)])
def test_a_retry_storm_ends_as_its_fluid_does(rate, attempts):
    stepped = _stepped_storm(rate, 300, attempts, 1.0, 10.0)
    recovery = retry_storm_recovery(rate, 300, attempts, 1.0, 10.0)
    assert recovery == stepped or recovery == pytest.approx(stepped, rel=0.01)
    assert math.isinf(recovery) == (rate >= retry_storm_threshold(300, attempts))


def test_a_short_outage_is_over_at_once():
    assert retry_storm_recovery(280, 300, 2, 1.0, 0.5) == 0


def test_very_many_clients_are_an_open_loop():
    pool = FiniteSource(100_000, 100_000 / 0.8, 10.0, 10)
    assert pool.mean_response() == pytest.approx(mmc_mean_sojourn(0.8, 10.0, 10), rel=1e-3)


def test_one_client_never_waits_and_machines_with_many_repairers_are_independent():
    assert FiniteSource(1, 7.0, 3.0, 1).mean_response() == pytest.approx(3.0)
    assert FiniteSource(8, 1000.0, 50.0, 8).at_least_up(7) == pytest.approx(k_of_n_availability(7, 8, 1000 / 1050))


@pytest.mark.parametrize("cost_min", [0.5, 1.0, 5.0])
def test_youngs_interval_wastes_least_to_first_order(cost_min):
    between_min = 185.0
    best_min = young_interval(cost_min, between_min)
    tried = np.linspace(0.2, 5, 2001) * best_min
    waste = [first_order_waste(interval, cost_min, between_min) for interval in tried]
    assert tried[int(np.argmin(waste))] == pytest.approx(best_min, rel=2e-3)


@pytest.mark.parametrize("cost_min", [0.5, 5.0, 30.0])
def test_dalys_interval_is_nearly_the_best_and_never_worse_than_youngs(cost_min):
    def efficiency(interval):
        return checkpoint_efficiency(interval, cost_min, 5.0, 185.0)

    best = max(efficiency(interval) for interval in np.linspace(1, 400, 20_001))
    daly, young = (efficiency(interval(cost_min, 185.0)) for interval in (daly_interval, young_interval))
    assert young <= daly <= best * (1 + 1e-8)
    assert daly == pytest.approx(best, rel=1e-3)


def test_a_burst_drains_at_the_spare_capacity_step_by_step():
    backlog, peak, t, drained_s = 0.0, 0.0, 0, 0
    while t < 600 or backlog > 0:
        backlog = max(0.0, backlog + (2000 if t < 600 else 1000) - 1500)
        peak, drained_s, t = max(peak, backlog), t + 1 - 600, t + 1
    fluid = burst_backlog(1000, 2000, 600, 1500)
    assert (fluid.peak, fluid.drain_time) == (peak, drained_s)
    assert burst_backlog(1000, 1200, 600, 1500).peak == 0


def test_the_longest_wait_for_new_replicas_is_that_of_every_arrival():
    def wait(t, rate=1000, before=500, after=1200, delay=180):
        served_then = rate * t  # everyone up to the arrival at t has been served
        return (
            served_then / before if served_then <= before * delay else delay + (served_then - before * delay) / after
        ) - t

    longest = max(wait(t) for t in np.linspace(0, 180, 18_001))
    assert scale_out_backlog(1000, 500, 1200, 180).longest_wait == pytest.approx(longest)


def test_tokens_without_a_batch_cost_are_an_endless_pool():
    server = ContinuousBatching(0.1, 10.0, 7.0, 0.0)
    assert server.mean_sojourn() == 70
    assert server.running() == pytest.approx(poisson_weights(7.0, len(server.running())), abs=1e-12)
    assert server.exponential_sojourn_percentile(0.99) == pytest.approx(-70 * math.log(0.01), rel=1e-6)


def test_tokens_that_only_share_are_processor_sharing():
    server = ContinuousBatching(0.08, 10.0, 0.0, 1.0)
    assert server.mean_sojourn() == pytest.approx(10 / (1 - 0.8))
    geometric = 0.2 * 0.8 ** np.arange(len(server.running()))
    assert server.running() == pytest.approx(geometric, abs=1e-12)


def test_the_number_running_obeys_littles_law():
    server = ContinuousBatching(0.02, 200, 7, 0.05)
    assert server.running() @ np.arange(len(server.running())) == pytest.approx(0.02 * server.mean_sojourn())
