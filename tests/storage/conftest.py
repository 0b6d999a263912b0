"""Every test has a data folder of its own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that `WINDTUNNEL_DATA` names; nothing is in it yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("WINDTUNNEL_DATA", str(folder))
    return folder
