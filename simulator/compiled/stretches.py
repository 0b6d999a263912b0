"""Stretches of equal steps, in which a device of a token server goes on without events."""

from math import ceil, sqrt
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import at_once, is_full, next_key, push
from simulator.compiled.sequences import forget_sequence, pop_running, push_running, remove_sequence


@jit
def take(s: Any, v: int, replica: int, q: int) -> None:
    """Let a request join at the next boundary, which is now if nothing runs."""
    g = s.g[0]
    d = s.pt[v].device_0 + replica
    dev = s.dev[d]
    seq = s.seq[q]
    seq.machine = d
    seq.accepted = g.now
    seq.users += 1
    seq.next = 0
    if dev.joining_last > 0:
        s.seq[dev.joining_last].next = q
    else:
        dev.joining = q
    dev.joining_last = q
    dev.joining_n += 1
    dev.reserved += seq.reserved
    if dev.has_stretch:
        look_up(s, d)
    elif dev.between == 0:
        plan(s, d, g.now)


@jit
def end_of_steps(s: Any, d: int, steps: int) -> float:
    """When so many steps of a stretch are done: an arithmetic series."""
    dev = s.dev[d]
    return dev.began + (dev.prefill_s + steps * dev.step_s + dev.growth_s * (steps * (steps - 1) / 2))


@jit
def step_at(s: Any, d: int, now_s: float) -> int:
    """The first step, counted from 1, that ends at `now_s` or later."""
    dev = s.dev[d]
    lasted_s = max(0.0, now_s - dev.began - dev.prefill_s)
    linear_s = dev.step_s - dev.growth_s / 2
    steps = max(1, int(ceil(2 * lasted_s / (linear_s + sqrt(linear_s * linear_s + 2 * dev.growth_s * lasted_s)))))
    while end_of_steps(s, d, steps) < now_s:
        steps += 1
    while steps > 1 and end_of_steps(s, d, steps - 1) >= now_s:
        steps -= 1
    return steps


@jit
def look_up(s: Any, d: int) -> None:
    """Stop at the end of the step under way, because something has changed."""
    dev = s.dev[d]
    if dev.has_stretch:
        step = step_at(s, d, s.g[0].now)
        if step < dev.stretch_steps:
            dev.stretch_steps = step
            plan(s, d, end_of_steps(s, d, step))


@jit
def plan(s: Any, d: int, at_s: float) -> None:
    """The next boundary, after all else at that instant, so that who comes then still joins."""
    dev = s.dev[d]
    if at_s >= dev.due:
        return
    dev.due = at_s
    dev.plan += 1
    push(s, at_s, next_key(s, codes.LAST), codes.BOUNDARY | (d << codes.KIND_BITS), dev.plan)


@jit
def close_stretch(s: Any, d: int, steps: int) -> None:
    """A stretch is over after so many steps."""
    g = s.g[0]
    dev = s.dev[d]
    dev.has_stretch = 0
    dev.steps += steps
    dev.context += steps * dev.count
    if is_full(s, codes.STRETCHES_FULL, g.stretch_rows):
        return
    row = s.stretch[g.stretch_rows]
    g.stretch_rows += 1
    row.component = s.pt[dev.part].component
    row.began = dev.began
    row.ended = g.now
    row.steps = steps
    row.running = dev.stretch_running


@jit
def let_finish(s: Any, d: int) -> None:
    """Who has its last token leaves, and who was withdrawn."""
    dev = s.dev[d]
    while dev.heap_n > 0 and s.run[dev.heap_0].key == dev.steps:
        q = s.run[dev.heap_0].seq
        pop_running(s, d)
        seq = s.seq[q]
        if seq.gone == 0:
            remove_sequence(s, d, q)
            if seq.left == 0:
                at_once(s, codes.RESUME | (seq.process << codes.KIND_BITS), seq.generation)
        forget_sequence(s, q)
    q = dev.leaving
    while q > 0:
        after = s.seq[q].next_leaving
        if s.seq[q].gone == 0:
            remove_sequence(s, d, q)
        forget_sequence(s, q)
        q = after
    dev.leaving = 0
    dev.leaving_last = 0


@jit
def begin_stretch(s: Any, d: int) -> None:
    """Who joins begins, and all run until the first of them has its last token."""
    g = s.g[0]
    dev = s.dev[d]
    part = s.pt[dev.part]
    prompts = 0
    joined = dev.joining
    q = joined
    while q > 0:
        seq = s.seq[q]
        seq.started = g.now
        seq.joined = dev.steps
        prompts += seq.prompt
        push_running(s, d, dev.steps + seq.tokens, q)
        q = seq.next
    dev.count += dev.joining_n
    dev.joining = 0
    dev.joining_last = 0
    dev.joining_n = 0
    dev.context += prompts
    if dev.count == 0:
        return
    while s.seq[s.run[dev.heap_0].seq].gone > 0:
        q = s.run[dev.heap_0].seq
        pop_running(s, d)
        forget_sequence(s, q)
    pace = part.slowness / 1000
    step_ms = part.step_ms + part.running_ms * dev.count + part.context_ms * dev.context
    dev.began = g.now
    dev.stretch_steps = s.run[dev.heap_0].key - dev.steps
    dev.stretch_running = dev.count
    dev.prefill_s = part.prefill_ms * prompts * pace
    dev.step_s = step_ms * pace
    dev.growth_s = part.context_ms * dev.count * pace
    dev.has_stretch = 1
    q = joined
    first_s = end_of_steps(s, d, 1)
    while q > 0:
        s.seq[q].first_token = first_s
        q = s.seq[q].next
    plan(s, d, end_of_steps(s, d, dev.stretch_steps))
