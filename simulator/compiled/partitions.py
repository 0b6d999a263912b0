"""Partitions of streams: what is too much, and who may read on."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import is_up
from simulator.compiled.door import jit
from simulator.compiled.frames import new_process, push_frame
from simulator.compiled.stores import head_message


@jit
def lose_too_much(s: Any, v: int) -> None:
    """A log that holds more unread messages than it may loses the oldest."""
    g = s.g[0]
    part = s.pt[v]
    while part.unread > part.retention:
        m = part.oldest_message
        part.oldest_message += 1
        message = s.message[m]
        if message.component == part.component and message.is_read == 0 and message.is_lost == 0:
            message.is_lost = 1
            if message.replay > 0:
                s.replay_row[message.replay].lost = g.now
            else:
                message.lost = g.now
            part.unread -= 1


@jit
def offer(s: Any, v: int, i: int) -> None:
    """Let the owner of a partition know that there is something to read."""
    part = s.pt[v]
    m = head_message(s, v, i)
    one = s.partition[part.own_0 + i]
    if m == 0 or one.busy > 0 or not is_up(s, v):
        return
    one.offered = m
    if s.slot[part.slot_0 + one.owner].process == 0:
        p = new_process(s, codes.READER, 0)
        f = push_frame(s, p, codes.CONSUMER, 0, v)
        s.fr[f].a = one.owner
        s.slot[part.slot_0 + one.owner].process = p
