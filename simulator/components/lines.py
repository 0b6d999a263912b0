"""Who may wait and who is next: lines by discipline. `popleft` takes the next in turn, whatever the discipline."""

from bisect import insort
from collections import deque
from collections.abc import Iterator
from math import inf
from typing import Generic, Literal, Protocol, TypeVar, assert_never

from simulator.components.request import Request
from simulator.design import Queue


class Waits(Protocol):
    """What stands in line."""

    request: Request
    entered_s: float


Turn = TypeVar("Turn", bound=Waits)


class FirstComeFirstServed(deque[Turn]):
    """The oldest is next."""

    __slots__ = ()

    def upcoming(self) -> Turn:
        """The next in turn, who stays in line."""
        return self[0]

    def oldest(self) -> Turn:
        """Who has waited longest."""
        return self[0]

    def would_be_next(self, newcomer: Turn) -> bool:  # noqa: ARG002  # the other lines look at it
        """Whether the turn of a newcomer would come before that of all who wait."""
        return not self


class LastComeFirstServed(deque[Turn]):
    """The youngest is next."""

    __slots__ = ()

    def popleft(self) -> Turn:
        return self.pop()

    def upcoming(self) -> Turn:
        """The next in turn, who stays in line."""
        return self[-1]

    def oldest(self) -> Turn:
        """Who has waited longest."""
        return self[0]

    def would_be_next(self, newcomer: Turn) -> bool:  # noqa: ARG002  # the other lines look at it
        """Whether the turn of a newcomer would come before that of all who wait."""
        return True


class ByPriority(Generic[Turn]):
    """The larger priority is next, and first come first served among equals; nobody at work is interrupted.

    One line for each priority that was ever seen: a design has twenty classes at most.
    """

    __slots__ = ("_length", "_lines", "_order")

    def __init__(self) -> None:
        self._lines: dict[int, deque[Turn]] = {}
        self._order: list[int] = []  # minus the priority, so that the largest comes first
        self._length = 0

    def append(self, turn: Turn) -> None:
        priority = turn.request.priority
        if priority not in self._lines:
            self._lines[priority] = deque()
            insort(self._order, -priority)
        self._lines[priority].append(turn)
        self._length += 1

    def popleft(self) -> Turn:
        self._length -= 1
        return self._first_line().popleft()

    def upcoming(self) -> Turn:
        """The next in turn, who stays in line."""
        return self._first_line()[0]

    def oldest(self) -> Turn:
        """Who has waited longest."""
        return min((line[0] for line in self._lines.values() if line), key=lambda turn: turn.entered_s)

    def would_be_next(self, newcomer: Turn) -> bool:
        """Whether the turn of a newcomer would come before that of all who wait."""
        return not self._length or newcomer.request.priority > self.upcoming().request.priority

    def remove(self, turn: Turn) -> None:
        self._lines[turn.request.priority].remove(turn)
        self._length -= 1

    def clear(self) -> None:
        self._lines.clear()
        self._order.clear()
        self._length = 0

    def _first_line(self) -> deque[Turn]:
        return next(line for minus in self._order if (line := self._lines[-minus]))

    def __iter__(self) -> Iterator[Turn]:
        return (turn for minus in self._order for turn in self._lines[-minus])

    def __len__(self) -> int:
        return self._length


Line = FirstComeFirstServed[Turn] | LastComeFirstServed[Turn] | ByPriority[Turn]


def line(discipline: Literal["fifo", "lifo", "priority"]) -> Line[Turn]:
    """An empty waiting line."""
    match discipline:
        case "fifo":
            return FirstComeFirstServed()
        case "lifo":
            return LastComeFirstServed()
        case "priority":
            return ByPriority()
        case _:
            assert_never(discipline)


def bounds(queue: Queue) -> tuple[float, float]:
    """How many may wait, and for how many seconds."""
    limit = inf if queue.limit == "unlimited" else queue.limit
    return limit, inf if queue.drop_older_than_ms is None else queue.drop_older_than_ms / 1000
