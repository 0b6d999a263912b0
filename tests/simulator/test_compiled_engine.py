"""The compiled engine ends every request as SimPy does: at the same instant, in the same way, with the same records."""

import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings

from simulator.compiled.coverage import covers
from simulator.design import Design
from simulator.design_file import design_from, write_design
from simulator.results.replications import one_by_one, replicate
from simulator.results.summary import summarize
from simulator.run import simulate
from simulator.settings import RunSettings
from simulator.support import DoesNotRunYet, check
from tests.simulator.engines import both, differences
from tests.simulator.lattice import on_lattice
from tests.simulator.random_designs import Data, running_designs

pytest.importorskip("numba")
pytestmark = pytest.mark.usefixtures("compiled_engine")

DESIGNS = int(os.environ.get("WINDTUNNEL_DESIGNS", "500"))
MANY = settings(max_examples=DESIGNS, suppress_health_check=list(HealthCheck))


def runnable(data: Data) -> Design | None:
    """The design, if it is one that runs on both engines."""
    try:
        design = design_from(data)
        check(design)
    except ValueError:
        return None
    return design if covers(design) is None else None


def assert_alike(data: Data, seed: int = 1) -> None:
    design = runnable(data)
    if design is not None:
        note(write_design(design))
        assert not differences(*both(design, 1.0, seed))


@pytest.mark.slow
@MANY
@given(running_designs())
def test_random_designs_end_every_request_alike(data):
    assert_alike(data)


@pytest.mark.slow
@MANY
@given(running_designs())
def test_designs_in_which_much_happens_at_the_same_instant_do_too(data):
    assert_alike(on_lattice(data))


TIERS = {
    "traffic": {"entry": "web", "arrival_rate_per_s": 400.0},
    "components": {
        "web": {
            "kind": "service",
            "concurrency": 8,
            "service_time": {"kind": "exponential", "mean_ms": 4.0},
            "calls": [[{"to": "model", "timeout_ms": 40.0, "retries": {"attempts": 3}}]],
        },
        "model": {
            "kind": "model_server",
            "replicas": 2,
            "max_items": 8,
            "max_wait_ms": 5.0,
            "batch_time": {"fixed_ms": 12.0, "per_item_ms": 0.5},
            "usd_per_replica_hour": 1.0,
        },
    },
    "faults": [{"kind": "kill_replicas", "at_s": 0.5, "for_s": 1.0, "component": "model"}],
    "promise": {"p99_ms": 60.0},
}


def test_everything_that_is_measured_is_the_same():
    settings = RunSettings(requests=1000, replications=2, duration_s=4.0)
    on_simpy, compiled = (
        summarize(replicate(design_from(TIERS), settings, engine=engine)) for engine in ("simpy", "compiled")
    )
    assert (on_simpy.engine, compiled.engine) == ("simpy", "compiled")
    same = compiled.model_copy(update={"engine": "simpy"}).model_dump()
    assert same == on_simpy.model_dump()


def test_small_tables_grow_and_the_run_is_the_same(monkeypatch):
    from simulator.compiled import execute, layout  # noqa: PLC0415  # they import numba

    monkeypatch.setattr(layout, "_kept", layout._Kept())

    tiny = dict.fromkeys(execute.GROWING, 32)
    for name in ("visits", "luck"):
        del tiny[name]
    monkeypatch.setattr(execute, "_first_caps", lambda design, n: dict(tiny))
    assert not differences(*both(design_from(TIERS), 2.0))


def test_a_queue_of_all_requests_fits_into_its_tables():
    slow = {"kind": "service", "service_time": {"kind": "constant", "value_ms": 50.0}, "queue": {"limit": "unlimited"}}
    data = {"traffic": {"entry": "web", "arrival_rate_per_s": 2000.0}, "components": {"web": slow}}
    assert not differences(*both(design_from(data), 1.0))


