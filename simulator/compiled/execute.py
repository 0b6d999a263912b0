"""One replication on the compiled engine: from a design and its arrivals to the same records as SimPy's."""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import codes
from simulator.compiled.kernel import run
from simulator.compiled.layout import GROWING, PLACE, new_table
from simulator.compiled.lower import lower
from simulator.compiled.lowered import Lowered
from simulator.compiled.tables import Arrays, Luck, arrays_of, state_of
from simulator.design import Design
from simulator.distributions import Floats
from simulator.draws import Draws
from simulator.load import visits_per_request

MOST_ROWS = 1 << 28


class TooMuch(Exception):
    """The run needs more memory than the compiled engine takes; SimPy runs it."""


@dataclass(frozen=True)
class Before:
    """What is known of the requests before the run; arrays of shape (n,)."""

    arrived_s: Floats  # nan for those that never come
    class_index: NDArray[np.uint8]
    items: NDArray[np.int64]
    prompts: NDArray[np.int64] | None
    ranks: NDArray[np.int64] | None


@dataclass(frozen=True)
class After:
    """The tables after the run, and what they were made from."""

    made: Lowered
    arrays: Arrays


def execute(design: Design, draws: Draws, duration_s: float, before: Before, progress: Any = None) -> After:
    """Run. A table that turns out too small is made twice as large, and the run begins anew: it is the same run."""
    n, spare, most_visits = draws.n, 64, 1024
    caps = _first_caps(design, n)
    while True:
        made = lower(design, draws, before.ranks, spare)
        arrays = arrays_of(made, caps, most_visits)
        _requests(design, made, arrays, before, duration_s)
        luck = Luck(made, most_visits, progress, n)
        luck.arrays = arrays
        arrays["g"]["callback"] = _address(luck)
        run(state_of(arrays))
        luck.end()
        if luck.is_short:
            most_visits *= 4
        elif luck.error is not None:
            raise luck.error
        elif not (full := int(arrays["g"]["full"][0])):
            if progress is not None:
                progress(1.0)
            return After(made, arrays)
        elif full > len(GROWING):
            spare *= 4
        else:
            caps[GROWING[full - 1]] *= 2
        if max(*caps.values(), most_visits, spare) > MOST_ROWS:
            raise TooMuch("The run needs more memory than the compiled engine takes; SimPy gives the same numbers.")


def _address(luck: Luck) -> int:
    return ctypes.c_void_p.from_buffer(luck.callback).value or 0  # `ctypes.cast` would tie it into a circle


def _first_caps(design: Design, n: int) -> dict[str, int]:
    """Rows to begin with; what is never written to takes no memory."""
    visits = sum(visits_per_request(design).values())
    caps = dict.fromkeys(GROWING, 4 * n + 4096)
    caps |= {"urgent": 1 << 16, "normal": 1 << 16, "visit": int(2 * n * visits) + 4 * n + 4096}
    caps |= {"age": caps["visit"], "moment": caps["visit"], "level": 65_536}
    for name in ("visits", "luck"):
        del caps[name]
    return caps


def _requests(design: Design, made: Lowered, arrays: Arrays, before: Before, duration_s: float) -> None:
    """Write down who comes when, with what."""
    g, n = arrays["g"], len(before.arrived_s)
    base = new_table("base", n + 1)
    come = np.arange(n)
    if not (before.arrived_s[1:] >= before.arrived_s[:-1]).all():
        come = np.argsort(before.arrived_s, kind="stable")[: np.count_nonzero(~np.isnan(before.arrived_s))]
    arrival = new_table("arrival", len(come) + 1)
    arrival["index"][:-1], arrival["at_s"][:-1] = come, before.arrived_s[come]
    priorities = np.array([one.priority for one in design.traffic.classes])
    order = sorted(set(priorities.tolist()), reverse=True)
    lines = np.array([order.index(one) for one in priorities.tolist()])
    base["items"][:n], base["kind"][:n] = before.items, before.class_index
    base["line"][:n] = lines[before.class_index]
    base["prompt"][:n] = 1 if before.prompts is None else before.prompts
    base["ended"] = np.nan
    base["oldest"] = np.inf
    if made.key_ids is not None:
        base["rank"][:n] = made.key_ids[:n]
    arrays["base"], arrays["arrival"] = base, arrival
    g["n"], g["duration"] = len(come), duration_s
    assert PLACE, codes.OK == 0
