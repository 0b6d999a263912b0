"""Rounds are kept: what was chosen, said, replied, first written and run, by its owner and nobody else."""

import threading

import pytest

from practice.attempt import Draft
from practice.recovery import Recovery
from practice.rounds import new_round
from storage import rounds
from storage.attempts import NoSuchAttempt, delete_attempt, load_attempt, start_attempt
from storage.database import database
from tests.storage.material import (
    MARK,
    OTHER,
    OWNER,
    PREDICTION,
    ROUND,
    SAID,
    a_full_attempt,
    a_trial,
    an_edit,
    summary,
)

RECOVERY = Recovery(
    before_share=1.0,
    during_share=0.5,
    after_share=0.9,
    lowest_share=0.2,
    recovered_after_s=None,
    step_s=0.5,
    lost_answers=3.0,
    sentence="It did not recover.",
)


@pytest.fixture
def attempt():
    return rounds.start_round(OWNER, "ads-ranking", ROUND)


def test_a_round_is_kept_as_it_was_begun_and_does_not_change(attempt):
    rounds.keep_round(OWNER, attempt, new_round(60))
    assert rounds.load_round(OWNER, attempt) == ROUND
    assert load_attempt(OWNER, attempt).events[0].phase == "requirements"
    assert rounds.list_rounds(OWNER) == {attempt: ROUND}
    assert rounds.load_round(OWNER, start_attempt(OWNER, "ads-ranking")) is None


def test_what_is_said_keeps_its_order_and_gets_its_answer(attempt):
    second = SAID.model_copy(update={"at": 20.0, "id": "peak"})
    assert rounds.add_said(OWNER, attempt, SAID, after=0)
    assert rounds.add_said(OWNER, attempt, second, after=1)
    answered = SAID.model_copy(update={"answer": "Billing.", "answered_at": 15.0, "is_supported": False})
    rounds.keep_answer(OWNER, attempt, 0, answered)
    assert rounds.load_said(OWNER, attempt) == (answered, second)


def test_of_two_tabs_that_ask_at_the_same_moment_one_is_heard(attempt):
    """Two threads have two connections, as two tabs do."""
    barrier, heard = threading.Barrier(2), []

    def ask(name: str) -> None:
        barrier.wait()
        heard.append(rounds.add_said(OWNER, attempt, SAID.model_copy(update={"id": name}), after=0))

    tabs = [threading.Thread(target=ask, args=(name,)) for name in ("one", "two")]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert sorted(heard) == [False, True]
    assert len(rounds.load_said(OWNER, attempt)) == 1


def test_a_reply_is_kept_while_it_is_written_and_only_edits_that_follow_count(attempt):
    rounds.add_said(OWNER, attempt, SAID, after=0)
    rounds.save_reply(OWNER, attempt, 0, an_edit("Bill", sequence=1))
    rounds.save_reply(OWNER, attempt, 0, an_edit("Billing", sequence=2))
    late = rounds.save_reply(OWNER, attempt, 0, an_edit("Bill", sequence=1))
    other_tab = rounds.save_reply(OWNER, attempt, 0, an_edit("Another", writer="tab two", base=0))
    assert (late.text, other_tab.text, late.revision) == ("Billing", "Billing", 2)
    assert rounds.load_reply(OWNER, attempt, 0) == other_tab
    assert rounds.load_reply(OWNER, attempt, 1) == Draft()
    assert rounds.load_said(OWNER, attempt) == (SAID.model_copy(update={"answer": "Billing"}),)
    sent = SAID.model_copy(update={"answer": "Billing\nI don't know.", "answered_at": 30.0})
    rounds.keep_answer(OWNER, attempt, 0, sent)
    assert rounds.load_said(OWNER, attempt) == (sent,)


def test_the_first_mark_of_a_kind_stays(attempt):
    rounds.add_marks(OWNER, attempt, [MARK])
    rounds.add_marks(OWNER, attempt, [MARK.model_copy(update={"at": 9.0}), MARK.model_copy(update={"kind": "failure"})])
    assert {one.kind: one.at for one in rounds.load_marks(OWNER, attempt)} == {"number": 5.0, "failure": 5.0}


def test_a_fault_strikes_once_and_may_be_tried_again_and_again(attempt):
    assert rounds.add_trial(OWNER, attempt, a_trial())
    assert not rounds.add_trial(OWNER, attempt, a_trial(at=8.0))
    assert rounds.add_trial(OWNER, attempt, a_trial("twist_after", prediction=PREDICTION))
    assert rounds.add_trial(OWNER, attempt, a_trial("drill_again", at=9.0))
    assert rounds.add_trial(OWNER, attempt, a_trial("drill_again", at=10.0))
    done = a_trial("drill_again", at=9.0, summary=summary(), recovery=RECOVERY)
    rounds.finish_trial(OWNER, attempt, done)
    found = rounds.load_trials(OWNER, attempt)
    assert [one.kind for one in found] == ["drill", "twist_after", "drill_again", "drill_again"]
    assert rounds.begun_trials(OWNER, attempt) == [one.kind for one in found]
    assert (found[2], found[3].summary, found[1].prediction) == (done, None, PREDICTION)


WRITES = {
    "keep_round": lambda owner, attempt: rounds.keep_round(owner, attempt, ROUND),
    "add_said": lambda owner, attempt: rounds.add_said(owner, attempt, SAID, after=1),
    "keep_answer": lambda owner, attempt: rounds.keep_answer(owner, attempt, 0, SAID),
    "save_reply": lambda owner, attempt: rounds.save_reply(owner, attempt, 0, an_edit()),
    "load_reply": lambda owner, attempt: rounds.load_reply(owner, attempt, 0),
    "add_marks": lambda owner, attempt: rounds.add_marks(owner, attempt, [MARK]),
    "add_trial": lambda owner, attempt: rounds.add_trial(owner, attempt, a_trial("drill_again")),
    "finish_trial": lambda owner, attempt: rounds.finish_trial(owner, attempt, a_trial()),
}


@pytest.fixture
def full():
    return a_full_attempt()


@pytest.mark.parametrize("write", WRITES)
def test_nobody_writes_into_another_persons_round(full, write):
    before = list(database().conn.iterdump())
    for owner, attempt in ((OTHER, full), (OWNER, "nosuchattempt"), (OTHER, "x' or '1'='1")):
        with pytest.raises(NoSuchAttempt):
            WRITES[write](owner, attempt)
    assert list(database().conn.iterdump()) == before


def test_nobody_reads_another_persons_round(full):
    readers = (rounds.load_said, rounds.load_marks, rounds.load_trials, rounds.begun_trials)
    assert all(read(OWNER, full) and not read(OTHER, full) for read in readers)
    assert rounds.predicted_runs(OTHER, full, "steady") == []
    assert rounds.predicted_runs(OWNER, full, "steady") == [(PREDICTION, summary())]
    assert rounds.predicted_runs(OWNER, full, "spike") == []
    assert rounds.load_round(OTHER, full) is None
    assert rounds.list_rounds(OTHER) == {}


def test_a_deleted_attempt_takes_its_round_with_it(full):
    delete_attempt(OWNER, full)
    for table in ("rounds", "said", "replies", "marks", "trials"):
        assert database()[table].count == 0
