"""The plain SimPy model that one writes first: a process for every request, a Resource for every station.

It records nothing but latencies. Draws are made beforehand, so that only the simulation is timed.
"""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

Process = Generator[simpy.Event, Any, None]


def three_stations(arrived_s: list[float], work_s: list[list[float]], servers: list[int]) -> list[float]:
    """Three M/M/c stations in a row; return the latency of every request in seconds."""
    env = simpy.Environment()
    stations = [simpy.Resource(env, capacity=capacity) for capacity in servers]
    latency_s = [0.0] * len(arrived_s)

    def journey(index: int) -> Process:
        came_s = env.now
        for station, work in zip(stations, work_s, strict=True):
            with station.request() as turn:
                yield turn
                yield env.timeout(work[index])
        latency_s[index] = env.now - came_s

    def source() -> Process:
        for index, at_s in enumerate(arrived_s):
            yield env.timeout(max(0.0, at_s - env.now))
            env.process(journey(index))

    env.process(source())
    env.run()
    return latency_s


def delay_cache_batches(  # noqa: C901, PLR0915 - as one would write it, in one piece
    arrived_s: list[float], delay_s: list[float], misses: list[bool], batching: dict[str, Any]
) -> list[float]:
    """A delay, a cache and a pool of batching devices in a row; return the latency of every request in seconds."""
    env = simpy.Environment()
    queue: simpy.Store = simpy.Store(env)
    latency_s = [0.0] * len(arrived_s)

    def journey(index: int) -> Process:
        came_s = env.now
        yield env.timeout(delay_s[index])
        yield env.timeout(batching["lookup_s"])
        if misses[index]:
            done = env.event()
            yield queue.put((env.now, done))
            yield done
        latency_s[index] = env.now - came_s

    def device() -> Process:
        while True:
            first = yield queue.get()
            batch, leaves_s = [first], first[0] + batching["max_wait_s"]
            while len(batch) < batching["max_items"]:
                if queue.items:
                    batch.append((yield queue.get()))
                    continue
                if env.now >= leaves_s:
                    break
                nxt, alarm = queue.get(), env.timeout(leaves_s - env.now)
                yield nxt | alarm
                if nxt.triggered:
                    batch.append(nxt.value)
                else:
                    nxt.cancel()
                    break
            yield env.timeout(batching["fixed_s"] + batching["per_item_s"] * len(batch))
            for _, done in batch:
                done.succeed()

    def source() -> Process:
        for index, at_s in enumerate(arrived_s):
            yield env.timeout(max(0.0, at_s - env.now))
            env.process(journey(index))

    for _ in range(batching["devices"]):
        env.process(device())
    env.process(source())
    env.run()
    return latency_s


def poisson_s(rate_per_s: float, n: int, seed: int) -> list[float]:
    """Arrival times of a Poisson process in seconds."""
    times: list[float] = np.cumsum(np.random.default_rng(seed).exponential(1 / rate_per_s, n)).tolist()
    return times
