"""The offline path: exact small jobs by hand, Daly's formula for long ones, and how old the serving model is."""

from itertools import islice, pairwise
from math import exp, inf, sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import fidelity
from simulator.design import Training
from simulator.settings import TooLong
from simulator.training import (
    Serving,
    daly_checkpoint_every_min,
    expected_efficiency,
    expected_wall_time_h,
    failure_times_h,
    freshness,
    retraining,
    run_job,
    simulate_retraining,
    simulate_training,
    young_checkpoint_every_min,
)

LLAMA_3_H = 54 * 24 / 419  # between failures
CASE = fidelity.cases()["checkpoint_interval"]


def a_job(hours=10.0, every_min=60.0, cost_min=6.0, restart_min=30.0, between_h=1e6, **more):
    """By default ten hours of work in ten segments of 66 minutes."""
    return Training(
        useful_work_h=hours,
        checkpoint_every_min=every_min,
        checkpoint_cost_min=cost_min,
        restart_cost_min=restart_min,
        mean_time_between_failures_h=between_h,
        **more,
    )


def the_case(cost_min, every_min=20.0):
    """The fidelity case: the work and failures of the Llama 3 training, and a restart of five minutes."""
    return a_job(CASE["run"]["useful_work_h"], every_min, cost_min, 5.0, LLAMA_3_H)


def minutes(run):
    """Wall time, lost work, saving and restarting in minutes, then failures."""
    hours = (run.wall_time_h, run.lost_work_h, run.saving_h, run.restarting_h)
    return *[round(60 * one, 6) for one in hours], run.failures


@pytest.mark.parametrize(
    ("failed_min", "wall_lost_saving_restarting_failures"),
    [
        ([], (660, 0, 60, 0, 0)),
        ([30], (660 + 30 + 30, 30, 60, 30, 1)),  # half an hour into the first segment
        ([63], (660 + 63 + 30, 60, 63, 30, 1)),  # in the first checkpoint, three minutes of which are lost too
        ([66], (660 + 30, 0, 60, 30, 1)),  # the moment the first checkpoint is safe
        ([66 * 3 + 20], (660 + 20 + 30, 20, 60, 30, 1)),  # in the fourth segment
        ([30, 45], (660 + 30 + 15 + 30, 30, 60, 45, 2)),  # the second strikes the restart, which starts again
        ([30, 70], (660 + 30 + 30 + 10 + 30, 40, 60, 60, 2)),  # the second strikes the same segment again
        ([659], (660 + 65 + 30, 60, 60 + 5, 30, 1)),  # a minute before the end
        ([660], (660, 0, 60, 0, 0)),  # too late to matter
    ],
)
def test_failures_at_known_times_cost_what_can_be_worked_out_by_hand(failed_min, wall_lost_saving_restarting_failures):
    run = run_job(a_job(), [one / 60 for one in failed_min])
    assert minutes(run) == wall_lost_saving_restarting_failures


def test_the_last_segment_may_be_shorter_and_is_saved_too():
    job = a_job(hours=2.5)
    assert minutes(run_job(job, [])) == (150 + 18, 0, 18, 0, 0)
    assert minutes(run_job(job, [(132 + 34) / 60])) == (150 + 18 + 34 + 30, 30, 18 + 4, 30, 1)
    assert run_job(job, []).checkpoints == 3


def test_work_that_is_saved_once_is_lost_as_a_whole():
    assert minutes(run_job(a_job(hours=2.0, every_min=1e6), [100 / 60])) == (126 + 100 + 30, 100, 6, 30, 1)


def test_a_job_costs_its_wall_time_and_nothing_is_said_without_a_price():
    assert run_job(a_job(usd_per_hour=2.0), [0.5]).usd == pytest.approx(2 * 12)
    assert run_job(a_job(), []).usd is None


def test_efficiency_is_the_useful_share_of_the_wall_time():
    assert run_job(a_job(), []).efficiency == pytest.approx(600 / 660)


