"""The records of one replication: who came when, where each request was, and how it ended."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.distributions import Floats
from simulator.results.own_records import MessageRecord, RouteRecord, TokenRecord
from simulator.results.sums import Moments

Integers = NDArray[np.int64]


class Ending(IntEnum):
    """How a request ended, before anybody asks whether it was in time."""

    ANSWERED = 0
    DEGRADED = 1  # a fallback answered
    REFUSED = 2  # shed or rate-limited
    FAILED = 3  # timed out or error


@dataclass(frozen=True)
class Visits:
    """Visits to one component, in the order in which they ended; every array has shape (n_visits,).

    `started_s` is nan where no work began. `waited_for_until_s` is when the caller stopped waiting, at the latest the
    end.
    """

    request: Integers
    entered_s: Floats
    started_s: Floats
    ended_s: Floats
    waited_for_until_s: Floats
    filled_s: Floats  # of the waiting time, while a device was idle and the batch was not full
    answered: NDArray[np.bool_]

    @cached_property
    def entered(self) -> Moments:
        return Moments(self.entered_s)

    @cached_property
    def ended(self) -> Moments:
        return Moments(self.ended_s)

    @cached_property
    def left_queue(self) -> Moments:
        """When work began or, where none did, the visit ended."""
        is_without = np.isnan(self.started_s)
        return Moments(np.where(is_without, self.ended_s, self.started_s) if is_without.any() else self.started_s)

    @cached_property
    def worked(self) -> tuple[Moments, Moments]:
        """When work began, and when it ended, where there was any."""
        began = ~np.isnan(self.started_s)
        if began.all():
            return self.left_queue, self.ended
        return Moments(self.started_s[began]), Moments(self.ended_s[began])


@dataclass(frozen=True)
class Batches:
    """Batches of one model server, in the order in which they were fired; every array has shape (n_batches,)."""

    fired_s: Floats
    ended_s: Floats
    items: Integers
    requests: Integers


@dataclass(frozen=True)
class Ages:
    """Reads of one store: who read, when the answer came and how old it was; every array has shape (n_reads,)."""

    request: Integers
    read_s: Floats
    age_s: Floats


@dataclass(frozen=True)
class HeldUp:
    """How many visits or batches that have begun are not being worked on, as steps; both arrays have shape (n_steps,).

    Their replica stands still or, where requests share its cores, what they miss of a core each.
    """

    at_s: Floats
    level: Floats


@dataclass
class CallCounts:
    """What became of one call: how often it was made and what its policies did.

    `circuit_changes` are (second, state) of its circuit breaker, which is closed before the first of them.
    """

    made: int = 0
    retries: int = 0
    timeouts: int = 0
    backup_requests: int = 0
    fallbacks: int = 0
    failures: int = 0
    deadlines: int = 0  # attempts that the request's deadline ended
    retries_refused: int = 0  # for want of budget
    circuit_refusals: int = 0  # attempts that failed at once
    stale: int = 0  # answers that were too old to use
    circuit_changes: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class ComponentRecord:
    """All that one component wrote down. `capacity` are (second, slots) steps; it is empty where nothing ever waits.

    `replicas` are (second, replicas that are paid for) steps; it is empty where nobody scales. `moments_s` are, for
    some of what `counts` says, when the visits that it happened to were entered.
    """

    visits: Visits
    counts: dict[str, int]
    capacity: tuple[tuple[float, int], ...] = ()
    batches: Batches | None = None
    ages: Ages | None = None
    tokens: TokenRecord | None = None
    messages: MessageRecord | None = None
    routes: RouteRecord | None = None
    held_up: HeldUp | None = None
    replicas: tuple[tuple[float, int], ...] = ()
    moments_s: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One replication. Arrays of requests have shape (n_requests,), in order of arrival."""

    seed: int
    replication: int
    duration_s: float
    arrived_s: Floats
    ended_s: Floats
    ending: NDArray[np.uint8]
    class_index: NDArray[np.uint8]
    items: Integers
    components: dict[str, ComponentRecord]
    calls: dict[str, CallCounts]
    key_rank: Integers | None = None  # popularity of the key that each request is about; None without keys
    oldest_write_s: Floats | None = None  # of what each request has read; infinity where nobody knows
    engine: Literal["simpy", "compiled", "stages"] = "simpy"
    engine_note: str = ""  # why it was not the faster one
