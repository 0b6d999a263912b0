"""A question is a folder of files; whatever is wrong with one is said with its file and its place."""

import shutil

import pytest

from question_bank.loader import QuestionProblem, load_all, load_question, slugs

SLUG = "ads-ranking"
LOW_END = "simulation.yaml: knobs.max_batch_rows.path does not fit designs/senior.yaml at its low end: "


def test_a_copied_folder_is_a_question_without_any_code(questions):
    shutil.copytree(questions / SLUG, questions / "ads-for-maps")
    text = (questions / "ads-for-maps" / "question.yaml").read_text(encoding="utf-8")
    renamed = text.replace(f"slug: {SLUG}", "slug: ads-for-maps")
    (questions / "ads-for-maps" / "question.yaml").write_text(renamed, encoding="utf-8")
    assert slugs(questions) == ["ads-for-maps", SLUG]
    assert load_question("ads-for-maps", questions).slug == "ads-for-maps"
    assert list(load_all(questions)) == ["ads-for-maps", SLUG]


def test_folders_with_an_underscore_are_no_questions(questions):
    (questions / "_template").mkdir()
    assert slugs(questions) == [SLUG]


@pytest.mark.parametrize("slug", ["no-such-question", "..", "../ads-ranking", ""])
def test_a_slug_without_a_folder_is_refused_with_the_choices(questions, slug):
    with pytest.raises(QuestionProblem, match="is not a question; choose one of ads-ranking"):
        load_question(slug, questions)


@pytest.mark.parametrize(
    "file",
    ["question.yaml", "worksheet.yaml", "simulation.yaml", "concepts.yaml", "links.yaml"]
    + [f"designs/{name}.yaml" for name in ("cell", "junior", "senior", "staff")],
)
def test_a_missing_file_is_named(questions, file):
    (questions / SLUG / file).unlink()
    with pytest.raises(QuestionProblem) as caught:
        load_question(SLUG, questions)
    assert caught.value.problems == [f"{file}: the file is missing; add it to the folder"]


