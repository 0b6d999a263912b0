"""Numbers of the fidelity cases that no theory here computes, and why: they rest on a reference simulation alone."""

_COUPLED = "the queues depend on each other's lengths, and a chain of all of them has too many states"
_STALE_LIMIT = f"{_COUPLED}; power_of_d gives the limit of many servers, which lies a little below"

_REASONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "ggc_allen_cunneen",
        "several servers with hyperexponential arrivals and lognormal service have no closed form",
        ("mean_wait",),
    ),
    (
        "batch_timeout_sweep",
        "with a batching delay the age of the oldest request belongs to the state, and no closed form is known",
        tuple(
            f"{point} {metric}"
            for point in ("lam=1.0,T=5", "lam=1.0,T=20", "lam=3.2,T=5")
            for metric in ("mean", "p50", "p99", "mean_batch", "util")
        ),
    ),
    (
        "power_of_d",
        _STALE_LIMIT,
        tuple(
            f"d=2,rho={rho} {metric}"
            for rho in (0.5, 0.7, 0.8, 0.9, 0.95)
            for metric in ("mean", "p99", "published_simulation_n100")
        ),
    ),
    ("lb_policies", _COUPLED, ("p2c mean", "p2c p99", "jsq mean", "jsq p99")),
    (
        "fork_join",
        "the branches share their arrivals, so that only means are known, exactly for two branches",
        ("K=2 p99", "K=10 mean", "K=10 p99"),
    ),
    (
        "backoff_jitter",
        "clients that collide and back off have no closed form",
        tuple(
            f"{policy} {metric}"
            for policy in ("none", "exponential", "equal_jitter", "full_jitter", "decorrelated")
            for metric in ("completion_ms", "write_calls")
        ),
    ),
    (
        "llm_continuous_batching",
        "percentiles depend on the distribution of lengths, and only exponential lengths have a small chain",
        ("fixed_lengths_fluid p99", "lognormal_scv4_fluid p99"),
    ),
    (
        "llm_continuous_batching",
        "a request that joins waits for the end of a step, which the processor-sharing limit leaves out",
        (
            "geometric_lengths_iteration_level mean",
            "geometric_lengths_iteration_level ttft_mean",
            "geometric_lengths_iteration_level mean_batch_per_step",
        ),
    ),
)

SIMULATED_ONLY: dict[tuple[str, str], str] = {
    (case, metric): reason for case, reason, metrics in _REASONS for metric in metrics
}
"""By case and metric (its path, joined by blanks), the reason."""
