"""The ads cell of the first question: batching, candidates, fan-out and a lost GPU have the effects that were measured.

The figures come from an independent model of the same cell; stable points are held within 15 percent, averaged over
five replications, and near saturation only the order counts.
"""

from functools import cache
from pathlib import Path

import pytest

import simulator
from simulator.design_file import read_design
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, front, kill

ROWS = 300
BAND = 0.15


def _cell(max_items=1200, wait_ms=2.0, rows=ROWS, shards=1, hedge_ms=None, lost_machine=False):
    """1,390 requests a second: features from a store, then five GPUs that take 3 ms and 4 us for each row."""
    read = {"to": "features", "fan_out": {"copies": "all"}}
    if hedge_ms is not None:
        read["hedge"] = {"after_ms": hedge_ms}
    parts = {
        "ads": front([read], [{"to": "ranker"}]),
        "features": {
            "kind": "store",
            "shards": shards,
            "read_time": {"kind": "lognormal", "median_ms": 3.0, "p99_ms": 9.0},
        },
        "ranker": {
            "kind": "model_server",
            "replicas": 5,
            "max_items": max_items,
            "max_wait_ms": wait_ms,
            "batch_time": {"fixed_ms": 3.0, "per_item_ms": 0.004},
            "queue": {"limit": "unlimited"},
        },
    }
    faults = [kill("ranker", 0)] if lost_machine else []
    traffic = {"rate_per_s": 1390.0, "arrivals": {"kind": "poisson"}, "classes": [{"items": rows}]}
    return a_design(parts, faults=faults, **traffic)


@cache
def _run(requests=6_000, **cell):
    """(summary, p99 in ms, the ranker's numbers) of five replications."""
    summary = summarize(replicate(_cell(**cell), RunSettings(requests=requests)))
    ranker = next(one for one in summary.components if one.component == "ranker")
    return summary, summary.latency.p99_ms.value, ranker


@pytest.mark.parametrize(
    ("cell", "p99_ms", "busy"),
    [
        ({"max_items": 1200, "wait_ms": 2.0}, 18, 0.62),
        ({"max_items": 4800, "wait_ms": 10.0}, 38, 0.41),
        ({"max_items": 9600, "wait_ms": 25.0}, 71, 0.38),
    ],
    ids=["1200 rows", "4800 rows", "9600 rows"],
)
def test_larger_batches_free_the_machines_and_lengthen_the_wait(cell, p99_ms, busy):
    _, measured_ms, ranker = _run(**cell)
    assert measured_ms == pytest.approx(p99_ms, rel=BAND)
    assert ranker.utilization.value == pytest.approx(busy, rel=BAND)


@pytest.mark.parametrize("cell", [{"max_items": ROWS, "wait_ms": 0.0}, {"rows": 600}], ids=["no batching", "600 rows"])
def test_a_cell_that_cannot_keep_up_says_so(cell):
    summary, p99_ms, ranker = _run(**cell)
    assert p99_ms > 300
    assert ranker.load > 1
    assert any(
        one.startswith("ranker is asked for 1") and "depend on how long the run was" in one for one in summary.remarks
    )


def test_without_batching_the_wait_grows_past_a_second():
    assert _run(requests=12_000, max_items=ROWS, wait_ms=0.0)[1] > 1000


def test_fewer_candidates_are_quicker_and_more_than_the_machines_can_bear_are_not():
    p99_ms = [_run(rows=rows)[1] for rows in (150, 300, 450, 600)]
    assert p99_ms == sorted(p99_ms)
    assert p99_ms[0] == pytest.approx(17, rel=BAND)
    assert p99_ms[1] == pytest.approx(18, rel=BAND)


def test_with_batching_one_lost_machine_of_five_hardly_shows():
    _, p99_ms, ranker = _run(lost_machine=True)
    assert p99_ms == pytest.approx(18, rel=BAND)
    assert ranker.utilization.value > 1.2 * _run()[2].utilization.value


@pytest.mark.parametrize(
    ("cell", "p99_ms"),
    [({"shards": 1}, 18), ({"shards": 16}, 22), ({"shards": 64}, 25), ({"shards": 64, "hedge_ms": 8.0}, 22)],
    ids=["1 shard", "16 shards", "64 shards", "64 shards with backup requests"],
)
def test_more_shards_lengthen_the_tail_and_backup_requests_cut_it(cell, p99_ms):
    assert _run(**cell)[1] == pytest.approx(p99_ms, rel=BAND)


def test_the_example_keeps_its_promise():
    text = (Path(simulator.__file__).parents[1] / "examples" / "ads-cell.yaml").read_text(encoding="utf-8")
    summary = summarize(replicate(read_design(text), RunSettings(requests=6_000)))
    assert {verdict.met for verdict in summary.promise} == {True}
    assert summary.bottleneck.component == "ranker"