def test_every_file_that_is_wrong_is_told_at_once(questions):
    (questions / SLUG / "links.yaml").unlink()
    (questions / SLUG / "worksheet.yaml").write_text("- 1", encoding="utf-8")
    (questions / SLUG / "concepts.yaml").write_bytes(b"concepts: \xff")
    with pytest.raises(QuestionProblem) as caught:
        load_all(questions)
    files = [problem.split(":")[0] for problem in caught.value.problems]
    assert files == [f"{SLUG}/{name}.yaml" for name in ("worksheet", "concepts", "links")]


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("question.yaml", "minutes: 45", "mints: 45", "question.yaml: minutes is missing; add it"),
        (
            "question.yaml",
            "minutes: 45",
            "minutes: 45\nmints: 1",
            "question.yaml: mints is not a known key; remove it or check its spelling",
        ),
        (
            "question.yaml",
            "minutes: 45",
            "minutes: lots",
            "question.yaml: minutes is 'lots', but must be a whole number",
        ),
        (
            "question.yaml",
            "slug: ads-ranking",
            "slug: ad-ranking",
            "question.yaml: slug is 'ad-ranking', but the folder is 'ads-ranking'; give both one name",
        ),
        (
            "question.yaml",
            "slug: ads-ranking",
            "slug: ads_ranking",
            "question.yaml: slug: 'ads_ranking' must be words of small letters and digits, joined by -",
        ),
        (
            "question.yaml",
            "serving_scale: 16",
            "serving_scale: 17",
            "question.yaml: rubric_weights add up to 101; they must add up to 100",
        ),
        (
            "question.yaml",
            "  serving_scale: 16\n",
            "",
            "question.yaml: rubric_weights lacks serving_scale; give every dimension a weight",
        ),
        (
            "question.yaml",
            "id: inventory",
            "id: users",
            "question.yaml: facts use the id 'users' twice; give each an id of its own",
        ),
        (
            "question.yaml",
            "not_found: [calibration]",
            "not_found: [calibrated]",
            "question.yaml: followups.calibration_shift.when.not_found has 'calibrated', which is not a concept of",
        ),
        (
            "worksheet.yaml",
            "dau*req_per_user",
            "dua*req_per_user",
            "worksheet.yaml: rows.avg_qps.formula: the formula 'dua*req_per_user/86400' names 'dua'",
        ),
        (
            "worksheet.yaml",
            "formula: gpus*gpu_usd_h*730",
            "formula: later*730",
            "worksheet.yaml: rows.gpu_cost.formula: the formula 'later*730' names 'later'",
        ),
        ("worksheet.yaml", "unit: gpu\n", "unit: gpo\n", "worksheet.yaml: rows.gpus.unit: 'gpo' is not a known unit"),
        (
            "worksheet.yaml",
            "from_fact: hardware",
            "from_fact: gpus",
            "worksheet.yaml: constants.fixed_ms.from_fact has 'gpus', which is not a fact of this question",
        ),
        (
            "worksheet.yaml",
            "accept: [400, 620]",
            "accept: [400]",
            "worksheet.yaml: rows.4.accept needs at least 2",
        ),
        (
            "worksheet.yaml",
            "id: peak_qps",
            "id: dau",
            "worksheet.yaml: rows and constants use the id 'dau' twice; give each an id of its own",
        ),
        (
            "simulation.yaml",
            "path: components.ranker.max_items",
            "path: components.ranker.max_itms",
            f"{LOW_END}components.ranker.max_itms is no place in this design",
        ),
        (
            "simulation.yaml",
            "path: components.ranker.max_items",
            "path: ranker.max_items",
            "simulation.yaml: knobs.0.path: 'ranker.max_items' is not a place in a design",
        ),
        (
            "simulation.yaml",
            "low: 300",
            "low: -300",
            f"{LOW_END}components.ranker.max_items is -300",
        ),
        (
            "simulation.yaml",
            "settings: {max_batch_rows: 600",
            "settings: {max_rows: 600",
            "simulation.yaml: measured.1.settings has 'max_rows', which is not a knob of this question; did you mean",
        ),
        (
            "simulation.yaml",
            "target_kinds: {ranker: model_server}",
            "target_kinds: {}",
            "simulation.yaml: scenarios.steady names the component 'ranker' and not its kind; add it to target_kinds",
        ),
        (
            "simulation.yaml",
            "{metric: p99_ms, below: 50}",
            "{metric: p99_ms}",
            "simulation.yaml: scenarios.0.checks.0: a check needs exactly one of below, at_most, at_least and above",
        ),
        (
            "simulation.yaml",
            "kind: kill_replicas",
            "kind: kill",
            "simulation.yaml: scenarios.1.faults.0 has the kind 'kill'; choose one of kill_replicas",
        ),
        (
            "concepts.yaml",
            "tier: core",
            "tier: basic",
            "concepts.yaml: concepts.0.tier is 'basic', but must be 'core', 'plus'",
        ),
        (
            "concepts.yaml",
            r"'\becpm\b'",
            "'(ecpm'",
            "concepts.yaml: concepts.0.cues.0: '(ecpm' is not a regular expression: missing )",
        ),
        (
            "links.yaml",
            "https://",
            "http://",
            "links.yaml: links.3.url: 'http://arxiv.org/abs/1906.00091' is not an address",
        ),
        (
            "designs/senior.yaml",
            "max_items: 1200",
            "max_items: 200",
            "designs/senior.yaml: components.ranker.max_items is 200, but a request of class 'all' carries 300 items",
        ),
        (
            "designs/staff.yaml",
            "answer_ms: 1,",
            "anser_ms: 1,",
            "designs/staff.yaml: components.ads.calls.1.0.fallback.1.anser_ms is not a known key",
        ),
        ("designs/cell.yaml", "traffic:", "traffic: [", "designs/cell.yaml: line"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_place(said_of, file, old, new, sentence):
    problems = said_of(file, old, new)
    assert any(problem.startswith(sentence) for problem in problems), problems
    assert all(problem.startswith(f"{file}: ") for problem in problems)


def test_a_knob_without_a_place_is_not_told_again_for_every_measured_row(said_of):
    assert len(said_of("simulation.yaml", "path: components.ranker.max_items", "path: components.ranker.items")) == 1


def test_a_measured_setting_must_fit_its_design(said_of):
    old, new = "settings: {max_batch_rows: 600,", "settings: {cache_hit: 0.5,"
    [problem] = said_of("simulation.yaml", old, new)
    assert problem.startswith("simulation.yaml: measured.1.settings do not fit designs/cell.yaml: ")
