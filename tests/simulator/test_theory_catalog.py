"""The catalog of theories: what is known, what is refused and in which words."""

import inspect
import math
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.theory import TheoryProblem, theory, theory_names, theory_rows
from simulator.theory.arithmetic import amdahl_limit, usl_peak_workers
from simulator.theory.balancing import power_of_d_queues
from simulator.theory.batching import GreedyBatching, batch_window, bulk_service
from simulator.theory.caching import che_hit_ratio, ttl_hit_ratio, zipf_popularity
from simulator.theory.fanout import any_slow, exponential_mixture_percentile, lognormal_sum_percentile
from simulator.theory.fluid import burst_backlog, scale_out_backlog
from simulator.theory.llm import ContinuousBatching, end_to_end_time
from simulator.theory.pools import BoundedPool, DeterministicPool, FiniteSource, erlang_b, erlang_c, mmc_mean_wait
from simulator.theory.queues import (
    cobham_wait,
    hyperexponential_erlang_wait,
    mg1_lognormal_wait_percentile,
    mm1_mean_sojourn,
    mm1_sojourn_percentile,
    pollaczek_khinchine_wait,
)
from simulator.theory.reliability import BreakdownServer, availability, k_of_n_availability
from simulator.theory.retries import expected_attempts, retry_storm_recovery
from simulator.theory.training import checkpoint_efficiency, young_interval


def _values(name, **parameters):
    return {row.quantity: row.value for row in theory_rows(name, parameters)}


@pytest.mark.parametrize("name", theory_names())
def test_every_theory_has_numbers_at_its_defaults(name):
    rows = theory_rows(name, {})
    assert rows
    assert len({row.quantity for row in rows}) == len(rows)
    for row in rows:
        assert row.source == theory(name).source
        assert math.isfinite(row.value)
        assert row.unit != "share" or 0 <= row.value <= 1


@pytest.mark.parametrize("name", theory_names())
def test_parameters_are_those_of_the_function_and_their_defaults_are_in_range(name):
    entry = theory(name)
    assert [parameter.name for parameter in entry.parameters] == list(inspect.signature(entry.quantities).parameters)
    for parameter in entry.parameters:
        assert parameter.problem(parameter.default) is None
        assert parameter.meaning
        assert parameter.least < parameter.most


def _value_of(parameter):
    if parameter.whole:
        return st.integers(int(parameter.least), int(min(parameter.most, max(40, 4 * parameter.default))))
    ends = [parameter.least, parameter.most, parameter.default]
    around = st.floats(0.1, 10).map(lambda times: median((parameter.least, times * parameter.default, parameter.most)))
    return st.sampled_from(ends) | around


def _rows_or_problems(name, values):
    try:
        return theory_rows(name, values), []
    except TheoryProblem as problem:
        return [], problem.problems


@pytest.mark.slow
@pytest.mark.parametrize("name", theory_names())
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_values_in_range_give_numbers_or_a_sentence(name, data):
    given_values = {parameter.name: data.draw(_value_of(parameter)) for parameter in theory(name).parameters}
    rows, problems = _rows_or_problems(name, given_values)
    assert not [row for row in rows if math.isnan(row.value)]
    assert not [said for said in problems if not said.startswith(f"{name}: ") or len(said.split()) < 8]
    assert rows or problems


