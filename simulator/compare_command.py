"""`python -m simulator compare`: two designs on the same luck, and what the second one changes."""

import argparse
from typing import Any

from simulator.command_input import add_settings_options, design_of, settings_of, stop
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.results import comparison
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings, TooLong, warm_up_s
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
    places = (options.before, options.after)
    designs = [_design(place) for place in places]
    settings = settings_of(options, options.before)
    before, after = (_summary(place, one, settings, designs) for place, one in zip(places, designs, strict=True))
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


def _design(place: str) -> Design:
    try:
        return design_of(place, [])
    except DesignProblem as error:
        stop(place, error.problems)


def _summary(place: str, design: Design, settings: RunSettings, both: list[Design]) -> Summary:
    """Both leave out the same beginning, the longer one, so that they count the same requests."""
    try:
        dropped_s = max(warm_up_s(one, settings)[0] for one in both)
        return summarize(replicate(design, settings.model_copy(update={"warm_up_s": dropped_s})))
    except (DesignProblem, DoesNotRunYet) as error:
        stop(place, error.problems)
    except TooLong as error:
        stop(place, [str(error)])
