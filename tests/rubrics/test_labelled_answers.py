"""The offline suggestion on labelled answers: its gates, its order, and what no change of an answer may do.

The answers and their labels are in `answers/`; the properties hold for each of them and for what is made from them.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from benchmarks.grading import ANSWERS, CLEAN, Sample, gates, harm, orders, sample, samples
from practice.answer_file import read_answer
from practice.grading import Grade, grade
from question_bank.loader import load_all
from rubrics.answer_text import said
from rubrics.schema import DIMENSIONS
from simulator.yaml_text import read_yaml

FILES = sorted(path.stem for path in ANSWERS.glob("*.yaml"))
CLEAN_FILES = [name for name in FILES if name.split(".")[-1] in CLEAN]
EVERY_NTH = 24
"""A sentence of every so many is taken out; all of them would take minutes."""

ROOT = Path(__file__).parents[2]


@cache
def written(name: str) -> Sample:
    """A labelled answer and its grade."""
    text = (ANSWERS / f"{name}.yaml").read_text(encoding="utf-8")
    answer = read_answer(text)
    return sample(load_all()[answer.question], name.rsplit(".", maxsplit=1)[-1], answer, read_yaml(text)["labels"])


@pytest.fixture(scope="module")
def all_samples() -> list[Sample]:
    return samples()


def graded(one: Sample, **changed: object) -> Grade:
    return grade(load_all()[one.question], one.answer.model_copy(update=changed))


def raised(before: Grade, after: Grade) -> list[str]:
    """The dimensions whose level is higher after; one that was withheld before or after is not compared."""
    pairs = [(one, before.levels[one].level, after.levels[one].level) for one in DIMENSIONS]
    return [one for one, old, new in pairs if old is not None and new is not None and new > old]


@pytest.mark.slow
def test_every_gate_of_the_offline_suggestion_is_met(all_samples):
    assert [f"{name}: {measured}" for name, measured, met in gates(all_samples) if not met] == []


@pytest.mark.slow
def test_better_answers_score_higher_in_every_question(all_samples):
    assert [name for name, holds in orders(all_samples) if not holds] == []


@pytest.mark.parametrize("name", CLEAN_FILES)
def test_the_defenses_take_at_most_three_points_from_a_clean_answer(name):
    one = written(name)
    assert harm(one, load_all()[one.question]) <= 3


@pytest.mark.parametrize("name", FILES)
def test_taking_a_sentence_out_never_raises_a_level(name):
    one = written(name)
    places = [
        (phase, line.sentence)
        for phase, text in one.answer.sections.items()
        for line in said({phase: text}, [], frozenset())[0]
    ]
    for phase, sentence in places[len(name) % EVERY_NTH :: EVERY_NTH]:
        without = one.answer.sections | {phase: one.answer.sections[phase].replace(sentence, "", 1)}
        assert raised(one.grade, graded(one, sections=without)) == [], sentence


@pytest.mark.parametrize("name", CLEAN_FILES)
def test_the_glossary_behind_an_answer_raises_nothing(name):
    one = written(name)
    glossary = "\n".join(f"{term}: {meaning}" for term, meaning in load_all()[one.question].glossary.items())
    last = one.answer.sections["bottlenecks_tradeoffs"]
    longer = one.answer.sections | {"bottlenecks_tradeoffs": f"{last}\n{glossary}"}
    assert raised(one.grade, graded(one, sections=longer)) == []


@pytest.mark.parametrize("name", FILES)
def test_the_order_of_sections_changes_nothing_and_the_same_answer_gets_the_same_grade(name):
    one = written(name)
    assert graded(one, sections=dict(reversed(one.answer.sections.items()))) == one.grade


VERBS = "use|put|keep|run|cache|log|batch|monitor|train|test|start|plan|read|send|choose|prefer|rank|store|measure"
NEGATED = (
    (r"\b(We|I) (will|would|can|should|must)\b(?! not)", r"\1 \2 not"),
    (rf"\b(We|I) ({VERBS})\b", r"\1 do not \2"),
    (
        r"\b(is|are) (cached|logged|batched|monitored|tested|kept|replicated|measured|encrypted|compared)\b",
        r"\1 not \2",
    ),
)


def turned_around(sections: dict[str, str]) -> dict[str, str]:
    for pattern, instead in NEGATED:
        sections = {phase: re.sub(pattern, instead, text) for phase, text in sections.items()}
    return sections


@pytest.mark.parametrize("name", CLEAN_FILES)
def test_saying_that_it_will_not_be_done_never_raises_a_level(name):
    one = written(name)
    assert raised(one.grade, graded(one, sections=turned_around(one.answer.sections))) == []


def test_saying_that_it_will_not_be_done_costs_concepts():
    def adopted(result: Grade) -> int:
        return sum(one["polarity"] == "for" for one in result.concepts)

    one = written("ads-ranking.average")
    turned = graded(one, sections=turned_around(one.answer.sections))
    assert adopted(turned) <= adopted(one.grade) - 3


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".strong")])
def test_bits_for_bytes_cost_a_row_its_points(name):
    one = written(name)
    changed = tuple(row.model_copy(update={"unit": row.unit.replace("B", "bit")}) for row in one.answer.worksheet)
    rows = [before.id for before, after in zip(one.answer.worksheet, changed, strict=True) if before != after]
    before = {row["row_id"]: row["state"] for row in one.grade.worksheet}
    after = {row["row_id"]: row["state"] for row in graded(one, worksheet=changed).worksheet}
    assert {before[row] for row in rows} <= {"ok"}
    assert "ok" not in {after[row] for row in rows}
