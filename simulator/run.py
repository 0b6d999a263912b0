"""Run a design: requests arrive until the horizon, then the system drains until the last of them has ended."""

from array import array
from collections.abc import Callable, Iterable
from hashlib import blake2b
from math import inf, nan

import numpy as np
from numpy.typing import NDArray
from simpy.events import URGENT

from simulator import support
from simulator.arrivals import arrivals_with_further
from simulator.build import System, build
from simulator.class_spikes import class_spikes, left_out
from simulator.clock import Clock
from simulator.closed_loop import WHO as THINK
from simulator.closed_loop import Users, in_order_of_sending, with_enough_draws
from simulator.components.failures import Refused, RequestFailed
from simulator.components.request import Request, Serving
from simulator.components.store import Store
from simulator.design import Amount, ClosedLoop, Design, RequestClass, Spread
from simulator.distributions import Exponential, Floats, Gamma, Lognormal
from simulator.draws import Draws
from simulator.engine import SIMPY, Choice, Wanted, choose
from simulator.faults import start_faults
from simulator.garbage import rare_collections
from simulator.keys import WHO as KEYS
from simulator.keys import ranks_of
from simulator.remembered import remembered
from simulator.results.run import Ending, Integers, Run

Progress = Callable[[float], None]

PROGRESS_EVERY = 500  # arrivals


def simulate(
    design: Design,
    *,
    seed: int,
    replication: int = 0,
    duration_s: float,
    progress: Progress | None = None,
    engine: Wanted | None = None,
) -> Run:
    """One replication: requests arrive in [0, duration_s), and every one of them is seen to its end.

    The same design, seed, replication and duration give the same run, whatever the engine. `progress` is called with
    the share of arrivals so far and may raise to stop the run. Raise DoesNotRunYet for what no engine runs yet, and
    TooLong if the users of a closed loop ask too often.
    """
    support.check(design)
    chosen = choose(design, engine)
    loop = design.traffic.arrivals
    if isinstance(loop, ClosedLoop):

        def with_draws(n: int) -> Run:
            return _simulate(design, Draws(seed, replication, n), duration_s, None, progress, chosen=chosen)

        return with_enough_draws(design, loop, duration_s, with_draws)
    arrived_s, further = arrivals_with_further(design, duration_s, seed, replication)
    draws = Draws(seed, replication, len(arrived_s), len(further))
    if not class_spikes(design):
        return _simulate(design, draws, duration_s, arrived_s, progress, chosen=chosen)
    return in_order_of_sending(_simulate(design, draws, duration_s, arrived_s, progress, further, chosen))


def _simulate(
    design: Design,
    draws: Draws,
    duration_s: float,
    arrived_s: Floats | None,
    progress: Progress | None,
    further: NDArray[np.uint8] | None = None,
    chosen: Choice = SIMPY,
) -> Run:
    """One replication with these arrivals or, without any, with the users of its closed loop. `further` are the classes
    of the last arrivals, which come among the others.
    """
    classes = design.traffic.classes
    class_index = remembered.get(("classes", *draws.key, classes), lambda: _class_index(classes, draws))
    if further is not None and arrived_s is not None:
        class_index = class_index.copy()
        class_index[draws.n - len(further) :] = further
        out = left_out(design, arrived_s, class_index, draws.uniforms("<left out>"))
        arrived_s = np.where(out, nan, arrived_s)
    members = blake2b(class_index.tobytes()).digest()
    items = remembered.get(("items", *draws.key, classes, members), lambda: _items(classes, class_index, draws))
    keys, prompts = design.traffic.keys, None
    if any(part.kind == "llm_server" for part in design.components.values()):
        prompt_key = ("prompts", *draws.key, classes, members)
        prompts = remembered.get(prompt_key, lambda: _prompt_tokens(classes, class_index, draws))
    ranks = None if keys is None else ranks_of(keys, draws.uniforms(KEYS))
    if chosen.engine != "simpy" and arrived_s is not None:
        from simulator.compiled import simulate as compiled  # noqa: PLC0415  # it imports numba

        before = compiled.Before(arrived_s, class_index, items, prompts, ranks)
        try:
            run = compiled.simulate_compiled if chosen.engine == "compiled" else compiled.simulate_forward
            return run(design, draws, duration_s, before, progress)
        except compiled.TooMuch as reason:
            chosen = Choice("simpy", str(reason))
    system = build(Clock(), design, draws, prompts)
    endings = _Endings(system, draws.n)
    system.all_ended = lambda: system.env.now >= duration_s and not endings.under_way
    start_faults(system)
    requests = _Requests(design.traffic.classes, class_index, items, ranks)
    if arrived_s is None:
        arrived_s = _start_users(system, endings, duration_s, requests, progress)
    else:
        system.env.process(_arrive(system, endings, arrived_s, requests, progress))
    with rare_collections():
        system.env.run()
    return Run(
        seed=draws.seed,
        replication=draws.replication,
        duration_s=duration_s,
        arrived_s=arrived_s,
        ended_s=np.array(endings.ended_s),
        ending=np.array(endings.ending, dtype=np.uint8),
        class_index=class_index,
        items=items,
        components=system.records(),
        calls=system.calls,
        key_rank=ranks,
        engine_note=chosen.why,
        oldest_write_s=np.array(endings.oldest_write_s) if endings.oldest_write_s is not None else None,
    )


