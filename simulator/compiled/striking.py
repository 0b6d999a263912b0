"""Faults, as `faults.py`: each waits for its time, strikes, and heals if it is to."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.caching import empty_cache
from simulator.compiled.crews import doom_last, is_up
from simulator.compiled.device_fleet import lose_model, repair_model
from simulator.compiled.door import jit
from simulator.compiled.events import happen
from simulator.compiled.pools import lose_pool, repair_pool
from simulator.compiled.replaying import replay
from simulator.compiled.stores import written_until
from simulator.compiled.streaming import lose_stream, repair_stream
from simulator.compiled.token_fleet import look_up_all, lose_llm, repair_llm


@jit
def wait_for_fault(s: Any, i: int) -> None:
    """A fault knows when its time comes."""
    happen(s, s.fault[i].at_s, codes.FAULT_BEGINS | (i << codes.KIND_BITS), 0)


@jit
def begin_fault(s: Any, i: int) -> None:
    """Its time has come."""
    fault = s.fault[i]
    if fault.what == codes.KILL:
        kill(s, i)
    elif fault.what == codes.SLOW:
        slow_down(s, i, 1)
    elif fault.what == codes.ERROR_RATE:
        s.share[i].errors = fault.errors
        s.share[i].share = fault.factor
        s.share[i].used = 1
    elif fault.what == codes.CUT_LINK:
        s.link[fault.link].faults += 1
    elif fault.what == codes.DELAY:
        delay(s, fault.part, fault.factor)
    elif fault.what == codes.REPLAY:
        replay(s, fault.part, s.g[0].now - fault.factor)
    elif fault.what == codes.SPOIL:
        s.share[i].errors = -1
        s.share[i].used = 1
    else:
        empty_cache(s, fault.part, fault.until_s if fault.for_ever == 0 else fault.at_s)
    if fault.for_ever == 0 and fault.what != codes.FLUSH:
        happen(s, fault.until_s, codes.FAULT_ENDS | (i << codes.KIND_BITS), 0)


@jit
def end_fault(s: Any, i: int) -> None:
    """It heals."""
    fault = s.fault[i]
    if fault.what == codes.KILL:
        for k in range(fault.parts):
            v = fault.part + k
            if s.struck[fault.struck_0 + k] == 0:
                continue
            if s.pt[v].kind == codes.MODEL:
                repair_model(s, v, i)
            elif s.pt[v].kind == codes.LLM:
                repair_llm(s, v, i)
            elif s.pt[v].kind == codes.STREAM:
                repair_stream(s, v, i)
            else:
                repair_pool(s, v, i)
    elif fault.what == codes.SLOW:
        slow_down(s, i, 0)
    elif fault.what == codes.ERROR_RATE or fault.what == codes.SPOIL:
        s.share[i].used = 0
    elif fault.what == codes.CUT_LINK:
        s.link[fault.link].faults -= 1
    elif fault.what == codes.DELAY:
        delay(s, fault.part, -fault.factor)


@jit
def kill(s: Any, i: int) -> None:
    """Replicas die: of a shared queue the last ones, of balanced replicas the last alive, of every shard some."""
    fault = s.fault[i]
    comes_back = 1 - fault.for_ever
    parts = fault.parts
    k = s.comp[s.pt[fault.part].component].scaler
    if fault.errors == 1 and k >= 0:
        parts = s.scaler[k].parts
    if fault.errors == 0 or (fault.errors == 1 and parts == 1):  # a queue, or every shard's
        for k in range(parts):
            doom_last(s, fault.part + k, fault.count)
            s.struck[fault.struck_0 + k] = 1
            lose(s, fault.part + k, i, comes_back)
        return
    n = fault.parts if fault.errors == 1 else fault.link  # of quorums, the replicas of each shard
    first = fault.part
    while first < fault.part + fault.parts:
        left = fault.count
        for k in range(n):
            s.scratch[k] = 0.0
        for k in range(n):
            v = first + n - 1 - k
            if left > 0 and can_die(s, v, fault.errors):
                s.scratch[n - 1 - k] = 1.0
                left -= 1
        for k in range(n):
            if s.scratch[k] > 0:
                doom_last(s, first + k, 1)
                s.struck[fault.struck_0 + first + k - fault.part] = 1
                lose(s, first + k, i, comes_back)
        first += n


@jit
def can_die(s: Any, v: int, how: int) -> bool:
    """Whether a part is among those of which the last die."""
    if how == 2:
        return is_up(s, v)
    part = s.pt[v]
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        if one.present and one.dead == 0 and one.leaving == 0:
            return True
    return False


@jit
def lose(s: Any, v: int, i: int, comes_back: int) -> None:
    """The marked replicas of a part die."""
    if s.pt[v].kind == codes.MODEL:
        lose_model(s, v, i, comes_back)
    elif s.pt[v].kind == codes.LLM:
        lose_llm(s, v, i, comes_back)
    elif s.pt[v].kind == codes.STREAM:
        lose_stream(s, v, i, comes_back)
    else:
        lose_pool(s, v, i, comes_back)


@jit
def slow_down(s: Any, i: int, begins: int) -> None:
    """Work that begins meanwhile takes longer."""
    fault = s.fault[i]
    for k in range(fault.parts):
        part = s.pt[fault.part + k]
        if begins:
            part.slowness *= fault.factor
        else:
            part.slowness /= fault.factor
        if part.kind == codes.LLM:
            look_up_all(s, fault.part + k)


@jit
def delay(s: Any, v: int, by_s: float) -> None:
    """What a store is written becomes visible so much later."""
    part = s.pt[v]
    part.fresh_seen = max(part.fresh_seen, written_until(s, v) - part.fresh_lag)
    part.fresh_lag += by_s
