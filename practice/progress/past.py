"""An attempt as progress looks at it. Moments are seconds since the epoch."""

from practice.attempt import Attempt
from practice.prediction import Compared, Prediction, compare_numbers
from practice.rounds import Round
from rubrics import Card
from simulator.spec import NonNegative, Spec

DAY_S = 86_400.0


class PastRun(Spec):
    """What is left of a run: its scenario, whether every check was met, and the numbers that were predicted."""

    scenario: str
    at: NonNegative
    passed: bool | None = None
    prediction: Prediction | None = None
    p99_ms: float | None = None
    usd_per_month: float | None = None
    bottleneck: str | None = None

    def compared(self) -> tuple[Compared, ...]:
        """The prediction beside the run; nothing if none was made."""
        if self.prediction is None:
            return ()
        named, found = self.prediction.bottleneck, self.bottleneck
        said = "Nothing in this design can be full." if found is None else "Right." if named == found else "Another."
        bottleneck = Compared(
            what="bottleneck", predicted=named, measured=found or "none", log_ratio=None, sentence=said
        )
        return (bottleneck, *compare_numbers(self.prediction, self.p99_ms, self.usd_per_month))


class Past(Spec):
    """An attempt, its card, the round it was begun as, the newest run of each of its scenarios, and the first run after
    each prediction.
    """

    attempt: Attempt
    card: Card | None = None
    round: Round | None = None
    runs: tuple[PastRun, ...] = ()
    predicted: tuple[PastRun, ...] = ()

    @property
    def question(self) -> str:
        return self.attempt.question

    @property
    def at(self) -> float:
        return self.attempt.created_at


def graded(pasts: tuple[Past, ...]) -> list[tuple[Past, Card]]:
    """The attempts that have a card, the oldest first."""
    return sorted(((one, one.card) for one in pasts if one.card is not None), key=lambda one: one[0].at)
