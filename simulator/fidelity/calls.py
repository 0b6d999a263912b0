"""Timeouts, retries, backoff, fan-out and percentiles of several calls."""

from collections.abc import Callable
from itertools import pairwise, product
from math import inf, prod
from typing import Any

import numpy as np

from simulator.clock import Clock
from simulator.components.backoff import pause_s
from simulator.components.calls import Call, Steps
from simulator.components.failures import ReplicaDied, RequestFailed
from simulator.components.request import Request, Serving
from simulator.components.trials import Visits
from simulator.design import Call as CallSpec
from simulator.design import FanOut, Retries
from simulator.draws import stream
from simulator.fidelity.counted import Counted, Data, Measured, design_of, station
from simulator.results.estimates import nearest_rank
from simulator.results.run import Ending, Run
from simulator.run import simulate

Backoff = Callable[[int], float]


def _front(*steps: list[Data]) -> Data:
    """A service that takes no time of its own and asks others, step by step."""
    return station(0.0, kind="constant", concurrency=1000, calls=[list(step) for step in steps])


def _store(kind: str = "exponential", shards: int = 1, **time: Any) -> Data:
    return {"kind": "store", "shards": shards, "read_time": {"kind": kind, **time}}


# ---- timeouts ----------------------------------------------------------------------------------------------------


def _timeout_semantics(n: int, seed: int) -> Measured:
    for rho in (0.95, 1.2):
        dropping = station(queue={"limit": "unlimited", "drop_older_than_ms": 10.0})
        some = Counted(design_of(rho, {"server": dropping}), n, seed)
        yield f"a_rho={_short(rho)}_p_timeout", float((some.ending == Ending.REFUSED).mean())
        patient = {"front": _front([{"to": "server", "timeout_ms": 10.0}]), "server": station()}
        some = Counted(design_of(rho, patient), n, seed)
        yield f"b_rho={_short(rho)}_goodput_fraction", float((some.ending == Ending.ANSWERED).mean())


def _short(number: float) -> str:
    return f"{number:g}".removeprefix("0")


# ---- retries -----------------------------------------------------------------------------------------------------


def _retried(to: str, **more: Any) -> list[Data]:
    return [{"to": to, "retries": {"attempts": 3, "backoff": "none", **more}}]


def _attempts(n: int, seed: int, failing: float, layers: int = 1, **retries: Any) -> float:
    """Calls that reach the bottom for each request at the top, whose answers are errors with this chance."""
    names = [f"layer_{i}" for i in range(layers)] + ["bottom"]
    parts = {name: _front(_retried(below, **retries)) for name, below in pairwise(names)}
    error = {"kind": "error_rate", "component": "bottom", "share": failing, "at_s": 0.0}
    some = Counted(design_of(1, {**parts, "bottom": _store("constant", value_ms=0.1)}, faults=(error,)), n, seed, 0)
    visited = some.run.components["bottom"].visits.request
    return float((visited < n).sum()) / n


