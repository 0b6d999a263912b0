"""What asking a model will cost, before, and what it did cost, after: tokens always, money if the prices are known."""

import json
import math
from collections.abc import Iterable, Sequence
from random import Random

from rubrics.model_sheet import two_sheets
from rubrics.model_task import Opinion, Task
from simulator.spec import NonNegative, Spec

CHARACTERS_PER_TOKEN = 3.5
"""English prose has about four; lists, numbers and JSON have fewer. It is an estimate, and the screen says so."""
TOKENS_PER_ENTRY, TOKENS_PER_REPLY = 45, 20


class Prices(Spec):
    """USD per million tokens; None where the person has not said."""

    usd_per_million_in: NonNegative | None = None
    usd_per_million_out: NonNegative | None = None

    def usd(self, tokens_in: int, tokens_out: int) -> float | None:
        """What so many tokens cost, or None while a price is unknown."""
        if self.usd_per_million_in is None or self.usd_per_million_out is None:
            return None
        return (tokens_in * self.usd_per_million_in + tokens_out * self.usd_per_million_out) / 1e6


class Estimate(Spec):
    """What asking is expected to take, if nothing has to be tried again."""

    requests: int
    tokens_in: int
    tokens_out: int


def estimate(tasks: Iterable[Task]) -> Estimate:
    """Count the characters of what would be sent; a model that thinks before it answers may use more tokens out."""
    luck = Random(0)  # noqa: S311 any fence and order has the same length
    sheets = [sheet for task in tasks for sheet in two_sheets(task, luck)]
    sent = [sum(len(text) for _, text in sheet.messages) + len(json.dumps(sheet.schema())) for sheet in sheets]
    return Estimate(
        requests=len(sheets),
        tokens_in=sum(math.ceil(one / CHARACTERS_PER_TOKEN) for one in sent),
        tokens_out=sum(TOKENS_PER_REPLY + TOKENS_PER_ENTRY * len(sheet.concepts) for sheet in sheets),
    )


def spent(opinions: Sequence[Opinion]) -> tuple[int, int] | None:
    """All tokens that the endpoint reported, in and out; None if a request went out for which it reported none."""
    asked = [one for one in opinions if one.requests]
    if not asked or any(one.tokens_in is None or one.tokens_out is None for one in asked):
        return None
    return sum(one.tokens_in or 0 for one in asked), sum(one.tokens_out or 0 for one in asked)
