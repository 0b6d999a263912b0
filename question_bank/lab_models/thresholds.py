"""Where to act on a score: the break-even threshold from costs, and what a miscalibrated score makes of it.

Evidence x is N(+d/2, 1) for bad cases and N(-d/2, 1) for good ones, so that the log odds d x + logit(base rate) are
the true ones (linear discriminant, Fisher 1936). A reported score has log odds `sharpness` times the true ones plus
`bias`: sharpness above 1 is overconfident.
"""

import numpy as np

from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, values
from simulator import special
from simulator.distributions import Floats

CASES = 1000
THRESHOLDS = np.array([0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, *np.arange(0.1, 0.96, 0.05), 0.97, 0.99])


def break_even(false_alarm_usd: float, miss_usd: float) -> float:
    """Act from this probability on: false_alarm / (false_alarm + miss). Elkan, IJCAI 2001."""
    return false_alarm_usd / (false_alarm_usd + miss_usd)


def reported(probability: float, sharpness: float, bias: float) -> float:
    """What the score says of a case with this true probability."""
    return float(special.expit(sharpness * special.logit(probability) + bias))


def true_probability(score: float, sharpness: float, bias: float) -> float:
    """The true probability of the cases with this score."""
    return float(special.expit((special.logit(score) - bias) / sharpness))


def expected_cost(  # the world's four numbers and where one acts
    probability: Floats, false_alarm_usd: float, miss_usd: float, base_rate: float, separation: float
) -> Floats:
    """USD per 1,000 cases if one acts from a true probability on."""
    evidence = (special.logit(probability) - special.logit(base_rate)) / separation
    false_alarms = (1 - base_rate) * special.ndtr(-(evidence + separation / 2))
    misses = base_rate * special.ndtr(evidence - separation / 2)
    return np.asarray(CASES * (false_alarm_usd * false_alarms + miss_usd * misses))


def thresholds_by_cost(
    false_alarm_usd: float, miss_usd: float, base_rate: float, separation: float, sharpness: float, bias: float
) -> Outcome:
    """What acting at a threshold costs, with true probabilities and with the score as it is reported."""
    best = break_even(false_alarm_usd, miss_usd)
    world = (false_alarm_usd, miss_usd, base_rate, separation)
    meant = true_probability(best, sharpness, bias)
    lowest, paid = (float(expected_cost(np.array(one), *world)) for one in (best, meant))
    shown = np.array(sorted({*THRESHOLDS.tolist(), best}))
    believed = np.array([true_probability(one, sharpness, bias) for one in shown])
    costs = expected_cost(believed, *world), expected_cost(shown, *world)
    return Outcome(
        figures=(
            Figure("break_even", "Break-even probability", best, "share"),
            Figure("cost", "Cost at that threshold", paid, "USD"),
            Figure("least_cost", "Least cost, with true probabilities", lowest, "USD"),
            Figure("extra", "Paid for miscalibration", paid - lowest, "USD"),
            Figure("moved", "Threshold that this score needs", reported(best, sharpness, bias), "share"),
        ),
        charts=(_costs(shown, *costs, best), _calibration(shown, believed, best)),
        remarks=("Costs are per 1,000 cases.",),
    )


def _costs(shown: Floats, as_reported: Floats, in_truth: Floats, best: float) -> Chart:
    return Chart(
        title="Expected cost of 1,000 cases",
        x_label="Threshold on the score",
        x_unit="share",
        y_unit="USD",
        x=tuple(shown.tolist()),
        series=(
            Series("score as reported", values(as_reported.tolist()), "line"),
            Series("true probability", values(in_truth.tolist()), "theory"),
        ),
        log_x=True,
        marks=(Mark(best, "break-even"),),
    )


def _calibration(shown: Floats, believed: Floats, best: float) -> Chart:
    return Chart(
        title="Calibration: what a score means",
        x_label="Reported score",
        x_unit="share",
        y_unit="share",
        y_label="Share that is bad",
        x=tuple(shown.tolist()),
        series=(
            Series("this score", values(believed.tolist()), "line"),
            Series("calibrated", values(shown.tolist()), "theory"),
        ),
        marks=(Mark(best, "break-even"),),
    )
