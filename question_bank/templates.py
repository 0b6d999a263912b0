"""Templates: designs to start from, each with changes to try that break its promise. One YAML file each, no code."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from question_bank.page_files import Page, load_pages
from question_bank.schema import Line, Words
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import with_value
from simulator.results.checks import Metric, Verdict
from simulator.results.replications import replicate
from simulator.results.summary import promise_checks, promise_verdicts
from simulator.settings import RunSettings
from simulator.spec import Spec

TEMPLATES = Path(__file__).parent / "templates"
SETTINGS = RunSettings(seed=1, requests=3_000, replications=2)


class Experiment(Spec):
    """A change to the design: what stands at each place afterwards, and which part of the promise is then missed."""

    say: Line
    change: Annotated[dict[str, JsonValue], Field(min_length=1, max_length=10)]
    misses: Metric

    def on(self, design: Design) -> Design:
        """The design with the change. Raise DesignProblem if it does not fit."""
        for path, value in self.change.items():
            design = with_value(design, path, value)
        return design


class Template(Page):
    """A design that keeps its promise, one line on what it is for, and what to try on it."""

    title: Words
    about: Line
    design: Design
    to_try: Annotated[tuple[Experiment, ...], Field(min_length=2, max_length=5)]

    @model_validator(mode="after")
    def _can_be_tried(self) -> Self:
        promised = [check.metric for check in promise_checks(self.design)]
        for i, one in enumerate(self.to_try):
            if one.misses not in promised:
                raise ValueError(f"to_try.{i}.misses is {one.misses!r}; the design promises {', '.join(promised)}")
            try:
                one.on(self.design)
            except DesignProblem as problem:
                raise ValueError(f"to_try.{i}.change does not fit: {problem.problems[0]}") from problem
        return self


def load_templates(folder: Path = TEMPLATES) -> dict[str, Template]:
    """Every template by its slug, in the order of the files. Raise QuestionProblem with all problems of all of them."""
    return load_pages(Template, folder)


def template_problems(templates: Iterable[Template], jobs: int = 1) -> list[str]:
    """A sentence for each template that breaks its promise, and for each trial that does not break what it says. Each
    is run; `jobs` processes run at a time.
    """
    some = list(templates)
    if jobs == 1:
        found = [_problems(one) for one in some]
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(_problems, some))
    return [
        f"templates/{one.slug}.yaml: {problem}"
        for one, problems in zip(some, found, strict=True)
        for problem in problems
    ]


def _problems(template: Template) -> list[str]:
    return [*(f"design: {one.sentence}" for one in _ran(template.design) if not one.met), *_trials(template)]


def _trials(template: Template) -> Iterator[str]:
    for i, trial in enumerate(template.to_try):
        design = trial.on(template.design)
        place = [check.metric for check in promise_checks(design)].index(trial.misses)
        verdict = _ran(design)[place]
        if verdict.met is not False:
            yield f"to_try.{i}.misses is {trial.misses!r}, but with the change {verdict.sentence}"


def _ran(design: Design) -> tuple[Verdict, ...]:
    return promise_verdicts(replicate(design, SETTINGS))
