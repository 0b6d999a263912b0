"""Forms of queues and batches against brute force, and against each other at their limits."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from simulator.theory.balancing import (
    power_of_d_mean_sojourn,
    power_of_d_queues,
    power_of_d_sojourn_percentile,
    round_robin_mean_sojourn,
    round_robin_sojourn_percentile,
)
from simulator.theory.batching import GreedyBatching, batch_window, bulk_service
from simulator.theory.numerics import lognormal_parameters, root, tail_from_transform
from simulator.theory.pools import (
    BoundedPool,
    DeterministicPool,
    allen_cunneen_wait,
    erlang_b,
    erlang_c,
    mmc_mean_sojourn,
    mmc_mean_wait,
    mmc_sojourn_percentile,
    mmc_wait_percentile,
)
from simulator.theory.queues import (
    cobham_wait,
    hyperexponential_erlang_wait,
    kingman_upper_bound,
    kingman_wait,
    mg1_lognormal_wait_percentile,
    mm1_mean_sojourn,
    mm1_mean_wait,
    mm1_mean_wait_from_empty,
    mm1_sojourn_percentile,
    mm1_wait_percentile,
    pollaczek_khinchine_wait,
    tandem_mean_sojourn,
    tandem_sojourn_percentile,
)

RHOS = [0.1, 0.5, 0.9, 0.99]
SHARES = [0.1, 0.5, 0.99, 0.999]


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (8.0, 10), (90.0, 100), (3.0, 2)])
def test_erlang_b_is_the_share_of_its_states(load, servers):
    terms = [Fraction(load) ** k / math.factorial(k) for k in range(servers + 1)]
    assert erlang_b(load, servers) == pytest.approx(float(terms[-1] / sum(terms)), rel=1e-12)


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (8.0, 10), (90.0, 100)])
def test_erlang_c_is_the_share_of_its_states(load, servers):
    waiting = Fraction(load) ** servers / math.factorial(servers) / (1 - Fraction(load) / servers)
    served = sum(Fraction(load) ** k / math.factorial(k) for k in range(servers))
    assert erlang_c(load, servers) == pytest.approx(float(waiting / (waiting + served)), rel=1e-12)


@pytest.mark.parametrize("rho", RHOS)
def test_one_server_of_many_is_mm1(rho):
    assert erlang_c(rho, 1) == pytest.approx(rho)
    assert mmc_mean_wait(rho / 3, 3.0, 1) == pytest.approx(mm1_mean_wait(rho / 3, 3.0))
    assert mmc_mean_sojourn(rho / 3, 3.0, 1) == pytest.approx(mm1_mean_sojourn(rho / 3, 3.0))
    assert round_robin_mean_sojourn(rho / 3, 3.0, 1) == pytest.approx(mm1_mean_sojourn(rho / 3, 3.0), rel=1e-6)
    for share in SHARES:
        sojourn = mm1_sojourn_percentile(rho / 3, 3.0, share)
        assert mmc_sojourn_percentile(rho / 3, 3.0, 1, share) == pytest.approx(sojourn)
        assert round_robin_sojourn_percentile(rho / 3, 3.0, 1, share) == pytest.approx(sojourn, rel=1e-6)
        wait = mm1_wait_percentile(rho / 3, 3.0, share)
        assert mmc_wait_percentile(rho / 3, 3.0, 1, share) == pytest.approx(wait)


@pytest.mark.parametrize("rho", RHOS)
def test_pollaczek_khinchine_holds_mm1_and_md1(rho):
    assert pollaczek_khinchine_wait(rho, 1.0, 1.0) == pytest.approx(mm1_mean_sojourn(rho, 1.0) - 1)
    assert DeterministicPool(rho, 1.0).mean_wait() == pytest.approx(pollaczek_khinchine_wait(rho, 1.0, 0.0), rel=1e-6)
    assert kingman_wait(rho, 1.0, 1.0, 2.0) == pytest.approx(pollaczek_khinchine_wait(rho, 1.0, 2.0))
    assert allen_cunneen_wait(rho, 1.0, 1, 1.0, 2.0) == pytest.approx(pollaczek_khinchine_wait(rho, 1.0, 2.0))


def test_a_pool_with_endless_places_is_mmc():
    pool = BoundedPool(0.8, 10.0, 10, 500)
    assert pool.refused_share() < 1e-12
    assert pool.mean_sojourn() == pytest.approx(mmc_mean_sojourn(0.8, 10.0, 10))
    for share in SHARES:
        assert pool.sojourn_percentile(share) == pytest.approx(mmc_sojourn_percentile(0.8, 10.0, 10, share), rel=1e-6)


@pytest.mark.parametrize("load", [0.5, 8.0, 30.0])
def test_a_pool_without_a_queue_loses_what_erlang_b_says(load):
    pool = BoundedPool(load, 1.0, 10, 10)
    assert pool.refused_share() == pytest.approx(erlang_b(load, 10))
    assert pool.mean_sojourn() == pytest.approx(1.0)
    assert pool.sojourn_percentile(0.99) == pytest.approx(-math.log(0.01), rel=1e-6)


def test_a_pool_with_two_places_by_hand():
    pool = BoundedPool(2.0, 1.0, 1, 2)  # 0, 1, 2 in system are as 1 : 2 : 4
    assert pool.refused_share() == pytest.approx(4 / 7)
    assert pool.mean_sojourn() == pytest.approx((1 / 3) * 1 + (2 / 3) * 2)
    tail = lambda t: math.exp(-t) * (1 + 2 / 3 * t)  # noqa: E731 - one service, or two in two thirds of cases
    assert tail(pool.sojourn_percentile(0.9)) == pytest.approx(0.1)


@pytest.mark.parametrize("servers", [2, 5])
def test_constant_service_waits_as_a_recursion_says(servers):
    pool = DeterministicPool(0.7 * servers, 1.0, servers)
    gaps = np.random.default_rng(1).exponential(1 / (0.7 * servers), 400_000)
    starts = np.zeros(len(gaps))
    at = np.cumsum(gaps)
    for k in range(len(gaps)):  # with equal services the k-th is served by the server of the (k - c)-th
        starts[k] = max(at[k], starts[k - servers] + 1.0) if k >= servers else at[k]
    waits = (starts - at)[1000:].reshape(-1, 1000)
    error = waits.mean(axis=1).std(ddof=1) / math.sqrt(len(waits))
    assert error < 0.02 * pool.mean_wait()
    assert waits.mean() == pytest.approx(pool.mean_wait(), rel=0, abs=4 * error)
    beyond = (waits > pool.wait_percentile(0.9)).mean(axis=1)
    assert beyond.mean() == pytest.approx(0.1, abs=4 * beyond.std(ddof=1) / math.sqrt(len(beyond)))


def test_waits_behind_constant_service_are_those_of_erlangs_sum():
    """P(W <= x) of an M/D/1 by Erlang's alternating sum, which is exact for small x."""
    rho, x = 0.6, 2.5
    terms = (math.exp(rho * (x - k)) * (rho * (k - x)) ** k / math.factorial(k) for k in range(int(x) + 1))
    share = (1 - rho) * sum(terms)
    assert DeterministicPool(rho, 1.0).wait_percentile(share) == pytest.approx(x, rel=1e-6)


