"""A prediction in a lab: what is kept of it, and how far off it was."""

import pytest

from practice.lab_prediction import how_far, kept_prediction, note_of, right_band
from question_bank.labs import ChoiceWanted, load_labs

LABS = load_labs()
NUMBER, CHOICE = LABS["batching-latency"], LABS["retries-recovery"]


@pytest.mark.parametrize(
    ("said", "value", "unit", "far"),
    [
        (20, 71.2, "ms", "a factor of 3.6 too low"),
        (20, 2, "ms", "a factor of 10.0 too high"),
        (60, 71.2, "ms", "close"),
        (0, 71.2, "ms", "too low by far"),
        (0, 0, "ms", "close"),
        (1e12, 1, "ms", "too high by far"),
        (0.4, 0.63, "share", "23 points too low"),
        (0.6, 0.63, "share", "close"),
        (0.05, 0.10, "share", "a factor of 2.0 too low"),
        (0.01, 0.002, "share", "a factor of 5.0 too high"),
    ],
)
def test_numbers_are_off_by_a_factor_and_large_shares_by_points(said: float, value: float, unit: str, far: str) -> None:
    assert how_far(said, value, unit) == far


@pytest.mark.parametrize(("lab", "said"), [(NUMBER, 20.0), (NUMBER, None), (CHOICE, "most"), (CHOICE, None)])
def test_what_was_said_is_kept(lab, said) -> None:
    assert kept_prediction(lab, note_of(lab, said)) == (True, said)


@pytest.mark.parametrize(
    "note",
    [
        None,
        "20",
        {},
        {"said": 20.0},
        note_of(NUMBER, 20.0) | {"figure": "p50"},
        note_of(NUMBER, 20.0) | {"at": {}},
        note_of(NUMBER, "often"),
        note_of(NUMBER, True),
        note_of(NUMBER, float("nan")),
        note_of(CHOICE, "most"),
    ],
)
def test_a_note_of_another_lab_or_version_is_no_prediction(note) -> None:
    assert kept_prediction(NUMBER, note) == (False, None)


def test_a_choice_that_is_gone_is_no_prediction() -> None:
    assert kept_prediction(CHOICE, note_of(CHOICE, "gone")) == (False, None)


@pytest.mark.parametrize(
    ("value", "right"), [(0.0, "hardly_any"), (0.05, "some"), (0.95, "nearly_all"), (1.0, "nearly_all")]
)
def test_the_right_answer_is_the_band_of_the_value(value: float, right: str) -> None:
    assert isinstance(CHOICE.predict, ChoiceWanted)
    band = right_band(CHOICE.predict, value)
    assert band is not None
    assert band.id == right
