"""`python -m simulator sweep`: a grid over numbers of a design, each cell printed as soon as it is there."""

import argparse
from typing import Any

from simulator.command_input import (
    WRONG_INPUT,
    add_design_options,
    add_processes_option,
    add_settings_options,
    design_of,
    processes_of,
    settings_of,
    stop,
)
from simulator.design_file import DesignProblem
from simulator.series import run_all
from simulator.settings import RunSettings
from simulator.sweep import Axis, Cell, Trial, measured, plan, refused
from simulator.workers import Job
from simulator.yaml_text import NotYaml, read_yaml


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser("sweep", help="run a grid over numbers of a design")
    add_design_options(parser)
    add_settings_options(parser)
    parser.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="PATH=A,B,C",
        help="a number of the design and the values to try; once for each axis of the grid",
    )
    parser.add_argument("--json", action="store_true", help="print each cell as a line of JSON")
    add_processes_option(parser)


def sweep(options: argparse.Namespace) -> int:
    """Print the cells from coarse to fine; return 0, or 2 if none could run."""
    settings = settings_of(options, options.design)
    processes = processes_of(options)
    try:
        axes = [_axis(written) for written in options.over]
        trials = plan(design_of(options.design, options.set), axes)
    except DesignProblem as error:
        stop(options.design, error.problems)
    ran = False

    def show(cell: Cell) -> None:
        nonlocal ran
        ran = ran or cell.ran
        print(cell.model_dump_json() if options.json else _line(axes, cell), flush=True)

    _run(trials, settings, processes, show)
    return 0 if ran else WRONG_INPUT


def _run(trials: list[Trial], settings: RunSettings, processes: int, show: Any) -> None:
    for trial in trials:
        if trial.design is None:
            show(refused(trial, trial.problems))
    runnable = [(trial, trial.design) for trial in trials if trial.design is not None]

    def on_result(place: int, job: Job) -> None:
        trial = runnable[place][0]
        show(measured(trial, job.figures) if job.figures is not None else refused(trial, job.problems))

    run_all([design for _, design in runnable], settings, processes, on_result, brief=True)


def _axis(written: str) -> Axis:
    path, equals, values = written.partition("=")
    if not equals or not values:
        raise DesignProblem([f"--over {written}: write it as path=a,b,c, for example components.ranker.replicas=4,5,6"])
    try:
        return Axis(path=path, values=tuple(_value(one) for one in values.split(",")))
    except NotYaml as error:
        raise DesignProblem([f"--over {written}: {error}"]) from error


def _value(written: str) -> Any:
    value = read_yaml(written)
    if value is not None and not isinstance(value, int | float | str):
        raise NotYaml(f"{written!r} is no single value")
    return value


def _line(axes: list[Axis], cell: Cell) -> str:
    where = "  ".join(f"{axis.path}={value}" for axis, value in zip(axes, cell.values, strict=True))
    if cell.problems:
        return f"{where}  cannot run: {' '.join(cell.problems)}"
    p99 = "too few answers" if cell.p99_ms is None else f"p99 {cell.p99_ms.value:,.1f} ms"
    in_time = "" if cell.in_time_share is None else f"  in time {cell.in_time_share.value:.2%}"
    fallback = f"  fallback {cell.fallback_share:.2%}" if cell.fallback_share else ""
    price = "" if cell.usd_per_month is None else f"  {cell.usd_per_month:,.0f} USD/month"
    kept = {True: "  keeps the promise", False: "  breaks the promise", None: ""}[cell.keeps]
    overload = f"  {cell.overload}" if cell.overload else ""
    return f"{where}  {p99}{in_time}{fallback}{price}{kept}{overload}"
