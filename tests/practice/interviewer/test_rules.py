"""Each of the forty rules fires where it should and keeps silent where it should not, in few words and in theirs."""

import re
from pathlib import Path

import pytest

from practice.interviewer.candidates import candidates
from practice.interviewer.matching import matches
from practice.interviewer.quoting import in_plain, word_count
from practice.interviewer.rules import MOST_WORDS, rule_book
from question_bank.loader import load_question
from simulator.yaml_text import read_own_yaml
from tests.practice.interviewer.states import ADS, a_state

RULES = {one.id: one for one in rule_book().rules}
CASES = read_own_yaml(Path(__file__).with_name("rules_table.yaml").read_text(encoding="utf-8"))["cases"]
EVEN = dict.fromkeys(
    ("requirements_framing", "capacity", "architecture", "data_features", "model_evaluation", "serving_scale"), 12
) | {"reliability_operations": 14, "tradeoffs_judgment": 14}
IDS = [one["rule"] for one in CASES]


def asked(case):
    """What a rule says in a state, by the rule's id."""
    question = load_question(case.get("question", ADS))
    return {one.id: one for one in candidates(question, a_state(case), EVEN)}


def test_there_are_forty_rules_and_a_case_for_each():
    assert list(RULES) == IDS
    assert len(RULES) == 40


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_rule_fires_in_its_state(case):
    said = asked(case["fires"])[case["rule"]]
    assert word_count(said.text) <= MOST_WORDS
    assert not [word for word in case.get("words", []) if word.casefold() not in said.text.casefold()], said.text
    assert said.why.startswith("I asked this because ")
    assert said.why.endswith(".")


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_rule_is_silent_in_its_other_state(case):
    assert case["rule"] not in asked(case["silent"])
    assert not matches(RULES[case["rule"]].when, a_state(case["silent"]))


QUOTED = re.compile("“([^”]+)”")


@pytest.mark.parametrize("case", [one for one in CASES if "texts" in one["fires"]], ids=lambda one: one["rule"])
def test_what_is_quoted_was_written(case):
    written = in_plain(" ".join(case["fires"]["texts"].values()))
    labels = [row.label for row in a_state(case["fires"]).rows]
    for quoted in QUOTED.findall(asked(case["fires"])[case["rule"]].text):
        assert quoted.casefold() in written.casefold() or any(one.startswith(quoted[:-4]) for one in labels)


FAILED = {"scenario": "steady", "title": "Peak hour", "steady": True, "passed": False, "promised_ms": 50}


@pytest.mark.parametrize(
    ("rule", "run"),
    [
        ("failed_by_queue", {"p99_ms": 40, "utilization": 0.97, "bottleneck": "ranker"}),
        ("failed_by_queue", {"p99_ms": 80, "utilization": 0.7, "bottleneck": "ranker"}),
        ("failed_by_queue", {"p99_ms": None, "utilization": 0.97, "bottleneck": "ranker"}),
        ("idle_and_late", {"p99_ms": 40, "utilization": 0.3}),
        ("idle_and_late", {"p99_ms": 80}),
        ("late_after_repair", {"repaired_at_s": None, "after_share": 0.0}),
        ("many_fallbacks", {}),
    ],
)
def test_a_run_that_shows_something_else_is_not_asked_about(rule, run):
    assert rule not in asked({"runs": [{**FAILED, **run}]})
