"""What the commands of the simulator read: designs, changes to them, settings; and how they refuse."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from simulator.design import Design
from simulator.design_file import DesignProblem, read_design
from simulator.knobs import with_value
from simulator.messages import sentences
from simulator.run import Progress
from simulator.settings import RunSettings
from simulator.trace_file import with_recorded_times
from simulator.yaml_text import NotYaml, read_yaml

WRONG_INPUT = 2


_HELP = {
    "seed": "the luck; the same seed gives the same numbers (default 1)",
    "replications": "runs with different luck; five or more for numbers shown as facts (default 5)",
    "requests": "arrivals in each run (default 10000)",
    "duration_s": "seconds of arrivals in each run, instead of --requests",
    "warm_up_s": "seconds at the beginning that are not counted (default: by the load)",
}


def add_design_options(parser: argparse.ArgumentParser) -> None:
    """A design file and changes to it."""
    parser.add_argument("design", help="a YAML or JSON file, or - for standard input")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change one value of the design"
    )


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """How long, how often and with which luck."""
    for name, field in RunSettings.model_fields.items():
        kind = int if field.annotation is int else float
        flag = f"--{name.removesuffix('_s').replace('_', '-')}{'-s' if name.endswith('_s') else ''}"
        parser.add_argument(flag, dest=name, type=kind, help=_HELP[name])


def add_processes_option(parser: argparse.ArgumentParser) -> None:
    """How many runs at once."""
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="runs at once (default: processors)")


def processes_of(options: argparse.Namespace) -> int:
    """How many runs at once; a wrong number ends the program."""
    processes: int = options.processes
    if not 1 <= processes <= 256:
        stop(options.design, [f"--processes is {processes}; give 1 to 256"])
    return processes


def design_of(place: str, changes: list[str]) -> Design:
    """The design in a file, changed, with the recorded times that it names. Raise DesignProblem."""
    design = _changed(read_design(_text(place)), changes)
    return with_recorded_times(design, Path() if place == "-" else Path(place).parent)


def _text(place: str) -> str:
    try:
        return sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
    except OSError as error:
        raise DesignProblem([f"the file cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise DesignProblem(["the file is not text in UTF-8"]) from error


def _changed(design: Design, changes: list[str]) -> Design:
    for change in changes:
        path, equals, written = change.partition("=")
        if not equals:
            raise DesignProblem([f"--set {change}: write it as path=value, for example components.ranker.replicas=4"])
        try:
            value: Any = read_yaml(written)
        except NotYaml as error:
            raise DesignProblem([f"--set {change}: {error}"]) from error
        design = with_value(design, path, value)
    return design


def settings_of(options: argparse.Namespace, place: str) -> RunSettings:
    """The settings among the options; wrong ones end the program."""
    given = {name: value for name in RunSettings.model_fields if (value := getattr(options, name, None)) is not None}
    try:
        return RunSettings(**given)
    except ValidationError as error:
        stop(place, sentences(error, given))


def stop(place: str, problems: list[str]) -> NoReturn:
    """Print the problems of a place and end the program."""
    for problem in problems:
        print(f"{place}: {problem}", file=sys.stderr)
    sys.exit(WRONG_INPUT)


def progress_bar() -> Progress | None:
    """A line that says how far the run is, on a terminal; silent when the output goes elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(share: float) -> None:
        end = "\r" + " " * 40 + "\r" if share >= 1 else ""
        print(f"\rsimulating {share:4.0%} {'#' * int(share * 20):<20}", end=end, file=sys.stderr, flush=True)

    return show
