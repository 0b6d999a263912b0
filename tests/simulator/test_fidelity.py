"""The simulator against theory and reference simulations, with the tolerances of the data file."""

from functools import cache

import pytest

from simulator import fidelity

FEW = 10_000  # requests; the tolerances widen with the root of fewer
COMPUTED_FROM_ITS_ROW = {"product", "e2e_from_identity_s"}  # of what was published beside it
SLOW = {"power_of_d", "fork_join", "metastable_retry"}  # even when short, so they run at their standard length alone
ONLY_APPROXIMATE = {"bound", "limit", "approximation", "published_recalled"}


@cache
def _short(case):
    return fidelity.check(case, FEW)


def _said(readings):
    return [
        f"{one.metric}: {one.measured:.5g}, not {one.expected:.5g} +- {one.tolerance:.3g}"
        for one in readings
        if not one.passed
    ]


@pytest.mark.parametrize("case", [case for case in fidelity.RUNNABLE if case not in SLOW])
def test_a_short_run_agrees_with_theory(case):
    assert _said(_short(case)) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", fidelity.RUNNABLE)
def test_a_run_of_the_standard_length_agrees_with_theory(case):
    assert _said(fidelity.check(case, fidelity.STANDARD_REQUESTS)) == []


def _metrics(tree, before=""):
    for name, value in tree.items():
        if isinstance(value, dict) and "kind" in value:
            yield f"{before}{name}", value
        elif name in COMPUTED_FROM_ITS_ROW:
            yield f"{before}{name}", {"kind": "identity"}
        elif isinstance(value, dict):
            yield from _metrics(value, f"{before}{name} ")


@pytest.mark.parametrize("case", [case for case in fidelity.RUNNABLE if case not in SLOW])
def test_every_number_of_a_case_is_measured(case):
    wanted = {
        path for path, metric in _metrics(fidelity.cases()[case]["metrics"]) if metric["kind"] not in ONLY_APPROXIMATE
    }
    assert {reading.metric for reading in _short(case)} == wanted


def test_every_case_has_an_id_of_its_own_and_says_what_it_teaches():
    assert len(fidelity.cases()) == 39
    assert all(case["lesson"] and case["source"] for case in fidelity.cases().values())
    assert set(fidelity.RUNNABLE) <= set(fidelity.cases())


def test_tolerances_widen_with_the_root_of_fewer_requests():
    full, quarter = (fidelity.check("mmck", requests)[0].tolerance for requests in (8000, 2000))
    assert quarter == pytest.approx(2 * full)


def test_a_reading_outside_its_tolerance_has_not_passed():
    inside, outside = (fidelity.Reading("case", "metric", 1.0, value, 0.1) for value in (1.09, 1.11))
    assert (inside.passed, outside.passed) == (True, False)


def test_load_balancing_policies_stand_in_the_order_that_theory_gives():
    means = {reading.metric: reading.measured for reading in _short("lb_policies")}
    for statistic in ("mean", "p99"):
        ranked = [means[f"{policy} {statistic}"] for policy in ("central", "jsq", "p2c", "rr", "random")]
        assert ranked == sorted(ranked)
