"""Attempts as files: out of one database, into another, run again there; and files that somebody else has made."""

import resource
import time
from pathlib import Path

import pytest

from practice.answer_file import AnswerProblem, read_answer
from practice.attempt import OwnLevel
from practice.attempt_file import (
    MOST_AGAIN,
    AttemptFile,
    agreement,
    from_bytes,
    read_attempt_file,
    write_attempt_file,
)
from practice.filing import attempt_file
from practice.forensics import Mark
from practice.interviewer.state import Said
from practice.report.report import report
from practice.rerun import rerun
from practice.review import card
from practice.rounds import new_round, shifted_weights
from practice.scenario_runs import plan
from practice.versions import versions
from simulator.yaml_text import read_yaml, write_yaml
from storage import __main__ as command
from storage.attempt_files import export_attempt, import_attempt
from storage.attempts import (
    NoSuchAttempt,
    add_prediction,
    add_run,
    latest_runs,
    load_attempt,
    load_card,
    save_card,
    save_design,
    save_own_level,
    save_section,
    start_attempt,
)
from storage.database import database
from storage.history import history
from storage.rounds import (
    add_marks,
    add_said,
    add_trial,
    finish_trial,
    load_marks,
    load_round,
    load_said,
    load_trials,
    start_round,
)
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.storage.material import (
    LEVEL,
    OTHER,
    OWNER,
    PREDICTION,
    QUOTE,
    a_finished_trial,
    a_full_attempt,
    a_trial,
    an_edit,
)

MADE_BY = versions(QUESTION)


@pytest.fixture(scope="module")
def steady():
    """A short run of the question's steady scenario on its senior design."""
    planned = plan(QUESTION, SENIOR)[0]
    return a_run(planned, 2.0)


def a_graded_attempt(steady, owner: str = command.LOCAL) -> str:
    attempt = start_attempt(owner, QUESTION.slug)
    save_section(owner, attempt, "high_level_design", an_edit(f"Here {QUOTE}."))
    save_design(owner, attempt, SENIOR)
    number = add_prediction(owner, attempt, PREDICTION.model_copy(update={"bottleneck": "ranker"}))
    add_run(owner, attempt, "steady", steady.design, steady.summary, number)
    save_own_level(owner, attempt, "architecture", OwnLevel(level=3, quote=QUOTE))
    for _ in range(2):  # the first one makes the own levels first levels, which stand on the card from then on
        save_card(owner, attempt, card(QUESTION, load_attempt(owner, attempt), latest_runs(owner, attempt)))
    return attempt


def in_a_fresh_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WINDTUNNEL_DATA", str(tmp_path / "another"))


def test_an_attempt_taken_to_a_fresh_folder_runs_and_scores_the_same_to_the_last_bit(
    steady, tmp_path, monkeypatch, capsys
):
    attempt = a_graded_attempt(steady)
    path = tmp_path / "attempt.yaml"
    assert command.main(["export", attempt, "-o", str(path)]) == 0
    before = load_card(command.LOCAL, attempt)
    in_a_fresh_folder(monkeypatch, tmp_path)
    assert command.main(["import", str(path)]) == 0
    assert capsys.readouterr().out.strip() == attempt
    assert load_card(command.LOCAL, attempt) == before
    assert latest_runs(command.LOCAL, attempt)["steady"].summary == steady.summary
    assert command.main(["rerun", str(path)]) == 0
    said = capsys.readouterr().out
    assert "steady: the same numbers to the last bit" in said
    assert "as in the file" in said

    data = read_yaml(path.read_text(encoding="utf-8"))
    data["runs"][0]["summary"]["latency"]["mean_ms"]["value"] *= 1 + 1e-15  # the last bit
    data["card"]["total"] += 0.25
    data["versions"]["numpy"] = "1.0"
    path.write_text(write_yaml(data), encoding="utf-8")
    assert command.main(["rerun", str(path)]) == command.DIFFERENT
    said = capsys.readouterr().out
    assert "latency.mean_ms.value is " in said
    assert "card: total is " in said
    assert "and was 1.0" in said


