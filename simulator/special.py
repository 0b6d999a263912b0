"""SciPy's special functions by their own names, imported when the first of them is needed: that takes a third of a
second, which whoever only reads a question should not wait for.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    found = globals()[name] = getattr(import_module("scipy.special"), name)
    return found
