"""Drift of one feature: PSI and Kullback-Leibler divergence of normal data whose mean and spread can be shifted.

The reference is a standard normal that is known well; its deciles (or other equal shares) are the bins. PSI is
the sum of (q - p) ln(q / p) over the bins (Siddiqi, Credit Risk Scorecards, 2006), which is Jeffreys' symmetric
divergence of binned data. Half a row is added to every bin, so that an empty one has a logarithm.
"""

import numpy as np

from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, values
from simulator import special
from simulator.distributions import Floats

DAYS = 2000  # on which the day's rows are compared with the reference
SEED = 1
SAMPLES = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


def psi(expected: Floats, actual: Floats) -> Floats:
    """The population stability index of shares per bin, along the last axis."""
    return np.asarray(((actual - expected) * np.log(actual / expected)).sum(axis=-1))


def binned_kl(actual: Floats, expected: Floats) -> float:
    """KL(actual || expected) of shares per bin, in nats. Kullback and Leibler 1951."""
    return float((actual * np.log(actual / expected)).sum())


def normal_kl(shift: float, spread: float) -> float:
    """KL of N(shift, spread^2) from N(0, 1), in nats: (spread^2 + shift^2 - 1) / 2 - ln spread. Kullback 1959."""
    return float((spread**2 + shift**2 - 1) / 2 - np.log(spread))


def bin_shares(bins: int, shift: float, spread: float) -> Floats:
    """The share of shifted data in each of the reference's bins of equal share."""
    edges = special.ndtri(np.linspace(0, 1, bins + 1))
    return np.asarray(np.diff(special.ndtr((edges - shift) / spread)), dtype=np.float64)


def sampled_psi(shares: Floats, rows: int, days: int = DAYS) -> Floats:
    """The PSI of each of many days with so many rows, (days,); the reference has equal shares."""
    bins = len(shares)
    luck = np.random.default_rng([SEED, bins, rows])
    counts = luck.multinomial(rows, shares / shares.sum(), size=days)
    smoothed = np.asarray((counts + 0.5) / (rows + 0.5 * bins), dtype=np.float64)
    return psi(np.full(bins, 1 / bins), smoothed)


def false_alarms_in_theory(threshold: float, rows: int, bins: int) -> float:
    """P(PSI > threshold) without drift: rows x PSI is about chi-square with bins - 1 degrees of freedom.

    Yurdakul, Statistical Properties of Population Stability Index, Western Michigan University, 2018, for a reference
    that is far larger than the sample.
    """
    return float(special.chdtrc(bins - 1, threshold * rows))


def drift(shift: float, spread: float, rows: float, bins: float, threshold: float) -> Outcome:
    """One feature on many days: how far its data are from the reference, and how often that raises an alarm."""
    rows, bins = int(rows), int(bins)
    shares, equal = bin_shares(bins, shift, spread), np.full(bins, 1 / bins)
    days = sampled_psi(shares, rows)
    samples = tuple(sorted({*SAMPLES, rows}))
    counted = [float((sampled_psi(equal, n) > threshold).mean()) for n in samples]
    return Outcome(
        figures=(
            Figure("false_alarms", "Alarms without drift", counted[samples.index(rows)], "share"),
            Figure("alarms", "Alarms at this drift", float((days > threshold).mean()), "share"),
            Figure("psi", "PSI, mean", float(days.mean())),
            Figure("true_psi", "PSI, endless rows", round(float(psi(equal, np.maximum(shares, 1e-12))), 12)),
            Figure("kl", "KL divergence", normal_kl(shift, spread), "nats"),
        ),
        charts=(_bins(shares, equal), _false_alarms(samples, counted, threshold, rows, bins)),
        remarks=(f"Counted on {DAYS:,} simulated days each.",),
    )


def _bins(shares: Floats, equal: Floats) -> Chart:
    return Chart(
        title="The day's rows in the bins of the reference",
        x_label="Bin",
        x_unit="",
        y_unit="share",
        y_label="Share of the rows",
        x=tuple(float(i) for i in range(1, len(shares) + 1)),
        series=(
            Series("this data", values(shares.tolist()), "bars"),
            Series("reference", values(equal.tolist()), "theory"),
        ),
    )


def _false_alarms(samples: tuple[int, ...], counted: list[float], threshold: float, rows: int, bins: int) -> Chart:
    in_theory = [false_alarms_in_theory(threshold, n, bins) for n in samples]
    return Chart(
        title="False alarms by the size of the sample",
        x_label="Rows per day",
        x_unit="",
        y_unit="share",
        y_label="Days with a false alarm",
        x=tuple(float(n) for n in samples),
        series=(Series("counted", values(counted)), Series("chi-square", values(in_theory), "theory")),
        log_x=True,
        marks=(Mark(rows, "now"),),
    )
