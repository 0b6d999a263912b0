"""Entries of the catalog on what queues are part of: fan-out, caches, failures, retries, backlogs, training, tokens."""

from simulator.theory import arithmetic, caching, fanout, fluid, reliability, retries, training
from simulator.theory.entry import (
    PERCENTILES,
    SERVICE,
    Parameter,
    Quantities,
    Theory,
    milliseconds,
    rate,
    rho,
    share,
    whole,
)


def _percentile_sum(stages: int, median_ms: float, p99_ms: float) -> Quantities:
    medians, p99s = [median_ms] * stages, [p99_ms] * stages
    for name, at in PERCENTILES.items():
        yield name, fanout.lognormal_sum_percentile(medians, p99s, at), "ms"
    yield "sum_of_p99s_which_is_wrong", stages * p99_ms, "ms"


def _merged(slow_share: float, fast_ms: float, slow_ms: float) -> Quantities:
    shares, means = (1 - slow_share, slow_share), (fast_ms, slow_ms)
    for name, at in PERCENTILES.items():
        yield name, fanout.exponential_mixture_percentile(shares, means, at), "ms"
    fast, slow = (fanout.exponential_maximum_percentile(1, mean, 0.99) for mean in means)
    yield "average_of_p99s_which_is_wrong", (1 - slow_share) * fast + slow_share * slow, "ms"


def _fanout(leaves: int, slow_share: float, leaf_ms: float) -> Quantities:
    yield "slow_at_the_root", fanout.any_slow(slow_share, leaves), "share"
    yield "leaf_share_needed_for_p99", fanout.leaf_share_needed(0.99, leaves), "share"
    yield "mean_of_slowest", fanout.exponential_maximum_mean(leaves, leaf_ms), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_of_slowest", fanout.exponential_maximum_percentile(leaves, leaf_ms, at), "ms"


def _fork_join(rho: float, service_ms: float, branches: int) -> Quantities:
    given = (rho / service_ms, service_ms, branches)
    yield "mean_sojourn" if branches <= 2 else "mean_sojourn_approximately", fanout.fork_join_mean_sojourn(*given), "ms"
    yield "mean_sojourn_at_most", fanout.fork_join_upper_bound(*given), "ms"


def _lru(keys: int, zipf_exponent: float, capacity: int) -> Quantities:
    popularity = caching.zipf_popularity(keys, zipf_exponent)
    yield "hit_ratio", caching.che_hit_ratio(popularity, capacity), "share"
    yield "hit_ratio_of_the_best_policy", caching.perfect_hit_ratio(popularity, capacity), "share"
    yield "characteristic_time", caching.che_characteristic_time(popularity, capacity), "requests"


def _ttl(keys: int, zipf_exponent: float, requests_per_s: float, time_to_live_s: float) -> Quantities:
    popularity = caching.zipf_popularity(keys, zipf_exponent)
    yield "hit_ratio", caching.ttl_hit_ratio(popularity, requests_per_s, time_to_live_s), "share"
    renewed = caching.ttl_hit_ratio(popularity, requests_per_s, time_to_live_s, renewed=True)
    yield "hit_ratio_if_renewed_at_use", renewed, "share"


def _retries(failing_share: float, attempts: int, layers: int, budget: float) -> Quantities:
    yield "mean_attempts", retries.expected_attempts(failing_share, attempts), "attempts"
    yield "success", retries.success_after_attempts(failing_share, attempts), "share"
    yield "calls_below_all_layers", retries.nested_attempts(failing_share, attempts, layers), "calls"
    yield "worst_calls_below_all_layers", retries.nested_attempts(1.0, attempts, layers), "calls"
    yield "mean_attempts_with_budget", retries.budgeted_attempts(failing_share, attempts, budget), "attempts"


def _timeouts(load: float, service_ms: float, timeout_ms: float) -> Quantities:
    per_ms = load / service_ms
    yield "lost_if_cancelled_in_queue", retries.queue_timeout_share(per_ms, service_ms, timeout_ms), "share"
    yield "lost_if_not_cancelled", 1 - retries.uncancelled_goodput_share(per_ms, service_ms, timeout_ms), "share"


