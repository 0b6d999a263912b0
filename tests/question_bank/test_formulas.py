"""A formula is arithmetic over named numbers, and can be nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formula import FormulaProblem, evaluate

NAMES = {"a": 3.0, "b": 4.0, "zero": 0.0}


def said_or_value(formula: str, names: dict[str, float]) -> float | str:
    try:
        return evaluate(formula, names)
    except FormulaProblem:
        return "refused"


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("a+b", 7),
        ("a-b", -1),
        ("-a*b", -12),
        ("a/b", 0.75),
        ("(a**2+b**2)**0.5", 5),
        ("1e3*a", 3000),
        ("2**-3", 0.125),
        (" a ", 3),
    ],
)
def test_arithmetic_is_evaluated(formula, value):
    assert evaluate(formula, NAMES) == value


@pytest.mark.parametrize(
    "formula",
    [
        "a.real",
        "a.__class__",
        "''.join",
        "abs(a)",
        "__import__('os')",
        "(lambda: 1)()",
        "[a, b]",
        "(a, b)",
        "{a: b}",
        "a[0]",
        "'text'",
        "'x'*9",
        "f'{a}'",
        "True",
        "None",
        "1j",
        "a if b else a",
        "a and b",
        "a < b",
        "a // b",
        "a % b",
        "a << 2",
        "~a",
        "not a",
        "a := 3",
        "a = 3",
        "import os",
        "a; b",
        "a\nb",
        "[x for x in a]",
        "",
        "a b",
        "a +",
    ],
)
def test_nothing_but_arithmetic_is_evaluated(formula):
    with pytest.raises(FormulaProblem):
        evaluate(formula, NAMES)


@pytest.mark.parametrize(
    "formula", ["9**9**9", "2**65", "2**-65", "(-8)**0.5", "1e308*1e308", "1/zero", "zero**-1", "10.0**400"]
)
def test_what_has_no_finite_value_is_refused(formula):
    with pytest.raises(FormulaProblem):
        evaluate(formula, NAMES)


@pytest.mark.parametrize("formula", ["1" + "+1" * 200, "-" * 290 + "1", "(" * 140 + "1" + ")" * 140])
def test_long_and_deep_formulas_are_refused_or_evaluated(formula):
    assert said_or_value(formula, {}) in (1.0, "refused")


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(FormulaProblem, match=r"names 'c', which it does not know; known are a, b, zero"):
        evaluate("a*c", NAMES)


def test_names_outside_the_given_ones_are_not_seen():
    for name in ("pi", "e", "rand", "print", "__builtins__"):
        with pytest.raises(FormulaProblem, match="does not know"):
            evaluate(name, NAMES)


@given(text=st.text(alphabet="ab+-*/().0123456789e _", max_size=25))
def test_any_text_is_evaluated_or_refused(text):
    outcome = said_or_value(text, NAMES)
    assert outcome == "refused" or isinstance(outcome, float)


@given(a=st.floats(1, 1e6), b=st.floats(1, 1e6))
def test_a_formula_gives_what_python_gives(a, b):
    assert evaluate("a*b/(a+b)**2 - 3", {"a": a, "b": b}) == a * b / (a + b) ** 2 - 3
