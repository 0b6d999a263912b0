"""What must hold for the worksheet of every question of the bank."""

import pytest

from practice.attempt import Written
from question_bank.assumptions import judge_assumptions, read_constant
from question_bank.judged_sheet import judge_sheet
from question_bank.loader import load_question, slugs
from question_bank.worksheet import references, share

SLUGS = slugs()


@pytest.fixture(params=SLUGS)
def sheet(request):
    return load_question(request.param).worksheet


def typed(values, units):
    return {name: Written(value=f"{value:.12g}", unit=units[name].unit) for name, value in values.items()}


def rows_of(sheet):
    return {row.id: row for row in sheet.rows}


def test_every_reference_with_its_own_unit_is_accepted(sheet):
    found = judge_sheet(sheet, typed(references(sheet), rows_of(sheet)))
    assert {one.row_id: one.state for one in found.rows} == dict.fromkeys(rows_of(sheet), "ok")


def test_every_mistake_is_named_by_its_ratio(sheet):
    for row in sheet.rows:
        for mistake in row.mistakes:
            entries = {row.id: Written(value=f"{row.reference * mistake.ratio:.12g}", unit=row.unit)}
            found = {one.row_id: one for one in judge_sheet(sheet, entries).rows}[row.id]
            assert (found.mistake, found.credit < 1) == (mistake.say, True), (row.id, mistake)


def test_every_constant_can_be_written_in_its_own_unit(sheet):
    for constant in sheet.constants.values():
        for entry in (Written(value=repr(constant.value), unit=constant.unit), Written(value=repr(constant.value))):
            assert read_constant(constant, entry) == constant.value
        assert read_constant(constant, Written(value=f"{constant.value!r} {constant.unit}")) == constant.value


def test_with_each_constant_doubled_what_follows_from_it_is_accepted(sheet):
    for name, constant in sheet.constants.items():
        own = {name: Written(value=repr(constant.value * 2), unit=constant.unit)}
        [assumed] = judge_assumptions(sheet, own)
        moved = references(sheet, {name: assumed.value} if assumed.value else None)
        found = judge_sheet(sheet, typed(moved, rows_of(sheet)), own)
        assert share(found.rows) == 1, name
        assert found.assumptions[0].state in ("plausible", "unusable"), name


def test_with_all_constants_doubled_what_follows_from_them_is_accepted(sheet):
    own = {name: Written(value=repr(one.value * 2), unit=one.unit) for name, one in sheet.constants.items()}
    used = {one.constant: one.value for one in judge_assumptions(sheet, own) if one.value is not None}
    found = judge_sheet(sheet, typed(references(sheet, used), rows_of(sheet)), own)
    assert share(found.rows) == 1
    assert len(used) >= len(own) / 2


def test_no_verdict_can_break_out_of_its_sentence(sheet):
    hostile = Written(value="<b>1</b> ![x](http://x/y.png)", unit="'; drop table")
    found = judge_sheet(sheet, dict.fromkeys(rows_of(sheet), hostile), dict.fromkeys(sheet.constants, hostile))
    assert {one.state for one in (*found.rows, *found.assumptions)} <= {"unreadable", "other_dimension"}
    assert share(found.rows) == 0
