"""A whole round played against the interviewer on an injected clock: somebody types, pauses, computes and answers."""

from typing import Any, NamedTuple

from practice.attempt import Attempt, Draft, Written
from practice.clock import ClockEvent
from practice.interviewer.interviewer import answered, next_move
from practice.interviewer.observe import observe
from practice.interviewer.state import Hands, Said
from practice.rounds import Round
from question_bank.loader import load_question
from rubrics.schema import PHASES

CHARACTERS_PER_S = 4
ANSWER_AFTER_S = 30
START = 1_000_000.0


class Spoken(NamedTuple):
    """Something said, with what the hands did at that moment."""

    said: Said
    hands: Hands


class Candidate:
    """Writes the given sentences into each phase, thinking a while between them, and moves on by the plan."""

    def __init__(self, round_: Round, sentences: dict[str, list[str]], answers: list[str], *, think_s: float = 20.0):
        self.round = round_
        self.answers = answers
        self.keys: list[tuple[float, str, str]] = []  # when a sentence began, its phase, and it
        self.ends: list[float] = []
        at = START
        self.events = []
        for phase in PHASES:
            self.events.append(ClockEvent(at=at, kind="enter", phase=phase))
            began = at
            for sentence in sentences.get(phase, []):
                began += think_s
                self.keys.append((began, phase, sentence))
                began += len(sentence) / CHARACTERS_PER_S
                self.ends.append(began)
            at += round_.phase_minutes[phase] * 60

    def texts(self, now: float) -> dict[str, str]:
        """What stands there at a moment, half a sentence included."""
        found: dict[str, str] = {}
        for began, phase, sentence in self.keys:
            typed = sentence[: max(0, int((now - began) * CHARACTERS_PER_S))]
            if typed:
                found[phase] = f"{found.get(phase, '')} {typed}".strip()
        return found

    def hands(self, now: float, answered_at: float = 0.0) -> Hands:
        """Seconds since the last key; a section that was left is saved, and an answer that was sent."""
        pressed = [min(now, end) for (began, _, _), end in zip(self.keys, self.ends, strict=True) if began < now]
        entered = max(one.at for one in self.events if one.at <= now)
        idle_s = now - max([entered, answered_at, *pressed])
        if not pressed:
            return Hands(idle_s=idle_s)
        last = max(pressed)
        return Hands(key_s=now - last, idle_s=idle_s, saved=max(entered, answered_at) > last)


def play(
    candidate: Candidate,
    question: str = "ads-ranking",
    *,
    tick_s: float = 5.0,
    worksheet: dict[str, tuple[str, str]] | None = None,
    **more: Any,
) -> list[Spoken]:
    """Everything that the interviewer says, from the first second to two minutes after the end."""
    asked, log = load_question(question), list[Spoken]()
    said: tuple[Said, ...] = ()
    rows = {row: Written(value=value, unit=unit) for row, (value, unit) in (worksheet or {}).items()}
    for tick in range(int((candidate.round.minutes + 2) * 60 / tick_s)):
        now = START + tick * tick_s
        hands = candidate.hands(now, max((one.answered_at or 0.0 for one in said), default=0.0))
        attempt = an_attempt(candidate, asked.slug, now, rows, more)
        state = observe(asked, candidate.round, attempt, {}, now, said=said, hands=hands)
        if said and said[-1].answered_at is None and now - said[-1].at >= ANSWER_AFTER_S and candidate.answers:
            answer = candidate.answers[len(said) % len(candidate.answers)]
            said = (*said[:-1], answered(said[-1], answer, now))
        spoken = next_move(asked, state.model_copy(update={"said": said}))
        if spoken is not None:
            said = (*said, spoken)
            log.append(Spoken(spoken, hands))
    return log


def an_attempt(candidate: Candidate, slug: str, now: float, rows: dict[str, Written], more: dict[str, Any]) -> Attempt:
    sections = {
        phase: Draft(text=text, revision=1, writer="w", sequence=1) for phase, text in candidate.texts(now).items()
    }
    events = tuple(one for one in candidate.events if one.at <= now)
    has_computed = any(one.phase == "capacity_estimation" for one in events)
    return Attempt(
        id="abcdefgh",
        question=slug,
        created_at=START,
        last_seen=now,
        sections=sections,
        worksheet=rows if has_computed else {},
        events=events,
        own_levels={},
        **more,
    )
