"""Replicas that share their cores equally among the requests in them: processor sharing."""

from heapq import heappop, heappush
from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.crew import Crew
from simulator.components.failures import QueueFull, ReplicaDied, RequestFailed
from simulator.components.lines import Line, bounds, line
from simulator.components.meter import Notes
from simulator.components.pool import Turn, too_late
from simulator.components.records import CapacityLog, HeldUpLog, VisitLog
from simulator.components.request import Died, Request, Serving
from simulator.design import Queue


class Machine:
    """One replica with its cores: each of n requests gets min(1, cores / n) of a core.

    Exact by virtual time: all requests inside have attained the same service since they were there together, so that
    the next to end is the one with the least `attained_s` to reach (Kleinrock, Queueing Systems 2, 1976, 4.4).
    """

    __slots__ = ("alarm", "attained_s", "capacity", "held_up", "inside", "number", "runs", "since_s", "work")

    def __init__(self) -> None:
        self.inside: dict[Turn, None] = {}
        self.work: list[tuple[float, int, Turn]] = []  # those who left early are still in it
        self.attained_s = self.since_s = 0.0
        self.number = 0
        self.alarm: simpy.Event | None = None
        self.runs = True
        self.capacity, self.held_up = 0, 0


class SharedPool:
    """Processor sharing within a replica; a request goes to the replica with the fewest requests, the first of them.

    Nobody waits unless no replica works; `queue.limit` bounds those beyond the cores, so that as many are inside as
    with slots. A slowdown counts for work that begins while it lasts.
    """

    def __init__(
        self,
        env: Clock,
        replicas: int,
        cores: int,
        queue: Queue,
        log: VisitLog,
        capacity: CapacityLog,
        *,
        queue_dies: bool = False,
        held_up: HeldUpLog | None = None,
    ):
        self._env, self._log, self._capacity, self._queue_dies = env, log, capacity, queue_dies
        self._held_up = held_up or HeldUpLog()
        self._limit, self._max_age_s = bounds(queue)
        self._cores = cores
        self.crew = Crew(env, replicas)
        self.meter: Notes | None = None
        self._machines = {replica: Machine() for replica in range(replicas)}
        for machine in self._machines.values():
            machine.capacity = cores
        self._waiting: Line[Turn] = line("fifo")
        self.slowness = 1.0

    @property
    def is_up(self) -> bool:
        return self.crew.is_up

    def serve(self, request: Request, work_s: float) -> Serving:
        """Work with a share of the cores. Raise QueueFull, TooOld or ReplicaDied."""
        if self.crew.is_hopeless:
            self._log.add_refused(request, self._env.now)
            raise ReplicaDied
        if self._is_full():
            self._log.add_refused(request, self._env.now)
            raise QueueFull
        turn = Turn(self._env, request, work_s)
        self._place(turn)
        try:
            yield turn
        except simpy.Interrupt as interrupt:
            self._withdraw(turn)
            began_s = turn.started_s if turn.slot >= 0 else float("nan")
            self._log.add_unanswered(request, turn.entered_s, began_s, self._env.now)
            if isinstance(interrupt.cause, Died):
                raise ReplicaDied from None
            raise
        except RequestFailed:
            self._log.add_unanswered(request, turn.entered_s, float("nan"), self._env.now)
            raise
        self._log.add(request, turn.entered_s, turn.started_s, self._env.now)

    def _is_full(self) -> bool:
        if self._limit == inf:
            return False
        open_to = self.crew.takes_work()
        inside = sum(len(self._machines[replica].inside) for replica in open_to) + len(self._waiting)
        return inside >= len(open_to) * self._cores + self._limit

    def _place(self, turn: Turn) -> None:
        open_to = self.crew.present if not self.crew.closed else self.crew.takes_work()
        if not open_to:
            self._waiting.append(turn)
            self._note()
            return
        replica = open_to[0] if len(open_to) == 1 else min(open_to, key=lambda one: len(self._machines[one].inside))
        machine = self._machines[replica]
        self._attain(machine)
        turn.started_s, turn.slot = self._env.now, replica
        machine.number += 1
        machine.inside[turn] = None
        heappush(machine.work, (machine.attained_s + turn.work * self.slowness, machine.number, turn))
        if self.meter is not None:
            self.meter.began(turn.started_s - turn.entered_s)
        self._changed(replica)

    def _withdraw(self, turn: Turn) -> None:
        """The caller has gone; if its work was done at this very instant, nothing is left to take away."""
        if turn.slot < 0:
            if not turn.left:
                self._waiting.remove(turn)
                self._note()
        elif (machine := self._machines.get(turn.slot)) is not None and turn in machine.inside:
            self._attain(machine)
            del machine.inside[turn]
            self._changed(turn.slot)
        turn.left = True

    def _attain(self, machine: Machine) -> None:
        """Bring the attained service up to date; it starts again from 0 when nobody is inside, and so stays exact."""
        if not machine.inside:
            machine.attained_s = 0.0
            machine.work.clear()
        elif machine.runs:
            share = min(1.0, self._cores / len(machine.inside))
            machine.attained_s += (self._env.now - machine.since_s) * share
        machine.since_s = self._env.now

    def _changed(self, replica: int) -> None:
        """Who is inside, or whether the machine runs, has changed: write it down and find the next to end."""
        machine = self._machines[replica]
        inside = len(machine.inside)
        works = min(inside, self._cores) if machine.runs else 0
        capacity = 0 if replica in self.crew.closed else self._cores
        if replica in self.crew.leaving:
            capacity = works
        if capacity != machine.capacity:
            self._capacity.change(self._env.now, capacity - machine.capacity)
            machine.capacity = capacity
        if inside - works != machine.held_up:
            self._held_up.change(self._env.now, inside - works - machine.held_up)
            machine.held_up = inside - works
        self._set_alarm(machine, replica)
        self._note()
        if replica in self.crew.leaving and not inside:
            self.crew.gone(replica)
            del self._machines[replica]

    def _set_alarm(self, machine: Machine, replica: int) -> None:
        machine.alarm = None
        while machine.work and machine.work[0][2] not in machine.inside:
            heappop(machine.work)
        if not machine.work or not machine.runs:
            return
        slower = max(1.0, len(machine.inside) / self._cores)
        left_s = max(0.0, machine.work[0][0] - machine.attained_s) * slower
        alarm = machine.alarm = self._env.timeout(left_s)
        assert alarm.callbacks is not None
        alarm.callbacks.append(lambda _: self._end(replica) if machine.alarm is alarm else None)

    def _end(self, replica: int) -> None:
        """The first is done, and whoever is done with it."""
        machine = self._machines[replica]
        machine.attained_s, machine.since_s = machine.work[0][0], self._env.now
        while machine.work and machine.work[0][0] <= machine.attained_s:
            _, _, turn = heappop(machine.work)
            if turn in machine.inside:
                del machine.inside[turn]
                turn.left = True
                turn.succeed()
        self._changed(replica)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live replicas away, with the work they hold; return which."""
        return self.lose(self.crew.last_living(replicas), comes_back=comes_back)

    def lose(self, replicas: list[int], *, comes_back: bool) -> list[int]:
        """Take these replicas away, with the work they hold; return those that were not dead already."""
        killed = self.crew.kill(replicas, comes_back=comes_back)
        for replica in killed:
            machine = self._machines[replica]
            lost, machine.inside = list(machine.inside), {}
            machine.work.clear()
            for turn in lost:
                turn.left = True
                if turn.process is not None and turn.process.target is turn:
                    turn.process.interrupt(Died())
            self._changed(replica)
        if self.crew.is_hopeless or (self._queue_dies and not self.is_up):
            while self._waiting:
                self._turn_away(self._waiting.popleft(), ReplicaDied())
        return killed

    def _turn_away(self, turn: Turn, why: RequestFailed) -> None:
        turn.left = True
        turn.fail(why)

    def repair(self, replicas: list[int]) -> None:
        """Bring replicas back, empty; they take what waits."""
        self._open(self.crew.repair(replicas))

    def stop(self, replica: int) -> None:
        """Break one down: the work it holds stands still, and it takes no more."""
        if self.crew.stop(replica):
            self._attain(self._machines[replica])
            self._machines[replica].runs = False
            self._changed(replica)

    def go_on(self, replica: int) -> None:
        """End one breakdown: the work goes on where it stood."""
        if self.crew.go_on(replica):
            self._open([replica])

    def add_replicas(self, number: int) -> None:
        """Let new replicas take work from now on."""
        new = self.crew.add(number)
        self._machines.update({replica: Machine() for replica in new})
        self._open(new)

    def remove_replicas(self, number: int) -> None:
        """Let the last replicas finish what they hold and go."""
        for replica in self.crew.remove(number):
            self._attain(self._machines[replica])
            self._changed(replica)

    def oldest_wait_s(self) -> float:
        """How long the oldest has waited that still does; 0 if nobody does."""
        return self._env.now - self._waiting.oldest().entered_s if self._waiting else 0.0

    def _open(self, replicas: list[int]) -> None:
        for replica in replicas:
            self._attain(self._machines[replica])
            self._machines[replica].runs = True
            self._changed(replica)
        while self._waiting and self.is_up:
            turn = self._waiting.popleft()
            if self._env.now - turn.entered_s > self._max_age_s or self._env.now >= turn.request.deadline_s:
                self._turn_away(turn, too_late(self._env.now, turn.request, self._log))
            else:
                self._place(turn)

    def _note(self) -> None:
        if self.meter is not None:
            machines = self._machines.values()
            busy = sum(min(len(machine.inside), self._cores) for machine in machines if machine.runs)
            self.meter.note(busy, sum(len(machine.inside) for machine in machines) + len(self._waiting))
