"""One replication on the compiled engine, as a Run."""

from collections.abc import Callable

from simulator.compiled.execute import After, Before, TooMuch, execute
from simulator.compiled.records import call_counts, component_records, ends, has_ages
from simulator.compiled.stages import simulate_stages
from simulator.design import Design
from simulator.draws import Draws
from simulator.garbage import rare_collections
from simulator.results.run import Run

__all__ = ["Before", "TooMuch", "simulate_compiled", "simulate_forward"]


def simulate_forward(
    design: Design, draws: Draws, duration_s: float, before: Before, progress: Callable[[float], None] | None
) -> Run:
    """Component by component or, where the order of events at one instant decides, event by event."""
    run = simulate_stages(design, draws, duration_s, before, progress)
    return run or simulate_compiled(design, draws, duration_s, before, progress)


def simulate_compiled(
    design: Design, draws: Draws, duration_s: float, before: Before, progress: Callable[[float], None] | None
) -> Run:
    """Every request seen to its end, as SimPy would see it."""
    with rare_collections():
        after = execute(design, draws, duration_s, before, progress)
        return _run(design, draws, duration_s, before, after)


def _run(design: Design, draws: Draws, duration_s: float, before: Before, after: After) -> Run:
    ended_s, ending, oldest_write_s = ends(after, draws.n)
    is_dated = any(has_ages(design, name) for name in design.components)
    return Run(
        seed=draws.seed,
        replication=draws.replication,
        duration_s=duration_s,
        arrived_s=before.arrived_s,
        ended_s=ended_s,
        ending=ending,
        class_index=before.class_index,
        items=before.items,
        components=component_records(design, after),
        calls=call_counts(after),
        key_rank=before.ranks,
        engine="compiled",
        oldest_write_s=oldest_write_s if is_dated else None,
    )
