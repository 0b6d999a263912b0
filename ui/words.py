"""Words and numbers for the screen."""

from simulator.results.estimates import Estimate

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()<>#+-.!|$~:"})

KIND_NAMES = {
    "service": "Service",
    "cache": "Cache",
    "store": "Store",
    "model_server": "Model server",
    "load_balancer": "Load balancer",
    "llm_server": "LLM server",
    "stream": "Stream",
    "router": "Router",
}


def plain(text: str) -> str:
    """A person's text for Markdown, with nothing in it interpreted: no links, images, formulas or colors."""
    return text.translate(_SPECIAL)


def capitalized(text: str) -> str:
    """The text with a capital at its beginning and the rest as it is."""
    return text[:1].upper() + text[1:]


def milliseconds(value: float | None) -> str:
    """A duration a person can read, such as `18.2 ms` or `1.97 s`."""
    if value is None:
        return "too few"
    if value >= 10_000:
        return f"{value / 1000:,.1f} s"
    if value >= 1000:
        return f"{value / 1000:,.2f} s"
    return f"{value:,.1f} ms"


def share(value: float | None) -> str:
    """A share as percent, with the digits that matter near 100%."""
    if value is None:
        return "unknown"
    percent = value * 100
    if 99 < percent < 100:
        return f"{min(percent, 99.99):.2f}%"
    return f"{percent:.3g}%" if percent < 10 else f"{percent:.0f}%"


def dollars(value: float) -> str:
    """An amount of money, such as `255,500 USD`."""
    if value == 0 or value >= 100:
        return f"{value:,.0f} USD"
    return f"{value:,.2f} USD" if value >= 1 else f"{value:.2g} USD"


def short_dollars(value: float) -> str:
    """An amount for a tight place, such as `256k USD`."""
    if value >= 9_999_500:
        return f"{value / 1e6:,.1f}M USD"
    return f"{value / 1000:,.0f}k USD" if value >= 10_000 else dollars(value)


def interval(estimate: Estimate | None, unit: str = "ms") -> str:
    """The interval of an estimate in words, or nothing where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.low:,.1f} to {estimate.high:,.1f} {unit} in 95% of such runs"


def many(number: int, noun: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
