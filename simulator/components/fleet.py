"""Replicas behind a load balancer that come and go, each with a queue of its own."""

from collections.abc import Callable, Sequence

from simulator.clock import Clock
from simulator.components.crew import Crew
from simulator.components.llm_server import LlmServer
from simulator.components.meter import Meter, PartOfMeter
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.records import CapacityLog
from simulator.components.shared_pool import SharedPool

Member = Pool | SharedPool | ModelServer | LlmServer


class Roster:
    """The replicas of a fleet as its autoscaler counts them."""

    def __init__(self, env: Clock, crews: list[Crew]):
        self._env, self._crews = env, crews
        self._paid: CapacityLog | None = None
        self.is_expecting = False  # behind a balancer nobody waits for a replica to come
        self.starting = 0

    @property
    def able(self) -> int:
        """How many take work."""
        return sum(crew.able for crew in self._crews)

    @property
    def present(self) -> list[Crew]:
        """Those that have not gone."""
        return [crew for crew in self._crews if crew.present]

    @property
    def paid(self) -> CapacityLog | None:
        return self._paid

    @paid.setter
    def paid(self, paid: CapacityLog | None) -> None:
        self._paid = paid
        for crew in self._crews:
            crew.paid = paid

    def start(self, number: int) -> None:
        """So many more (or, if negative, fewer) replicas are starting, and paid for."""
        self.starting += number
        if number and self._paid is not None:
            self._paid.change(self._env.now, number)

    def join(self, crew: Crew) -> None:
        """One that was starting is there."""
        crew.paid = self._paid
        self._crews.append(crew)


class Fleet:
    """What an autoscaler sees of the replicas behind a load balancer: one component.

    A new replica is told to all in `joined` by its number; numbers are given in the order of coming, and never twice.
    The last that take work go first. One that goes takes no new requests, and finishes what it holds and what waits in
    its queue.
    """

    def __init__(self, env: Clock, members: Sequence[Member], make: Callable[[], Member], capacity: CapacityLog):
        self._env, self._make, self._capacity = env, make, capacity
        self.members = list(members)
        self._slots = capacity.steps[0][1] // len(self.members)
        self._meter: Meter | None = None
        self.crew = Roster(env, [member.crew for member in self.members])
        self.joined: list[Callable[[int], None]] = []

    @property
    def meter(self) -> Meter | None:
        return self._meter

    @meter.setter
    def meter(self, meter: Meter) -> None:
        self._meter = meter
        for member in self.members:
            member.meter = PartOfMeter(meter)

    def add_replicas(self, number: int) -> None:
        """Let new replicas take work from now on; a slowdown that lasts is theirs too."""
        for _ in range(number):
            new = self._make()
            new.slowness = self.members[0].slowness
            if self._meter is not None:
                new.meter = PartOfMeter(self._meter)
            self.members.append(new)
            self.crew.join(new.crew)
            self._capacity.change(self._env.now, self._slots)
            for tell in self.joined:
                tell(len(self.members) - 1)

    def remove_replicas(self, number: int) -> None:
        """Let the last replicas finish what they have and go."""
        able = [member for member in self.members if member.is_up]
        for member in able[max(0, len(able) - number) :]:
            member.remove_replicas(1)
        self._capacity.change(self._env.now, 0)  # a full replica that goes leaves no other trace for the balancer

    def oldest_wait_s(self) -> float:
        """How long the oldest has waited that still does; 0 if nobody does."""
        return max(member.oldest_wait_s() for member in self.members)
