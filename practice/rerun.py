"""An attempt run and graded again from its file, and what is different from what the file says."""

from collections.abc import Callable, Iterator
from typing import Any

from practice.answer_file import AnswerProblem
from practice.attempt import StoredRun
from practice.attempt_file import AttemptFile, as_attempt
from practice.filed import Measured
from practice.review import card as make_card
from practice.versions import versions
from question_bank.scenarios import ScenarioProblem, checks_on
from question_bank.schema import Question
from rubrics import Card, GradeProblem
from simulator.design_file import DesignProblem
from simulator.results.checks import CheckSpec
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import TooLong
from simulator.spec import Spec
from simulator.support import DoesNotRunYet

SHOWN = 5  # differences that are told of each run


class RunAgain(Spec):
    """One scenario run again: whether every number is the same to the last bit, or else the first differences."""

    scenario: str
    is_same: bool
    differences: tuple[str, ...] = ()


class Rerun(Spec):
    """What came of running and grading a file again. `card` is None if it could not be made."""

    runs: tuple[RunAgain, ...]
    card: Card | None
    card_differences: tuple[str, ...]
    versions: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether all numbers and all scores are those of the file."""
        return all(one.is_same for one in self.runs) and not self.card_differences

    def sentences(self) -> Iterator[str]:
        """What was found, for people."""
        for one in self.runs:
            yield f"{one.scenario}: {'the same numbers to the last bit' if one.is_same else 'other numbers'}"
            yield from (f"  {difference}" for difference in one.differences)
        if self.card is not None:
            yield f"score {self.card.total:g} of 100" + ("" if self.card_differences else ", as in the file")
        yield from (f"  card: {difference}" for difference in self.card_differences)
        yield from self.versions


def rerun(file: AttemptFile, question: Question, progress: Callable[[str, float], None]) -> Rerun:
    """Run every run and trial of the file again with its settings, and grade what comes out; `progress` is told
    scenario and share. Raise AnswerProblem for a run that cannot be repeated.
    """
    runs, found = file.stored_runs(), []
    for one in file.measured():
        summary = _again(one, question, progress)
        found.append(compared(one, summary))
        if one.scenario in runs:
            runs[one.scenario] = runs[one.scenario].model_copy(update={"summary": summary})
    card, differences = graded(file, question, runs)
    return Rerun(
        runs=tuple(found),
        card=card,
        card_differences=differences,
        versions=versions(question).differences(file.versions),
    )


def _again(run: Measured, question: Question, progress: Callable[[str, float], None]) -> Summary:
    try:
        done = replicate(run.design, run.settings, lambda share: progress(run.scenario, share))
        return summarize(done, checks_of(run, question))
    except (TooLong, DoesNotRunYet, DesignProblem) as problem:
        raise AnswerProblem([f"runs.{run.scenario} cannot be run: {problem}"]) from problem


def checks_of(run: Measured, question: Question) -> tuple[CheckSpec, ...]:
    """The checks of the scenario in the names of the run's design; none if it is a trial, or gone from the question."""
    scenario = next((one for one in question.simulation.scenarios if one.id == run.scenario), None)
    try:
        return checks_on(scenario, run.design) if scenario is not None else ()
    except ScenarioProblem:
        return ()


def compared(run: Measured, summary: Summary) -> RunAgain:
    """The numbers of a run beside those of the file."""
    before = run.summary.model_dump(mode="json")
    if run.summary.playback is None:
        before["playback"] = summary.model_dump(mode="json")["playback"]  # an earlier version kept none
    found = list(differences(before, summary.model_dump(mode="json")))
    more = [f"and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
    return RunAgain(scenario=run.scenario, is_same=not found, differences=(*found[:SHOWN], *more))


def graded(file: AttemptFile, question: Question, runs: dict[str, StoredRun]) -> tuple[Card | None, tuple[str, ...]]:
    """The card that the file and these runs make, and where it differs from the file's."""
    try:
        card = make_card(
            question, as_attempt(file), runs, answers=file.answers, profile=file.profile, counts_facts=file.is_mock
        )
    except GradeProblem as problem:
        return None, (str(problem),)
    if file.card is None:
        return card, ()
    found = list(differences(file.card.model_dump(mode="json"), card.model_dump(mode="json")))
    return card, tuple(found[:SHOWN])


def differences(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """Where two pieces of plain data are not equal, each with both values."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            yield from differences(before.get(key), now.get(key), f"{place}.{key}" if place else str(key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for i, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from differences(old, new, f"{place}[{i}]")
    elif before != now:
        yield f"{place} is {_short(now)}, and was {_short(before)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
