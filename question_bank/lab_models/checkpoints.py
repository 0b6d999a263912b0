"""How often a training job should save: Young and Daly beside simulated jobs."""

import numpy as np

from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, values
from simulator import special
from simulator.design import Training
from simulator.training import (
    daly_checkpoint_every_min,
    expected_efficiency,
    simulate_training,
    young_checkpoint_every_min,
)

WORK_H, JOBS, SEED = 200.0, 12, 1
INTERVALS = (5.0, 10.0, 20.0, 30.0, 40.0, 60.0, 90.0, 120.0, 180.0, 240.0)


def simulated_efficiency(training: Training) -> tuple[float, float]:
    """The useful share of the time of some simulated jobs: their mean, and half of its 95% interval (Student)."""
    found = [simulate_training(training, seed=SEED, replication=one).efficiency for one in range(JOBS)]
    half = float(special.stdtrit(JOBS - 1, 0.975)) * float(np.std(found, ddof=1)) / JOBS**0.5
    return float(np.mean(found)), half


def checkpoint_interval(
    every_min: float, checkpoint_min: float, restart_min: float, between_failures_h: float
) -> Outcome:
    """A job of 200 hours of work that saves every so often and fails at random."""

    def job(minutes: float) -> Training:
        return Training(
            useful_work_h=WORK_H,
            checkpoint_every_min=float(minutes),
            checkpoint_cost_min=float(checkpoint_min),
            restart_cost_min=float(restart_min),
            mean_time_between_failures_h=float(between_failures_h),
        )

    here, intervals = job(every_min), tuple(sorted({*INTERVALS, float(every_min)}))
    young, daly = young_checkpoint_every_min(here), daly_checkpoint_every_min(here)
    efficiency, half = simulated_efficiency(here)
    return Outcome(
        figures=(
            Figure("young", "Best interval, Young", young, "min"),
            Figure("daly", "Best interval, Daly", daly, "min"),
            Figure("efficiency", "Useful share of the time", efficiency, "share", half),
            Figure("best", "Useful share at Daly's interval", expected_efficiency(job(daly)), "share"),
        ),
        charts=(
            Chart(
                title="Useful share of the time by the interval",
                x_label="Saves every",
                x_unit="min",
                y_unit="share",
                y_label="Useful share",
                x=intervals,
                series=(
                    Series("simulated", values([simulated_efficiency(job(one))[0] for one in intervals])),
                    Series("Daly's formula", values([expected_efficiency(job(one)) for one in intervals]), "theory"),
                ),
                log_x=True,
                marks=(Mark(every_min, "now"), Mark(daly, "Daly")),
            ),
        ),
        remarks=(f"Each point is the mean of {JOBS} simulated jobs of {WORK_H:g} hours of work.",),
    )
