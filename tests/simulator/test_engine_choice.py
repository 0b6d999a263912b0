"""Which engine runs a design is decided in one place, and nobody waits for a compiler."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator import engine
from simulator.compiled import cache_folder
from simulator.compiled.warm import SMALL
from simulator.design_file import design_from
from simulator.support import DoesNotRunYet
from simulator.workers import ROOT
from tests.simulator.designs import a_design, service

DESIGN = a_design({"web": service(0.001)}, rate_per_s=100.0)
AGAIN = a_design({"web": {**service(0.001), "rate_limits": [{"rate_per_s": 50.0}]}}, rate_per_s=100.0)


def test_the_compiled_engine_is_chosen_once_it_is_ready(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(engine, "is_warm", lambda: True)
    assert engine.choose(DESIGN, "auto") == engine.Choice("stages")
    assert engine.choose(AGAIN, "auto") == engine.Choice("compiled")
    with pytest.raises(DoesNotRunYet, match="may come back"):
        engine.choose(AGAIN, "stages")
    monkeypatch.setattr(engine, "is_warm", lambda: False)
    assert engine.choose(DESIGN, "auto").engine == "simpy"
    assert "not ready" in engine.choose(DESIGN, "auto").why


def test_without_numba_simpy_answers_and_says_why(monkeypatch):
    monkeypatch.setattr(engine, "numba_version", lambda: None)
    assert "numba is not installed" in engine.choose(DESIGN, "auto").why
    with pytest.raises(DoesNotRunYet, match="numba is not installed"):
        engine.choose(DESIGN, "compiled")


def test_the_environment_decides_where_nobody_says_otherwise(monkeypatch):
    monkeypatch.setenv("WINDTUNNEL_ENGINE", "simpy")
    assert engine.choose(DESIGN) == engine.Choice("simpy")
    monkeypatch.setenv("WINDTUNNEL_ENGINE", "nonsense")
    assert engine.wanted_by_default() == "auto"


def test_neither_the_simulator_nor_the_app_imports_numba_on_its_way():
    code = "import sys, simulator.run, simulator.workers, ui.cached; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.fixture
def fresh_folder():
    cache_folder.cache_folder.cache_clear()
    yield
    cache_folder.cache_folder.cache_clear()


def test_the_folder_is_named_by_the_sources_and_can_be_chosen(tmp_path, monkeypatch, fresh_folder):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert cache_folder.cache_folder() == tmp_path / cache_folder.sources_hash()
    assert not cache_folder.is_warm()
    cache_folder.note_warm()
    assert cache_folder.is_warm()


def test_where_nothing_can_be_written_there_is_no_folder(tmp_path, monkeypatch, fresh_folder):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setattr(cache_folder, "_candidates", lambda: iter([blocked / "one", Path("/proc/none")]))
    assert cache_folder.cache_folder() is None
    assert not cache_folder.is_warm()


def test_an_engine_can_be_named_on_the_command_line(command, design_file, compiled_engine):
    done = command("run", design_file, "--requests", "200", "--replications", "1", "--engine", "compiled")
    assert done.returncode == 0
    assert "engine      compiled" in done.out


def test_the_design_of_the_warm_up_is_one():
    assert design_from(SMALL).components
