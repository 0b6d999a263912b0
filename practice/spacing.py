"""What to do next: one thing, with its reason, by a rule of one sentence. No magic curve: any sensible gap does it.

That retrieval which is spread over days beats retrieval in one go is well shown (Latimier et al. 2021, 29 studies, g
about 0.74), growing gaps over equal ones are not (g about 0.03). For mock interviews there is no controlled evidence.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from practice.drills import Drill, Drilled
from practice.progress.past import DAY_S, Past, graded
from practice.progress.weaknesses import Weakness
from practice.today import Today
from question_bank.schema import DIFFICULTIES, Question
from rubrics.schema import TOP_LEVEL
from simulator.spec import Spec

GAP_DAYS = {"weak": 3.0, "middling": 7.0, "good": 21.0}
SAME_QUESTION_DAYS = 14.0
BETWEEN_ROUNDS_DAYS = 3.0  # two rounds a week
LAST_ROUND_DAYS = 2  # before the interview
DRILLS_A_DAY = 2
CARD_MINUTES = 2
RECALL = "Recalling them today keeps them longer than reading them again."
RULE = (
    "Weak dimensions return in 3 days on a different question, middling ones in 7, good ones in 21, and the same "
    "question not before 14 days."
)

StepKind = Literal["first", "finish", "grade", "cards", "drill", "round", "rest"]


class Step(Spec):
    """One thing to do and why. `question`, `attempt` and `drill` say on what."""

    kind: StepKind
    title: str
    reason: str
    minutes: int = 0
    question: str = ""
    attempt: str = ""
    drill: Drill | None = None


class Done(Spec):
    """What was practiced: drills ever, and minutes of everything today."""

    drills: tuple[Drilled, ...] = ()
    minutes_today: float = 0.0


class Situation(Spec):
    """All that the next step depends on. `cards` is how many are left today, `most_minutes` what a day may take."""

    today: Today
    pasts: tuple[Past, ...]
    weaknesses: tuple[Weakness, ...]
    drills: tuple[Drill, ...] = ()
    cards: int = 0
    done: Done = Done()
    most_minutes: int = 60


def rule(today: Today) -> str:
    """The rule in one sentence, and what the interview's date makes of it in another."""
    left = today.interview_in
    if left is None:
        return RULE
    if left == 0:
        return "Your interview is today. Leave it at that."
    if left < LAST_ROUND_DAYS:
        return "Your interview is tomorrow: only cards today."
    return (
        f"{RULE} Your interview is in {left} days: no gap is longer than {left / 5:.1f} days, the last full round is "
        f"{LAST_ROUND_DAYS} days before, and on the day before there are only cards."
    )


def next_step(now: Situation, questions: Mapping[str, Question], first: str) -> Step:
    """The one thing to do next; `first` is the question to begin with."""
    left = now.today.interview_in
    if left is not None and left < LAST_ROUND_DAYS:
        return _only_cards(now, left)
    if (open_end := _open_end(now, questions)) is not None:
        return open_end
    if not graded(now.pasts):
        return _first(questions, first)
    if now.done.minutes_today >= now.most_minutes:
        reason = f"{now.done.minutes_today:.0f} of {now.most_minutes} minutes are done. What is due stays due tomorrow."
        return Step(kind="rest", title="Enough for today", reason=reason)
    return _round(now, questions) or _drill(now) or _cards(now) or _rest(now)


def _only_cards(now: Situation, left: int) -> Step:
    if left == 0:
        return Step(kind="rest", title="Nothing more to practice", reason="Your interview is today.")
    reason = "Your interview is tomorrow, and rounds or drills would only tire you."
    return _cards(now, reason) or Step(kind="rest", title="Rest", reason=f"{reason} No card is due.")


def _first(questions: Mapping[str, Question], first: str) -> Step:
    title, minutes = (questions[first].title, questions[first].minutes) if first in questions else ("a question", 45)
    reason = "Nothing has been graded yet. What comes after depends on what this shows."
    return Step(
        kind="first", title=f"Answer your first question: {title}", reason=reason, minutes=minutes, question=first
    )


def _open_end(now: Situation, questions: Mapping[str, Question]) -> Step | None:
    """An attempt of the last days that lacks its grading or its end: neither teaches much without it."""
    newest = max((one for one in now.pasts if one.question in questions), key=lambda one: one.at, default=None)
    if newest is None or newest.card is not None or now.today.days_since(newest.at) > SAME_QUESTION_DAYS:
        return None
    title, attempt = questions[newest.question].title, newest.attempt.id
    if newest.attempt.finished_at is not None:
        reason = "It is finished but not graded. Your own levels beside the evidence are where the learning is."
        return Step(kind="grade", title=f"Grade your attempt: {title}", reason=reason, minutes=15, attempt=attempt)
    if not any(draft.text.strip() for draft in newest.attempt.sections.values()):
        return None
    reason = "You have begun it and not finished."
    return Step(kind="finish", title=f"Go on with: {title}", reason=reason, minutes=30, attempt=attempt)


