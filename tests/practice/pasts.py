"""Attempts in the past, with cards on which every dimension has one level."""

from typing import Any

from practice.progress.past import DAY_S, Past
from rubrics import Card, SelfGrade, Submission, load_rubric, make_card, weights_for
from rubrics.schema import DIMENSIONS
from tests.practice.rounds import QUESTION, an_attempt

QUESTIONS = {QUESTION.slug: QUESTION}
RUBRIC = load_rubric()
TEXT = "We promise 50 ms at p99 and keep the old list when the ranker is late."


def a_card(level: int, suggested: dict[str, int] | None = None, first: dict[str, int] | None = None) -> Card:
    """A card on which every dimension but capacity, which nobody computed, has this own level."""
    grades = tuple(SelfGrade(dimension=one, level=level, quote=TEXT) for one in DIMENSIONS)
    sections = dict.fromkeys(
        ("requirements", "capacity_estimation", "high_level_design", "detailed_design", "bottlenecks_tradeoffs"), TEXT
    )
    submission = Submission(sections=sections, grades=grades, suggestions=suggested or {}, first_levels=first or {})
    return make_card(RUBRIC, weights_for(RUBRIC, {}), submission)


def a_past(day: float, card: Card | None = None, slug: str = QUESTION.slug, **more: Any) -> Past:
    runs = {name: more.pop(name) for name in ("runs", "predicted") if name in more}
    attempt = an_attempt(**{"question": slug, "created_at": day * DAY_S, "last_seen": (day + 1) * DAY_S, **more})
    return Past(attempt=attempt.model_copy(update={"id": f"attempt{day}"}), card=card, **runs)
