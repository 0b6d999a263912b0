"""One small finished run with something in every figure: a batching device, a store, a fault, a promise and prices."""

from functools import cache

from simulator.design import Design
from simulator.design_file import design_from
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, exponential, model_server, service, slow, store


@cache
def design() -> Design:
    calls = [[{"to": "features"}], [{"to": "ranker", "timeout_ms": 400, "fallback": [{"answer_ms": 1.0}]}]]
    return a_design(
        {
            "web": service(0.001, concurrency=64, calls=calls, usd_per_replica_hour=0.5),
            "features": store() | {"read_time": exponential(0.005)},
            "ranker": model_server(8, 0.02, max_wait_s=0.005, usd_per_replica_hour=2.0),
        },
        200.0,
        arrivals={"kind": "poisson"},
        faults=[slow("ranker", 3.0, at_s=4.0, for_s=2.0)],
        promise={"p99_ms": 300, "in_time_share": 0.5},
    )


@cache
def summary() -> Summary:
    return summarize(replicate(design(), RunSettings(seed=1, replications=5, duration_s=10.0)))


@cache
def quiet_design() -> Design:
    return a_design({"web": service(0.001)}, 0.1)


@cache
def empty_summary() -> Summary:
    """A run so short that hardly anybody comes."""
    return summarize(replicate(quiet_design(), RunSettings(seed=1, replications=1, duration_s=5.0)))


@cache
def slower() -> Summary:
    """The same design without its fault, and with a batch that takes twice as long."""
    parts = design().model_dump(mode="json")
    parts["components"]["ranker"]["batch_time"]["fixed_ms"] = 40.0
    changed = design_from(parts | {"faults": []})
    return summarize(replicate(changed, RunSettings(seed=1, replications=5, duration_s=10.0)))
