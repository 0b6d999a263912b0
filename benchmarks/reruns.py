"""What each interaction costs the server: `python -m benchmarks.reruns [TIMES]`, one visitor, one real server.

Processor time of the serving process alone, without the processes that simulate, in milliseconds for each time that a
page is opened, a text is typed, a question asked, or a slider moved. Latency means little on a busy machine; this does.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.crowd import EDITOR, RATES, SLIDER
from benchmarks.websocket_client import Visitor, edit
from tests.e2e.app_server import AppServer

Act = Callable[[int], Awaitable[object]]

PAGES = ("questions", "fundamentals", "practice", "capacity", "history", "progress", "settings")
PASTS = 6
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def cpu_ms(pid: int) -> float:
    """Processor time of a process since it began, to one tick of the system (10 ms)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_MS


async def _cost(act: Act, visitor: Visitor, pid: int, times: int) -> tuple[float, float]:
    """Milliseconds of processor time and bytes sent, each time after the first."""
    await act(0)
    visitor.seen.clear()
    begun = cpu_ms(pid)
    for i in range(1, times + 1):
        await act(i)
    return (cpu_ms(pid) - begun) / times, sum(map(len, visitor.seen)) / times


async def everything(url: str, pid: int, times: int) -> list[tuple[str, float, float]]:
    """Name, milliseconds of processor time and bytes sent to the browser, for each kind of interaction."""
    from tests.storage.material import a_full_attempt  # noqa: PLC0415 - it opens the database, whose folder is set now

    visitor, found, luck = Visitor(url), [], random.Random(1)
    pasts = [a_full_attempt("local") for _ in range(PASTS)]
    await visitor.connect()

    async def measure(name: str, act: Act) -> None:
        found.append((name, *await _cost(act, visitor, pid, times)))

    await visitor.open("wind_tunnel")
    await visitor.poll()
    await asyncio.sleep(10)  # the processes that simulate have started
    for page in PAGES:
        await measure(page, lambda _, page=page: visitor.open(page))
    await measure("review", lambda _: visitor.open("review", f"attempt={pasts[0]}"))
    await measure("interview, later phase", lambda _: visitor.open("interview", f"attempt={pasts[0]}"))
    attempt = _begin()
    await measure("interview, first phase", lambda _: visitor.open("interview", f"attempt={attempt}"))
    text = "A sentence about the system that is asked for. " * 20
    await measure(
        "typing", lambda i: visitor.set(EDITOR, "json_value", edit(f"{attempt}/requirements", f"{text}{i}", i + 1))
    )
    await measure(
        "asking",
        lambda i: visitor.set("Your question", "string_value", f"How many users, {i}?", ("Ask", "trigger_value", True)),
    )
    await measure("wind tunnel", lambda _: visitor.open("wind_tunnel"))
    if "Skip" in visitor.widgets:
        await visitor.set("Skip", "trigger_value", True)
    await visitor.poll()

    async def slide(_: int) -> None:
        await visitor.set(SLIDER, "double_array_value", float(luck.choice(RATES)) + luck.randint(1, 9))
        await visitor.poll()

    await measure("slider, all of it", slide)
    await visitor.close()
    return found


def _begin() -> str:
    from storage.attempts import start_attempt  # noqa: PLC0415 - as above

    return start_attempt("local", "ads-ranking")


def main(times: int = 20) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(Path(folder))
        os.environ["WINDTUNNEL_DATA"] = str(server.data)
        server.start()
        print("process", server.pid, flush=True)
        try:
            for name, ms, sent in asyncio.run(everything(server.url, server.pid, times)):
                print(f"{name:24} {ms:7.1f} ms  {sent / 1000:8.1f} kB", flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
