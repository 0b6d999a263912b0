"""What a failure costs in quality that no timer sees, as a question declares it."""

from question_bank.schema import QualityLoss, Question
from simulator.results.summary import Summary


def declared_loss(question: Question | None, drill: str) -> QualityLoss | None:
    """What the question says that a drill costs; None if it says nothing."""
    losses = question.simulation.quality_losses if question is not None else ()
    return next((one for one in losses if one.drill == drill), None)


def lost_share(loss: QualityLoss, summary: Summary) -> float | None:
    """The share of the metric that is gone: the loss on the answers of the model, none on those of a fallback."""
    ends = summary.outcomes
    answers = ends.in_time + ends.late + ends.degraded
    return loss.loss * (ends.in_time + ends.late) / answers if answers else None


def loss_in_words(loss: QualityLoss, summary: Summary) -> str:
    """The loss as a sentence."""
    lost, ends = lost_share(loss, summary), summary.outcomes
    if lost is None:
        return "Nothing was answered, so nothing was answered wrongly."
    by_model = (ends.in_time + ends.late) / (ends.in_time + ends.late + ends.degraded)
    return (
        f"{by_model:.0%} of the answers are the model's, and each is worth {loss.loss:.0%} less ({loss.basis}): "
        f"{lost:.1%} of the {loss.metric} is gone, and no number of the run has moved."
    )
