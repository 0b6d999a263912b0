"""What a queue must do, worked out a second time by other means than the simulator's: no SimPy, no components.

Arrays are indexed by request. A refused or dropped request begins at nan.
"""

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace
from math import inf, nan

REFUSED, DROPPED, SERVED = "refused", "dropped", "served"


@dataclass
class Story:
    """What happens to each request, and the batches as (fired, ended, items, requests)."""

    fate: list[str]
    began_s: list[float]
    ended_s: list[float]
    batches: list[tuple[float, float, int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, requests: int) -> "Story":
        return cls([""] * requests, [nan] * requests, [nan] * requests)

    def turned_away(self, request: int, fate: str, now_s: float) -> None:
        self.fate[request], self.ended_s[request] = fate, now_s

    def served(self, request: int, began_s: float, ended_s: float) -> None:
        self.fate[request], self.began_s[request], self.ended_s[request] = SERVED, began_s, ended_s


def first_come_first_served(arrived_s: list[float], work_s: list[float], servers: int) -> Story:
    """Kiefer and Wolfowitz: each request takes the server that is free first."""
    free_at_s, story = [0.0] * servers, Story.of(len(arrived_s))
    for request, (at_s, takes_s) in enumerate(zip(arrived_s, work_s, strict=True)):
        began_s = max(at_s, free_at_s[0])
        heapreplace(free_at_s, began_s + takes_s)
        story.served(request, began_s, began_s + takes_s)
    return story


def bounded_queue(
    arrived_s: list[float], work_s: list[float], servers: int, places: float = inf, oldest_s: float = inf
) -> Story:
    """First come, first served, with so many places to wait; who is too old when a server is free is thrown away."""
    story, busy, waiting = Story.of(len(arrived_s)), [], deque()
    for request in [*range(len(arrived_s)), None]:
        now_s = inf if request is None else arrived_s[request]
        while busy and busy[0] < now_s:
            free_s = heappop(busy)
            while waiting:
                first = waiting.popleft()
                if free_s - arrived_s[first] > oldest_s:
                    story.turned_away(first, DROPPED, free_s)
                    continue
                heappush(busy, free_s + work_s[first])
                story.served(first, free_s, free_s + work_s[first])
                break
        if request is None:
            break
        if len(busy) < servers:
            heappush(busy, now_s + work_s[request])
            story.served(request, now_s, now_s + work_s[request])
        elif len(waiting) < places:
            waiting.append(request)
        else:
            story.turned_away(request, REFUSED, now_s)
    return story


@dataclass
class Batching:
    """The rules of a batching server. A batch takes `fixed_s` and `per_item_s` for each item.

    Places to wait and age count while all devices are busy; a batch that fills up at an idle device needs no place and
    grows no older than the longest wait.
    """

    devices: int
    max_items: float
    max_wait_s: float
    fixed_s: float
    per_item_s: float
    places: float = inf
    oldest_s: float = inf
    trim_over: float = inf
    keep_share: float = 1.0


def batching(arrived_s: list[float], items: list[int], rules: Batching) -> Story:
    """From event to event: an arrival, the end of a batch, or the moment at which the oldest has waited enough."""
    story, kept, running, waiting, coming = (
        Story.of(len(arrived_s)),
        list(items),
        [],
        deque(),
        deque(range(len(arrived_s))),
    )
    while coming or running or waiting:
        arrival_s = arrived_s[coming[0]] if coming else inf
        end_s = running[0] if running else inf
        alarm_s = arrived_s[waiting[0]] + rules.max_wait_s if waiting and len(running) < rules.devices else inf
        now_s = min(arrival_s, end_s, alarm_s)
        if now_s == arrival_s:
            request = coming.popleft()
            if len(running) == rules.devices and len(waiting) >= rules.places:
                story.turned_away(request, REFUSED, now_s)
                continue
            if sum(kept[one] for one in waiting) > rules.trim_over:
                kept[request] = max(1, int(kept[request] * rules.keep_share))
            waiting.append(request)
        elif now_s == end_s:
            heappop(running)
            if len(running) == rules.devices - 1:
                _drop_the_old(story, now_s, waiting, arrived_s, rules)
        while waiting and len(running) < rules.devices:
            is_full = sum(kept[one] for one in waiting) >= rules.max_items
            if not is_full and now_s < arrived_s[waiting[0]] + rules.max_wait_s:
                break
            heappush(running, _fire(story, now_s, waiting, kept, rules))
    return story


def _drop_the_old(story: Story, now_s: float, waiting: deque[int], arrived_s: list[float], rules: Batching) -> None:
    while waiting and now_s - arrived_s[waiting[0]] > rules.oldest_s:
        story.turned_away(waiting.popleft(), DROPPED, now_s)


def _fire(story: Story, now_s: float, waiting: deque[int], kept: list[int], rules: Batching) -> float:
    batch = [waiting.popleft()]
    while waiting and sum(kept[one] for one in batch) + kept[waiting[0]] <= rules.max_items:
        batch.append(waiting.popleft())
    total = sum(kept[one] for one in batch)
    ended_s = now_s + (rules.fixed_s + rules.per_item_s * total)
    story.batches.append((now_s, ended_s, total, len(batch)))
    for request in batch:
        story.served(request, now_s, ended_s)
    return ended_s


def stack_distances(ranks: list[int]) -> list[float]:
    """How many other keys were asked for since the same one was last; infinity for the first time."""
    found: list[float] = []
    for i, rank in enumerate(ranks):
        before = [j for j in range(i) if ranks[j] == rank]
        found.append(len(set(ranks[before[-1] + 1 : i])) if before else inf)
    return found
