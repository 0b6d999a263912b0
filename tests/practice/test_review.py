"""The card of an attempt, before and after it is graded, run and changed."""

import pytest

from practice.attempt import FirstLevel, OwnLevel, Written
from practice.facts import Asked
from practice.review import card, fleet_settings, judged_worksheet, outcomes, suggestions, texts
from practice.scenario_runs import plan, starting_design
from rubrics import GradeProblem
from rubrics.schema import DIMENSIONS, PHASES
from tests.practice.rounds import QUESTION, SCENARIOS, SENIOR, a_run, an_attempt, changed

QUOTE = "we batch four requests at most"
SECTIONS = dict.fromkeys(PHASES, f"In this phase {QUOTE}, for a reason.")
RIGHT = {row.id: Written(value=f"{row.reference:.10g}", unit=row.unit) for row in QUESTION.worksheet.rows}
THREES = {dimension: OwnLevel(level=3, quote=QUOTE) for dimension in DIMENSIONS}
DURATIONS_S = {"steady": 3.0, "lose_one_gpu": 17.0, "spike_2x": 7.0}


@pytest.fixture(scope="module")
def senior_runs():
    return {one.scenario.id: a_run(one, DURATIONS_S[one.scenario.id]) for one in plan(QUESTION, SENIOR)}


def card_of(attempt, runs=None):
    return card(QUESTION, attempt, runs or {})


def verdict(found, dimension):
    return next(one.verdict for one in found.dimensions if one.verdict.dimension == dimension)


def states(worksheet):
    return {one.row_id: one.state for one in judged_worksheet(QUESTION, worksheet)}


def test_the_references_written_down_are_all_right():
    assert set(states(RIGHT).values()) == {"ok"}


def test_every_row_is_judged_in_order_even_if_nothing_is_written():
    found = judged_worksheet(QUESTION, {})
    assert [one.row_id for one in found] == [row.id for row in QUESTION.worksheet.rows]
    assert {one.state for one in found} == {"empty"}


def test_a_row_that_the_question_does_not_have_is_left_out():
    assert states({"ghost": Written(value="1", unit="gpu")}) == states({})


@pytest.mark.parametrize(
    ("written", "state"),
    [
        (Written(value="", unit="gpu"), "empty"),
        (Written(value="481", unit=""), "no_unit"),
        (Written(value="481", unit="GB"), "other_dimension"),
        (Written(value="9", unit="gpu"), "wrong"),
        (Written(value="300", unit="gpu"), "partial"),
        (Written(value="many", unit="gpu"), "unreadable"),
        (Written(value="<b>481</b>\x00", unit="'; --"), "unreadable"),
        (Written(value="9" * 5000, unit="gpu"), "unreadable"),
    ],
)
def test_a_row_is_judged_as_it_was_typed(written, state):
    assert states({"gpus": written})["gpus"] == state


def test_only_what_was_written_counts_as_text():
    assert texts(an_attempt({"requirements": "One.", "detailed_design": " \n"})) == ["One."]


def test_an_attempt_with_nothing_in_it_has_a_card():
    found = card_of(an_attempt())
    assert found.total == 0
    assert {one.verdict.level for one in found.dimensions} <= {None, 0}
    assert set(found.empty) == set(DIMENSIONS)


def test_before_grading_only_the_arithmetic_has_a_level():
    found = card_of(an_attempt(SECTIONS, worksheet=RIGHT))
    assert verdict(found, "capacity").level == 3
    assert set(found.not_shown) == set(DIMENSIONS) - {"capacity"}
    assert found.total == 3 / 4 * QUESTION.rubric_weights["capacity"]


def test_after_grading_every_dimension_has_its_level():
    found = card_of(an_attempt(SECTIONS, worksheet=RIGHT, own_levels=THREES))
    assert {one.verdict.level for one in found.dimensions} == {3}
    assert (found.total, found.not_shown) == (75, ())


def test_each_dimension_weighs_what_the_question_says():
    found = card_of(an_attempt())
    assert {one.verdict.dimension: one.weight for one in found.dimensions} == QUESTION.rubric_weights


def test_what_is_suggested_stands_only_beside_an_own_level_and_the_first_one_stays():
    text = "A targeting index in memory returns 2,000 ads, and a light ranker keeps 300 of them."
    own = {"architecture": OwnLevel(level=1)}
    first = {"architecture": FirstLevel(level=4, quote=text, at=1.0)}
    sections = {"high_level_design": text, "detailed_design": "Our batches hold 64 rows."}
    found = card_of(an_attempt(sections, design=SENIOR, own_levels=own, first_levels=first))
    suggested = {one.verdict.dimension: one.verdict.suggested for one in found.dimensions}
    assert suggested.pop("architecture") == suggestions(QUESTION, an_attempt(sections))[1]["architecture"].level
    assert set(suggested.values()) == {None}
    assert (verdict(found, "architecture").first_level, verdict(found, "architecture").self_level) == (4, 1)
    [said] = [one for one in verdict(found, "serving_scale").evidence if one.source == "checked"]
    assert (said.quote, "max_items of ranker is 1,200" in said.sentence) == ("Our batches hold 64 rows.", True)
    assert verdict(found, "serving_scale").level is None


