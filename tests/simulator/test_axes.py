"""Axes of a grid: values on the slider's steps, the present one among them, and knobs ordered by what they move."""

import pytest

from simulator.axes import axis, by_sensitivity, turnable
from simulator.design_file import read_design
from simulator.knobs import value_at
from simulator.sliders import Slider, sliders
from tests.simulator.designs import a_design, front, service, wide
from tests.simulator.processes import ROOT

ADS = read_design((ROOT / "examples" / "ads-cell.yaml").read_text(encoding="utf-8"))


def slider(low: float, high: float, step: float) -> Slider:
    return Slider(path="p", label="p", unit="", low=low, high=high, step=step)


@pytest.mark.parametrize(
    ("one", "now", "count", "values"),
    [
        (slider(1, 8, 1), 5, 8, (1, 2, 3, 4, 5, 6, 7, 8)),
        (slider(3, 10, 1), 5, 3, (3, 5, 10)),
        (slider(300, 9600, 300), 1200, 6, (300, 600, 1200, 2400, 4800, 9600)),
        (slider(0, 25, 0.5), 2, 6, (0.0, 2.0, 10.0, 15.0, 20.0, 25.0)),
        (slider(0, 25, 0.5), None, 6, (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)),
        (slider(0, 10, 1), 40, 3, (0, 5, 10, 40)),
        (slider(1, 2, 1), 1, 10, (1, 2)),
    ],
)
def test_values_reach_from_end_to_end_with_the_present_one_among_them(one, now, count, values):
    assert axis(one, now, count).values == values


def test_every_axis_of_the_ads_cell_holds_its_present_value_and_runs_upwards():
    for one in turnable(ADS, sliders(ADS)):
        now = value_at(ADS, one.path)
        found = axis(one, now, 7).values
        assert list(found) == sorted(set(found))
        assert now is None or now in found
        assert len(found) <= 9


def test_the_knob_of_the_full_component_comes_before_that_of_an_idle_one():
    design = a_design(
        {"web": front([{"to": "idle"}], [{"to": "full"}]), "idle": wide(0.001), "full": service(0.01)}, 80
    )
    paths = [one.path for one in by_sensitivity(design, sliders(design))]
    assert paths.index("components.full.replicas") < paths.index("components.idle.replicas")
    assert paths.index("traffic.arrival_rate_per_s") < paths.index("components.idle.replicas")


def test_a_slider_without_a_place_in_the_design_is_left_out():
    gone = slider(1, 2, 1).model_copy(update={"path": "components.ghost.replicas"})
    assert turnable(ADS, [gone, *sliders(ADS)]) == turnable(ADS, sliders(ADS))
