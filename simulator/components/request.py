"""A request on its way, and what a component offers to whoever sends it one."""

from collections.abc import Generator
from math import inf
from typing import Protocol

import simpy

Serving = Generator[simpy.Event, object, None]


class Request:
    """One request, or one attempt of it when a caller may give up, try again or send copies.

    `index` counts arrivals, `visit` says which draws are its own, `items` is what it carries, `rank` is the popularity
    rank of the key it is about. Nobody begins work for it from `deadline_s` on. `tried` are the replicas that attempts
    of the same call have been sent to.
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
        "parent",
        "rank",
        "tried",
        "visit",
    )

    def __init__(self, index: int, class_name: str, items: int, visit: int = 0, parent: "Request | None" = None):
        self.index, self.class_name, self.items, self.visit, self.parent = index, class_name, items, visit, parent
        self.degraded = False
        self.abandoned_s = inf
        self.copy = 0
        self.key: int = 0
        self.rank: int = 0
        self.deadline_s: float = inf
        self.tried: set[int] | None = None
        if parent is not None:
            self.key, self.rank = parent.key, parent.rank
            self.deadline_s, self.tried = parent.deadline_s, parent.tried

    def attempt(self, visit: int) -> "Request":
        """The same request, as its caller's attempt with draws of its own."""
        return Request(self.index, self.class_name, self.items, visit, self)

    def answered(self) -> None:
        """The caller takes this attempt's answer: if it came from a fallback, so does the caller's."""
        if self.degraded and self.parent is not None:
            self.parent.degraded = True

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
