"""The advice names the one level that lifts the signal most, in words of the rubric."""

from hypothesis import given
from hypothesis import strategies as st

from rubrics.hire_signal import signal
from rubrics.next_step import Change, next_step, standing
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


def standing_of(given_verdicts):
    return standing(signal(given_verdicts, WEIGHTS, {}), given_verdicts, WEIGHTS)


@given(levels=st.lists(st.integers(0, 4), min_size=8, max_size=8), order=st.permutations(range(8)))
def test_no_other_step_does_better_and_the_order_of_verdicts_does_not_matter(levels, order):
    given_verdicts = verdicts(levels)
    found = next_step(given_verdicts, WEIGHTS, RUBRIC)
    assert found == next_step([given_verdicts[i] for i in order], WEIGHTS, RUBRIC)
    if found is None:
        assert levels == [4] * 8
        return
    after = {
        one: standing_of(verdicts([min(level + (i == place), 4) for i, level in enumerate(levels)]))
        for place, one in enumerate(DIMENSIONS)
    }
    assert after[found.dimension] == max(after.values())
    assert after[found.dimension] > standing_of(given_verdicts)


def test_a_step_that_turns_a_no_into_a_lean_goes_before_more_points():
    found = step([1, 3, 1, 3, 4, 3, 3, 3])
    assert (found.dimension, found.opens, found.lifts) == ("requirements_framing", None, "Mid: no to lean yes")
    heavier = {**WEIGHTS, "serving_scale": 27, "requirements_framing": 1}
    assert step([1, 3, 2, 3, 4, 3, 3, 3], heavier).dimension == "requirements_framing"


def test_what_is_one_level_from_the_next_gate_goes_before_what_weighs_more():
    found = step([3, 3, 3, 3, 3, 3, 3, 1])
    assert (found.dimension, found.lifts) == ("tradeoffs_judgment", "Senior: lean yes to yes")


def test_without_enough_evidence_support_comes_first():
    found = step([None, 3, None, None, 3, 3, 3, 3])
    assert (found.kind, found.dimension, found.to_level) == ("evidence", "requirements_framing", 1)
    assert found.lifts == "Enough evidence: mid, no"
    assert found.advice.startswith("You gave no level: give one, with the sentence that shows it.")


def test_a_dispute_is_settled_before_anything_else_when_it_hides_the_signal():
    disputed = [
        one.model_copy(update={"suggested": 1})
        if one.dimension in ("architecture", "serving_scale", "capacity")
        else one
        for one in verdicts([3] * 8)
    ]
    found = next_step(disputed, WEIGHTS, RUBRIC)
    assert (found.kind, found.dimension, found.points) == ("evidence", "architecture", 0)
    assert found.lifts == "Enough evidence: senior, yes"
    assert found.advice.startswith("Your level is 3 and the words suggest 1:")


def test_runs_that_would_lift_two_dimensions_go_before_a_level_in_one():
    held = verdicts([3] * 8, serving_scale=3, reliability_operations=3)
    passed = Change(
        kind="runs", dimension="serving_scale", advice="Run it.", verdicts=tuple(verdicts([3] * 5 + [4, 4, 3]))
    )
    found = next_step(held, WEIGHTS, RUBRIC, [passed])
    assert (found.kind, found.points, found.opens, found.advice) == ("runs", 7.0, "staff", "Run it.")
    assert next_step(held, WEIGHTS, RUBRIC).kind == "level"


def test_a_change_that_changes_nothing_is_not_advised():
    now = verdicts([4] * 7 + [3], tradeoffs_judgment=3)
    nothing = Change(kind="runs", dimension="serving_scale", advice="Run it.", verdicts=tuple(now))
    assert next_step(now, WEIGHTS, RUBRIC, [nothing]) is None
