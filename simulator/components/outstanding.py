"""What a load balancer knows of its replicas: how many requests each has under way."""

from math import floor, inf

from simulator.clock import Clock


class Outstanding:
    """Requests under way at each replica, and what the balancer sees of them.

    Without `stale_s` it sees them as they are. With it, as they were at the last multiple of `stale_s`: what it has
    sent since then it does not see either.
    """

    def __init__(self, env: Clock, replicas: int, stale_s: float):
        self._env, self._stale_s = env, stale_s
        self._now = [0] * replicas
        self._next_s = stale_s or inf
        self.seen = self._now.copy() if stale_s else self._now
        self._levels: Levels | None = None

    def join(self) -> None:
        """One more replica, without requests."""
        if self.seen is not self._now:
            self.seen.append(0)
        self._now.append(0)

    def by_level(self, alive: list[int]) -> None:
        """From now on also keep these replicas in order."""
        self._levels = Levels(alive, self.seen)

    def least(self) -> list[int]:
        """Of the replicas kept in order, those with the fewest requests."""
        assert self._levels is not None, "call by_level first"
        return self._levels.least()

    def refresh(self) -> None:
        """Look at the replicas if it is time to. Nothing changes unseen: `add` looks before it changes a count."""
        if (now := self._env.now) >= self._next_s:
            self.seen[:] = self._now
            self._next_s = max((floor(now / self._stale_s) + 1) * self._stale_s, self._next_s)
            if self._levels is not None:
                self._levels = Levels(self._levels.members, self.seen)

    def add(self, replica: int, by: int) -> None:
        """One request more or less."""
        if self._stale_s:
            self.refresh()
            self._now[replica] += by
            return
        before = self._now[replica]
        self._now[replica] = before + by
        if self._levels is not None:
            self._levels.move(replica, before, before + by)


class Levels:
    """Replicas by their number of requests; the fewest are found, and a step up or down is made, in constant time."""

    def __init__(self, members: list[int], counts: list[int]):
        self.members = members
        self._at: list[list[int]] = [[] for _ in range(2 + max((counts[i] for i in members), default=0))]
        self._place: dict[int, int] = {}
        for one in members:
            self._enter(one, counts[one])
        self._low = next((level for level, there in enumerate(self._at) if there), 0)

    def least(self) -> list[int]:
        return self._at[self._low]

    def move(self, one: int, before: int, after: int) -> None:
        """From one level to the next above or below; nothing if it is not a member."""
        if one not in self._place:
            return
        there, place = self._at[before], self._place[one]
        last = there.pop()
        if last != one:
            there[place], self._place[last] = last, place
        if after == len(self._at):
            self._at.append([])
        self._enter(one, after)
        if after < self._low or (before == self._low and not there):
            self._low = after

    def _enter(self, one: int, level: int) -> None:
        self._place[one] = len(self._at[level])
        self._at[level].append(one)
