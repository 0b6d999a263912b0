"""Faults in words: what happens to whom, and when."""

from typing import assert_never

from simulator.design import (
    BadCanary,
    Breakdowns,
    CutLink,
    DelayFeatures,
    Design,
    ErrorRate,
    FaultSpec,
    FlushCache,
    KillReplicas,
    LoseZone,
    Replay,
    Slow,
    TrafficSpike,
)


def fault_in_words(fault: FaultSpec, design: Design) -> str:
    """One sentence without a full stop, such as `2 of 5 replicas of ranker die, from second 20 for 10 s`."""
    return f"{_what(fault, design)}, {_when(fault)}"


def _when(fault: FaultSpec) -> str:
    if isinstance(fault, Replay):
        return f"at second {fault.at_s:g}"
    return f"from second {fault.at_s:g} " + ("on" if fault.for_s is None else f"for {fault.for_s:g} s")


def _what(fault: FaultSpec, design: Design) -> str:  # noqa: C901, PLR0911  # one for each kind
    match fault:
        case KillReplicas(component=name, replicas=replicas):
            return f"{replicas:,} of {getattr(design.components[name], 'replicas', 1):,} replicas of {name} die"
        case Breakdowns(component=name):
            up_s, down_s = fault.mean_time_to_failure_s, fault.mean_time_to_repair_s
            return f"each replica of {name} breaks down about every {up_s:g} s and is repaired in about {down_s:g} s"
        case LoseZone():
            return f"one of {design.zones} zones is lost"
        case Slow(component=name, factor=factor):
            return f"work at {name} takes {factor:g} times as long"
        case ErrorRate(component=name, share=share):
            return f"{share * 100:.3g}% of the answers of {name} are errors"
        case CutLink(caller=caller, component=name):
            return f"nothing passes between {caller} and {name}"
        case FlushCache(component=name, for_s=for_s):
            return f"{name} is emptied" if for_s is None else f"{name} keeps nothing"
        case DelayFeatures(component=name, lag_s=lag_s):
            return f"what is written to {name} becomes visible {lag_s:g} s later"
        case BadCanary(component=name):
            return f"the canary of {name} {_canary(fault)}"
        case Replay(component=name, of_s=of_s):
            return f"{name} is read again from {of_s:g} s before"
        case TrafficSpike(factor=factor, class_name=class_name):
            return f"{'requests' if class_name is None else f'{class_name} requests'} come {factor:g} times as fast"
        case _:
            assert_never(fault)


def _canary(fault: BadCanary) -> str:
    said = [f"fails {fault.failure_share:.0%} of its requests"] if fault.failure_share else []
    said += [f"takes {fault.slow_factor:g} times as long"] if fault.slow_factor != 1 else []
    return " and ".join(said) or "is as good as the old version"
