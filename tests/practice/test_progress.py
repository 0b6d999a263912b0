"""Progress over attempts: every number is worked out by hand here."""

import pytest

from practice.attempt import Written
from practice.clock import ClockEvent
from practice.prediction import Prediction
from practice.progress.past import DAY_S, PastRun
from practice.progress.rows import (
    about_few,
    about_honesty,
    as_dicts,
    calibrated,
    level_rows,
    minute_rows,
    prediction_rows,
    question_rows,
)
from practice.progress.weaknesses import misses, weaknesses
from rubrics.schema import DIMENSIONS
from tests.practice.pasts import QUESTIONS, a_card, a_past
from tests.practice.rounds import QUESTION


def test_levels_are_the_points_of_the_cards_in_the_order_of_time():
    rows = list(level_rows((a_past(9, a_card(3)), a_past(5), a_past(2, a_card(1)))))
    assert [row.level for row in rows if row.dimension == "architecture"] == [1, 3]
    assert [row.at for row in rows if row.dimension == "architecture"] == [2 * DAY_S, 9 * DAY_S]
    assert [(row.level, row.own) for row in rows if row.dimension == "capacity"] == [(0, 1), (0, 3)]
    assert len(rows) == 2 * len(DIMENSIONS)


def test_honesty_is_the_first_level_minus_the_automatic_one_under_the_cap():
    card = a_card(2, {"architecture": 1, "serving_scale": 4}, {"architecture": 4, "serving_scale": 3})
    rows = {row.dimension: row for row in level_rows((a_past(1, card),))}
    assert rows["architecture"].difference == 4 - 1
    assert rows["serving_scale"].difference == 3 - 3, "without a run 3 is the most that is suggested"
    assert rows["capacity"].difference == 2 - 0, "arithmetic says 0"
    assert rows["data_features"].difference is None
    assert "1.7 above the automatic part on average, over 3 levels" in about_honesty(list(rows.values()))
    assert about_honesty([]).startswith("No own level")


def run(scenario: str, factor: float, bottleneck: str = "ranker", **more) -> PastRun:
    prediction = Prediction(bottleneck="ranker", p99_ms=20.0 * factor, usd_per_month=100.0)
    return PastRun(
        scenario=scenario,
        at=1.0,
        prediction=prediction,
        p99_ms=20.0,
        usd_per_month=100.0,
        bottleneck=bottleneck,
        **more,
    )


def test_predictions_are_held_against_steady_runs_alone():
    pasts = (
        a_past(1, predicted=(run("steady", 4.0), run("lose_one_gpu", 1.0))),
        a_past(2, predicted=(run("steady", 0.5, "api"),)),
    )
    rows = list(prediction_rows(pasts, QUESTIONS))
    assert [(row.what, row.factor, row.is_right) for row in rows] == [
        ("bottleneck", None, True),
        ("p99", pytest.approx(4), None),
        ("cost per month", pytest.approx(1), None),
        ("bottleneck", None, False),
        ("p99", pytest.approx(0.5), None),
        ("cost per month", pytest.approx(1), None),
    ]
    found = calibrated(pasts, QUESTIONS)
    assert found.score == pytest.approx((2 + 0 + 1 + 0) / 4), "mean distance in powers of two"
    assert (found.bottlenecks_right, found.bottlenecks) == (1, 2)


def test_minutes_are_those_of_the_clock_and_an_idle_attempt_has_none():
    events = (
        ClockEvent(at=DAY_S, kind="enter", phase="requirements"),
        ClockEvent(at=DAY_S + 300, kind="enter", phase="detailed_design"),
        ClockEvent(at=DAY_S + 900, kind="finish"),
    )
    rows = list(minute_rows((a_past(1, events=events), a_past(2)), QUESTIONS, 9 * DAY_S))
    assert [row.spent_min for row in rows] == [5, 0, 0, 10, 0]
    assert sum(row.planned_min for row in rows) <= QUESTION.minutes


def test_best_and_last_of_a_question():
    pasts = (a_past(1, a_card(3)), a_past(2, a_card(1)), a_past(3), a_past(4, slug="gone-question"))
    rows = question_rows(pasts, {QUESTION.slug: "Ads"})
    assert [(row.title, row.attempts) for row in rows] == [("gone-question", 1), ("Ads", 3)]
    assert rows[1].best == a_card(3).total > rows[1].last == a_card(1).total
    assert rows[0].best is None


def test_weaknesses_come_from_the_newest_attempt_at_each_question():
    old = a_past(1, a_card(0))
    new = a_past(
        2, a_card(2), worksheet={"gpus": Written(value="1", unit="gpu")}, runs=(run("steady", 1.0, passed=False),)
    )
    found = {one.dimension: one for one in weaknesses((old, new), QUESTIONS)}
    assert {one.attempt for one in misses((old, new), QUESTIONS)} == {"attempt2"}
    assert [(one.kind, one.item) for one in found["capacity"].misses] == [("level", "capacity"), ("row", "gpus")]
    assert [(one.kind, one.item) for one in found["serving_scale"].misses] == [("run", "steady")]
    assert (found["capacity"].state, found["architecture"].state) == ("weak", "middling")
    weight = {row.verdict.dimension: row.weight for row in a_card(2).dimensions}
    order = [one.missing for one in weaknesses((old, new), QUESTIONS)]
    assert order == sorted(order, reverse=True)
    assert found["capacity"].missing == weight["capacity"]
    assert found["architecture"].missing == weight["architecture"] / 2
    assert weaknesses((a_past(1),), QUESTIONS) == []


def test_few_attempts_are_called_few():
    assert "nothing to see" in about_few(0)
    assert about_few(1).startswith("One graded attempt is too few to separate luck from progress")
    assert "too few" in about_few(9)
    assert "too few" not in about_few(10)


def test_a_file_of_points_has_a_date_that_people_read():
    [row] = as_dicts(question_rows((a_past(1.5),), {}))
    assert row["last_at"] == "1970-01-02 12:00"
