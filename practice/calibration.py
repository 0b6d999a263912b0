"""How good somebody's predictions are: the mean distance of predicted from measured on the log scale.

0 is right, 1 a factor of 2 on average, either way (mean absolute log2 ratio, the scale of `Compared.log_ratio`).
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

from practice.prediction import CLOSE, Compared
from simulator.spec import Spec

LONGEST_LOG = 10.0  # a factor of 1,000 or more counts as one
ENOUGH = 6  # numbers, before a leaning is spoken of


class Calibration(Spec):
    """Over all predictions so far. `score` is None without a number to compare; `leaning` is the mean log2 ratio,
    negative if predictions are too low; `close_share` those within a quarter; `bottlenecks_right` of `bottlenecks`.
    """

    numbers: int
    score: float | None
    leaning: float | None
    close_share: float | None
    bottlenecks: int
    bottlenecks_right: int
    sentence: str

    @property
    def typical_factor(self) -> float | None:
        """By which factor a prediction is off, typically."""
        return None if self.score is None else 2**self.score


def calibration(compared: Iterable[Sequence[Compared]]) -> Calibration:
    """The calibration over several runs, each with what `practice.prediction.compare` says of it."""
    listed = [one for run in compared for one in run]
    logs = [max(-LONGEST_LOG, min(LONGEST_LOG, one.log_ratio)) for one in listed if one.log_ratio is not None]
    named = [one for one in listed if one.what == "bottleneck" and one.measured != "none"]
    right = sum(one.predicted == one.measured for one in named)
    score = fmean(map(abs, logs)) if logs else None
    leaning = fmean(logs) if logs else None
    return Calibration(
        numbers=len(logs),
        score=score,
        leaning=leaning,
        close_share=fmean(2 ** abs(one) <= CLOSE for one in logs) if logs else None,
        bottlenecks=len(named),
        bottlenecks_right=right,
        sentence=_sentence(score, leaning, len(logs), right, len(named)),
    )


def _sentence(score: float | None, leaning: float | None, numbers: int, right: int, named: int) -> str:
    if score is None or leaning is None:
        return "No prediction could be compared with a run yet."
    said = f"Your predictions are off by a factor of {2**score:.1f} on average, over {numbers} numbers."
    if numbers >= ENOUGH and abs(leaning) > score / 2 and 2 ** abs(leaning) > CLOSE:
        said += f" They lean {'low' if leaning < 0 else 'high'}, by a factor of {2 ** abs(leaning):.1f}."
    return f"{said} You named {right} of {named} bottlenecks." if named else said