@given(
    job=st.builds(
        a_job,
        hours=st.floats(0.1, 100),
        every_min=st.floats(1, 500),
        cost_min=st.floats(0, 60),
        restart_min=st.floats(0, 200),
    ),
    gaps_h=st.lists(st.floats(0.001, 20), max_size=30),
)
@settings(deadline=None)
def test_every_hour_is_useful_lost_saving_or_restarting(job, gaps_h):
    times_h = [sum(gaps_h[: i + 1]) for i in range(len(gaps_h))]
    run = run_job(job, times_h)
    parts_h = run.useful_work_h + run.lost_work_h + run.saving_h + run.restarting_h
    assert run.wall_time_h == pytest.approx(parts_h)
    assert run.failures == sum(one < run.wall_time_h * (1 - 1e-12) for one in times_h)
    assert min(run.lost_work_h, run.saving_h, run.restarting_h) >= 0


@pytest.mark.parametrize("minute", [1, 5])
def test_a_long_job_is_as_efficient_as_daly_says(minute):
    expected, job = CASE["metrics"][f"d={minute}min"], the_case(minute)
    assert young_checkpoint_every_min(job) == pytest.approx(expected["tau_young_min"]["expected"], rel=1e-5)
    assert daly_checkpoint_every_min(job) == pytest.approx(expected["tau_daly_min"]["expected"], rel=1e-5)
    best = the_case(minute, daly_checkpoint_every_min(job))
    efficiency = expected["efficiency"]
    assert expected_efficiency(best) == pytest.approx(efficiency["expected"], abs=1e-6)
    assert simulate_training(best, seed=1).efficiency == pytest.approx(
        efficiency["expected"], abs=efficiency["tol_abs"]
    )


@pytest.mark.parametrize(
    "job",
    [
        a_job(hours=10.0, between_h=3.0),
        a_job(hours=2.5, between_h=1.0, restart_min=40.0),  # a short last segment, and restarts that are often struck
        a_job(hours=2.0, between_h=2.0, every_min=1e9),  # saved at the end only
        a_job(hours=40.0, between_h=2.0, cost_min=0.0, restart_min=0.0),
    ],
)
def test_the_mean_wall_time_of_a_short_job_is_exact(job):
    walls_h = [simulate_training(job, seed=1, replication=one).wall_time_h for one in range(4000)]
    standard_error_h = stdev(walls_h) / len(walls_h) ** 0.5
    assert standard_error_h < 0.02 * expected_wall_time_h(job)
    assert fmean(walls_h) == pytest.approx(expected_wall_time_h(job), abs=4 * standard_error_h)


@pytest.mark.parametrize("efficiency", [expected_efficiency, lambda job: simulate_training(job, seed=1).efficiency])
@pytest.mark.parametrize("cost_min", [1, 5])
def test_the_best_interval_is_flat_around_those_of_young_and_daly(efficiency, cost_min):
    daly_min = daly_checkpoint_every_min(the_case(cost_min))
    by_factor = {f: efficiency(the_case(cost_min, f * daly_min)) for f in (0.1, 0.5, 0.7, 1.0, 1.4, 2.0, 10.0)}
    young = efficiency(the_case(cost_min, young_checkpoint_every_min(the_case(cost_min))))
    best = max(by_factor.values())
    assert young > 0.995 * best
    assert min(by_factor[f] for f in (0.7, 1.0, 1.4)) > 0.985 * best
    assert max(by_factor[0.5], by_factor[2.0]) < by_factor[1.0]
    assert max(by_factor[0.1], by_factor[10.0]) < 0.75 * best


def test_the_formula_is_best_where_daly_says():
    for cost_min in (1, 5):
        daly_min = daly_checkpoint_every_min(the_case(cost_min))
        best = expected_efficiency(the_case(cost_min, daly_min))
        assert all(expected_efficiency(the_case(cost_min, f * daly_min)) < best for f in (0.9, 1.1))