def _retry_storm(
    requests_per_s: float, capacity_per_s: float, attempts: int, timeout_s: float, outage_s: float
) -> Quantities:
    yield "vulnerable_from", retries.retry_storm_threshold(capacity_per_s, attempts), "per s"
    recovery = retries.retry_storm_recovery(requests_per_s, capacity_per_s, attempts, timeout_s, outage_s)
    yield "recovery_after_outage", recovery, "s"
    yield "attempts_while_it_lasts", requests_per_s * attempts, "per s"


def _k_of_n(k: int, n: int, time_to_failure_h: float, time_to_repair_h: float) -> Quantities:
    part = reliability.availability(time_to_failure_h, time_to_repair_h)
    yield "availability_of_one", part, "share"
    yield "availability_of_k_of_n", reliability.k_of_n_availability(k, n, part), "share"
    yield "availability_of_all", reliability.series_availability([part] * n), "share"


def _breakdowns(rho: float, service_ms: float, time_to_failure_ms: float, time_to_repair_ms: float) -> Quantities:
    server = reliability.BreakdownServer(rho / service_ms, service_ms, time_to_failure_ms, time_to_repair_ms)
    yield "availability", reliability.availability(time_to_failure_ms, time_to_repair_ms), "share"
    yield "mean_sojourn", server.mean_sojourn(), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_sojourn", server.sojourn_percentile(at), "ms"


def _little(throughput_per_s: float, mean_ms: float) -> Quantities:
    yield "mean_in_system", arithmetic.littles_law_number(throughput_per_s, mean_ms / 1000), "requests"


def _scaling(workers: int, serial_share: float, coherence: float) -> Quantities:
    yield "amdahl_speedup", arithmetic.amdahl_speedup(workers, serial_share), ""
    yield "amdahl_limit", arithmetic.amdahl_limit(serial_share), ""
    yield "usl_speedup", arithmetic.usl_speedup(workers, serial_share, coherence), ""
    yield "usl_peak_workers", arithmetic.usl_peak_workers(serial_share, coherence), "workers"


def _checkpoints(checkpoint_cost_min: float, restart_cost_min: float, time_between_failures_h: float) -> Quantities:
    between_min = time_between_failures_h * 60
    young = training.young_interval(checkpoint_cost_min, between_min)
    daly = training.daly_interval(checkpoint_cost_min, between_min)
    yield "young_interval", young, "min"
    yield "daly_interval", daly, "min"
    for name, interval in {"young": young, "daly": daly}.items():
        useful = training.checkpoint_efficiency(interval, checkpoint_cost_min, restart_cost_min, between_min)
        yield f"efficiency_at_{name}_interval", useful, "share"


def _backlog(usual_per_s: float, burst_per_s: float, burst_s: float, capacity_per_s: float) -> Quantities:
    backlog = fluid.burst_backlog(usual_per_s, burst_per_s, burst_s, capacity_per_s)
    yield "peak_backlog", backlog.peak, "messages"
    yield "drain_time_after_burst", backlog.drain_time, "s"
    yield "longest_wait", backlog.longest_wait, "s"


def _scale_out(requests_per_s: float, before_per_s: float, after_per_s: float, delay_s: float) -> Quantities:
    backlog = fluid.scale_out_backlog(requests_per_s, before_per_s, after_per_s, delay_s)
    yield "peak_backlog", backlog.peak, "requests"
    yield "drain_time_after_scale_out", backlog.drain_time, "s"
    yield "longest_wait", backlog.longest_wait, "s"


def _seconds(name: str, meaning: str, default: float) -> Parameter:
    return Parameter(name, "s", meaning, default, 1e-9, 1e9)


def _hours(name: str, meaning: str, default: float) -> Parameter:
    return Parameter(name, "h", meaning, default, 1e-6, 1e9)


