"""The gates of mid, senior and staff: each condition alone turns a yes into something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.hire_signal import GATES, OUTCOMES, TARGETS, gate_outcome, signal
from rubrics.rubric_file import load_rubric
from rubrics.schema import DIMENSIONS, weights_for
from rubrics.score import LevelVerdict

RUBRIC = load_rubric()
WEIGHTS = weights_for(RUBRIC, {})
TITLES = {one.id: one.title for one in RUBRIC.dimensions}
levels_of_all = st.lists(st.integers(0, 4), min_size=8, max_size=8)


def verdicts(levels, *, empty=()):
    """Verdicts from eight levels in the rubric's order (None is not shown)."""
    return [
        LevelVerdict(
            dimension=dimension,
            level=level,
            source="self",
            self_level=level,
            is_empty=dimension in empty,
            sentence="-",
        )
        for dimension, level in zip(DIMENSIONS, levels, strict=True)
    ]


def signal_of(levels, weights=WEIGHTS, **more):
    return signal(verdicts(levels, **more), weights, TITLES)


def outcomes(levels, weights=WEIGHTS, **more):
    return [gate.outcome for gate in signal_of(levels, weights, **more).gates]


# order:     requirements, capacity, architecture, data, model, serving, operations, trade-offs
MID = [2, 1, 2, 2, 3, 2, 2, 1]
SENIOR = [3, 2, 3, 2, 3, 2, 3, 2]
STAFF = [4, 3, 3, 3, 3, 3, 4, 3]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (MID, ["yes", "no", "no"]),
        (SENIOR, ["yes", "yes", "no"]),
        (STAFF, ["yes", "yes", "yes"]),
        ([4] * 8, ["yes", "yes", "yes"]),
        ([0] * 8, ["no", "no", "no"]),
    ],
)
def test_answers_at_each_level(levels, expected):
    assert outcomes(levels) == expected


MID_PLUS = [2, 2, 2, 2, 2, 2, 2, 2]
SENIOR_PLUS = [3, 3, 3, 3, 3, 2, 2, 3]
STAFF_PLUS = [4, 3, 4, 3, 4, 4, 3, 3]


@pytest.mark.parametrize(
    ("target", "levels", "dimension", "broken", "expected"),
    [
        ("mid", MID_PLUS, "requirements_framing", 1, "lean_yes"),
        ("mid", MID_PLUS, "architecture", 1, "lean_yes"),
        ("mid", MID_PLUS, "data_features", 1, "lean_yes"),
        ("mid", [3, 3, 3, 3, 3, 3, 3, 3], "requirements_framing", 0, "no"),
        ("mid", MID_PLUS, "capacity", 0, "lean_yes"),
        ("mid", [2, 2, 3, 2, 2, 2, 2, 2], "model_evaluation", 0, "lean_yes"),
        ("mid", [3, 2, 3, 2, 2, 2, 2, 2], "serving_scale", 0, "lean_yes"),
        ("mid", [3, 2, 3, 2, 2, 2, 2, 2], "reliability_operations", 0, "lean_yes"),
        ("mid", MID_PLUS, "tradeoffs_judgment", 0, "lean_yes"),
        ("senior", SENIOR_PLUS, "requirements_framing", 2, "lean_yes"),
        ("senior", SENIOR_PLUS, "architecture", 2, "lean_yes"),
        ("senior", [3, 3, 3, 2, 3, 3, 3, 3], "data_features", 1, "lean_yes"),
        ("senior", [3, 3, 3, 3, 3, 2, 3, 3], "serving_scale", 1, "lean_yes"),
        ("senior", [3, 3, 3, 3, 3, 3, 2, 3], "reliability_operations", 1, "lean_yes"),
        ("senior", [3, 3, 3, 3, 3, 3, 3, 2], "tradeoffs_judgment", 1, "lean_yes"),
        ("senior", [3, 3, 3, 3, 3, 3, 3, 2], "capacity", 0, "lean_yes"),
        ("senior", [3, 3, 3, 3, 3, 3, 3, 3], "model_evaluation", 0, "lean_yes"),
        ("senior", [3] * 8, "tradeoffs_judgment", 0, "no"),
        ("staff", STAFF_PLUS, "requirements_framing", 2, "lean_yes"),
        ("staff", STAFF_PLUS, "architecture", 2, "lean_yes"),
        ("staff", STAFF_PLUS, "reliability_operations", 2, "lean_yes"),
        ("staff", STAFF_PLUS, "tradeoffs_judgment", 2, "lean_yes"),
        ("staff", [4, 3, 4, 3, 4, 4, 4, 4], "capacity", 1, "lean_yes"),
        ("staff", [4, 3, 4, 3, 4, 4, 4, 4], "data_features", 1, "lean_yes"),
        ("staff", [4, 3, 4, 3, 4, 4, 4, 4], "model_evaluation", 1, "lean_yes"),
        ("staff", [4, 3, 4, 3, 4, 4, 4, 4], "serving_scale", 1, "lean_yes"),
    ],
)
def test_each_level_condition_alone_turns_the_yes(target, levels, dimension, broken, expected):
    place = TARGETS.index(target)
    assert outcomes(levels)[place] == "yes"
    worse = [broken if one == dimension else level for one, level in zip(DIMENSIONS, levels, strict=True)]
    assert outcomes(worse)[place] == expected
    gate = signal_of(worse).gates[place]
    missed = [one.sentence for one in gate.conditions if not one.is_met]
    assert missed
    assert all(TITLES[dimension] in sentence or "dimensions at level" in sentence for sentence in missed)


