"""From a design to the SimPy components that act it out."""

from simulator.build.numbering import Numbering
from simulator.build.parts import build
from simulator.build.system import System

__all__ = ["Numbering", "System", "build"]
