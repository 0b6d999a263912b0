"""Run a design: requests arrive until the horizon, then the system drains until the last of them has ended."""

from collections.abc import Callable

from simulator import support
from simulator.arrivals import arrivals_with_further
from simulator.class_spikes import class_spikes
from simulator.closed_loop import in_order_of_sending, with_enough_draws
from simulator.design import ClosedLoop, Design
from simulator.draws import Draws
from simulator.engine import Choice, Wanted, choose
from simulator.offered import Offered, offered
from simulator.results.run import Run
from simulator.simpy_run import simulate_simpy

Progress = Callable[[float], None]


def simulate(
    design: Design,
    *,
    seed: int,
    replication: int = 0,
    duration_s: float,
    progress: Progress | None = None,
    engine: Wanted | None = None,
) -> Run:
    """One replication: requests arrive in [0, duration_s), and every one of them is seen to its end.

    The same design, seed, replication and duration give the same run, whatever the engine. `progress` is called with
    the share of arrivals so far and may raise to stop the run. Raise DoesNotRunYet for what no engine runs yet, and
    TooLong if the users of a closed loop ask too often.
    """
    support.check(design)
    chosen = choose(design, engine)
    loop = design.traffic.arrivals
    if isinstance(loop, ClosedLoop):

        def with_draws(n: int) -> Run:
            draws = Draws(seed, replication, n)
            return _simulate(design, draws, duration_s, offered(design, draws), progress, chosen)

        return with_enough_draws(design, loop, duration_s, with_draws)
    arrived_s, further = arrivals_with_further(design, duration_s, seed, replication)
    draws = Draws(seed, replication, len(arrived_s), len(further))
    if not class_spikes(design):
        return _simulate(design, draws, duration_s, offered(design, draws, arrived_s), progress, chosen)
    requests = offered(design, draws, arrived_s, further)
    return in_order_of_sending(_simulate(design, draws, duration_s, requests, progress, chosen))


def _simulate(
    design: Design,
    draws: Draws,
    duration_s: float,
    requests: Offered,
    progress: Progress | None,
    chosen: Choice,
) -> Run:
    """One replication on the chosen engine, or on SimPy if it needs more memory than a compiled one takes."""
    if chosen.engine == "simpy" or requests.arrived_s is None:
        return simulate_simpy(design, draws, duration_s, requests, progress, chosen.why)
    from simulator.compiled import simulate as compiled  # noqa: PLC0415  # it imports numba

    before = compiled.Before(requests.arrived_s, requests.class_index, requests.items, requests.prompts, requests.ranks)
    run = compiled.simulate_compiled if chosen.engine == "compiled" else compiled.simulate_forward
    try:
        return run(design, draws, duration_s, before, progress)
    except compiled.TooMuch as reason:
        why = str(reason)
    return simulate_simpy(design, draws, duration_s, requests, progress, why)
