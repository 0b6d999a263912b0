"""Detectors of what calls do: retries, timeouts, fan-outs, slow reads, misses, balancing."""

from collections.abc import Iterator

from simulator import wiring
from simulator.advisor.case import FREE_SLOT, WORK, Beside, Case, Seen, ms, percent, quantile_ms, rate, work_time
from simulator.advisor.detectors import FULL, NOTICED
from simulator.design import Cache, Call, LoadBalancer, Store
from simulator.hit_ratios import hit_ratio
from simulator.load import capacity_of
from simulator.results.summary import CallSummary
from simulator.theory.fanout import any_slow
from simulator.theory.pools import mmc_mean_wait
from simulator.theory.queues import mm1_mean_wait
from simulator.theory.retries import expected_attempts

SLOW_SHARE = 0.01
HEAVY = 3.0  # from this ratio of p99 to median on, a time has a tail


def retries_multiply(case: Case) -> Iterator[Seen]:
    for name, place, call, counts in case.counted_calls():
        retried = counts.retries / 1000
        if call.retries is None or retried < 0.05:
            continue
        attempts, load = 1 + retried, case.load(call.to)
        static = case.static.get(call.to)
        lost = min(1.0, (counts.failures + counts.fallbacks) / 1000) ** (1 / call.retries.attempts)
        theory = Beside(
            quantity="attempts for each call", unit="", expected=expected_attempts(lost, call.retries.attempts),
            measured=attempts, source="(1 - p^m) / (1 - p) with independent failures, Brooker 2019",
        )  # fmt: skip
        words = {
            "call": said(name, call), "component": call.to, "attempts": f"{attempts:.2f}",
            "most": str(call.retries.attempts), "load": percent(load), "without": percent(static.load if static else 0),
        }  # fmt: skip
        caused = load >= 1 and static is not None and static.load < 1
        yield Seen(call.to, 20 * FULL if caused else retried, words, [theory], f"{name}.{place}")


def said(name: str, call: Call) -> str:
    """A call in words."""
    return f"the call from {name} to {call.to}"


def timeout_above_promise(case: Case) -> Iterator[Seen]:
    promised_ms = case.promised_ms
    late = case.summary.outcomes.late / max(1, case.summary.outcomes.arrivals)
    for name, place, call, counts in case.counted_calls():
        if promised_ms is None or call.timeout_ms is None or call.fire_and_forget or not _gives_up(counts):
            continue
        attempts = call.retries.attempts if call.retries is not None else 1
        longest_ms = attempts * call.timeout_ms
        if longest_ms < promised_ms:
            continue
        words = {
            "call": said(name, call), "longest": ms(longest_ms), "attempts": str(attempts),
            "timeout": ms(call.timeout_ms), "promised": ms(promised_ms),
        }  # fmt: skip
        yield Seen(call.to, max(late, 0.05), words, call=f"{name}.{place}")


def _gives_up(counts: CallSummary) -> bool:
    return counts.timeouts >= 1  # in a thousand calls


def work_for_nobody(case: Case) -> Iterator[Seen]:
    for name, place, call, counts in case.counted_calls():
        given_up = counts.timeouts / 1000 / (1 + counts.retries / 1000)
        if call.cancel or call.timeout_ms is None or given_up < 0.02:
            continue
        words = {
            "call": said(name, call), "component": call.to, "timeouts": percent(given_up),
            "timeout": ms(call.timeout_ms),
        }  # fmt: skip
        yield Seen(call.to, given_up * (2 if case.load(call.to) >= 1 else 1), words, call=f"{name}.{place}")


def fan_out_tail(case: Case) -> Iterator[Seen]:
    for name, place, call in case.calls():
        target, copies = case.design.components[call.to], _copies(case, call)
        share, time = case.time_ms(call.to, WORK)[1], work_time(target)
        if call.fan_out is None or copies < 2 or share < 2 * NOTICED or time is None or call.hedge is not None:
            continue
        if call.fan_out.need not in ("all", copies):
            continue
        single_ms = quantile_ms(time, 0.99)
        slowest_ms = quantile_ms(time, 0.99 ** (1 / copies))
        words = {
            "call": said(name, call), "component": call.to, "copies": str(copies),
            "any_slow": percent(any_slow(SLOW_SHARE, copies)), "slowest": ms(slowest_ms), "single": ms(single_ms),
        }  # fmt: skip
        theory = Beside(
            quantity=f"p99 of the slowest of {copies} reads, beside their time around p99", unit="ms",
            expected=slowest_ms, measured=case.time_ms(call.to, WORK)[0], source="1 - (1 - p)^n, Dean and Barroso 2013",
        )  # fmt: skip
        yield Seen(call.to, share + copies / 1e6, words, [theory], f"{name}.{place}")