def _retry_amplification(n: int, seed: int) -> Measured:
    yield "p=.1,m=3", _attempts(n, seed, 0.1)
    yield "p=.5,m=3", _attempts(n, seed, 0.5)
    yield "p=1,m=3,L=3", _attempts(n // 20, seed, 1.0, layers=3)  # nothing in it is left to chance
    yield "p=1,budget=.1", _attempts(n, seed, 1.0, budget={"ratio": 0.1})


# ---- retry storms ------------------------------------------------------------------------------------------------

_OUTAGE_S = (60.0, 70.0)


def _metastable_retry(n: int, seed: int) -> Measured:
    """Runs end after 450 s, short ones after 300 s: what never recovers has settled long before."""
    full = n >= 200_000
    horizon_s = 450.0 if full else 300.0
    recovering = [_recovery_s(_storm(140, 2, 300.0, seed, k), 140) for k in range(5 if full else 1)]
    yield _RECOVERY.format(140, 1), float(np.mean(recovering))
    for rate in (160, 280):
        run = _storm(rate, 2, horizon_s, seed, 0)
        yield f"lam={rate},retry=1 goodput_last_200s", _good_per_s(run, horizon_s)
        yield f"lam={rate},retry=1 attempts_per_s", _attempts_per_s(run, horizon_s)
    recovering = [_recovery_s(_storm(280, 1, 300.0, seed, k), 280) for k in range(3 if full else 1)]
    yield _RECOVERY.format(280, 0), float(np.mean(recovering))


_RECOVERY = "lam={},retry={} recovery_s_after_outage_end"


def _storm(rate_per_s: float, attempts: int, horizon_s: float, seed: int, replication: int) -> Run:
    """Thirty servers of exactly 100 ms before one queue; callers wait a second, and try once more at once."""
    call: Data = {"to": "db", "timeout_ms": 1000.0}
    if attempts > 1:
        call["retries"] = {"attempts": attempts, "backoff": "none"}
    from_s, to_s = _OUTAGE_S
    outage = {"kind": "kill_replicas", "component": "db", "replicas": 30, "at_s": from_s, "for_s": to_s - from_s}
    parts = {"front": _front([call]), "db": station(100.0, 30, "constant")}
    design = design_of(rate_per_s / 1000, parts, faults=(outage,))
    return simulate(design, seed=seed, replication=replication, duration_s=horizon_s)


def _recovery_s(run: Run, rate_per_s: float) -> float:
    """From the end of the outage until the first second from which nine in ten are answered for five; inf if never."""
    seconds = np.arange(_OUTAGE_S[1], run.duration_s - 5)
    good_s = np.sort(run.arrived_s[run.ending == Ending.ANSWERED])
    good = np.searchsorted(good_s, seconds + 5) - np.searchsorted(good_s, seconds)
    recovered = seconds[good >= 0.9 * 5 * rate_per_s]
    return float(recovered[0] - _OUTAGE_S[1]) if len(recovered) else inf


def _good_per_s(run: Run, horizon_s: float) -> float:
    return float(((run.arrived_s >= horizon_s - 200) & (run.ending == Ending.ANSWERED)).sum()) / 200


def _attempts_per_s(run: Run, horizon_s: float) -> float:
    entered_s = run.components["db"].visits.entered_s
    return float(((entered_s >= horizon_s - 200) & (entered_s < horizon_s)).sum()) / 200


# ---- backoff -----------------------------------------------------------------------------------------------------


def _backoff_jitter(n: int, seed: int) -> Measured:
    """Clients that contend for one row are beyond the vocabulary: a small model of its own uses the engine's pauses.

    Decorrelated jitter is in no design; it is measured with the formula of the source, and shows that the model of the
    contention is right.
    """
    replications = max(3, 60 * n // 200_000)
    for name in ("none", "exponential", "equal_jitter", "full_jitter", "decorrelated"):
        seen = [_contention(name, stream(seed, k, f"backoff_jitter/{name}")) for k in range(replications)]
        yield f"{name} completion_ms", float(np.mean([took_ms for took_ms, _ in seen]))
        yield f"{name} write_calls", float(np.mean([writes for _, writes in seen]))


def _contention(name: str, random: np.random.Generator) -> tuple[float, int]:
    """How long 100 clients take to update one row each, in ms, and how many writes they try."""
    clock, row = Clock(), _Row()
    for _ in range(100):
        clock.process(_client(clock, row, random, _backoff(name, random)))
    clock.run()
    return clock.now, row.writes


class _Row:
    """One row with a version; a write succeeds if nobody has written since it was read."""

    def __init__(self) -> None:
        self.version, self.writes = 0, 0

    def write(self, read: int) -> bool:
        self.writes += 1
        self.version += (fits := read == self.version)
        return fits


def _client(clock: Clock, row: _Row, random: np.random.Generator, pause_ms: Backoff) -> Serving:
    def way_ms() -> float:
        return abs(float(random.normal(10, 2)))

    conflicts = 0
    while True:
        yield clock.timeout(way_ms())
        read = row.version
        yield clock.timeout(way_ms() + way_ms())
        fits = row.write(read)
        yield clock.timeout(way_ms())
        if fits:
            return
        conflicts += 1
        yield clock.timeout(pause_ms(conflicts))


def _backoff(name: str, random: np.random.Generator) -> Backoff:
    """Brooker's base of 5 ms is 10 ms in a design: his first pause is up to twice the base."""
    if name == "decorrelated":
        return _decorrelated(random)
    retries = Retries.model_validate({"attempts": 10, "backoff": name, "base_ms": 10.0, "cap_ms": 2000.0})
    return lambda attempt: pause_s(retries, attempt, float(random.random())) * 1000


def _decorrelated(random: np.random.Generator) -> Backoff:
    last_ms = 5.0

    def pause_ms(_: int) -> float:
        nonlocal last_ms
        last_ms = min(2000.0, float(random.uniform(5.0, 3 * last_ms)))
        return last_ms

    return pause_ms


# ---- fan-out and percentiles -------------------------------------------------------------------------------------


def _fanout_tail(n: int, seed: int) -> Measured:
    yield "p=.01,n=100", _slow_share(0.01, 100, n, seed)
    yield "p=.0001,n=2000", _slow_share(0.0001, 2000, n, seed)
    for leaves in (10, 100):
        latency_ms = _slowest_ms(_store(shards=leaves, mean_ms=1.0), n, seed)
        yield f"exp_mean_n={leaves}", float(latency_ms.mean())
        if leaves == 100:
            yield "exp_p99_n=100", nearest_rank(latency_ms, 0.99)


def _slow_share(share: float, leaves: int, n: int, seed: int) -> float:
    points = [[0.0, 1.0], [1 - share, 1.0], [1 - share + share * 1e-6, 100.0], [1.0, 100.0]]
    return float((_slowest_ms(_store("quantiles", leaves, points=points), n, seed) > 50).mean())


def _slowest_ms(leaves: Data, n: int, seed: int) -> Any:
    """Latencies of n requests that wait for all leaves, in replications that fit into memory."""
    each = max(1000, min(n, 10_000_000 // leaves["shards"]))
    parts = {"root": _front([{"to": "leaf", "fan_out": {"copies": "all"}}]), "leaf": leaves}
    design = design_of(1, parts, arrivals={"kind": "evenly_spaced"})
    runs = [simulate(design, seed=seed, replication=k, duration_s=each / 1000) for k in range(-(-n // each))]
    return np.concatenate([run.ended_s - run.arrived_s for run in runs])[:n] * 1000


def _percentile_arithmetic(n: int, seed: int) -> Measured:
    stages = {f"stage_{i}": _store("lognormal", median_ms=50.0, p99_ms=200.0) for i in range(5)}
    some = Counted(design_of(1, {"front": _front(*[[{"to": name}] for name in stages]), **stages}), n, seed, 0)
    yield "a_p50", some.percentile(0.5)
    yield "a_p99", some.percentile(0.99)
    streams = {"quick": (0.9, 1.0), "slow": (0.1, 10.0)}
    classes = [{"name": name, "share": share} for name, (share, _) in streams.items()]
    parts = {"front": _front([{"to": name, "classes": [name]} for name in streams])}
    parts |= {name: _store(mean_ms=mean_ms) for name, (_, mean_ms) in streams.items()}
    yield "b_p99", Counted(design_of(1, parts, classes=classes), n, seed, 0).percentile(0.99)


# ---- availability ------------------------------------------------------------------------------------------------


def _k_of_n(_n: int, _seed: int) -> Measured:
    """Exact: the calls themselves meet every pattern of live and dead parts, each with its probability."""
    for name, need, copies, works in (
        ("2of3,A=.99", 2, 3, 0.99),
        ("1of2,A=.99", 1, 2, 0.99),
        ("3of3,A=.99", 3, 3, 0.99),
        ("7of8,A=1000/1010", 7, 8, 1000 / 1010),
    ):
        spec = CallSpec(to="parts", fan_out=FanOut(copies=copies, need=need))
        yield name, _available([spec], copies, works)
    yield "ten_deps_at_.999", _available([CallSpec(to="parts")] * 10, 10, 0.999)


class _Parts:
    """Copies of a call ask one part each, and a part answers if it works."""

    def __init__(self, clock: Clock, working: tuple[bool, ...]):
        self._clock, self._working = clock, working

    def serve(self, request: Request) -> Serving:
        """Take a second. Raise ReplicaDied if the part does not work."""
        yield self._clock.timeout(1.0)
        if not self._working[request.copy]:
            raise ReplicaDied


def _available(calls: list[CallSpec], parts: int, works: float) -> float:
    patterns = product((True, False), repeat=parts)
    return sum(
        prod(works if one else 1 - works for one in pattern) for pattern in patterns if _is_answered(calls, pattern)
    )


def _is_answered(calls: list[CallSpec], working: tuple[bool, ...]) -> bool:
    clock, answered = Clock(), []
    parts = [working] if len(calls) == 1 else [(one,) for one in working]
    steps = Steps(
        clock,
        [[Call(clock, call, _Parts(clock, part), Visits(0, 1)).make] for call, part in zip(calls, parts, strict=True)],
    )

    def journey() -> Serving:
        try:
            yield from steps.make(Request(0, "all", 1))
        except RequestFailed:
            return
        answered.append(True)

    clock.process(journey())
    clock.run()
    return bool(answered)


CASES: dict[str, Callable[[int, int], Measured]] = {
    "timeout_semantics": _timeout_semantics,
    "retry_amplification": _retry_amplification,
    "metastable_retry": _metastable_retry,
    "backoff_jitter": _backoff_jitter,
    "fanout_tail": _fanout_tail,
    "percentile_arithmetic": _percentile_arithmetic,
    "k_of_n": _k_of_n,
}
