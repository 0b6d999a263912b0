"""Whether a number that was computed on the worksheet comes back in the design.

A number in a text is believed to be the computed one if it is within 2 percent, no other unit stands at it, and either
the same unit stands beside it or it is too particular to be there by chance (see `_is_common`).
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rubrics.quotes import sentences_of

TOLERANCE = 0.02

_NUMBER = re.compile(
    r"(?<![\w.])(?<!\d[,:/])(?<![A-Za-z_][-/])"  # not inside p99, H100, v1.2, 12:30, 1/100, top-100
    r"(?P<digits>\d{1,3}(?:[,_'\u00a0\u202f]\d{3})+|\d{1,15})(?P<decimals>\.\d{1,15})?"
    r"(?:[eE]\+?(?P<e>\d{1,2})|\s?[x\u00d7*]\s?10\^?(?P<ten>\d{1,2}))?"
    r"(?![,.:/]?\d)(?:\s?(?P<scale>thousand|million|billion|trillion|bn|[kKMGTBm])(?![A-Za-z]))?"
)
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9} | {
    "k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12,
}  # fmt: skip
_NAMES = {
    "ms": "ms msec millisecond", "s": "s sec second", "min": "min minute", "h": "h hr hour", "day": "d day",
    "week": "week", "month": "month", "year": "year", "percent": "% pct percent", "usd": "$ usd dollar",
    "eur": "\u20ac eur euro", "byte": "byte", "kb": "kb kib", "mb": "mb mib", "gb": "gb gib", "tb": "tb tib",
    "pb": "pb pib", "bit": "bit", "kbit": "kbit kbps", "mbit": "mbit mbps", "gbit": "gbit gbps", "tbit": "tbit tbps",
}  # fmt: skip
_MEASURES = {name: measure for measure, names in _NAMES.items() for name in names.split()}
_SPELLINGS = _MEASURES | dict.fromkeys(["req", "rps", "qps", "query", "querie"], "request")
_MONEY = {"usd", "eur"}
_WORD = re.compile(r"[A-Za-z%$\u20ac][\w%]*")


class _Number(NamedTuple):
    value: float
    written: str  # digits, decimals and nothing else
    scale: str
    stuck_unit: str | None  # a unit or word that belongs to the number beyond doubt
    beside: tuple[str, ...]  # the word before it and up to three after it, as units


def reappears(
    values: Iterable[tuple[str, float, str]], texts: Iterable[str], settings: Mapping[str, float] | None = None
) -> str | None:
    """Where one of the (label, value, unit) rows comes back, in words to show, or None.

    `texts` are what was written *after* the worksheet; `settings` are numbers that the person chose in the simulator,
    by name (`gpu_pool.replicas`), scaled up from the cell to the fleet. Numbers that the question gave do not belong
    in either: finding them proves nothing.
    """
    wanted = [(label, value, _unit(unit)) for label, value, unit in values if value and math.isfinite(value)]
    for text in texts:
        for sentence in sentences_of(text):
            numbers = [_read(sentence, match) for match in _NUMBER.finditer(sentence)]
            for label, value, unit in wanted:
                if any(_is_the_same(number, value, unit) for number in numbers):
                    return f"{label}: \u201c{sentence}\u201d"
    for name, setting in (settings or {}).items():
        for label, value, unit in wanted:
            if _is_the_same(_setting(name, setting), value, unit):
                return f"{label}: the setting {name} is {setting:,g}"
    return None


def _is_the_same(number: _Number, value: float, unit: str) -> bool:
    if number.scale and unit == f"{number.scale.lower()}b" and _is_close(number.value / _SCALES[number.scale], value):
        return True  # 128G of memory
    if not _is_close(number.value, value) or number.stuck_unit not in (None, unit):
        return False
    if unit and unit in number.beside:
        return True
    needs_its_unit = unit in _MEASURES.values() and unit not in _MONEY
    return not needs_its_unit and number.scale != "m" and not _is_common(number)  # 10m may be minutes


def _is_close(found: float, value: float) -> bool:
    return abs(found - value) <= TOLERANCE * abs(value)


def _is_common(number: _Number) -> bool:
    """Whether many texts hold such a number: one digit and zeros, two digits and under 1,000, or a year."""
    whole, _, decimals = number.written.partition(".")
    significant = len((whole + decimals).lstrip("0") if decimals else whole.strip("0"))
    is_a_year = not number.scale and re.fullmatch(r"(?:19|20)\d\d", number.written) is not None
    return significant <= 1 or (significant == 2 and abs(number.value) < 1_000) or is_a_year


def _read(sentence: str, match: re.Match[str]) -> _Number:
    written = re.sub(r"\D", "", match["digits"]) + (match["decimals"] or "")
    scale = match["scale"] or ""
    power = int(match["e"] or match["ten"] or 0)
    before = [_unit(word) for word in _WORD.findall(sentence[max(0, match.start() - 20) : match.start()])[-1:]]
    after = sentence[match.end() : match.end() + 60]
    if re.match(r"\s*(?:/|per\b|an?\b)", after):  # 139k per second is no time
        after = ""
    following = [_unit(word) for word in _WORD.findall(after)[:3]]
    stuck = next((unit for unit in [*before, *following[:1]] if unit in _MONEY), None)
    if stuck is None and following and (following[0] in _MEASURES.values() or re.match(r"-?[A-Za-z%]", after)):
        stuck = following[0]
    value = float(written) * 10.0**power * _SCALES.get(scale, 1.0)
    return _Number(value, written, scale, stuck, (*before, *following))


def _setting(name: str, value: float) -> _Number:
    words = [_unit(word) for word in re.split(r"[._]", name.partition("_per_")[0])]
    stuck = words[-1] if words[-1] in _MEASURES.values() else None
    counts_machines = words[-1] == "replica"  # then `gpu_pool.replicas` is a number of GPUs; no other field is
    beside = tuple(words) if counts_machines else words[-1:] if stuck else ()
    return _Number(value, f"{value:.15f}".rstrip("0").rstrip("."), "", stuck, tuple(beside))


def _unit(text: str) -> str:
    """What is counted, in one spelling: `GPUs` is gpu, `request/s` request, `$` usd; Gb are bits and GB bytes."""
    word = re.split(r"[/*]|\bper\b", text)[0].strip()
    if re.fullmatch(r"[KMGT]b", word):
        return f"{word[0].lower()}bit"
    low = word.lower()
    singular = low[:-1] if len(low) > 3 and low.endswith("s") and not low.endswith("ss") else low
    return next((_SPELLINGS[one] for one in (low, singular) if one in _SPELLINGS), singular)
