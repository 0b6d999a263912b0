"""Two fixtures for the command line: a design in a file, and commands that run in this process."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.__main__ import main
from simulator.design_file import write_design
from tests.simulator.designs import a_design, service
from tests.simulator.processes import Done


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run a command here, which is quicker than a process of its own; an exception that gets out fails the test."""

    def run(*arguments: object, stdin: str | bytes = "") -> Done:
        as_bytes = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(as_bytes), encoding="utf-8"))
        try:
            code = main([str(one) for one in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def design_file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    parts = {"web": service(0.001, replicas=2, usd_per_replica_hour=0.1)}
    design = a_design(parts, rate_per_s=200.0, arrivals={"kind": "poisson"}, promise={"availability": 0.99})
    path.write_text(write_design(design), encoding="utf-8")
    return path