def _copies(case: Case, call: Call) -> int:
    if call.fan_out is None:
        return 1
    target = case.design.components[call.to]
    return target.shards if isinstance(target, Store) and call.fan_out.copies == "all" else int(call.fan_out.copies)


def slow_tail(case: Case) -> Iterator[Seen]:
    for name, place, call in case.calls():
        time, share = work_time(case.design.components[call.to]), case.time_ms(call.to, WORK)[1]
        if time is None or _copies(case, call) > 1 or share < 3 * NOTICED or call.hedge is not None:
            continue
        median_ms = quantile_ms(time, 0.5)
        ratio = quantile_ms(time, 0.99) / median_ms if median_ms else 1.0
        if ratio >= HEAVY:
            words = {"component": call.to, "ratio": f"{ratio:.2g}", **case.waits(call.to, WORK)}
            yield Seen(call.to, share * 0.9, words, call=f"{name}.{place}")


def cache_misses(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        hits = case.parts[name].hit_ratio
        below = {call.to for _, call in wiring.calls_of(part)}
        if not isinstance(part, Cache) or hits is None or hits > 0.99 or not below:
            continue
        fall = case.fall()
        spent = sum(one.mean_ms for one in fall.segments if one.component in below) if fall is not None else 0.0
        share = spent / fall.latency_ms if fall is not None and fall.latency_ms else 0.0
        fullest = max(case.load(one) for one in below)
        if share < 3 * NOTICED and fullest < 0.8:
            continue
        looked_up = case.rate_per_s(name)
        words = {
            "component": name, "hits": percent(hits), "misses": rate(looked_up * (1 - hits)),
            "below": " and ".join(sorted(below)), "wait": ms(spent), "total": ms(fall.latency_ms if fall else 0.0),
        }  # fmt: skip
        theory = Beside(
            quantity="hit ratio", unit="", expected=hit_ratio(part, case.design.traffic.keys, looked_up),
            measured=hits, source=_HITS[part.contents.kind],
        )  # fmt: skip
        weight = FULL + 0.5 if fullest >= 1 else share * (1 - hits)
        yield Seen(name, weight, words, [theory])


_HITS = {
    "fixed": "as the design says",
    "lru": "Che's approximation, Che, Tung and Wang 2002",
    "ttl": "Jung, Berger and Balakrishnan 2003",
}


def separate_queues(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        if not isinstance(part, LoadBalancer) or part.policy not in ("random", "round_robin"):
            continue
        for target in part.targets:
            replicas = getattr(case.design.components[target], "replicas", 1)
            share = case.time_ms(target, FREE_SLOT)[1]
            if replicas < 2 or share < NOTICED:
                continue
            words = {
                "component": name, "policy": part.policy.replace("_", " "), "replicas": str(replicas),
                "target": target,
            }  # fmt: skip
            yield Seen(name, share * 1.05, words, _queues_beside(case, target))


def _queues_beside(case: Case, target: str) -> list[Beside]:
    """A queue for each server beside one for all, with exponential service."""
    part, capacity = case.design.components[target], capacity_of(case.design, target)
    if part.kind != "service" or capacity is None or case.load(target) >= 0.995 or not case.is_steady:
        return []
    servers, rate_per_s = part.replicas * part.concurrency, case.rate_per_s(target)
    if part.concurrency > 1 or not rate_per_s:
        return []
    service_s, measured = servers / capacity, case.parts[target].mean_wait_ms
    apart, together = mm1_mean_wait(rate_per_s / servers, service_s), mmc_mean_wait(rate_per_s, service_s, servers)
    return [
        Beside(quantity="mean wait with a queue each, at random", unit="ms", expected=apart * 1000, measured=measured,
               source="M/M/1, Kleinrock 1975"),
        Beside(quantity="mean wait with one queue for all", unit="ms", expected=together * 1000, measured=measured,
               source="Erlang C, M/M/c"),
    ]  # fmt: skip
