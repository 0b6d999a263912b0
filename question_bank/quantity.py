"""Numbers with units as people write them: `139k req/s`, `0.139M`, `1.39e5 requests per second`, `$245,900/month`."""

import math
import re
from dataclasses import dataclass

from question_bank.units import OtherDimension, QuantityProblem, Unit, convert, multiplier, parse_unit

__all__ = ["OtherDimension", "Quantity", "QuantityProblem", "parse", "shown"]

_NUMBER = re.compile(
    r"""(?: [~\u2248] \s* )?
    (?P<sign> [-+\u2212]? ) \s*
    (?P<dollar> (?: (?:US)? \$ )? ) \s*
    (?:
        10 \s* (?: \^ | \*\* ) \s* (?P<ten> [-+]? \d+ )
        | (?P<digits>
            \d{1,3} (?P<gap> [ ,_\u00a0\u2009\u202f] ) \d{3} (?: (?P=gap) \d{3} )* (?: \. \d+ )?
            | \d+ \.? \d*
            | \. \d+
        )
        (?: [eE] (?P<exponent> [-+]? \d+ ) | \s* [x*\u00d7] \s* 10 \s* (?: \^ | \*\* ) \s* (?P<power> [-+]? \d+ ) )?
    )
    (?P<rest> .* )""",
    re.VERBOSE | re.DOTALL,
)
_GOES_ON = re.compile(r"[,.'_^:\d]|(?:[-\u2013/+*]|to\b)\s*\S*\d")
_RATE = re.compile(r"/|\bper\b")
_LONGEST = 80


@dataclass(frozen=True)
class Quantity:
    """A number and the unit that was written with it, in the unit table's words; `unit` is empty where none was."""

    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value!r} {self.unit}".rstrip()

    def to(self, unit: str) -> float:
        """The number in another unit. Raise OtherDimension, or QuantityProblem where a unit cannot be read."""
        return convert(self.value, self.unit, unit)


def parse(value_text: str, unit_text: str = "") -> Quantity:
    """The quantity in a value field and a unit field; the unit may stand in either. Raise QuantityProblem."""
    written = value_text.strip()
    found = _NUMBER.fullmatch(written) if len(written) <= _LONGEST else None
    if found is None:
        cut = written if len(written) <= _LONGEST else f"{written[:_LONGEST]}..."
        raise QuantityProblem(f"the value is {cut!r}, which does not begin with a number; write 139k, for example")
    times, inside = _multiplied(found["rest"].strip(), written)
    if found["dollar"]:
        inside = f"usd {inside}".strip()
    unit = _unit(inside, unit_text.strip())
    value = _number(found) * times * unit.factor
    if not math.isfinite(value):
        raise QuantityProblem(f"the value is {written!r}, which is too large to calculate with; check the exponent")
    return Quantity(value, unit.text)


def _multiplied(rest: str, written: str) -> tuple[float, str]:
    """The multiplier and the unit text that follow a number: `k req/s` is a thousand and `req/s`."""
    if _GOES_ON.match(rest):
        raise QuantityProblem(
            f"the value is {written!r}, which is not one plain number; write 12.5 with a point, 139,000 with groups of "
            "three digits, and neither a range nor a sum"
        )
    word = re.split(r"[\W\d_]", rest, maxsplit=1)[0]
    times = multiplier(word)
    return (1.0, rest) if times is None else (times, rest[len(word) :].strip())


def _unit(inside: str, beside: str) -> Unit:
    """The one unit of a quantity whose value field says `inside` and whose unit field says `beside`."""
    if not inside and not beside:
        return Unit(1.0, ())
    if not inside or not beside:
        return parse_unit(inside or beside)
    if _RATE.match(beside) and not _RATE.search(inside):  # "$245,900" beside "/month"
        return parse_unit(f"{inside} {beside}")
    one, other = parse_unit(inside), parse_unit(beside)
    if one.text == other.text and other.factor == 1:
        return one
    if one.text == "usd" and other.top[:1] == ("usd",):  # "$245,900" beside "usd/month"
        return other
    hint = "write bn for a billion, since B is byte" if inside == "B" else "keep one of the two"
    raise QuantityProblem(f"the value says {inside!r} and the unit field says {beside!r}; {hint}")


def _number(found: re.Match[str]) -> float:
    sign = -1.0 if found["sign"] in ("-", "\u2212") else 1.0
    if found["ten"] is not None:
        return sign * float(f"1e{found['ten']}")
    digits = re.sub(r"[^\d.]", "", found["digits"])
    return sign * float(f"{digits}e{found['exponent'] or found['power'] or 0}")


def shown(value: float) -> str:
    """A number for a sentence: `138,889`, `14.4`, `0.0005`."""
    if value and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
