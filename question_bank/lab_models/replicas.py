"""Availability of k of n replicas, with failures that strike one and failures that strike all.

The beta-factor model: a share `common` of each replica's downtime has a cause that all share (Fleming, A Reliability
Model for Common Mode Failures in Redundant Safety Systems, General Atomic GA-A13284, 1975).
"""

from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, values
from simulator.theory.reliability import k_of_n_availability

MINUTES_PER_MONTH = 30 * 24 * 60
SPARES = 6


def with_common_cause(k: int, n: int, part: float, common: float) -> float:
    """At least k of n work, and nothing that strikes all is under way."""
    down = 1 - part
    independent_down = (1 - common) * down / (1 - common * down)
    return (1 - common * down) * k_of_n_availability(k, n, 1 - independent_down)


def availability_k_of_n(needed: float, spares: float, part: float, common: float) -> Outcome:
    """How long a service that needs k of its k + spares replicas is down in a month."""
    k, n = int(needed), int(needed + spares)
    here, apart = with_common_cause(k, n, part, common), k_of_n_availability(k, n, part)
    counts = range(max(SPARES, int(spares)) + 1)
    return Outcome(
        figures=(
            Figure("down_min", "Down per month", (1 - here) * MINUTES_PER_MONTH, "min"),
            Figure("availability", "Availability", here, "share"),
            Figure("apart_min", "If nothing is shared", (1 - apart) * MINUTES_PER_MONTH, "min"),
            Figure("all_min", "Without spares, nothing shared", (1 - part**k) * MINUTES_PER_MONTH, "min"),
        ),
        charts=(
            Chart(
                title="Minutes down in a month by the number of spares",
                x_label="Spare replicas",
                x_unit="",
                y_unit="min",
                x=tuple(float(one) for one in counts),
                series=(
                    Series(
                        "with the shared cause",
                        values([(1 - with_common_cause(k, k + s, part, common)) * MINUTES_PER_MONTH for s in counts]),
                        "line",
                    ),
                    Series(
                        "nothing shared",
                        values([(1 - k_of_n_availability(k, k + s, part)) * MINUTES_PER_MONTH for s in counts]),
                        "theory",
                    ),
                ),
                log_y=True,
                marks=(Mark(spares, "now"),),
            ),
        ),
    )
