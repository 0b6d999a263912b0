"""A request on its way, and what a component offers to whoever sends it one."""

from collections.abc import Generator
from math import inf
from typing import Protocol

import simpy

Serving = Generator[simpy.Event, object, None]


class Request:
    """One request, or one attempt of it when a caller may give up, try again or send copies.

    `index` counts arrivals, `visit` says which draws are its own, `items` is what it carries. `rank` is the popularity
    of the key that it is about, 0 for the most popular; the larger its `priority`, the more important it is. Nobody
    begins work for it from `deadline_s` on. `tried` are the replicas that attempts of the same call have been sent to.
    `oldest_write_s` is when the oldest of what it has read was written; infinity before it reads.
    """

    __slots__ = (
        "abandoned_s",
        "class_name",
        "copy",
        "deadline_s",
        "degraded",
        "index",
        "items",
        "key",
        "oldest_write_s",
        "parent",
        "priority",
        "rank",
        "tried",
        "visit",
    )

    def __init__(self, index: int, class_name: str, items: int, visit: int = 0, parent: "Request | None" = None):
        self.index, self.class_name, self.items, self.visit, self.parent = index, class_name, items, visit, parent
        self.degraded = False
        self.abandoned_s = inf
        self.copy = 0
        self.oldest_write_s = inf
        self.deadline_s: float = inf
        self.tried: set[int] | None = None
        if parent is None:
            self.key = self.priority = self.rank = 0
        else:
            self.key, self.priority, self.rank = parent.key, parent.priority, parent.rank
            self.deadline_s, self.tried = parent.deadline_s, parent.tried

    def attempt(self, visit: int) -> "Request":
        """The same request, as its caller's attempt with draws of its own."""
        return Request(self.index, self.class_name, self.items, visit, self)

    def answered(self) -> None:
        """The caller takes this attempt's answer: if it came from a fallback, so does the caller's; what it has read,
        its caller has read.
        """
        caller = self.parent
        if caller is not None:
            if self.degraded:
                caller.degraded = True
            if self.oldest_write_s != inf:
                caller.oldest_write_s = min(caller.oldest_write_s, self.oldest_write_s)

    def given_up_s(self) -> float:
        """When the first of its callers stopped waiting; infinity if none has."""
        first, request = self.abandoned_s, self.parent
        while request is not None:
            first, request = min(first, request.abandoned_s), request.parent
        return first


class Serves(Protocol):
    """What every component can do."""

    def serve(self, request: Request) -> Serving: ...


class Cancelled:
    """The cause of a SimPy interrupt: a caller upstream withdraws its request."""


class Died:
    """The cause of a SimPy interrupt: the replica at work has died."""


class Stopped:
    """The cause of a SimPy interrupt: the replica at work stands still, and the work with it."""
