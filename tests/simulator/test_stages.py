"""Before, during and after a fault: the steps of a timeline, each in its stage."""

import pytest

from simulator.design_file import design_from
from simulator.results.stages import stages
from simulator.results.timeline import Timeline
from tests.simulator.designs import design_data, kill, service


def line(shares: list[float | None], arrivals: list[float] | None = None) -> Timeline:
    """A timeline with a step of one second for each share; the p95 is 1000 ms times what was late."""
    return Timeline(
        step_s=1.0,
        starts_s=tuple(float(i) for i in range(len(shares))),
        arrivals_per_s=tuple(arrivals or [10.0] * len(shares)),
        p50_ms=tuple(1.0 for _ in shares),
        p95_ms=tuple(None if share is None else 1000 * (1 - share) for share in shares),
        in_time_share=tuple(shares),
        outcome_shares={},
        components=(),
    )


def found(timeline: Timeline, *faults, warm_up_s: float = 0.0) -> list[tuple[str, float, float, float | None]]:
    design = design_from(design_data({"x": service(replicas=9)}, faults=[kill("x", *one) for one in faults]))
    duration_s = len(timeline.starts_s) * timeline.step_s
    some = stages(timeline, design.faults, warm_up_s=warm_up_s, duration_s=duration_s)
    return [(one.name, one.from_s, one.to_s, one.in_time_share) for one in some]


def test_steps_are_weighed_by_who_arrived_in_them():
    shares = line([1.0, 1.0, 0.5, 0.0, 1.0, 0.75], [10, 10, 30, 10, 10, 10])
    assert found(shares, (2.0, 2.0)) == [
        ("before", 0.0, 2.0, 1.0),
        ("during", 2.0, 4.0, pytest.approx(15 / 40)),
        ("after", 4.0, 6.0, pytest.approx(0.875)),
    ]


def test_several_faults_are_one_stage_from_the_first_to_the_last_end():
    assert [one[:3] for one in found(line([1.0] * 6), (1.0, 1.0), (3.0, 2.0))] == [
        ("before", 0.0, 1.0),
        ("during", 1.0, 5.0),
        ("after", 5.0, 6.0),
    ]


def test_a_fault_without_an_end_has_no_after_and_one_at_the_start_no_before():
    assert [one[0] for one in found(line([1.0] * 6), (0.0,))] == ["during"]
    assert [one[0] for one in found(line([1.0] * 6), (3.0,))] == ["before", "during"]


def test_warm_up_is_not_before_and_a_fault_after_the_end_is_none():
    assert found(line([0.0, 1.0, 1.0, 1.0]), (2.0, 1.0), warm_up_s=1.0)[0] == ("before", 1.0, 2.0, 1.0)
    assert found(line([1.0] * 4), (9.0, 1.0)) == []
    assert found(line([1.0] * 4)) == []


def test_the_worst_step_is_that_of_the_stage():
    design = design_from(design_data({"x": service()}, faults=[kill("x", 2.0, 2.0)]))
    some = stages(line([0.9, 1.0, 0.2, None, 0.7, 1.0]), design.faults, warm_up_s=0.0, duration_s=6.0)
    assert [one.worst_p95_ms for one in some] == pytest.approx([100.0, 800.0, 300.0])
