"""`python -m simulator advise`: what limits a design, by which rule, and the best single changes, measured."""

import argparse
from typing import Any

from simulator.advisor.advice import Plan, Tried, best, settings_for, tried
from simulator.advisor.case import Finding
from simulator.command_input import (
    add_design_options,
    add_processes_option,
    add_settings_options,
    design_of,
    processes_of,
    settings_of,
    stop,
)
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.series import run_all
from simulator.settings import RunSettings, TooLong
from simulator.spec import Spec
from simulator.support import DoesNotRunYet
from simulator.workers import Job

MOST_FINDINGS = 3


class Advice(Spec):
    """What is printed as JSON."""

    kept: bool
    aim: str  # what was added to the promise
    findings: tuple[Finding, ...]
    best: tuple[Tried, ...]
    tried: tuple[Tried, ...]


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser("advise", help="name the bottleneck and try single changes")
    add_design_options(parser)
    add_settings_options(parser)
    add_processes_option(parser)
    parser.add_argument("--json", action="store_true", help="print everything that was tried as JSON")


def advise(options: argparse.Namespace) -> int:
    """Print the findings with the theory beside them, and what the best changes do."""
    settings, processes = settings_of(options, options.design), processes_of(options)
    design, summary = _run(options, settings)
    plan = Plan(design, summary)
    found, before = _tried(plan, settings_for(design, settings), processes)
    chosen = best(found, before) if before is not None else []
    advice = Advice(kept=plan.kept, aim=plan.added, findings=plan.findings, best=tuple(chosen), tried=tuple(found))
    print(advice.model_dump_json(indent=2) if options.json else "\n".join(_lines(advice)))
    return 0


def _run(options: argparse.Namespace, settings: RunSettings) -> tuple[Design, Summary]:
    try:
        design = design_of(options.design, options.set)
        return design, summarize(replicate(design, settings))
    except (DesignProblem, DoesNotRunYet) as error:
        stop(options.design, error.problems)
    except TooLong as error:
        stop(options.design, [str(error)])


def _tried(plan: Plan, settings: RunSettings, processes: int) -> tuple[list[Tried], Summary | None]:
    """What each change did, and the run of the present design that it was compared with."""
    found: dict[int, Summary] = {}

    def keep(place: int, job: Job) -> None:
        if job.summary is not None:
            found[place] = job.summary

    run_all(plan.designs, settings, processes, keep)
    if 0 not in found:
        return [], None
    pairs = [(change, found[i]) for i, change in enumerate(plan.changes, start=1) if i in found]
    return [tried(plan.design, change, found[0], after) for change, after in pairs], found[0]


def _lines(advice: Advice) -> list[str]:
    lines = []
    for one in advice.findings[:MOST_FINDINGS]:
        lines += [f"{one.title}: {one.sentence}", *_theory(one), f"    source: {one.source}"]
    if not advice.findings:
        lines.append("No rule sees anything here.")
    lines.append("")
    if advice.aim:
        lines.append(advice.aim)
    what = "savings" if advice.kept else "changes"
    helps = sum(one.helps for one in advice.tried)
    lines.append(f"{len(advice.tried)} {what} were tried on the same luck; of {helps} that help these are the best.")
    for one_tried in advice.best:
        extra = one_tried.extra_usd_per_month
        money = "not priced" if extra is None else f"{extra:+,.0f} USD a month"
        kept = "keeps the promise" if one_tried.keeps else "does not keep the promise yet"
        lines.append(f"  {one_tried.label}: {money}, {kept}")
        lines += [f"      {d.sentence}" for d in one_tried.comparison.differences if d.change and d.change.value]
    return lines


def _theory(finding: Finding) -> list[str]:
    return [
        f"    theory: {one.quantity} {one.expected:.4g} {one.unit}".rstrip()
        + ("" if one.measured is None else f", measured {one.measured:.4g}")
        + f" ({one.source})"
        for one in finding.theory
    ]
