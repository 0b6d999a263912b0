"""Designs that feed forward end every request alike on all three engines, to the last record."""

import os

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from benchmarks.engine import chains
from simulator.design_file import design_from, write_design
from simulator.forward import feeds_forward
from simulator.run import simulate
from tests.simulator.engines import differences
from tests.simulator.lattice import on_lattice
from tests.simulator.random_designs import ITEMS, Data, kind, some, times

pytest.importorskip("numba")
pytestmark = pytest.mark.usefixtures("compiled_engine")

MANY = settings(
    max_examples=int(os.environ.get("WINDTUNNEL_DESIGNS", "500")) // 2, suppress_health_check=list(HealthCheck)
)
QUEUES = some(limit=st.sampled_from([0, 3, "unlimited"]), drop_older_than_ms=st.sampled_from([20.0, 2000.0]))
SERVICES = kind(
    "service", {"service_time": times(high_ms=20.0)}, replicas=st.integers(1, 5), concurrency=st.integers(1, 60),
    queue=QUEUES,
)  # fmt: skip
STORES = kind("store", {"read_time": times(high_ms=20.0)})
CACHES = kind(
    "cache",
    {"contents": st.builds(lambda ratio: {"kind": "fixed", "hit_ratio": ratio}, st.floats(0.0, 1.0))},
    lookup_time=times(high_ms=3.0),
)
BATCH_TIME = st.fixed_dictionaries(
    {"fixed_ms": st.floats(1.0, 20.0), "per_item_ms": st.floats(0.0, 3.0)},
    optional={"scv": st.floats(0.01, 1.0)},
)
MODEL_SERVERS = kind(
    "model_server",
    {"max_items": st.integers(4, 16) | st.just("unlimited"), "batch_time": BATCH_TIME},
    replicas=st.integers(1, 4),
    streams=st.integers(1, 2),
    max_wait_ms=st.sampled_from([0.0, 3.0, 40.0]),
    queue=QUEUES,
)


@st.composite
def forward_designs(draw: st.DrawFn) -> Data:
    """Services and caches that ask one or two others each, and a last one of any kind."""
    components: Data = {}

    def add(depth: int, *, is_last: bool) -> str:
        name = f"c{len(components)}"
        inner = [SERVICES, CACHES] if depth < 3 else []
        part = dict(draw(st.one_of(*inner, SERVICES, STORES, *([MODEL_SERVERS] if is_last else []))))
        components[name] = part
        asks = {"service": "calls", "cache": "on_miss"}.get(part["kind"])
        least = 1 if part["kind"] == "cache" else 0
        number = draw(st.integers(least, max(least, 2 if depth < 2 else 1 if depth < 3 else 0)))
        if asks:
            part[asks] = [[{"to": add(depth + 1, is_last=is_last and i == number - 1)}] for i in range(number)]
        return name

    entry = add(0, is_last=True)
    traffic = {"entry": entry, "arrival_rate_per_s": draw(st.floats(20.0, 600.0)), "classes": [{"items": draw(ITEMS)}]}
    return {"version": 1, "traffic": traffic, "components": components}


def assert_alike(data: Data) -> None:
    try:
        design = design_from(data)
    except ValueError:
        return
    note(write_design(design))
    assert feeds_forward(design)
    luck = {"seed": 1, "duration_s": 1.0}
    by_stages, by_simpy, by_events = (
        simulate(design, **luck, engine=engine) for engine in ("stages", "simpy", "compiled")
    )
    assert not differences(by_simpy, by_stages)
    assert not differences(by_events, by_stages)


@pytest.mark.slow
@MANY
@given(forward_designs())
def test_random_forward_designs_end_every_request_alike(data):
    assert_alike(data)


@pytest.mark.slow
@MANY
@given(forward_designs())
def test_forward_designs_in_which_much_happens_at_the_same_instant_do_too(data):
    assert_alike(on_lattice(data))


@pytest.mark.parametrize("name", list(chains()))
def test_the_chains_run_stage_by_stage_and_bit_for_bit_as_event_by_event(name):
    design, _ = chains()[name]
    by_stages, by_events = (simulate(design, seed=2, duration_s=1.0, engine=one) for one in ("auto", "compiled"))
    assert (by_stages.engine, by_events.engine) == ("stages", "compiled")
    assert by_stages.ended_s.tobytes() == by_events.ended_s.tobytes()
    assert not differences(by_events, by_stages)


def test_a_run_in_which_somebody_is_turned_away_goes_event_by_event():
    busy = {"kind": "service", "service_time": {"kind": "exponential", "mean_ms": 20.0}, "queue": {"limit": 2}}
    data = {"traffic": {"entry": "web", "arrival_rate_per_s": 100.0}, "components": {"web": busy}}
    run = simulate(design_from(data), seed=1, duration_s=2.0, engine="stages")
    assert run.engine == "compiled"
    assert (run.ending != 0).any()


BUSY = {"kind": "service", "replicas": 2, "service_time": {"kind": "exponential", "mean_ms": 15.0}}
BATCHES = {"kind": "model_server", "max_items": 4, "batch_time": {"fixed_ms": 25.0, "per_item_ms": 0.1}}


@pytest.mark.parametrize("part", [BUSY, BATCHES])
@pytest.mark.parametrize("name", ["limit", "drop_older_than_ms"])
def test_the_stages_answer_just_as_long_as_nobody_is_turned_away(part, name):
    answered = set()
    for bound in range(1, 24) if name == "limit" else range(10, 240, 10):
        web = {**part, "queue": {"limit": "unlimited", name: bound}}
        design = design_from({"traffic": {"entry": "web", "arrival_rate_per_s": 100.0}, "components": {"web": web}})
        on_simpy, by_stages = (simulate(design, seed=1, duration_s=2.0, engine=one) for one in ("simpy", "stages"))
        assert not differences(on_simpy, by_stages)
        assert (by_stages.engine == "compiled") >= bool((on_simpy.ending != 0).any())
        if name == "limit":
            assert (by_stages.engine == "compiled") == bool((on_simpy.ending != 0).any())
        answered.add(by_stages.engine)
    assert answered == {"stages", "compiled"}
