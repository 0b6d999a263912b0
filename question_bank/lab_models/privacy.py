"""Differential privacy of a released count: noise against accuracy, and what many releases add up to.

Dwork and Roth, The Algorithmic Foundations of Differential Privacy, 2014 (the numbers of definitions and theorems are
theirs). The count changes by at most 1 when a person is taken out, so its sensitivity is 1.
"""

from math import expm1, log, pi, sqrt

from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, values

EPSILONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9)
RELEASES = (1, 2, 5, 10, 20, 50, 100, 200, 365, 1000)
DELTA = 1e-6  # of the composition, and of each Gaussian release


def laplace_scale(epsilon: float) -> float:
    """The scale b of the Laplace noise, sensitivity / epsilon, which is also its mean size. Definition 3.3."""
    return 1 / epsilon


def gaussian_deviation(epsilon: float, delta: float = DELTA) -> float:
    """The standard deviation sqrt(2 ln(1.25 / delta)) / epsilon, for epsilon below 1. Theorem 3.22."""
    return sqrt(2 * log(1.25 / delta)) / epsilon


def basic_composition(epsilon: float, releases: int) -> float:
    """The epsilon of so many releases together: their sum. Theorem 3.16."""
    return releases * epsilon


def advanced_composition(epsilon: float, releases: int, delta: float = DELTA) -> float:
    """The epsilon of so many releases, but for a probability delta: e sqrt(2 k ln(1/delta)) + k e (exp(e) - 1).

    Theorem 3.20.
    """
    return epsilon * sqrt(2 * releases * log(1 / delta)) + releases * epsilon * expm1(epsilon)


def mean_error(epsilon: float, mechanism: str) -> float:
    """How far a released count is off on average, in people."""
    return laplace_scale(epsilon) if mechanism == "laplace" else gaussian_deviation(epsilon) * sqrt(2 / pi)


def privacy_budget(epsilon: float, releases: float, people: float, mechanism: str) -> Outcome:
    """A count that is released again and again, each time with fresh noise."""
    times = int(releases)
    basic, advanced = basic_composition(epsilon, times), advanced_composition(epsilon, times)
    error = mean_error(epsilon, mechanism)
    return Outcome(
        figures=(
            Figure("spent", "Epsilon of all releases", min(basic, advanced)),
            Figure("basic", "Basic composition", basic),
            Figure("advanced", "Advanced composition", advanced),
            Figure("error", "Mean error of a count", error, "people"),
            Figure("relative", "Mean error, of the count", error / people, "share"),
        ),
        charts=(_spent(epsilon, times), _errors(epsilon, mechanism)),
        remarks=(
            "Advanced composition holds but for a probability of one in a million"
            + (", and each Gaussian release for as much again." if mechanism == "gaussian" else "."),
        ),
    )


def _spent(epsilon: float, times: int) -> Chart:
    counts = tuple(sorted({*RELEASES, times}))
    return Chart(
        title="Epsilon of all releases",
        x_label="Releases",
        x_unit="",
        y_unit="",
        y_label="Epsilon",
        x=tuple(float(one) for one in counts),
        series=(
            Series("basic", values([basic_composition(epsilon, one) for one in counts]), "theory"),
            Series("advanced", values([advanced_composition(epsilon, one) for one in counts]), "line"),
        ),
        log_x=True,
        log_y=True,
        marks=(Mark(times, "now"),),
    )


def _errors(epsilon: float, mechanism: str) -> Chart:
    epsilons = tuple(sorted({*EPSILONS, epsilon}))

    def line(name: str) -> Series:
        errors = values([mean_error(one, name) for one in epsilons])
        return Series(name.capitalize(), errors, "line" if name == mechanism else "other")

    return Chart(
        title="Mean error of one release",
        x_label="Epsilon of a release",
        x_unit="",
        y_unit="people",
        x=epsilons,
        series=(line("laplace"), line("gaussian")),
        log_x=True,
        log_y=True,
        marks=(Mark(epsilon, "now"),),
    )
