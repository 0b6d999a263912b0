"""The offline path: a training job that fails and restarts, and the age of the models that repeated training gives.

Work is done in segments of `checkpoint_every_min`, and each ends with a checkpoint, the last one too. A failure throws
back to the last finished checkpoint and costs a restart; failures may strike during work, checkpoints and restarts.
Inside, times are minutes of the wall clock; what comes out is in hours.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from simulator.design import Training
from simulator.draws import stream
from simulator.results.cost import HOURS_PER_MONTH
from simulator.settings import TooLong
from simulator.spec import Spec
from simulator.theory.training import daly_interval, young_interval

MOST_FAILURES = 1_000_000  # in all jobs of one simulation together
_AT_ONCE = 1024  # draws


class TrainingRun(Spec):
    """One training job, from start to saved model. Useful, lost, saving and restarting hours add up to the wall time.

    `saving_h` and `restarting_h` hold interrupted checkpoints and restarts too.
    """

    wall_time_h: float
    useful_work_h: float
    lost_work_h: float
    saving_h: float
    restarting_h: float
    failures: int
    checkpoints: int
    usd: float | None  # None: not priced

    @property
    def efficiency(self) -> float:
        """The useful share of the wall time."""
        return self.useful_work_h / self.wall_time_h


class Serving(Spec):
    """One model: its data ends at `data_h`, and it serves from `from_h` to `to_h`."""

    data_h: float
    from_h: float
    to_h: float


class Freshness(Spec):
    """How old the serving model is: the time since its training started, which is when its data ends."""

    mean_age_h: float
    worst_age_h: float


class Retraining(Spec):
    """Training again and again on the same machines, and the models that served one after another.

    `waited` counts the trainings that started late because the one before was still running.
    """

    mean_wall_time_h: float
    mean_gap_h: float
    waited: int
    busy_share: float
    freshness: Freshness
    serving: tuple[Serving, ...]
    usd_per_month: float | None  # None: not priced


def simulate_training(training: Training, *, seed: int, replication: int = 0) -> TrainingRun:
    """Run the job once. The same seed gives the same failure times, whatever the checkpoints are. Raise TooLong."""
    _refuse_hopeless(training, jobs=1)
    return run_job(training, failure_times_h(training, seed, replication))


def run_job(training: Training, failure_times_h: Iterable[float]) -> TrainingRun:
    """Run the job once with failures at rising wall-clock times; those after its end do not matter."""
    job, now_min = _Job(training), 0.0
    for failed_h in failure_times_h:
        failed_min = failed_h * 60
        if now_min + job.left_min() <= failed_min:
            break
        job.fail_after(failed_min - now_min)
        now_min = failed_min
    return job.finished(now_min + job.left_min())


class _Job:
    """What is saved, what is lost and what is ahead."""

    def __init__(self, training: Training):
        self._spec, self._work_min = training, training.useful_work_h * 60
        self._every_min, self._cost_min = training.checkpoint_every_min, training.checkpoint_cost_min
        self._segments = _segments(training)
        self._saved = self._failures = 0
        self._restart_min = self._lost_min = self._saving_min = self._restarting_min = 0.0

    def left_min(self) -> float:
        """How long the rest takes if nothing fails any more."""
        unsaved = self._segments - self._saved
        return self._restart_min + self._work_min - self._saved * self._every_min + unsaved * self._cost_min

    def fail_after(self, span_min: float) -> None:
        """Go on for `span_min`, which is less than what is left, and fail."""
        restarted_min = min(span_min, self._restart_min)
        worked_min = span_min - restarted_min
        period_min = self._every_min + self._cost_min
        saved = min(int(worked_min / period_min), self._segments - self._saved - 1)
        self._saved += saved
        unsaved_min = max(0.0, worked_min - saved * period_min)
        lost_min = min(unsaved_min, self._segment_min())
        self._lost_min += lost_min
        self._saving_min += saved * self._cost_min + unsaved_min - lost_min
        self._restarting_min += restarted_min
        self._restart_min = self._spec.restart_cost_min
        self._failures += 1

    def _segment_min(self) -> float:
        """The work of the segment that is under way; the last one may be shorter."""
        return min(self._every_min, self._work_min - self._saved * self._every_min)

    def finished(self, wall_min: float) -> TrainingRun:
        unsaved = self._segments - self._saved
        price = self._spec.usd_per_hour
        return TrainingRun(
            wall_time_h=wall_min / 60,
            useful_work_h=self._spec.useful_work_h,
            lost_work_h=self._lost_min / 60,
            saving_h=(self._saving_min + unsaved * self._cost_min) / 60,
            restarting_h=(self._restarting_min + self._restart_min) / 60,
            failures=self._failures,
            checkpoints=self._segments,
            usd=None if price is None else price * wall_min / 60,
        )


def _segments(training: Training) -> int:
    return max(1, math.ceil(training.useful_work_h * 60 / training.checkpoint_every_min - 1e-9))


def failure_times_h(training: Training, seed: int, replication: int) -> Iterator[float]:
    """Endless exponential failures; the nth gap depends on the seed, the replication and n only."""
    luck, mean_h, now_h = stream(seed, replication, "training/failures"), training.mean_time_between_failures_h, 0.0
    while True:
        for gap_h in (-mean_h * np.log1p(-luck.random(_AT_ONCE))).tolist():
            now_h += gap_h
            yield now_h


def simulate_retraining(
    training: Training, *, seed: int, release_delay_h: float = 0.0, retrainings: int = 50
) -> Retraining:
    """Train `retrainings` times, each `retrain_every_h` after the last or, if that one still runs, when it ends.

    A model is released `release_delay_h` after its training: evaluation, approval, roll-out. Raise ValueError if the
    job is not repeated, TooLong if it fails too often.
    """
    if training.retrain_every_h is None:
        raise ValueError("training.retrain_every_h is left out, so nothing is retrained; say after how many hours")
    if retrainings < 2:
        raise ValueError(f"retrainings is {retrainings}, but must be at least 2 for one model to replace another")
    if release_delay_h < 0:
        raise ValueError(f"release_delay_h is {release_delay_h}, but must be at least 0")
    _refuse_hopeless(training, retrainings)
    walls_h = [simulate_training(training, seed=seed, replication=one).wall_time_h for one in range(retrainings)]
    return retraining(walls_h, training.retrain_every_h, release_delay_h, training.usd_per_hour)


def retraining(
    wall_times_h: list[float], every_h: float, release_delay_h: float, usd_per_hour: float | None = None
) -> Retraining:
    """What follows from how long each training took, in the order of the trainings. The first starts at 0."""
    starts_h, waited = [0.0], 0
    for wall_h in wall_times_h[:-1]:
        starts_h.append(starts_h[-1] + max(every_h, wall_h))
        waited += wall_h > every_h
    busy_share = sum(wall_times_h[:-1]) / starts_h[-1]
    served = _serving(starts_h, wall_times_h, release_delay_h)
    return Retraining(
        mean_wall_time_h=sum(wall_times_h) / len(wall_times_h),
        mean_gap_h=starts_h[-1] / (len(starts_h) - 1),
        waited=waited,
        busy_share=busy_share,
        freshness=freshness(served),
        serving=served,
        usd_per_month=None if usd_per_hour is None else usd_per_hour * busy_share * HOURS_PER_MONTH,
    )


def _serving(starts_h: list[float], walls_h: list[float], delay_h: float) -> tuple[Serving, ...]:
    released_h = [start + wall + delay_h for start, wall in zip(starts_h, walls_h, strict=True)]
    return tuple(
        Serving(data_h=data_h, from_h=from_h, to_h=to_h)
        for data_h, (from_h, to_h) in zip(starts_h[:-1], pairwise(released_h), strict=True)
    )


def freshness(serving: Iterable[Serving]) -> Freshness:
    """Age integrated over the time that the models serve, which may not be empty; it rises by an hour an hour."""
    models = list(serving)
    served_h = sum(one.to_h - one.from_h for one in models)
    aged = sum((one.to_h - one.from_h) * ((one.from_h + one.to_h) / 2 - one.data_h) for one in models)
    return Freshness(mean_age_h=aged / served_h, worst_age_h=max(one.to_h - one.data_h for one in models))


def young_checkpoint_every_min(training: Training) -> float:
    """The best interval to first order (Young, Communications of the ACM 17, 1974); 0 if saving takes no time."""
    if not training.checkpoint_cost_min:
        return 0.0
    return young_interval(training.checkpoint_cost_min, training.mean_time_between_failures_h * 60)


def daly_checkpoint_every_min(training: Training) -> float:
    """The best interval to higher order (Daly, Future Generation Computer Systems 22, 2006); 0 if saving takes no
    time.
    """
    if not training.checkpoint_cost_min:
        return 0.0
    return daly_interval(training.checkpoint_cost_min, training.mean_time_between_failures_h * 60)


def expected_wall_time_h(training: Training) -> float:
    """The mean wall time: M e^(R/M) (e^((tau+d)/M) - 1) for each segment of tau (Daly 2006); inf if too long to say."""
    between_min = training.mean_time_between_failures_h * 60
    try:
        segments = _segments(training)
        last_min = training.useful_work_h * 60 - (segments - 1) * training.checkpoint_every_min
        after_restart = math.exp(training.restart_cost_min / between_min)
        last = math.expm1((last_min + training.checkpoint_cost_min) / between_min)
        if segments == 1:
            return between_min * after_restart * last / 60
        full = math.expm1((training.checkpoint_every_min + training.checkpoint_cost_min) / between_min)
    except OverflowError:
        return math.inf
    return between_min * after_restart * ((segments - 1) * full + last) / 60


def expected_efficiency(training: Training) -> float:
    """The useful share of the mean wall time."""
    return training.useful_work_h / expected_wall_time_h(training)


def _refuse_hopeless(training: Training, jobs: int) -> None:
    """Raise TooLong if so many failures are expected that the job would hardly ever end."""
    expected = jobs * expected_wall_time_h(training) / training.mean_time_between_failures_h
    if not expected <= MOST_FAILURES:  # nan is hopeless too
        raise TooLong(
            f"training would fail about {expected:,.3g} times before it is done, and {MOST_FAILURES:,} is the most; "
            f"save more often than every {training.checkpoint_every_min:g} min, make checkpoints or restarts cheaper, "
            "or repeat fewer trainings"
        )
