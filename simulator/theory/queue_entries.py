"""Entries of the catalog on queues: one server, pools and balanced servers."""

from simulator.theory import balancing, pools, queues
from simulator.theory.entry import (
    PERCENTILES,
    SERVICE,
    Parameter,
    Quantities,
    Theory,
    milliseconds,
    rate,
    rho,
    scv,
    whole,
)

_GROSS = "Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory, 5th ed., 2018"
_SERVERS = whole("servers", "identical servers behind one queue", 10, 100_000)


def _mm1(rho: float, service_ms: float) -> Quantities:
    per_ms = rho / service_ms
    yield "mean_sojourn", queues.mm1_mean_sojourn(per_ms, service_ms), "ms"
    for name, at in {**PERCENTILES, "p999": 0.999}.items():
        yield f"{name}_sojourn", queues.mm1_sojourn_percentile(per_ms, service_ms, at), "ms"
    yield "mean_wait", queues.mm1_mean_wait(per_ms, service_ms), "ms"
    yield "p99_wait", queues.mm1_wait_percentile(per_ms, service_ms, 0.99), "ms"
    yield "utilization", queues.utilization(per_ms, service_ms), "share"
    yield "mean_in_system", rho / (1 - rho), "requests"


def _warm_up(rho: float, service_ms: float, requests: int) -> Quantities:
    mean = queues.mm1_mean_wait_from_empty(rho / service_ms, service_ms, requests)
    steady = queues.mm1_mean_wait(rho / service_ms, service_ms)
    yield "mean_wait_of_first_requests", mean, "ms"
    yield "mean_wait", steady, "ms"
    yield "share_missed", 1 - mean / steady, "share"


def _mmc(rho: float, service_ms: float, servers: int) -> Quantities:
    per_ms = rho * servers / service_ms
    yield "waiting_share", pools.erlang_c(rho * servers, servers), "share"
    yield "mean_wait", pools.mmc_mean_wait(per_ms, service_ms, servers), "ms"
    yield "mean_sojourn", pools.mmc_mean_sojourn(per_ms, service_ms, servers), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_sojourn", pools.mmc_sojourn_percentile(per_ms, service_ms, servers, at), "ms"
    yield "p99_wait", pools.mmc_wait_percentile(per_ms, service_ms, servers, 0.99), "ms"
    yield "utilization", queues.utilization(per_ms, service_ms, servers), "share"


def _bounded_pool(rho: float, service_ms: float, servers: int, waiting_places: int) -> Quantities:
    pool = pools.BoundedPool(rho * servers / service_ms, service_ms, servers, servers + waiting_places)
    yield "refused_share", pool.refused_share(), "share"
    yield "mean_sojourn_of_accepted", pool.mean_sojourn(), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_sojourn_of_accepted", pool.sojourn_percentile(at), "ms"
    yield "utilization", pool.utilization(), "share"


def _loss(rho: float, servers: int) -> Quantities:
    refused = pools.erlang_b(rho * servers, servers)
    yield "refused_share", refused, "share"
    yield "utilization", rho * (1 - refused), "share"


def _constant_service(rho: float, service_ms: float, servers: int) -> Quantities:
    pool = pools.DeterministicPool(rho * servers / service_ms, service_ms, servers)
    yield "waiting_share", pool.waiting_share(), "share"
    yield "mean_wait", pool.mean_wait(), "ms"
    yield "p99_wait", pool.wait_percentile(0.99), "ms"
    yield "mean_sojourn", pool.mean_wait() + service_ms, "ms"


def _lognormal_service(rho: float, service_ms: float, service_scv: float) -> Quantities:
    mean_wait = queues.pollaczek_khinchine_wait(rho / service_ms, service_ms, service_scv)
    yield "waiting_share", queues.utilization(rho / service_ms, service_ms), "share"
    yield "mean_wait", mean_wait, "ms"
    yield "mean_sojourn", mean_wait + service_ms, "ms"
    for name, at in PERCENTILES.items():
        wait = queues.mg1_lognormal_wait_percentile(rho / service_ms, service_ms, service_scv, at)
        yield f"{name}_wait", wait, "ms"


def _variable(rho: float, service_ms: float, arrival_scv: float, service_scv: float) -> Quantities:
    given = (rho / service_ms, service_ms, arrival_scv, service_scv)
    yield "mean_wait_approximately", queues.kingman_wait(*given), "ms"
    yield "mean_wait_at_most", queues.kingman_upper_bound(*given), "ms"


def _variable_pool(rho: float, service_ms: float, servers: int, arrival_scv: float, service_scv: float) -> Quantities:
    wait = pools.allen_cunneen_wait(rho * servers / service_ms, service_ms, servers, arrival_scv, service_scv)
    yield "mean_wait_approximately", wait, "ms"
    yield "mean_sojourn_approximately", wait + service_ms, "ms"


def _erlang_service(rho: float, service_ms: float, arrival_scv: float, stages: int) -> Quantities:
    wait = queues.hyperexponential_erlang_wait(rho / service_ms, service_ms, arrival_scv, stages)
    yield "mean_wait", wait, "ms"
    yield "mean_sojourn", wait + service_ms, "ms"


