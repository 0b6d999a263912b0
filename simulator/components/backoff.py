"""How long a caller pauses before it tries again."""

from simulator.design import Retries


def pause_s(retries: Retries, attempt: int, luck: float) -> float:
    """The pause in seconds before the `attempt`-th retry, counted from 1; `luck` is a draw in [0, 1).

    The longest is v = min(cap, base * 2**(attempt - 1)). Exponential pauses are v, full jitter is uniform in [0, v],
    equal jitter in [v/2, v]. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog 2015, whose first retry
    waits up to twice his base.
    """
    longest_s: float = min(retries.cap_ms, retries.base_ms * 2 ** (attempt - 1)) / 1000
    match retries.backoff:
        case "none":
            return 0.0
        case "exponential":
            return longest_s
        case "full_jitter":
            return longest_s * luck
        case "equal_jitter":
            return longest_s * (1 + luck) / 2


class Budget:
    """Tokens that allow retries: a retry takes one, each first try earns `ratio` of one, up to `burst`.

    All requests of a call share it, and it begins full.
    """

    def __init__(self, ratio: float, burst: float):
        self._ratio, self._burst, self._tokens = ratio, burst, burst

    def earn(self) -> None:
        """A first try is made."""
        self._tokens = min(self._burst, self._tokens + self._ratio)

    def take(self) -> bool:
        """Whether a retry may be made; it then costs a token."""
        if self._tokens < 1 - 1e-9:  # ten tenths are a token, also in binary fractions
            return False
        self._tokens -= 1
        return True
