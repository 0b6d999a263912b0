"""Compile the engine before anybody needs it: `python -m simulator.compiled.warm`."""

import os

from filelock import FileLock

from simulator.compiled.cache_folder import cache_folder, is_warm, note_warm, numba_version
from simulator.design_file import design_from

SMALL = {
    "traffic": {"entry": "only", "arrival_rate_per_s": 10.0},
    "components": {"only": {"kind": "service", "service_time": {"kind": "constant", "value_ms": 1.0}}},
}


def compile_all() -> None:
    """The kernel is one function, so that any design compiles all of it; it is kept for every later process."""
    from simulator.run import simulate  # noqa: PLC0415  # a look at the cache should not wait for it

    folder = cache_folder()
    if folder is None:
        simulate(design_from(SMALL), seed=1, duration_s=0.1, engine="compiled")
        return
    with FileLock(folder / "compiling.lock"):  # whoever comes second finds it done
        simulate(design_from(SMALL), seed=1, duration_s=0.1, engine="compiled")
        note_warm()


if __name__ == "__main__" and numba_version() is not None and cache_folder() is not None and not is_warm():
    if hasattr(os, "nice"):
        os.nice(10)  # whoever uses the machine goes first
    compile_all()
