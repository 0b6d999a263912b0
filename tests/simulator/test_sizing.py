"""Pools of any size: against tables, exact solutions, recursions and sums."""

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv

from simulator.theory.pools import DeterministicPool, erlang_c, mmc_sojourn_percentile, mmc_wait_percentile
from simulator.theory.queues import pollaczek_khinchine_wait
from simulator.theory.sizing import GeneralPool, erlang_c_at_once, fewest, harmonic, service_tail, share_of_hottest


@pytest.mark.parametrize(
    ("load", "servers", "waits"),
    [(Fraction(1, 2), 1, Fraction(1, 2)), (Fraction(1), 2, Fraction(1, 3)), (Fraction(2), 3, Fraction(4, 9))],
)
def test_erlang_c_is_what_the_textbooks_tabulate(load, servers, waits):
    assert erlang_c_at_once(float(load), servers) == pytest.approx(float(waits), rel=1e-12)


@pytest.mark.parametrize(("load", "servers"), [(10, 14), (95, 100)])
def test_erlang_c_is_the_sum_that_defines_it(load, servers):
    term, below = Fraction(1), Fraction(0)
    for busy in range(servers):
        below += term
        term *= Fraction(load, busy + 1)
    queued = term * Fraction(servers, servers - load)
    assert erlang_c_at_once(load, servers) == pytest.approx(float(queued / (below + queued)), rel=1e-11)


@given(st.integers(1, 3000), st.floats(0.01, 0.999))
def test_erlang_c_at_once_is_the_recursion(servers, rho):
    assert erlang_c_at_once(rho * servers, servers) == pytest.approx(erlang_c(rho * servers, servers), rel=1e-9)


def test_ten_million_servers_take_no_longer_than_ten():
    assert 0 < erlang_c_at_once(9_999_000, 10_000_000) < 1


@pytest.mark.parametrize(("rho", "servers"), [(0.5, 1), (0.9, 5), (0.99, 40), (0.3, 3)])
@pytest.mark.parametrize("share", [0.5, 0.99, 0.999])
def test_with_both_scvs_at_one_percentiles_are_those_of_the_mmc(rho, servers, share):
    pool = GeneralPool(rho * servers / 20, 20, servers, 1, 1)
    assert pool.wait_percentile(share) == pytest.approx(mmc_wait_percentile(rho * servers / 20, 20, servers, share))
    exact = mmc_sojourn_percentile(rho * servers / 20, 20, servers, share)
    assert pool.sojourn_percentile(share) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("scv", [0, 0.25, 3])
def test_one_server_with_poisson_arrivals_waits_as_pollaczek_and_khinchine_say(scv):
    assert GeneralPool(0.8, 1, 1, 1, scv).mean_wait() == pytest.approx(pollaczek_khinchine_wait(0.8, 1, scv))


def _constant_service():
    """The rows of the table in the docs: servers, load, mean wait and p99 latency over the exact ones."""
    text = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text(encoding="utf-8")
    _, _, table = text.partition("| p99 latency, of the exact one |\n")
    rows = [line.strip("|").split("|") for line in table.partition("\n\n")[0].splitlines()[1:]]
    return [(int(servers), float(load), float(mean), float(p99)) for servers, load, mean, p99 in rows]


def test_the_table_in_the_docs_is_found():
    assert len(_constant_service()) == 6


@pytest.mark.parametrize(("servers", "rho", "mean", "p99"), _constant_service())
def test_how_far_the_approximation_is_from_the_exact_wait_for_constant_service(servers, rho, mean, p99):
    exact = DeterministicPool(rho * servers, 1, servers)
    pool = GeneralPool(rho * servers, 1, servers, 1, 0)
    assert pool.mean_wait() / exact.mean_wait() == pytest.approx(mean, abs=6e-4)
    assert pool.sojourn_percentile(0.99) / (1 + exact.wait_percentile(0.99)) == pytest.approx(p99, abs=6e-4)


@pytest.mark.parametrize("scv", [1e-5, 0.02, 0.5, 2, 30])
@pytest.mark.parametrize(("servers", "rho"), [(1, 0.5), (10, 0.9), (500, 0.99)])
def test_wait_and_service_together_are_their_convolution(scv, servers, rho):
    pool = GeneralPool(rho * servers, 1, servers, 1, scv)
    drain = pool.waiting_share() / pool.mean_wait()
    for t in (0.4, 1.0, 1.3, 6.0):
        below = 1 - service_tail(1, scv, t)
        middles = (np.arange(40_000) + 0.5) / 40_000 * below
        services = gammaincinv(1 / scv, middles) * scv
        both = below * float(np.exp(-drain * (t - services)).mean())
        expected = service_tail(1, scv, t) + pool.waiting_share() * both
        assert pool.sojourn_tail(t) == pytest.approx(expected, rel=2e-3, abs=1e-5)


def test_a_percentile_is_where_the_tail_passes_it():
    pool = GeneralPool(9.5, 1, 10, 2, 0.3)
    p99 = pool.sojourn_percentile(0.99)
    assert pool.sojourn_tail(p99 * 1.0001) < 0.01 < pool.sojourn_tail(p99 * 0.9999)


def test_nobody_waits_if_everything_is_even():
    pool = GeneralPool(9, 1, 10, 0, 0)
    assert (pool.mean_wait(), pool.wait_percentile(0.99), pool.sojourn_percentile(0.99)) == (0, 0, pytest.approx(1))


@given(st.integers(1, 50), st.integers(1, 5000), st.integers(1, 6000))
def test_the_fewest_is_the_first_that_holds(least, threshold, most):
    first = max(least, threshold)
    assert fewest(least, lambda n: n >= threshold, most) == (first if first <= most else None)


@pytest.mark.parametrize("exponent", [0, 0.6, 1, 1.2, 1.6, 2])
@pytest.mark.parametrize("count", [1, 999, 1001, 50_000])
def test_a_harmonic_number_is_its_sum(count, exponent):
    assert harmonic(count, exponent) == pytest.approx(math.fsum(k**-exponent for k in range(1, count + 1)), rel=1e-12)


def test_the_hottest_keys_have_their_share_of_the_requests():
    assert share_of_hottest(1000, 0.25, 0) == pytest.approx(0.25)
    assert share_of_hottest(4, 0.5, 1) == pytest.approx((1 + 1 / 2) / (1 + 1 / 2 + 1 / 3 + 1 / 4))
    assert share_of_hottest(10**9, 1, 1) == 1
    assert share_of_hottest(3, 0.1, 1) == 0