@pytest.mark.parametrize(("rho", "scv"), [(0.7, 4.0), (0.95, 1.0), (0.5, 20.0), (0.8, 100.0), (0.3, 0.1)])
def test_lognormal_waits_agree_with_the_inverted_transform(rho, scv):
    mu, sigma = lognormal_parameters(1.0, scv)
    z = np.linspace(-10, 10, 40_001)
    weights, work = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0]), np.exp(mu + sigma * z)

    def transform(s):
        return (1 - rho) * s / (s - rho * (1 - np.sum(weights * np.exp(-s * work))))

    wait = mg1_lognormal_wait_percentile(rho, 1.0, scv, 0.99)
    assert tail_from_transform(transform, wait) == pytest.approx(0.01, rel=3e-4)


def test_who_does_not_wait_waits_zero():
    assert mg1_lognormal_wait_percentile(0.3, 1.0, 4.0, 0.69) == 0
    assert mm1_wait_percentile(0.3, 1.0, 0.69) == 0
    assert DeterministicPool(0.3, 1.0).wait_percentile(0.69) == 0
    assert mmc_wait_percentile(0.1, 1.0, 10, 0.99) == 0
    assert mmc_wait_percentile(0.1, 1.0, 1000, 0.99) == 0  # the share that waits is too small to write down


