"""Distributions of durations, written as an engineer would measure them, in milliseconds.

Each one maps a uniform draw in [0, 1) to a duration by its inverse distribution function, so that one draw is one
duration and a longer mean stretches the same luck. `mean()` is in milliseconds too.
"""

import math
from statistics import NormalDist
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from simulator import special
from simulator.spec import NonNegative, Positive, Scv, Spec

Floats = NDArray[np.float64]

Z99 = NormalDist().inv_cdf(0.99)  # the 99th percentile of the standard normal


class Constant(Spec):
    """Always the same."""

    kind: Literal["constant"] = "constant"
    value_ms: NonNegative

    def mean(self) -> float:
        return self.value_ms

    def inverse_ms(self, uniforms: Floats) -> Floats:
        return np.full_like(uniforms, self.value_ms)


class Exponential(Spec):
    """Memoryless; squared coefficient of variation (SCV) 1."""

    kind: Literal["exponential"] = "exponential"
    mean_ms: Positive

    def mean(self) -> float:
        return self.mean_ms

    def inverse_ms(self, uniforms: Floats) -> Floats:
        return -self.mean_ms * np.log1p(-uniforms)


class Lognormal(Spec):
    """What a network store measures: either `median_ms` and `p99_ms`, or `mean_ms` and `scv`; never below `floor_ms`.

    All four describe the whole duration, floor included.
    """

    kind: Literal["lognormal"] = "lognormal"
    median_ms: Positive | None = None
    p99_ms: Positive | None = None
    mean_ms: Positive | None = None
    scv: Scv | None = None
    floor_ms: NonNegative = 0.0

    @model_validator(mode="after")
    def _has_one_parameterization(self) -> Self:
        by_median = self.median_ms is not None and self.p99_ms is not None
        by_mean = self.mean_ms is not None and self.scv is not None
        given = sum(value is not None for value in (self.median_ms, self.p99_ms, self.mean_ms, self.scv))
        if given != 2 or not (by_median or by_mean):
            raise ValueError("a lognormal takes either median_ms and p99_ms, or mean_ms and scv")
        if self.median_ms is not None and self.p99_ms is not None and self.p99_ms <= self.median_ms:
            raise ValueError(f"p99_ms is {self.p99_ms}, but must be above median_ms, which is {self.median_ms}")
        smallest = self.median_ms or self.mean_ms or 0.0
        if self.floor_ms >= smallest:
            raise ValueError(f"floor_ms is {self.floor_ms}, but must be below {smallest}")
        return self

    def _mu_sigma(self) -> tuple[float, float]:
        """Parameters of the normal logarithm of what lies above the floor."""
        if self.median_ms is not None and self.p99_ms is not None:
            mu = math.log(self.median_ms - self.floor_ms)
            return mu, (math.log(self.p99_ms - self.floor_ms) - mu) / Z99
        assert self.mean_ms is not None
        assert self.scv is not None
        above = self.mean_ms - self.floor_ms
        sigma2 = math.log1p(self.scv * (self.mean_ms / above) ** 2)
        return math.log(above) - sigma2 / 2, math.sqrt(sigma2)

    def mean(self) -> float:
        mu, sigma = self._mu_sigma()
        return self.floor_ms + math.exp(mu + sigma**2 / 2)

    def inverse_ms(self, uniforms: Floats) -> Floats:
        mu, sigma = self._mu_sigma()
        # 0 has probability 2**-53 and would map to the floor exactly; that is a legal duration
        normal: Floats = special.ndtri(uniforms)
        return self.floor_ms + np.exp(mu + sigma * normal)


class Gamma(Spec):
    """A mean and an SCV; below 1 smoother than exponential, above 1 burstier."""

    kind: Literal["gamma"] = "gamma"
    mean_ms: Positive
    scv: Scv

    def mean(self) -> float:
        return self.mean_ms

    def inverse_ms(self, uniforms: Floats) -> Floats:
        return np.asarray(self.mean_ms * self.scv * special.gammaincinv(1 / self.scv, uniforms), dtype=np.float64)


class Hyperexponential(Spec):
    """Two exponentials with balanced means (Whitt, Management Science 30, 1984): mostly short, sometimes long; SCV
    >= 1.
    """

    kind: Literal["hyperexponential"] = "hyperexponential"
    mean_ms: Positive
    scv: Annotated[float, Field(ge=1, le=1e6)]

    def mean(self) -> float:
        return self.mean_ms

    def inverse_ms(self, uniforms: Floats) -> Floats:
        p = (1 + math.sqrt((self.scv - 1) / (self.scv + 1))) / 2
        quick, slow = 2 * p / self.mean_ms, 2 * (1 - p) / self.mean_ms
        longer = 1 - uniforms
        # below the root, where Newton's steps towards it never overshoot, as the function is convex
        t = np.maximum(-np.log(longer) / quick, np.log((1 - p) / longer) / slow)
        for _ in range(100):
            quick_part, slow_part = p * np.exp(-quick * t), (1 - p) * np.exp(-slow * t)
            step = (quick_part + slow_part - longer) / (quick * quick_part + slow * slow_part)
            go_on = step > 1e-14 * t  # each by itself, so that a draw does not depend on those beside it
            if not go_on.any():
                break
            t = np.where(go_on, t + step, t)
        return np.asarray(t, dtype=np.float64)


class Quantiles(Spec):
    """Measured percentiles, joined by straight lines: `points` are (share, milliseconds), from 0.0 to 1.0."""

    kind: Literal["quantiles"] = "quantiles"
    points: Annotated[tuple[tuple[float, float], ...], Field(min_length=2, max_length=200)]

    @model_validator(mode="after")
    def _points_rise(self) -> Self:
        shares, values = self._columns()
        if shares[0] != 0 or shares[-1] != 1:
            raise ValueError(f"points run from {shares[0]} to {shares[-1]}, but must start at 0.0 and end at 1.0")
        if (np.diff(shares) <= 0).any() or (np.diff(values) < 0).any() or values[0] < 0:
            raise ValueError("points must rise in both columns, and no duration may be negative")
        return self

    def _columns(self) -> tuple[Floats, Floats]:
        table = np.asarray(self.points, dtype=np.float64)
        return table[:, 0], table[:, 1]

    def mean(self) -> float:
        shares, values = self._columns()
        return float(np.trapezoid(values, shares))

    def inverse_ms(self, uniforms: Floats) -> Floats:
        shares, values = self._columns()
        return np.interp(uniforms, shares, values)


Distribution = Annotated[
    Constant | Exponential | Lognormal | Gamma | Hyperexponential | Quantiles,
    Field(discriminator="kind"),
]
