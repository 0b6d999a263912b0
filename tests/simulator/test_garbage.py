"""The garbage collector is left as it was found."""

import gc

import pytest

from simulator.garbage import NEWCOMERS, rare_collections
from simulator.run import simulate
from tests.simulator.designs import a_design, wide


def test_it_looks_rarely_during_a_run_and_as_before_afterwards():
    before, seen = gc.get_threshold(), []
    simulate(a_design({"x": wide()}), seed=1, duration_s=9.0, progress=lambda _: seen.append(gc.get_threshold()))
    assert {one[0] for one in seen} == {NEWCOMERS}
    assert gc.get_threshold() == before


def test_a_run_that_is_stopped_leaves_it_as_it_was():
    before = gc.get_threshold()

    def stop(_):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        simulate(a_design({"x": wide()}), seed=1, duration_s=9.0, progress=stop)
    assert gc.get_threshold() == before


def test_the_last_of_several_runs_puts_it_back():
    before, first, second = gc.get_threshold(), rare_collections(), rare_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] == NEWCOMERS
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_a_collector_that_is_off_stays_off():
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with rare_collections():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
