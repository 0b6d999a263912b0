"""When an interviewer may speak: never into typing, seldom, one question at a time, and not long on one topic."""

from collections.abc import Sequence
from typing import Literal

from practice.interviewer.rules import rule_book
from practice.interviewer.state import Said, State
from rubrics.schema import PHASES, PhaseId

Silent = Literal["over", "stopped", "typing", "gap", "answer_awaited"]

LATE_FROM = PHASES.index("detailed_design")
PATIENCE = 2  # gaps, for an answer; then the question counts as passed over
OUTSIDE = ("help", "hint")  # said into a silence, not into work; they keep their own distance


def gap_s(phase: PhaseId) -> float:
    """How far apart two interruptions are at least, in seconds."""
    manner = rule_book().manner
    return manner.gap_late_s if PHASES.index(phase) >= LATE_FROM else manner.gap_early_s


def why_silent(state: State) -> Silent | None:
    """Why nothing may be said now; None if something may."""
    if state.round_left_s <= 0:
        return "over"
    if not state.is_running:
        return "stopped"
    if is_typing(state):
        return "typing"
    return _after_the_last(state)


def _after_the_last(state: State) -> Silent | None:
    if state.said and state.at - state.said[-1].at < rule_book().manner.after_help_s:
        return "gap"
    last = next((one for one in reversed(state.said) if one.kind not in OUTSIDE), None)
    if last is None:
        return None
    if state.at - last.at < gap_s(state.phase):
        return "gap"
    awaited = last.kind in ("probe", "twist") and last.answered_at is None
    return "answer_awaited" if awaited and state.at - last.at < PATIENCE * gap_s(state.phase) else None


def may_speak(state: State) -> bool:
    """Whether there is any use in looking at the work: the clock waits for no answer, and help comes into silence."""
    return why_silent(state) in (None, "answer_awaited") or offers_help(state)


def is_typing(state: State) -> bool:
    """Whether a sentence is under way: the last keystroke is fresh, and nothing was saved since."""
    hands = state.hands
    return hands.key_s is not None and hands.key_s < rule_book().manner.pause_s and not hands.saved


def is_worn_out(topic: str, said: Sequence[Said]) -> bool:
    """Whether the last questions were all about one topic, so that another one is due."""
    most = rule_book().manner.most_on_a_topic
    probes = [one for one in said if one.kind == "probe"][-most:]
    return len(probes) == most and all(one.topic == topic for one in probes)


def offers_help(state: State) -> bool:
    """Whether a silence has become long: nothing was done, and nothing said, for so many seconds; once in a phase."""
    if state.round_left_s <= 0 or not state.is_running or is_typing(state):
        return False
    last_s = state.at - state.said[-1].at if state.said else state.hands.idle_s
    offered = any(one.kind == "help" and one.phase == state.phase for one in state.said)
    return min(state.hands.idle_s, last_s) >= rule_book().manner.silence_s and not offered
