"""A failure that no timer sees costs what the question declares, on the answers of the model."""

import pytest

from question_bank.content import content_problems
from question_bank.loader import load_all
from question_bank.quality import declared_loss, loss_in_words, lost_share
from question_bank.schema import QualityLoss
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, service

LOSS = QualityLoss(drill="training_serving_skew", metric="ad revenue", loss=0.1, basis="assumed")


@pytest.fixture(scope="module")
def summary() -> Summary:
    quiet = a_design({"web": service(0.001)}, 10.0)
    return summarize(replicate(quiet, RunSettings(replications=1, duration_s=5.0)))


def with_ends(summary: Summary, **ends: int) -> Summary:
    none = dict.fromkeys(("in_time", "late", "degraded", "refused", "failed"), 0)
    return summary.model_copy(update={"outcomes": summary.outcomes.model_copy(update=none | ends)})


def test_the_model_s_answers_lose_and_those_of_a_fallback_do_not(summary):
    ends = with_ends(summary, in_time=60, late=10, degraded=30, refused=500)
    assert lost_share(LOSS, ends) == pytest.approx(0.07)
    assert loss_in_words(LOSS, ends) == (
        "70% of the answers are the model's, and each is worth 10% less (assumed): 7.0% of the ad revenue is gone, "
        "and no number of the run has moved."
    )


def test_nothing_is_lost_where_nothing_was_answered(summary):
    assert lost_share(LOSS, with_ends(summary, failed=5)) is None
    assert loss_in_words(LOSS, with_ends(summary, failed=5)).startswith("Nothing was answered")


def test_a_question_declares_its_loss_or_none():
    questions = load_all()
    assert declared_loss(questions["ads-ranking"], "training_serving_skew").metric == "ad revenue"
    assert declared_loss(questions["llm-inference-service"], "training_serving_skew") is None
    assert declared_loss(None, "training_serving_skew") is None


def test_a_loss_by_a_drill_that_costs_no_quality_is_a_problem():
    question = load_all()["ads-ranking"]
    wrong = question.simulation.model_copy(update={"quality_losses": (LOSS.model_copy(update={"drill": "gpu_loss"}),)})
    [problem] = content_problems(question.model_copy(update={"simulation": wrong}))
    assert "gpu_loss" in problem
    assert "training_serving_skew" in problem
