"""Python's garbage collector while a simulation runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

NEWCOMERS = 100_000  # objects between two looks; Python's own 700 looks through a long queue again and again


class _Runs:
    """How many simulations this process has under way, and what the collector did before the first of them."""

    def __init__(self) -> None:
        self.lock, self.number, self.before = Lock(), 0, gc.get_threshold()


_runs = _Runs()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect rarely, and as before once the last simulation of this process is over, in whatever way it ends.

    Requests leave hardly any circles behind, so that there is little to find; looking for it takes a quarter of the
    time of a run, and more of one with a large backlog.
    """
    with _runs.lock:
        if not _runs.number:
            _runs.before = gc.get_threshold()
            if _runs.before[0]:  # 0: somebody has turned it off
                gc.set_threshold(max(_runs.before[0], NEWCOMERS), *_runs.before[1:])
        _runs.number += 1
    try:
        yield
    finally:
        with _runs.lock:
            _runs.number -= 1
            if not _runs.number:
                gc.set_threshold(*_runs.before)
