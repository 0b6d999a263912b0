"""What a token server must do, one step after the other: no SimPy, no jumps, no components."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from tests.simulator.oracles import DROPPED, REFUSED, Story


@dataclass
class Rules:
    """Times in seconds."""

    devices: int = 1
    step_s: float = 1.0
    per_running_s: float = 0.0
    per_context_token_s: float = 0.0
    prefill_s_per_token: float = 0.0
    max_running: float = inf
    kv_tokens: float = inf
    places: float = inf
    oldest_s: float = inf
    discipline: str = "fifo"


@dataclass
class _Device:
    produced: dict[int, int] = field(default_factory=dict)
    joining: list[int] = field(default_factory=list)
    ends_s: float = inf


@dataclass
class Tokens:
    """The story of the requests, and when each got its first token; every step as (from, to, running)."""

    story: Story
    first_s: list[float]
    steps: list[tuple[float, float, int]] = field(default_factory=list)


def _next_in_turn(waiting: list[int], rules: Rules, priorities: Sequence[int]) -> int:
    if rules.discipline == "lifo":
        return max(waiting)
    return min(waiting, key=lambda one: (-priorities[one] if rules.discipline == "priority" else 0, one))


def token_by_token(
    arrived_s: list[float], prompts: list[int], tokens: list[int], rules: Rules, priorities: Sequence[int] = ()
) -> Tokens:
    """Every step of every device; an arrival at the end of a step comes before it."""
    told = Tokens(Story.of(len(arrived_s)), [inf] * len(arrived_s))
    waiting: list[int] = []
    devices, coming = [_Device() for _ in range(rules.devices)], deque(range(len(arrived_s)))

    def roomiest(request):
        def has_room(device):
            members = [*device.produced, *device.joining]
            memory = sum(prompts[one] + tokens[one] for one in [*members, request])
            return len(members) < rules.max_running and memory <= rules.kv_tokens

        open_ones = [device for device in devices if has_room(device)]
        return min(open_ones, key=lambda device: len(device.produced) + len(device.joining), default=None)

    def begin(device, now_s):
        read = sum(prompts[one] for one in device.joining)
        for one in device.joining:
            told.story.began_s[one] = now_s
        device.produced |= dict.fromkeys(device.joining, 0)
        device.joining = []
        if not device.produced:
            device.ends_s = inf
            return
        context = sum(prompts[one] + made for one, made in device.produced.items())
        takes_s = rules.step_s + rules.per_running_s * len(device.produced) + rules.per_context_token_s * context
        device.ends_s = now_s + takes_s + rules.prefill_s_per_token * read
        told.steps.append((now_s, device.ends_s, len(device.produced)))

    while True:
        arrival_s = arrived_s[coming[0]] if coming else inf
        next_one = min(devices, key=lambda device: device.ends_s)
        if arrival_s == next_one.ends_s == inf:
            return told
        if arrival_s <= next_one.ends_s:
            request = coming.popleft()
            if prompts[request] + tokens[request] > rules.kv_tokens:
                told.story.turned_away(request, REFUSED, arrival_s)
            elif (
                _next_in_turn([*waiting, request], rules, priorities) == request
                and (device := roomiest(request)) is not None
            ):
                device.joining.append(request)
                if device.ends_s == inf:
                    begin(device, arrival_s)
            elif len(waiting) >= rules.places:
                told.story.turned_away(request, REFUSED, arrival_s)
            else:
                waiting.append(request)
            continue
        now_s = next_one.ends_s
        for one in list(next_one.produced):
            next_one.produced[one] += 1
            if next_one.produced[one] == 1:
                told.first_s[one] = now_s
            if next_one.produced[one] == tokens[one]:
                del next_one.produced[one]
                told.story.served(one, told.story.began_s[one], now_s)
        while waiting and (device := roomiest(one := _next_in_turn(waiting, rules, priorities))) is not None:
            waiting.remove(one)
            if now_s - arrived_s[one] > rules.oldest_s:
                told.story.turned_away(one, DROPPED, now_s)
            else:
                device.joining.append(one)
        begin(next_one, now_s)
