"""The one door to numba: typed decorators, tables that cost no reference counts, and a few instructions."""

from simulator.compiled.door.instructions import CALLBACK, call_at, comes_before, float_at
from simulator.compiled.door.memory import State, Table, state_type
from simulator.compiled.door.pipeline import inline, jit, kernel

__all__ = [
    "CALLBACK",
    "State",
    "Table",
    "call_at",
    "comes_before",
    "float_at",
    "inline",
    "jit",
    "kernel",
    "state_type",
]
