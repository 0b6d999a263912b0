"""What is kept comes back equal, belongs to its owner, and goes when its attempt goes."""

import time
from contextlib import suppress
from threading import Thread

import pytest

from practice.attempt import OwnLevel, Written
from practice.clock import AWAY_S, ClockEvent
from practice.prediction import Prediction
from storage import attempts as kept
from storage.attempts import NoSuchAttempt
from storage.database import StorageProblem, database, writing
from tests.storage.material import (
    LEVEL,
    OTHER,
    OWNER,
    PREDICTION,
    QUOTE,
    a_card,
    a_full_attempt,
    an_edit,
    design,
    summary,
)

OTHER_PREDICTION = Prediction(bottleneck="x", p99_ms=1.0, usd_per_month=2.0)
EVENT = ClockEvent(at=5.0, kind="pause")
CALLS = {
    "load_attempt": (),
    "delete_attempt": (),
    "save_section": ("requirements", an_edit()),
    "save_worksheet_row": ("gpus", Written(value="1", unit="")),
    "save_assumption": ("util", Written(value="50", unit="percent")),
    "save_design": (design(),),
    "save_own_level": ("capacity", LEVEL),
    "save_card": (a_card(),),
    "add_asked": ("What?", None),
    "add_prediction": (PREDICTION,),
    "add_run": ("steady", design(), summary(), None),
    "add_event": (EVENT,),
    "sign_of_life": (),
}


@pytest.fixture
def attempt():
    return kept.start_attempt(OWNER, "ads-ranking")


def tables():
    return [name for name in database().table_names() if not name.startswith(("_", "sqlite_"))]


def everything():
    """Every row of every table that belongs to attempts."""
    return {name: list(database()[name].rows) for name in tables() if name not in ("notes", "practiced")}


def go_back(seconds):
    """Let everything have happened that much earlier."""
    with writing() as db:
        db.execute("update attempts set created_at = created_at - ?, last_seen = last_seen - ?", [seconds, seconds])
        db.execute("update clock set at = at - ?", [seconds])


def test_everything_comes_back_as_it_was_kept():
    found = kept.load_attempt(OWNER, a_full_attempt())
    assert found.question == "ads-ranking"
    assert found.section("requirements").text == f"Here {QUOTE}."
    assert found.section("requirements").revision == 1
    assert found.worksheet == {"gpus": Written(value="481", unit="gpu")}
    assert found.assumptions == {"util": Written(value="50", unit="percent")}
    assert [(one.text, one.fact) for one in found.asked] == [("How many users?", "users"), ("What color?", None)]
    assert [(one.kind, one.phase) for one in found.events] == [("enter", "requirements"), ("enter", "detailed_design")]
    assert (found.design, found.prediction) == (design(), PREDICTION)
    assert found.own_levels == {"architecture": LEVEL}
    assert (found.is_graded, found.finished_at) == (True, None)


def test_a_run_comes_back_with_everything_that_repeats_it():
    attempt = a_full_attempt()
    [(scenario, run)] = kept.latest_runs(OWNER, attempt).items()
    assert (scenario, run.scenario) == ("steady", "steady")
    assert (run.design, run.settings, run.summary) == (design(), summary().settings, summary())


def test_a_card_comes_back_equal():
    assert kept.load_card(OWNER, a_full_attempt()) == a_card()


def test_the_levels_before_the_first_card_stay_beside_the_revised_ones(attempt):
    kept.save_own_level(OWNER, attempt, "capacity", OwnLevel(level=1))
    kept.save_own_level(OWNER, attempt, "capacity", OwnLevel(level=3, quote=QUOTE))
    assert kept.load_attempt(OWNER, attempt).first_levels == {}
    kept.save_card(OWNER, attempt, a_card())
    kept.save_own_level(OWNER, attempt, "capacity", OwnLevel(level=2, quote=QUOTE))
    kept.save_own_level(OWNER, attempt, "architecture", OwnLevel(level=4, quote=QUOTE))
    kept.save_own_level(OWNER, attempt, "architecture", OwnLevel(level=0))
    kept.save_card(OWNER, attempt, a_card())
    found = kept.load_attempt(OWNER, attempt)
    assert {one: (found.first_levels[one].level, found.own_levels[one].level) for one in found.own_levels} == {
        "capacity": (3, 2),
        "architecture": (4, 0),
    }
    assert all(found.first_levels[one].at < found.levels_at[one] for one in found.own_levels)
    assert (found.first_levels["capacity"].quote, found.is_revised("capacity")) == (QUOTE, True)


def test_another_thread_reads_the_same():
    attempt, found = a_full_attempt(), []
    thread = Thread(target=lambda: found.append(kept.load_attempt(OWNER, attempt)))
    thread.start()
    thread.join()
    assert found == [kept.load_attempt(OWNER, attempt)]