def test_a_checkpoint_as_long_as_two_failures_is_saved_once_a_failure():
    assert daly_checkpoint_every_min(a_job(cost_min=120.0, between_h=1.0)) == 60
    assert young_checkpoint_every_min(a_job(cost_min=120.0, between_h=1.0)) == pytest.approx(sqrt(2 * 120 * 60))


def test_same_seed_same_job_and_another_seed_or_replication_another():
    job = the_case(1)
    again = simulate_training(job, seed=1)
    assert again == simulate_training(job, seed=1)
    assert again not in [simulate_training(job, seed=2), simulate_training(job, seed=1, replication=1)]


def first_failures_h(job, n, seed=1, replication=0):
    return list(islice(failure_times_h(job, seed, replication), n))


def test_failures_strike_at_the_same_times_whatever_the_checkpoints_are():
    job = a_job(hours=100.0, between_h=3.0)
    times_h = first_failures_h(job, 500)
    for every_min in (7.0, 60.0, 500.0):
        other = job.model_copy(update={"checkpoint_every_min": every_min})
        assert run_job(other, times_h) == simulate_training(other, seed=1)


def test_the_nth_failure_is_drawn_for_its_number():
    some, more = (first_failures_h(a_job(between_h=3.0), n) for n in (10, 3000))
    assert some == more[:10]
    stretched = first_failures_h(a_job(between_h=6.0), 3000)
    assert stretched == pytest.approx([2 * one for one in more])


def test_gaps_between_failures_are_exponential():
    times_h = first_failures_h(a_job(between_h=3.0), 20_000)
    gaps_h = [later - earlier for earlier, later in pairwise([0.0, *times_h])]
    assert fmean(gaps_h) == pytest.approx(3, abs=4 * 3 / len(gaps_h) ** 0.5)
    for hours in (0.3, 3.0, 9.0):  # the share that lasts longer, binomial
        share = exp(-hours / 3)
        wrong_by = 4 * (share * (1 - share) / len(gaps_h)) ** 0.5
        assert fmean(gap > hours for gap in gaps_h) == pytest.approx(share, abs=wrong_by)


def test_rarer_failures_make_a_job_shorter_on_the_whole():
    def mean_wall_h(between_h):
        return fmean(
            simulate_training(a_job(between_h=between_h), seed=3, replication=i).wall_time_h for i in range(50)
        )

    walls_h = [mean_wall_h(one) for one in (1.0, 2.0, 4.0, 8.0, 1e9)]
    assert walls_h == sorted(walls_h, reverse=True)


@pytest.mark.parametrize(
    "job",
    [
        a_job(every_min=600.0, between_h=0.5),
        a_job(every_min=1e9, hours=1e6, between_h=1.0),
        a_job(every_min=1e-320),
        a_job(restart_min=1e6, between_h=1e-300),
    ],
)
def test_a_job_that_would_hardly_ever_end_is_refused_in_words(job):
    with pytest.raises(
        TooLong, match=r"training would fail about .* times before it is done, and 1,000,000 is the most"
    ):
        simulate_training(job, seed=1)


def test_what_is_too_long_to_say_is_endless():
    assert expected_wall_time_h(a_job(every_min=1e9, hours=1e6, between_h=1.0)) == inf
    assert expected_efficiency(a_job(every_min=1e9, hours=1e6, between_h=1.0)) == 0


def test_the_age_of_a_model_rises_by_an_hour_an_hour():
    assert freshness([Serving(data_h=0.0, from_h=5.0, to_h=29.0)]).model_dump() == {"mean_age_h": 17, "worst_age_h": 29}


def test_the_mean_age_is_weighted_by_the_time_that_models_serve():
    short, long = Serving(data_h=0.0, from_h=0.0, to_h=1.0), Serving(data_h=0.0, from_h=1.0, to_h=4.0)
    assert freshness([short, long]).mean_age_h == pytest.approx((0.5 * 1 + 2.5 * 3) / 4)


