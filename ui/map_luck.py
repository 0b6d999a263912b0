"""How much of a difference between two cells of a map may be luck."""

from collections.abc import Sequence

from simulator.results.singles import RunNumbers
from ui.map_figures import Metric
from ui.words import many

ENOUGH = 3  # single runs, for a word on how far they lie apart


def luck_in_words(metric: Metric, singles: Sequence[RunNumbers], requests: int) -> str:
    """What a cell is, and which difference may be luck: as much as the single runs of the present design lie apart.
    `requests` is the length of a cell, which those runs do not exceed.

    The cells share their luck, so that most differences that are due to a knob alone are seen better than this says.
    """
    each = f"Each cell is one run of {requests:,} requests, all on the same luck."
    if metric.of_run is None:
        return each
    values = [value for one in singles if (value := metric.of_run(one)) is not None]
    if len(values) < ENOUGH:
        return each
    low, high = metric.short(min(values)), metric.short(max(values))
    runs = many(len(values), "run")
    if low == high:
        return f"{each} {runs} of the present design, none longer, with different luck all gave {low}."
    return (
        f"{each} {runs} of the present design, none longer, with different luck gave {low} to {high}: take a "
        "smaller difference between two cells for luck, unless the cells around them show it too."
    )
