"""The base of everything that is read from a file, and the small types that carry a unit or a range.

Field names carry the unit: `_ms` latencies and timeouts, `_s` horizons and faults, `_per_s` rates, `_usd_...` money.
Ratios and shares are 0-1, never percent.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Spec(BaseModel):
    """Data from outside: immutable, no unknown keys, no coercion, no infinities."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Label = Annotated[str, Field(max_length=120)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e12)]
NonNegative = Annotated[float, Field(ge=0, le=1e12)]
Scv = Annotated[float, Field(ge=1e-6, le=1e12)]  # below it a gamma is a constant, and its inverse not a number
Count = Annotated[int, Field(ge=1, le=1_000_000)]
