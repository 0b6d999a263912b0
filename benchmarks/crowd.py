"""Many people at once: `python -m benchmarks.crowd [PEOPLE] [MINUTES]`, with real websockets and a real server.

Each person goes through a round again and again: types in the editor, asks the interviewer, moves a slider of the wind
tunnel and waits for its runs, with pauses of eight seconds on average. Each writes a secret of their own; nobody's
messages may hold another's.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks.websocket_client import Visitor, edit
from storage.attempts import load_attempt, start_attempt
from tests.e2e.app_server import AppServer

THINK_S = 8.0
EDITOR, SLIDER = "windtunnel_editor", "Requests, per s"
RATES = range(300, 700, 20)


class Measured:
    """Seconds of every interaction by kind, resident memory of the server by moment, and what went wrong."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.memory_mb: list[float] = []
        self.cpu_s = 0.0
        self.wrong: list[str] = []

    def add(self, kind: str, seconds: float) -> None:
        self.seconds.setdefault(kind, []).append(seconds)


async def person(number: int, url: str, until: float, secrets: list[str], found: Measured) -> None:
    """One session, from its first page to the end."""
    luck, visitor = random.Random(number), Visitor(url)
    attempt, sequence = start_attempt("local", "ads-ranking"), 0
    text = f"{secrets[number]} begins."
    await asyncio.sleep(luck.uniform(0, THINK_S))
    await visitor.connect()

    async def think() -> None:
        await asyncio.sleep(luck.expovariate(1 / THINK_S))

    while time.monotonic() < until:
        found.add("page", await visitor.open("interview", f"attempt={attempt}"))
        for _ in range(6):
            await think()
            sequence, text = sequence + 1, f"{text} {secrets[number]} sentence {sequence}."
            sent = edit(f"{attempt}/requirements", text, sequence)
            found.add("typing", await visitor.set(EDITOR, "json_value", sent))
        await think()
        question = f"How many users has {secrets[number]}?"
        found.add(
            "asking", await visitor.set("Your question", "string_value", question, ("Ask", "trigger_value", True))
        )
        if load_attempt("local", attempt).section("requirements").text != text:
            found.wrong.append(f"person {number}: what was sent last is not what is kept")
        await think()
        found.add("page", await visitor.open("wind_tunnel"))
        if "Skip" in visitor.widgets:
            found.add("page", await visitor.set("Skip", "trigger_value", True))
        for _ in range(2):
            await think()
            drawn_s = await visitor.set(SLIDER, "double_array_value", float(luck.choice(RATES)))
            found.add("slider", visitor.numbers_s or drawn_s)
            begun = time.monotonic() - drawn_s
            await visitor.poll()
            found.add("whole run", time.monotonic() - begun)
        for data in visitor.seen:
            others = [one for i, one in enumerate(secrets) if i != number and one.encode() in data]
            found.wrong += [f"person {number} saw {one}" for one in others]
        if not any(secrets[number].encode() in data for data in visitor.seen):
            found.wrong.append(f"person {number} never saw the own secret")
        visitor.seen.clear()
    await visitor.close()


async def watch(pid: int, until: float, found: Measured) -> None:
    """Write down the memory of the server every ten seconds."""
    while time.monotonic() < until:
        found.memory_mb.append(_resident_mb(pid))
        await asyncio.sleep(10)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def everybody(url: str, pid: int, people: int, minutes: float) -> Measured:
    found, secrets = Measured(), [f"secret{random.getrandbits(60):015x}" for _ in range(people)]
    first = Visitor(url)
    await first.connect()
    await first.open("wind_tunnel")  # what every process does once
    await first.poll()
    await first.close()
    found.memory_mb.append(_resident_mb(pid))
    until = time.monotonic() + 60 * minutes
    before_s = _cpu_s(pid)
    await asyncio.gather(watch(pid, until, found), *(person(i, url, until, secrets, found) for i in range(people)))
    found.cpu_s = _cpu_s(pid) - before_s
    return found


def _cpu_s(pid: int) -> float:
    """Processor time of the server itself, without the processes that simulate."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(people: int = 50, minutes: float = 5.0) -> int:
    """Print the figures; return 1 if anybody saw what is another's, or lost a text."""
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(Path(folder))
        os.environ["WINDTUNNEL_DATA"] = str(server.data)
        os.environ["WINDTUNNEL_RUNS"] = os.environ["WINDTUNNEL_SWEEPS"] = "1000"  # all are the one local person here
        server.start()
        try:
            found = asyncio.run(everybody(server.url, server.pid, people, minutes))
        finally:
            server.kill()
    for kind, seconds in found.seconds.items():
        p95 = quantiles(seconds, n=20)[18] if len(seconds) > 1 else seconds[0]
        print(f"{kind:10} {len(seconds):6}  median {median(seconds):.3f} s  p95 {p95:.3f} s  max {max(seconds):.3f} s")
    every = [one for kind, seconds in found.seconds.items() if kind != "whole run" for one in seconds]
    print(f"{'all':10} {len(every):6}  median {median(every):.3f} s  p95 {quantiles(every, n=20)[18]:.3f} s")
    print(f"server itself: {found.cpu_s / len(every) * 1000:.0f} ms of processor time for each, ", end="")
    print(f"{found.cpu_s / (60 * minutes):.0%} of a core; load of the machine {os.getloadavg()[1]:.1f}")
    before, *during = found.memory_mb
    print(f"memory {before:.0f} MB before, {(max(during) - before) / people:.2f} MB more for each person at most")
    print("memory over time:", *(f"{one:.0f}" for one in during[:: max(1, len(during) // 12)]), "MB")
    print(*(found.wrong or ["nobody saw anything of another, and no text was lost"]), sep="\n")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(kind(one) for kind, one in zip((int, float), sys.argv[1:], strict=False))))
