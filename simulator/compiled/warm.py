"""Compile the engine before anybody needs it: `python -m simulator.compiled.warm`."""

import gc
import os
from collections.abc import Callable

from filelock import FileLock

from simulator.compiled.cache_folder import cache_folder, is_warm, note_warm, numba_version
from simulator.design_file import design_from

SMALL = {
    "traffic": {"entry": "only", "arrival_rate_per_s": 10.0},
    "components": {"only": {"kind": "service", "service_time": {"kind": "constant", "value_ms": 1.0}}},
}
FORWARD = {
    "traffic": {"entry": "first", "arrival_rate_per_s": 100.0},
    "components": {
        "first": {
            "kind": "service",
            "service_time": {"kind": "exponential", "mean_ms": 5.0},
            "queue": {"limit": "unlimited"},
            "calls": [[{"to": "last"}]],
        },
        "last": {"kind": "model_server", "max_items": 4, "batch_time": {"fixed_ms": 1.0, "per_item_ms": 0.1}},
    },
}


def compile_all() -> None:
    """The kernel is one function, so that any design compiles all of it, and so are the loops for stages; they are kept
    for every later process.
    """
    from simulator.run import simulate  # noqa: PLC0415  # a look at the cache should not wait for it

    folder = cache_folder()
    if folder is None:
        _run_all(simulate)
        return
    with FileLock(folder / "compiling.lock"):  # whoever comes second finds it done
        _run_all(simulate)
        note_warm()


def _run_all(simulate: Callable[..., object]) -> None:
    gc.disable()  # the compiler makes millions of small objects, and keeps most of them
    for data, engine in ((SMALL, "compiled"), (FORWARD, "stages")):
        simulate(design_from(data), seed=1, duration_s=1.0, engine=engine)
    gc.enable()


if __name__ == "__main__" and numba_version() is not None and cache_folder() is not None and not is_warm():
    if hasattr(os, "nice"):
        os.nice(10)  # whoever uses the machine goes first
    compile_all()
