"""Detectors of what components do: too much load, waiting, batches, memory, shards. One for each rule of that name."""

from collections.abc import Iterator

from simulator import sharding
from simulator.advisor.case import BATCH, FREE_SLOT, WORK, Beside, Case, Seen, ms, percent, rate
from simulator.advisor.waiting_theory import batch_window_beside, overload_beside, wait_beside
from simulator.design import Breakdowns, Bursts, Diurnal, KillReplicas, LoseZone, Steps, TrafficSpike
from simulator.load import mean_items, mean_prompt_tokens

NOTICED = 0.1  # share of a request's time
FULL = 10.0  # weight of what cannot keep up


def overload(case: Case) -> Iterator[Seen]:
    for name in case.parts:
        capacity, load = case.capacity_per_s(name), case.load(name)
        if load >= 1 and capacity is not None:
            words = {"rate": rate(case.rate_per_s(name)), "capacity": rate(capacity), "load": percent(load)}
            yield Seen(name, FULL + min(load, 100), {"component": name, **words}, overload_beside(case, name))


def lost_capacity(case: Case) -> Iterator[Seen]:
    for name in case.static:
        part, before = case.design.components[name], case.static[name].load
        replicas = getattr(part, "replicas", 1)
        left = _left(case, name, replicas)
        if left >= replicas or before >= 1:
            continue
        load = before * replicas / left if left else float("inf")
        if load < 1:
            continue
        words = {
            "component": name, "left": str(left), "replicas": str(replicas), "before": percent(before),
            "load": percent(load) if left else "more than all",
        }  # fmt: skip
        yield Seen(name, FULL / 2 + min(load, 4), words, [_load_beside(load, case.load(name))])


