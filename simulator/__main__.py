"""Command line of the simulator: `python -m simulator run design.yaml`."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from simulator import advise_command, compare_command, fidelity, precision_command, sweep_command
from simulator.command_input import (
    add_design_options,
    add_settings_options,
    design_of,
    progress_bar,
    settings_of,
    stop,
)
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.engine import WANTED
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import TooLong
from simulator.support import DoesNotRunYet
from simulator.text_report import text_report
from simulator.theory import TheoryProblem, theory, theory_names, theory_rows


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 for an unmet promise with `--strict`, or 2 for wrong input."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = _COMMANDS[options.command]
    return command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Run system designs and measure them.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a design file and print what was measured")
    add_design_options(run)
    add_settings_options(run)
    run.add_argument("--engine", choices=WANTED, help="which engine runs it (default: the compiled one if it can)")
    precision_command.add_options(run)
    run.add_argument("--json", action="store_true", help="print all numbers as JSON instead of a table")
    run.add_argument("--strict", action="store_true", help="exit with 1 if the design's promise is not met")
    sweep_command.add_to(commands)
    advise_command.add_to(commands)
    compare_command.add_to(commands)
    commands.add_parser("schema", help="print the JSON schema of design files")
    check = commands.add_parser("check", help="hold the simulator against theory and print every number")
    check.add_argument("case", nargs="*", help="names of cases; all that run if none is named")
    check.add_argument("--requests", type=int, default=fidelity.STANDARD_REQUESTS, help="counted requests in each run")
    check.add_argument("--seed", type=int, default=1)
    theory = commands.add_parser("theory", help="print what a closed form gives; without a name, which there are")
    theory.add_argument("name", nargs="?", help="for example mm1")
    theory.add_argument("parameter", nargs="*", metavar="PARAMETER=VALUE", help="for example rho=0.9")
    return parser


def _run(options: argparse.Namespace) -> int:
    try:
        design = design_of(options.design, options.set)
        settings = settings_of(options, options.design)
        report = precision_command.precise(design, options) if precision_command.is_wanted(options) else None
        summary = report.summary if report else summarize(replicate(design, settings, progress_bar(), options.engine))
    except (DesignProblem, DoesNotRunYet) as error:
        stop(options.design, error.problems)
    except TooLong as error:
        stop(options.design, [str(error)])
    shown = summary if report is None else report
    if options.json:
        print(shown.model_dump_json(indent=2))
    else:
        print(text_report(summary, design.name or Path(options.design).stem))
        if report is not None:
            print("\n".join(precision_command.lines(report.precision)))
    return int(options.strict and any(verdict.met is not True for verdict in summary.promise))


def _check(options: argparse.Namespace) -> int:
    if unknown := [case for case in options.case if case not in fidelity.RUNNABLE]:
        stop(
            "check", [f"{case!r} is no case that runs; choose from {', '.join(fidelity.RUNNABLE)}" for case in unknown]
        )
    settings_of(options, "check")
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
        stop("theory", error.problems)
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


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(Design.model_json_schema(), indent=2))
    return 0


_COMMANDS = {
    "run": _run,
    "sweep": sweep_command.sweep,
    "advise": advise_command.advise,
    "compare": compare_command.compare,
    "check": _check,
    "theory": _theory,
    "schema": _schema,
}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
