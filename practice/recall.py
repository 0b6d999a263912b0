"""When a card comes back: FSRS (the `fsrs` package, Open Spaced Repetition) over the log of its reviews.

The log is all that is kept; the state of a card is worked out from it, so that a better version of the algorithm
changes what is due and loses nothing. Intervals are not blurred, so that the same log gives the same days.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import floor
from typing import Literal

from fsrs import Card, Rating, Scheduler

from practice.today import Today
from simulator.spec import NonNegative, Spec

Answer = Literal["again", "hard", "good", "easy"]
ANSWERS: tuple[Answer, ...] = ("again", "hard", "good", "easy")

NEW_A_DAY, MOST_A_DAY = 5, 20
LONGEST_DAYS = 365


class Reviewed(Spec):
    """A card that was answered, and how well by the person's own judgment."""

    item: str
    at: NonNegative
    answer: Answer


class Stack(Spec):
    """The cards of today in their order, and how many more are due than a day takes; those come tomorrow."""

    items: tuple[str, ...]
    left_over: int


def due_at(reviews: Iterable[Reviewed], longest_days: int = LONGEST_DAYS) -> dict[str, float]:
    """When each card that was ever answered comes back, in seconds since the epoch."""
    scheduler = Scheduler(
        enable_fuzzing=False, learning_steps=(), relearning_steps=(), maximum_interval=max(1, longest_days)
    )
    cards: dict[str, Card] = {}
    for review in sorted(reviews, key=lambda one: one.at):
        card = cards.get(review.item) or Card(card_id=1, due=_moment(review.at))
        rating = Rating(ANSWERS.index(review.answer) + 1)
        cards[review.item], _ = scheduler.review_card(card, rating, _moment(review.at))
    return {item: card.due.timestamp() for item, card in cards.items()}


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def stack(known: Mapping[str, object], reviews: Sequence[Reviewed], today: Today) -> Stack:
    """What to answer today: what is due, the longest overdue first, then new cards; never more than a day takes."""
    back = due_at(reviews, floor(today.at_most(LONGEST_DAYS)))
    first_seen: dict[str, float] = {}
    for one in sorted(reviews, key=lambda one: one.at):
        first_seen.setdefault(one.item, one.at)
    end_of_day = today.starts_at + 86_400
    due = sorted((at, item) for item, at in back.items() if item in known and at < end_of_day)
    done = len({one.item for one in reviews if today.holds(one.at)})
    begun = sum(today.holds(at) for at in first_seen.values())
    room = max(0, MOST_A_DAY - done)
    old = [item for _, item in due][:room]
    new = [item for item in known if item not in first_seen][: max(0, min(NEW_A_DAY - begun, room - len(old)))]
    return Stack(items=(*old, *new), left_over=len(due) - len(old))