class _Requests:
    """What each request is: its class with its priority, what it carries and which key it is about."""

    def __init__(
        self,
        classes: tuple[RequestClass, ...],
        class_index: NDArray[np.uint8],
        items: Integers,
        ranks: Integers | None,
    ):
        self._names, self._priorities = [one.name for one in classes], [one.priority for one in classes]
        self._class_index, self._items = class_index.tolist(), items.tolist()
        self._ranks = None if ranks is None else ranks.tolist()

    def make(self, index: int) -> Request:
        kind = self._class_index[index]
        request = Request(index, self._names[kind], self._items[index])
        request.priority = self._priorities[kind]
        if self._ranks is not None:
            request.rank = self._ranks[index]
        return request


class _Endings:
    """When and how each request ends."""

    def __init__(self, system: System, n: int):
        self._env, self._entry = system.env, system.entry
        self.ended_s = array("d", [nan]) * n
        self.ending = array("B", [0]) * n
        self.under_way = 0
        is_dated = any(isinstance(part, Store) and part.freshness for [part, *_] in system.parts.values())
        self.oldest_write_s = array("d", [inf]) * n if is_dated else None

    def journey(self, request: Request) -> Serving:
        self.under_way += 1
        try:
            yield from self._entry.serve(request)
        except Refused:
            self.ending[request.index] = Ending.REFUSED
        except RequestFailed:
            self.ending[request.index] = Ending.FAILED
        else:
            if request.degraded:
                self.ending[request.index] = Ending.DEGRADED
        self.ended_s[request.index] = self._env.now
        self.under_way -= 1
        if self.oldest_write_s is not None:
            self.oldest_write_s[request.index] = request.oldest_write_s


def _arrive(
    system: System,
    endings: _Endings,
    arrived_s: Floats,
    requests: _Requests,
    progress: Progress | None,
) -> Serving:
    """Send the requests off one by one; an arrival comes before anything else that happens at the same instant."""
    env, n = system.env, len(arrived_s)
    for place, (index, at_s) in enumerate(_in_time(arrived_s)):
        yield env.at(at_s, URGENT)
        env.process(endings.journey(requests.make(index)))
        if progress is not None and place % PROGRESS_EVERY == 0:
            progress(place / n)
    if progress is not None:
        progress(1.0)


def _in_time(arrived_s: Floats) -> Iterable[tuple[int, float]]:
    """Which request arrives when, the first first; those that never come are nan."""
    if not np.isnan(arrived_s).any() and (np.diff(arrived_s) >= 0).all():
        return enumerate(arrived_s.tolist())
    order = np.argsort(arrived_s, kind="stable")[: np.count_nonzero(~np.isnan(arrived_s))]
    return zip(order.tolist(), arrived_s[order].tolist(), strict=True)


def _start_users(
    system: System, endings: _Endings, duration_s: float, requests: _Requests, progress: Progress | None
) -> Floats:
    """Let the users of the closed loop begin; what is returned fills up with the times at which they ask."""
    loop, draws = system.design.traffic.arrivals, system.draws
    assert isinstance(loop, ClosedLoop), "only a closed loop runs without arrivals"
    think_s = draws.durations_s(THINK, loop.think_time)

    def journey(number: int) -> Serving:
        return endings.journey(requests.make(number))

    users = Users(system.env, loop, duration_s, think_s, journey, progress)
    system.env.process(users.arrive())
    return users.sent_s


def _class_index(classes: tuple[RequestClass, ...], draws: Draws) -> NDArray[np.uint8]:
    """Which class each request belongs to, shape (n,)."""
    ends = np.cumsum([one.share for one in classes])
    return np.minimum(np.searchsorted(ends, draws.uniforms("<classes>"), side="right"), len(ends) - 1).astype(np.uint8)


def _items(classes: tuple[RequestClass, ...], class_index: NDArray[np.uint8], draws: Draws) -> Integers:
    """How many items each request carries, shape (n,)."""
    uniforms, items = draws.uniforms("<items>"), np.ones(draws.n, dtype=np.int64)
    for i, one in enumerate(classes):
        members = class_index == i
        items[members] = _amounts(one.items, uniforms[members])
    return items


def _prompt_tokens(classes: tuple[RequestClass, ...], class_index: NDArray[np.uint8], draws: Draws) -> Integers:
    """How long each request's prompt is, shape (n,)."""
    uniforms, prompts = draws.uniforms("<prompts>"), np.ones(draws.n, dtype=np.int64)
    for i, one in enumerate(classes):
        members = class_index == i
        prompts[members] = _amounts(one.prompt_tokens, uniforms[members])
    return prompts


def _amounts(amount: Amount, uniforms: Floats) -> Integers:
    if not isinstance(amount, Spread):
        return np.full(len(uniforms), amount, dtype=np.int64)
    match amount.shape:
        case "exponential":
            sizes = Exponential(mean_ms=amount.mean).inverse_ms(uniforms)
        case "gamma":
            sizes = Gamma(mean_ms=amount.mean, scv=amount.scv).inverse_ms(uniforms)
        case "lognormal":
            sizes = Lognormal(mean_ms=amount.mean, scv=amount.scv).inverse_ms(uniforms)
        case "geometric":
            stop = 1 / max(amount.mean, 1 + 1e-12)
            sizes = np.ceil(np.log1p(-uniforms) / np.log1p(-stop))
    return np.maximum(1, np.rint(sizes)).astype(np.int64)
