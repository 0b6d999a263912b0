"""Processor time of this process, which other work on the machine hardly moves."""

import gc
import time
from collections.abc import Callable


def cpu_s(run: Callable[[], object]) -> float:
    """Seconds that a run takes, without the garbage that was there before."""
    gc.collect()
    before = time.process_time()
    run()
    return time.process_time() - before
