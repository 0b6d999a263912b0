"""What no formula can answer, refused in a sentence: negative values, shares outside 0-1, load at or above capacity."""

import math


def require_positive(**values: float) -> None:
    """Raise ValueError for the first value that is not a finite number above 0."""
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value!r}, but must be a finite number above 0")


def require_not_negative(**values: float) -> None:
    """Raise ValueError for the first value that is not a finite number of at least 0."""
    for name, value in values.items():
        if not 0 <= value < math.inf:
            raise ValueError(f"{name} is {value!r}, but must be a finite number of at least 0")


def require_probability(**values: float) -> None:
    """Raise ValueError for the first value outside 0 to 1."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value!r}, but must be between 0 and 1")


def require_percentile(share: float) -> None:
    """Raise ValueError if the share is not above 0 and below 1; the 99th percentile is 0.99."""
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}, but must be above 0 and below 1; the 99th percentile is 0.99")


def require_whole(at_least: int = 1, **values: int) -> None:
    """Raise ValueError for the first value that is not a whole number of `at_least` or more."""
    for name, value in values.items():
        if not math.isfinite(value) or value != int(value) or value < at_least:
            raise ValueError(f"{name} is {value!r}, but must be a whole number of at least {at_least}")


def require_stable(rho: float) -> None:
    """Raise ValueError if the load `rho`, work offered over capacity, leaves no steady state."""
    if not rho < 1:
        raise ValueError(
            f"the load rho is {rho:.4g}, so the queue grows for ever; bring it below 1 with fewer arrivals, "
            "faster service or more servers"
        )
