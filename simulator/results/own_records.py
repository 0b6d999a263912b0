"""What only some kinds of components write down, besides their visits: tokens, messages, routes."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.distributions import Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class TokenRecord:
    """One llm_server. The first arrays have a row for each request that began, in the order in which they left the
    device; the last four one for each stretch of steps during which nobody joined or left.

    `first_token_s` is nan where a replica died before. A stretch made `steps` * `running` tokens.
    """

    request: Integers
    entered_s: Floats
    started_s: Floats
    first_token_s: Floats
    ended_s: Floats
    prompt_tokens: Integers
    tokens: Integers  # produced until it left
    reserved: Integers  # places in KV memory
    complete: NDArray[np.bool_]
    stretch_from_s: Floats
    stretch_to_s: Floats
    steps: Integers
    running: Integers


@dataclass(frozen=True)
class ReplayRecord:
    """Messages of one stream that were to be read again from `since_s` on, a row for each; `message` is the row in the
    MessageRecord. Times that never come are infinite.
    """

    message: Integers
    since_s: Floats
    read_s: Floats
    done_s: Floats
    lost_s: Floats


@dataclass(frozen=True)
class MessageRecord:
    """One stream, a row for each message in the order of appending. Times that never come are infinite.

    `read_s` is when a consumer took a message up for the last time before it was done: before that it is unread.
    `failed` says how the last reading ended, `replays` what was read again after it was done.
    """

    request: Integers
    appended_s: Floats
    read_s: Floats
    done_s: Floats
    lost_s: Floats
    failed: NDArray[np.bool_]
    redelivered: int
    replays: ReplayRecord | None = None


@dataclass(frozen=True)
class RouteRecord:
    """One router, a row for each request that came back from a route, and for each shadow copy."""

    request: Integers
    route: Integers
    sent_s: Floats
    ended_s: Floats
    answered: NDArray[np.bool_]
    undone_s: float = inf
