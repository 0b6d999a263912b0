"""What labs calculate: models of plain numbers, and sweeps of the simulator, with one kind of outcome."""

import inspect
from collections.abc import Callable

from question_bank.lab_models.canary import canary_detection
from question_bank.lab_models.checkpoints import checkpoint_interval
from question_bank.lab_models.drifting import drift
from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series
from question_bank.lab_models.privacy import privacy_budget
from question_bank.lab_models.replicas import availability_k_of_n
from question_bank.lab_models.simulated import Point, Run, Stage, design_at, simulate_point, simulated_outcome
from question_bank.lab_models.thresholds import thresholds_by_cost
from question_bank.labs import Lab, Numbers, Settings

__all__ = ["MODELS", "Chart", "Figure", "Mark", "Outcome", "Point", "Series", "design_at", "parameters", "run_lab",
           "simulate_point"]  # fmt: skip

MODELS: dict[str, Callable[..., Outcome]] = {
    "availability_k_of_n": availability_k_of_n,
    "canary_detection": canary_detection,
    "checkpoint_interval": checkpoint_interval,
    "drift": drift,
    "privacy_budget": privacy_budget,
    "thresholds_by_cost": thresholds_by_cost,
}


def parameters(model: str) -> list[str]:
    """The knobs that a model of plain numbers takes."""
    return list(inspect.signature(MODELS[model]).parameters)


def run_lab(
    lab: Lab,
    settings: Settings,
    simulate: Run = simulate_point,
    stage: Stage | None = None,
    *,
    only_here: bool = False,
) -> Outcome:
    """What the lab shows at a setting of all its knobs; with `only_here` perhaps without the charts."""
    if isinstance(lab.source, Numbers):
        return MODELS[lab.source.name](**settings)
    return simulated_outcome(lab, settings, simulate, stage, only_here=only_here)
