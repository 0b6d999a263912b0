"""Rows to arrays: the tables of one run, and what the kernel asks of Python while it runs."""

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import codes
from simulator.compiled.door import CALLBACK, State, Table
from simulator.compiled.layout import DTYPES, GROWING, PLACE, new_table, used_table
from simulator.compiled.lowered import Lowered
from simulator.components.trials import Visits
from simulator.distributions import Floats

Arrays = dict[str, NDArray[Any]]


class Luck:
    """Draws and numbers of visits, made when the kernel first asks for them."""

    def __init__(self, made: Lowered, most_visits: int, progress: Callable[[float], None] | None, n: int):
        self._made, self._most, self._progress, self._n = made, most_visits, progress, max(1, n)
        self._numbers: list[int] = [0]  # of every visit, and of every key, as `trials.Visits` counts them
        self._kept: list[Floats] = []
        self.error: BaseException | None = None
        self.is_short = False  # of places for visits
        self.arrays: Arrays = {}
        self.callback = CALLBACK(self._answer)

    def end(self) -> None:
        """The run is over. Draws and tables hold each other by way of these; such a circle would wait with its arrays
        for a garbage collection, and the next run would have to ask the system for memory.
        """
        self._made.makers.clear()
        del self.callback

    def _answer(self, what: int, a: int, b: int) -> int:
        try:
            if what == codes.PROGRESS:
                if self._progress is not None:
                    self._progress(a / self._n)
                return 0
            if what == codes.DRAW:
                found = np.ascontiguousarray(self._made.makers[a](self._numbers[b]), dtype=np.float64)
                self._kept.append(found)
                self.arrays["luck"][a * self._most + b] = found.ctypes.data
                return 0
            return self._number(what, a, b)
        except BaseException as error:  # noqa: BLE001  # it is raised again once the kernel has stopped
            self.error = error
            return 1

    def _number(self, what: int, row: int, visit: int) -> int:
        way, first, before = self._made.ways[row], len(self._numbers), self._numbers[visit]
        place = row * self._most + visit
        if what == codes.KEYS:
            self._numbers.append(before * Visits.WAYS + way.number)
            self.arrays["keys"][place] = first
        else:
            numbers = (
                ((before * Visits.WAYS + way.number) * Visits.ATTEMPTS + attempt) * Visits.COPIES + copy
                for attempt in range(2 * way.attempts + 2)
                for copy in range(way.copies)
            )
            self._numbers.extend(numbers)
            self.arrays["visits"][place] = first
        if len(self._numbers) >= self._most:
            self.is_short = True
            return 1
        return 0


def arrays_of(made: Lowered, caps: dict[str, int], most_visits: int) -> Arrays:
    """All tables at second 0."""
    fixed = {name: max(len(made.rows.get(name, [])), made.sizes.get(name, 0)) + 1 for name in DTYPES}
    fixed |= {"scratch": 65_536, "cap": len(GROWING), "g": 1}
    fixed |= {"idle": fixed["slot"], "share": max(1, len(made.rows.get("fault", [])))}
    fixed["entry"] = made.sizes.get("entry", 0) + 1
    fixed["clocks"] = 2 * fixed["site"]
    arrays = {name: used_table(name, rows) for name, rows in caps.items()}
    arrays["tried_next"] = used_table("tried_next", len(arrays["tried"]))
    arrays = {name: arrays[name] if name in arrays else new_table(name, fixed[name]) for name in DTYPES}
    arrays["luck"] = new_table("luck", (len(made.makers) + 1) * most_visits)
    for name in ("visits", "keys"):
        arrays[name] = new_table(name, (len(made.ways) + 1) * most_visits)
    for name, rows in made.rows.items():
        if name in arrays:
            _fill(arrays[name], rows)
    for name, place in PLACE.items():
        arrays["cap"][place] = len(arrays[name])
    _start(made, arrays, most_visits)
    return arrays


def _fill(array: NDArray[Any], rows: list[dict[str, float]]) -> None:
    for i, row in enumerate(rows):
        for key, value in row.items():
            array[i][key] = value


def _start(made: Lowered, arrays: Arrays, most_visits: int) -> None:
    """What there is before the first event."""
    for one in made.rows.get("<idle>", []):
        first, n = int(one["slot_0"]), int(one["n"])
        arrays["idle"][first : first + n] = np.arange(n)
    for one in made.rows.get("<present>", []):
        first, n = int(one["replica_0"]), int(one["n"])
        arrays["rep"]["present"][first : first + n] = 1
    for name in ("last", "balance"):
        for one in made.rows.get(f"<{name}>", []):
            arrays[name][int(one["at"])] = one["value"]
    for row, (component, level) in enumerate(made.levels):
        arrays["level"][row] = (component, level, -1, 0.0)
    g = arrays["g"]
    g["level_rows"], g["most_visits"] = len(made.levels), most_visits
    g["arrival_s"], g["faults"] = inf, len(made.rows.get("fault", []))
    for code in made.at_start:
        arrays["urgent"][int(g["urgent_n"][0])] = (code, 0)
        g["urgent_n"] += 1
    for device, part, heap, size in made.devices:
        for name, value in (("part", part), ("heap_0", heap), ("heap_most", size), ("due", inf)):
            arrays["dev"][name][device] = value
    for place, consumer in made.owners:
        arrays["partition"]["owner"][place] = consumer
    for place, replicas in made.wishes:
        arrays["note"]["n"][place] = replicas
    _warm_caches(made, arrays)


def _warm_caches(made: Lowered, arrays: Arrays) -> None:
    arrays["g"]["keys_n"] = made.sizes.get("keys", 0)
    for v, held in made.entries:
        part, known = arrays["pt"][v], made.warm["<known>"]
        first = int(part["own_0"])
        entry = arrays["entry"]
        if isinstance(held, list):
            renewed = bool(part["renewed"])
            if held:
                ranks, until_s = np.array([rank for rank, _ in held]), np.array([until for _, until in held])
                at = first + np.searchsorted(known, ranks)
                entry["here"][at], entry["until"][at] = 1, until_s
                entry["written"][at] = 0.0 if renewed else until_s - part["ttl"]
            continue
        places = np.searchsorted(known, held)
        entry["here"][first + places] = 1
        entry["before"][first + places[1:]] = places[:-1] + 1
        entry["after"][first + places[:-1]] = places[1:] + 1
        part["lru_n"] = len(places)
        if len(places):
            part["lru_first"], part["lru_last"] = places[0] + 1, places[-1] + 1


def state_of(arrays: Arrays) -> State:
    """The tables as the kernel takes them."""
    return State({name: Table(arrays[name]) for name in DTYPES})
