"""What time it is, in seconds since the epoch. Whatever is kept of an attempt with its moment asks here.

`WINDTUNNEL_CLOCK=60@1760000000` makes a clock for tests: it agrees with the wall at the moment after the `@` and runs
60 times as fast from there, so that a round of minutes takes seconds. It has no memory: every process that is told the
same reads the same time, before and after a restart.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

VARIABLE = "WINDTUNNEL_CLOCK"
_FORM = re.compile(r"(\d+(?:\.\d+)?)@(\d+(?:\.\d+)?)")
_read: list[Callable[[], float]] = []


def now() -> float:
    """This moment."""
    if _read:
        return _read[-1]()
    set_to = _set_to()
    if set_to is None:
        return time.time()
    factor, since = set_to
    return since + factor * (time.time() - since)


def speed() -> float:
    """How many seconds pass in one: 1, but for a test that is in a hurry."""
    set_to = _set_to()
    return set_to[0] if set_to is not None else 1.0


@contextmanager
def read_from(moment: Callable[[], float]) -> Iterator[None]:
    """Take the time from a function instead, in all threads of this process."""
    _read.append(moment)
    try:
        yield
    finally:
        _read.pop()


def _set_to() -> tuple[float, float] | None:
    said = os.environ.get(VARIABLE)
    if not said:
        return None
    found = _FORM.fullmatch(said)
    if found is None:
        raise ValueError(f"{VARIABLE} is {said!r}; write how fast and since when, such as 60@1760000000, or unset it")
    return float(found[1]), float(found[2])
