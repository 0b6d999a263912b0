"""What one run has drawn the next one need not draw again, within a bound of memory."""

import numpy as np
import pytest

from simulator.remembered import Remembered


def test_an_array_is_made_once_and_is_read_only():
    made = []
    kept = Remembered()

    def make():
        made.append(1)
        return np.arange(3.0)

    assert kept.get("a", make) is kept.get("a", make)
    assert len(made) == 1
    with pytest.raises(ValueError, match="read-only"):
        kept.get("a", make)[0] = 1.0


def test_what_was_asked_for_longest_ago_makes_room():
    kept, made = Remembered(most_bytes=2 * 8 * 100), []

    def asks(key):
        kept.get(key, lambda: made.append(key) or np.zeros(100))

    for key in "abacb":
        asks(key)
    assert made == ["a", "b", "c", "b"]
