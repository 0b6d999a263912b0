"""The real app as a process with a data folder of its own, which a test can kill and start again."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOT_S = 60.0


class AppServer:
    """`streamlit run app.py` on a free port; every start uses the same port and the same data."""

    def __init__(self, folder: Path):
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        """Start the app, with more options if there are any, and wait until it answers."""
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "--log_level=warning", "run", "app.py", *options, *more],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "WINDTUNNEL_DATA": str(self.data), "WINDTUNNEL_ENGINE": "auto"},
            )
        until = time.monotonic() + BOOT_S
        while not self._answers():
            assert self._process.poll() is None, f"the app did not start:\n{self.said()}"
            assert time.monotonic() < until, f"the app does not answer:\n{self.said()}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End the app as `kill -9` does: it cannot tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    def said(self) -> str:
        """What the app has written to its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
