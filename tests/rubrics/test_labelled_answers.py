"""The offline suggestion on labelled answers: its gates, its order, and what no change of an answer may do.

The answers and their labels are in `answers/`; the properties hold for each of them and for what is made from them.
"""

import re
from itertools import islice

import pytest

from benchmarks.grading import CLEAN, Sample, gates, orders, samples
from practice.grading import Grade, grade
from question_bank.loader import load_all
from rubrics.answer_text import said
from rubrics.schema import DIMENSIONS

BANK = load_all()
SAMPLES = samples()
WRITTEN = [one for one in SAMPLES if one.kind not in ("padded", "copied", "injected")]
EVERY_NTH = 9
"""A sentence of every so many is taken out; all of them would take minutes."""


def named(one: Sample) -> str:
    return f"{one.question} {one.kind}"


def graded(sample: Sample, **changed: object) -> Grade:
    return grade(BANK[sample.question], sample.answer.model_copy(update=changed))


def levels(result: Grade) -> dict[str, int | None]:
    return {dimension: row.level for dimension, row in result.levels.items()}


def raised(before: Grade, after: Grade) -> list[str]:
    """The dimensions whose level is higher after; one that was withheld before or after is not compared."""
    pairs = [(one, before.levels[one].level, after.levels[one].level) for one in DIMENSIONS]
    return [one for one, old, new in pairs if old is not None and new is not None and new > old]


@pytest.mark.parametrize(("name", "shown", "met"), gates(SAMPLES), ids=lambda one: one if isinstance(one, str) else "")
def test_a_gate_is_met(name, shown, met):
    assert met, f"{name}: measured {shown}"


def test_better_answers_score_higher_in_every_question():
    assert [name for name, holds in orders(SAMPLES) if not holds] == []


def test_every_kind_of_answer_is_there_for_every_question_that_has_any():
    kinds = {"strong", "average", "weak", "terse", "stuffed"}
    for question in {one.question for one in SAMPLES}:
        assert kinds <= {one.kind for one in SAMPLES if one.question == question}, question


# ---- what a change may not do ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", WRITTEN, ids=named)
def test_taking_a_sentence_out_never_raises_a_level(sample):
    for phase, text in sample.answer.sections.items():
        sentences = [one.sentence for one in said({phase: text}, [], frozenset())[0]]
        for sentence in islice(sentences, hash_free_start(phase), None, EVERY_NTH):
            without = sample.answer.sections | {phase: text.replace(sentence, "", 1)}
            assert raised(sample.grade, graded(sample, sections=without)) == [], sentence


def hash_free_start(phase: str) -> int:
    """Another sentence in each section, and the same in every run."""
    return len(phase) % EVERY_NTH


@pytest.mark.parametrize("sample", [one for one in WRITTEN if one.kind in CLEAN], ids=named)
def test_the_glossary_behind_an_answer_raises_nothing(sample):
    glossary = "\n".join(f"{term}: {meaning}" for term, meaning in BANK[sample.question].glossary.items())
    for phase in ("requirements", "bottlenecks_tradeoffs"):
        longer = sample.answer.sections | {phase: f"{sample.answer.sections.get(phase, '')}\n{glossary}"}
        assert raised(sample.grade, graded(sample, sections=longer)) == []


@pytest.mark.parametrize("sample", WRITTEN, ids=named)
def test_the_order_of_sections_changes_nothing_and_the_same_answer_gets_the_same_grade(sample):
    assert graded(sample, sections=dict(reversed(sample.answer.sections.items()))) == sample.grade


NEGATED = [
    (r"\b(We|I) (will|would|can|should|must)\b(?! not)", r"\1 \2 not"),
    (
        r"\b(We|I) (use|put|keep|run|cache|log|batch|monitor|train|test|start|plan|read|send|choose|prefer|rank)\b",
        r"\1 do not \2",
    ),
    (
        r"\b(is|are) (cached|logged|batched|monitored|tested|kept|replicated|measured|encrypted|compared)\b",
        r"\1 not \2",
    ),
]


@pytest.mark.parametrize("sample", [one for one in WRITTEN if one.kind in CLEAN], ids=named)
def test_saying_that_it_will_not_be_done_never_raises_a_level(sample):
    for pattern, instead in NEGATED:
        turned = {phase: re.sub(pattern, instead, text) for phase, text in sample.answer.sections.items()}
        assert raised(sample.grade, graded(sample, sections=turned)) == [], instead


def test_turning_everything_around_costs_an_answer_most_of_what_it_adopts():
    def adopted(result: Grade) -> int:
        return sum(one["polarity"] == "for" for one in result.concepts)

    sample = next(one for one in SAMPLES if named(one) == "ads-ranking average")
    turned = sample.answer.sections
    for pattern, instead in NEGATED:
        turned = {phase: re.sub(pattern, instead, text) for phase, text in turned.items()}
    assert adopted(graded(sample, sections=turned)) < adopted(sample.grade)


@pytest.mark.parametrize("sample", [one for one in WRITTEN if one.kind == "strong"], ids=named)
def test_bits_for_bytes_cost_the_row_its_points(sample):
    rows = [one for one in sample.answer.worksheet if re.search(r"[KMGTP]?B\b", one.unit)]
    assert rows, "the strong answers have a row in bytes"
    changed = tuple(one.model_copy(update={"unit": one.unit.replace("B", "bit")}) for one in sample.answer.worksheet)
    before, after = sample.grade.worksheet, graded(sample, worksheet=changed).worksheet
    states = {one["row_id"]: one["state"] for one in before}, {one["row_id"]: one["state"] for one in after}
    assert all(states[0][one.id] == "ok" and states[1][one.id] != "ok" for one in rows)


# ---- harm ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [one for one in WRITTEN if one.kind in CLEAN], ids=named)
def test_the_defenses_take_nothing_from_a_clean_answer(sample, monkeypatch):
    """At most 3 points; the filter, the removal of copies, of praise and of definitions, and lists are switched off."""
    monkeypatch.setattr("rubrics.answer_text._why", lambda sentence, material: None)
    monkeypatch.setattr("rubrics.answer_text.addressing", lambda text: [])
    monkeypatch.setattr("rubrics.remarks.is_crowded", lambda sentence, hits: False)
    monkeypatch.setattr("rubrics.remarks.is_list", lambda sentence, hits: False)
    assert graded(sample).score - sample.score <= 3
