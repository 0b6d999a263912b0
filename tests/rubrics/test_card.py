"""A card follows from what was handed in, and from nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics import (
    Card,
    GradeProblem,
    RubricProblem,
    ScenarioOutcome,
    SelfGrade,
    Submission,
    WorksheetResult,
    load_rubric,
    make_card,
    weights_for,
)
from rubrics.card import is_empty
from rubrics.evidence import Evidence
from rubrics.rubric_file import fingerprint
from rubrics.schema import DIMENSIONS, PHASES

RUBRIC = load_rubric()
WEIGHTS = weights_for(RUBRIC, {})
SECTIONS = {phase: f"In {phase} we chose this for a reason." for phase in PHASES}
QUOTE = "we chose this for a reason"


def a_grade(dimension, level, **more):
    return SelfGrade(dimension=dimension, level=level, quote=QUOTE, **more)


def a_run(name, passed, *, steady=False):
    return ScenarioOutcome(id=name, title=name, steady=steady, passed=passed, sentence="p99 is 18 ms.")


ALL_AT_3 = tuple(a_grade(one, 3) for one in DIMENSIONS)
ALL_PASSED = (a_run("calm", True, steady=True), a_run("zone", True), a_run("spike", True))
GOOD_SHEET = WorksheetResult(share=0.9, filled=8, sentences=("Peak is right.",), reused_in="481 GPUs")


def a_submission(**more):
    return Submission(**{"sections": SECTIONS, "grades": ALL_AT_3, "worksheet": GOOD_SHEET, **more})


def card_of(**more):
    return make_card(RUBRIC, WEIGHTS, a_submission(**more))


def levels(card):
    return {row.verdict.dimension: row.verdict.level for row in card.dimensions}


def row(card, dimension):
    return next(row for row in card.dimensions if row.verdict.dimension == dimension)


def test_a_whole_card_by_hand():
    card = card_of(outcomes=ALL_PASSED)
    assert levels(card) == {**dict.fromkeys(DIMENSIONS, 3), "capacity": 4}
    assert card.total == 77.5
    assert sum(one.points for one in card.dimensions) == card.total
    assert (card.signal.outcome, card.signal.target) == ("yes", "senior")
    assert (card.not_shown, card.empty) == ((), ())
    assert (card.rubric_version, card.rubric_fingerprint) == (RUBRIC.version, fingerprint(RUBRIC))
    assert row(card, "capacity").descriptor == RUBRIC.dimension("capacity").levels[4]
    assert [one.source for one in row(card, "serving_scale").verdict.evidence] == ["measured", "self"]
    assert [one.source for one in row(card, "capacity").verdict.evidence] == ["checked", "checked", "self"]
    assert card.next_step.to_level == 4


def test_runs_cap_serving_and_operations_only():
    fours = tuple(a_grade(one, 4) for one in DIMENSIONS)
    failed = (a_run("calm", False, steady=True), a_run("zone", False))
    expected = {**dict.fromkeys(DIMENSIONS, 4), "serving_scale": 2, "reliability_operations": 2}
    assert levels(card_of(grades=fours, outcomes=failed)) == expected
    assert levels(card_of(grades=fours, outcomes=ALL_PASSED)) == dict.fromkeys(DIMENSIONS, 4)
    assert levels(card_of(grades=fours))["serving_scale"] == 3


def test_first_and_suggested_levels_stand_beside_and_change_no_level():
    more = {"first_levels": {"architecture": 1}, "suggestions": {"architecture": 2, "capacity": 0, "serving_scale": 3}}
    card, without = card_of(**more), card_of()
    verdict = row(card, "architecture").verdict
    assert (verdict.level, verdict.self_level, verdict.first_level, verdict.suggested) == (3, 3, 1, 2)
    assert (levels(card), card.total, card.signal) == (levels(without), without.total, without.signal)
    assert row(card, "capacity").verdict.suggested is None
    assert (card.suggested_total, without.suggested_total) == (card.total - 14 / 4, None)


def test_the_suggested_total_stays_under_the_caps_of_the_runs():
    failed = (a_run("calm", False, steady=True), a_run("zone", False))
    found = card_of(outcomes=failed, suggestions=dict.fromkeys(DIMENSIONS, 3))
    assert found.suggested_total == found.total == 77.5 - 14 / 4 * 2


def test_a_contradiction_is_checked_evidence_and_changes_no_level():
    said = Evidence(
        source="checked", dimension="serving_scale", sentence="You wrote 4, but it is 1.", quote="batches of 4"
    )
    card, without = card_of(contradictions=(said,)), card_of()
    assert said in row(card, "serving_scale").verdict.evidence
    assert said not in row(card, "reliability_operations").verdict.evidence
    assert (levels(card), card.total, card.signal) == (levels(without), without.total, without.signal)


@pytest.mark.parametrize(
    ("outcomes", "kind", "opens"),
    [
        ((a_run("calm", True, steady=True), a_run("zone", None)), "runs", "staff"),
        ((a_run("calm", True, steady=True), a_run("zone", False), a_run("spike", True)), "runs", "staff"),
        ((a_run("calm", True, steady=True), a_run("zone", True)), "level", None),
    ],
)
def test_runs_are_the_next_step_when_they_lift_most(outcomes, kind, opens):
    fours = {"serving_scale", "reliability_operations"}
    grades = tuple(a_grade(one, 4 if one in fours else 3) for one in DIMENSIONS)
    found = card_of(grades=grades, outcomes=outcomes).next_step
    assert (found.kind, found.opens) == (kind, opens)


def test_an_explained_failure_lets_the_own_level_count():
    grades = (a_grade("reliability_operations", 4, explained_failure=QUOTE),)
    verdict = row(card_of(grades=grades, outcomes=(a_run("zone", False),)), "reliability_operations").verdict
    assert (verdict.level, verdict.cap, verdict.self_level, verdict.source) == (3, 3, 4, "measured")


def test_without_self_grades_all_but_capacity_is_not_shown():
    card = card_of(grades=(), outcomes=ALL_PASSED)
    assert card.not_shown == tuple(one for one in DIMENSIONS if one != "capacity")
    assert card.total == 10
    assert card.signal.outcome == "not_enough_evidence"
    assert row(card, "architecture").descriptor is None


def test_an_empty_answer_is_0_everywhere_and_says_so():
    card = card_of(sections={}, grades=(), worksheet=WorksheetResult())
    assert card.empty == DIMENSIONS
    assert card.total == 0
    assert card.signal.outcome == "not_enough_evidence"


@pytest.mark.parametrize(
    ("blank", "empty"),
    [
        ({"requirements"}, {"requirements_framing"}),
        ({"capacity_estimation"}, {"capacity"}),
        ({"high_level_design"}, {"architecture"}),
        ({"detailed_design"}, {"model_evaluation", "serving_scale"}),
        ({"bottlenecks_tradeoffs"}, set()),
        (
            {"high_level_design", "detailed_design"},
            {"architecture", "data_features", "model_evaluation", "serving_scale"},
        ),
        ({"detailed_design", "bottlenecks_tradeoffs"}, {"model_evaluation", "serving_scale", "reliability_operations"}),
    ],
)
def test_blank_sections_are_0_and_not_averaged_away(blank, empty):
    sections = {phase: " \n" if phase in blank else text for phase, text in SECTIONS.items()}
    card = card_of(sections=sections, worksheet=WorksheetResult())
    assert set(card.empty) == empty
    assert all(levels(card)[one] == 0 and row(card, one).verdict.self_level == 3 for one in empty)
    assert card.empty == tuple(one for one in DIMENSIONS if one in empty)


@pytest.mark.parametrize(
    ("dimension", "more"),
    [
        ("capacity", {"worksheet": WorksheetResult(share=0.0, filled=1)}),
        ("architecture", {"design_drawn": True}),
        ("serving_scale", {"outcomes": (a_run("calm", False, steady=True),)}),
        ("reliability_operations", {"outcomes": (a_run("zone", False),)}),
        ("tradeoffs_judgment", {"probe_answers": ("we chose this for a reason",)}),
    ],
)
def test_numbers_a_design_runs_and_probes_speak_where_text_is_missing(dimension, more):
    silent = Submission(
        sections={}, outcomes=(a_run("calm", None, steady=True), a_run("zone", None)), probe_answers=(" ",)
    )
    spoken = Submission(**{"sections": {}, **more})
    assert [one.id for one in RUBRIC.dimensions if is_empty(one, silent)] == list(DIMENSIONS)
    assert [one.id for one in RUBRIC.dimensions if not is_empty(one, spoken)] == [dimension]


def test_probe_answers_can_be_quoted():
    grade = SelfGrade(dimension="tradeoffs_judgment", level=3, quote="we would flip at half the load")
    probes = ("Then we would flip at half the load.",)
    assert levels(card_of(grades=(grade,), probe_answers=probes))["tradeoffs_judgment"] == 3
    with pytest.raises(GradeProblem, match="does not stand in your answer"):
        card_of(grades=(grade,))


def test_a_quote_that_does_not_stand_in_the_answer_gives_no_card():
    with pytest.raises(GradeProblem, match="does not stand in your answer"):
        card_of(grades=(SelfGrade(dimension="capacity", level=2, quote="not a word of this"),))


def test_a_dimension_graded_twice_gives_no_card():
    with pytest.raises(GradeProblem, match="capacity is graded twice; keep one of the two levels"):
        card_of(grades=(a_grade("capacity", 2), a_grade("capacity", 3)))


@pytest.mark.parametrize("weights", [{}, {**WEIGHTS, "capacity": 11}, {"capacity": 100}])
def test_weights_that_are_not_the_eight_give_no_card(weights):
    with pytest.raises(RubricProblem, match="give all eight dimensions, adding up to 100"):
        make_card(RUBRIC, weights, a_submission())


passed = st.sampled_from([None, False, True])
submissions = st.builds(
    Submission,
    sections=st.dictionaries(
        st.sampled_from(PHASES), st.sampled_from(["", "Because we chose this for a reason."]), max_size=5
    ).map(lambda sections: {**sections, "requirements": SECTIONS["requirements"]}),
    worksheet=st.builds(
        WorksheetResult,
        share=st.floats(0, 1),
        filled=st.integers(0, 9),
        reused_in=st.sampled_from([None, "481 GPUs"]),
    ),
    design_drawn=st.booleans(),
    outcomes=st.tuples(passed, passed, passed).map(
        lambda found: (a_run("calm", found[0], steady=True), a_run("zone", found[1]), a_run("spike", found[2]))
    ),
    grades=st.dictionaries(st.sampled_from(DIMENSIONS), st.integers(0, 4)).map(
        lambda given_levels: tuple(a_grade(one, level) for one, level in given_levels.items())
    ),
)


@given(submission=submissions)
def test_a_card_round_trips_through_json(submission):
    card = make_card(RUBRIC, WEIGHTS, submission)
    assert Card.model_validate_json(card.model_dump_json()) == card
    assert 0 <= card.total <= 100
    assert sum(one.points for one in card.dimensions) == card.total


@given(submission=submissions, data=st.data())
def test_the_order_of_sections_and_grades_changes_nothing(submission, data):
    sections = dict(data.draw(st.permutations(list(submission.sections.items()))))
    grades = tuple(data.draw(st.permutations(submission.grades)))
    shuffled = submission.model_copy(update={"sections": sections, "grades": grades})
    weights = dict(data.draw(st.permutations(list(WEIGHTS.items()))))
    assert make_card(RUBRIC, weights, shuffled) == make_card(RUBRIC, WEIGHTS, submission)


def shown(card):
    return {one: level or 0 for one, level in levels(card).items()}


def assert_nothing_fell(before, after):
    assert all(shown(before)[one] <= shown(after)[one] for one in DIMENSIONS)
    assert before.total <= after.total


@given(submission=submissions, share=st.floats(0, 1), place=st.integers(0, 2))
def test_better_numbers_and_passed_runs_never_lower_anything(submission, share, place):
    before = make_card(RUBRIC, WEIGHTS, submission)
    sheet = submission.worksheet.model_copy(update={"share": max(share, submission.worksheet.share)})
    assert_nothing_fell(before, make_card(RUBRIC, WEIGHTS, submission.model_copy(update={"worksheet": sheet})))
    outcomes = tuple(
        one.model_copy(update={"passed": True}) if i == place else one for i, one in enumerate(submission.outcomes)
    )
    assert_nothing_fell(before, make_card(RUBRIC, WEIGHTS, submission.model_copy(update={"outcomes": outcomes})))


@given(submission=submissions, dimension=st.sampled_from(DIMENSIONS))
def test_a_higher_own_level_never_lowers_anything(submission, dimension):
    before = make_card(RUBRIC, WEIGHTS, submission)
    others = tuple(one for one in submission.grades if one.dimension != dimension)
    own = next((one.level for one in submission.grades if one.dimension == dimension), -1)
    higher = submission.model_copy(update={"grades": (*others, a_grade(dimension, min(own + 1, 4)))})
    assert_nothing_fell(before, make_card(RUBRIC, WEIGHTS, higher))
