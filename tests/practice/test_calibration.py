"""The calibration of predictions on the log scale, worked by hand."""

import pytest

from practice.calibration import LONGEST_LOG, calibration
from practice.prediction import Compared


def number(log_ratio, what="p99"):
    return Compared(what=what, predicted="", measured="", log_ratio=log_ratio, sentence="")


def bottleneck(predicted, measured):
    return Compared(what="bottleneck", predicted=predicted, measured=measured, log_ratio=None, sentence="")


def test_the_score_is_the_mean_distance_and_the_leaning_the_mean_direction():
    found = calibration([[number(1.0)], [number(-1.0), number(-3.0)]])
    assert (found.numbers, found.score, found.leaning) == (3, pytest.approx(5 / 3), pytest.approx(-1.0))
    assert found.typical_factor == pytest.approx(2 ** (5 / 3))
    assert found.close_share == 0


def test_a_right_prediction_scores_zero():
    found = calibration([[number(0.0), number(0.0)]])
    assert (found.score, found.typical_factor, found.close_share) == (0, 1, 1)


def test_one_wild_guess_counts_as_a_thousandfold_at_most():
    assert calibration([[number(300.0)]]).score == LONGEST_LOG


def test_bottlenecks_are_counted_apart_and_without_one_not_at_all():
    found = calibration([[bottleneck("web", "web")], [bottleneck("web", "db")], [bottleneck("web", "none")]])
    assert (found.bottlenecks, found.bottlenecks_right) == (2, 1)
    assert found.score is None
    assert "No prediction" in found.sentence


@pytest.mark.parametrize(
    ("logs", "leans"),
    [
        ([-2.0] * 6, "lean low, by a factor of 4.0"),
        ([2.0] * 6, "lean high"),
        ([2.0, -2.0] * 3, None),
        ([2.0] * 5, None),
    ],
)
def test_a_leaning_is_spoken_of_when_there_is_one(logs, leans):
    sentence = calibration([[number(one) for one in logs]]).sentence
    assert (leans in sentence) if leans else ("lean" not in sentence)


def test_without_predictions_there_is_no_score():
    assert calibration([]).score is None
