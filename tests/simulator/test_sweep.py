"""Grids over a design: every cell is the direct run of its design, and the order goes from coarse to fine."""

from itertools import product

import pytest

from simulator.design_file import DesignProblem
from simulator.knobs import with_value
from simulator.results.figures import figures_of
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from simulator.sweep import Axis, Cell, Trial, coarse_to_fine, measured, plan, stand_in, sweep
from tests.simulator.designs import a_design, exponential, service

QUICK = RunSettings(seed=3, replications=2, requests=2_000)
DESIGN = a_design(
    {"web": service(replicas=2, usd_per_replica_hour=1.0) | {"service_time": exponential(0.01)}},
    150.0,
    arrivals={"kind": "poisson"},
    promise={"p99_ms": 100, "usd_per_month": 2000},
)
REPLICAS = Axis(path="components.web.replicas", values=(1, 2, 3))
RATES = Axis(path="traffic.arrival_rate_per_s", values=(120.0, 150.0))


def cells() -> dict[tuple[int, ...], Cell]:
    return {cell.place: cell for cell in sweep(DESIGN, [REPLICAS, RATES], QUICK)}


def test_every_cell_is_the_direct_run_of_its_design_bit_for_bit():
    found = cells()
    assert list(found) == coarse_to_fine([3, 2])
    for (i, j), cell in found.items():
        design = with_value(DESIGN, REPLICAS.path, REPLICAS.values[i])
        design = with_value(design, RATES.path, RATES.values[j])
        direct = summarize(replicate(design, QUICK))
        assert cell == measured(Trial((i, j), (REPLICAS.values[i], RATES.values[j]), design), figures_of(direct))
        assert (cell.p99_ms, cell.in_time_share) == (direct.latency.p99_ms, direct.outcomes.in_time_share)
        assert cell.usd_per_month == direct.cost.usd_per_month == (i + 1) * 730


def test_a_cell_that_cannot_keep_up_says_so_in_words():
    found = cells()
    said = {place: cell.overload for place, cell in found.items() if cell.overload}
    assert set(said) == {(0, 0), (0, 1)}  # one server does 100/s
    assert all("it cannot keep up" in sentence for sentence in said.values())


def test_a_cell_keeps_the_promise_only_if_every_part_is_met():
    found = cells()
    assert found[1, 1].keeps is True
    assert (found[2, 1].keeps, len(found[2, 1].missed)) == (False, 1)  # 2,190 USD
    assert "cost per month" in found[2, 1].missed[0]


def test_a_value_that_does_not_fit_gives_a_sentence_and_the_others_run():
    found = {cell.values: cell for cell in sweep(DESIGN, [Axis(path=REPLICAS.path, values=(2, 0))], QUICK)}
    assert found[2,].ran
    assert found[0,].problems == ("components.web.replicas is 0, but must be at least 1",)


def test_a_run_that_would_be_too_long_gives_its_sentence():
    long = Axis(path=RATES.path, values=(150.0, 1e9))
    found = [cell for cell in sweep(DESIGN, [long], RunSettings(replications=1, duration_s=5.0)) if not cell.ran]
    assert len(found) == 1
    assert "is the most" in found[0].problems[0]


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ([Axis(path="components.bew.replicas", values=(1,))], "no 'bew' in components"),
        ([REPLICAS, REPLICAS], "is given twice"),
        ([Axis(path=REPLICAS.path, values=())], "has no values"),
        ([Axis(path=REPLICAS.path, values=tuple(range(1, 1002)))], "1,000 is the most"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_with_a_sentence(axes, said):
    with pytest.raises(DesignProblem, match=said):
        plan(DESIGN, axes)


@pytest.mark.parametrize("sizes", [(1, 1), (5, 4), (10, 6), (3, 17), (7,), (2, 3, 4)])
def test_the_order_holds_every_place_once_and_is_coarse_first(sizes):
    order = coarse_to_fine(sizes)
    assert sorted(order) == sorted(product(*map(range, sizes)))
    assert len(set(order)) == len(order)
    steps = [max(stride for stride in (1, 2, 4, 8, 16, 32) if all(i % stride == 0 for i in place)) for place in order]
    assert steps == sorted(steps, reverse=True)


def test_an_unknown_cell_borrows_from_the_corner_of_its_block():
    known = {(0, 0), (4, 0), (0, 4), (2, 2)}
    assert stand_in((1, 1), known) == (0, 0)
    assert stand_in((3, 3), known) == (2, 2)
    assert stand_in((5, 1), known) == (4, 0)
    assert stand_in((3, 3), set()) is None
    assert stand_in((0, 4), known) == (0, 4)


def test_from_the_first_cell_on_every_cell_has_a_stand_in():
    order = coarse_to_fine([10, 6])
    for done in (1, 2, 7, 30):
        assert all(stand_in(place, set(order[:done])) for place in order)
