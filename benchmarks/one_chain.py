"""An event loop for one chain alone (delay, cache, batching devices), compiled by numba: what a general engine can be
held against. It keeps nothing but the instant at which each request ends; draws are made beforehand.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DELAYED, LOOKED_UP, ALARM, DONE = range(4)


@numba.njit(inline="always")
def _push(at_s: Any, codes: Any, n: int, when_s: float, code: int) -> int:
    i = n
    while i > 0 and at_s[(i - 1) >> 1] > when_s:
        at_s[i], codes[i] = at_s[(i - 1) >> 1], codes[(i - 1) >> 1]
        i = (i - 1) >> 1
    at_s[i], codes[i] = when_s, code
    return n + 1


@numba.njit(inline="always")
def _pop(at_s: Any, codes: Any, n: int) -> int:
    n -= 1
    when_s, code, i = at_s[n], codes[n], 0
    while True:
        below = 2 * i + 1
        if below >= n:
            break
        if below + 1 < n and at_s[below + 1] < at_s[below]:
            below += 1
        if at_s[below] >= when_s:
            break
        at_s[i], codes[i] = at_s[below], codes[below]
        i = below
    at_s[i], codes[i] = when_s, code
    return n


@numba.njit(nogil=True)
def ends_s(  # noqa: C901, PLR0915  # one loop, as quick as it gets
    arrived_s: Any,
    delay_s: Any,
    missed: Any,
    lookup_s: float,
    most: int,
    max_wait_s: float,
    fixed_s: float,
    per_item_s: float,
    devices: int,
) -> Any:
    """When each request ends, in seconds. A batch leaves when it is full or its first has waited `max_wait_s`, as soon
    as a device is idle.
    """
    n = len(arrived_s)
    end_s, entered_s = np.empty(n), np.empty(n)
    queue, first_of, last_of = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    at_s, codes = np.empty(2 * n + 64), np.empty(2 * n + 64, np.int64)
    events = head = tail = batches = nxt = 0
    alarm_s = -1.0
    while nxt < n or events:
        if nxt < n and (events == 0 or arrived_s[nxt] <= at_s[0]):
            events = _push(at_s, codes, events, arrived_s[nxt] + delay_s[nxt], nxt * 4 + DELAYED)
            nxt += 1
            continue
        now, kind, i = at_s[0], codes[0] & 3, codes[0] >> 2
        events = _pop(at_s, codes, events)
        if kind == DELAYED:
            events = _push(at_s, codes, events, now + lookup_s, i * 4 + LOOKED_UP)
            continue
        if kind == LOOKED_UP:
            if not missed[i]:
                end_s[i] = now
                continue
            queue[tail], entered_s[tail] = i, now
            tail += 1
        elif kind == DONE:
            for place in range(first_of[i], last_of[i]):
                end_s[queue[place]] = now
            devices += 1
        while devices and head < tail:
            leaves_s = entered_s[head] + max_wait_s
            if tail - head < most and now < leaves_s:
                if leaves_s != alarm_s:
                    alarm_s = leaves_s
                    events = _push(at_s, codes, events, leaves_s, ALARM)
                break
            size = min(most, tail - head)
            first_of[batches], last_of[batches] = head, head + size
            events = _push(at_s, codes, events, now + fixed_s + per_item_s * size, batches * 4 + DONE)
            head, devices, batches = head + size, devices - 1, batches + 1
    return end_s
