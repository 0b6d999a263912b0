"""`python -m rubrics grade answer.yaml`: what it prints, and what it says about files that it cannot grade."""

import json
import subprocess
import sys
from contextlib import closing

import pytest

from practice import __main__ as command
from practice.answer_file import as_attempt, read_answer
from practice.grading import grade
from practice.scenario_runs import plan, run_all
from rubrics.schema import DIMENSIONS
from simulator.design_file import write_design
from simulator.yaml_text import read_yaml, write_yaml
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.rubrics.openai_server import Server, saying

SERVING = (
    "Latency budget: 5 ms network, 12 ms features, 21 ms ranker, 9 ms reserve. We batch up to 1,200 rows on the GPUs "
    "for at most 3 ms, because the promise is 50 ms at p99. User features are prefetched when the session starts and "
    "cached for 75 s. Late reads are hedged after 8 ms and cut off after 13 ms. When queues grow beyond 45 requests we "
    "rank 150 instead of 300 candidates, which halves the load."
)
ANSWER = {
    "question": "ads-ranking",
    "sections": {"requirements": "We rank by eCPM.", "detailed_design": SERVING},
    "worksheet": [{"id": "gpus", "value": "481", "unit": "gpu"}],
}


@pytest.fixture
def graded(tmp_path, capsys):
    def graded(data, *options, code=0):
        path = tmp_path / "answer.yaml"
        path.write_text(data if isinstance(data, str) else write_yaml(data), encoding="utf-8")
        assert command.main(["grade", str(path), *options]) == code
        out, err = capsys.readouterr()
        return (json.loads(out) if out.startswith("{") else out), err

    return graded


def test_the_json_holds_every_key_that_is_promised(graded):
    result, _ = graded(ANSWER, "--json")
    assert {"levels", "concepts", "worksheet", "flags", "score", "signal"} <= set(result)
    assert list(result["levels"]) == list(DIMENSIONS)
    for row in result["levels"].values():
        assert {"level", "source", "evidence"} <= set(row)
        assert row["level"] in (None, 0, 1, 2, 3, 4)
    assert result["levels"]["serving_scale"]["source"] == "suggested"
    assert result["levels"]["capacity"]["source"] == "checked"
    assert {one["polarity"] for one in result["concepts"]} <= {"for", "against", "none", None}
    found = next(one for one in result["concepts"] if one["status"] == "adopted_with_support")
    assert found["sentence"] in SERVING
    assert result["flags"]["empty_sections"] == ["capacity_estimation", "high_level_design", "bottlenecks_tradeoffs"]
    assert {"keyword_stuffing", "copied_text", "addressed_grader"} <= set(result["flags"])
    assert "model" not in result


def test_the_same_command_stands_on_the_rubrics_floor():
    command_line = [sys.executable, "-m", "rubrics", "grade", "-"]
    done = subprocess.run(command_line, input=write_yaml(ANSWER), capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ads-ranking: ")


def test_an_own_level_stands_where_it_was_given_and_the_suggestion_beside_it(graded):
    own = {"serving_scale": {"level": 1, "quote": "the promise is 50 ms at p99"}}
    row = graded(ANSWER | {"self_grades": own}, "--json")[0]["levels"]["serving_scale"]
    assert (row["level"], row["source"]) == (1, "self")
    assert row["suggestion"] > 1


def test_rows_are_judged_by_own_constants(graded):
    row = {"worksheet": [{"id": "gpus", "value": "962", "unit": "gpu"}]}
    name = "util"
    assert name in QUESTION.worksheet.constants
    halved = {"constants": [{"id": name, "value": str(QUESTION.worksheet.constants[name].value / 2)}]}
    states = [
        next(one["state"] for one in graded(ANSWER | row | more, "--json")[0]["worksheet"] if one["row_id"] == "gpus")
        for more in ({}, halved)
    ]
    assert states == ["partial", "ok"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("- a\n- list", "not an answer"),
        ("question: [", "is not YAML"),
        ("question: no-such-question", "no-such-question"),
        ({"question": "ads-ranking", "sections": {"intro": "Hello."}}, "intro"),
        (ANSWER | {"design": {"components": {}}}, "design"),
        (ANSWER | {"self_grades": {"serving_scale": {"level": 2, "quote": "never written"}}}, "never written"),
        (ANSWER | {"self_grades": {"serving_scale": {"level": 9, "quote": SERVING}}}, "9"),
    ],
    ids=["list", "broken", "unknown question", "unknown section", "bad design", "foreign quote", "level 9"],
)
def test_a_file_that_cannot_be_graded_ends_in_a_sentence(graded, data, said):
    out, err = graded(data, "--json", code=2)
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_a_missing_file_and_bytes_that_are_no_text_end_in_a_sentence(tmp_path, capsys):
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("none.yaml", "bytes.yaml"):
        assert command.main(["grade", str(tmp_path / name)]) == 2
        assert "cannot be read" in capsys.readouterr().err


