"""What the interviewer says next, and how it takes an answer. The same state gives the same words, always."""

from collections.abc import Callable

from practice import twist
from practice.interviewer.candidates import Candidate, because_sentence, candidates
from practice.interviewer.finding import short
from practice.interviewer.manner import is_worn_out, offers_help, why_silent
from practice.interviewer.reading import is_unknowing, supports
from practice.interviewer.rules import rule_book
from practice.interviewer.state import ConceptState, Said, State
from practice.rounds import Action, phase_end, shifted_weights
from question_bank.schema import Question
from rubrics.schema import PHASES

MOST_ANSWER = 20_000  # characters of an answer that are read


def next_move(question: Question, state: State) -> Said | None:
    """What to say now, with its reason; None to keep quiet."""
    silent = why_silent(state)
    if silent in (None, "answer_awaited"):  # the clock waits for no answer
        spoken = _of_the_clock(question, state) or _twist(question, state)
        if spoken is None and silent is None:
            spoken = _probe(question, state)
        if spoken is not None:
            return spoken
    return _help(state) if offers_help(state) else None


def answered(said: Said, answer: str, at: float, support: Callable[[str], bool] = supports) -> Said:
    """What was said, with its answer; it has support if the text itself gives a reason, a number or a consequence."""
    text = answer[:MOST_ANSWER]
    if is_unknowing(text) and not support(_without_unknowing(text)):
        return said.model_copy(
            update={"answer": text, "answered_at": at, "is_supported": False, "is_told": bool(said.fact)}
        )
    return said.model_copy(update={"answer": text, "answered_at": at, "is_supported": support(text)})


def reply(said: Said) -> str | None:
    """What is said back to an answer: nothing, as an interviewer does not praise, unless the person did not know."""
    words = rule_book().help
    if said.is_told:
        return words.told.format(fact=said.fact)
    if said.answered_at is not None and is_unknowing(said.answer) and not said.is_supported:
        return words.noted
    return None


def hint(question: Question, state: State) -> Said | None:
    """A hint for somebody who has asked for one: the heaviest core concept that was not found. It is recorded."""
    missing = _missing(question, state)
    hinted = {one.subject for one in state.said if one.kind == "hint"}
    first = next((one for one in missing if one.id not in hinted), None)
    if first is None:
        return None
    return Said(
        at=state.at,
        kind="hint",
        id="hint",
        text=rule_book().help.hint.format(hint=first.label[:1].lower() + first.label[1:]),
        why="You asked for a hint; it is recorded and takes nothing away by itself.",
        phase=state.phase,
        dimension=first.dimension,
        subject=first.id,
        is_hinted=True,
    )


def _missing(question: Question, state: State) -> list[ConceptState]:
    """Core concepts that were not found, the heaviest dimension first."""
    weights = shifted_weights(dict(question.rubric_weights), state.round.profile)
    core = [one for one in state.concepts if one.tier == "core" and not one.is_adopted]
    return sorted(core, key=lambda one: -weights[one.dimension])


def _probe(question: Question, state: State) -> Said | None:
    weights = shifted_weights(dict(question.rubric_weights), state.round.profile)
    for one in candidates(question, state, weights):
        if one.kind == "probe" and is_worn_out(one.topic, state.said):
            continue
        if one.kind == "twist":
            return _given(twist.choose(question, state), state)
        return _said(one, state)
    return None


def _said(one: Candidate, state: State) -> Said:
    shared = one.model_dump(exclude={"score", "order"})
    return Said(at=state.at, phase=state.phase, **shared)


def _twist(question: Question, state: State) -> Said | None:
    return _given(twist.choose(question, state), state) if twist.is_due(state) else None


def _given(chosen: twist.Chosen, state: State) -> Said:
    return Said(
        at=state.at,
        kind="twist",
        id=chosen.id,
        text=chosen.text,
        why=chosen.why,
        phase=state.phase,
        dimension=chosen.dimension,
        topic="twist",
    )


# ---- the clock -------------------------------------------------------------------------------------------------


def _of_the_clock(question: Question, state: State) -> Said | None:
    """The action at the end of a phase, once; the close at the end of the last."""
    if state.phase_left_s > 0:
        return None
    action = phase_end(state.phase).action
    if not _was_said(action, state) and action != "reveal_facts":  # which is rule 4
        return _clock_move(action, _action_text(action, question, state), "the time planned for it was over", state)
    if state.phase == PHASES[-1] and not _was_said("close", state):
        return _clock_move("close", rule_book().close.say, "the design time was over", state)
    return None


def _was_said(name: str, state: State) -> bool:
    return any(one.id == name for one in state.said)


def _action_text(action: Action, question: Question, state: State) -> str:
    spoken = rule_book().actions[action]
    words: dict[str, str] = {}
    if action == "ask_missing_path" and state.graph.missing:
        words = {"path": state.graph.missing[0]}
    if action == "pick_second_topic":
        worn = {one.topic for one in state.said[-2:]}
        left = [one for one in _missing(question, state) if one.id not in worn]
        words = {"topic": short(left[0].label)} if left else {}
    return spoken.say.format(**words) if words or spoken.otherwise is None else spoken.otherwise


def _clock_move(name: str, text: str, because: str, state: State) -> Said:
    return Said(at=state.at, kind="clock", id=name, text=text, why=because_sentence(because), phase=state.phase)


def _help(state: State) -> Said:
    words = rule_book().help
    text = words.self_study if state.round.shows("hints") else words.mock
    return Said(at=state.at, kind="help", id="help", text=text, why=because_sentence(words.because), phase=state.phase)


def _without_unknowing(text: str) -> str:
    """What else an answer says besides that its writer does not know."""
    return " ".join(one for one in text.replace("?", ".").split(".") if not is_unknowing(one))