@pytest.mark.parametrize("rho", RHOS)
def test_smooth_arrivals_and_one_stage_are_mm1(rho):
    assert hyperexponential_erlang_wait(rho / 2, 2.0, 1.0, 1) == pytest.approx(mm1_mean_wait(rho / 2, 2.0), rel=1e-8)


@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_poisson_arrivals_and_erlang_service_obey_pollaczek_khinchine(rho):
    exact = hyperexponential_erlang_wait(rho, 1.0, 1.0, 4)
    assert exact == pytest.approx(pollaczek_khinchine_wait(rho, 1.0, 0.25), rel=1e-8)


def test_bursty_arrivals_to_an_exponential_server_agree_with_the_root_of_their_transform():
    rate, scv = 0.8, 9.0
    p = (1 + math.sqrt((scv - 1) / (scv + 1))) / 2

    def gap_transform(s):
        return p * 2 * p * rate / (2 * p * rate + s) + (1 - p) * 2 * (1 - p) * rate / (2 * (1 - p) * rate + s)

    sigma = root(lambda x: x - gap_transform(1 - x), 0.0, 0.999)
    assert hyperexponential_erlang_wait(rate, 1.0, scv, 1) == pytest.approx(sigma / (1 - sigma), rel=1e-8)
    assert sigma / (1 - sigma) < kingman_upper_bound(rate, 1.0, scv, 1.0)


def _mean_waits_from_empty(rho, n):
    """By the chain of the numbers that arrivals find."""
    ends = 1 / (1 + rho)  # the next event is the end of a service
    found, waits = np.eye(1, n + 2)[0], []
    for _ in range(n):
        waits.append(float(found @ np.arange(n + 2)))
        after, following = np.concatenate(([0.0], found[:-1])), np.zeros(n + 2)
        for present in range(n + 2):
            for served in range(present + 1):
                chance = ends**served * (1 - ends if served < present else 1.0)
                following[present - served] += after[present] * chance
        found = following
    return waits


@pytest.mark.parametrize("rho", [0.5, 0.95, 1.0, 1.5])
def test_the_first_requests_wait_as_their_chain_says(rho):
    waits = _mean_waits_from_empty(rho, 12)
    for n in (1, 2, 12):
        assert mm1_mean_wait_from_empty(rho / 2, 2.0, n) == pytest.approx(2.0 * np.mean(waits[:n]), abs=1e-12)


def test_after_very_many_requests_the_warm_up_is_forgotten():
    assert mm1_mean_wait_from_empty(0.8, 1.0, 1_000_000) == pytest.approx(4.0, rel=1e-4)


def test_priorities_conserve_the_load_weighted_wait():
    rates, times, scvs = [0.2, 0.1, 0.3], [1.0, 2.0, 0.5], [1.0, 0.0, 4.0]
    loads = [rate * time for rate, time in zip(rates, times, strict=True)]
    residual = sum(rate * time**2 * (1 + scv) / 2 for rate, time, scv in zip(rates, times, scvs, strict=True))
    waits = cobham_wait(rates, times, scvs)
    weighted = sum(load * wait for load, wait in zip(loads, waits, strict=True))
    assert weighted == pytest.approx(sum(loads) * residual / (1 - sum(loads)))
    assert waits == sorted(waits)


def test_one_class_alone_is_served_in_turn():
    assert cobham_wait([0.7], [1.0], [4.0]) == pytest.approx([pollaczek_khinchine_wait(0.7, 1.0, 4.0)])


