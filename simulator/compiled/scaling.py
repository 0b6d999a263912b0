"""Replicas that follow a metric, as `components/autoscaler.py` and `fleet.py`."""

from math import ceil
from typing import Any

from simulator.compiled import codes
from simulator.compiled.balancing import NOW, SEEN, TARGETS
from simulator.compiled.crews import change_paid, is_up, note_crew
from simulator.compiled.device_fleet import grow_model, shrink_model
from simulator.compiled.door import jit
from simulator.compiled.events import happen, is_full, urgently
from simulator.compiled.lines import oldest_wait_s
from simulator.compiled.meters import integrate
from simulator.compiled.pools import grow_pool, shrink_pool
from simulator.compiled.token_fleet import grow_llm, shrink_llm
from simulator.compiled.writing import change_level


@jit
def wait_to_look(s: Any, k: int) -> None:
    """The next look comes a period after the last."""
    scaler = s.scaler[k]
    scaler.looks += 1
    happen(s, scaler.looks * scaler.period, codes.LOOK | (k << codes.KIND_BITS), 0)


@jit
def look(s: Any, k: int) -> None:
    """Ask for as many replicas as the metric wants, within the bounds."""
    g = s.g[0]
    if g.now >= g.duration and g.under_way == 0:
        return
    scaler = s.scaler[k]
    wanted = how_many(s, k)
    by = wanted - current(s, k)
    if by != 0:
        if scaler.changes + 1 >= scaler.most:
            g.full = 1000
            return
        note = s.note[scaler.change_0 + scaler.changes]
        note.at_s = g.now
        note.n = by
        scaler.changes += 1
    if by > 0:
        urgently(s, codes.MORE_WAIT | (k << codes.KIND_BITS), by)
    elif by < 0:
        remove_replicas(s, k, -by - start_fewer(s, k, -by))
    m = scaler.meter
    integrate(s, m)
    meter = s.meter[m]
    meter.since = g.now
    meter.busy_s = 0.0
    meter.inside_s = 0.0
    meter.waits = 0.0
    meter.started = 0
    wait_to_look(s, k)


@jit
def able(s: Any, k: int) -> int:
    """How many replicas take work."""
    scaler = s.scaler[k]
    found = 0
    for i in range(scaler.parts):
        part = s.pt[scaler.part + i]
        found += part.present - part.closed
    return found


@jit
def current(s: Any, k: int) -> int:
    """How many take work or are starting."""
    return able(s, k) + s.scaler[k].starting


@jit
def how_many(s: Any, k: int) -> int:
    """How many replicas there are to be from now on, starting ones included."""
    g = s.g[0]
    scaler = s.scaler[k]
    now = current(s, k)
    if now > scaler.maximum:
        return scaler.maximum
    if now < scaler.minimum:
        return scaler.minimum
    wanted = wish(s, k, now)
    kept = 0
    highest = wanted
    for i in range(scaler.wishes):
        note = s.note[scaler.wish_0 + i]
        if note.at_s > g.now - scaler.cool_down:
            s.note[scaler.wish_0 + kept].at_s = note.at_s
            s.note[scaler.wish_0 + kept].n = note.n
            highest = max(highest, note.n)
            kept += 1
    if kept + 1 >= scaler.most:
        g.full = 1000
        return now
    s.note[scaler.wish_0 + kept].at_s = g.now
    s.note[scaler.wish_0 + kept].n = wanted
    scaler.wishes = kept + 1
    if wanted < now:
        wanted = min(now, highest)
    return max(scaler.minimum, min(wanted, min(scaler.maximum, max(now, most(s, k, now)))))


@jit
def wish(s: Any, k: int, now: int) -> int:
    """What the metric asks for, before any bound."""
    scaler = s.scaler[k]
    ready = able(s, k)
    if ready == 0:
        return now
    metric = measured(s, k, ready)
    if metric < 0:
        return now
    ratio = metric / scaler.target
    if ratio > 1 and scaler.starting > 0:
        ratio *= ready / now
        if ratio < 1:
            return now
        ready = now
    if abs(ratio - 1) <= 0.1 + 1e-9:
        return now
    return int(ceil(ratio * ready - 1e-9))


@jit
def measured(s: Any, k: int, ready: int) -> float:
    """The metric over the last period; -1 if there is none."""
    g = s.g[0]
    scaler = s.scaler[k]
    meter = s.meter[scaler.meter]
    if scaler.metric == codes.UTILIZATION:
        integrate(s, scaler.meter)
        available_s = integral(s, scaler.component, meter.since, g.now)
        return meter.busy_s / available_s if available_s > 0 else -1.0
    if scaler.metric == codes.CONCURRENCY:
        integrate(s, scaler.meter)
        period = g.now - meter.since
        inside = meter.inside_s / period if period > 0 else meter.inside
        return inside / ready
    if meter.started > 0:
        return 1000 * (meter.waits / meter.started)
    longest = 0.0
    for i in range(scaler.parts):
        longest = max(longest, oldest_wait_s(s, scaler.part + i))
    return 1000 * longest


