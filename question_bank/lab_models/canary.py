"""How long a canary takes to show a loss, and how many it hurts meanwhile."""

from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, values

SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
SIXTEEN = 16  # 2 (1.96 + 0.84)^2 = 15.7: two-sided 5%, power 80%


def sample_per_arm(base_rate: float, relative_loss: float) -> float:
    """Requests per arm that show a loss: 16 p (1 - p) / delta^2, delta = p x loss.

    Lehr, Statistics in Medicine 11, 1992; van Belle, Statistical Rules of Thumb, 2008, 2.1.
    """
    return SIXTEEN * base_rate * (1 - base_rate) / (base_rate * relative_loss) ** 2


def minutes_to_show(share: float, rate_per_s: float, sample: float) -> float:
    """Minutes until the smaller arm, the canary, has its sample."""
    return sample / (rate_per_s * share) / 60


def exposed(share: float, rate_per_s: float, sample: float, undo_min: float) -> float:
    """Requests that the canary answers until it is undone: its sample, and what comes while it is undone."""
    return sample + rate_per_s * share * undo_min * 60


def canary_detection(
    canary_share: float, rate_per_s: float, base_rate: float, relative_loss: float, undo_min: float
) -> Outcome:
    """A canary that loses a share of the conversions: when that shows, and what it has cost by then."""
    sample = sample_per_arm(base_rate, relative_loss)
    minutes = minutes_to_show(canary_share, rate_per_s, sample)
    seen = exposed(canary_share, rate_per_s, sample, undo_min)
    shares, marks = tuple(sorted({*SHARES, canary_share})), (Mark(canary_share, "now"),)
    return Outcome(
        figures=(
            Figure("minutes", "Until it shows", minutes, "min"),
            Figure("sample", "Requests per arm", sample, "requests"),
            Figure("exposed", "Requests on the canary until undone", seen, "requests"),
            Figure("lost", "Conversions lost", seen * base_rate * relative_loss, ""),
        ),
        charts=(
            Chart(
                title="Minutes until the loss shows",
                x_label="Canary share",
                x_unit="share",
                y_unit="min",
                x=shares,
                series=(
                    Series("until it shows", values([minutes_to_show(s, rate_per_s, sample) for s in shares]), "line"),
                ),
                log_x=True,
                log_y=True,
                marks=marks,
            ),
            Chart(
                title="Requests on the canary until it is undone",
                x_label="Canary share",
                x_unit="share",
                y_unit="requests",
                x=shares,
                series=(
                    Series("until undone", values([exposed(s, rate_per_s, sample, undo_min) for s in shares]), "line"),
                    Series("the sample alone", values([sample] * len(shares)), "theory"),
                ),
                log_x=True,
                marks=marks,
            ),
        ),
    )
