"""Everything that could be asked now, each with what it is worth.

The worth of a question is need x weight of its dimension x fit to the target level x 1 if its answer fits into the time
that is left, else 0 x 0.5 for every time that its dimension was asked about. Moves of the clock belong to no dimension
and weigh 1, so that they go before all others.
"""

from collections.abc import Iterator, Mapping, Sequence

from practice.interviewer.conditions import Condition, from_when
from practice.interviewer.ladder import next_rungs
from practice.interviewer.matching import matches
from practice.interviewer.quoting import word_count
from practice.interviewer.rules import MOST_WORDS, NeedId, Rule, Rung, Wording, rule_book, slots_in
from practice.interviewer.state import MoveKind, Said, State
from practice.interviewer.topics import topic_of
from question_bank.schema import Followup, Question
from rubrics.schema import DimensionId
from simulator.spec import Spec

AGAIN_PER_DIMENSION = 0.5
ANSWER_MIN = 1.5
OWN = "own:"  # before the id of a follow-up, which may be called like a rule


class Candidate(Spec):
    """A question with its words, its reason and its worth; `order` settles ties, with the question's own first."""

    kind: MoveKind
    id: str
    text: str
    why: str
    score: float
    order: int
    dimension: DimensionId | None = None
    topic: str
    subject: str = ""
    rung: int | None = None
    wording: int = 0
    fact: str = ""


def candidates(question: Question, state: State, weights: Mapping[DimensionId, int]) -> list[Candidate]:
    """All questions that fit the state, the worthiest first."""
    found = [*_followups(question, state, weights), *_rules(state, weights), *_ladder(state, weights)]
    return sorted((one for one in found if one.score > 0), key=lambda one: (-one.score, one.order, one.subject))


def worth(
    state: State,
    weights: Mapping[DimensionId, int],
    *,
    need: NeedId,
    dimension: DimensionId | None,
    fit: float,
    minutes: float,
) -> float:
    """What a question is worth now, 0-1."""
    in_time = 1.0 if minutes * 60 <= max(0.0, state.phase_left_s) else 0.0
    found = rule_book().needs[need] * fit * in_time
    if dimension is None:
        return found
    asked = sum(one.dimension == dimension for one in state.said)
    return found * weights[dimension] / 100 * AGAIN_PER_DIMENSION**asked


def filled(text: str, words: Mapping[str, str]) -> str | None:
    """The text with its slots filled; None if a word for one is missing or empty."""
    if any(not words.get(slot) for slot in slots_in(text)):
        return None
    done = text.format_map(words)
    return done[:1].upper() + done[1:]


def spoken(wording: Wording, words: Mapping[str, str], again: int) -> tuple[str, str, str] | None:
    """Question, reason and fact; None if words are missing or there are too many."""
    known = {**wording.otherwise, **words}
    text = filled(wording.again if again else wording.ask, known)
    if text is None or word_count(text) > MOST_WORDS:
        return None
    because, fact = filled(wording.because, known), filled(wording.fact, known)
    if because is None:
        return None
    return text, because_sentence(because), fact or ""


def because_sentence(because: str) -> str:
    start = because if because[:1] == "I" and because[1:2] == " " else because[:1].lower() + because[1:]
    return f"I asked this because {start if start.endswith('.') else start + '.'}"


# ---- the forty rules -------------------------------------------------------------------------------------------


def _rules(state: State, weights: Mapping[DimensionId, int]) -> Iterator[Candidate]:
    for rule in rule_book().rules:
        fit = rule.fit.get(state.level, 1.0)
        score = worth(state, weights, need=rule.need, dimension=rule.dimension, fit=fit, minutes=rule.minutes)
        if score > 0:
            yield from _of_rule(rule, state, score)


