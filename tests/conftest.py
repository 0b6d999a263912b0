"""Settings of all tests."""

import os

import pytest
from hypothesis import settings

from simulator.compiled.warm import compile_all

os.environ.setdefault("WINDTUNNEL_ENGINE", "simpy")  # the specification; tests that compare engines name them

settings.register_profile("no clock", deadline=None)  # a busy machine is no failure; speed is measured in benchmarks/
settings.load_profile("no clock")


@pytest.fixture(scope="session")
def compiled_engine() -> None:
    """The compiled engine, ready to run; it is compiled once for all processes of the tests."""
    pytest.importorskip("numba")
    compile_all()


@pytest.fixture
def faster_engine(compiled_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For long runs: the compiled engine where it covers the design. Its records equal SimPy's; other tests show it."""
    monkeypatch.setenv("WINDTUNNEL_ENGINE", "auto")
