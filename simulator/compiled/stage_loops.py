"""The loops of `stages.py`: a pool and a batching server, from all arrivals to all ends."""

from math import inf
from typing import Any, NamedTuple

from simulator.compiled.door import kernel


class Rules(NamedTuple):
    """How a batching server works."""

    devices: int
    most_items: int
    limit: int
    max_age: float
    max_wait: float
    fixed_ms: float
    per_item_ms: float
    has_noise: bool


@kernel
def suffices(n: int, servers: int, at: Any, ended: Any, order: Any) -> bool:
    """Whether nobody has to wait, if everybody ends when they would if nobody did."""
    gone = 0
    for i in range(n):
        while gone < n and ended[order[gone]] <= at[i]:
            gone += 1
        if i - gone >= servers:
            return False
    return True


@kernel
def serve(
    n: int, servers: int, limit: int, max_age: float, at: Any, work: Any, free: Any, started: Any, ended: Any
) -> bool:
    """First come, first served by so many servers (Kiefer and Wolfowitz, Trans. AMS 78, 1955), whose heap `free` says
    when each is free next. False if somebody might be turned away.
    """
    begun = 0  # of those before, who had begun when this one came
    for i in range(n):
        now = at[i]
        start = max(now, free[0])
        if free[0] >= now:
            while begun < i and started[begun] < now:
                begun += 1
            if i - begun >= limit or start - now > max_age:
                return False
        started[i] = start
        end = start + work[i]
        ended[i] = end
        k = 0
        while True:
            below = 2 * k + 1
            if below >= servers:
                break
            if below + 1 < servers and free[below + 1] < free[below]:
                below += 1
            if free[below] >= end:
                break
            free[k] = free[below]
            k = below
        free[k] = end
    return True


@kernel
def put_in_order(
    n: int,
    order: Any,
    who: Any,
    at: Any,
    started: Any,
    ended: Any,
    request: Any,
    entered: Any,
    began: Any,
    left: Any,
) -> bool:
    """Visits in the order of their ends. False if two end at the same instant."""
    before = -inf
    for i in range(n):
        k = order[i]
        if ended[k] == before:
            return False
        before = ended[k]
        request[i] = who[k]
        entered[i] = at[k]
        began[i] = started[k]
        left[i] = before
    return True


@kernel
def serve_batches(
    n: int,
    rules: Any,
    who: Any,
    at: Any,
    items: Any,
    noise: Any,
    request: Any,
    entered: Any,
    started: Any,
    ended: Any,
    filled: Any,
    fired: Any,
    fired_until: Any,
    batch_items: Any,
    batch_requests: Any,
    first_of: Any,
    idle_before: Any,
    busy_until: Any,
    busy_with: Any,
) -> int:
    """Batches on devices, as `components/model_server.py`; return how many there were, or -1 if two things happen at
    the same instant or somebody would be turned away. Those who wait are those from `head` to before `tail`.
    """
    head = 0
    tail = 0
    waiting_items = 0
    busy = 0
    batches = 0
    rows = 0
    idle_s = 0.0
    idle_since = 0.0
    while tail < n or busy > 0 or head < tail:
        comes = at[tail] if tail < n else inf
        done = busy_until[0] if busy > 0 else inf
        rings = at[head] + rules.max_wait if busy < rules.devices and head < tail else inf
        now = min(comes, done, rings)
        if (comes == now) + (done == now) + (rings == now) != 1:
            return -1
        if now == done:
            b = busy_with[0]
            for i in range(1, busy):
                busy_until[i - 1] = busy_until[i]
                busy_with[i - 1] = busy_with[i]
            if busy < rules.devices:
                idle_s += now - idle_since
            idle_since = now
            busy -= 1
            for i in range(first_of[b], first_of[b] + batch_requests[b]):
                request[rows] = who[i]
                entered[rows] = at[i]
                started[rows] = fired[b]
                ended[rows] = now
                filled[rows] = idle_before[i]
                rows += 1
        elif now == comes:
            if busy == rules.devices and tail - head >= rules.limit:
                return -1
            idle_before[tail] = idle_s
            if busy < rules.devices:
                idle_before[tail] = idle_s + (now - idle_since)
            waiting_items += items[tail]
            tail += 1
        while busy < rules.devices and head < tail:
            if waiting_items < rules.most_items and now < at[head] + rules.max_wait:
                break
            if now - at[head] > rules.max_age:
                return -1
            idle_s += now - idle_since
            idle_since = now
            first_of[batches] = head
            total = 0
            while True:
                idle_before[head] = idle_s - idle_before[head]
                total += items[head]
                head += 1
                if head == tail or total + items[head] > rules.most_items:
                    break
            waiting_items -= total
            takes = (rules.fixed_ms + rules.per_item_ms * total) / 1000
            if rules.has_noise:
                takes *= noise[who[first_of[batches]]]
            until = now + takes
            i = busy
            while i > 0 and busy_until[i - 1] > until:
                busy_until[i] = busy_until[i - 1]
                busy_with[i] = busy_with[i - 1]
                i -= 1
            if until == now or (i > 0 and busy_until[i - 1] == until):
                return -1
            busy_until[i] = until
            busy_with[i] = batches
            busy += 1
            fired[batches] = now
            fired_until[batches] = until
            batch_items[batches] = total
            batch_requests[batches] = head - first_of[batches]
            batches += 1
    return batches