def test_clocks_of_one_call_that_ring_in_another_order_ring_when_they_should():
    """The deadline travels along: who has waited long in line has less time left than the attempt may take."""
    data = {
        "traffic": {"entry": "door", "arrival_rate_per_s": 450.0},
        "components": {
            "door": {
                "kind": "service",
                "service_time": {"kind": "constant", "value_ms": 1.0},
                "concurrency": 100,
                "calls": [[{"to": "line", "deadline_ms": 60.0}]],
            },
            "line": {
                "kind": "service",
                "service_time": {"kind": "exponential", "mean_ms": 8.0},
                "concurrency": 4,
                "calls": [[{"to": "back", "timeout_ms": 40.0}]],
            },
            "back": {"kind": "service", "service_time": {"kind": "exponential", "mean_ms": 30.0}, "concurrency": 200},
        },
    }
    design = design_from(data)
    on_simpy, compiled = both(design, 4.0)
    assert not differences(on_simpy, compiled)
    [site] = [place for place in compiled.calls if "line" in place]
    assert min(compiled.calls[site].timeouts, compiled.calls[site].deadlines) > 50


def test_progress_is_told_and_may_stop_the_run():
    shares: list[float] = []

    class Enough(Exception):
        pass

    def progress(share: float) -> None:
        shares.append(share)
        if share > 0.5:
            raise Enough

    with pytest.raises(Enough):
        simulate(design_from(TIERS), seed=1, duration_s=10.0, progress=progress, engine="compiled")
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] < 0.7


def test_replications_in_threads_are_those_of_one_after_the_other_in_the_same_order():
    shares: list[float] = []
    some = RunSettings(requests=1000, replications=5, duration_s=2.0)
    together, alone = (
        list(one_by_one(design_from(TIERS), some, shares.append, "compiled", threads=threads)) for threads in (3, 1)
    )
    assert [len(one.runs) for one in together] == [1, 2, 3, 4, 5]
    assert [run.replication for run in together[-1].runs] == [0, 1, 2, 3, 4]
    assert summarize(together[-1]) == summarize(alone[-1])
    half = len(shares) // 2
    assert shares[:half] == sorted(shares[:half])
    assert (shares[0], shares[half - 1]) == (0.0, 1.0)


def test_progress_stops_the_runs_of_all_threads():
    asked = []

    def stop(share: float) -> None:
        asked.append(share)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(one_by_one(design_from(TIERS), RunSettings(requests=1000, replications=9), stop, "compiled", threads=2))
    assert len(asked) <= 9  # nobody goes on after that


def test_what_is_not_covered_is_refused_by_name_and_run_by_simpy_with_a_reason():
    data = TIERS | {
        "traffic": TIERS["traffic"]
        | {"arrivals": {"kind": "closed_loop", "users": 5, "think_time": {"kind": "exponential", "mean_ms": 50.0}}}
    }
    settings = RunSettings(requests=100, replications=1)
    with pytest.raises(DoesNotRunYet, match="closed loop"):
        replicate(design_from(data), settings, engine="compiled")
    summary = summarize(replicate(design_from(data), settings, engine="auto"))
    assert summary.engine == "simpy"
    assert "closed loop" in summary.engine_note


def test_the_random_designs_reach_every_kind_of_component_and_what_kills_them():
    kinds: Counter[str] = Counter()

    @settings(max_examples=150, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(running_designs())
    def draw(data):
        design = runnable(data)
        if design is not None:
            kinds.update({part.kind for part in design.components.values()} | {one.kind for one in design.faults})

    draw()
    wanted = {"service", "cache", "store", "model_server", "llm_server", "stream", "load_balancer", "router"}
    wanted |= {"kill_replicas", "slow"}
    assert not wanted - set(kinds)


def test_luck_is_indexed_and_not_consumed():
    """A run twice as long begins with the shorter one."""
    short, long = (simulate(design_from(TIERS), seed=3, duration_s=s, engine="compiled") for s in (1.0, 2.0))
    ended = short.ended_s < 1.0
    assert ended.sum() > 100
    assert np.array_equal(short.ended_s[ended], long.ended_s[: len(ended)][ended])