def test_a_new_attempt_is_empty_and_its_first_phase_runs(attempt):
    found = kept.load_attempt(OWNER, attempt)
    assert (found.sections, found.worksheet, found.asked, found.own_levels) == ({}, {}, (), {})
    assert (found.design, found.prediction, found.is_graded) == (None, None, False)
    times = found.times(found.created_at + 60)
    assert (times.phase, times.is_running, times.spent_s["requirements"]) == ("requirements", True, pytest.approx(60))
    assert kept.latest_runs(OWNER, attempt) == {}
    assert kept.load_card(OWNER, attempt) is None


@pytest.mark.parametrize("name", CALLS)
def test_an_attempt_of_somebody_else_does_not_exist(name):
    attempt = a_full_attempt(OWNER)
    before = everything()
    with pytest.raises(NoSuchAttempt):
        getattr(kept, name)(OTHER, attempt, *CALLS[name])
    assert everything() == before


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("missing", ["", "nosuchid", "' or 1=1 --", "%"])
def test_an_attempt_that_was_never_begun_does_not_exist(name, missing):
    a_full_attempt(OWNER)
    before = everything()
    with pytest.raises(NoSuchAttempt):
        getattr(kept, name)(OWNER, missing, *CALLS[name])
    assert everything() == before


def test_every_function_that_takes_an_attempt_is_tried_by_a_stranger():
    told_nothing = {"latest_runs", "load_card"}
    public = {name for name, one in vars(kept).items() if getattr(one, "__module__", "") == kept.__name__}
    assert {name for name in public if not name.startswith("_")} == {
        *CALLS, *told_nothing, "NoSuchAttempt", "Listed", "start_attempt", "list_attempts", "own_attempt",
    }  # fmt: skip


def test_a_stranger_sees_no_runs_no_card_and_no_list():
    attempt = a_full_attempt(OWNER)
    assert kept.latest_runs(OTHER, attempt) == {}
    assert kept.load_card(OTHER, attempt) is None
    assert kept.list_attempts(OTHER) == []


def test_deleting_takes_all_rows_of_the_attempt_and_no_other():
    mine, theirs = a_full_attempt(OWNER), a_full_attempt(OTHER)
    assert all(everything().values()), "the attempt has something in every table"
    kept.delete_attempt(OWNER, mine)
    for name, rows in everything().items():
        assert {row["id" if name == "attempts" else "attempt"] for row in rows} == {theirs}
    with pytest.raises(NoSuchAttempt):
        kept.load_attempt(OWNER, mine)


def test_a_run_with_the_prediction_of_another_attempt_does_not_keep_that_from_being_deleted(attempt):
    other = kept.start_attempt(OTHER, "ads-ranking")
    number = kept.add_prediction(OTHER, other, PREDICTION)
    with suppress(StorageProblem):
        kept.add_run(OWNER, attempt, "steady", design(), summary(), number)
    kept.delete_attempt(OTHER, other)
    assert kept.list_attempts(OTHER) == []


@pytest.mark.parametrize(
    ("edit", "text", "revision"),
    [
        (an_edit("next", sequence=2), "next", 2),
        (an_edit("skipped some", sequence=9, base=1), "skipped some", 2),
        (an_edit("again", sequence=1, base=1), "first", 1),
        (an_edit("theirs", writer="other", base=1), "theirs", 2),
        (an_edit("from an old text", writer="other", sequence=9, base=0), "first", 1),
        (an_edit("from nowhere", writer="other", base=2), "first", 1),
    ],
)
def test_only_an_edit_that_follows_is_kept_and_the_answer_says_what_is(attempt, edit, text, revision):
    kept.save_section(OWNER, attempt, "requirements", an_edit("first"))
    answer = kept.save_section(OWNER, attempt, "requirements", edit)
    assert (answer.text, answer.revision) == (text, revision)
    assert kept.load_attempt(OWNER, attempt).section("requirements") == answer


def test_sections_have_revisions_of_their_own(attempt):
    kept.save_section(OWNER, attempt, "requirements", an_edit("one"))
    kept.save_section(OWNER, attempt, "requirements", an_edit("two", sequence=2))
    assert kept.save_section(OWNER, attempt, "detailed_design", an_edit("other")).revision == 1
    found = kept.load_attempt(OWNER, attempt).sections
    assert {phase: draft.text for phase, draft in found.items()} == {"requirements": "two", "detailed_design": "other"}


def test_an_emptied_section_stays_empty(attempt):
    kept.save_section(OWNER, attempt, "requirements", an_edit("text"))
    kept.save_section(OWNER, attempt, "requirements", an_edit("", sequence=2))
    assert kept.load_attempt(OWNER, attempt).section("requirements").text == ""


