"""The advice names the one level that lifts the signal most, in words of the rubric."""

from hypothesis import given
from hypothesis import strategies as st

from rubrics.hire_signal import GATES, counted_levels, raised
from rubrics.next_step import next_step
from rubrics.rubric_file import load_rubric
from rubrics.schema import DIMENSIONS, weights_for
from rubrics.score import LevelVerdict

RUBRIC = load_rubric()
WEIGHTS = weights_for(RUBRIC, {})


def verdicts(levels, **caps):
    """Verdicts from eight levels in the rubric's order, with the cap of some dimensions."""
    return [
        LevelVerdict(dimension=one, level=level, source="self", self_level=level, cap=caps.get(one, 4), sentence="-")
        for one, level in zip(DIMENSIONS, levels, strict=True)
    ]


def step(levels, weights=WEIGHTS, **caps):
    return next_step(verdicts(levels, **caps), weights, RUBRIC)


def test_without_a_gate_in_reach_the_heaviest_dimension_comes_first():
    found = step([0] * 8)
    assert (found.dimension, found.to_level, found.points, found.opens) == ("requirements_framing", 1, 3.5, None)
    assert found.advice == RUBRIC.dimension("requirements_framing").levels[1]


def test_a_light_dimension_that_opens_a_gate_goes_before_a_heavy_one():
    found = step([2, 0, 2, 2, 2, 2, 2, 2])
    assert (found.dimension, found.opens, found.points) == ("capacity", "mid", 2.5)


def test_a_dimension_at_its_cap_is_passed_over():
    assert step([4, 4, 4, 3, 4, 3, 3, 3]).dimension == "serving_scale"
    assert step([4, 4, 4, 3, 4, 3, 3, 3], serving_scale=3).dimension == "reliability_operations"
    assert step([4, 4, 4, 3, 4, 3, 3, 3], serving_scale=3, reliability_operations=3).dimension == "data_features"


def test_nothing_is_advised_when_nothing_can_rise():
    assert step([4] * 8) is None
    assert step([4, 4, 4, 4, 4, 3, 4, 4], serving_scale=3) is None


def test_a_level_that_is_not_shown_counts_as_0():
    found = step([4, 4, 4, 4, None, 4, 4, 4])
    assert (found.dimension, found.to_level, found.points) == ("model_evaluation", 1, 2.75)


@given(levels=st.lists(st.integers(0, 4), min_size=8, max_size=8), order=st.permutations(range(8)))
def test_no_other_step_does_better_and_the_order_of_verdicts_does_not_matter(levels, order):
    given_verdicts = verdicts(levels)
    found = next_step(given_verdicts, WEIGHTS, RUBRIC)
    assert found == next_step([given_verdicts[i] for i in order], WEIGHTS, RUBRIC)
    if found is None:
        assert levels == [4] * 8
        return
    now = counted_levels(given_verdicts)
    rest = [one for one in DIMENSIONS if now[one] < 4 and WEIGHTS[one] / 4 > found.points]
    closed = [gate for gate in GATES if not gate.is_open(now, WEIGHTS)]
    assert found.opens or not any(gate.is_open(raised(now, one), WEIGHTS) for gate in closed for one in rest)
    assert not rest or found.opens
