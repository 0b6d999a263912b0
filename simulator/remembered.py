"""Arrays that one run has made and the next would make again: the luck of a design with one knob moved."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 64 * 2**20
MOST_OF_ONE = 4 * 2**20

Array = TypeVar("Array", bound=NDArray[Any])


class Remembered:
    """The arrays that were asked for last, as many as fit; they are read-only, since runs share them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._lock, self._most_bytes, self._bytes = Lock(), most_bytes, 0
        self._arrays: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Array]) -> Array:
        """The array of that key, made now if nobody has."""
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
                kept: Array = self._arrays[key]
                return kept
        found = np.ascontiguousarray(make())
        found.flags.writeable = False
        if found.nbytes <= MOST_OF_ONE:
            self._keep(key, found)
        return found  # type: ignore[return-value]

    def forget(self) -> None:
        """Keep nothing of what there is so far."""
        with self._lock:
            self._arrays.clear()
            self._bytes = 0

    def _keep(self, key: Hashable, array: NDArray[Any]) -> None:
        with self._lock:
            if key not in self._arrays:
                self._arrays[key] = array
                self._bytes += array.nbytes
            while self._bytes > self._most_bytes:
                self._bytes -= self._arrays.popitem(last=False)[1].nbytes


remembered = Remembered()
