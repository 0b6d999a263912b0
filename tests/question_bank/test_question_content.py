"""Every question of the bank says nothing that its own parts contradict."""

import json
from pathlib import Path

import pytest

from question_bank import loader
from question_bank.__main__ import main
from question_bank.content import content_problems
from question_bank.json_schema import question_schema
from question_bank.loader import load_question, slugs
from question_bank.schema import BASIS_MEANING, CATEGORIES, DESIGN_NAMES
from question_bank.topics import seed_topics, uncovered_topics

QUESTIONS = {slug: load_question(slug) for slug in slugs()}


@pytest.mark.parametrize("slug", QUESTIONS)
def test_a_question_contradicts_itself_nowhere(slug):
    assert content_problems(QUESTIONS[slug]) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("question.yaml", "there may be room", "there are 3 places", "question.yaml: prompt contains '3'"),
        (
            "question.yaml",
            "[ads-ranking, under-50ms",
            "[ad-ranking, under-50ms",
            "question.yaml: covers_seed has 'ad-ranking'",
        ),
        ("question.yaml", "related: [", "related: [ads-ranking, ", "question.yaml: related has the question itself"),
        (
            "question.yaml",
            "ask: Product now wants",
            f"ask: {'so ' * 20}Product now wants",
            "question.yaml: followups.halve_latency",
        ),
        (
            "worksheet.yaml",
            "reference: 481",
            "reference: 500",
            "worksheet.yaml: rows.gpus.reference is 500, but the formula",
        ),
        (
            "worksheet.yaml",
            "accept: [400, 620]",
            "accept: [490, 620]",
            "worksheet.yaml: rows.gpus needs the reference inside",
        ),
        (
            "worksheet.yaml",
            "accept: [400, 620]",
            "accept: [100, 620]",
            "worksheet.yaml: rows.gpus needs the reference inside",
        ),
        ("worksheet.yaml", "ratio: 0.6,", "ratio: 0.9,", "worksheet.yaml: rows.gpus.mistakes has the ratio 0.9"),
        ("concepts.yaml", r"'\becpm\b'", "'eCPM'", "concepts.yaml: value_objective.cues has 'eCPM' with a capital"),
        ("concepts.yaml", r"'\becpm\b'", "'ecpn'", "concepts.yaml: value_objective: the cue 'ecpn' matches none"),
        (
            "concepts.yaml",
            "fifty milliseconds for the 99th percentile",
            "a secret",
            "concepts.yaml: latency_target: the cue",
        ),
        (
            "concepts.yaml",
            "We ramp from 1 to 10 percent, blue-green",
            "One",
            "concepts.yaml: rollout: the finder does not find the example 'One",
        ),
        (
            "concepts.yaml",
            "Training takes 150 minutes",
            "Training takes 50 ms",
            "concepts.yaml: latency_target: the cue",
        ),
        (
            "simulation.yaml",
            "target_kinds: {ranker: model_server}",
            "target_kinds: {ranker: service}",
            "simulation.yaml: scenarios.steady is about 'ranker', a service",
        ),
        (
            "simulation.yaml",
            "component: ranker, replicas: 1}",
            "component: ranker, replicas: 6}",
            "simulation.yaml: scenarios.lose_one_gpu with designs/senior.yaml: faults.0.replicas is 6",
        ),
        (
            "designs/senior.yaml",
            "max_items: 1200",
            "max_items: 1200\n    autoscaling: {metric: utilization, target: 1, minimum: 9, maximum: 2}",
            "designs/senior.yaml: components.ranker.autoscaling.minimum is 9",
        ),
        (
            "designs/staff.yaml",
            "usd_per_month: 350000",
            "usd_per_month: 3",
            "designs/staff.yaml: promise.usd_per_month is 3.0",
        ),
    ],
)
def test_a_contradiction_is_said_with_file_and_place(questions, capsys, file, old, new, sentence):
    path = questions / "ads-ranking" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main(["check", "ads-ranking", "--no-runs", "--questions", str(questions)]) == 1
    assert f"\n  {sentence}" in capsys.readouterr().out


def test_what_does_not_run_is_said_once_and_not_for_every_scenario(questions, capsys):
    path = questions / "ads-ranking" / "designs" / "senior.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "max_items: 1200", "max_items: 1200\n    autoscaling: {metric: utilization, target: 1, minimum: 9, maximum: 2}"
    )
    path.write_text(text, encoding="utf-8")
    main(["check", "ads-ranking", "--no-runs", "--questions", str(questions)])
    assert capsys.readouterr().out.count("which is above maximum") == 1


def test_the_check_says_what_a_good_question_holds(capsys):
    assert main(["check", "ads-ranking", "--no-runs"]) == 0
    assert capsys.readouterr().out == "ads-ranking: ok, 12 facts, 8 rows, 35 concepts, 7 probes, 3 scenarios\n"


def test_the_list_names_every_question(capsys, questions):
    assert main(["list"]) == 0
    assert "ads-ranking  Ads for a feed inside 50 ms" in capsys.readouterr().out
    (questions / "ads-ranking" / "links.yaml").unlink()
    assert main(["list", "--questions", str(questions)]) == 0
    assert "ads-ranking: cannot be read, 1 to correct" in capsys.readouterr().out


def test_wrong_usage_is_told_apart_from_wrong_questions(capsys, tmp_path):
    assert main(["check", "no-such-question"]) == 2
    assert main(["check", "--questions", str(tmp_path / "nowhere")]) == 2
    with pytest.raises(SystemExit, match="2"):
        main(["examine"])
    assert "'no-such-question' is not a question; choose one of" in capsys.readouterr().err


def test_seed_topics_that_no_question_covers_are_told():
    assert "under-50ms" in seed_topics()
    assert "under-50ms" not in uncovered_topics([["under-50ms"]])
    assert set(uncovered_topics([])) == set(seed_topics())


def test_every_code_of_a_basis_is_explained():
    assert set(BASIS_MEANING) == {"R", "L", "E", "S", "J"}
    assert {question.category for question in QUESTIONS.values()} <= set(CATEGORIES)


def test_the_committed_schema_is_the_one_of_the_code(capsys):
    committed = Path(loader.__file__).with_name("question.schema.json").read_text(encoding="utf-8")
    assert json.loads(committed) == question_schema()
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == committed


def test_a_design_is_found_by_its_name():
    designs = QUESTIONS["ads-ranking"].designs
    assert [designs.by_name(name).name for name in DESIGN_NAMES] == [
        "Ads cell, bare",
        "Ads, junior",
        "Ads, senior",
        "Ads, staff",
    ]