def test_a_parameter_changes_the_numbers():
    assert _values("mm1", rho=0.9, service_ms=10.0)["mean_sojourn"] == pytest.approx(100)
    assert _values("mmc", rho=0.8, service_ms=10.0, servers=10)["waiting_share"] == pytest.approx(0.40918, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("mm11", {}, ["theory is 'mm11', which is not in the catalog; did you mean mm1?"]),
        ("mm1", {"roh": 0.5}, ["mm1.roh is not a parameter; did you mean rho?"]),
        ("mm1", {"zzz": 0.5}, ["mm1.zzz is not a parameter; choose from rho, service_ms"]),
        ("mm1", {"rho": 1.0}, ["mm1.rho is 1.0, but must be from 0.001 to 0.999"]),
        ("mm1", {"rho": math.nan}, ["mm1.rho is nan, but must be from 0.001 to 0.999"]),
        ("mm1", {"service_ms": -1}, ["mm1.service_ms is -1, but must be from 1e-06 to 1e+09 ms"]),
        ("mm1", {"rho": "high"}, ["mm1.rho is 'high', but must be a number, such as 0.8"]),
        ("mm1", {"rho": True}, ["mm1.rho is True, but must be a number, such as 0.8"]),
        ("mmc", {"servers": 2.5}, ["mmc.servers is 2.5, but must be a whole number, such as 10"]),
        (
            "mmc",
            {"rho": 7, "server": 3},
            ["mmc.server is not a parameter; did you mean servers?", "mmc.rho is 7, but must be from 0.001 to 0.999"],
        ),
        (
            "greedy_batching",
            {"requests_per_s": 8000},
            [
                (
                    "greedy_batching: the load rho is 1.15, so the queue grows for ever; bring it below 1 with fewer "
                    "arrivals, faster service or more servers"
                )
            ],
        ),
        (
            "k_of_n",
            {"k": 9},
            ["k_of_n: k is 9, but must be at most n, which is 8"],
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(name, parameters, said):
    with pytest.raises(TheoryProblem) as caught:
        theory_rows(name, parameters)
    assert caught.value.problems == said


def test_a_whole_number_may_be_written_with_a_point():
    assert theory_rows("mmc", {"servers": 4.0}) == theory_rows("mmc", {"servers": 4})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mm1_mean_sojourn(1.0, 1.0), "the load rho is 1,"),
        (lambda: mm1_mean_sojourn(-1.0, 1.0), "arrival_rate is -1.0"),
        (lambda: mm1_mean_sojourn(0.5, math.nan), "service_time is nan"),
        (lambda: mm1_sojourn_percentile(0.5, 1.0, 99), "share is 99"),
        (lambda: pollaczek_khinchine_wait(0.5, 1.0, -0.1), "scv is -0.1"),
        (lambda: mg1_lognormal_wait_percentile(0.5, 1.0, 0.0, 0.99), "scv is 0.0"),
        (lambda: hyperexponential_erlang_wait(0.5, 1.0, 0.5, 2), "arrival_scv is 0.5"),
        (lambda: cobham_wait([0.6, 0.6], [1.0, 1.0], [1.0, 1.0]), "the load rho is 1.2"),
        (lambda: erlang_b(8.0, 0), "servers is 0"),
        (lambda: erlang_c(10.0, 10), "the load rho is 1,"),
        (lambda: mmc_mean_wait(1.0, 1.0, 1.5), "servers is 1.5"),
        (lambda: BoundedPool(1.0, 1.0, 4, 3), "places is 3"),
        (lambda: DeterministicPool(0.9999, 1.0), "which needs"),
        (lambda: FiniteSource(0, 1.0, 1.0, 1), "sources is 0"),
        (lambda: power_of_d_queues(0.5, 0), "choices is 0"),
        (lambda: bulk_service(8.0, 1.0, 8), "the load rho is 1,"),
        (lambda: batch_window(1.0, 8, -1.0), "max_wait is -1.0"),
        (lambda: GreedyBatching(10.0, 1.0, 0.1), "the load rho is 1,"),
        (lambda: GreedyBatching(9.99, 1.0, 0.1), "which needs more than"),
        (lambda: GreedyBatching(1.0, 1.0, 0.1, 8).mean_sojourn_bound(), "max_items is 8"),
        (lambda: any_slow(1.1, 5), "slow_share is 1.1"),
        (lambda: lognormal_sum_percentile([5.0], [5.0], 0.5), "p99 is 5.0"),
        (lambda: exponential_mixture_percentile([0.5, 0.4], [1.0, 2.0], 0.5), "the shares add up to 0.9"),
        (lambda: che_hit_ratio(zipf_popularity(10, 1.0), 10), "capacity is 10"),
        (lambda: ttl_hit_ratio(2 * zipf_popularity(10, 1.0), 1.0, 1.0), "popularity must hold probabilities"),
        (lambda: availability(0.0, 1.0), "time_to_failure is 0.0"),
        (lambda: k_of_n_availability(3, 2, 0.9), "k is 3"),
        (lambda: BreakdownServer(0.95, 1.0, 9.0, 1.0), "the load rho is 1.056"),
        (lambda: expected_attempts(-0.1, 3), "failing_share is -0.1"),
        (lambda: retry_storm_recovery(300, 300, 2, 1.0, 10.0), "the load rho is 1,"),
        (lambda: burst_backlog(1500, 2000, 600, 1500), "the capacity is 1500"),
        (lambda: scale_out_backlog(1000, 500, 900, 180), "the capacity is 900"),
        (lambda: young_interval(0.0, 100.0), "checkpoint_cost is 0.0"),
        (lambda: checkpoint_efficiency(1e6, 1.0, 1.0, 100.0), "an interval or restart lasts"),
        (lambda: ContinuousBatching(1.0, 10.0, 1.0, 0.1), "the load rho is 1,"),
        (lambda: ContinuousBatching(1e6, 10.0, 1.0, 0.0).running(), "requests would run"),
        (lambda: end_to_end_time(1.0, 1.0, 0.5), "tokens is 0.5"),
    ],
)
def test_what_no_formula_answers_is_refused_in_a_sentence(call, said):
    with pytest.raises(ValueError, match=said.replace(".", r"\.")) as caught:
        call()
    assert len(str(caught.value)) > len(said)


def test_without_a_limit_the_limit_is_infinite():
    assert amdahl_limit(0.0) == math.inf
    assert usl_peak_workers(0.1, 0.0) == math.inf
