"""Windtunnel's simulator: a system design as data, run under load and faults, and measured.

design = read_design(text)
summary = summarize(replicate(design, RunSettings()))
"""

from simulator.design import Design
from simulator.design_file import DesignProblem, read_design, write_design
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.run import simulate
from simulator.settings import RunSettings, TooLong
from simulator.support import DoesNotRunYet

__all__ = [
    "Design",
    "DesignProblem",
    "DoesNotRunYet",
    "RunSettings",
    "Summary",
    "TooLong",
    "read_design",
    "replicate",
    "simulate",
    "summarize",
    "write_design",
]
