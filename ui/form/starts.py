"""What a new part of a design begins with, so that it fits what is there."""

import json
from math import exp
from typing import Any

from pydantic import TypeAdapter

from simulator import wiring
from simulator.design import Autoscaling, CutLink, Design, FanOut, RequestClass, Route
from simulator.distributions import Z99, Distribution
from simulator.spec import Spec
from ui.form.editing import Editing
from ui.form.words import start

BY_MEAN = "lognormal by mean"
_TIMES = ("Constant", "Exponential", "Lognormal", "Gamma", "Hyperexponential", "Quantiles")


def options_of(models: tuple[type[Spec], ...]) -> dict[str, type[Spec]]:
    """The kinds to choose from; a lognormal can be said in two ways."""
    found: dict[str, type[Spec]] = {}
    for model in models:
        kind = model.model_fields["kind"].default
        found[kind] = model
        if kind == "lognormal":
            found[BY_MEAN] = model
    return found


def option_of(data: dict[str, Any]) -> str:
    """Which of the kinds to choose from this is."""
    return BY_MEAN if data["kind"] == "lognormal" and data["mean_ms"] is not None else str(data["kind"])


def start_of(model: type[Spec], editing: Editing, path: str, option: str = "") -> dict[str, Any]:
    """The data of a new part at `path`, with every default of the vocabulary written out."""
    if model.__name__ in _TIMES:
        given = _same_mean(option, editing.at(path))
    else:
        given = start(model) | _fitting(model, editing, path)
    kind = {"kind": model.model_fields["kind"].default} if "kind" in model.model_fields else {}
    return model.model_validate_json(json.dumps(kind | given)).model_dump(mode="json")


def _same_mean(option: str, before: Any) -> dict[str, Any]:
    """Another distribution with the mean of the one before."""
    mean = TypeAdapter(Distribution).validate_python(_tuples(before)).mean() if before else 5.0
    mean = float(f"{max(mean, 0.001):.4g}")
    sigma = 0.6  # p99 at four times the median
    median = float(f"{mean * exp(-(sigma**2) / 2):.4g}")
    return {
        "constant": {"value_ms": mean},
        "exponential": {"mean_ms": mean},
        "lognormal": {"median_ms": median, "p99_ms": float(f"{median * exp(Z99 * sigma):.4g}")},
        BY_MEAN: {"mean_ms": mean, "scv": 1.0},
        "gamma": {"mean_ms": mean, "scv": 0.5},
        "hyperexponential": {"mean_ms": mean, "scv": 4.0},
        "quantiles": {"points": [[0.0, 0.0], [0.5, mean], [1.0, 2 * mean]]},
    }[option]


def _tuples(before: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(map(tuple, value)) if key == "points" else value for key, value in before.items()}


def _fitting(model: type[Spec], editing: Editing, path: str) -> dict[str, Any]:
    """What depends on the rest of the design: names that exist, and sizes of the part that it belongs to."""
    design = editing.design
    own = path.split(".")[1] if path.startswith("components.") else ""
    fitting: dict[str, Any] = {}
    if model is Autoscaling:
        replicas = editing.at(f"components.{own}.replicas") or 1
        fitting = {"minimum": replicas, "maximum": 4 * replicas}
    elif model is FanOut and design.components[editing.at(path.rpartition(".")[0])["to"]].kind != "store":
        fitting = {"copies": 2, "need": 1}
    elif model is Route:
        fitting = {"to": _below(design, own)}
    elif model is RequestClass:
        taken = {one.name for one in design.traffic.classes}
        fitting = {"name": next(name for name in (f"class_{n}" for n in range(2, 30)) if name not in taken)}
    elif model is CutLink:
        fitting = _a_link(design)
    elif "component" in model.model_fields:
        fitting = {"component": _first(design, model.__name__) or design.traffic.entry}
    return fitting


def _below(design: Design, own: str) -> str:
    """A component that can be sent requests without a circle: the last of those that one sends none to, if any."""
    apart = wiring.balanced(design)
    order = wiring.downstream_first(design)
    free = [name for name in order[: order.index(own)] if name not in apart]
    return free[-1] if free else next(name for name in design.components if name != own)


_STRIKES = {
    "FlushCache": ("cache",),
    "DelayFeatures": ("store",),
    "BadCanary": ("router",),
    "Replay": ("stream",),
    "KillReplicas": ("model_server", "llm_server", "service", "stream"),
    "Breakdowns": ("model_server", "llm_server", "service", "stream"),
}


def _first(design: Design, fault: str) -> str | None:
    """The first component that a fault can strike."""
    kinds = _STRIKES.get(fault)
    return next((name for name, part in design.components.items() if kinds is None or part.kind in kinds), None)


def _a_link(design: Design) -> dict[str, str]:
    for name, part in design.components.items():
        for other in wiring.downstream(part):
            return {"caller": name, "component": other}
    return {"caller": design.traffic.entry, "component": design.traffic.entry}
