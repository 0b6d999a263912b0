"""How long, how often and with which luck a design is run."""

import math
from typing import Annotated

from pydantic import Field

from simulator import support
from simulator.arrivals import expected_requests
from simulator.bursts import dispersion
from simulator.design import Bursts, ClosedLoop, Design, Trace
from simulator.load import mean_rate_per_s, recorded_s, static_load
from simulator.spec import NonNegative, Positive, Spec

MOST_REQUESTS = 5_000_000  # in all replications together; more belongs on more than one machine
AFTER_FAULT_S = 10.0
WARM_UP_AT_MOST = 0.3  # of the run
ROUNDS_TO_SETTLE = 10  # of thinking and asking


class RunSettings(Spec):
    """What a run depends on besides the design. Without `duration_s` it lasts for about `requests` arrivals: of a
    recording, for its first ones or all; of a closed loop, for as long as its users need if nobody waits for another.

    A fault is always seen to its end and ten seconds further.
    """

    seed: Annotated[int, Field(ge=0, le=2**63)] = 1
    replications: Annotated[int, Field(ge=1, le=200)] = 5
    requests: Annotated[int, Field(ge=100, le=MOST_REQUESTS)] = 10_000
    duration_s: Positive | None = None
    warm_up_s: NonNegative | None = None


class TooLong(ValueError):
    """The run would simulate more requests than one machine should; the message says how many and what to do."""


def duration_s(design: Design, settings: RunSettings) -> float:
    """How long requests arrive, in seconds. Raise TooLong if that makes too many."""
    support.check(design)
    rate = mean_rate_per_s(design)
    chosen = settings.duration_s
    if chosen is None:
        ends = [f.at_s + (f.for_s or 0.0) + AFTER_FAULT_S for f in design.faults]
        chosen = max(_time_of(design, settings.requests), *ends, 0.0)
    if isinstance(design.traffic.arrivals, Bursts):
        _refuse_endless_jumps(design.traffic.arrivals, chosen)
    if (total := expected_requests(design, chosen) * settings.replications) > MOST_REQUESTS * (1 + 1e-9):
        raise TooLong(
            f"{settings.replications} runs of {chosen:,.6g} s at {rate:,.6g} requests/s are {total:,.0f} requests, and "
            f"{MOST_REQUESTS:,} is the most; simulate a smaller cell, a shorter time or fewer replications"
        )
    return chosen


def _time_of(design: Design, requests: int) -> float:
    """When about so many requests have arrived, without spikes."""
    plain = design.model_copy(update={"faults": ()})
    guess = requests / mean_rate_per_s(design)
    arrivals = design.traffic.arrivals
    if isinstance(arrivals, Trace):
        times_s, requests = arrivals.times_s, min(requests, len(arrivals.times_s))
        guess = (times_s[requests] if requests < len(times_s) else recorded_s(times_s)) or 1.0
    if design.traffic.profile is None:
        return guess
    low, high = 0.0, guess
    while expected_requests(plain, high) < requests and high < 1000 * guess:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expected_requests(plain, middle) < requests else (low, middle)
    return high


def warm_up_s(design: Design, settings: RunSettings) -> tuple[float, str]:
    """How much of the beginning is not counted, in seconds, and a sentence if it is less than it should be.

    The rule drops 30 / (1 - rho)^2 requests, where rho is the offered load at the bottleneck (Law, Simulation
    Modeling and Analysis: an M/M/1 relaxes in 1 / (mu (1 - sqrt rho)^2)), but at most 30% of the run. Bursts need as
    many times more as they are more uneven (Whitt, Management Science 35, 1989). The users of a closed loop, of whom
    there are never more, are left ten rounds.
    """
    total_s = duration_s(design, settings)
    if settings.warm_up_s is not None:
        return min(settings.warm_up_s, total_s), ""
    support.check(design)
    rho, most_s = max((load.load for load in static_load(design).values()), default=0.0), WARM_UP_AT_MOST * total_s
    loop = design.traffic.arrivals
    if isinstance(loop, ClosedLoop):
        return min(ROUNDS_TO_SETTLE * loop.users / mean_rate_per_s(design), most_s), ""
    if rho >= 1:
        return most_s, ""  # nothing settles; the summary says so
    wanted_s = math.ceil(30 / (1 - rho) ** 2 * _unevenness(design)) / mean_rate_per_s(design)
    if wanted_s <= most_s:
        return wanted_s, ""
    return most_s, (
        f"The first {wanted_s:,.1f} s should not be counted at this load, and only {most_s:,.1f} s were left out; "
        "a longer run would be more certain."
    )


def _unevenness(design: Design) -> float:
    """How much more uneven than Poisson arrivals the bursts are, with service as even as exponential."""
    arrivals = design.traffic.arrivals
    if not isinstance(arrivals, Bursts):
        return 1.0
    return (dispersion(arrivals, design.traffic.arrival_rate_per_s) + 1) / 2


def _refuse_endless_jumps(bursts: Bursts, lasts_s: float) -> None:
    """Raise TooLong if the rate would change more often than there may be requests."""
    if (jumps := 2 * lasts_s / (bursts.mean_burst_s + bursts.mean_calm_s)) > MOST_REQUESTS:
        raise TooLong(
            f"the rate would jump {jumps:,.0f} times in {lasts_s:,.6g} s, and {MOST_REQUESTS:,} is the most; "
            "give traffic.arrivals longer bursts and calms"
        )
