"""Which engine runs a design: SimPy, which is the specification, or a compiled one, which is the same and faster.

The compiled engines answer when numba is installed, when they cover the design, and when their machine code is already
there; nobody ever waits for a compiler. `compiled` goes event by event; `stages` goes component by component, where a
design feeds forward. `WINDTUNNEL_ENGINE` in the environment sets what is used where nobody says otherwise: `auto`,
`simpy`, `compiled` or `stages`.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from simulator.compiled import cache_folder
from simulator.compiled.cache_folder import is_warm
from simulator.compiled.coverage import covers
from simulator.design import Design
from simulator.forward import feeds_forward
from simulator.support import DoesNotRunYet

Engine = Literal["simpy", "compiled", "stages"]
Wanted = Literal["auto", "simpy", "compiled", "stages"]
WANTED: tuple[Wanted, ...] = get_args(Wanted)


@dataclass(frozen=True)
class Choice:
    """An engine, and a sentence that says why if it is not the faster one."""

    engine: Engine
    why: str = ""


numba_version = cache(cache_folder.numba_version)  # a millisecond, for every run


def wanted_by_default() -> Wanted:
    """What the environment says, else `auto`."""
    said = os.environ.get("WINDTUNNEL_ENGINE", "auto")
    return next((one for one in WANTED if one == said), "auto")


def choose(design: Design, wanted: Wanted | None = None) -> Choice:
    """The engine for a design. Raise DoesNotRunYet if a compiled one is asked for by name and cannot run it."""
    wanted = wanted or wanted_by_default()
    if wanted == "simpy":
        return Choice("simpy")
    reason = covers(design)
    if numba_version() is None:
        reason = "numba is not installed, which compiles the faster engine; SimPy gives the same numbers."
    elif wanted == "stages" and not feeds_forward(design):
        reason = "A request may come back to a component, or be turned away; only the other engines run that."
    if wanted != "auto" and reason is not None:
        raise DoesNotRunYet([f"the engine {wanted} was asked for: {reason}"])
    if reason is None and wanted == "auto" and not is_warm():
        reason = "The compiled engine is not ready yet; SimPy gives the same numbers."
    if reason is not None:
        return Choice("simpy", reason)
    return Choice("stages" if wanted != "compiled" and feeds_forward(design) else "compiled")
