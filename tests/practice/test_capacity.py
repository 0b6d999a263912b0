"""The capacity page and an attempt: nothing is given away, and the worksheet is filled row by row."""

import time

import pytest

from practice.attempt import Attempt, Written
from practice.capacity import fillings, known_constants
from practice.clock import ClockEvent
from practice.facts import Asked
from question_bank.capacity import neutral, preset_values, work_out
from question_bank.capacity_file import load_presets
from question_bank.loader import load_question

ADS = load_question("ads-ranking")
PRESET = load_presets()["ads-ranking"]
ALL = {name: one.value for name, one in ADS.worksheet.constants.items()}


def an_attempt(**changes) -> Attempt:
    plain = {"id": "abcdefghijkl", "created_at": 1.0, "last_seen": 1.0, "sections": {}, "worksheet": {}}
    return Attempt(**{**plain, "question": "ads-ranking", "own_levels": {}, **changes})


@pytest.mark.parametrize(
    "attempt",
    [None, an_attempt(question="fraud-detection"), an_attempt(finished_at=2.0)],
    ids=["none", "another question", "finished"],
)
def test_all_constants_are_known_unless_this_question_is_under_way(attempt):
    assert known_constants(ADS, attempt) == ALL


def test_a_question_that_is_under_way_gives_away_only_what_was_told():
    assert known_constants(ADS, an_attempt()) == {}
    asked = an_attempt(asked=(Asked(text="how many users?", fact="users", at=1.0),))
    assert known_constants(ADS, asked) == {name: ALL[name] for name in ("dau", "req_per_user", "peak_factor")}


def test_after_the_first_phase_the_facts_that_decide_are_known():
    later = an_attempt(events=(ClockEvent(at=time.time(), kind="enter", phase="capacity_estimation"),))
    must = {fact.id for fact in ADS.facts if fact.must}
    assert must
    assert set(known_constants(ADS, later)) == {
        n for n, one in ADS.worksheet.constants.items() if one.from_fact in must
    }


def test_own_numbers_take_the_place_of_the_questions():
    own = {"util": Written(value="70", unit="percent"), "dim": Written(value="no idea")}
    assert known_constants(ADS, an_attempt(assumptions=own)) == {"util": pytest.approx(0.7)}


def test_every_row_that_is_answered_is_filled_in_its_own_unit_beside_what_stands_there():
    now = Written(value="1M", unit="rows/s")
    lines = work_out(neutral() | preset_values(PRESET, ALL)[0])
    found = fillings(ADS, PRESET, lines, an_attempt(worksheet={"rows_s": now}))
    new = {one.row.id: (one.new.value, one.new.unit) for one in found}
    assert new == {
        "avg_qps": ("69,444", "request/s"),
        "peak_qps": ("138,889", "request/s"),
        "rows_s": ("41,666,667", "row/s"),
        "gpu_rows_s": ("144,307", "row/s"),
        "gpus": ("482", "gpu"),
        "gpu_cost": ("246,302", "usd/month"),
        "log_day": ("14.4", "TB/day"),
        "emb_mem": ("128", "GB"),
    }
    assert [one.row.id for one in found if not one.is_empty] == ["rows_s"]
    assert next(one.now for one in found if not one.is_empty) == now


def test_a_row_whose_result_has_no_value_is_left_alone():
    lines = work_out(neutral() | preset_values(PRESET, ALL)[0] | {"size_by": "promise", "promise_ms": 1.0})
    rows = {one.row.id for one in fillings(ADS, PRESET, lines, an_attempt())}
    assert "gpus" not in rows
    assert "log_day" in rows
