"""The loop: takes the next event, lets the process go on that waits for it, and so until nothing is left."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.balancing import serve_balancer
from simulator.compiled.batching import end_batch, fire_ready, serve_model
from simulator.compiled.caching import serve_cache, serve_fill
from simulator.compiled.calling import make_call, take_steps
from simulator.compiled.clocks import ring
from simulator.compiled.door import call_at, inline, jit, kernel
from simulator.compiled.doors import pass_errors, pass_link, push_target
from simulator.compiled.events import at_once, pop, urgently
from simulator.compiled.frames import first_request, free_process, new_process, pop_frame, tell, trigger
from simulator.compiled.pools import serve_pool
from simulator.compiled.routing import observe, serve_router
from simulator.compiled.scaling import begin_to_start, join, look, wait_to_look
from simulator.compiled.stores import serve_store, serve_together
from simulator.compiled.streaming import consume, serve_stream
from simulator.compiled.striking import begin_fault, end_fault, wait_for_fault
from simulator.compiled.tokens import change_device, serve_llm
from simulator.compiled.trials import ask_hedged, ask_in_time, ask_single, gather

PROGRESS_EVERY = 500  # arrivals


@jit
def step(s: Any, p: int, f: int, sign: int) -> int:
    """Let the top frame of a process go on."""
    kind = s.fr[f].kind
    if kind == codes.POOL:
        return serve_pool(s, p, f, sign)
    if kind == codes.STEPS:
        return take_steps(s, p, f, sign)
    if kind == codes.STORE:
        return serve_store(s, p, f, sign)
    if kind == codes.MODEL:
        return serve_model(s, p, f, sign)
    if kind == codes.CACHE:
        return serve_cache(s, p, f, sign)
    if kind == codes.CALL:
        return make_call(s, p, f, sign)
    if kind == codes.IN_TIME:
        return ask_in_time(s, p, f, sign)
    if kind == codes.SINGLE:
        return ask_single(s, p, f, sign)
    if kind == codes.PARALLEL or kind == codes.COPIES or kind == codes.QUORUM:
        return gather(s, p, f, sign)
    if kind == codes.TOGETHER:
        return serve_together(s, p, f, sign)
    if kind == codes.FILL:
        return serve_fill(s, p, f, sign)
    if kind == codes.HEDGE:
        return ask_hedged(s, p, f, sign)
    if kind == codes.BALANCER:
        return serve_balancer(s, p, f, sign)
    if kind == codes.LLM:
        return serve_llm(s, p, f, sign)
    if kind == codes.STREAM:
        return serve_stream(s, p, f, sign)
    if kind == codes.CONSUMER:
        return consume(s, p, f, sign)
    if kind == codes.ROUTER:
        return serve_router(s, p, f, sign)
    if kind == codes.OBSERVED:
        return observe(s, p, f, sign)
    if kind == codes.LINK:
        return pass_link(s, p, f, sign)
    return pass_errors(s, p, f, sign)


@jit
def go_on(s: Any, p: int, sign: int) -> None:
    """A process runs until it waits or has ended."""
    one = s.pr[p]
    one.generation += 1
    one.sign = 0
    while True:
        f = one.top
        result = step(s, p, f, sign)
        if result == codes.WAIT or s.g[0].full > 0:
            return
        if result == codes.PUSHED or result == codes.AGAIN:
            sign = codes.START
            continue
        if result == codes.OK and s.fr[f].kind == codes.POOL and s.fr[f].a == 0:
            steps = s.pt[s.fr[f].node].steps
            if steps >= 0:  # a service has worked, and now asks others
                s.fr[f].kind = codes.STEPS
                s.fr[f].node = steps
                sign = codes.START
                continue
        pop_frame(s, p)
        sign = result
        if one.top == 0:
            end_process(s, p, sign)
            return


@jit
def end_process(s: Any, p: int, result: int) -> None:
    """A process has ended; those who watch it are told when it is their turn."""
    g = s.g[0]
    one = s.pr[p]
    one.result = result
    if one.owner == codes.ROOT:
        r = s.rq[one.request]
        row = s.base[r.index]
        row.ended = g.now
        row.oldest = r.oldest
        if result == codes.OK:
            row.ending = 1 if r.degraded else 0
        else:
            row.ending = 2 if result <= codes.LAST_REFUSED else 3
        g.under_way -= 1
        free_process(s, p)
    elif one.held or one.owner == codes.FILLER:
        one.state = codes.OVER
        at_once(s, codes.ENDED | (p << codes.KIND_BITS), one.serial)
    else:
        free_process(s, p)


@jit
def ended(s: Any, p: int) -> None:
    """Tell those who watch a process that it has ended."""
    one = s.pr[p]
    one.state = codes.TOLD
    if one.owner == codes.FILLER:
        w = one.watch
        while w > 0:
            after = s.wt[w].next
            s.wt[w].result = one.result
            if s.wt[w].triggered == 2:
                s.wt[w].serial += 1
                s.wt[w].next = s.g[0].free_watch
                s.g[0].free_watch = w
            else:
                tell(s, w, p)
            w = after
        free_process(s, p)
    elif one.watch > 0 and s.wt[one.watch].serial == one.watch_serial:
        tell(s, one.watch, p)


@jit
def arrive(s: Any) -> None:
    """The next request arrives, and the one after it is awaited."""
    g = s.g[0]
    index = s.arrival[g.next_arrival].index
    if g.next_arrival % PROGRESS_EVERY == 0 and call_at(g.callback, codes.PROGRESS, g.next_arrival, 0) != 0:
        g.stop = 1
        return
    g.next_arrival += 1
    r = first_request(s, index)
    p = new_process(s, codes.ROOT, r)
    push_target(s, p, 0, r)
    await_arrival(s)


@jit
def await_arrival(s: Any) -> None:
    """An arrival comes before anything else that happens at the same instant."""
    g = s.g[0]
    g.arrival_s = inf
    if g.next_arrival < g.n:
        at_s = s.arrival[g.next_arrival].at_s
        if at_s == g.now:
            urgently(s, codes.ARRIVE, 0)
        else:
            g.arrival_s = at_s


@jit
def time_out(s: Any, w: int) -> None:
    """The clock of a watch has rung; nobody's has if it is 0."""
    if w > 0 and s.wt[w].triggered == 0:
        trigger(s, w, 0, codes.OK)