def touched_at(weakness: Weakness, done: Sequence[Drilled]) -> float:
    """When a dimension was last practiced, in a round or in a drill."""
    return max([weakness.at, *(one.at for one in done if one.dimension == weakness.dimension)])


def due_at(weakness: Weakness, now: Situation) -> float:
    """When a dimension comes back, in seconds since the epoch."""
    return touched_at(weakness, now.done.drills) + now.today.at_most(GAP_DAYS[weakness.state]) * DAY_S


def due(now: Situation) -> list[Weakness]:
    """The dimensions whose time has come, the one with most to gain first."""
    end_of_day = now.today.starts_at + DAY_S
    return [one for one in now.weaknesses if due_at(one, now) < end_of_day]


def _round(now: Situation, questions: Mapping[str, Question]) -> Step | None:
    """A full round, if a dimension is due, the last round is some days ago and a question fits."""
    waiting = due(now)
    last = max(one.at for one in now.pasts)
    if not waiting or now.today.days_since(last) < now.today.at_most(BETWEEN_ROUNDS_DAYS):
        return None
    if now.done.minutes_today > 0 and now.done.minutes_today + 45 > now.most_minutes:
        return None
    slug = choose_question(now, questions)
    if slug is None:
        return None
    weakest = " and ".join(f"{one.title} at level {one.level}" for one in now.weaknesses[:2])
    days = now.today.days_since(touched_at(waiting[0], now.done.drills))
    seen = "you have not seen it yet" if slug not in _last_seen(now) else "you have not seen it for two weeks"
    reason = f"Weakest are {weakest}, last practiced {days:.0f} days ago; this question weighs them most, and {seen}."
    question = questions[slug]
    title = f"A full round: {question.title}"
    return Step(kind="round", title=title, reason=reason, minutes=question.minutes, question=slug)


def choose_question(now: Situation, questions: Mapping[str, Question]) -> str | None:
    """The question that weighs the two weakest dimensions most, unseen ones first, none from the last 14 days."""
    seen, weakest = _last_seen(now), now.weaknesses[:2]
    free = [one for one in questions.values() if now.today.days_since(seen.get(one.slug, 0.0)) >= SAME_QUESTION_DAYS]

    def order(question: Question) -> tuple[bool, float, int, str]:
        gain = sum(question.rubric_weights[one.dimension] * (TOP_LEVEL - one.level) for one in weakest)
        return question.slug in seen, -gain, DIFFICULTIES.index(question.difficulty), question.slug

    return min(free, key=order).slug if free else None


def _last_seen(now: Situation) -> dict[str, float]:
    return {one.question: one.at for one in sorted(now.pasts, key=lambda one: one.at)}


def _drill(now: Situation) -> Step | None:
    """A drill on a dimension that is due."""
    waiting = {one.dimension for one in due(now)}
    today = sum(now.today.holds(one.at) for one in now.done.drills)
    order = [one.dimension for one in now.weaknesses]
    fitting = [one for one in now.drills if one.dimension in waiting]
    if today >= DRILLS_A_DAY or not fitting:
        return None
    drill = min(fitting, key=lambda one: order.index(one.dimension))
    return Step(kind="drill", title=DRILL_TITLES[drill.kind], reason=drill.why, minutes=drill.minutes, drill=drill)


DRILL_TITLES = {
    "worksheet": "A drill: one worksheet",
    "repair": "A drill: repair a design that failed",
    "probe": "A drill: answer a probe",
}


def _cards(now: Situation, reason: str = RECALL) -> Step | None:
    if not now.cards:
        return None
    count = "One card" if now.cards == 1 else f"{now.cards} cards"
    return Step(kind="cards", title=f"{count} for today", reason=reason, minutes=CARD_MINUTES * now.cards)


def _rest(now: Situation) -> Step:
    soonest = min(now.weaknesses, key=lambda one: due_at(one, now))
    days = max(1, round((due_at(soonest, now) - now.today.now) / DAY_S))
    when = "tomorrow" if days == 1 else f"in {days} days"
    return Step(
        kind="rest",
        title="Nothing is due",
        reason=f"{soonest.title} returns {when}. A day without practice is part of it.",
    )
