"""The arithmetic of a worksheet: numbers, names, + - * / ** and parentheses, and nothing else."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache

import simpleeval

LONGEST = 300  # characters
LARGEST_EXPONENT = 64


Functions = Mapping[str, Callable[..., float]]


class FormulaProblem(ValueError):
    """A formula that cannot be evaluated; the message says which and why."""


@lru_cache(maxsize=1024)
def names_in(formula: str) -> frozenset[str]:
    """The names that a formula uses. Raise FormulaProblem where it is no expression."""
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError) as error:
        raise FormulaProblem(f"the formula {formula!r} is not arithmetic") from error
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def evaluate(formula: str, names: Mapping[str, float], functions: Functions | None = None) -> float:
    """The value of a formula over named numbers. Raise FormulaProblem for anything but bounded arithmetic and calls of
    the given `functions`; an exception of theirs is one too if it is a ValueError, and passes through otherwise.
    """
    if len(formula) > LONGEST:
        raise FormulaProblem(f"the formula has {len(formula)} characters; {LONGEST} are enough for arithmetic")
    if "\n" in formula or ";" in formula:
        raise FormulaProblem(f"the formula {formula!r} is more than one expression; write one")
    try:
        value = float(_arithmetic(names, functions or {}).eval(formula, previously_parsed=_parsed(formula)))
    except simpleeval.NameNotDefined as error:
        known = ", ".join(sorted(names)) or "none"
        raise FormulaProblem(
            f"the formula {formula!r} names {error.name!r}, which it does not know; known are {known}"
        ) from error
    except ZeroDivisionError as error:
        raise FormulaProblem(f"the formula {formula!r} divides by zero; check its constants") from error
    except SyntaxError as error:
        raise FormulaProblem(f"the formula {formula!r} is not arithmetic: {error.msg}") from error
    except (simpleeval.FeatureNotAvailable, simpleeval.OperatorNotDefined) as error:
        raise FormulaProblem(
            f"the formula {formula!r} uses more than numbers, names, + - * / ** and parentheses"
        ) from error
    except (simpleeval.InvalidExpression, OverflowError, TypeError, ValueError, RecursionError) as error:
        raise FormulaProblem(f"the formula {formula!r} is not plain arithmetic: {error}") from error
    if not math.isfinite(value):
        raise FormulaProblem(f"the formula {formula!r} gives {value}; check its constants")
    return value


@lru_cache(maxsize=1024)
def _parsed(formula: str) -> ast.AST:
    """What a formula says, read once; most of the time of a short one is reading it."""
    tree: ast.AST = simpleeval.SimpleEval.parse(formula)
    return tree


def _arithmetic(names: Mapping[str, float], functions: Functions) -> simpleeval.SimpleEval:
    """An evaluator that knows only numbers, names, five operators and the given functions; simpleeval by itself also
    knows text and attributes.
    """
    one = simpleeval.SimpleEval(
        operators={
            ast.Add: operator.add,
            ast.Sub: operator.sub,
            ast.Mult: operator.mul,
            ast.Div: operator.truediv,
            ast.Pow: _power,
            ast.USub: operator.neg,
        },
        functions=dict(functions),
        names=dict(names),
    )
    kept = (ast.Expr, ast.BinOp, ast.UnaryOp, ast.Name, *([ast.Call] if functions else []))
    one.nodes = {kind: one.nodes[kind] for kind in kept} | {ast.Constant: _number}
    return one


def _number(node: ast.Constant) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise simpleeval.InvalidExpression(f"{node.value!r} is not a number")
    return float(node.value)


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > LARGEST_EXPONENT:
        raise simpleeval.InvalidExpression(f"the exponent {exponent:g} is above {LARGEST_EXPONENT}")
    return float(base**exponent)  # a complex result is a TypeError
