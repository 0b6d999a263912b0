"""Streams with their consumers."""

from simulator import design as spec
from simulator.build.calls import make_steps
from simulator.build.system import System
from simulator.components.records import CapacityLog
from simulator.components.stream import MessageLog, Stream


def make_stream(system: System, name: str, part: spec.Stream) -> Stream:
    """A stream; it keeps its messages if a fault replays them."""
    is_replayed = any(isinstance(one, spec.Replay) and one.component == name for one in system.design.faults)
    messages = system.message_logs[name] = MessageLog(keeps=is_replayed)
    capacity = system.capacity_logs[name] = CapacityLog(min(part.partitions, part.replicas))
    append_s = system.durations_s(name, part.append_time)
    partition = system.uniforms(f"{name}/partition")
    work_s = system.durations_s(f"{name}/consumer", part.consumer_time)
    calls = make_steps(system, name, "calls", part.calls) if part.calls else None
    return Stream(system.env, part, append_s, partition, work_s, calls, system.logs[name], messages, capacity)
