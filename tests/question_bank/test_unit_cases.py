"""The table of unit cases: every one is read, converted, refused and credited exactly as it says."""

import math
from pathlib import Path

import pytest

from question_bank.quantity import OtherDimension, QuantityProblem, parse
from question_bank.schema import Row
from question_bank.worksheet import judge
from simulator.yaml_text import read_yaml

CASES = read_yaml((Path(__file__).parent / "unit_cases.yaml").read_text(encoding="utf-8"))["cases"]
READ = [case for case in CASES if "is" in case]
UNITLESS = [case for case in READ if case.get("unit_missing")]
IN_ROUNDINGS = 4 * 2**-52  # a conversion rounds four times, each by half of 2**-52


def named(case):
    return f"{case['value']} {case['unit']} in {case['row']}"[:60]


ROW = Row(id="one", label="One", unit="gpu", formula="1", reference=1, accept=(1, 2), partial=(1, 2))


def a_row(unit, reference):
    """A row whose bands reach a thousandth, and a factor of 2, to either side."""
    near, wide = (reference * 0.999, reference * 1.001), (reference * 0.5, reference * 2)
    return ROW.model_copy(update={"unit": unit, "reference": reference, "accept": near, "partial": wide})


def judged(case, factor=1.0):
    row = a_row(case["row"], case["is"] * factor)
    return judge(row, row.reference, case["value"], case["unit"])


def test_there_are_sixty_cases_and_none_twice():
    assert all(isinstance(case[field], str) for case in CASES for field in ("value", "unit", "row"))
    assert len({named(case) for case in CASES}) == len(CASES) >= 60
    assert all(len({"is", "refused", "differs"} & set(case)) == 1 for case in CASES)


@pytest.mark.parametrize("case", [case for case in READ if case not in UNITLESS], ids=named)
def test_a_number_is_worth_exactly_what_the_table_says(case):
    assert math.isclose(parse(case["value"], case["unit"]).to(case["row"]), case["is"], rel_tol=IN_ROUNDINGS)


@pytest.mark.parametrize("case", READ, ids=named)
def test_credit_remark_and_value_are_those_of_the_table(case):
    found = judged(case)
    missing = case.get("unit_missing", False)
    assert (found.state, found.credit) == (("no_unit", 0.5) if missing else ("ok", 1.0))
    assert found.remark == case.get("remark")
    assert math.isclose(found.value, case["is"], rel_tol=IN_ROUNDINGS)


@pytest.mark.parametrize("factor", [8, 1000, 1 / 8])
@pytest.mark.parametrize("case", READ, ids=named)
def test_a_factor_of_a_unit_is_never_forgiven(case, factor):
    assert judged(case, factor).credit == 0


@pytest.mark.parametrize("case", [case for case in CASES if "refused" in case], ids=named)
def test_what_is_refused_says_what_to_write_instead(case):
    with pytest.raises(QuantityProblem) as caught:
        parse(case["value"], case["unit"])
    assert not isinstance(caught.value, OtherDimension)
    assert case["refused"] in str(caught.value)
    assert judge(a_row(case["row"], 1.0), 1.0, case["value"], case["unit"]).state == "unreadable"


@pytest.mark.parametrize("case", [case for case in CASES if "differs" in case], ids=named)
def test_another_dimension_earns_nothing_and_is_named(case):
    with pytest.raises(OtherDimension):
        parse(case["value"], case["unit"]).to(case["row"])
    assert judge(a_row(case["row"], 1.0), 1.0, case["value"], case["unit"]).state == "other_dimension"
