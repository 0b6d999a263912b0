"""A closed loop: users who think, ask, wait until the request has ended in whatever way, and think again.

All think when the run begins. Nobody asks after the horizon. What a request needs, and the thinking before it, are
drawn for its user and round, so that a changed design meets the same users. While a run is under way a request's number
is `round * users + user`; afterwards they are numbered in the order in which they were sent.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from simpy.events import URGENT

from simulator.clock import Clock
from simulator.components.request import Serving
from simulator.design import ClosedLoop, Design
from simulator.distributions import Floats
from simulator.load import mean_rate_per_s
from simulator.results.run import Run
from simulator.settings import MOST_REQUESTS, TooLong

WHO = "<think>"
MOST_DRAWS = 4 * MOST_REQUESTS
MOST_AT_ONCE = 1000  # requests of one user at one instant
PROGRESS_EVERY = 500  # requests


class OutOfDraws(Exception):
    """A user has come to a round for which nothing was drawn."""


def with_enough_draws(design: Design, loop: ClosedLoop, duration_s: float, run: Callable[[int], Run]) -> Run:
    """Run with draws for so many requests, and again with more if they did not suffice: longer draws begin with the
    shorter ones, so that the second run begins with the first. Raise TooLong.
    """
    rounds = mean_rate_per_s(design) * duration_s / loop.users
    draws = loop.users * (int(rounds + 6 * rounds**0.5) + 2)
    while draws <= MOST_DRAWS:
        try:
            return in_order_of_sending(run(draws))
        except OutOfDraws:
            draws *= 2
    raise TooLong(
        f"{loop.users:,} users ask more often in {duration_s:,.6g} s than one machine should simulate; "
        "simulate fewer users, a shorter time or longer thinking"
    )


class Users:
    """The users of one run. Raise OutOfDraws when one of them comes to a round for which nothing was drawn."""

    def __init__(
        self,
        env: Clock,
        loop: ClosedLoop,
        duration_s: float,
        think_s: Floats,
        journey: Callable[[int], Serving],
        progress: Callable[[float], None] | None,
    ):
        self._env, self._loop, self._duration_s, self._think_s = env, loop, duration_s, think_s
        self._journey, self._progress = journey, progress
        self._sent = 0
        self.sent_s = np.full(len(think_s), np.nan)

    def arrive(self) -> Serving:
        """Let each user begin when it has thought for the first time."""
        env, first_s = self._env, self._think_s[: self._loop.users]
        for user in np.argsort(first_s, kind="stable").tolist():
            if first_s[user] >= self._duration_s:
                break
            yield env.at(float(first_s[user]), URGENT)
            env.process(self._use(user))
        yield env.at(self._duration_s)
        if self._progress is not None:
            self._progress(1.0)

    def _use(self, user: int) -> Serving:
        env, number, at_once, before_s = self._env, user, 0, -1.0
        while True:
            at_once, before_s = (at_once + 1 if env.now == before_s else 0), env.now
            if at_once > MOST_AT_ONCE:
                raise TooLong(
                    f"a user of the closed loop asks for ever at second {env.now:,.6g}, as neither thinking nor asking "
                    "takes time; give traffic.arrivals.think_time a mean above 0"
                )
            self.sent_s[number] = env.now
            self._say()
            yield from self._journey(number)
            number += self._loop.users
            if number >= len(self._think_s):
                raise OutOfDraws
            again_s = env.now + float(self._think_s[number])
            if again_s >= self._duration_s:
                return
            yield env.at(again_s, URGENT)

    def _say(self) -> None:
        if self._progress is not None and self._sent % PROGRESS_EVERY == 0:
            self._progress(self._env.now / self._duration_s)
        self._sent += 1


def in_order_of_sending(run: Run) -> Run:
    """Number the requests anew, and leave out those that were never sent."""
    order = np.argsort(run.arrived_s, kind="stable")[: np.count_nonzero(~np.isnan(run.arrived_s))]
    place = np.full(len(run.arrived_s), -1)
    place[order] = np.arange(len(order))
    components = {
        name: replace(
            record,
            visits=replace(record.visits, request=place[record.visits.request]),
            ages=record.ages and replace(record.ages, request=place[record.ages.request]),
            tokens=record.tokens and replace(record.tokens, request=place[record.tokens.request]),
            messages=record.messages and replace(record.messages, request=place[record.messages.request]),
            routes=record.routes and replace(record.routes, request=place[record.routes.request]),
        )
        for name, record in run.components.items()
    }
    return replace(
        run,
        arrived_s=run.arrived_s[order],
        ended_s=run.ended_s[order],
        ending=run.ending[order],
        class_index=run.class_index[order],
        items=run.items[order],
        key_rank=None if run.key_rank is None else run.key_rank[order],
        oldest_write_s=None if run.oldest_write_s is None else run.oldest_write_s[order],
        components=components,
    )