def test_nothing_of_an_attempt_is_lost_on_the_way(data, tmp_path, monkeypatch):
    attempt = a_full_attempt(OWNER)
    exported = export_attempt(OWNER, attempt, MADE_BY)
    text = write_attempt_file(exported)
    assert read_attempt_file(text) == exported
    before, card_before = load_attempt(OWNER, attempt), load_card(OWNER, attempt)
    in_a_fresh_folder(monkeypatch, tmp_path)
    again = import_attempt(OTHER, read_attempt_file(text))
    assert again == attempt
    after = load_attempt(OTHER, again)
    same = set(type(before).model_fields) - {"sections"}
    assert {one: getattr(after, one) for one in same} == {one: getattr(before, one) for one in same}
    assert {one: draft.text for one, draft in after.sections.items()} == {
        one: draft.text for one, draft in before.sections.items()
    }
    assert load_card(OTHER, again) == card_before
    assert export_attempt(OTHER, again, MADE_BY) == exported
    linked = database().query("select p.data from runs r join predictions p on p.id = r.prediction")
    assert [row["data"] for row in linked] == [PREDICTION.model_dump_json()]


def test_a_round_goes_from_one_database_to_another(tmp_path, monkeypatch):
    attempt = start_round(OWNER, QUESTION.slug, new_round(35, mode_id="mock"))
    mark = Mark(kind="number", at=2.5, phase="requirements", sentence="It is 5.")
    said = Said(
        at=2.0, kind="probe", id="ask", text="How many?", why="No number.", phase="requirements", answer="Five."
    )
    add_marks(OWNER, attempt, [mark])
    add_said(OWNER, attempt, said, after=0)
    file = export_attempt(OWNER, attempt, MADE_BY)
    in_a_fresh_folder(monkeypatch, tmp_path)
    again = import_attempt(OWNER, read_attempt_file(write_attempt_file(file)))
    assert load_round(OWNER, again) == new_round(35, mode_id="mock")
    assert (load_said(OWNER, again), load_marks(OWNER, again)) == ((said,), (mark,))
    [past] = history(OWNER)
    assert past.round == new_round(35, mode_id="mock")


def a_round_with_trials(again: int = 1) -> str:
    attempt = start_round(OWNER, QUESTION.slug, new_round(35, mode_id="mock"))
    twist = Said(at=4.0, kind="twist", id="traffic_x10", text="Ten times!", why="So.", phase="detailed_design")
    add_said(OWNER, attempt, twist, after=0)
    kinds = [
        ("twist_before", {}),
        ("twist_after", {"prediction": PREDICTION}),
        ("drill", {}),
        *[("drill_again", {})] * again,
    ]
    for number, (kind, more) in enumerate(kinds):
        trial = a_finished_trial(kind, 10.0 + number, **more)
        add_trial(OWNER, attempt, trial)
        finish_trial(OWNER, attempt, trial)
    return attempt


def test_twist_and_drill_go_along_run_again_to_the_last_bit_and_stand_in_the_report(tmp_path, monkeypatch):
    attempt = a_round_with_trials()
    add_trial(OWNER, attempt, a_trial("drill_again", 99.0))  # under way
    before = load_trials(OWNER, attempt)
    text = write_attempt_file(export_attempt(OWNER, attempt, MADE_BY))
    assert text.startswith("attempt_file: 2\n")
    in_a_fresh_folder(monkeypatch, tmp_path)
    again = import_attempt(OTHER, read_attempt_file(text))
    assert load_trials(OTHER, again) == before
    assert load_trials(OWNER, again) == ()
    found = rerun(read_attempt_file(text), QUESTION, lambda *_: None).runs
    assert [(one.scenario, one.is_same) for one in found] == [
        ("the twist, before", True), ("the twist, after", True), ("the drill", True), ("the drill, met again", True),
    ]  # fmt: skip
    kept = load_attempt(OTHER, again)
    said = load_said(OTHER, again)
    during = report(QUESTION, kept, {}, None, MADE_BY, 0.0, said=said, trials=before)
    over = report(
        QUESTION, kept.model_copy(update={"finished_at": 9.0}), {}, None, MADE_BY, 0.0, said=said, trials=before
    )
    assert not [one for one in during.parts if "twist" in one.title or "drill" in one.title]
    parts = {one.title: one for one in over.parts}
    assert parts["The twist"].sentences == ("Ten times!",)
    assert parts["The twist: prediction and measurement"].table.rows[1][1] == "250.0 ms"
    assert "web" in parts["The failure drill"].sentences[0]
    assert parts["The failure drill"].sentences[1] == before[2].recovery.sentence
    assert "The changed design under the same fault" in parts["The failure drill"].sentences[2]


