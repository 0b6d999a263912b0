"""Measure everything, print one table, and add it to the history: `python -m benchmarks [part ...]`."""

import csv
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.compare import compare
from benchmarks.cost import cost
from benchmarks.engine import engine, memory
from benchmarks.engines import engines
from benchmarks.maps import maps
from benchmarks.precision import precision
from benchmarks.screen import imports, screen
from benchmarks.sessions import sessions

PARTS = {
    "engine": engine,
    "memory": memory,
    "engines": engines,
    "compare": compare,
    "maps": maps,
    "precision": precision,
    "cost": cost,
    "imports": imports,
    "screen": screen,
    "sessions": sessions,
}
HISTORY = Path(__file__).with_name("history.csv")


def main() -> None:
    """Run the named parts, or all."""
    rows = []
    for part in sys.argv[1:] or PARTS:
        for name, value, unit in PARTS[part]():
            print(f"{name:<45} {value:>14,.4g}  {unit}", flush=True)
            rows.append((name, f"{value:.6g}", unit))
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    is_new = not HISTORY.exists()
    with HISTORY.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(["day", "commit", "what", "value", "unit"])
        writer.writerows((day, commit.strip(), *row) for row in rows)


main()
