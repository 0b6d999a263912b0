"""Each model of plain numbers against a closed form, a number worked by hand or another library."""

from math import comb, e, exp, log, sqrt

import numpy as np
import pytest
from scipy.stats import binom, chi2, laplace, norm

from question_bank.lab_models import MODELS, canary, checkpoints, drifting, privacy, replicas, thresholds


def test_psi_and_kl_of_tiny_histograms_are_those_worked_by_hand():
    half, quarter = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    # (0.25 - 0.5) ln(0.25 / 0.5) + (0.75 - 0.5) ln(0.75 / 0.5) = 0.25 ln 2 + 0.25 ln 1.5 = 0.25 ln 3
    assert drifting.psi(half, quarter) == pytest.approx(0.25 * log(3), rel=1e-12)
    assert drifting.binned_kl(quarter, half) == pytest.approx(0.25 * log(0.5) + 0.75 * log(1.5), rel=1e-12)
    assert drifting.psi(half, half) == 0


def test_psi_is_kl_in_both_directions():
    p, q = np.array([0.1, 0.2, 0.7]), np.array([0.3, 0.3, 0.4])
    assert drifting.psi(p, q) == pytest.approx(drifting.binned_kl(p, q) + drifting.binned_kl(q, p), rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0])
def test_kl_of_a_shifted_normal_is_half_the_square_of_the_shift(shift):
    assert drifting.normal_kl(shift, 1.0) == pytest.approx(shift**2 / 2, abs=1e-15)


def test_kl_of_normals_is_the_integral():
    x = np.linspace(-14, 16, 400_001)
    p, q = norm(0.7, 1.6), norm()
    integral = float(np.sum(p.pdf(x) * (p.logpdf(x) - q.logpdf(x))) * (x[1] - x[0]))
    assert drifting.normal_kl(0.7, 1.6) == pytest.approx(integral, rel=1e-6)


def test_psi_of_fine_bins_comes_near_the_square_of_a_small_shift():
    shares = drifting.bin_shares(50, 0.3, 1.0)
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert 0.95 * 0.09 < drifting.psi(np.full(50, 0.02), shares) < 0.09


def test_false_alarms_are_the_tail_of_chi_square_where_bins_are_well_filled():
    rows, bins = 2000, 10
    threshold = chi2.ppf(0.9, bins - 1) / rows
    assert drifting.false_alarms_in_theory(threshold, rows, bins) == pytest.approx(0.1, rel=1e-9)
    counted = (drifting.sampled_psi(np.full(bins, 0.1), rows) > threshold).mean()
    assert counted == pytest.approx(0.1, abs=4 * sqrt(0.1 * 0.9 / drifting.DAYS))


def test_noise_alone_has_a_psi_of_bins_less_one_by_rows():
    found = drifting.sampled_psi(np.full(10, 0.1), 2000)
    standard_error = found.std() / sqrt(len(found))
    assert found.mean() == pytest.approx(9 / 2000, abs=4 * standard_error + 0.02 * 9 / 2000)


def test_drift_raises_more_alarms_than_none():
    settings = {"spread": 1.0, "rows": 200, "bins": 20, "threshold": 0.1}
    still, moved = (MODELS["drift"](shift=shift, **settings) for shift in (0.0, 0.5))
    assert moved.figure("alarms").value > 0.9 > still.figure("alarms").value
    assert moved.figure("false_alarms").value == still.figure("false_alarms").value == still.figure("alarms").value


def test_the_break_even_threshold_is_where_both_losses_are_equal():
    at = thresholds.break_even(20, 180)
    assert at == pytest.approx(0.1, abs=1e-15)
    assert at * 180 == pytest.approx((1 - at) * 20)
    assert thresholds.break_even(7, 7) == 0.5


def test_no_threshold_costs_less_than_the_break_even_one():
    grid = np.linspace(0.001, 0.999, 4000)
    costs = thresholds.expected_cost(grid, 20, 180, 0.02, 2.5)
    least = thresholds.expected_cost(np.array(0.1), 20, 180, 0.02, 2.5)
    assert least <= costs.min() + 1e-9
    assert grid[costs.argmin()] == pytest.approx(0.1, abs=0.001)


def test_the_expected_cost_is_what_drawn_cases_cost():
    luck, n = np.random.default_rng(5), 400_000
    bad = luck.random(n) < 0.2
    evidence = luck.normal(np.where(bad, 0.75, -0.75), 1)
    probability = 1 / (1 + np.exp(-(1.5 * evidence + log(0.2 / 0.8))))
    acted = probability >= 0.3
    costs = np.where(acted & ~bad, 20.0, 0.0) + np.where(~acted & bad, 180.0, 0.0)
    expected = float(thresholds.expected_cost(np.array(0.3), 20, 180, 0.2, 1.5)) / 1000
    assert costs.mean() == pytest.approx(expected, abs=4 * costs.std() / sqrt(n))


def test_a_miscalibrated_score_costs_nothing_more_at_its_own_threshold():
    assert thresholds.true_probability(thresholds.reported(0.1, 2.0, 1.0), 2.0, 1.0) == pytest.approx(0.1, rel=1e-12)
    # ln(1 / w) = 2 is added to the log odds if a share w of the good cases is kept
    assert thresholds.reported(0.1, 1.0, 2.0) == pytest.approx(0.1 / (0.1 + 0.9 * exp(-2)), rel=1e-12)
    world = {"false_alarm_usd": 20, "miss_usd": 180, "base_rate": 0.02, "separation": 2.5}
    assert MODELS["thresholds_by_cost"](**world, sharpness=1.0, bias=0.0).figure("extra").value == 0
    assert MODELS["thresholds_by_cost"](**world, sharpness=1.0, bias=2.0).figure("extra").value > 100


