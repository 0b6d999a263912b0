"""Two runs side by side: exact differences where luck is the same, and words for where the time went."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from simulator.knobs import with_value
from simulator.results.comparison import Comparison, Difference, around, compare
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, exponential, model_server, service

SETTINGS = RunSettings(seed=2, replications=5, requests=3_000, warm_up_s=0.0)
DESIGN = a_design(
    {"web": service(replicas=2, usd_per_replica_hour=1.0) | {"service_time": exponential(0.01)}},
    120.0,
    arrivals={"kind": "poisson"},
    promise={"p99_ms": 60},
)


def run(design=DESIGN, settings=SETTINGS) -> Summary:
    return summarize(replicate(design, settings))


def of(comparison: Comparison, metric: str) -> Difference:
    return next(one for one in comparison.differences if one.metric == metric)


def test_a_design_differs_from_itself_by_nothing_with_no_doubt():
    for one in compare(run(), run()).differences:
        assert one.change is not None
        assert one.change.value == 0
        assert one.change.low in (0, None)
        assert not one.change.is_clear


def test_a_pair_of_runs_has_the_interval_of_its_paired_differences():
    before, after = run(), run(with_value(DESIGN, "components.web.replicas", 3))
    found = of(compare(before, after), "p99_ms")
    gaps = [b.p99_ms - a.p99_ms for a, b in zip(before.by_run, after.by_run, strict=True)]
    half = student.ppf(0.975, 4) * np.std(gaps, ddof=1) / 5**0.5
    assert found.change is not None
    assert found.change.value == after.latency.p99_ms.value - before.latency.p99_ms.value
    assert found.change.high - found.change.low == pytest.approx(2 * half)
    assert found.change.is_clear
    assert of(compare(before, after), "usd_per_month").change.value == 730


def test_the_numbers_of_single_runs_are_those_of_runs_by_themselves():
    found, replications = run(), replicate(DESIGN, SETTINGS)
    for number, one in enumerate(found.by_run):
        alone = summarize(replace(replications, runs=[replications.runs[number]]))
        assert one.p99_ms == alone.latency.p99_ms.value
        assert one.in_time_share == one.full_share == alone.outcomes.in_time_share.value
        assert (one.availability, one.fallback_share) == (1.0, 0.0)


def test_runs_of_other_luck_have_no_paired_interval():
    comparison = compare(run(), run(settings=SETTINGS.model_copy(update={"seed": 3})))
    assert not comparison.same_luck
    assert of(comparison, "p99_ms").change.low is None


def test_the_words_say_where_the_time_went():
    """A batch that waits 40 ms for more requests, and an even trickle that never fills it."""
    parts = {"gpu": model_server(100, 0.01)}
    before = a_design(parts, 10.0)
    after = with_value(before, "components.gpu.max_wait_ms", 40.0)
    quick = RunSettings(replications=2, requests=2_000)
    said = compare(run(before, quick), run(after, quick)).moved
    assert said == "Around p99, 40.0 of the 40.0 added ms is waiting for the batch at gpu."


def test_an_interval_needs_two_values():
    assert around(1.0, [1.0]).low is None
    assert around(1.0, [0.9, 1.1]).is_clear is False
    assert around(1.0, [1.0, 1.0]).is_clear is True
