"""States of a round on a question of the bank, from the few things that a case says."""

import json
from typing import Any

from pydantic import TypeAdapter

from practice.attempt import Attempt, Draft, Written
from practice.clock import ClockEvent
from practice.facts import Asked
from practice.interviewer.observe import observe
from practice.interviewer.state import Hands, Said, State
from practice.rounds import new_round
from question_bank.loader import load_question
from rubrics.schema import PHASES

ADS = "ads-ranking"
TOGETHER = ("phase", "minute", "texts", "worksheet", "asked", "level", "mode", "question", "said", "hands", "design")


def a_round(level="senior", mode="mock", minutes=45):
    return new_round(minutes, level=level, mode_id=mode)


def an_attempt(
    question, *, phase="detailed_design", minute=1.0, texts=None, worksheet=None, asked=(), round_=None, **more
):
    """An attempt whose open phase has been open for so many minutes, with the earlier ones as planned."""
    round_ = round_ or a_round()
    at, events = 0.0, []
    for one in PHASES[: PHASES.index(phase) + 1]:
        events.append(ClockEvent(at=at, kind="enter", phase=one))
        at += round_.phase_minutes[one] * 60
    sections = {one: Draft(text=text, revision=1, writer="w", sequence=1) for one, text in (texts or {}).items()}
    return Attempt(
        id="abcdefgh",
        question=question,
        created_at=0.0,
        last_seen=0.0,
        sections=sections,
        worksheet={row: Written(value=value, unit=unit) for row, (value, unit) in (worksheet or {}).items()},
        asked=tuple(Asked(text="?", fact=fact, at=1.0) for fact in asked),
        events=tuple(events),
        own_levels={},
        **more,
    )


def now_of(attempt, minute):
    return attempt.events[-1].at + minute * 60


def a_state(case: dict[str, Any] | None = None, **more: Any) -> State:
    """The state that the keys of a case describe; what is no input of `observe` replaces a field of the state."""
    case = {"phase": "detailed_design", "minute": 1.0, **(case or {}), **more}
    question = load_question(case.get("question", ADS))
    round_ = a_round(case.get("level", "senior"), case.get("mode", "mock"))
    taken = {key: case[key] for key in ("phase", "minute", "texts", "worksheet", "asked", "design") if key in case}
    attempt = an_attempt(question.slug, round_=round_, **taken)
    said = tuple(Said.model_validate(a_saying(**one)) for one in case.get("said", []))
    seen = observe(question, round_, attempt, {}, now_of(attempt, case["minute"]), said=said, hands=hands(case))
    replaced = {key: value for key, value in case.items() if key not in TOGETHER}
    return State.model_validate_json(State.model_validate({**dict(seen), **_typed(replaced)}).model_dump_json())


def hands(case):
    return Hands.model_validate(case.get("hands", {}))


def a_saying(**more: Any) -> dict[str, Any]:
    """Something that was said long ago."""
    given = {"at": 0.0, "kind": "probe", "id": "x", "text": "?", "why": "I asked.", "phase": "requirements"}
    return {**given, **more}


def _typed(replaced: dict[str, Any]) -> dict[str, Any]:
    """Fields in the types of the state."""
    return {
        key: TypeAdapter(State.model_fields[key].annotation).validate_json(json.dumps(value))
        for key, value in replaced.items()
    }
