"""Closed forms and exact numerical solutions of queueing theory and its neighbors, each with its source.

The forms are in the modules (`queues`, `pools`, `batching`, ...); the catalog gives them names, parameters and units.
"""

from simulator.theory.catalog import TheoryProblem, theory, theory_names, theory_rows
from simulator.theory.entry import Parameter, Row, Theory
from simulator.theory.simulated import SIMULATED_ONLY

__all__ = ["SIMULATED_ONLY", "Parameter", "Row", "Theory", "TheoryProblem", "theory", "theory_names", "theory_rows"]
