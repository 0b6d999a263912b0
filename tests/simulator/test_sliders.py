"""The numbers worth turning: each stands somewhere in the design, and both ends of its range make a design."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import simulator
from simulator.design_file import design_from, read_design
from simulator.knobs import value_at, with_value
from simulator.sliders import sliders, why_idle
from tests.simulator.designs import a_design, front, kill, model_server, service, store
from tests.simulator.random_designs import running_designs

EXAMPLE = (Path(simulator.__file__).parents[1] / "examples" / "ads-cell.yaml").read_text(encoding="utf-8")


def _as_written(slider, value):
    return round(value) if slider.is_whole else value


@given(data=running_designs())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_both_ends_of_every_slider_make_a_design(data):
    design = design_from(data)
    for slider in sliders(design):
        for end in (slider.low, slider.high):
            changed = with_value(design, slider.path, _as_written(slider, end))
            assert value_at(changed, slider.path) == pytest.approx(end)
        assert slider.low < slider.high


@given(data=running_designs())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_slider_starts_within_its_range(data):
    design = design_from(data)
    for slider in sliders(design):
        now = value_at(design, slider.path)
        assert now is None or slider.low <= now <= slider.high


@pytest.mark.parametrize(
    "design",
    [
        a_design({"x": service(replicas=5)}, faults=[kill("x", 1, replicas=3)]),
        a_design({"front": front([{"to": "x", "fan_out": {"copies": 6}}]), "x": store(shards=8)}),
        a_design({"x": model_server(4, 1)}, classes=[{"items": 3}]),
        a_design({"x": model_server("unlimited", 1)}, classes=[{"items": {"shape": "geometric", "mean": 3.0}}]),
    ],
    ids=["replicas that are killed", "shards that are asked", "items and batches", "unlimited"],
)
def test_a_slider_leaves_room_for_what_depends_on_it(design):
    for slider in sliders(design):
        for end in (slider.low, slider.high):
            with_value(design, slider.path, _as_written(slider, end))


def test_a_slider_that_may_be_off_can_be_taken_out():
    design = read_design(EXAMPLE)
    for slider in sliders(design):
        if slider.may_be_off:
            assert value_at(with_value(design, slider.path, None), slider.path) is None


def test_the_example_has_sliders_for_what_it_teaches():
    paths = {slider.path for slider in sliders(read_design(EXAMPLE))}
    assert paths >= {
        "traffic.arrival_rate_per_s",
        "traffic.classes.0.items",
        "components.ranker.max_items",
        "components.ranker.max_wait_ms",
        "components.ranker.replicas",
        "components.features.shards",
        "components.ads.calls.0.0.hedge.after_ms",
    }


def test_users_are_turned_where_there_is_no_rate_and_nothing_where_arrivals_are_recorded():
    loop = {"kind": "closed_loop", "users": 20, "think_time": {"kind": "constant", "value_ms": 5.0}}
    trace = {"kind": "trace", "times_s": [1.0, 2.0]}
    for arrivals, paths in ((loop, ["traffic.arrivals.users"]), (trace, [])):
        found = sliders(a_design({"x": service()}, arrivals=arrivals))
        assert [slider.path for slider in found if slider.path.startswith("traffic")] == paths


def test_shards_are_offered_only_where_their_number_can_change_something():
    asks_all = a_design({"front": front([{"to": "x", "fan_out": {}}]), "x": store(shards=8)})
    asks_one = a_design({"front": front([{"to": "x"}]), "x": store(shards=8)})
    for design, offered in ((asks_all, True), (asks_one, False)):
        assert ("components.x.shards" in {slider.path for slider in sliders(design)}) == offered
    for change in ({"concurrency": 4}, {"usd_per_replica_hour": 0.5}):
        changed = a_design({"front": front([{"to": "x"}]), "x": store(shards=8, **change)})
        assert "components.x.shards" in {slider.path for slider in sliders(changed)}


@pytest.mark.parametrize(
    ("most", "items", "is_idle"), [(1, 1, True), (2, 1, False), (3, 3, True), ("unlimited", 1, False)]
)
def test_a_wait_for_a_batch_is_idle_where_one_request_fills_it(most, items, is_idle):
    design = a_design({"x": model_server(most, 1)}, classes=[{"items": items}])
    assert bool(why_idle(design, "components.x.max_wait_ms")) == is_idle
    assert why_idle(design, "components.x.max_items") == ""