def test_equal_stations_in_a_row_are_an_erlang_time():
    assert tandem_sojourn_percentile(0.5, [1.0] * 4, 0.99) == pytest.approx(stats.gamma.ppf(0.99, 4, scale=2), rel=1e-6)
    assert tandem_sojourn_percentile(0.5, [1.0], 0.99) == pytest.approx(
        mm1_sojourn_percentile(0.5, 1.0, 0.99), rel=1e-6
    )
    assert tandem_mean_sojourn(0.5, [1.0] * 4) == 8


def test_batches_of_one_are_mm1_and_md1():
    bulk = bulk_service(0.8, 1.0, 1)
    assert (bulk.mean_sojourn, bulk.mean_batch, bulk.utilization) == pytest.approx((5.0, 1.0, 0.8))
    single = GreedyBatching(0.8, 0.7, 0.3, max_items=1)
    assert single.mean_sojourn() == pytest.approx(1 + pollaczek_khinchine_wait(0.8, 1.0, 0.0))
    assert single.utilization() == pytest.approx(0.8)
    assert single.sojourn_percentile(0.99) == pytest.approx(
        1 + DeterministicPool(0.8, 1.0).wait_percentile(0.99), rel=1e-3
    )


def test_a_largest_batch_that_is_never_reached_changes_nothing():
    capped, free = GreedyBatching(2.0, 2.0, 0.15, 60), GreedyBatching(2.0, 2.0, 0.15)
    for measure in (GreedyBatching.mean_sojourn, GreedyBatching.mean_batch, GreedyBatching.utilization):
        assert measure(capped) == pytest.approx(measure(free), rel=1e-9)
    assert capped.sojourn_percentile(0.95) == pytest.approx(free.sojourn_percentile(0.95), rel=1e-5)


def test_batches_too_light_to_overlap_cost_one_batch_time():
    light = GreedyBatching(1e-9, 2.0, 0.5)
    assert light.mean_sojourn() == pytest.approx(2.5)
    assert light.sojourn_percentile(0.99) == pytest.approx(2.5)
    assert light.mean_batch() == pytest.approx(1.0)


def test_inoues_bound_is_not_exceeded():
    for rate in (0.5, 2.0, 5.0):
        greedy = GreedyBatching(rate, 1.8874, 0.1438)
        assert greedy.mean_sojourn() <= greedy.mean_sojourn_bound() * (1 + 1e-9)


def test_a_window_without_time_or_with_one_place_holds_one_request():
    for window in (batch_window(1.0, 8, 0.0), batch_window(1.0, 1, 5.0)):
        assert (window.mean_wait, window.mean_batch, window.mean_window) == pytest.approx((0.0, 1.0, 0.0))


def test_a_window_with_endless_time_fills_up():
    window = batch_window(2.0, 8, 1000.0)
    assert (window.mean_batch, window.full_share) == pytest.approx((8.0, 1.0))
    assert window.mean_wait == pytest.approx(7 / 2 / 2.0)  # on average half of the seven gaps
    assert window.mean_window == pytest.approx(7 / 2.0)


@pytest.mark.parametrize("rho", RHOS)
def test_one_choice_of_queues_is_mm1(rho):
    assert power_of_d_mean_sojourn(rho, 2.0, 1) == pytest.approx(mm1_mean_sojourn(rho / 2, 2.0))
    assert power_of_d_sojourn_percentile(rho, 2.0, 1, 0.99) == pytest.approx(
        mm1_sojourn_percentile(rho / 2, 2.0, 0.99), rel=1e-6
    )


@pytest.mark.parametrize("choices", [2, 3])
def test_shares_of_queues_are_the_fixed_point_of_the_supermarket_model(choices):
    at_least = power_of_d_queues(0.9, choices)
    arriving = 0.9 * (at_least[:-2] ** choices - at_least[1:-1] ** choices)
    assert arriving == pytest.approx(at_least[1:-1] - at_least[2:], abs=1e-15)


@pytest.mark.parametrize("shape", [1, 5, 40])
def test_an_inverted_transform_gives_the_tail(shape):
    tail = tail_from_transform(lambda s: (1 + s) ** -shape, 1.5 * shape)
    assert tail == pytest.approx(stats.gamma.sf(1.5 * shape, shape), abs=1e-7)
