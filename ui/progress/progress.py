"""The parts of progress in their order, from the attempts of one person."""

from collections.abc import Mapping

from practice.progress.past import Past
from practice.progress.rows import (
    LevelRow,
    about_honesty,
    calibrated,
    level_rows,
    minute_rows,
    prediction_rows,
    question_rows,
)
from question_bank.schema import Question
from ui.moments import on_day
from ui.progress.figures import fig_calibration, fig_honesty, fig_levels, fig_minutes, levels_alt
from ui.progress.parts import part


def levels(pasts: tuple[Past, ...], titles: Mapping[str, str]) -> None:
    """The level of each dimension over time."""
    rows = list(level_rows(pasts))
    said = "Each point is one graded attempt. What counts may differ from your own level, where runs or numbers decide."
    figure = fig_levels(rows, titles) if rows else None
    part("Levels over time", said, figure, levels_alt(rows), _by_attempt(rows, titles), rows, "levels")


def _by_attempt(rows: list[LevelRow], titles: Mapping[str, str]) -> dict[str, list[str]]:
    """A line for each attempt and a column for each dimension, the newest attempt first."""
    attempts = list(dict.fromkeys(row.attempt for row in reversed(rows)))
    cells = {(row.attempt, row.dimension): "-" if row.level is None else str(row.level) for row in rows}
    dimensions = {row.dimension: row.title for row in rows}
    first = {row.attempt: row for row in rows}
    return {
        "attempt": [f"{on_day(first[one].at)} {titles.get(first[one].question, '')}" for one in attempts],
        **{title: [cells.get((one, dimension), "") for one in attempts] for dimension, title in dimensions.items()},
    }


def predictions(pasts: tuple[Past, ...], questions: Mapping[str, Question], titles: Mapping[str, str]) -> None:
    """How near predictions were."""
    rows = list(prediction_rows(pasts, questions))
    table = {
        "day": [on_day(row.at) for row in rows],
        "question": [titles.get(row.question, row.question) for row in rows],
        "what": [row.what for row in rows],
        "predicted": [row.predicted for row in rows],
        "measured": [row.measured for row in rows],
    }
    alt = "Predicted over measured, for each prediction of p99 and of cost, over time."
    figure = fig_calibration(rows) if rows else None
    part("Predictions", calibrated(pasts, questions).sentence, figure, alt, table, rows, "predictions")


def honesty(pasts: tuple[Past, ...], titles: Mapping[str, str]) -> None:
    """Own levels beside the automatic part."""
    rows = [row for row in level_rows(pasts) if row.difference is not None]
    table = {
        "day": [on_day(row.at) for row in rows],
        "question": [titles.get(row.question, row.question) for row in rows],
        "dimension": [row.title for row in rows],
        "own": [str(row.first if row.first is not None else row.own) for row in rows],
        "automatic": [str(row.automatic) for row in rows],
        "difference": [f"{row.difference:+d}" for row in rows],
    }
    alt = "Own level before any suggestion minus the automatic one, for each dimension of each attempt, over time."
    figure = fig_honesty(rows) if rows else None
    part("Your own levels beside the automatic part", about_honesty(rows), figure, alt, table, rows, "own-levels")


def minutes(pasts: tuple[Past, ...], questions: Mapping[str, Question], titles: Mapping[str, str], now: float) -> None:
    """Where the time went."""
    rows = list(minute_rows(pasts, questions, now))
    table = {
        "day": [on_day(row.at) for row in rows],
        "question": [titles.get(row.question, row.question) for row in rows],
        "phase": [row.phase for row in rows],
        "planned, min": [f"{row.planned_min:.0f}" for row in rows],
        "spent, min": [f"{row.spent_min:.1f}" for row in rows],
    }
    said = "Minutes in each phase. Pauses and long silences are not in them." if rows else "No time was spent yet."
    figure = fig_minutes(rows, titles) if rows else None
    part("Minutes", said, figure, "Minutes of each attempt by phase.", table, rows, "minutes")


def by_question(pasts: tuple[Past, ...], titles: Mapping[str, str]) -> None:
    """Best and last score of each question."""
    rows = question_rows(pasts, titles)
    table = {
        "question": [row.title for row in rows],
        "attempts": [str(row.attempts) for row in rows],
        "best": ["-" if row.best is None else f"{row.best:g}" for row in rows],
        "last": ["-" if row.last is None else f"{row.last:g}" for row in rows],
        "last begun": [on_day(row.last_at) for row in rows],
    }
    part("Questions", "Best and last score of each question, of 100.", None, "", table, rows, "questions")
