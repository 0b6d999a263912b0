"""The simulator against theory and reference simulations, with the tolerances of the data file."""

import pytest

from simulator import fidelity

FEW = 10_000  # requests; the tolerances widen with the root of fewer
# Cases of more than five seconds at the standard length, which `python -m simulator check` runs.
SHORTENED = {"backoff_jitter", "fanout_tail", "finite_source", "ps_insensitivity", "warmup_bias"}
SHORTER = 40_000
COMPUTED_FROM_ITS_ROW = {"product", "e2e_from_identity_s"}  # of what was published beside it
ONLY_APPROXIMATE = {"bound", "limit", "approximation", "published_recalled"}


def _said(readings):
    return [
        f"{one.metric}: {one.measured:.5g}, not {one.expected:.5g} +- {one.tolerance:.3g}"
        for one in readings
        if not one.passed
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("faster_engine")
@pytest.mark.parametrize("case", fidelity.RUNNABLE)
def test_every_number_of_a_case_is_measured_and_agrees_with_theory(case):
    readings = fidelity.check(case, SHORTER if case in SHORTENED else fidelity.STANDARD_REQUESTS)
    assert _said(readings) == []
    wanted = {
        path for path, metric in _metrics(fidelity.cases()[case]["metrics"]) if metric["kind"] not in ONLY_APPROXIMATE
    }
    assert {reading.metric for reading in readings} == wanted


def _metrics(tree, before=""):
    for name, value in tree.items():
        if isinstance(value, dict) and "kind" in value:
            yield f"{before}{name}", value
        elif name in COMPUTED_FROM_ITS_ROW:
            yield f"{before}{name}", {"kind": "identity"}
        elif isinstance(value, dict):
            yield from _metrics(value, f"{before}{name} ")


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


@pytest.mark.usefixtures("faster_engine")
def test_load_balancing_policies_stand_in_the_order_that_theory_gives():
    means = {reading.metric: reading.measured for reading in fidelity.check("lb_policies", FEW)}
    for statistic in ("mean", "p99"):
        ranked = [means[f"{policy} {statistic}"] for policy in ("central", "jsq", "p2c", "rr", "random")]
        assert ranked == sorted(ranked)
