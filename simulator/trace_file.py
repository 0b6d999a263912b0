"""Recorded arrivals from a CSV file: a header, and a column of times in seconds from the start of the run."""

import csv
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from simulator.design import Design, Trace
from simulator.design_file import DesignProblem
from simulator.knobs import with_value

MOST_TIMES = 1_000_000
MOST_PROBLEMS = 10


def with_recorded_times(design: Design, folder: Path) -> Design:
    """The design with the times of its trace file, which is looked for from `folder` on, in place of the file's name.

    Raise DesignProblem with the line of each wrong time, the first ten of them.
    """
    trace = design.traffic.arrivals
    if not isinstance(trace, Trace) or trace.file is None:
        return design
    times_s = _times_s(trace.file, folder / trace.file, trace.column)
    return with_value(design, "traffic.arrivals", {"kind": "trace", "times_s": times_s})


def _times_s(name: str, path: Path, column: str) -> list[float]:
    times_s, problems = list[float](), list[str]()
    try:
        for line, written in _cells(name, path, column):
            try:
                times_s.append(_time_s(written, times_s))
            except ValueError as error:
                problems.append(f"{name}, line {line}: {column} is {written!r}, {error}")
            if len(times_s) > MOST_TIMES:
                raise DesignProblem([f"{name} has more than {MOST_TIMES:,} times; take a part of it"])
    except OSError as error:
        raise DesignProblem([f"traffic.arrivals.file: {name} cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise DesignProblem([f"traffic.arrivals.file: {name} is not text in UTF-8"]) from error
    except csv.Error as error:
        raise DesignProblem([f"traffic.arrivals.file: {name} is no CSV file: {error}"]) from error
    if (more := len(problems) - MOST_PROBLEMS) > 0:
        problems[MOST_PROBLEMS:] = [f"{name} has {more:,} more wrong times"]
    if not times_s and not problems:
        problems = [f"{name} has no times under its header; record at least one"]
    if problems:
        raise DesignProblem(problems)
    return times_s


def _cells(name: str, path: Path, column: str) -> Iterator[tuple[int, str]]:
    """The line and the text of each time; blank lines are left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = [word.strip() for word in next(rows, [])]
        if column not in header:
            choices = f"choose one of {', '.join(header)}" if any(header) else "it has no header"
            raise DesignProblem([f"traffic.arrivals.column is {column!r}, which {name} does not have; {choices}"])
        place = header.index(column)
        for row in rows:
            if row:
                yield rows.line_num, row[place].strip() if place < len(row) else ""


def _time_s(written: str, before_s: list[float]) -> float:
    """The time that a cell says. Raise ValueError with what is wrong with it."""
    try:
        time_s = float(written)
    except ValueError:
        raise ValueError("which is not a number of seconds") from None
    if not isfinite(time_s) or time_s > 1e12:
        raise ValueError("which no run can reach; give seconds from its start")
    if time_s < 0:
        raise ValueError("which is before the start")
    if before_s and time_s < before_s[-1]:
        raise ValueError(f"which is earlier than the {before_s[-1]:g} before it; sort the file by time")
    return time_s