def _tandem(requests_per_s: float, service_1_ms: float, service_2_ms: float, service_3_ms: float) -> Quantities:
    stations, per_ms = (service_1_ms, service_2_ms, service_3_ms), requests_per_s / 1000
    yield "mean_sojourn", queues.tandem_mean_sojourn(per_ms, stations), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_sojourn", queues.tandem_sojourn_percentile(per_ms, stations, at), "ms"
    p99s = [queues.mm1_sojourn_percentile(per_ms, station, 0.99) for station in stations]
    yield "sum_of_p99s_which_is_wrong", sum(p99s), "ms"


def _priorities(rho: float, service_ms: float, service_scv: float, important_share: float) -> Quantities:
    per_ms = rho / service_ms
    important, other = queues.cobham_wait(
        [per_ms * important_share, per_ms * (1 - important_share)], [service_ms] * 2, [service_scv] * 2
    )
    yield "mean_wait_of_important", important, "ms"
    yield "mean_wait_of_others", other, "ms"
    yield "mean_wait_without_priorities", queues.pollaczek_khinchine_wait(per_ms, service_ms, service_scv), "ms"


def _processor_sharing(rho: float, service_ms: float, service_scv: float) -> Quantities:
    per_ms = rho / service_ms
    sharing = queues.processor_sharing_sojourn(per_ms, service_ms)
    yield "mean_sojourn", sharing, "ms"
    yield "slowdown", sharing / service_ms, ""
    in_turn = queues.pollaczek_khinchine_wait(per_ms, service_ms, service_scv) + service_ms
    yield "mean_sojourn_first_come_first_served", in_turn, "ms"


def _closed_loop(clients: int, think_ms: float, service_ms: float, servers: int) -> Quantities:
    source = pools.FiniteSource(clients, think_ms, service_ms, servers)
    yield "throughput", source.throughput() * 1000, "per s"
    yield "mean_response", source.mean_response(), "ms"
    yield "utilization", source.utilization(), "share"


def _repair_crew(
    machines: int, needed: int, time_to_failure_h: float, time_to_repair_h: float, crews: int
) -> Quantities:
    source = pools.FiniteSource(machines, time_to_failure_h, time_to_repair_h, crews)
    yield "enough_are_up", source.at_least_up(needed), "share"
    yield "mean_down", source.mean_present(), "machines"


def _power_of_d(rho: float, service_ms: float, choices: int) -> Quantities:
    yield "mean_sojourn", balancing.power_of_d_mean_sojourn(rho, service_ms, choices), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_sojourn", balancing.power_of_d_sojourn_percentile(rho, service_ms, choices, at), "ms"


def _balancers(rho: float, service_ms: float, servers: int) -> Quantities:
    per_ms, one_per_ms = rho * servers / service_ms, rho / service_ms
    yield "random_mean_sojourn", queues.mm1_mean_sojourn(one_per_ms, service_ms), "ms"
    yield "random_p99_sojourn", queues.mm1_sojourn_percentile(one_per_ms, service_ms, 0.99), "ms"
    yield "round_robin_mean_sojourn", balancing.round_robin_mean_sojourn(per_ms, service_ms, servers), "ms"
    p99 = balancing.round_robin_sojourn_percentile(per_ms, service_ms, servers, 0.99)
    yield "round_robin_p99_sojourn", p99, "ms"
    yield "central_queue_mean_sojourn", pools.mmc_mean_sojourn(per_ms, service_ms, servers), "ms"
    yield "central_queue_p99_sojourn", pools.mmc_sojourn_percentile(per_ms, service_ms, servers, 0.99), "ms"


_ARRIVALS = scv("arrival_scv", "the gaps between arrivals", 4.0)
_SERVICE_SCV = scv("service_scv", "the service time", 4.0)
_ANY_LOAD = Parameter("rho", "", "work offered over capacity; may exceed 1 here", 1.125, 0.001, 100.0)

