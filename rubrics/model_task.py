"""What the model grader is asked, with what limits, and what comes back: data only, nothing here speaks to anybody."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from rubrics.addressed import Cleaned, cleaned
from rubrics.levels import Status, Tier
from rubrics.schema import DimensionId
from simulator.spec import NonNegative, Positive, Spec

MAX_CHARACTERS = 60_000
"""A longer answer is not sent: nobody says so much in an hour."""

Problem = Literal[
    "no_key", "key_refused", "unreachable", "elsewhere", "unknown_model", "rate_limited", "no_credit", "failing",
    "request_refused", "unreadable", "cut_off", "refused", "timed_out", "cancelled", "decoy", "too_long", "empty",
]  # fmt: skip
ENDS_ALL: frozenset[Problem] = frozenset(
    ("no_key", "key_refused", "unreachable", "elsewhere", "unknown_model", "rate_limited", "no_credit", "failing",
     "timed_out", "cancelled", "too_long")
)  # fmt: skip
"""After one of these the other dimensions are not tried: they would end the same way."""


class Concept(Spec):
    """Something that the answer may contain; the example is one sentence that contains it."""

    id: str
    label: str
    tier: Tier
    example: str


class Task(Spec):
    """One dimension to look at, in these sections of an answer; they are cleaned before they are sent."""

    dimension: DimensionId
    question: str
    concepts: Annotated[tuple[Concept, ...], Field(min_length=1, max_length=40)]
    sections: tuple[str, ...]

    @property
    def prepared(self) -> Cleaned:
        """The text that is sent, and what was taken out of it."""
        return cleaned("\n\n".join(one.strip() for one in self.sections if one.strip()))


class Endpoint(Spec):
    """Where a model answers in the manner of OpenAI's chat completions. The key never shows in text or `repr`."""

    base_url: str
    model: Annotated[str, Field(min_length=1, max_length=200)]
    key: SecretStr = SecretStr("")

    @field_validator("base_url")
    @classmethod
    def _address_is_plain(cls, address: str) -> str:
        parts = urlsplit(address.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the address must begin with https:// or http:// and name a host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(
                "the address must not hold a name, a password or a question mark; the key has its own field"
            )
        return address.strip().rstrip("/")

    @property
    def host(self) -> str:
        """The host as a person reads it, with its port if that is unusual."""
        return urlsplit(self.base_url).netloc

    @property
    def is_on_this_machine(self) -> bool:
        return urlsplit(self.base_url).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def is_encrypted(self) -> bool:
        return self.base_url.startswith("https://")


class Limits(Spec):
    """How long and how often is tried, before it is given up with a sentence."""

    request_s: Positive = 60.0
    total_s: Positive = 900.0
    attempts: Annotated[int, Field(ge=1, le=5)] = 3
    first_pause_s: NonNegative = 1.0
    longest_pause_s: NonNegative = 20.0


class Item(Spec):
    """One concept after both runs; `quote` stands in the answer letter for letter, or is empty."""

    concept: str
    label: str
    tier: Tier
    status: Status
    quote: str = ""

    @property
    def is_adopted(self) -> bool:
        return self.status in ("adopted", "adopted_with_support")


class Opinion(Spec):
    """What the model makes of one dimension: a level with its items, or none and the sentence that says why.

    `made_up` counts quotations that do not stand in the answer, `differing` the concepts on which the two runs did not
    agree; both kinds count as not found. `tokens` are those the endpoint reported, None if it reported none.
    """

    dimension: DimensionId
    level: Annotated[int, Field(ge=0, le=3)] | None = None
    items: tuple[Item, ...] = ()
    problem: Problem | None = None
    sentence: str
    decoys: str = ""
    made_up: int = 0
    differing: int = 0
    requests: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