def test_senior_needs_three_dimensions_at_3():
    assert outcomes([3, 2, 4, 2, 2, 4, 2, 2])[1] == "yes"
    two_at_three = signal_of([4, 2, 4, 2, 2, 2, 2, 2]).gates[1]
    assert [one.sentence for one in two_at_three.conditions if not one.is_met] == [
        "3 dimensions at level 3 or more: there are 2."
    ]
    assert two_at_three.outcome == "lean_yes"


@pytest.mark.parametrize(("first", "last", "expected"), [(3, 3, "no"), (3, 4, "lean_yes"), (4, 4, "yes")])
def test_staff_needs_two_dimensions_at_4(first, last, expected):
    levels = [first, 3, 3, 3, 3, 3, last, 3]
    assert gate_outcome(GATES[2], dict(zip(DIMENSIONS, levels, strict=True)), 90) == expected


@pytest.mark.parametrize(("gate", "met"), [(GATES[0], MID_PLUS), (GATES[1], SENIOR_PLUS), (GATES[2], STAFF)])
@pytest.mark.parametrize(
    ("short", "levels_short", "expected"),
    [
        (0, 0, "yes"),
        (0.25, 0, "lean_yes"),
        (5, 0, "lean_yes"),
        (5.25, 0, "no"),
        (0, 1, "lean_yes"),
        (0.25, 1, "lean_no"),
        (5, 1, "lean_no"),
        (5.25, 1, "no"),
        (0, 2, "no"),
    ],
)
def test_the_score_and_the_levels_together(gate, met, short, levels_short, expected):
    levels = dict(zip(DIMENSIONS, met, strict=True))
    levels["architecture"] = gate.least["architecture"] - levels_short
    assert gate_outcome(gate, levels, gate.score - short) == expected


@pytest.mark.parametrize(("target", "threshold"), [("mid", 45), ("senior", 62), ("staff", 78)])
def test_the_score_of_each_gate(target, threshold):
    assert {gate.target: gate.score for gate in GATES}[target] == threshold


def test_two_levels_short_is_a_no():
    assert outcomes([1, 3, 1, 3, 3, 3, 3, 3])[0] == "no"
    assert outcomes([1, 3, 2, 3, 3, 3, 3, 3])[0] == "lean_yes"


@given(levels=levels_of_all)
def test_a_higher_target_is_never_easier(levels):
    ranks = [OUTCOMES.index(one) for one in outcomes(levels)]
    assert ranks == sorted(ranks, reverse=True)


@given(levels=levels_of_all, place=st.integers(0, 7))
def test_a_better_level_never_worsens_an_outcome(levels, place):
    better = [min(level + (i == place), 4) for i, level in enumerate(levels)]
    for before, after in zip(outcomes(levels), outcomes(better), strict=True):
        assert OUTCOMES.index(before) <= OUTCOMES.index(after)


