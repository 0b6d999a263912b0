"""What a wrong number comes from, by its ratio to the right one: a known mistake, a slip of a unit, or one of each."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from question_bank.schema import RatioMistake
from question_bank.units import Measure

RECOGNIZED_WITHIN = 0.03  # of a known mistake's ratio
SLIP_WITHIN = 0.02  # of a slip's factor, which 1,000 and 1,024 are told apart by
BOTH_WITHIN = 0.01  # of a product of two causes, of which there are many
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Slip:
    """A factor, either way, by which a mixed-up unit shows; `among` is what the row must measure for it."""

    factor: float
    say: str
    among: Measure | None = None


SLIPS = (
    Slip(8, "bits and bytes were mixed up, a factor of 8", "information"),
    Slip(1e3, "a prefix is off by one step, a factor of 1,000"),
    Slip(1e6, "a prefix is off by two steps, a factor of 1,000,000"),
    Slip(1024, "a binary prefix such as Ki was left out or counted twice, a factor of 1,024"),
    Slip(100, "percent and fraction were mixed up, a factor of 100", "share"),
    Slip(12, "months and years were mixed up, a factor of 12", "time"),
    Slip(24, "hours and days were mixed up, a factor of 24", "time"),
    Slip(60, "seconds and minutes, or minutes and hours, were mixed up, a factor of 60", "time"),
    Slip(730, "hours and months were mixed up, a factor of 730", "time"),
    Slip(1440, "minutes and days were mixed up, a factor of 1,440", "time"),
    Slip(3600, "seconds and hours were mixed up, a factor of 3,600", "time"),
    Slip(86_400, "seconds and days were mixed up, a factor of 86,400", "time"),
)


def recognized(
    ratios: Sequence[float], mistakes: Iterable[RatioMistake], measured: Iterable[Measure] = ()
) -> str | None:
    """What a number likely comes from, by its ratios to what it may be held against; None where nothing is near enough.

    A mistake of the row itself goes before a slip of a unit, and either before both together.
    """
    own = [(mistake.ratio, mistake.say) for mistake in mistakes]
    slips = list(_slips(frozenset(measured)))
    both = list(_both(own + _of_bytes(slips), slips))
    for causes, within in ((own, RECOGNIZED_WITHIN), (slips, SLIP_WITHIN), (both, BOTH_WITHIN)):
        for ratio in ratios:
            if 0 < ratio < math.inf and (say := _nearest(ratio, causes, within)):
                return say
    return None


def _slips(measured: frozenset[Measure]) -> Iterator[tuple[float, str]]:
    for slip in SLIPS:
        if slip.among is None or slip.among in measured:
            yield slip.factor, slip.say
            yield 1 / slip.factor, slip.say


def _of_bytes(slips: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return [slip for slip in slips if slip[0] in (8, 1 / 8)]


def _both(causes: list[tuple[float, str]], slips: list[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    for one, say in causes:
        for other, besides in slips:
            if say != besides:
                yield one * other, f"{say}; besides, {besides}"


def _nearest(ratio: float, causes: list[tuple[float, str]], within: float) -> str | None:
    factor, say = min(causes, key=lambda one: abs(ratio / one[0] - 1), default=(math.inf, ""))
    return say if abs(ratio / factor - 1) <= within + _ROUNDING else None
