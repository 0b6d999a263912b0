"""Unit text as people write it, and what one unit is in another.

The words are a table of our own (`units.yaml` lists what is counted); Pint does the arithmetic of dimensions on a
registry that knows nothing else. In Pint's own table `b` is a barn and `rps` means revolutions.
"""

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from simulator.spec import Name, Spec
from simulator.yaml_text import read_yaml

if TYPE_CHECKING:
    from pint import UnitRegistry

FILE = Path(__file__).parent / "units.yaml"

_PREFIXES = {
    **{letter: 1000.0**power for power, letter in enumerate("kMGTP", start=1)},
    **{f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTP", start=1)},
}
_NUMBER_WORDS = {
    **dict.fromkeys(("thousand",), 1e3),
    **dict.fromkeys(("million", "mn", "mln", "mio"), 1e6),
    **dict.fromkeys(("billion", "bn", "bln"), 1e9),
    **dict.fromkeys(("trillion",), 1e12),
}
_SCALES = ("kilo", "mega", "giga", "tera", "peta", "kibi", "mebi", "gibi", "tebi", "pebi")
_TIMES_S: dict[str, tuple[float, tuple[str, ...]]] = {
    "ns": (1e-9, ("nanosecond",)),
    "us": (1e-6, ("µs", "μs", "microsecond")),  # the micro sign and the Greek letter look alike
    "ms": (1e-3, ("msec", "millisecond")),
    "s": (1.0, ("sec", "second")),
    "min": (60.0, ("minute",)),
    "h": (3600.0, ("hr", "hour")),
    "day": (86_400.0, ("d",)),
    "week": (7 * 86_400.0, ("wk",)),
    "month": (730 * 3600.0, ("mo", "mth")),  # a twelfth of 8,760 hours
    "year": (8760 * 3600.0, ("y", "yr", "annum")),
}
Measure = Literal["information", "time", "share"]
_UNCLEAR = {
    **{f"{small}b": f"{small.upper()}bit or {small.upper()}B" for small in "mgtp"},
    **{f"{small}ib": f"{small.upper()}ibit or {small.upper()}iB" for small in "kmgtp"},
    **{f"{large}BPS": f"{large}bit/s or {large}B/s" for large in "KMGTP"},
    "m": "M for a million, min or month",
    "tps": "token/s or payment/s",
}


class QuantityProblem(ValueError):
    """A number or a unit that cannot be read; the message says what was written and what to write instead."""


class OtherDimension(QuantityProblem):
    """Both units can be read, and they measure different things."""


class CountingUnit(Spec):
    """One line of `units.yaml`."""

    name: Name
    also: tuple[str, ...] = ()
    whole: bool = False


class _UnitFile(Spec):
    counts: tuple[CountingUnit, ...]
    rates: dict[str, str]


@dataclass(frozen=True)
class Unit:
    """A product of known units over a product of known units, times a factor."""

    factor: float
    top: tuple[str, ...]
    bottom: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The unit in the table's own words, such as `request/s`."""
        return "*".join(self.top) + "".join(f"/{one}" for one in self.bottom)

    def times(self, other: "Unit") -> "Unit":
        return Unit(self.factor * other.factor, self.top + other.top, self.bottom + other.bottom)

    def over(self, other: "Unit") -> "Unit":
        return Unit(self.factor / other.factor, self.top + other.bottom, self.bottom + other.top)


def multiplier(word: str) -> float | None:
    """What a word such as `k`, `Mi` or `million` multiplies by; None if it is no such word."""
    return _PREFIXES.get(word) or _NUMBER_WORDS.get(word.lower()) or (1e3 if word == "K" else None)


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit that a text such as `requests per second` or `M rows/s` means. Raise QuantityProblem."""
    slashed = re.sub(r"\s*\b(?:per|an?)\b\s*", "/", text.strip(" ."), flags=re.IGNORECASE)
    top, *bottoms = [re.sub(r"[()*·×\s-]+", " ", part).split() for part in slashed.split("/")]  # noqa: RUF001
    unit = Unit(1.0, ())
    if top and (times := multiplier(top[0])):
        unit, top = Unit(times, ()), top[1:]
    if not top and bottoms:
        example = f"request{slashed[slashed.find('/') :]}"
        raise QuantityProblem(f"the unit {text!r} says how often but not what; write {example}, for example")
    if not top:
        raise QuantityProblem(f"{text!r} is not a unit; write request/s, TB/day or gpu, for example")
    if not all(bottoms):
        raise QuantityProblem(f"the unit {text!r} has nothing after '/' or 'per'; write request/s, for example")
    for word in top:
        unit = unit.times(_word(word))
    for word in (word for part in bottoms for word in part):
        unit = unit.over(_word(word))
    return unit


def convert(value: float, unit: str, wanted: str) -> float:
    """`value` of the unit text `unit`, in the unit text `wanted`. Raise QuantityProblem, or OtherDimension."""
    given, target = parse_unit(unit), parse_unit(wanted)
    if given == target:
        return value
    # by way of root units, where 1 TB / 1 GB is exactly 1,000; Pint's own `to` multiplies by a rounded inverse
    one, other = (_registry().Quantity(1.0, text).to_root_units() for text in (given.text, target.text))
    if one.units != other.units:
        raise OtherDimension(f"{given.text} and {target.text} measure different things")
    return value * (given.factor * float(one.magnitude)) / (target.factor * float(other.magnitude))


def is_whole(unit: str) -> bool:
    """Whether a unit text counts what exists only in whole pieces, such as GPUs. Raise QuantityProblem."""
    text = parse_unit(unit).text
    return any(one.whole and one.name == text for one in _file().counts)


def measures(unit: str) -> frozenset[Measure]:
    """Which of the things that are easily mixed up a unit text speaks of; none where it cannot be read."""
    try:
        read = parse_unit(unit)
    except QuantityProblem:
        return frozenset()
    return frozenset(found for word in read.top + read.bottom if (found := _measure(word)))


def _measure(word: str) -> Measure | None:
    if word in _TIMES_S:
        return "time"
    if word in ("percent", "fraction"):
        return "share"
    return "information" if re.fullmatch(r"[kMGTP]?i?(?:B|bit)", word) else None


def _word(word: str) -> Unit:
    if word in _UNCLEAR:
        raise QuantityProblem(f"the unit {word!r} can mean several things; write {_UNCLEAR[word]}")
    if found := _table().get(word) or _table().get(_small(word)):
        return found
    if (times := multiplier(word[:1])) and (counted := _counted().get(word[1:].lower())):
        return Unit(times, ()).times(counted)
    raise QuantityProblem(f"{word!r} is not a known unit; {_hint(word.lower())}")


@lru_cache(maxsize=1024)
def _hint(word: str) -> str:
    near = get_close_matches(word, _table(), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else "write request/s, TB/day, usd/month or percent, for example"


def _small(word: str) -> str:
    """The word in small letters; empty where it is short for bits or bytes, whose capitals carry the meaning."""
    small = word.lower()
    return "" if re.fullmatch(r"[kmgtp]?i?b(ps)?", small) else small


@cache
def _file() -> _UnitFile:
    return _UnitFile.model_validate_json(json.dumps(read_yaml(FILE.read_text(encoding="utf-8"))))


@cache
def _counted() -> dict[str, Unit]:
    """Words for what is counted, and for rates of it."""
    words: dict[str, Unit] = {}
    for one in _file().counts:
        for word in (one.name, *one.also):
            for form in (word, f"{word}s"):
                if words.setdefault(form, Unit(1.0, (one.name,))).top != (one.name,):
                    raise ValueError(f"units.yaml: {form!r} stands for {words[form].text} and for {one.name}; keep one")
    for word, rate in _file().rates.items():
        what, _, how_often = rate.partition("/")
        words[word] = Unit(1.0, (what,), (how_often,))
    return words


@cache
def _table() -> dict[str, Unit]:
    """Every word that is understood."""
    words = dict(_counted())
    for name, (_, others) in _TIMES_S.items():
        words |= dict.fromkeys(
            (name, *others, *(f"{one}s" for one in (name, *others) if len(one) > 2)), Unit(1.0, (name,))
        )
    words |= dict.fromkeys(("percent", "%", "pct"), Unit(1.0, ("percent",)))
    words |= dict.fromkeys(("fraction", "share", "ratio"), Unit(1.0, ("fraction",)))
    return words | _information()


def _information() -> dict[str, Unit]:
    """Bits and bytes: a small b is a bit, a capital B is a byte."""
    words: dict[str, Unit] = {}
    for prefix, scale in [("", ""), *zip(_PREFIXES, _SCALES, strict=True)]:
        for letter, noun, symbol in [("b", "bit", f"{prefix}bit"), ("B", "byte", f"{prefix}B")]:
            unit, rate = Unit(1.0, (symbol,)), Unit(1.0, (symbol,), ("s",))
            spelled = (f"{prefix}{noun}", f"{prefix}{noun}s", f"{scale}{noun}", f"{scale}{noun}s")
            words |= dict.fromkeys((symbol, f"{prefix}{letter}", *spelled, *(one.lower() for one in spelled)), unit)
            words[f"{prefix}{letter}ps"] = rate
            if prefix == "k":
                words |= {f"K{letter}": unit, f"K{letter}ps": rate}
        words[f"{prefix.lower()}bps"] = words[f"{prefix}bps"]  # mbps is said of lines, and never of bytes
    return words


@cache
def _registry() -> "UnitRegistry[Any]":
    from pint import UnitRegistry  # noqa: PLC0415  # a page that only shows questions need not wait for it

    registry: UnitRegistry[Any] = UnitRegistry(None)
    for line in ["fraction = []", "percent = 0.01 * fraction", "s = [time]", "bit = [information]", "B = 8 * bit"]:
        registry.define(line)
    for name, (seconds, _) in _TIMES_S.items():
        if name != "s":
            registry.define(f"{name} = {seconds!r} * s")
    for prefix, factor in _PREFIXES.items():
        registry.define(f"{prefix}bit = {factor!r} * bit")
        registry.define(f"{prefix}B = {factor!r} * B")
    for one in _file().counts:
        registry.define(f"{one.name} = [{one.name}]")
    return registry