def _of_rule(rule: Rule, state: State, score: float) -> Iterator[Candidate]:
    for match in matches(rule.when, state):
        again = _wording(state.said, rule.id, match.subject)
        if again is None:
            continue
        if (said := spoken(rule, match.words, again)) is not None:
            text, why, fact = said
            yield Candidate(
                kind=rule.kind,
                id=rule.id,
                text=text,
                why=why,
                score=score,
                order=100 + rule.number,
                dimension=rule.dimension,
                topic=rule.topic or match.subject or rule.id,
                subject=match.subject,
                rung=rule.rung,
                wording=again,
                fact=fact,
            )
            return  # the most telling match speaks for the rule


def _wording(said: Sequence[Said], name: str, subject: str) -> int | None:
    """0 for the first time, 1 for other words after an answer without support; None if it has been asked enough."""
    before = [one for one in said if one.id == name and one.subject == subject]
    if not before:
        return 0
    last = before[-1]
    is_open = last.answered_at is not None and not last.is_supported and not last.is_told
    return 1 if len(before) == 1 and is_open and last.kind == "probe" else None


# ---- the question's own ----------------------------------------------------------------------------------------


def _followups(question: Question, state: State, weights: Mapping[DimensionId, int]) -> Iterator[Candidate]:
    for number, followup in enumerate(question.followups):
        condition = from_when(followup.when)
        name = f"{OWN}{followup.id}"
        if any(one.id == name for one in state.said) or not matches(condition, state):
            continue
        need, dimension, topic, because = _of_followup(question, followup, state, condition)
        score = worth(state, weights, need=need, dimension=dimension, fit=1.0, minutes=ANSWER_MIN)
        yield Candidate(
            kind="probe",
            id=name,
            text=followup.ask,
            why=because_sentence(because),
            score=score,
            order=number,
            dimension=dimension,
            topic=topic,
            fact=followup.strong.split(". ")[0].rstrip(".") + ".",
        )


def _of_followup(
    question: Question, followup: Followup, state: State, condition: Condition
) -> tuple[NeedId, DimensionId, str, str]:
    """How much it is needed, its dimension and topic, and why: by the part of its `when` that weighs most."""
    concepts = {one.id: one for one in question.concepts}
    if condition.scenario_failed:
        run = next(one for one in state.runs if one.scenario in condition.scenario_failed and not one.passed)
        dimension: DimensionId = "serving_scale" if run.steady else "reliability_operations"
        return "failed_run", dimension, run.scenario, f"the run of “{run.title}” failed"
    if condition.row_not_accepted:
        row = next(one for one in state.rows if one.id in condition.row_not_accepted and one.judged != "ok")
        return "deciding_number", "capacity", row.id, f"your number for “{row.label}” was not right, or not there"
    if condition.not_found:
        missing = [concepts[one] for one in condition.not_found if not (c := state.concept(one)) or not c.is_adopted]
        is_core = any(one.tier == "core" for one in missing)
        because = f"I could not find this: {missing[0].label.lower()}"
        return "core_missing" if is_core else "plus_missing", missing[0].dim, topic_of(missing[0].id), because
    if condition.found:
        there = next(concepts[one] for one in condition.found if (c := state.concept(one)) and c.is_adopted)
        return "strength", there.dim, topic_of(there.id), f"you spoke of this: {there.label.lower()}"
    return "unsupported", "reliability_operations", followup.id, "your design had been run"


# ---- one step deeper -------------------------------------------------------------------------------------------


def _ladder(state: State, weights: Mapping[DimensionId, int]) -> Iterator[Candidate]:
    for number, step in enumerate(next_rungs(state)):
        rung: Rung = rule_book().ladder[step.rung - 1]
        need: NeedId = "strength" if step.is_supported else "unsupported"
        score = worth(state, weights, need=need, dimension=step.dimension, fit=1.0, minutes=ANSWER_MIN)
        said = spoken(rung, {"quote": step.quote}, step.wording) if score > 0 else None
        if said is not None:
            text, why, fact = said
            yield Candidate(
                kind="probe",
                id=f"rung_{step.rung}",
                text=text,
                why=why,
                score=score,
                order=1000 + number,
                dimension=step.dimension,
                topic=step.topic,
                subject=step.concept,
                rung=step.rung,
                wording=step.wording,
                fact=fact,
            )