@jit
def integral(s: Any, c: int, from_s: float, to_s: float) -> float:
    """Slot-seconds of a component in [from_s, to_s)."""
    total = 0.0
    until_s = to_s
    row = s.comp[c].last_level
    while row >= 0:
        level = s.level[row]
        if level.at_s < until_s:
            total += level.level * (until_s - max(level.at_s, from_s))
            until_s = level.at_s
        if level.at_s <= from_s:
            break
        row = level.before
    return total


@jit
def most(s: Any, k: int, now: int) -> int:
    """The most replicas that the window allows."""
    g = s.g[0]
    scaler = s.scaler[k]
    kept = 0
    changed = 0
    for i in range(scaler.changes):
        note = s.note[scaler.change_0 + i]
        if note.at_s > g.now - scaler.window:
            s.note[scaler.change_0 + kept].at_s = note.at_s
            s.note[scaler.change_0 + kept].n = note.n
            changed += note.n
            kept += 1
    scaler.changes = kept
    before = now - changed
    return max(before + scaler.add_at_most, int(ceil(before * scaler.multiply - 1e-9)))


@jit
def begin_to_start(s: Any, k: int, number: int) -> None:
    """So many replicas begin to start."""
    g = s.g[0]
    scaler = s.scaler[k]
    if is_full(s, codes.GROUPS_FULL, g.scale_rows):
        return
    g.scale_rows += 1
    i = g.scale_rows
    group = s.group[i]
    group.scaler = k
    group.number = number
    group.before = scaler.groups
    scaler.groups = i
    start(s, k, number)
    happen(s, g.now + scaler.start_delay, codes.MORE_JOIN | (i << codes.KIND_BITS), 0)


@jit
def start(s: Any, k: int, number: int) -> None:
    """So many more (or, if negative, fewer) replicas are starting, and paid for."""
    scaler = s.scaler[k]
    scaler.starting += number
    if scaler.fleet:
        if number != 0:
            change_paid(s, scaler.component, number)
    else:
        s.pt[scaler.part].starting += number
        note_crew(s, scaler.part)


@jit
def start_fewer(s: Any, k: int, number: int) -> int:
    """Give up starting so many, the latest first; return how many that were."""
    scaler = s.scaler[k]
    given_up = 0
    i = scaler.groups
    while i > 0:
        group = s.group[i]
        fewer = min(group.number, number - given_up)
        group.number -= fewer
        given_up += fewer
        i = group.before
    start(s, k, -given_up)
    return given_up


@jit
def join(s: Any, i: int) -> None:
    """Those of a group that are still wanted are there."""
    group = s.group[i]
    k = group.scaler
    scaler = s.scaler[k]
    number = group.number
    if scaler.groups == i:
        scaler.groups = group.before
    else:
        j = scaler.groups
        while s.group[j].before != i:
            j = s.group[j].before
        s.group[j].before = group.before
    scaler.starting -= number
    if scaler.fleet:
        for _ in range(number):
            join_fleet(s, k)
        return
    v = scaler.part
    s.pt[v].starting -= number
    if s.pt[v].kind == codes.POOL:
        grow_pool(s, v, number)
    elif s.pt[v].kind == codes.MODEL:
        grow_model(s, v, number)
    else:
        grow_llm(s, v, number)


@jit
def join_fleet(s: Any, k: int) -> None:
    """One more replica behind its balancer."""
    scaler = s.scaler[k]
    if scaler.parts >= scaler.parts_most:
        s.g[0].full = 1000
        return
    v = scaler.part + scaler.parts
    scaler.parts += 1
    s.pt[v].slowness = s.pt[scaler.part].slowness
    s.pt[v].present = 1
    s.rep[s.pt[v].replica_0].present = 1
    change_level(s, scaler.component, scaler.slots)
    balancer = s.pt[scaler.balancer]
    i = balancer.joined
    balancer.joined += 1
    s.balance[balancer.own_0 + NOW * balancer.members + i] = 0
    s.balance[balancer.own_0 + SEEN * balancer.members + i] = 0
    s.balance[balancer.own_0 + TARGETS * balancer.members + i] = scaler.target_0 + scaler.parts - 1


@jit
def remove_replicas(s: Any, k: int, number: int) -> None:
    """Let the last replicas finish what they have and go."""
    scaler = s.scaler[k]
    if scaler.fleet == 0:
        shrink(s, scaler.part, number)
        return
    left = number
    going = scaler.parts
    for i in range(scaler.parts):
        j = scaler.parts - 1 - i
        if left > 0 and is_up(s, scaler.part + j):
            left -= 1
            going = j
    for j in range(going, scaler.parts):
        if is_up(s, scaler.part + j):
            shrink(s, scaler.part + j, 1)
    change_level(s, scaler.component, 0)


@jit
def shrink(s: Any, v: int, number: int) -> None:
    """So many replicas of a part leave."""
    if s.pt[v].kind == codes.POOL:
        shrink_pool(s, v, number)
    elif s.pt[v].kind == codes.MODEL:
        shrink_model(s, v, number)
    else:
        shrink_llm(s, v, number)