def test_young_and_daly_are_their_formulas():
    found = MODELS["checkpoint_interval"](every_min=40, checkpoint_min=5.0, restart_min=5.0, between_failures_h=3.0)
    x = sqrt(5 / 360)
    assert found.figure("young").value == pytest.approx(sqrt(1800), rel=1e-12)
    assert found.figure("daly").value == pytest.approx(sqrt(1800) * (1 + x / 3 + x * x / 9) - 5, rel=1e-12)


def test_simulated_jobs_agree_with_daly_within_their_interval():
    found = MODELS["checkpoint_interval"](every_min=60, checkpoint_min=5.0, restart_min=5.0, between_failures_h=3.0)
    simulated, theory = found.charts[0].series
    efficiency = found.figure("efficiency")
    at = found.charts[0].x.index(60)
    assert efficiency.half < 0.03
    assert simulated.y[at] == efficiency.value == pytest.approx(theory.y[at], abs=2 * efficiency.half)
    assert found.figure("best").value >= max(theory.y) - 1e-3
    assert checkpoints.JOBS >= 10


def test_the_sample_of_the_rollout_question_is_that_of_the_formula_and_of_the_test_it_stands_for():
    assert canary.sample_per_arm(0.03, 0.02) == pytest.approx(1_293_333, abs=1)
    exact = 2 * (norm.ppf(0.975) + norm.ppf(0.8)) ** 2 * 0.03 * 0.97 / (0.03 * 0.02) ** 2
    assert canary.sample_per_arm(0.03, 0.02) == pytest.approx(exact, rel=0.02)


def test_a_sample_of_that_size_finds_the_loss_four_times_in_five():
    n = canary.sample_per_arm(0.1, 0.1)
    luck = np.random.default_rng(3)
    old, new = (luck.binomial(int(n), p, 4000) / n for p in (0.1, 0.09))
    pooled = (old + new) / 2
    found = (old - new) / np.sqrt(2 * pooled * (1 - pooled) / n) > norm.ppf(0.975)
    assert found.mean() == pytest.approx(0.8, abs=0.04)


def test_the_rollout_takes_the_minutes_and_hurts_the_requests_of_the_question():
    sample = canary.sample_per_arm(0.03, 0.02)
    assert canary.minutes_to_show(0.05, 20_000, sample) == pytest.approx(21.6, abs=0.1)
    assert canary.exposed(0.05, 20_000, sample, 5) == pytest.approx(1.6e6, rel=0.01)
    assert canary.exposed(0.01, 20_000, sample, 0) == canary.exposed(0.5, 20_000, sample, 0) == sample


@pytest.mark.parametrize(("k", "n", "part"), [(1, 2, 0.9), (8, 10, 0.99), (3, 3, 0.95)])
def test_k_of_n_is_the_binomial_tail(k, n, part):
    by_hand = sum(comb(n, i) * part**i * (1 - part) ** (n - i) for i in range(k, n + 1))
    assert replicas.with_common_cause(k, n, part, 0.0) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(binom.sf(k - 1, n, part), rel=1e-9)


def test_a_common_cause_keeps_the_availability_of_one_and_is_a_floor_under_many():
    assert replicas.with_common_cause(1, 1, 0.99, 0.3) == pytest.approx(0.99, rel=1e-12)
    assert 1 - replicas.with_common_cause(2, 30, 0.99, 0.1) == pytest.approx(0.001, rel=1e-9)
    assert replicas.with_common_cause(8, 10, 0.99, 1.0) == pytest.approx(0.99, rel=1e-12)


def test_laplace_noise_has_scale_one_by_epsilon():
    assert privacy.laplace_scale(0.1) == 10
    assert privacy.mean_error(0.1, "laplace") == pytest.approx(laplace(scale=10).expect(abs), rel=1e-6)


def test_laplace_noise_of_that_scale_shifts_no_density_by_more_than_epsilon():
    x = np.linspace(-50, 50, 1001)
    ratio = laplace(0, privacy.laplace_scale(0.5)).logpdf(x) - laplace(1, privacy.laplace_scale(0.5)).logpdf(x)
    assert np.abs(ratio).max() == pytest.approx(0.5, rel=1e-12)


def test_gaussian_noise_is_that_of_the_theorem():
    assert privacy.gaussian_deviation(0.5, 1e-5) == pytest.approx(2 * sqrt(2 * log(125_000)), rel=1e-12)
    deviation = privacy.gaussian_deviation(0.5)
    assert privacy.mean_error(0.5, "gaussian") == pytest.approx(norm(scale=deviation).expect(abs), rel=1e-6)
    # delta(epsilon) of a Gaussian is Phi(1/2s - es) - exp(e) Phi(-1/2s - es); Balle and Wang, ICML 2018
    spent = norm.cdf(0.5 / deviation - 0.5 * deviation) - exp(0.5) * norm.cdf(-0.5 / deviation - 0.5 * deviation)
    assert spent < privacy.DELTA


def test_composition_is_that_worked_by_hand():
    assert privacy.basic_composition(0.1, 365) == pytest.approx(36.5)
    by_hand = 0.1 * sqrt(730 * log(1e6)) + 36.5 * (e**0.1 - 1)
    assert privacy.advanced_composition(0.1, 365) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(13.88, abs=0.005)


def test_the_better_bound_is_the_one_that_counts():
    for releases in (1, 365):
        found = MODELS["privacy_budget"](epsilon=0.1, releases=releases, people=1000, mechanism="laplace")
        assert found.figure("spent").value == min(found.figure("basic").value, found.figure("advanced").value)
