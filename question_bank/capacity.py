"""The capacity estimate: what follows from the settings, line by line, each formula with its numbers filled in."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from question_bank.capacity_file import Amount, Preset, Result, Slider, Values, load_capacity
from question_bank.formula import FormulaProblem, evaluate, names_in
from question_bank.quantity import OtherDimension, QuantityProblem, parse, shown
from question_bank.schema import Row
from question_bank.units import convert, is_whole
from simulator.capacity import Demand, NoNumber, PromiseKind, fewest_machines
from simulator.theory.sizing import erlang_c_at_once, share_of_hottest

_ROUNDING = 1e-9  # 20.000000000000004 machines are 20
_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\d.]*(?:[eE][-+]?\d+)?|\*\*|\S")
_SPACED = {"*": " \u00d7 ", "/": " / ", "+": " + ", "-": " \u2212 ", ",": ", ", "**": "^"}
SMALLEST = 0.001  # percent and ms below it are all the same
_PREFIXES = (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3))


@dataclass(frozen=True)
class Line:
    """One result. `value` is in the result's unit; None where there is none, and `problem` may say why."""

    result: Result
    formula: str
    value: float | None
    problem: str | None = None


def neutral() -> dict[str, float | str]:
    """Every setting at its start."""
    return {one.id: one.start for one in load_capacity().settings}


def work_out(values: Values, wanted: Collection[str] | None = None) -> dict[str, Line]:
    """Every result by id, in the order of the file, or the wanted ones and what they follow from. Settings are in their
    units and in their ranges.
    """
    file = load_capacity()
    names: dict[str, float] = {name: one.value for name, one in file.constants.items()}
    names |= {name: float(values[name]) for name in file.numbers}
    lines: dict[str, Line] = {}
    needed = None if wanted is None else _needed(values, wanted)
    for result in file.results:
        if needed is not None and result.id not in needed:
            continue
        line = lines[result.id] = _line(result, result.formula_for(values), names)
        if line.value is not None:
            names[result.id] = line.value
    return lines


def _needed(values: Values, wanted: Collection[str]) -> set[str]:
    """The wanted results and all that they follow from."""
    needed = set(wanted)
    for result in reversed(load_capacity().results):
        if result.id in needed:
            needed |= names_in(result.formula_for(values))
    return needed


def _line(result: Result, formula: str, names: Mapping[str, float]) -> Line:
    if not names_in(formula) <= names.keys() | _FUNCTIONS.keys():
        return Line(result, formula, None)  # something before it has no value
    try:
        return Line(result, formula, evaluate(formula, names, _FUNCTIONS))
    except NoNumber as problem:
        return Line(result, formula, None, str(problem))
    except FormulaProblem:
        return Line(result, formula, None, "these numbers have no answer; check those that are 0")


def _up(value: float) -> float:
    return float(math.ceil(value * (1 - _ROUNDING)))


def _demand(rate: float, service_ms: float, slots: float, service_scv: float, arrival_scv: float) -> Demand:
    return Demand(rate, service_ms, round(slots), arrival_scv=arrival_scv, service_scv=service_scv)


def _fewest(kind: PromiseKind, *demand: float) -> float:
    *first, promise_ms = demand
    return float(fewest_machines(_demand(*first), kind, promise_ms))


def _p99_latency(rate: float, service_ms: float, servers: float, service_scv: float, arrival_scv: float) -> float:
    return _demand(rate, service_ms, servers, service_scv, arrival_scv).promised_ms("p99_latency", 1)


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "up": _up,
    "larger": max,
    "ln": lambda value: math.log(value) if value > 0 else -math.inf,
    "erlang_c": lambda load, servers: erlang_c_at_once(load, round(servers)),
    "fewest_for_p99_latency": partial(_fewest, "p99_latency"),
    "fewest_for_p99_wait": partial(_fewest, "p99_wait"),
    "fewest_for_mean_wait": partial(_fewest, "mean_wait"),
    "p99_latency": _p99_latency,
    "share_of_hottest": share_of_hottest,
}


def demand_of(values: Values, lines: Mapping[str, Line]) -> Demand | None:
    """What the machines have to do at the peak; None where that is not known."""
    rate, service_ms = lines["peak_rate"].value, lines["service_ms"].value
    if not rate or not service_ms:
        return None
    return _demand(rate, service_ms, *(float(values[name]) for name in ("slots", "service_scv", "arrival_scv")))


# ---- on the screen -----------------------------------------------------------------------------------------------


def said(unit: str, nouns: Mapping[str, str]) -> str:
    """A unit in the words of a question."""
    return re.sub(r"[A-Za-z]+", lambda word: nouns.get(word[0], word[0]), unit)


