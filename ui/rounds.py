"""The round of an attempt for the screen: as it was begun, or self-study as the question has it."""

from practice.attempt import Attempt, StoredRun
from practice.interviewer.interviewer import answered
from practice.interviewer.state import Said
from practice.phases import planned_minutes
from practice.review import card as make_card
from practice.rounds import Round
from question_bank.schema import Question
from rubrics import Card
from storage.rounds import keep_answer, load_round, load_said
from ui.people import current_person


def round_of(question: Question, attempt: Attempt) -> Round:
    """The round that was begun; an attempt that was begun as none is self-study in the question's own time."""
    kept = load_round(current_person(), attempt.id)
    if kept is not None:
        return kept
    return Round(minutes=question.minutes, phase_minutes=planned_minutes(question.minutes))


def is_mock(round_: Round) -> bool:
    return round_.mode == "mock"


def is_under_way(round_: Round, attempt: Attempt) -> bool:
    """Whether this is a mock interview that is not over, so that nothing may be looked up."""
    return is_mock(round_) and attempt.finished_at is None


def replies(said: tuple[Said, ...]) -> tuple[str, ...]:
    """What was answered to the interviewer."""
    return tuple(one.answer for one in said if one.answer.strip())


def card_of(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> Card:
    """The card with the replies as evidence, the weights of the profile and, of a mock interview, what the asking for
    facts allows. Raise GradeProblem.
    """
    answers, round_ = replies(load_said(current_person(), attempt.id)), round_of(question, attempt)
    return make_card(question, attempt, runs, answers=answers, profile=round_.profile, counts_facts=is_mock(round_))


def send_drafts(attempt_id: str, said: tuple[Said, ...], now: float) -> tuple[Said, ...]:
    """What was written as a reply and not sent counts as sent, so that it is not gone when something new is asked."""
    found = []
    for number, one in enumerate(said):
        if one.answer.strip() and one.answered_at is None:
            sent = answered(one, one.answer, now)
            keep_answer(current_person(), attempt_id, number, sent)
            found.append(sent)
        else:
            found.append(one)
    return tuple(found)
