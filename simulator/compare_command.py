"""`python -m simulator compare`: two designs on the same luck, and what the second one changes."""

import argparse
from typing import Any

from simulator.command_input import add_settings_options, design_of, settings_of, stop
from simulator.design_file import DesignProblem
from simulator.results import comparison
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import TooLong
from simulator.support import DoesNotRunYet


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser("compare", help="run two designs on the same luck")
    parser.add_argument("before", help="a YAML or JSON file")
    parser.add_argument("after", help="another one")
    add_settings_options(parser)
    parser.add_argument("--json", action="store_true", help="print all differences as JSON")


def compare(options: argparse.Namespace) -> int:
    """Print every difference with its interval."""
    before, after = (_summary(options, place) for place in (options.before, options.after))
    found = comparison.compare(before, after)
    if options.json:
        print(found.model_dump_json(indent=2))
        return 0
    print(f"{options.before} -> {options.after}")
    for one in found.differences:
        if one.change is not None:
            print(f"  {one.sentence}")
    if found.moved:
        print(f"  {found.moved}")
    if not found.same_luck:
        print("note: the runs are of different length, so they did not meet the same luck and have no intervals.")
    return 0


def _summary(options: argparse.Namespace, place: str) -> Summary:
    try:
        return summarize(replicate(design_of(place, []), settings_of(options, place)))
    except (DesignProblem, DoesNotRunYet) as error:
        stop(place, error.problems)
    except TooLong as error:
        stop(place, [str(error)])