def amount(value: float, unit: str) -> str:
    """A number with its unit in a size that can be read: `14.4 TB/day`, `60 percent`, `36 machines`. Kilo is 1,000."""
    if unit == "times":
        return shown(value)
    if unit == "fraction":
        value, unit = value * 100, "percent"
    if 0 < value < SMALLEST and unit in ("percent", "ms"):
        return f"below {SMALLEST} {unit}"
    if unit.split("/", maxsplit=1)[0] in ("B", "bit"):
        for prefix, factor in _PREFIXES:
            if value >= factor:
                return f"{shown(value / factor)} {prefix}{unit}"
    plural = "s" if value != 1 and unit not in ("erlang", "percent") and is_whole(unit) else ""
    return f"{shown(value)} {unit}{plural}"


def in_words(formula: str) -> str:
    """A formula with the words for its names."""
    file = load_capacity()
    words = dict(file.functions)
    words |= {name: f"{shown(one.value)} {one.unit}" for name, one in file.constants.items()}
    words |= {one.id: one.words for one in (*file.numbers.values(), *file.results)}
    return _written(formula, words)


def with_numbers(formula: str, values: Values, lines: Mapping[str, Line], nouns: Mapping[str, str]) -> str:
    """A formula with its numbers and their units filled in, in the base units that it calculates with."""
    file = load_capacity()
    words = dict(file.functions)
    words |= {name: _base(one.value, said(one.unit, nouns)) for name, one in file.constants.items()}
    words |= {name: _base(float(values[name]), said(one.calculated_in, nouns)) for name, one in file.numbers.items()}
    for name, line in lines.items():
        if line.value is not None:
            words[name] = _base(line.value, said(line.result.shown_unit or line.result.unit, nouns))
    return _written(formula, words)


def _base(value: float, unit: str) -> str:
    return shown(value) if unit.startswith(("times", "fraction")) else f"{shown(value)} {unit}"


def _written(formula: str, words: Mapping[str, str]) -> str:
    def one(token: str) -> str:
        if token[0].isdigit():
            return shown(float(token))
        space = " " if token in load_capacity().functions else ""
        return words.get(token, _SPACED.get(token, token)) + space

    return "".join(one(token) for token in _TOKEN.findall(formula))


# ---- reading and filling -------------------------------------------------------------------------------------------


def typed(value: float) -> str:
    """A number as one would type it: `300M`, `1,728`, `0.0069296875`."""
    for word, factor in (("bn", 1e9), ("M", 1e6)):
        if value >= factor and len(short := f"{value / factor:.6g}") <= 5 and "e" not in short:
            return f"{short} {word}" if word == "bn" else f"{short}{word}"
    if value >= 1000 and value == int(value) and value < 1e15:
        return f"{value:,.0f}"
    return f"{value:.10g}"


def read_amount(setting: Amount, text: str, nouns: Mapping[str, str]) -> float:
    """What was typed, in the setting's unit. Raise QuantityProblem with a sentence."""
    written = parse(text)
    value = written.value if not written.unit else _converted(setting, written.value, written.unit, nouns)
    if not setting.low <= value <= setting.high:
        raise QuantityProblem(
            f"{shown(value)} {said(setting.unit, nouns)} is out of range; "
            f"write {shown(setting.low)} to {shown(setting.high)}"
        )
    return value


def _converted(setting: Amount, value: float, unit: str, nouns: Mapping[str, str]) -> float:
    wanted = said(setting.unit, nouns)
    try:
        return convert(value, unit, wanted)
    except OtherDimension as problem:
        raise QuantityProblem(f"{unit} is not {wanted}; write the number in {wanted}, or without a unit") from problem


def preset_values(preset: Preset, constants: Mapping[str, float]) -> tuple[dict[str, float | str], frozenset[str]]:
    """The settings that a preset makes, and which of them come from the question's constants.

    A setting that needs a constant which is not among `constants` is left out.
    """
    file = load_capacity()
    made: dict[str, float | str] = {}
    given: set[str] = set()
    for name, what in preset.settings.items():
        if name in file.choices:
            made[name] = str(what)
        elif names_in(str(what)) <= constants.keys():
            made[name] = _fitting(file.numbers[name], evaluate(str(what), constants))
            if names_in(str(what)):
                given.add(name)
    return made, frozenset(given)


def _fitting(setting: Amount | Slider, value: float) -> float:
    within = min(max(value, setting.low), setting.high)
    return float(round(within)) if isinstance(setting, Slider) and setting.whole else within


def row_value(row: Row, line: Line, nouns: Mapping[str, str]) -> float | None:
    """A result in the unit of a row of the worksheet; None where it has no value."""
    if line.value is None:
        return None
    return convert(line.value, said(line.result.shown_unit or line.result.unit, nouns), row.unit)
