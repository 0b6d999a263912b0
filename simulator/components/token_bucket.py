"""Token buckets: so many a second on average, and `burst` at once."""

from collections.abc import Sequence

from simulator.clock import Clock
from simulator.components.failures import RateLimited
from simulator.components.records import VisitLog
from simulator.components.request import Request
from simulator.design import RateLimit

ROUNDING = 1e-9  # of a token: what adding up many small refills may miss of a whole one


class TokenBucket:
    """Holds at most `burst` tokens, full at first; in t seconds at most rate * t + burst are taken."""

    def __init__(self, rate_per_s: float, burst: float):
        self._rate_per_s, self._burst = rate_per_s, burst
        self._tokens, self._since_s = burst, 0.0

    def tokens(self, now_s: float) -> float:
        """How many there are."""
        self._tokens = min(self._burst, self._tokens + (now_s - self._since_s) * self._rate_per_s)
        self._since_s = now_s
        return self._tokens

    def has_one(self, now_s: float) -> bool:
        return self.tokens(now_s) >= 1 - ROUNDING

    def take(self) -> None:
        self._tokens = max(0.0, self._tokens - 1)


class Gate:
    """The rate limits of one component, which all its replicas share: a request passes all that are for it."""

    def __init__(self, env: Clock, limits: Sequence[RateLimit], log: VisitLog):
        self._env, self._log = env, log
        self._buckets = [(one.class_name, TokenBucket(one.rate_per_s, one.burst)) for one in limits]

    def admit(self, request: Request) -> None:
        """Take a token of each limit that is for the request. Raise RateLimited, and take none, if one has none."""
        now_s = self._env.now
        buckets = [bucket for name, bucket in self._buckets if name is None or name == request.class_name]
        if not all(bucket.has_one(now_s) for bucket in buckets):
            self._log.add_refused(request, now_s)
            self._log.count("rate_limited")
            raise RateLimited
        for bucket in buckets:
            bucket.take()
