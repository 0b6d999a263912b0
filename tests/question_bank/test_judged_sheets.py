"""A whole sheet: own constants, earlier own numbers, and causes named by their ratio."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.attempt import Written
from question_bank.judged_sheet import constants_of, judge_sheet
from question_bank.loader import load_question
from question_bank.schema import RatioMistake
from question_bank.slips import SLIPS, recognized
from question_bank.worksheet import references, share

SHEET = load_question("ads-ranking").worksheet
ROWS = {row.id: row for row in SHEET.rows}
TOLD = {"users", "inventory", "hardware"}
DAY = RatioMistake(ratio=0.5, say="this is the average")


def written(**entries):
    """Entries such as `gpus="481 gpu"`; a number and its unit may stand in one field."""
    return {name: Written(value=text) for name, text in entries.items()}


def sheet(rows, own=None, told=TOLD):
    return judge_sheet(SHEET, written(**rows), written(**(own or {})), told)


def row(row_id, rows, own=None):
    return next(one for one in sheet(rows, own).rows if one.row_id == row_id)


def assumption(own, name=None, told=TOLD):
    found = sheet({}, own, told).assumptions
    return next(one for one in found if name in (None, one.constant))


# ---- own constants: arithmetic and assumption apart ------------------------------------------------------------


def test_right_arithmetic_on_an_own_assumption_earns_everything_and_says_both():
    # 300 million people x 20 requests / 86,400 s x 3 = 208,333
    found = row("peak_qps", {"peak_qps": "208k request/s"}, {"peak_factor": "3 times"})
    assert (found.state, found.credit) == ("ok", 1)
    assert found.sentence == (
        "Peak request rate: 208,000 request/s is right for your own 3 times (busiest hour against the average); "
        "the question takes 2 times, which gives 138,889 request/s."
    )


@pytest.mark.parametrize(
    ("row_id", "own", "by_hand"),
    [
        ("avg_qps", {"dau": "150M"}, 34_722),
        ("peak_qps", {"dau": "150M", "peak_factor": "4"}, 138_889),
        ("gpus", {"util": "30 percent"}, 962),
        ("gpus", {"util": "0.3", "peak_factor": "3x"}, 1443),
        ("gpu_cost", {"gpu_usd_h": "$1.40/h"}, 491_800),
        ("log_day", {"log_bytes": "4 kB"}, 28.8),
        ("emb_mem", {"bytes_per_val": "4 bytes"}, 256),
    ],
)
def test_references_and_bands_follow_from_own_constants(row_id, own, by_hand):
    assert row(row_id, {row_id: f"{by_hand} {ROWS[row_id].unit}"}, own).state == "ok"
    high = ROWS[row_id].accept[1] / ROWS[row_id].reference * by_hand
    assert row(row_id, {row_id: f"{high * 0.99} {ROWS[row_id].unit}"}, own).state == "ok"
    assert row(row_id, {row_id: f"{high * 1.01} {ROWS[row_id].unit}"}, own).state == "partial"


def test_an_answer_that_leaves_the_own_assumption_out_is_told_so():
    found = row("peak_qps", {"peak_qps": "139k request/s"}, {"peak_factor": "6"})
    assert found.state == "wrong"
    assert found.sentence.endswith("It is the answer without your assumption, which you did not use here.")


def test_an_assumption_that_a_row_does_not_rest_on_is_not_spoken_of():
    assert row("emb_mem", {"emb_mem": "128 GB"}, {"peak_factor": "3"}) == row("emb_mem", {"emb_mem": "128 GB"})


def test_a_mistake_moves_with_the_constant_that_it_is_about():
    found = row("peak_qps", {"peak_qps": "69444 request/s"}, {"peak_factor": "3"})
    assert found.mistake == "this is the average, not the busiest hour"
    assert found.ratio == pytest.approx(1 / 3, rel=1e-5)


@pytest.mark.parametrize(
    ("own", "told", "state", "value"),
    [
        ({"peak_factor": "2"}, TOLD, "same", 2),
        ({"dau": "0.3bn users"}, TOLD, "same", 3e8),
        ({"peak_factor": "3x"}, TOLD, "contradicts", 3),
        ({"peak_factor": "3x"}, (), "plausible", 3),
        ({"util": "0.3"}, (), "plausible", 0.3),
        ({"util": "120 percent"}, (), "plausible", 1.2),
        ({"util": "0.29"}, (), "far", 0.29),
        ({"util": "0.0601"}, (), "far", 0.0601),
        ({"util": "0.06"}, (), "off_by_ten", 0.06),
        ({"peak_factor": "20"}, (), "off_by_ten", 20),
        ({"util": "60"}, (), "off_by_ten", 60),
        ({"util": "0"}, (), "unusable", None),
        ({"util": "-1"}, (), "unusable", None),
        ({"util": "1e-320"}, (), "unusable", None),
        ({"dau": "1e308"}, (), "unusable", None),
        ({"gpu_usd_h": "1e302"}, (), "unusable", None),
        ({"fixed_ms": "-1"}, (), "unusable", None),
        ({"util": "60 GB"}, (), "other_dimension", None),
        ({"peak_factor": "3 users"}, (), "other_dimension", None),
        ({"util": "a lot"}, (), "unreadable", None),
        ({"util": "<b>1</b>"}, (), "unreadable", None),
    ],
)
def test_an_assumption_is_judged_by_itself(own, told, state, value):
    found = assumption(own, told=told)
    assert (found.state, found.value) == (state, value)


def test_a_contradiction_names_what_was_told_and_how_far_off_it_is():
    assert assumption({"peak_factor": "20"}).sentence == (
        "busiest hour against the average: 20 times contradicts what you were told; that is 2 times, "
        "and yours is higher by a factor of 10."
    )


@pytest.mark.parametrize("text", ["3", "3x", "3 x", "3 times", "3-fold", "3\u00d7", "3e0", "0.003k"])
def test_a_factor_is_read_in_every_spelling(text):
    assert assumption({"peak_factor": text}).value == 3


def test_a_number_that_cannot_be_used_leaves_the_rows_as_they_were():
    assert sheet({"gpus": "481 gpu"}, {"util": "0"}).rows == sheet({"gpus": "481 gpu"}).rows


def test_an_assumption_that_leaves_nothing_to_save_is_not_used_and_named():
    other = load_question("cut-latency-in-half").worksheet  # (60 - 80 GPUs) would be freed
    [found] = judge_sheet(other, {}, written(util="0.3")).assumptions
    assert found.state == "unusable"
    assert "'Money freed by the GPUs that are no longer needed' would not be above 0" in found.sentence


def test_an_unknown_constant_or_row_is_left_out():
    assert judge_sheet(SHEET, written(ghost="1"), written(ghost="1")) == judge_sheet(SHEET, {})


@given(
    name=st.sampled_from(["dau", "req_per_user", "peak_factor", "rows_per_req", "util", "gpu_usd_h", "log_bytes"]),
    factor=st.floats(0.01, 100),
)
def test_scaling_a_constant_scales_the_references_as_the_formulas_say(name, factor):
    """Each of these is a factor of a formula, or a divisor; a row either rests on it or does not move at all."""
    moved = references(SHEET, {name: SHEET.constants[name].value * factor})
    power = -1 if name == "util" else 1
    for one in SHEET.rows:
        expected = factor**power if name in constants_of(SHEET, one) else 1
        assert moved[one.id] / one.reference == pytest.approx(expected, rel=1e-9)


@given(factor=st.floats(0.1, 10), ratio=st.floats(0.01, 100))
def test_a_credit_depends_only_on_the_ratio_to_what_follows_from_own_constants(factor, ratio):
    plain = row("peak_qps", {"peak_qps": f"{138_889 * ratio!r} request/s"})
    own = row("peak_qps", {"peak_qps": f"{138_889 * ratio * factor!r} request/s"}, {"dau": repr(3e8 * factor)})
    near = [edge / 138_889 for edge in (*ROWS["peak_qps"].accept, *ROWS["peak_qps"].partial)]
    if min(abs(ratio / edge - 1) for edge in near) > 1e-6:  # where rounding cannot decide
        assert own.credit == plain.credit


# ---- errors that are carried on --------------------------------------------------------------------------------


def test_a_row_that_follows_from_an_earlier_wrong_number_earns_half():
    # a day as 24 x 86,400 s: 2,894/s, and twice that
    found = sheet({"avg_qps": "2894 request/s", "peak_qps": "5788 request/s"}).rows
    assert [(one.state, one.credit) for one in found[:2]] == [("wrong", 0), ("follows", 0.5)]
    assert "consistent with your 2,894 request/s (Average request rate)" in found[1].sentence


def test_an_error_is_carried_over_rows_that_are_empty():
    found = row("rows_s", {"avg_qps": "2894 request/s", "rows_s": "1.7364M row/s"})  # 2,894 x 2 x 300
    assert found.state == "follows"
    assert "your 2,894 request/s" in found.sentence


def test_a_row_that_follows_stays_in_doubt_for_the_next_one():
    found = sheet({"avg_qps": "2894 request/s", "peak_qps": "5788 request/s", "rows_s": "1.7364M row/s"}).rows
    assert [one.state for one in found[:3]] == ["wrong", "follows", "follows"]
    assert "5,788 request/s (Peak request rate)" in found[2].sentence


def test_the_right_number_after_a_wrong_one_earns_everything():
    assert row("peak_qps", {"avg_qps": "2894 request/s", "peak_qps": "139k request/s"}).credit == 1


def test_an_earlier_number_without_a_unit_is_no_error_for_the_rows_after_it():
    found = sheet({"avg_qps": "80k", "peak_qps": "160k request/s", "rows_s": "48M row/s"}).rows
    assert [one.credit for one in found[:3]] == [0.5, 1, 1]


def test_rounding_on_accepted_numbers_never_costs_anything():
    found = row("rows_s", {"peak_qps": "165k request/s", "rows_s": "50.5M row/s"})  # accept ends at 50M
    assert (found.state, found.credit) == ("ok", 1)
    assert "follows from your own earlier numbers" in found.sentence


def test_a_mistake_on_top_of_a_carried_error_is_named():
    found = row("peak_qps", {"avg_qps": "2894 request/s", "peak_qps": "2894 request/s"})
    assert (found.credit, found.mistake) == (0, "this is the average, not the busiest hour")


@pytest.mark.parametrize("earlier", ["0 request/s", "-5 request/s", "1e300 request/s", "many", "5 GB"])
def test_an_earlier_number_that_leads_nowhere_does_no_harm(earlier):
    assert row("peak_qps", {"avg_qps": earlier, "peak_qps": "139k request/s"}).credit == 1


def test_without_a_unit_what_follows_earns_half_and_says_so():
    found = row("peak_qps", {"avg_qps": "2894 request/s", "peak_qps": "5788"})
    assert (found.state, found.credit) == ("no_unit", 0.5)


@given(wrong=st.floats(1e-3, 1e9))
def test_a_carried_error_never_earns_more_than_half_unless_the_number_is_right(wrong):
    first, second = sheet({"avg_qps": f"{wrong!r} request/s", "peak_qps": f"{2 * wrong!r} request/s"}).rows[:2]
    right = ROWS["peak_qps"].accept[0] <= 2 * wrong <= ROWS["peak_qps"].accept[1]
    assert second.credit == (1 if first.credit == 1 or right else 0.5)


def test_the_share_counts_half_for_what_follows():
    assert share(sheet({"avg_qps": "2894 request/s", "peak_qps": "5788 request/s"}).rows) == 0.5 / 8


# ---- causes by ratio -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row_id", "text", "said"),
    [
        ("emb_mem", "1024 GB", "bits and bytes"),
        ("emb_mem", "16 GB", "bits and bytes"),
        ("emb_mem", "128 TB", "factor of 1,000"),
        ("emb_mem", "131 TB", "factor of 1,024"),
        ("emb_mem", "128 MB", "factor of 1,000"),
        ("emb_mem", "1024 TB", "bits and bytes were mixed up, a factor of 8; besides, a prefix is off by one step"),
        ("emb_mem", "2 TB", "the 64 values of each vector were left out; besides, a prefix is off by one step"),
        ("peak_qps", "69.4 request/s", "this is the average, not the busiest hour; besides, a prefix is off"),
        ("peak_qps", "1.2e10 request/s", "seconds and days"),
        ("peak_qps", "5e8 request/s", "seconds and hours"),
        ("peak_qps", "6e9 request/s", "this is the average, not the busiest hour; besides, seconds and days"),
        ("gpus", "4.81 gpu", "percent and fraction"),
        ("gpu_cost", "2.95M usd/month", "months and years"),
        ("gpu_cost", "337 usd/month", "hours and months"),
    ],
)
def test_slips_of_units_are_named_alone_and_with_a_known_mistake(row_id, text, said):
    found = row(row_id, {row_id: text})
    assert (found.state, found.credit) == ("wrong", 0)
    assert said in (found.mistake or "")


@pytest.mark.parametrize("ratio", [0, -1, float("inf"), float("nan"), 1.5, 40, 0.03])
def test_a_ratio_that_shows_nothing_is_given_no_cause(ratio):
    assert recognized([ratio], [DAY]) is None


def test_a_slip_is_only_seen_where_its_unit_occurs():
    assert recognized([8], [DAY]) is None
    assert recognized([8], [DAY], ["information"])
    assert recognized([3600], [DAY], ["information"]) is None


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip.factor:g}")
@pytest.mark.parametrize("off", [0.985, 1, 1.015])
def test_every_slip_is_known_either_way_within_two_percent(slip, off):
    measured = [slip.among] if slip.among else []
    near_another = {1000, 1024, 1440}  # 1,000 x 1.015 is nearer to 1,024
    for ratio in (slip.factor * off, off / slip.factor):
        found = recognized([ratio], [], measured)
        assert found == slip.say or (slip.factor in near_another and found)


def test_a_known_mistake_goes_before_a_slip():
    assert recognized([8], [RatioMistake(ratio=8, say="known")], ["information"]) == "known"
