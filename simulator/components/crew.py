"""Which replicas a component has, and which of them take work."""

from collections.abc import Callable

from simulator.clock import Clock
from simulator.components.records import CapacityLog


class Crew:
    """A replica is *dead* when it was killed with its work, *broken* when it stands still with it, and *leaving* when
    it only finishes what it holds.

    Replicas are numbered in the order in which they came, and a number is never given twice.
    """

    def __init__(self, env: Clock, size: int):
        self._env, self._next = env, size
        self.present = list(range(size))
        self.leaving: set[int] = set()
        self._dead: dict[int, bool] = {}  # whether it will be repaired
        self._broken: dict[int, int] = {}  # by how many breakdowns
        self.closed: set[int] = set()  # takes no work, for any of these reasons
        self.is_expecting = False  # an autoscaler sees to it that somebody always comes
        self.starting = 0
        self.paid: CapacityLog | None = None
        self._paid_for = size
        self.joined: list[Callable[[int], None]] = []  # told the number of each new replica

    @property
    def able(self) -> int:
        """How many take work."""
        return len(self.present) - len(self.closed)

    @property
    def is_up(self) -> bool:
        return len(self.closed) < len(self.present)

    @property
    def is_alive(self) -> bool:
        """Whether there is one left that could be killed."""
        return len(self.living()) > 0

    @property
    def is_hopeless(self) -> bool:
        """Whether nobody takes work and nobody ever will."""
        if self.is_up or self.is_expecting:
            return False
        return not any(self._dead.get(replica, True) for replica in self.present if replica not in self.leaving)

    def living(self) -> list[int]:
        """All but the dead and the leaving: those that a fault can kill."""
        return [replica for replica in self.present if replica not in self._dead and replica not in self.leaving]

    def last_living(self, number: int) -> list[int]:
        """The last so many of the living, or all of them if there are fewer."""
        living = self.living()
        return living[max(0, len(living) - number) :]

    def takes_work(self) -> list[int]:
        return [replica for replica in self.present if replica not in self.closed]

    def only_leaves(self, replica: int) -> bool:
        """Whether it takes no new work for no other reason than that it leaves."""
        return replica in self.leaving and replica not in self._dead and replica not in self._broken

    def is_broken(self, replica: int) -> bool:
        return replica in self._broken

    def kill(self, replicas: list[int], *, comes_back: bool) -> list[int]:
        """Mark those as dead that are not dead yet; return which."""
        killed = [replica for replica in replicas if replica in self.present and replica not in self._dead]
        for replica in killed:
            self._dead[replica] = comes_back
        self._note()
        return killed

    def repair(self, replicas: list[int]) -> list[int]:
        """Mark dead replicas as alive; return those that take work again."""
        for replica in replicas:
            self._dead.pop(replica, None)
        self._note()
        return [replica for replica in replicas if replica in self.present and replica not in self.closed]

    def stop(self, replica: int) -> bool:
        """Break one down; return whether it was working, and be it as one that leaves."""
        was_working = replica in self.present and replica not in self._dead and replica not in self._broken
        self._broken[replica] = self._broken.get(replica, 0) + 1
        self._note()
        return was_working

    def go_on(self, replica: int) -> bool:
        """End one breakdown; return whether the replica works again."""
        self._broken[replica] -= 1
        if self._broken[replica]:
            return False
        del self._broken[replica]
        self._note()
        return replica in self.present and replica not in self._dead

    def add(self, number: int) -> list[int]:
        """Let new replicas come; return which."""
        new = list(range(self._next, self._next + number))
        self._next += number
        self.present += new
        self._note()
        for tell in self.joined:
            for replica in new:
                tell(replica)
        return new

    def remove(self, number: int) -> list[int]:
        """Let the last that take work go once they are done; return which."""
        able = self.takes_work()
        going = able[max(0, len(able) - number) :]
        self.leaving.update(going)
        self._note()
        return going

    def gone(self, replica: int) -> None:
        """A leaving replica has finished."""
        self.present.remove(replica)
        self.leaving.discard(replica)
        self._dead.pop(replica, None)
        self._note()

    def _note(self) -> None:
        shut = [r for r in self.present if r in self._dead or r in self._broken or r in self.leaving]
        self.closed.clear()  # the same set for good: components keep it at hand
        self.closed.update(shut)
        if self.paid is not None:
            paid = sum(replica not in self._dead for replica in self.present) + self.starting
            if paid != self._paid_for:
                self.paid.change(self._env.now, paid - self._paid_for)
                self._paid_for = paid

    def start(self, number: int) -> None:
        """So many more (or, if negative, fewer) replicas are starting, and paid for."""
        self.starting += number
        self._note()