def test_ids_that_the_question_does_not_have_are_named(graded):
    notes = graded(ANSWER | {"worksheet": [{"id": "gpuz", "value": "1"}], "facts_asked": ["weather"]}, "--json")[0][
        "notes"
    ]
    assert "did you mean 'gpus'?" in notes[0]
    assert "'weather'" in notes[1]


# ---- runs ------------------------------------------------------------------------------------------------------


def test_runs_of_the_design_in_the_file_lift_and_cap_what_text_suggests():
    answer = read_answer(write_yaml(ANSWER | {"design": read_yaml(write_design(SENIOR))}))
    planned = plan(QUESTION, as_attempt(answer).design)
    runs = {one.scenario.id: a_run(one, 3.0) for one in planned}

    def level(passes):
        changed = {
            name: one.model_copy(
                update={"summary": one.summary.model_copy(update={"checks": checks(one, passes(name))})}
            )
            for name, one in runs.items()
        }
        return grade(QUESTION, answer, changed).levels["serving_scale"]

    def checks(run, passed):
        return tuple(one.model_copy(update={"met": passed}) for one in run.summary.checks)

    assert grade(QUESTION, answer).levels["serving_scale"].level == 3
    everything, failed = level(lambda name: True), level(lambda name: name != "steady")
    assert (everything.level, failed.level) == (4, 2)
    assert "All runs of the design passed" in everything.sentence
    assert "level 2 at most" in failed.sentence
    assert level(lambda name: name == "steady").level == 3


def test_every_scenario_is_run_on_the_design_and_reported():
    short = tuple(one.model_copy(update={"duration_s": 3.0}) for one in QUESTION.simulation.scenarios if one.steady)
    question = QUESTION.model_copy(update={"simulation": QUESTION.simulation.model_copy(update={"scenarios": short})})
    told = []
    runs = run_all(plan(question, SENIOR), lambda title, share: told.append((title, share)))
    assert set(runs) == {one.id for one in short}
    assert told[-1] == (short[-1].title, 1.0)
    assert all(run.summary.checks for run in runs.values())


def test_a_run_without_a_design_ends_in_a_sentence(graded):
    assert "needs a design" in graded(ANSWER, "--run", code=2)[1]


# ---- a model, beside -------------------------------------------------------------------------------------------


def test_a_model_is_asked_only_if_told_and_its_levels_stand_beside(graded, monkeypatch):
    with closing(Server()) as server:
        monkeypatch.setenv("WINDTUNNEL_GRADER_URL", server.url)
        monkeypatch.setenv("WINDTUNNEL_GRADER_MODEL", "small")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-printed")
        server.behave(saying({}))
        alone, _ = graded(ANSWER, "--json")
        assert server.received == []
        both, said = graded(ANSWER, "--model", "--json")
    assert both.pop("model")["levels"]["serving_scale"]["level"] == 0
    assert both == alone
    assert "14 requests, about" in said
    assert "sk-not" not in said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "WINDTUNNEL_GRADER_MODEL"),
        ({"WINDTUNNEL_GRADER_MODEL": "m"}, "OPENAI_API_KEY"),
        ({"WINDTUNNEL_GRADER_MODEL": "m", "OPENAI_BASE_URL": "ftp://host"}, "must begin with https://"),
    ],
)
def test_without_an_endpoint_the_model_is_a_sentence(graded, monkeypatch, environment, said):
    for name in ("WINDTUNNEL_GRADER_MODEL", "WINDTUNNEL_GRADER_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert said in graded(ANSWER, "--model", code=2)[1]
