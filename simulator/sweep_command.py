"""`python -m simulator sweep`: a grid over numbers of a design, each cell printed as soon as it is there."""

import argparse
from collections.abc import Callable
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
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.machines import Found, NoCluster, OnFound, run_far
from simulator.series import run_all
from simulator.settings import RunSettings
from simulator.sweep import Axis, Cell, Trial, measured, plan, refused
from simulator.workers import Job
from simulator.yaml_text import NotYaml, read_yaml

RunAll = Callable[[list[Design], RunSettings, OnFound], None]


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
    far = "run the cells on a Dask cluster, such as tcp://host:8786, instead of in processes here"
    parser.add_argument("--dask", metavar="ADDRESS", help=far)


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

    try:
        _run(trials, settings, _here(processes) if options.dask is None else _far(options.dask), show)
    except NoCluster as error:
        stop(options.design, [f"--dask: {error}"])
    return 0 if ran else WRONG_INPUT


def _here(processes: int) -> RunAll:
    """What runs designs in processes of this machine."""

    def run(designs: list[Design], settings: RunSettings, on_found: OnFound) -> None:
        def on_result(place: int, job: Job) -> None:
            on_found(place, job.problems if job.figures is None else job.figures)

        run_all(designs, settings, processes, on_result, brief=True)

    return run


def _far(address: str) -> RunAll:
    """What runs designs on other machines."""
    return lambda designs, settings, on_found: run_far(designs, settings, address, on_found)


def _run(trials: list[Trial], settings: RunSettings, run: RunAll, show: Callable[[Cell], None]) -> None:
    for trial in trials:
        if trial.design is None:
            show(refused(trial, trial.problems))
    runnable = [(trial, trial.design) for trial in trials if trial.design is not None]

    def on_found(place: int, found: Found) -> None:
        trial = runnable[place][0]
        show(refused(trial, found) if isinstance(found, tuple) else measured(trial, found))

    run([design for _, design in runnable], settings, on_found)


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