def test_unsupported_weight_of_30_is_not_enough_evidence():
    sure = [3, 3, 3, 3, 3, 3, 3, 3]
    weights = {**WEIGHTS, "capacity": 15, "tradeoffs_judgment": 14, "architecture": 5}
    assert sum(weights.values()) == 100
    not_shown = [None if one in {"capacity", "tradeoffs_judgment"} else 3 for one in DIMENSIONS]
    assert "not_enough_evidence" not in outcomes(not_shown, weights)  # 29 points
    heavier = {**weights, "tradeoffs_judgment": 15, "architecture": 4}
    assert outcomes(not_shown, heavier) == ["not_enough_evidence"] * 3
    assert outcomes(sure, heavier, empty={"capacity", "tradeoffs_judgment"}) == ["not_enough_evidence"] * 3
    found = signal_of(not_shown, heavier)
    assert (found.outcome, found.target) == ("not_enough_evidence", None)
    assert found.unsupported == ("capacity", "tradeoffs_judgment")
    assert found.sentence == "Not enough evidence: nothing supports Capacity, Trade-offs and judgment."


@pytest.mark.parametrize(
    ("levels", "outcome", "target"),
    [
        (STAFF, "yes", "staff"),
        (SENIOR, "yes", "senior"),
        (MID, "yes", "mid"),
        ([1, 2, 2, 2, 2, 2, 2, 2], "lean_yes", "mid"),
        ([1, 1, 2, 2, 2, 2, 1, 2], "lean_no", "mid"),
        ([0] * 8, "no", "mid"),
    ],
)
def test_the_signal_as_a_whole_is_the_highest_yes_or_what_mid_gives(levels, outcome, target):
    found = signal_of(levels)
    assert (found.outcome, found.target) == (outcome, target)


def test_the_sentence_names_what_is_missing():
    assert signal_of([1, 2, 2, 2, 2, 2, 2, 2]).sentence == (
        "Mid: lean yes. Requirements and framing at level 2 or more: it is at 1."
    )


def test_the_score_condition_comes_first():
    assert signal_of(MID).gates[1].conditions[0].sentence.startswith("A score of 62 or more: it is ")


def disputed(levels, suggestions):
    """Verdicts with own levels and what was suggested beside some of them, by dimension."""
    return [
        one.model_copy(update={"self_level": one.level, "suggested": suggestions.get(one.dimension)})
        for one in verdicts(levels)
    ]


@pytest.mark.parametrize(
    ("own", "suggested", "is_disputed"),
    [(own, other, abs(own - other) >= 2) for own in range(5) for other in range(4)]
    + [(3, None, False), (None, 0, False)],
)
def test_a_level_two_or_more_from_the_suggested_one_is_disputed(own, suggested, is_disputed):
    [one, *_] = disputed([own] + [3] * 7, {"requirements_framing": suggested})
    assert one.is_disputed == is_disputed
    assert one.is_supported == (own is not None and not is_disputed)


@pytest.mark.parametrize(
    ("apart", "outcome"),
    [
        ((), "yes"),
        (("requirements_framing", "architecture"), "yes"),  # 28 points
        (("requirements_framing", "architecture", "capacity"), "not_enough_evidence"),  # 38
        (("capacity", "tradeoffs_judgment"), "yes"),  # 20
        (("capacity", "tradeoffs_judgment", "model_evaluation"), "not_enough_evidence"),  # 31
        (("data_features", "requirements_framing"), "yes"),  # 27
    ],
)
def test_disputed_weight_of_30_is_not_enough_evidence(apart, outcome):
    found = signal(disputed([3] * 8, dict.fromkeys(apart, 1)), WEIGHTS, TITLES)
    assert (found.outcome, found.unsupported) == (outcome, tuple(one for one in DIMENSIONS if one in apart))


def test_what_is_disputed_and_what_is_bare_add_up_and_are_told_apart():
    levels = [None, 3, 3, 3, 3, 3, 3, 3]
    assert signal(disputed(levels, {}), WEIGHTS, TITLES).outcome == "no"  # 14 points alone are few
    found = signal(disputed(levels, {"architecture": 1, "capacity": 1}), WEIGHTS, TITLES)
    assert found.sentence == (
        "Not enough evidence: nothing supports Requirements and framing; "
        "your level and the suggested one are far apart in Capacity, Architecture."
    )
