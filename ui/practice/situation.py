"""Everything that the next step depends on, gathered for the person of this visit."""

from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from practice import wall_clock
from practice.drills import drills
from practice.progress.past import Past, graded
from practice.progress.weaknesses import weaknesses
from practice.recall import Stack, stack
from practice.spacing import Done, Situation, Step, next_step
from practice.today import Today, today
from question_bank.recall import RecallCard, recall_cards
from question_bank.start_here import first_steps
from storage.history import history
from storage.notes import load_note, save_note
from storage.practiced import drilled, minutes_since, reviews
from ui.cached import cards, questions
from ui.people import current_person

MINUTES_A_DAY = 60
_PLAN = "plan"


@dataclass(frozen=True)
class Here:
    """The situation, the cards that are known, those of today, and the next step."""

    situation: Situation
    known: dict[str, RecallCard]
    stack: Stack
    step: Step

    @property
    def today(self) -> Today:
        return self.situation.today


def here() -> Here:
    """Gather it all; read from the database each time."""
    person = current_person()
    interview, minutes = plan_settings()
    day = today(wall_clock.now(), _zone(), interview)
    pasts, done = history(person), drilled(person)
    found = tuple(weaknesses(pasts, questions()))
    seen = dict.fromkeys(past.question for past, _ in graded(pasts))
    known = recall_cards(cards(), [questions()[slug] for slug in seen if slug in questions()])
    pile = stack(known, reviews(person), day)
    situation = Situation(
        today=day,
        pasts=pasts,
        weaknesses=found,
        drills=tuple(drills(found, pasts, questions(), done, day)),
        cards=len(pile.items),
        done=Done(drills=done, minutes_today=minutes_since(person, day.starts_at) + _in_rounds(pasts, day)),
        most_minutes=minutes,
    )
    return Here(situation, known, pile, next_step(situation, questions(), _first()))


def plan_settings() -> tuple[date | None, int]:
    """The date of the interview, if there is one, and how many minutes a day may take."""
    kept = load_note(current_person(), "setting", _PLAN) or {}
    interview = kept.get("interview_on")
    return date.fromisoformat(interview) if interview else None, int(kept.get("minutes", MINUTES_A_DAY))


def save_plan(interview: date | None, minutes: int) -> None:
    """Keep them."""
    kept = {"interview_on": interview.isoformat() if interview else None, "minutes": minutes}
    save_note(current_person(), "setting", _PLAN, kept)


def _in_rounds(pasts: tuple[Past, ...], day: Today) -> float:
    """Minutes spent in attempts that were begun today."""
    begun = [one.attempt for one in pasts if day.holds(one.at)]
    return sum(sum(one.times(min(day.now, one.last_seen)).spent_s.values()) / 60 for one in begun)


def _first() -> str:
    return next((one.slug for one in first_steps() if one.kind == "question"), "")


def _zone() -> tzinfo:
    """The time zone of the browser."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