def _left(case: Case, name: str, replicas: int) -> int:
    """How many replicas are there while the worst fault lasts."""
    left = replicas
    for fault in case.design.faults:
        match fault:
            case KillReplicas(component=victim) if victim == name:
                left = min(left, replicas - fault.replicas)
            case LoseZone():
                left = min(left, replicas - -(-replicas // case.design.zones))
            case Breakdowns(component=victim) if victim == name:
                left = min(left, replicas - 1)
    return left


def _load_beside(expected: float, measured: float) -> Beside:
    return Beside(
        quantity="load at the worst time, beside the mean of the run", unit="", expected=min(expected, 1e6),
        measured=measured, source="utilization law, Denning and Buzen 1978",
    )  # fmt: skip


def peak_load(case: Case) -> Iterator[Seen]:
    factor = _peak_factor(case)
    for name, load in case.static.items():
        if load.load < 1 <= load.load * factor:
            words = {"component": name, "factor": f"{factor:.3g}", "before": percent(load.load)}
            words["load"] = percent(load.load * factor)
            weight = FULL / 2 + min(load.load * factor, 4)
            yield Seen(name, weight, words, [_load_beside(load.load * factor, case.load(name))])


def _peak_factor(case: Case) -> float:
    traffic, factor = case.design.traffic, 1.0
    if isinstance(traffic.profile, Diurnal):
        factor = traffic.profile.peak_factor
    elif isinstance(traffic.profile, Steps):
        factor = max([1.0, *(level for _, level in traffic.profile.points)])
    if isinstance(traffic.arrivals, Bursts):
        factor *= traffic.arrivals.burst_factor * traffic.arrival_rate_per_s / case.mean_rate_per_s
    spikes = [one for one in case.design.faults if isinstance(one, TrafficSpike)]
    shares = {one.name: one.share for one in traffic.classes}
    return factor * max([1.0, *(1 + (one.factor - 1) * shares.get(one.class_name or "", 1.0) for one in spikes)])


def waiting(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        share = case.time_ms(name, FREE_SLOT)[1]
        if part.kind in ("service", "store", "llm_server", "stream") and share >= NOTICED:
            words = {"component": name, "load": percent(case.load(name)), **case.waits(name)}
            yield Seen(name, share, words, wait_beside(case, name))


def device_waiting(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        share, busy = case.time_ms(name, FREE_SLOT)[1], case.parts[name].utilization
        if part.kind == "model_server" and share >= NOTICED:
            words = {"component": name, "load": percent(case.load(name)), **case.waits(name)}
            words["busy"] = percent(busy.value if busy else 0.0)
            yield Seen(name, share, words, wait_beside(case, name))


def small_batches(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        if part.kind != "model_server" or part.max_items == "unlimited" or case.load(name) < 0.7:
            continue
        time, items = part.batch_time, part.max_items
        full_ms, twice_ms = time.mean_s(items) * 1000, time.mean_s(2 * items) * 1000
        fixed = time.fixed_ms / full_ms if full_ms else 0.0
        if fixed < 0.4:
            continue
        gain = 2 * full_ms / twice_ms
        words = {"component": name, "batch": ms(full_ms), "items": f"{items:,}", "fixed": percent(fixed)}
        capacity = case.capacity_per_s(name) or 0.0
        theory = Beside(
            quantity="visits/s that twice the batch could do, beside those that come", unit="per s",
            expected=capacity * gain, measured=case.rate_per_s(name), source="capacity of batches, n / (a + b n)",
        )  # fmt: skip
        at_limit = FULL + 1 if case.load(name) >= 1 else 0.5
        yield Seen(name, fixed * at_limit, {**words, "gain": f"{gain:.2g}"}, [theory])


def batch_fill(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        if part.kind != "model_server":
            continue
        percentile = max((0.5, 0.99), key=lambda one: case.time_ms(name, BATCH, one)[1])
        wait_ms, share = case.time_ms(name, BATCH, percentile)
        fall = case.fall(percentile)
        if share < NOTICED or fall is None:
            continue
        words = {
            "component": name, "wait": ms(wait_ms), "total": ms(fall.latency_ms), "longest": ms(part.max_wait_ms),
            "percentile": f"p{percentile * 100:g}",
        }  # fmt: skip
        yield Seen(name, share, words, batch_window_beside(case, name, part))


def queue_without_limit(case: Case) -> Iterator[Seen]:
    promised_ms = case.promised_ms
    for name, part in case.design.components.items():
        queue, capacity = getattr(part, "queue", None), case.capacity_per_s(name)
        if queue is None or capacity is None or promised_ms is None or queue.drop_older_than_ms is not None:
            continue
        drain_ms = float("inf") if queue.limit == "unlimited" else queue.limit / capacity * 1000
        waited_ms = case.parts[name].p99_wait_ms or case.parts[name].mean_wait_ms
        if drain_ms <= promised_ms or waited_ms < promised_ms / 2:
            continue
        words = {
            "component": name, "capacity": rate(capacity), "promised": ms(promised_ms),
            "limit": "any number of" if queue.limit == "unlimited" else f"{queue.limit:,}",
            "drain": "time without limit" if queue.limit == "unlimited" else ms(drain_ms),
        }  # fmt: skip
        theory = []
        if queue.limit != "unlimited":
            theory = [Beside(quantity="wait behind a full queue, beside the p99 wait", unit="ms", expected=drain_ms,
                             measured=waited_ms, source="Little, Operations Research 9, 1961")]  # fmt: skip
        grows = case.load(name) >= 1 or not case.is_steady
        yield Seen(name, FULL / 3 if grows else 0.5 * case.time_ms(name, FREE_SLOT)[1], words, theory)


def kv_memory(case: Case) -> Iterator[Seen]:
    tokens = {one.component: one for one in case.summary.tokens}
    for name, part in case.design.components.items():
        if part.kind != "llm_server" or part.kv_memory_tokens == "unlimited" or name not in tokens:
            continue
        needs, reserved = mean_items(case.design) + mean_prompt_tokens(case.design), tokens[name].memory_share or 0.0
        fit = max(1, int(part.kv_memory_tokens / needs))
        if fit >= part.max_running or reserved < 0.7:
            continue
        words = {
            "component": name, "needs": f"{needs:,.0f}", "memory": f"{part.kv_memory_tokens:,}", "fit": f"{fit:,}",
            "allowed": f"{part.max_running:,}", "share": percent(reserved),
        }  # fmt: skip
        theory = Beside(
            quantity="answers written at once on all replicas", unit="", expected=float(fit * part.replicas),
            measured=tokens[name].mean_running, source="KV memory over tokens per answer",
        )  # fmt: skip
        yield Seen(name, case.time_ms(name, FREE_SLOT)[1] * 1.01 + 0.1, words, [theory])


def hot_shard(case: Case) -> Iterator[Seen]:
    for name, part in case.design.components.items():
        if part.kind != "store" or part.shards == 1 or part.concurrency == "unlimited":
            continue
        busiest = sharding.busiest_share(case.design, name)
        factor = busiest * part.shards
        if factor < 1.3 or case.load(name) < 0.6:
            continue
        words = {
            "component": name, "shards": str(part.shards), "busiest": percent(busiest), "factor": f"{factor:.2g}",
        }  # fmt: skip
        theory = Beside(
            quantity="load of the busiest shard", unit="", expected=case.static[name].load if name in case.static
            else 0.0, measured=case.load(name), source="share of its keys, simulator/sharding.py",
        )  # fmt: skip
        at_limit = FULL + 2 if case.load(name) >= 1 else 1.0
        yield Seen(name, at_limit * max(NOTICED, case.time_ms(name, FREE_SLOT)[1]), words, [theory])


def only_work(case: Case) -> Iterator[Seen]:
    fall = case.fall()
    if fall is None or case.promised_ms is None or fall.latency_ms < case.promised_ms:
        return
    work = {one.component: one.mean_ms for one in fall.segments if one.part == WORK}
    if work and sum(work.values()) >= 0.8 * fall.latency_ms:
        name = max(work, key=lambda one: work[one])
        words = {"component": name, "wait": ms(sum(work.values())), "total": ms(fall.latency_ms)}
        yield Seen(name, 0.4, words)


def fullest(case: Case) -> Iterator[Seen]:
    limit = case.summary.bottleneck
    if limit is not None and limit.load < 1 and case.time_ms(limit.component, FREE_SLOT)[1] < NOTICED:
        words = {"component": limit.component, "load": percent(limit.load), "full": rate(limit.saturates_at_per_s)}
        yield Seen(limit.component, 0.04, words)


def idle(case: Case) -> Iterator[Seen]:
    total = case.summary.cost.usd_per_hour
    for one in case.summary.cost.components:
        if not one.usd_per_hour or one.component not in case.static or case.load(one.component) >= 0.8:
            continue
        share = one.usd_per_hour / total
        words = {"component": one.component, "cost": percent(share), "load": percent(case.load(one.component))}
        yield Seen(one.component, 0.05 * share * (1 - case.load(one.component)), words)
