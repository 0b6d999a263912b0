"""The rubric file is complete, its schema is the committed one, and weights always add up to 100."""

import ast
from pathlib import Path

import pytest

import rubrics
from rubrics.rubric_file import fingerprint, load_rubric, read_rubric, schema_text
from rubrics.schema import DIMENSIONS, PHASES, RubricProblem, weights_for

FOLDER = Path(rubrics.__file__).parent
FILE = FOLDER / "criteria" / "dimensions.yaml"


def test_default_weights_are_those_of_the_plan():
    weights = weights_for(load_rubric(), {})
    assert weights == dict(zip(DIMENSIONS, [14, 10, 14, 13, 11, 14, 14, 10], strict=True))
    assert list(weights) == list(DIMENSIONS)


def test_every_phase_feeds_a_dimension_beside_tradeoffs():
    fed = {phase for one in load_rubric().dimensions if one.id != "tradeoffs_judgment" for phase in one.phases}
    assert fed == set(PHASES)
    assert load_rubric().dimension("tradeoffs_judgment").phases == PHASES


def test_no_two_levels_read_the_same():
    sentences = [sentence for one in load_rubric().dimensions for sentence in one.levels]
    assert len(set(sentences)) == 40


def test_overrides_replace_defaults():
    weights = weights_for(load_rubric(), {"capacity": 14, "tradeoffs_judgment": 6})
    assert weights["capacity"] == 14
    assert sum(weights.values()) == 100


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"capacity": 11}, "the weights add up to 101; change some so that they add up to 100"),
        ({"capacity": 9}, "the weights add up to 99; change some"),
        ({"speed": 5}, "weights name 'speed', which is no dimension"),
        ({"capacity": 0, "architecture": 24}, "the weight of capacity is 0; it must be a whole number of 1 or more"),
        ({"capacity": 9.5, "architecture": 14.5}, "the weight of capacity is 9.5; it must be a whole number"),
        ({"capacity": True, "architecture": 23}, "the weight of capacity is True"),
    ],
)
def test_weights_that_do_not_work_are_refused(overrides, said):
    with pytest.raises(RubricProblem, match=said):
        weights_for(load_rubric(), overrides)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("default_weight: 10", "default_weight: 11", "default weights add up to 102; they must add up to 100"),
        ("id: capacity", "id: architecture", "list each of"),
        ("id: capacity", "id: speed", "dimensions.1.id is 'speed', but must be"),
        ("phases: [requirements]", "phases: [interview]", "dimensions.0.phases.0 is 'interview', but must be"),
        ("      - The answer repeats the prompt.\n", "", "dimensions.0.levels needs at least 5"),
        ('version: "1"', "version: 1", "version is 1, but must be text"),
        ("meaning:", "meaning: [", "is not YAML"),
    ],
)
def test_a_rubric_file_that_is_wrong_is_refused_in_words(old, new, said):
    with pytest.raises(RubricProblem, match=said):
        read_rubric(FILE.read_text().replace(old, new))


def test_changing_a_sentence_changes_the_fingerprint():
    changed = read_rubric(FILE.read_text().replace("Labels are ignored.", "Labels are forgotten."))
    assert fingerprint(changed) != fingerprint(load_rubric()) == fingerprint(read_rubric(FILE.read_text()))


def test_committed_schema_is_the_generated_one():
    committed = (FOLDER / "rubric.schema.json").read_text()
    assert committed == schema_text(), "write rubrics.rubric_file.schema_text() to rubrics/rubric.schema.json"


def test_rubrics_stands_on_the_simulator_only():
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            ours = {name.split(".")[0] for name in names}
            assert not ours & {"question_bank", "practice", "storage", "ui", "pages", "app", "streamlit"}, file.name
            assert "simpy" not in ours, file.name
    assert len(rubrics.__all__) <= 15
