"""The film of a run shows who waits and who is worked on, step by step."""

import pytest

from simulator.results.playback import STEPS, PlayedComponent, playback
from simulator.results.summary import summarize
from tests.simulator.designs import a_design, kill, replications_of, run_of, service, store


def film(design, arrivals: int) -> dict[str, PlayedComponent]:
    return {one.component: one for one in playback(run_of(design, arrivals)).components}


def test_a_queue_fills_by_one_request_after_another_and_its_server_is_busy():
    """Requests come at 1, 2, 3 ... and each takes 100 s: the first is worked on, the others wait."""
    shown = film(a_design({"x": service(100.0)}), 60)["x"]  # 60.5 s, so a step is 0.504 s
    assert shown.waiting[:2] == (0.0, 0.0)
    middle = int(30.25 / 60.5 * STEPS)  # a step without an arrival in it
    assert shown.waiting[middle] == pytest.approx(29, abs=0.51)
    assert shown.inside[middle] - shown.waiting[middle] == pytest.approx(1.0)
    assert shown.busy_share[0] == 0.0
    assert shown.busy_share[-1] == 1.0


def test_steps_add_up_to_the_time_that_requests_spend():
    shown = film(a_design({"x": store(0.5)}), 20)["x"]  # 20.5 s
    assert sum(shown.inside) * 20.5 / STEPS == pytest.approx(20 * 0.5, rel=1e-3)
    assert set(shown.waiting) == {0.0}
    assert shown.busy_share is None


def test_a_part_without_a_living_replica_has_no_busy_share():
    shown = film(a_design({"x": service(0.1)}, faults=[kill("x", 0.0, 5.0)]), 10)["x"]
    assert shown.busy_share[0] is None
    assert shown.busy_share[-1] is not None


def test_the_summary_plays_the_first_run_however_many_there_are():
    design = a_design({"x": service(0.01)}, 50.0, arrivals={"kind": "poisson"})
    one, three = (summarize(replications_of(design, 200, replications=n)) for n in (1, 3))
    assert one.playback == three.playback is not None