def test_a_quote_that_is_no_longer_in_the_answer_is_refused():
    attempt = an_attempt({"requirements": "Something else."}, own_levels={"architecture": THREES["architecture"]})
    with pytest.raises(GradeProblem, match="does not stand in your answer"):
        card_of(attempt)


@pytest.mark.parametrize("own", [OwnLevel(level=2), OwnLevel(level=7, quote=QUOTE), OwnLevel(level=-1)])
def test_a_level_that_cannot_be_is_refused(own):
    with pytest.raises(GradeProblem):
        card_of(an_attempt(SECTIONS, own_levels={"architecture": own}))


def test_without_a_drawing_no_scenario_has_failed():
    found = outcomes(QUESTION, an_attempt(SECTIONS), {})
    assert [one.id for one in found] == list(SCENARIOS)
    assert {(one.passed, one.sentence) for one in found} == {(None, "no design was drawn.")}


def test_runs_without_a_drawing_do_not_count(senior_runs):
    assert {one.passed for one in outcomes(QUESTION, an_attempt(), senior_runs)} == {None}


def test_runs_that_are_missing_have_not_failed_and_hold_level_four_back():
    fours = {one: OwnLevel(level=4, quote=QUOTE) for one in DIMENSIONS}
    attempt = an_attempt(SECTIONS, design=SENIOR, own_levels=fours)
    assert {one.sentence for one in outcomes(QUESTION, attempt, {})} == {"not run yet."}
    found = card_of(attempt)
    assert [verdict(found, one).level for one in ("serving_scale", "reliability_operations")] == [3, 3]
    assert verdict(found, "architecture").level == 4


def test_a_design_that_passes_everything_lets_every_own_level_stand(senior_runs):
    fours = {one: OwnLevel(level=4, quote=QUOTE) for one in DIMENSIONS}
    found = card_of(an_attempt(SECTIONS, design=SENIOR, own_levels=fours), senior_runs)
    assert [verdict(found, one).level for one in ("serving_scale", "reliability_operations")] == [4, 4]


def test_a_missing_run_of_three_holds_level_four_back(senior_runs):
    fours = {one: OwnLevel(level=4, quote=QUOTE) for one in DIMENSIONS}
    some = {name: run for name, run in senior_runs.items() if name != "spike_2x"}
    found = card_of(an_attempt(SECTIONS, design=SENIOR, own_levels=fours), some)
    assert [verdict(found, one).level for one in ("serving_scale", "reliability_operations")] == [3, 3]


def test_after_a_change_of_the_design_its_runs_count_no_more(senior_runs):
    attempt = an_attempt(SECTIONS, design=changed(SENIOR, "max_wait_ms: 2", "max_wait_ms: 3"))
    assert {one.passed for one in outcomes(QUESTION, attempt, senior_runs)} == {None}


def test_a_steady_run_that_failed_caps_serving_unless_the_answer_explains_it():
    junior = QUESTION.designs.junior.design
    runs = {"steady": a_run(plan(QUESTION, junior)[0], 3.0)}
    attempt = an_attempt(SECTIONS, design=junior, own_levels=THREES)
    assert verdict(card_of(attempt, runs), "serving_scale").level == 2
    why = {**THREES, "serving_scale": OwnLevel(level=3, quote=QUOTE, explains_failure=QUOTE)}
    assert verdict(card_of(attempt.model_copy(update={"own_levels": why}), runs), "serving_scale").level == 3


def test_a_run_of_a_scenario_that_the_question_does_not_have_is_left_out(senior_runs):
    attempt = an_attempt(design=SENIOR)
    known = outcomes(QUESTION, attempt, senior_runs)
    assert outcomes(QUESTION, attempt, {**senior_runs, "ghost": senior_runs["steady"]}) == known


def test_the_drawing_that_was_given_speaks_for_nobody():
    assert "architecture" in card_of(an_attempt(design=starting_design(QUESTION))).empty
    drawn = changed(starting_design(QUESTION), "replicas: 4", "replicas: 5")
    assert "architecture" not in card_of(an_attempt(design=drawn)).empty


@pytest.mark.parametrize(
    ("sections", "level"),
    [
        ({}, 3),
        ({"requirements": "We need 481 GPUs."}, 3),
        ({"capacity_estimation": "We need 481 GPUs."}, 3),
        ({"high_level_design": "We need 481 GPUs."}, 4),
        ({"detailed_design": "We need 481 GPUs."}, 4),
        ({"bottlenecks_tradeoffs": "We need 481 GPUs."}, 4),
        ({"bottlenecks_tradeoffs": "We need 700 GPUs."}, 3),
    ],
)
def test_a_number_counts_as_used_only_after_the_worksheet(sections, level):
    assert verdict(card_of(an_attempt(sections, worksheet=RIGHT)), "capacity").level == level


