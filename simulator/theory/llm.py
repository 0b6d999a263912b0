"""Continuous batching of token generation, and identities between its measures. Times are in any one unit.

With n requests running, a step takes `step_base` + `step_per_request` * n and gives each of them one token: processor
sharing whose speed depends on n. Prefill, memory limits and waiting for the next step are left out.
"""

import math

import numpy as np
from numpy.typing import NDArray

from simulator.theory.numerics import Floats, erlang_mixture_tail, percentile
from simulator.theory.refusals import require_not_negative, require_percentile, require_positive, require_stable

_NEGLIGIBLE = 1e-14
MOST_RUNNING = 2000  # on average, for distributions


class ContinuousBatching:
    """Poisson requests for a mean of `mean_tokens` tokens; means and the number running are insensitive to the rest.

    Cohen, Acta Informatica 12, 1979.
    """

    def __init__(self, arrival_rate: float, mean_tokens: float, step_base: float, step_per_request: float):
        require_positive(arrival_rate=arrival_rate, mean_tokens=mean_tokens)
        require_not_negative(step_base=step_base, step_per_request=step_per_request)
        require_positive(step_time=step_base + step_per_request)
        require_stable(arrival_rate * mean_tokens * step_per_request)
        self._rate, self._tokens, self._base, self._per_request = arrival_rate, mean_tokens, step_base, step_per_request

    def mean_sojourn(self) -> float:
        """tokens (c0 + c1) / (1 - rate tokens c1)."""
        return self._tokens * self.time_per_token()

    def time_per_token(self) -> float:
        saturated = self._rate * self._tokens * self._per_request
        return (self._base + self._per_request) / (1 - saturated)

    def mean_running(self) -> float:
        return self._rate * self.mean_sojourn()

    def running(self) -> Floats:
        """P(0 running), P(1), ...: proportional to the product of rate * tokens * step time(i) / i."""
        if self.mean_running() > MOST_RUNNING:
            raise ValueError(
                f"{self.mean_running():,.0f} requests would run on average, and {MOST_RUNNING:,} is the most for which "
                "a distribution is computed; take fewer arrivals, shorter answers or faster steps"
            )
        size = int(2 * self.mean_running()) + 64
        while True:
            present = np.arange(1, size)
            ratios = self._rate * self._tokens * (self._base / present + self._per_request)
            logs = np.concatenate(([0.0], np.cumsum(np.log(ratios))))
            weights = np.exp(logs - logs.max())
            if weights[-1] < _NEGLIGIBLE * (1 - ratios[-1]):
                shares: Floats = weights / weights.sum()
                return shares
            size *= 2

    def exponential_sojourn_percentile(self, share: float) -> float:
        """The time to the last token at a share when the number of tokens is exponential.

        A tagged request in a birth-death process, by uniformization; unlike the mean, it depends on the distribution.
        """
        require_percentile(share)
        others = self.running()
        count = np.arange(len(others))
        finish = 1 / (self._tokens * (self._base + self._per_request * (count + 1)))  # of each one running
        events = self._rate + float((finish * (count + 1)).max())
        up, down, own = self._rate / events, count * finish / events, finish / events
        surviving, chances = np.ones(len(others)), [1.0]
        while chances[-1] > (1 - share) * 1e-6:
            more = np.append(surviving[1:], surviving[-1])
            fewer = np.append(surviving[:1], surviving[:-1])
            surviving = up * more + down * fewer + (1 - up - down - own) * surviving
            chances.append(float(others @ surviving))
        known = np.array(chances)

        def after(number: NDArray[np.int64]) -> Floats:
            return known[np.minimum(number, len(known) - 1)]

        return percentile(lambda t: erlang_mixture_tail(after, events, t), share, 1 / events)


def end_to_end_time(first_token_time: float, time_per_token: float, tokens: float) -> float:
    """From arrival to the last token, TTFT + (tokens - 1) TPOT. MLCommons Inference, definitions of its metrics."""
    require_not_negative(first_token_time=first_token_time, time_per_token=time_per_token)
    if not 1 <= tokens < math.inf:
        raise ValueError(f"tokens is {tokens!r}, but an answer has at least 1")
    return first_token_time + (tokens - 1) * time_per_token


def running_requests(tokens_per_time: float, time_per_token: float) -> float:
    """How many requests are decoding: Little's law on tokens. Little, Operations Research 9, 1961."""
    require_not_negative(tokens_per_time=tokens_per_time, time_per_token=time_per_token)
    return tokens_per_time * time_per_token