def test_of_a_drill_that_was_met_again_and_again_the_newest_times_are_in_the_file():
    file = export_attempt(OWNER, a_round_with_trials(MOST_AGAIN + 2), MADE_BY)
    assert [one.at for one in file.trials] == [10.0, 11.0, 12.0, *(15.0 + i for i in range(MOST_AGAIN))]
    assert read_attempt_file(write_attempt_file(file)) == file


def test_a_file_of_the_first_form_still_opens_and_is_written_in_the_newest(data):
    file = export_attempt(OWNER, a_full_attempt(OWNER), MADE_BY)
    older = read_yaml(write_attempt_file(file))
    del older["trials"]
    old = read_attempt_file(write_yaml(older | {"attempt_file": 1}))
    assert old == file.model_copy(update={"attempt_file": 1, "trials": ()})
    assert write_attempt_file(old).startswith("attempt_file: 2\n")
    assert load_trials(OTHER, import_attempt(OTHER, old)) == ()


def test_an_id_that_is_taken_is_not_overwritten_and_nobody_exports_what_is_another_s():
    attempt = a_full_attempt(OWNER)
    file = export_attempt(OWNER, attempt, MADE_BY)
    before = load_attempt(OWNER, attempt)
    copy = import_attempt(OTHER, file)
    assert copy != attempt
    assert load_attempt(OWNER, attempt) == before
    with pytest.raises(NoSuchAttempt):
        export_attempt(OTHER, attempt, MADE_BY)


def test_an_attempt_file_is_graded_as_the_answer_file_that_it_is():
    file = export_attempt(OWNER, a_full_attempt(OWNER), MADE_BY)
    answer = read_answer(write_attempt_file(file))
    assert answer.sections == file.sections
    assert answer.self_grades == {"architecture": LEVEL}
    assert answer.facts_asked == ("users",)
    assert answer.first_levels == {"architecture": 3}


def test_a_plain_answer_file_can_be_kept_as_an_attempt():
    text = "question: ads-ranking\nsections: {requirements: We rank.}\nworksheet: [{id: gpus, value: 481, unit: gpu}]\n"
    attempt = import_attempt(OWNER, read_attempt_file(text))
    kept = load_attempt(OWNER, attempt)
    assert kept.sections["requirements"].text == "We rank."
    assert kept.worksheet["gpus"].value == "481"
    assert time.time() - kept.created_at < 60


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1, 2]", "the text is not an attempt"),
        ("question: 7", "question is 7"),
        ("question: ../../etc/passwd", "question is '../../etc/passwd'"),
        ("question: ads-ranking\nsections: [a]", "sections"),
        ("question: ads-ranking\nsections: {nowhere: text}", "nowhere"),
        ("question: ads-ranking\ncreated_at: 1e300", "created_at"),
        ("question: ads-ranking\nself_grades: {capacity: {level: 9}}", "level"),
        ("question: ads-ranking\nclock: [{at: 1e11, kind: enter, phase: requirements}]", "clock"),
        ("question: ads-ranking\nattempt_file: 3", "attempt_file"),
        ("question: ads-ranking\nruns: [{scenario: steady, at: 1, design: {}, settings: {}, summary: {}}]", "runs"),
        ("question: ads-ranking\nunheard_of: 1", "unheard_of"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nquestion: [*b, *b]", "anchors and aliases"),
        ("question: " + "[" * 5000, "nested more than 40 deep"),
        ("question: " + '{"a":' * 5000, "nested more than 40 deep"),
        ("question: !!python/object/apply:os.system [echo]", "tags such as"),
        pytest.param("question: [" + "a," * 400_000, "more than 150,000 values", marks=pytest.mark.slow),
        ('question: ads-ranking\nsections: {requirements: "\\ud800"}', ""),
    ],
    ids=range(17),
)
def test_a_hostile_file_is_refused_with_a_sentence_in_bounded_time(text, says):
    begun = time.process_time()
    with pytest.raises(AnswerProblem) as problem:
        read_attempt_file(text)
    assert says in str(problem.value)
    assert len(str(problem.value)) < 20_000
    assert time.process_time() - begun < 20


def test_fifty_megabytes_are_refused_before_they_are_read(tmp_path, capsys):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    assert command.main(["import", str(path)]) == command.WRONG_USAGE
    assert "5,000,000 is the most" in capsys.readouterr().err
    assert time.process_time() - begun < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kilobytes


