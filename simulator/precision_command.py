"""`python -m simulator run --precision 0.05`: run until the p99 is known so well, or the budget is spent."""

import argparse

from simulator.command_input import progress_bar, stop
from simulator.design import Design
from simulator.precision import METHOD, MOST_IN_BUDGET, USUAL_BUDGET, Precision, until_precise
from simulator.results.summary import Summary
from simulator.spec import Spec


class Report(Spec):
    """What `--json` prints."""

    precision: Precision
    summary: Summary


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    wanted = "run until the p99 is known to this share of itself, such as 0.05"
    parser.add_argument("--precision", type=float, metavar="SHARE", help=wanted)
    budget = f"requests that --precision may simulate in all runs (default {USUAL_BUDGET}, at most {MOST_IN_BUDGET})"
    parser.add_argument("--budget-requests", type=int, metavar="N", help=budget)


def is_wanted(options: argparse.Namespace) -> bool:
    """Whether a precision is asked for; options that do not go with it, or not without it, end the program."""
    wrong = []
    if options.precision is None:
        wrong = ["--budget-requests is for --precision; give both"] if options.budget_requests is not None else []
    elif given := [
        name for name in ("replications", "requests", "duration_s", "warm_up_s") if vars(options)[name] is not None
    ]:
        wrong = [f"--precision chooses how long to run; leave --{one.replace('_', '-')} out" for one in given]
    if wrong:
        stop(options.design, wrong)
    return options.precision is not None


def precise(design: Design, options: argparse.Namespace) -> Report:
    """Run. Raise DesignProblem or DoesNotRunYet."""
    budget = USUAL_BUDGET if options.budget_requests is None else options.budget_requests
    seed = 1 if options.seed is None else options.seed
    bar = progress_bar()
    found = until_precise(design, options.precision, budget, seed, options.engine, progress=bar)
    if bar is not None:
        bar(1.0)  # it is shown as a share of the budget, which is seldom spent
    return Report(precision=found.precision, summary=found.summary)


def lines(precision: Precision) -> list[str]:
    """What stands below the table."""
    return ["", f"precision   {precision.sentence}.", f"            {METHOD}"]