QUEUES = (
    Theory("mm1", "M/M/1: one server", (rho(), SERVICE), _mm1, "Kleinrock, Queueing Systems 1, 1975", "mm1"),
    Theory(
        "warm_up",
        "M/M/1 started empty: how much the first requests understate",
        (rho(), SERVICE, whole("requests", "how many are averaged, from the first", 1000, 1_000_000)),
        _warm_up,
        "Spitzer, Transactions of the AMS 82, 1956",
        "warmup_bias",
    ),
    Theory("mmc", "M/M/c: a pool with one queue, Erlang C", (rho(), SERVICE, _SERVERS), _mmc, _GROSS, "mmc_pooling"),
    Theory(
        "bounded_pool",
        "M/M/c/K: a pool that refuses when its queue is full",
        (
            _ANY_LOAD,
            SERVICE,
            whole("servers", "identical servers behind one queue", 4, 1000),
            whole("waiting_places", "places in the queue", 6, 1000, least=0),
        ),
        _bounded_pool,
        _GROSS,
        "mmck",
    ),
    Theory(
        "erlang_b",
        "M/G/c/c: a pool without a queue, Erlang B; only the mean service time matters",
        (_ANY_LOAD, _SERVERS),
        _loss,
        "Erlang 1917; Sevastyanov, Theory of Probability 2, 1957",
        "erlang_b_insensitivity",
    ),
    Theory(
        "constant_service",
        "M/D/c: a pool in which every service takes the same time",
        (rho(0.99), SERVICE, whole("servers", "identical servers behind one queue", 1, 500)),
        _constant_service,
        "Crommelin 1932; Franx, Operations Research Letters 29, 2001",
        "mdc_table",
    ),
    Theory(
        "lognormal_service",
        "M/G/1: one server whose service time is lognormal, Pollaczek-Khinchine",
        (rho(0.99), SERVICE, scv("service_scv", "the service time", 4.0, least=0.01)),
        _lognormal_service,
        "Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing Systems 1, 1975",
        "mg1_lognormal",
    ),
    Theory(
        "kingman",
        "G/G/1: approximation and bound from the variability of arrivals and service",
        (rho(), SERVICE, _ARRIVALS, scv("service_scv", "the service time", 0.25)),
        _variable,
        "Kingman, Mathematical Proceedings Cambridge 57, 1961; Biometrika 49, 1962",
        "gg1_kingman",
    ),
    Theory(
        "bursty_arrivals",
        "H2/Ek/1: bursty arrivals, Erlang service, exactly",
        (
            rho(),
            SERVICE,
            scv("arrival_scv", "the gaps between arrivals", 4.0, least=1.0),
            whole("stages", "stages of the service, whose SCV is 1 / stages", 4, 20),
        ),
        _erlang_service,
        "Neuts, Matrix-Geometric Solutions in Stochastic Models, 1981",
        "gg1_kingman",
    ),
    Theory(
        "allen_cunneen",
        "G/G/c: approximation for a pool",
        (rho(), SERVICE, _SERVERS, _ARRIVALS, _SERVICE_SCV),
        _variable_pool,
        "Allen, Probability, Statistics and Queueing Theory, 1990; Whitt 1993",
        "ggc_allen_cunneen",
    ),
    Theory(
        "tandem",
        "Three M/M/1 stations in a row",
        (
            rate("requests_per_s", "per s", "arrival rate", 800.0),
            milliseconds("service_1_ms", "mean service time of the first station", 0.5),
            milliseconds("service_2_ms", "mean service time of the second station", 1.0),
            milliseconds("service_3_ms", "mean service time of the third station", 0.8),
        ),
        _tandem,
        "Jackson, Operations Research 5, 1957; Reich, Ann. Math. Stat. 28, 1957",
        "tandem_jackson",
    ),
    Theory(
        "priorities",
        "M/G/1 with two classes, the important first; work under way is not interrupted",
        (
            rho(),
            SERVICE,
            scv("service_scv", "the service time", 1.0),
            Parameter("important_share", "", "share of the requests that go first", 0.375, 0.001, 0.999),
        ),
        _priorities,
        "Cobham, Operations Research 2, 1954",
        "priority_cobham",
    ),
    Theory(
        "processor_sharing",
        "M/G/1 that serves all at once, beside one that serves in turn",
        (rho(), SERVICE, scv("service_scv", "the service time", 10.0)),
        _processor_sharing,
        "Kleinrock, Queueing Systems 2, 1976",
        "ps_insensitivity",
    ),
    Theory(
        "closed_loop",
        "M/M/c//N: clients that wait for the answer before they think and ask again",
        (
            whole("clients", "how many there are", 50, 100_000),
            milliseconds("think_ms", "mean time between answer and next question", 100.0),
            milliseconds("service_ms", "mean service time", 8.0),
            whole("servers", "identical servers behind one queue", 4, 100_000),
        ),
        _closed_loop,
        _GROSS,
        "finite_source",
    ),
    Theory(
        "repair_crew",
        "k of n machines with few repairers",
        (
            whole("machines", "how many there are", 8, 100_000),
            whole("needed", "how many must run", 7, 100_000),
            Parameter("time_to_failure_h", "h", "mean time that a machine runs", 1000.0, 1e-6, 1e9),
            Parameter("time_to_repair_h", "h", "mean time that a repair takes", 50.0, 1e-6, 1e9),
            whole("crews", "repairs at a time", 1, 100_000),
        ),
        _repair_crew,
        _GROSS,
        "finite_source",
    ),
    Theory(
        "power_of_d",
        "Many servers, each request joins the shortest of d queues",
        (rho(), SERVICE, whole("choices", "queues that are looked at, d", 2, 100)),
        _power_of_d,
        "Mitzenmacher, IEEE TPDS 12, 2001 (limit of many servers)",
        "power_of_d",
    ),
    Theory(
        "balancers",
        "Random, in turn, or one queue for all",
        (rho(), SERVICE, whole("servers", "exponential servers", 10, 10_000)),
        _balancers,
        "Kleinrock, Queueing Systems 1, 1975; Harchol-Balter, Performance Modeling, 2013",
        "lb_policies",
    ),
)
