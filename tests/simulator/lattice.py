"""Random designs in which everything happens at whole milliseconds, so that much happens at the same instant."""

from typing import Any

Data = dict[str, Any]
DISTRIBUTIONS = ("constant", "exponential", "gamma", "hyperexponential", "lognormal", "quantiles")
SECONDS = ("at_s", "for_s", "period_s", "start_delay_s", "cool_down_s", "scale_up_window_s", "open_s", "lag_s", "ttl_s")


def on_lattice(data: Any, key: str = "") -> Any:
    """The same design with constant times and evenly spaced arrivals, all of them whole milliseconds."""
    if isinstance(data, list | tuple):
        return [on_lattice(one) for one in data]
    if not isinstance(data, dict):
        return _rounded(data, key)
    if data.get("kind") in DISTRIBUTIONS:
        return {"kind": "constant", "value_ms": max(1, round(_typical_ms(data)))}
    found = {name: on_lattice(value, name) for name, value in data.items()}
    if "arrival_rate_per_s" in found:
        found["arrivals"] = {"kind": "evenly_spaced"}
        found.pop("profile", None)
    if "per_item_ms" in found:
        found.pop("scv", None)
    if "backoff" in found or "attempts" in found:
        found["backoff"] = "exponential"
    return found


def _typical_ms(data: Data) -> float:
    if data["kind"] == "quantiles":
        return float(data["points"][1][1])
    return float(next(data[name] for name in ("value_ms", "mean_ms", "median_ms") if name in data))


def _rounded(value: Any, key: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    if key.endswith("_ms"):
        return float(max(1, round(value)))
    if key in SECONDS:
        return max(0.01, round(value, 2))
    return value
