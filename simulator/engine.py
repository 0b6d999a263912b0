"""Which engine runs a design: SimPy, which is the specification, or the compiled one, which is the same and faster.

The compiled engine answers when numba is installed, when it covers the design, and when its machine code is already
there; nobody ever waits for a compiler. `WINDTUNNEL_ENGINE` in the environment sets what is used where nobody says
otherwise: `auto`, `simpy` or `compiled`.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from simulator.compiled import cache_folder
from simulator.compiled.cache_folder import is_warm
from simulator.compiled.coverage import covers
from simulator.design import Design
from simulator.support import DoesNotRunYet

Engine = Literal["simpy", "compiled"]
Wanted = Literal["auto", "simpy", "compiled"]
WANTED: tuple[Wanted, ...] = get_args(Wanted)


@dataclass(frozen=True)
class Choice:
    """An engine, and a sentence that says why if it is not the faster one."""

    engine: Engine
    why: str = ""


SIMPY = Choice("simpy")

numba_version = cache(cache_folder.numba_version)  # a millisecond, for every run


def wanted_by_default() -> Wanted:
    """What the environment says, else `auto`."""
    said = os.environ.get("WINDTUNNEL_ENGINE", "auto")
    return next((one for one in WANTED if one == said), "auto")


def choose(design: Design, wanted: Wanted | None = None) -> Choice:
    """The engine for a design. Raise DoesNotRunYet if the compiled one is asked for by name and cannot run it."""
    wanted = wanted or wanted_by_default()
    if wanted == "simpy":
        return Choice("simpy")
    reason = covers(design)
    if numba_version() is None:
        reason = "numba is not installed, which compiles the faster engine; SimPy gives the same numbers."
    if wanted == "compiled" and reason is not None:
        raise DoesNotRunYet([f"the compiled engine was asked for: {reason}"])
    if reason is None and wanted == "auto" and not is_warm():
        reason = "The compiled engine is not ready yet; SimPy gives the same numbers."
    return Choice("compiled") if reason is None else Choice("simpy", reason)