def test_other_bytes_missing_files_and_unknown_ids_are_sentences(tmp_path, capsys):
    with pytest.raises(AnswerProblem, match="byte 0 is not UTF-8"):
        from_bytes(b"\xff\xfe")
    for arguments, says in (
        (["import", str(tmp_path / "none.yaml")], "none.yaml cannot be used: No such file"),
        (["export", "nobodys-id"], "there is no attempt 'nobodys-id'"),
    ):
        assert command.main(arguments) == command.WRONG_USAGE
        assert says in capsys.readouterr().err


def test_agreement_counts_dimensions_that_both_have_judged():
    mine = {"capacity": OwnLevel(level=1), "architecture": OwnLevel(level=3), "serving_scale": OwnLevel(level=0)}
    theirs = {"capacity": OwnLevel(level=1), "architecture": OwnLevel(level=2), "data_features": OwnLevel(level=4)}
    assert agreement(mine, theirs) == (2, 1, 2)
    assert agreement({}, theirs) == (0, 0, 0)


def test_a_round_with_its_interviewer_comes_back_and_counts_in_the_grade():
    said = Said(
        at=2.0, kind="probe", id="ask_numbers", text="How many?", why="No number.", phase="requirements",
        answer=f"Here {QUOTE}.", answered_at=3.0,
    )  # fmt: skip
    mark = Mark(kind="number", at=2.5, phase="requirements", sentence="It is 5.")
    round_ = new_round(45, profile_id="infrastructure", mode_id="mock")
    bare = load_attempt(OWNER, a_full_attempt(OWNER)).model_copy(update={"own_levels": {}, "levels_at": {}})
    file = attempt_file(bare, (), (), None, MADE_BY, round_=round_, said=(said,), marks=(mark,))
    again = read_attempt_file(write_attempt_file(file))
    assert again == file
    assert (again.answers, again.profile) == ((said.answer,), "infrastructure")
    assert [(one.id, one.text) for one in again.probes] == [("ask_numbers", said.answer)]
    weights = {row.verdict.dimension: row.weight for row in rerun(again, QUESTION, lambda *_: None).card.dimensions}
    assert weights == shifted_weights(dict(QUESTION.rubric_weights), "infrastructure")
    with pytest.raises(AnswerProblem, match="a moment in said"):
        read_attempt_file(write_attempt_file(file).replace("at: 2.0", "at: 1.0e+300"))


BAD = "![x](http://evil.example/a.png)"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("card", "dimensions", 0, "title"), BAD, "is not a dimension's"),
        (("runs", 0, "summary", "components", 0, "component"), BAD, "holds markup"),
        (("runs", 0, "summary", "timeline", "outcome_shares", BAD), None, "holds markup"),
        (("runs", 0, "summary", "design_fingerprint"), "another", "of another design"),
        (("runs", 0, "summary", "latency", "histogram_counts"), [1, 2], "do not fit its counts"),
        (("runs", 0, "summary", "timeline", "p50_ms"), [1.0, 2.0, 3.0], "differ in length"),
        (("trials", 0, "design", "faults"), [], "a drill without a fault"),
        (("trials", 0, "kind"), "drill_again", "met again only after the first time"),
        (("trials", 0, "kind"), "twist_before", "only a drill has a recovery"),
        (("trials", 0, "recovery", "sentence"), BAD, "the recovery holds markup"),
        (("trials", 0, "summary", "design_fingerprint"), "another", "of another design"),
    ],
    ids=range(11),
)
def test_a_run_or_card_that_this_program_cannot_have_written_is_refused(path, value, says):
    data = read_yaml(write_attempt_file(export_attempt(OWNER, a_full_attempt(OWNER), MADE_BY)))
    *way, last = path
    place = data
    for step in way:
        place = place[step]
    place[last] = value if value is not None else place["late"]
    with pytest.raises(AnswerProblem, match=says):
        read_attempt_file(write_yaml(data))


def test_a_rerun_of_what_cannot_run_is_a_sentence(steady):
    attempt = a_graded_attempt(steady)
    file = export_attempt(command.LOCAL, attempt, MADE_BY)
    run = file.runs[0].model_copy(
        update={"settings": steady.settings.model_copy(update={"duration_s": 1e9, "replications": 200})}
    )
    with pytest.raises(AnswerProblem, match="is the most"):
        rerun(AttemptFile(**{**dict(file), "runs": (run,)}), QUESTION, lambda *_: None)
