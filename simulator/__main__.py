"""Command line of the simulator: `python -m simulator run design.yaml`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from simulator import fidelity
from simulator.design import Design
from simulator.design_file import DesignProblem, read_design
from simulator.knobs import with_value
from simulator.messages import sentences
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.run import Progress
from simulator.settings import RunSettings, TooLong
from simulator.support import DoesNotRunYet
from simulator.text_report import text_report
from simulator.theory import TheoryProblem, theory, theory_names, theory_rows
from simulator.trace_file import with_recorded_times
from simulator.yaml_text import NotYaml, read_yaml

WRONG_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 for an unmet promise with `--strict`, or 2 for wrong input."""
    options = _parser().parse_args(arguments)
    match options.command:
        case "schema":
            print(json.dumps(Design.model_json_schema(), indent=2))
            return 0
        case "check":
            return _check(options)
        case "theory":
            return _theory(options)
        case _:
            return _run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Run system designs and measure them.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a design file and print what was measured")
    run.add_argument("design", help="a YAML or JSON file, or - for standard input")
    run.add_argument("--json", action="store_true", help="print all numbers as JSON instead of a table")
    run.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value of the design")
    run.add_argument("--strict", action="store_true", help="exit with 1 if the design's promise is not met")
    for name, field in RunSettings.model_fields.items():
        kind = int if field.annotation is int else float
        flag = f"--{name.removesuffix('_s').replace('_', '-')}{'-s' if name.endswith('_s') else ''}"
        run.add_argument(flag, dest=name, type=kind, help=_HELP[name])
    commands.add_parser("schema", help="print the JSON schema of design files")
    check = commands.add_parser("check", help="hold the simulator against theory and print every number")
    check.add_argument("case", nargs="*", help="names of cases; all that run if none is named")
    check.add_argument("--requests", type=int, default=fidelity.STANDARD_REQUESTS, help="counted requests in each run")
    check.add_argument("--seed", type=int, default=1)
    theory = commands.add_parser("theory", help="print what a closed form gives; without a name, which there are")
    theory.add_argument("name", nargs="?", help="for example mm1")
    theory.add_argument("parameter", nargs="*", metavar="PARAMETER=VALUE", help="for example rho=0.9")
    return parser


_HELP = {
    "seed": "the luck; the same seed gives the same numbers (default 1)",
    "replications": "runs with different luck; five or more for numbers shown as facts (default 5)",
    "requests": "arrivals in each run (default 10000)",
    "duration_s": "seconds of arrivals in each run, instead of --requests",
    "warm_up_s": "seconds at the beginning that are not counted (default: by the load)",
}


def _run(options: argparse.Namespace) -> int:
    try:
        design = _changed(read_design(_text(options.design)), options.set)
        design = with_recorded_times(design, Path() if options.design == "-" else Path(options.design).parent)
        summary = summarize(replicate(design, _settings(options, options.design), _progress_bar()))
    except (DesignProblem, DoesNotRunYet) as error:
        _stop(options.design, error.problems)
    except TooLong as error:
        _stop(options.design, [str(error)])
    if options.json:
        print(summary.model_dump_json(indent=2))
    else:
        print(text_report(summary, design.name or Path(options.design).stem))
    return int(options.strict and any(verdict.met is not True for verdict in summary.promise))


def _check(options: argparse.Namespace) -> int:
    if unknown := [case for case in options.case if case not in fidelity.RUNNABLE]:
        _stop(
            "check", [f"{case!r} is no case that runs; choose from {', '.join(fidelity.RUNNABLE)}" for case in unknown]
        )
    _settings(options, "check")
    failed = 0
    print(f"{'case':<24} {'metric':<26} {'expected':>10} {'measured':>10} {'tolerance':>10}  verdict")
    for case in options.case or fidelity.RUNNABLE:
        for one in fidelity.check(case, options.requests, options.seed):
            verdict = "passed" if one.passed else "FAILED"
            failed += not one.passed
            numbers = f"{one.expected:>10.5g} {one.measured:>10.5g} {one.tolerance:>10.3g}"
            print(f"{one.case:<24} {one.metric:<26} {numbers}  {verdict}", flush=True)
    print(f"{failed} failed")
    return int(failed > 0)


def _theory(options: argparse.Namespace) -> int:
    if options.name is None:
        for name in theory_names():
            print(f"{name:<28} {theory(name).title}")
        return 0
    try:
        entry, rows = theory(options.name), theory_rows(options.name, _parameters(options.parameter))
    except TheoryProblem as error:
        _stop("theory", error.problems)
    print(entry.title)
    for one in entry.parameters:
        print(f"  {one.name:<20} {one.unit:<12} {one.meaning} (default {one.default:g})")
    for row in rows:
        print(f"{row.quantity:<28} {row.value:>12.6g} {row.unit}")
    print(f"source: {entry.source}; fidelity case: {entry.case}")
    return 0


def _parameters(written: list[str]) -> dict[str, float]:
    """Raise TheoryProblem for what is not written as name=number."""
    found = {}
    for one in written:
        name, _, value = one.partition("=")
        try:
            found[name] = float(value)
        except ValueError as error:
            raise TheoryProblem([f"{one!r}: write it as name=number, for example rho=0.9"]) from error
    return found


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


def _settings(options: argparse.Namespace, place: str) -> RunSettings:
    """The settings among the options; wrong ones end the program."""
    given = {name: value for name in RunSettings.model_fields if (value := getattr(options, name, None)) is not None}
    try:
        return RunSettings(**given)
    except ValidationError as error:
        _stop(place, sentences(error, given))


def _progress_bar() -> Progress | None:
    """A line that says how far the run is, on a terminal; silent when the output goes elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(share: float) -> None:
        end = "\r" + " " * 40 + "\r" if share >= 1 else ""
        print(f"\rsimulating {share:4.0%} {'#' * int(share * 20):<20}", end=end, file=sys.stderr, flush=True)

    return show


def _stop(place: str, problems: list[str]) -> NoReturn:
    for problem in problems:
        print(f"{place}: {problem}", file=sys.stderr)
    sys.exit(WRONG_INPUT)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
