"""What comes to a system in one replication: of each request its class, what it carries and its key."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from simulator.amounts import drawn_amounts
from simulator.class_spikes import left_out
from simulator.design import Amount, Design, RequestClass
from simulator.distributions import Floats
from simulator.draws import Draws
from simulator.keys import WHO as KEYS
from simulator.keys import ranks_of
from simulator.remembered import remembered
from simulator.results.run import Integers


@dataclass(frozen=True)
class Offered:
    """What is known of the requests before the run; arrays of shape (n,)."""

    arrived_s: Floats | None  # nan for those that never come; None if the users of a closed loop send them
    class_index: NDArray[np.uint8]
    items: Integers
    prompts: Integers | None  # tokens, if anything in the design reads them
    ranks: Integers | None  # of the keys, if requests have any


def offered(
    design: Design, draws: Draws, arrived_s: Floats | None = None, further: NDArray[np.uint8] | None = None
) -> Offered:
    """The requests with these arrivals or, without any, those of a closed loop. `further` are the classes of the last
    arrivals, which spikes of single classes bring, and which come among the others.
    """
    classes, keys = design.traffic.classes, design.traffic.keys
    class_index = remembered.get(("classes", *draws.key, classes), lambda: _class_index(classes, draws))
    if further is not None and arrived_s is not None:
        class_index = class_index.copy()
        class_index[draws.n - len(further) :] = further
        out = left_out(design, arrived_s, class_index, draws.uniforms("<left out>"))
        arrived_s = np.where(out, np.nan, arrived_s)
    members, prompts = blake2b(class_index.tobytes()).digest(), None

    def carried(what: str, amounts: list[Amount]) -> Integers:
        key = (what, *draws.key, classes, members)
        return remembered.get(key, lambda: _carried(amounts, class_index, draws.uniforms(f"<{what}>")))

    items = carried("items", [one.items for one in classes])
    if any(part.kind == "llm_server" for part in design.components.values()):
        prompts = carried("prompts", [one.prompt_tokens for one in classes])
    ranks = None if keys is None else ranks_of(keys, draws.uniforms(KEYS))
    return Offered(arrived_s, class_index, items, prompts, ranks)


def _class_index(classes: tuple[RequestClass, ...], draws: Draws) -> NDArray[np.uint8]:
    """Which class each request belongs to, shape (n,)."""
    ends = np.cumsum([one.share for one in classes])
    return np.minimum(np.searchsorted(ends, draws.uniforms("<classes>"), side="right"), len(ends) - 1).astype(np.uint8)


def _carried(amounts: list[Amount], class_index: NDArray[np.uint8], uniforms: Floats) -> Integers:
    """How much each request carries, as its class does, shape (n,)."""
    carried = np.ones(len(uniforms), dtype=np.int64)
    for i, amount in enumerate(amounts):
        members = class_index == i
        carried[members] = drawn_amounts(amount, uniforms[members])
    return carried