def _per_s(name: str, meaning: str, default: float) -> Parameter:
    return rate(name, "per s", meaning, default)


_KEYS = (
    whole("keys", "how many there are", 100_000, 1_000_000, least=2),
    Parameter("zipf_exponent", "", "popularity falls as 1 / rank^exponent", 1.0, 0.0, 5.0),
)
_FAILING = share("failing_share", "share of attempts that fail", 0.5)
_ATTEMPTS = whole("attempts", "most attempts, the first included", 3, 100)
_DEAN = "Dean and Barroso, The Tail at Scale, CACM 56, 2013; David and Nagaraja, Order Statistics, 2003"
_NEWELL = "Newell, Applications of Queueing Theory, 1982 (fluid limit)"
_TRIVEDI = "Trivedi, Probability and Statistics with Reliability, 2002"

SYSTEMS = (
    Theory(
        "percentile_sum",
        "Equal lognormal stages in a row, no queueing: percentiles do not add up",
        (
            whole("stages", "how many", 5, 50),
            milliseconds("median_ms", "median of a stage", 50.0),
            milliseconds("p99_ms", "99th percentile of a stage", 200.0),
        ),
        _percentile_sum,
        "convolution by FFT; see simulator/theory/fanout.py",
        "percentile_arithmetic",
    ),
    Theory(
        "percentile_merge",
        "Two exponential streams merged: percentiles do not average",
        (
            share("slow_share", "share of the slow stream", 0.1),
            milliseconds("fast_ms", "mean of the fast stream", 1.0),
            milliseconds("slow_ms", "mean of the slow stream", 10.0),
        ),
        _merged,
        "root of the mixed tail; see simulator/theory/fanout.py",
        "percentile_arithmetic",
    ),
    Theory(
        "fanout",
        "A root that waits for all its leaves, no queueing",
        (
            whole("leaves", "how many", 100, 1_000_000),
            share("slow_share", "share of slow answers of a leaf", 0.01),
            milliseconds("leaf_ms", "mean time of a leaf, exponential", 1.0),
        ),
        _fanout,
        _DEAN,
        "fanout_tail",
    ),
    Theory(
        "fork_join",
        "Each request goes to K M/M/1 queues and waits for all",
        (rho(), SERVICE, whole("branches", "K", 2, 10_000)),
        _fork_join,
        "Flatto and Hahn 1984 (K = 2); Nelson and Tantawi, IEEE TC 37, 1988",
        "fork_join",
    ),
    Theory(
        "lru",
        "LRU cache under Zipf popularity, Che's approximation",
        (*_KEYS, whole("capacity", "keys that fit", 1000, 1_000_000)),
        _lru,
        "Che, Tung and Wang, IEEE JSAC 20, 2002",
        "lru_che",
    ),
    Theory(
        "ttl_cache",
        "Cache without a limit of size, entries expire",
        (*_KEYS, _per_s("requests_per_s", "lookups", 1000.0), _seconds("time_to_live_s", "life of an entry", 60.0)),
        _ttl,
        "Jung, Berger and Balakrishnan, Infocom 2003",
        "ttl_cache",
    ),
    Theory(
        "retries",
        "Load that retries add",
        (
            _FAILING,
            _ATTEMPTS,
            whole("layers", "layers that each retry", 3, 10),
            Parameter("budget", "", "retries allowed per first attempt", 0.1, 0.0, 100.0),
        ),
        _retries,
        "Brooker, Timeouts, Retries and Backoff with Jitter, Amazon Builders' Library, 2019",
        "retry_amplification",
    ),
    Theory(
        "timeouts",
        "M/M/1 whose clients give up: work cancelled in the queue, or done for nobody",
        (
            Parameter("load", "", "work offered over capacity; may exceed 1 here", 0.95, 0.001, 100.0),
            SERVICE,
            milliseconds("timeout_ms", "patience in the queue, or for the answer if nothing is cancelled", 10.0),
        ),
        _timeouts,
        "Barrer, Operations Research 5, 1957; Kleinrock, Queueing Systems 1, 1975",
        "timeout_semantics",
    ),
    Theory(
        "retry_storm",
        "An outage, an unbounded queue and immediate retries: whether it ends",
        (
            _per_s("requests_per_s", "arrival rate, retries not counted", 140.0),
            _per_s("capacity_per_s", "answers of the healthy server", 300.0),
            whole("attempts", "most attempts, the first included", 2, 100),
            _seconds("timeout_s", "after which a client tries again", 1.0),
            _seconds("outage_s", "how long nothing is served", 10.0),
        ),
        _retry_storm,
        "Bronson, Aghayev, Charapko and Zhu, Metastable Failures, HotOS 2021 (fluid limit)",
        "metastable_retry",
    ),
    Theory(
        "k_of_n",
        "k of n independent replicas must work",
        (
            whole("k", "how many must work", 7, 1000),
            whole("n", "how many there are", 8, 1000),
            _hours("time_to_failure_h", "mean time that one works", 1000.0),
            _hours("time_to_repair_h", "mean time that it is down", 10.0),
        ),
        _k_of_n,
        _TRIVEDI,
        "k_of_n",
    ),
    Theory(
        "breakdowns",
        "M/M/1 whose server breaks down and resumes",
        (
            rho(0.99),
            SERVICE,
            milliseconds("time_to_failure_ms", "mean time that the server works", 2000.0),
            milliseconds("time_to_repair_ms", "mean time that it is down", 20.0),
        ),
        _breakdowns,
        "White and Christie, Operations Research 6, 1958; Neuts 1981",
        "replica_breakdowns",
    ),
    Theory(
        "littles_law",
        "N = X R",
        (
            Parameter("throughput_per_s", "per s", "answers", 3600.2, 0.0, 1e12),
            Parameter("mean_ms", "ms", "mean time in the system", 8.886, 0.0, 1e12),
        ),
        _little,
        "Little, Operations Research 9, 1961",
        "littles_law_published",
    ),
    Theory(
        "scaling",
        "Speed-up of parallel workers: Amdahl and the Universal Scalability Law",
        (
            whole("workers", "how many", 64, 1_000_000),
            share("serial_share", "share of the work that only one can do", 0.05),
            Parameter("coherence", "", "cost of agreement for each pair of workers", 0.001, 0.0, 1.0),
        ),
        _scaling,
        "Amdahl, AFIPS 30, 1967; Gunther, Guerrilla Capacity Planning, 2007",
        "amdahl_usl",
    ),
    Theory(
        "checkpoints",
        "How often a training job should save",
        (
            Parameter("checkpoint_cost_min", "min", "time to save", 5.0, 1e-6, 1e6),
            Parameter("restart_cost_min", "min", "time to come back after a failure", 5.0, 0.0, 1e6),
            _hours("time_between_failures_h", "mean time to the next failure", 3.0931),
        ),
        _checkpoints,
        "Young, CACM 17, 1974; Daly, Future Generation Computer Systems 22, 2006",
        "checkpoint_interval",
    ),
    Theory(
        "backlog",
        "A burst through a consumer of constant capacity",
        (
            _per_s("usual_per_s", "messages that come usually", 1000.0),
            _per_s("burst_per_s", "messages that come in the burst", 2000.0),
            _seconds("burst_s", "how long the burst lasts", 600.0),
            _per_s("capacity_per_s", "messages that can be consumed", 1500.0),
        ),
        _backlog,
        _NEWELL,
        "kafka_lag_fluid",
    ),
    Theory(
        "scale_out",
        "A step of load and capacity that comes late",
        (
            _per_s("requests_per_s", "arrival rate after the step", 1000.0),
            _per_s("before_per_s", "capacity until the new replicas serve", 500.0),
            _per_s("after_per_s", "capacity from then on", 1200.0),
            _seconds("delay_s", "from the step to the new capacity", 180.0),
        ),
        _scale_out,
        _NEWELL,
        "autoscale_delay",
    ),
)
