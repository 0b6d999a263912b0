"""Closed forms of waiting beside what a run measured, where one applies."""

from simulator import wiring
from simulator.advisor.case import Beside, Case, scv
from simulator.design import ModelServer, Service, Store
from simulator.theory.batching import GreedyBatching, batch_window
from simulator.theory.pools import allen_cunneen_wait, mmc_mean_wait

MOST_REQUESTS_IN_A_BATCH = 64  # for the chain of batches, which is solved exactly


def wait_beside(case: Case, name: str) -> list[Beside]:
    """The mean wait by theory, if the queue is a plain one in a steady state below capacity."""
    part = case.design.components[name]
    if not case.is_steady or case.load(name) >= 0.995 or name in wiring.balanced(case.design):
        return []
    match part:
        case Service() if part.autoscaling is None and part.sharing == "slots":
            return _pool(case, name, part.replicas * part.concurrency, part)
        case Store() if part.shards == 1 and part.concurrency != "unlimited" and part.quorum is None:
            return _pool(case, name, part.replicas * part.concurrency, part)
        case ModelServer() if part.autoscaling is None and part.replicas * part.streams == 1 and part.trim is None:
            return _batches(case, name, part)
        case _:
            return []


def overload_beside(case: Case, name: str) -> list[Beside]:
    """What a queue does that is offered more than it can do: it loses the rest or, without a limit, grows."""
    load, part = case.load(name), case.parts[name]
    if not case.is_steady:
        return []
    if part.unanswered_share >= 0.01:
        expected, measured, quantity, unit = 1 - 1 / load, part.unanswered_share, "share that it cannot answer", ""
        source = "fluid limit, 1 - 1 / load"
    else:
        window_s = (case.summary.warm_up_s + case.summary.duration_s) / 2
        expected, measured = (load - 1) * window_s * 1000, part.mean_wait_ms
        quantity, unit, source = f"mean wait at {name} so far", "ms", "fluid limit, (load - 1) times the time so far"
    return [Beside(quantity=quantity, unit=unit, expected=expected, measured=measured, source=source)]


def _pool(case: Case, name: str, servers: int, part: Service | Store) -> list[Beside]:
    time = part.service_time if isinstance(part, Service) else part.read_time
    rate, service_s, service_scv = case.rate_per_s(name), time.mean() / 1000, scv(time)
    if part.queue.discipline != "fifo" or part.queue.drop_older_than_ms is not None or not rate * service_s > 0:
        return []
    at_entry = name == case.design.traffic.entry
    arrival_scv = case.arrival_scv if at_entry else 1.0
    try:
        if abs(service_scv - 1) < 0.02 and arrival_scv == 1:
            expected, source = mmc_mean_wait(rate, service_s, servers), "Erlang C, M/M/c"
        else:
            expected = allen_cunneen_wait(rate, service_s, servers, arrival_scv, service_scv)
            source = "Allen-Cunneen, G/G/c, approximate"
    except ValueError:
        return []
    if not at_entry:
        source += ", arrivals taken as Poisson"
    return [_mean_wait(case, name, expected, source)]


def _mean_wait(case: Case, name: str, expected_s: float, source: str) -> Beside:
    return Beside(
        quantity=f"mean wait at {name}", unit="ms", expected=expected_s * 1000,
        measured=case.parts[name].mean_wait_ms, source=source,
    )  # fmt: skip


def _batches(case: Case, name: str, part: ModelServer) -> list[Beside]:
    items = _items_of_all(case)
    if items is None or part.max_wait_ms or part.batch_time.scv or part.max_items == "unlimited":
        return []
    most, time = part.max_items // items, part.batch_time
    if not 1 <= most <= MOST_REQUESTS_IN_A_BATCH:
        return []
    try:
        device = GreedyBatching(case.rate_per_s(name), time.fixed_ms / 1000, time.per_item_ms * items / 1000, most)
    except ValueError:
        return []
    seen = device.mean_batch_seen()
    expected = device.mean_sojourn() - (time.fixed_ms + time.per_item_ms * items * seen) / 1000
    return [_mean_wait(case, name, expected, "greedy batches, Inoue 2021")]


def batch_window_beside(case: Case, name: str, part: ModelServer) -> list[Beside]:
    """The mean wait for a batch to fill, if there is nearly always a free device."""
    items = _items_of_all(case)
    if items is None or part.max_items == "unlimited" or not case.is_steady or case.load(name) > 0.5:
        return []
    if name in wiring.balanced(case.design) or part.max_items < items:
        return []
    window = batch_window(case.rate_per_s(name), part.max_items // items, part.max_wait_ms / 1000)
    return [_mean_wait(case, name, window.mean_wait, "size-or-time window, always a free device")]


def _items_of_all(case: Case) -> int | None:
    """What every request carries, if all carry the same."""
    sizes = {one.items for one in case.design.traffic.classes}
    only = sizes.pop() if len(sizes) == 1 else None
    return only if isinstance(only, int) else None