def test_a_daily_training_serves_data_that_are_half_a_day_and_all_delays_old():
    """Training takes 3 h and its release 2 h: age 5 h when it comes, 29 h when it goes, straight in between."""
    found = retraining([3.0] * 5, every_h=24.0, release_delay_h=2.0, usd_per_hour=10.0)
    assert found.freshness.model_dump() == pytest.approx({"mean_age_h": 17, "worst_age_h": 29})
    assert [one.model_dump() for one in found.serving[:2]] == [
        {"data_h": 0, "from_h": 5, "to_h": 29},
        {"data_h": 24, "from_h": 29, "to_h": 53},
    ]
    assert (found.mean_wall_time_h, found.mean_gap_h, found.waited, found.busy_share) == (3, 24, 0, 3 / 24)
    assert found.usd_per_month == pytest.approx(10 * 3 / 24 * 730)


def test_a_training_that_lasts_too_long_delays_the_next_and_ages_the_model():
    """The second training takes 30 h, so the third starts 6 h late; the first model serves until 24 + 30 h."""
    found = retraining([3.0, 30.0, 3.0, 3.0], every_h=24.0, release_delay_h=0.0)
    assert [(one.data_h, one.from_h, one.to_h) for one in found.serving] == [(0, 3, 54), (24, 54, 57), (54, 57, 81)]
    assert (found.waited, found.freshness.worst_age_h, found.usd_per_month) == (1, 54, None)
    assert found.mean_gap_h == pytest.approx((24 + 30 + 24) / 3)
    assert found.busy_share == pytest.approx((3 + 30 + 3) / 78)


def test_machines_that_never_rest_are_busy_all_the_time():
    found = retraining([30.0] * 4, every_h=24.0, release_delay_h=0.0)
    assert (found.busy_share, found.waited, found.mean_gap_h) == (1, 3, 30)


DAILY = a_job(hours=12.0, between_h=6.0, retrain_every_h=24.0, usd_per_hour=5.0)


def test_each_retraining_has_failures_of_its_own():
    found = simulate_retraining(DAILY, seed=1, release_delay_h=2.0, retrainings=20)
    walls_h = [simulate_training(DAILY, seed=1, replication=one).wall_time_h for one in range(20)]
    assert found == retraining(walls_h, 24.0, 2.0, 5.0)
    assert len(set(walls_h)) > 10


def test_retraining_more_often_serves_younger_models():
    every_h = (6.0, 24.0, 72.0, 240.0)
    ages = [simulate_retraining(DAILY.model_copy(update={"retrain_every_h": one}), seed=1).freshness for one in every_h]
    for age in ("mean_age_h", "worst_age_h"):
        assert [getattr(one, age) for one in ages] == sorted(getattr(one, age) for one in ages)


def test_a_model_is_older_by_the_delay_of_its_release():
    slow, quick = (simulate_retraining(DAILY, seed=1, release_delay_h=one).freshness for one in (7.0, 0.0))
    assert slow.mean_age_h - quick.mean_age_h == pytest.approx(7)
    assert slow.worst_age_h - quick.worst_age_h == pytest.approx(7)


@pytest.mark.parametrize(
    ("job", "more", "told"),
    [
        (a_job(), {}, "retrain_every_h is left out, so nothing is retrained"),
        (DAILY, {"retrainings": 1}, "retrainings is 1, but must be at least 2"),
        (DAILY, {"release_delay_h": -1.0}, "release_delay_h is -1.0, but must be at least 0"),
        (a_job(every_min=600.0, between_h=0.9, retrain_every_h=24.0), {"retrainings": 50}, "or repeat fewer trainings"),
    ],
)
def test_a_retraining_that_makes_no_sense_is_refused(job, more, told):
    with pytest.raises(ValueError, match=told):
        simulate_retraining(job, seed=1, **more)
