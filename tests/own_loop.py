"""Coroutines in tests: a browser test leaves a loop running in its thread, where `asyncio.run` refuses to work."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns, from a loop in a thread of its own."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work).result()