@pytest.mark.parametrize(
    ("save", "field", "one", "two"),
    [
        (lambda a, v: kept.save_worksheet_row(OWNER, a, "gpus", v), "worksheet", Written(value="1"), Written(unit="x")),
        (lambda a, v: kept.save_assumption(OWNER, a, "u", v), "assumptions", Written(value="1"), Written(unit="x")),
        (lambda a, v: kept.save_design(OWNER, a, v), "design", design(0.25), design(0.5)),
        (lambda a, v: kept.save_own_level(OWNER, a, "capacity", v), "own_levels", LEVEL, OwnLevel(level=0)),
        (lambda a, v: kept.add_prediction(OWNER, a, v), "prediction", PREDICTION, OTHER_PREDICTION),
    ],
    ids=["worksheet", "assumption", "design", "own level", "prediction"],
)  # fmt: skip
def test_the_later_one_counts(attempt, save, field, one, two):
    for value in (one, two):
        save(attempt, value)
    found = getattr(kept.load_attempt(OWNER, attempt), field)
    assert (next(iter(found.values())) if isinstance(found, dict) else found) == two


def test_of_every_scenario_the_newest_run_is_given(attempt):
    ids = [
        kept.add_run(OWNER, attempt, scenario, design(work_s), summary(work_s), None)
        for scenario, work_s in [("steady", 0.25), ("spike", 0.25), ("steady", 0.5), ("spike", 0.5), ("steady", 0.25)]
    ]
    found = kept.latest_runs(OWNER, attempt)
    assert {scenario: run.id for scenario, run in found.items()} == {"steady": ids[4], "spike": ids[3]}
    assert (found["steady"].summary, found["spike"].summary) == (summary(0.25), summary(0.5))


def test_runs_of_another_attempt_do_not_count(attempt):
    other = kept.start_attempt(OWNER, "ads-ranking")
    run = kept.add_run(OWNER, attempt, "steady", design(), summary(), None)
    kept.add_run(OWNER, other, "steady", design(), summary(), None)
    assert kept.latest_runs(OWNER, attempt)["steady"].id == run


def test_the_list_begins_with_the_newest_and_counts_words_and_runs(attempt):
    full = a_full_attempt()
    third = kept.start_attempt(OWNER, "another-question")
    kept.save_section(OWNER, third, "requirements", an_edit("Four words\n\nin all"))
    kept.save_section(OWNER, third, "detailed_design", an_edit("and three more"))
    found = kept.list_attempts(OWNER)
    assert [one.id for one in found] == [third, full, attempt]
    assert [(one.words, one.runs) for one in found] == [(7, 0), (7, 1), (0, 0)]
    assert [one.card for one in found] == [None, a_card(), None]
    assert found[0].question == "another-question"


def test_a_second_finish_does_not_move_the_first(attempt):
    for at in (10.0, 20.0):
        kept.add_event(OWNER, attempt, ClockEvent(at=at, kind="finish"))
    found = kept.load_attempt(OWNER, attempt)
    assert (found.finished_at, found.last_seen) == (10.0, 20.0)
    assert not found.times(30.0).is_running


def test_questions_and_events_keep_their_order(attempt):
    for number in range(12):
        kept.add_asked(OWNER, attempt, str(number), None)
    assert [one.text for one in kept.load_attempt(OWNER, attempt).asked] == [str(number) for number in range(12)]


def test_a_sign_of_life_after_a_long_silence_makes_it_a_pause(attempt):
    go_back(1000)
    kept.sign_of_life(OWNER, attempt)
    found = kept.load_attempt(OWNER, attempt)
    assert [one.kind for one in found.events] == ["enter", "pause", "resume"]
    assert sum(found.times(time.time()).spent_s.values()) < AWAY_S


def test_signs_of_life_in_time_are_no_events(attempt):
    go_back(100)
    kept.sign_of_life(OWNER, attempt)
    kept.sign_of_life(OWNER, attempt)
    found = kept.load_attempt(OWNER, attempt)
    assert [one.kind for one in found.events] == ["enter"]
    assert found.last_seen > found.created_at + 99


@pytest.mark.parametrize(
    "return_to",
    [
        lambda attempt: kept.save_section(OWNER, attempt, "requirements", an_edit()),
        lambda attempt: kept.add_event(
            OWNER, attempt, ClockEvent(at=time.time(), kind="enter", phase="detailed_design")
        ),
        lambda attempt: kept.add_event(OWNER, attempt, ClockEvent(at=time.time(), kind="pause")),
    ],
    ids=["typing", "entering a phase", "pausing"],
)
def test_a_long_silence_is_a_pause_whatever_ends_it(attempt, return_to):
    go_back(1000)
    return_to(attempt)
    kept.sign_of_life(OWNER, attempt)
    assert sum(kept.load_attempt(OWNER, attempt).times(time.time()).spent_s.values()) < AWAY_S
