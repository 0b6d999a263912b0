"""Each row of a worksheet is judged in its unit, and a wrong number says what it may come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formula import FormulaProblem
from question_bank.loader import load_question
from question_bank.quantity import Quantity
from question_bank.schema import RatioMistake, Row
from question_bank.worksheet import RowVerdict, calculated, judge, references, share

SHEET = load_question("ads-ranking").worksheet
ROWS = {row.id: row for row in SHEET.rows} | {
    row.id: row
    for row in [
        Row(
            id="seen_share",
            label="Share that people can check",
            unit="percent",
            formula="1",
            reference=0.008,
            accept=(0.006, 0.01),
            partial=(0.003, 0.03),
            mistakes=(RatioMistake(ratio=100, say="a fraction was taken for percent"),),
        ),
        Row(
            id="ingest",
            label="Ingest at peak",
            unit="MB/s",
            formula="1",
            reference=231,
            accept=(190, 280),
            partial=(46, 500),
            mistakes=(
                RatioMistake(ratio=8, say="megabits were given as megabytes"),
                RatioMistake(ratio=0.2, say="this is the average"),
            ),
        ),
    ]
}


def verdict(row_id: str, value_text: str, unit_text: str) -> RowVerdict:
    return judge(ROWS[row_id], ROWS[row_id].reference, value_text, unit_text)


@pytest.mark.parametrize(
    ("row_id", "value_text", "unit_text", "state", "credit"),
    [
        # spellings of the right rate
        ("peak_qps", "138889", "request/s", "ok", 1),
        ("peak_qps", "139k", "req/s", "ok", 1),
        ("peak_qps", "139k", "rps", "ok", 1),
        ("peak_qps", "139k", "qps", "ok", 1),
        ("peak_qps", "139k", "requests per second", "ok", 1),
        ("peak_qps", "0.139M", "requests/s", "ok", 1),
        ("peak_qps", "0.000139G", "requests/s", "ok", 1),
        ("peak_qps", "1.39e5", "request/second", "ok", 1),
        ("peak_qps", "139,000", "request/s", "ok", 1),
        ("peak_qps", "139 000", "request/s", "ok", 1),
        ("peak_qps", "139_000", "request/s", "ok", 1),
        ("peak_qps", "139 thousand", "request/s", "ok", 1),
        ("peak_qps", "139k req/s", "", "ok", 1),
        ("peak_qps", "139krps", "", "ok", 1),
        ("peak_qps", "136Ki", "request/s", "ok", 1),
        # other units of time
        ("peak_qps", "12 billion", "requests per day", "ok", 1),
        ("peak_qps", "12bn", "request/day", "ok", 1),
        ("peak_qps", "500M", "requests/hour", "ok", 1),
        ("peak_qps", "8.33M", "requests per minute", "ok", 1),
        ("avg_qps", "6e9", "requests/day", "ok", 1),
        ("avg_qps", "69.4", "requests/ms", "ok", 1),
        # bands
        ("peak_qps", "115000", "request/s", "ok", 1),
        ("peak_qps", "165000", "request/s", "ok", 1),
        ("peak_qps", "165001", "request/s", "partial", 0.5),
        ("peak_qps", "280000", "request/s", "partial", 0.5),
        ("peak_qps", "280001", "request/s", "wrong", 0),
        ("peak_qps", "69,444", "request/s", "partial", 0.5),
        ("peak_qps", "68999", "request/s", "wrong", 0),
        ("peak_qps", "-139k", "request/s", "wrong", 0),
        ("peak_qps", "0", "request/s", "wrong", 0),
        # something else is counted
        ("peak_qps", "139k", "row/s", "other_dimension", 0),
        ("peak_qps", "139k", "request", "other_dimension", 0),
        ("peak_qps", "139k", "percent", "other_dimension", 0),
        ("rows_s", "41.7M", "request/s", "other_dimension", 0),
        ("gpus", "481", "machines", "other_dimension", 0),
        ("gpu_cost", "245,900", "usd", "other_dimension", 0),
        ("log_day", "14.4", "TB", "other_dimension", 0),
        # the unit is missing
        ("peak_qps", "139k", "", "no_unit", 0.5),
        ("peak_qps", "69444", "", "no_unit", 0.5),
        ("peak_qps", "1000", "", "no_unit", 0),
        ("gpus", "481", "", "no_unit", 0.5),
        ("emb_mem", "128", "", "no_unit", 0.5),
        # counts
        ("gpus", "481", "gpu", "ok", 1),
        ("gpus", "481", "GPUs", "ok", 1),
        ("gpus", "0.48k", "gpus", "ok", 1),
        ("gpus", "480.6", "gpu", "ok", 1),
        ("gpus", "289", "gpu", "partial", 0.5),
        ("rows_s", "41.7", "Mrow/s", "ok", 1),
        ("rows_s", "41.7M rows/s", "", "ok", 1),
        ("rows_s", "3.6e12", "rows/day", "ok", 1),
        ("gpu_rows_s", "144", "k rows/s", "ok", 1),
        # money
        ("gpu_cost", "$245,900", "usd/month", "ok", 1),
        ("gpu_cost", "$246k", "per month", "ok", 1),
        ("gpu_cost", "$246k/month", "", "ok", 1),
        ("gpu_cost", "0.246M", "USD per month", "ok", 1),
        ("gpu_cost", "2.95M", "usd/year", "ok", 1),
        ("gpu_cost", "337", "usd/h", "ok", 1),
        ("gpu_cost", "8084", "dollars a day", "ok", 1),
        # bits and bytes
        ("log_day", "14.4", "TB/day", "ok", 1),
        ("log_day", "14,400", "GB/day", "ok", 1),
        ("log_day", "20000", "GB/day", "ok", 1),
        ("log_day", "115", "Tbit/day", "ok", 1),
        ("log_day", "115", "Tb/day", "ok", 1),
        ("log_day", "115", "TB/day", "wrong", 0),
        ("log_day", "14,400", "TB/day", "wrong", 0),
        ("log_day", "167", "MB/s", "ok", 1),
        ("log_day", "1.33", "Gbps", "ok", 1),
        ("log_day", "13.1", "TiB/day", "ok", 1),
        ("emb_mem", "128", "GB", "ok", 1),
        ("emb_mem", "119", "GiB", "ok", 1),
        ("emb_mem", "0.128", "TB", "ok", 1),
        ("emb_mem", "1024", "Gbit", "ok", 1),
        ("emb_mem", "1024", "GB", "wrong", 0),
        ("emb_mem", "128", "gb", "unreadable", 0),
        ("ingest", "231", "MB/s", "ok", 1),
        ("ingest", "1.85", "Gbit/s", "ok", 1),
        ("ingest", "1848", "Mbps", "ok", 1),
        ("ingest", "1848", "MBps", "wrong", 0),
        ("ingest", "46.2", "MB/s", "partial", 0.5),
        # percent and fraction
        ("seen_share", "0.008", "percent", "ok", 1),
        ("seen_share", "0.008%", "", "ok", 1),
        ("seen_share", "0.00008", "fraction", "ok", 1),
        ("seen_share", "8e-5", "share", "ok", 1),
        ("seen_share", "0.8", "percent", "wrong", 0),
        ("seen_share", "0.008", "fraction", "wrong", 0),
        ("seen_share", "0.008", "", "no_unit", 0.5),
        # nothing, or nothing that can be read
        ("gpus", "", "", "empty", 0),
        ("gpus", "  ", "gpu", "empty", 0),
        ("gpus", "about five hundred", "gpu", "unreadable", 0),
        ("gpus", "400-500", "gpu", "unreadable", 0),
        ("gpus", "481", "florins", "unreadable", 0),
        ("gpus", "481,5", "gpu", "unreadable", 0),
    ],
)
def test_a_row_earns_what_its_number_and_unit_are_worth(row_id, value_text, unit_text, state, credit):
    judged = verdict(row_id, value_text, unit_text)
    assert (judged.state, judged.credit) == (state, credit)


@pytest.mark.parametrize(
    ("row_id", "value_text", "unit_text", "mistake"),
    [
        ("avg_qps", "2894", "request/s", "a day was taken as 24 times 86,400 seconds"),
        ("avg_qps", "4.17M", "request/s", "a day was taken as 1,440 seconds; those are its minutes"),
        ("peak_qps", "69444", "request/s", "this is the average, not the busiest hour"),
        ("peak_qps", "71,500", "request/s", "this is the average, not the busiest hour"),
        ("peak_qps", "72,000", "request/s", None),
        ("rows_s", "139k", "row/s", "requests were counted and not their 300 candidates"),
        ("rows_s", "278M", "row/s", "all 2,000 eligible ads went to the heavy ranker"),
        ("gpu_rows_s", "250k", "row/s", "the fixed 3 ms of each batch were left out"),
        ("gpus", "289", "gpu", "planned for GPUs that are busy all the time"),
        ("gpus", "289", "", "planned for GPUs that are busy all the time"),
        ("log_day", "115", "TB/day", "bits were taken for bytes"),
        ("log_day", "14400", "TB/day", "gigabytes were written as terabytes"),
        ("emb_mem", "2", "GB", "the 64 values of each vector were left out"),
        ("seen_share", "0.8", "percent", "a fraction was taken for percent"),
        ("ingest", "1848", "MB/s", "megabits were given as megabytes"),
        ("gpus", "481", "gpu", None),
        ("gpus", "3000", "gpu", None),
    ],
)
def test_a_known_mistake_is_recognized_by_its_ratio(row_id, value_text, unit_text, mistake):
    judged = verdict(row_id, value_text, unit_text)
    assert judged.mistake == mistake
    assert mistake is None or mistake in judged.sentence


@pytest.mark.parametrize(
    ("row_id", "value_text", "unit_text", "remark"),
    [
        ("gpus", "480.6", "gpu", "in practice 481"),
        ("gpus", "1200.01", "gpus", "in practice 1,201"),
        ("gpus", "481", "gpu", None),
        ("gpus", "480.0000000001", "gpu", None),
        ("log_day", "14.4", "TB/day", None),
        ("gpu_cost", "245900.5", "usd/month", None),
    ],
)
def test_a_fraction_of_a_machine_is_rounded_up_in_a_remark(row_id, value_text, unit_text, remark):
    assert verdict(row_id, value_text, unit_text).remark == remark


def test_an_accepted_number_has_no_cause_to_look_for():
    near = RatioMistake(ratio=1.3, say="almost accepted")
    row = ROWS["gpus"].model_copy(update={"mistakes": (near,)})
    assert judge(row, 481, "619", "gpu").mistake is None
    assert judge(row, 481, "621", "gpu").mistake == "almost accepted"


def test_a_value_is_told_in_the_row_s_unit():
    judged = verdict("log_day", "115.2", "Tbit/day")
    assert judged.value == pytest.approx(14.4, rel=1e-12)
    assert judged.sentence == (
        "Impression log of one day: 115.2 Tbit/day, or 14.4 TB/day, agrees with the reference of 14.4 TB/day."
    )


def test_a_missing_unit_is_asked_for():
    assert "481 what? Read as gpu" in verdict("gpus", "481", "").sentence


def test_another_dimension_says_what_was_counted():
    assert "41.7M" not in (sentence := verdict("rows_s", "41.7M", "request/s").sentence)
    assert "41,700,000 request/s is no amount of row/s" in sentence


def test_without_own_constants_the_references_are_those_of_the_file():
    assert references(SHEET) == {row.id: row.reference for row in SHEET.rows}
    assert references(SHEET, {"util": 0.6}) == references(SHEET)


def test_own_constants_move_the_references_that_depend_on_them():
    moved = references(SHEET, {"util": 0.5, "dau": 1.5e8})
    assert moved["avg_qps"] == pytest.approx(69_444 / 2)
    assert moved["gpus"] == pytest.approx(481 / 2 * 0.6 / 0.5)
    assert moved["emb_mem"] == 128


def test_bands_move_with_the_reference():
    moved = references(SHEET, {"util": 0.3})["gpus"]
    assert moved == pytest.approx(962)
    assert judge(ROWS["gpus"], moved, "962", "gpu").state == "ok"
    assert judge(ROWS["gpus"], moved, "1241", "gpu").state == "partial"  # accept ends at 2 x 620
    assert judge(ROWS["gpus"], moved, "481", "gpu").state == "partial"


def test_a_constant_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"'users' is not a constant of this worksheet; choose one of dau"):
        references(SHEET, {"users": 1.0})


@pytest.mark.parametrize("constants", [{"util": 0.0}, {"dau": 0.0}, {"dau": -1.0}])
def test_constants_without_a_sensible_result_are_refused(constants):
    with pytest.raises(FormulaProblem, match=r"rows\.\w+\.formula"):
        references(SHEET, constants)


def test_the_share_counts_a_partial_row_as_half():
    verdicts = [verdict("gpus", "481", "gpu"), verdict("gpus", "289", "gpu"), verdict("gpus", "", "")]
    assert share(verdicts) == 0.5
    assert share([]) == 0


@given(
    row=st.sampled_from([row for row in SHEET.rows if row.unit in ("request/s", "row/s")]),
    ratio=st.floats(0.01, 100),
    unit=st.sampled_from([("/s", 1.0), ("/min", 60.0), ("/h", 3600.0), ("/day", 86_400.0)]),
)
def test_the_unit_of_time_does_not_change_the_verdict(row, ratio, unit):
    per, seconds = unit
    what = row.unit.removesuffix("/s")
    plain = judge(row, row.reference, repr(row.reference * ratio), row.unit)
    other = judge(row, row.reference, repr(row.reference * ratio * seconds), f"{what}{per}")
    assert (other.state, other.credit) == (plain.state, plain.credit)


def test_the_right_answer_of_every_row_earns_everything():
    verdicts = [judge(row, row.reference, *str(Quantity(row.reference, row.unit)).split()) for row in SHEET.rows]
    assert share(verdicts) == 1


def test_references_follow_from_the_formulas():
    formulas_give = calculated(SHEET)
    assert all(row.reference == pytest.approx(formulas_give[row.id], rel=0.01) for row in SHEET.rows)
