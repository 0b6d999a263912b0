"""Two engines held against each other: every record of a run, to the last request."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from simulator.design import Design
from simulator.results.run import Run
from simulator.run import simulate

SAME_S = 1e-9


def both(design: Design, duration_s: float, seed: int = 1) -> tuple[Run, Run]:
    """The same run on SimPy and on the compiled engine."""
    luck = {"seed": seed, "duration_s": duration_s}
    return simulate(design, **luck, engine="simpy"), simulate(design, **luck, engine="compiled")


def differences(one: Any, other: Any, place: str = "run") -> list[str]:
    """Where two runs differ, by more than `SAME_S` where it is about time; which engine ran is no difference."""
    if is_dataclass(one):
        names = [field.name for field in fields(one) if not field.name.startswith("engine")]
        return [d for name in names for d in differences(getattr(one, name), getattr(other, name), f"{place}.{name}")]
    if isinstance(one, dict):
        if set(one) != set(other):
            return [f"{place} has {sorted(one)} and {sorted(other)}"]
        return [d for key in one for d in differences(one[key], other[key], f"{place}.{key}")]
    if isinstance(one, np.ndarray):
        return _different_arrays(one, other, place)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return [d for i, pair in enumerate(pairs) for d in differences(*pair, f"{place}[{i}]")]
    if isinstance(one, float) and isinstance(other, float):
        return [] if np.isclose(one, other, rtol=0, atol=SAME_S, equal_nan=True) else [f"{place}: {one} and {other}"]
    return [] if one == other else [f"{place}: {one!r:.200} and {other!r:.200}"]


def _different_arrays(one: np.ndarray, other: np.ndarray, place: str) -> list[str]:
    if one.shape != getattr(other, "shape", None):
        return [f"{place} has shape {one.shape} and {getattr(other, 'shape', None)}"]
    is_time = one.dtype.kind == "f"
    same = np.isclose(one, other, rtol=0, atol=SAME_S, equal_nan=True) if is_time else one == other
    rows = np.flatnonzero(~same)
    return [f"{place}[{i}]: {one[i]} and {other[i]}" for i in rows[:3]]
