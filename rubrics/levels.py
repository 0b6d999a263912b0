"""From what was found of a dimension's concepts to a level, 0-3: one rule, whoever did the finding."""

from collections.abc import Mapping
from typing import Literal

Status = Literal["adopted_with_support", "adopted", "named_only", "rejected_with_reason", "rejected", "not_found"]
Tier = Literal["core", "plus", "staff"]

CREDITED_PER_SENTENCE = 3
CORE_FOR_2, CORE_FOR_3 = 0.45, 0.60
_ROUNDING = 1e-9


def level_from_items(items: Mapping[str, Status], tiers: Mapping[str, Tier], *, reach: float = 1.0) -> int:
    """The level that found concepts show: 1 if any is named or adopted, 2 from 45% of the core adopted, 3 from 60% of
    the core and a concept beyond the core adopted with support. Never 4. What `items` leaves out was not found.

    Where a dimension has nothing beyond its core, support for a core concept opens level 3. With a `reach` below 1, the
    share of what is there that this finder finds, the shares shrink by it, a concept beyond the core counts as half of a
    core one, and support for any concept opens level 3.
    """
    adopted = {one for one in tiers if items.get(one) in ("adopted_with_support", "adopted")}
    core = [one for one, tier in tiers.items() if tier == "core"]
    beyond = [one for one in tiers if one not in core]
    half = 0.5 if reach < 1 else 0.0
    held = sum(one in adopted for one in core) + half * sum(one in adopted for one in beyond)
    share = held / len(core) + _ROUNDING if core else 0.0
    opening = list(tiers) if reach < 1 else beyond or core
    if share >= reach * CORE_FOR_3 and any(items.get(one) == "adopted_with_support" for one in opening):
        return 3
    if share >= reach * CORE_FOR_2:
        return 2
    return int(bool(adopted) or any(items.get(one) == "named_only" for one in tiers))