def test_a_number_that_is_wrong_earns_nothing_by_being_used():
    worksheet = RIGHT | {"gpus": Written(value="1234", unit="gpu")}
    found = card_of(an_attempt({"detailed_design": "We need 1,234 GPUs."}, worksheet=worksheet))
    assert verdict(found, "capacity").level == 3


def test_a_number_can_be_used_as_the_size_of_the_fleet_in_the_drawing():
    worksheet = RIGHT | {"gpus": Written(value="500", unit="gpu")}
    drawn = changed(SENIOR, "ranker", "gpu_pool")
    assert verdict(card_of(an_attempt(design=drawn, worksheet=worksheet)), "capacity").level == 4
    assert verdict(card_of(an_attempt(worksheet=worksheet)), "capacity").level == 3


def test_replicas_are_scaled_from_the_cell_to_the_fleet():
    assert fleet_settings(SENIOR)["ranker.replicas"] == pytest.approx(5 / SENIOR.cell.fraction)


def test_a_part_that_nothing_reaches_proves_nothing():
    spare = "components:\n  spare: {kind: model_server, max_items: 300, batch_time: {fixed_ms: 1, per_item_ms: 0}}\n"
    drawn = changed(SENIOR, "components:\n", spare)
    assert "spare" in drawn.components
    assert "spare.replicas" not in fleet_settings(drawn)


@pytest.mark.parametrize("level", ["junior", "senior", "staff"])
def test_every_reference_design_can_be_reviewed(level):
    attempt = an_attempt(SECTIONS, design=QUESTION.designs.by_name(level), worksheet=RIGHT, own_levels=THREES)
    assert card_of(attempt).total == 75


def test_the_order_of_sections_levels_and_rows_does_not_matter():
    def backwards(kept):
        return dict(reversed(kept.items()))

    one = an_attempt(SECTIONS, worksheet=RIGHT, own_levels=THREES)
    other = an_attempt(backwards(SECTIONS), worksheet=backwards(RIGHT), own_levels=backwards(THREES))
    assert card_of(one) == card_of(other)


def test_own_constants_move_the_references_and_are_evidence_beside_the_rows():
    own = {"peak_factor": Written(value="3x")}
    attempt = an_attempt(worksheet={"peak_qps": Written(value="208k", unit="request/s")}, assumptions=own)
    found = verdict(card_of(attempt), "capacity")
    assert [one.sentence.split(";")[0] for one in found.evidence] == [
        "Peak request rate: 208,000 request/s is right for your own 3 times (busiest hour against the average)",
        "Assumption: busiest hour against the average: 3 times is plausible",
    ]
    assert "right to 12 percent" in found.sentence


def test_an_answer_to_a_probe_is_evidence_that_can_be_quoted():
    answer = "We would keep the light ranker, because it answers in 5 ms."
    own = {"tradeoffs_judgment": OwnLevel(level=2, quote=answer)}
    attempt = an_attempt(own_levels=own)
    with pytest.raises(GradeProblem):
        card(QUESTION, attempt, {})
    found = {one.verdict.dimension: one.verdict for one in card(QUESTION, attempt, {}, answers=(answer,)).dimensions}
    assert found["tradeoffs_judgment"].level == 2


def test_a_profile_weighs_the_dimensions_otherwise_and_to_a_hundred():
    found = card(QUESTION, an_attempt(), {}, profile="applied_ml")
    rows = {one.verdict.dimension: one.weight for one in found.dimensions}
    assert rows["data_features"] == QUESTION.rubric_weights["data_features"] + 5
    assert sum(rows.values()) == 100


def test_in_a_mock_interview_the_facts_asked_for_limit_the_level_of_requirements():
    asked = tuple(Asked(text="?", fact=fact.id, at=1.0) for fact in QUESTION.facts if fact.must)
    own = {"requirements_framing": OwnLevel(level=4, quote="It answers in 50 ms.")}
    attempt = an_attempt({"requirements": "It answers in 50 ms."}).model_copy(update={"own_levels": own})
    levels = []
    for known in ((), asked):
        made = card(QUESTION, attempt.model_copy(update={"asked": known}), {}, counts_facts=True)
        [row] = [one for one in made.dimensions if one.verdict.dimension == "requirements_framing"]
        levels.append(row.verdict.level)
        said = f"{len(known)} of the {len(asked)} facts that decide were asked for."
        assert said in [one.sentence for one in row.verdict.evidence]
    [free] = [one for one in card(QUESTION, attempt, {}).dimensions if one.verdict.dimension == "requirements_framing"]
    assert (*levels, free.verdict.level) == (2, 4, 4)
