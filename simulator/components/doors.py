"""What stands between a component and those who ask it while a fault may strike: errors and cut links.

A design without such faults has no doors, so they cost nothing.
"""

from math import inf, prod

from simulator.clock import Clock
from simulator.components.failures import ErrorAnswer, LinkCut
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serves, Serving
from simulator.draws import PerVisit


class Errors:
    """Which answers of one component are errors: of each `share` under way, that share, independently."""

    def __init__(self, luck: PerVisit, log: VisitLog):
        self._luck, self._log = luck, log
        self.shares: list[float] = []

    def strike(self, request: Request) -> bool:
        """Whether the answer to this visit, given now, is an error."""
        if not self.shares:
            return False
        strikes = self._luck.of(request.index, request.visit) < 1 - prod(1 - share for share in self.shares)
        if strikes:
            self._log.count("errors")
        return strikes


class Cut:
    """The link between a caller and a component; it is cut while any fault cuts it."""

    def __init__(self, log: VisitLog) -> None:
        self._log = log
        self.faults = 0

    def stops(self) -> bool:
        """Whether what would pass now is lost."""
        if self.faults:
            self._log.count("cut_off")
        return self.faults > 0


class Door:
    """Looks like the component behind it."""

    def __init__(self, inner: Serves):
        self._inner = inner

    @property
    def is_up(self) -> bool:
        return bool(getattr(self._inner, "is_up", True))

    @property
    def shards(self) -> int:
        """Of a store; 0 of anything else."""
        return int(getattr(self._inner, "shards", 0))

    def serve(self, request: Request) -> Serving:
        yield from self._inner.serve(request)


class ErrorDoor(Door):
    """Some answers are errors, after all the work for them is done."""

    def __init__(self, inner: Serves, errors: Errors):
        super().__init__(inner)
        self._errors = errors

    def serve(self, request: Request) -> Serving:
        """Let the component work. Raise ErrorAnswer if the answer is one."""
        yield from self._inner.serve(request)
        if self._errors.strike(request):
            raise ErrorAnswer


class LinkDoor(Door):
    """While the link is cut, neither requests nor answers pass.

    A caller with a timeout of `timeout_s` hears nothing until it rings, and one under a deadline until that passes. A
    caller that would wait for ever fails at once, as if the connection were refused.
    """

    def __init__(self, env: Clock, inner: Serves, cut: Cut, timeout_s: float):
        super().__init__(inner)
        self._env, self._cut, self._timeout_s = env, cut, timeout_s

    def serve(self, request: Request) -> Serving:
        """Ask the component. Raise LinkCut once nobody waits any more."""
        if self._cut.stops():
            yield from self._hear_nothing(request)
        yield from self._inner.serve(request)
        if self._cut.stops():
            yield from self._hear_nothing(request)

    def _hear_nothing(self, request: Request) -> Serving:
        if self._timeout_s < inf:
            yield self._env.timeout(self._timeout_s)  # the caller's clock was wound up before
        elif self._env.now < request.deadline_s < inf:
            yield self._env.at(request.deadline_s)
        raise LinkCut