@inline
def process_happens(s: Any, kind: int, p: int, x: int) -> None:
    """A process goes on, if it still waits for this."""
    one = s.pr[p]
    sign = one.sign
    goes = one.state == codes.ALIVE
    if kind == codes.RESUME:
        goes = goes and one.generation == x
    elif kind == codes.BEGIN:
        sign = codes.START
        if one.owner == codes.ROOT:
            s.g[0].under_way += 1
    else:
        goes = goes and one.serial == x >> 2
        sign = -(x & 3)
    if goes:
        go_on(s, p, sign)


@jit
def happens(s: Any, code: int, x: int) -> None:
    """Something happens."""
    kind = code & codes.KIND_MASK
    a = code >> codes.KIND_BITS
    if kind <= codes.INTERRUPT:
        process_happens(s, kind, a, x)
    elif kind == codes.ENDED:
        if s.pr[a].serial == x:
            ended(s, a)
    elif kind == codes.CLOCK:
        if s.wt[a].serial == x:
            time_out(s, a)
    elif kind == codes.FIRST_CLOCK:
        time_out(s, ring(s, a))
    elif kind == codes.BATCH_DONE:
        if s.batch[a].serial == x:
            end_batch(s, a)
    elif kind == codes.ALARM:
        fire_ready(s, a)
    elif kind == codes.ARRIVE:
        arrive(s)
    elif kind == codes.BOUNDARY:
        change_device(s, a, x)
    elif kind == codes.LOOK:
        look(s, a)
    elif kind == codes.SCALER_WAITS:
        wait_to_look(s, a)
    elif kind == codes.MORE_WAIT:
        begin_to_start(s, a, x)
    elif kind == codes.MORE_JOIN:
        join(s, a)
    elif kind == codes.FAULT_WAITS:
        wait_for_fault(s, a)
    elif kind == codes.FAULT_BEGINS:
        begin_fault(s, a)
    elif kind == codes.FAULT_ENDS:
        end_fault(s, a)
    else:
        await_arrival(s)


@kernel
def run(s: Any) -> int:
    """Let everything happen. Return how many events there were."""
    g = s.g[0]
    events = 0
    while g.stop == 0 and g.full == 0:
        events += 1
        if g.urgent_n > 0:
            one = s.urgent[g.urgent_head]
            code = one.code
            x = one.x
            g.urgent_head = (g.urgent_head + 1) & (s.cap[codes.URGENT_FULL] - 1)
            g.urgent_n -= 1
        elif g.bulk > 0:
            cell = s.cell[g.bulk]
            code = codes.RESUME | (cell.process << codes.KIND_BITS)
            x = cell.generation
            after = cell.next
            cell.next = g.free_cell
            g.free_cell = g.bulk
            g.bulk = after
        elif g.heap_n > 0 and s.heap[0].at_s == g.now and s.heap[0].key >> codes.PRIORITY_SHIFT == codes.NORMAL:
            code = s.heap[0].code
            x = s.heap[0].x
            pop(s)
        elif g.normal_n > 0:
            one = s.normal[g.normal_head]
            code = one.code
            x = one.x
            g.normal_head = (g.normal_head + 1) & (s.cap[codes.NORMAL_FULL] - 1)
            g.normal_n -= 1
        elif g.arrival_s < inf and (g.heap_n == 0 or g.arrival_s <= s.heap[0].at_s):
            g.now = g.arrival_s
            arrive(s)
            continue
        elif g.heap_n > 0:
            g.now = s.heap[0].at_s
            code = s.heap[0].code
            x = s.heap[0].x
            pop(s)
        else:
            break
        happens(s, code, x)
    g.events = events
    return events
