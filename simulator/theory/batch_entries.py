"""Entries of the catalog on batches: of requests in a model server, and of tokens in a language model."""

from simulator.theory import arithmetic, batching, llm
from simulator.theory.entry import PERCENTILES, Parameter, Quantities, Theory, milliseconds, rate, whole


def _bulk(requests_per_s: float, batch_ms: float, max_items: int) -> Quantities:
    bulk = batching.bulk_service(requests_per_s / 1000, batch_ms, max_items)
    yield "mean_sojourn", bulk.mean_sojourn, "ms"
    yield "mean_batch", bulk.mean_batch, "requests"
    yield "utilization", bulk.utilization, "share"


def _window(requests_per_s: float, max_items: int, max_wait_ms: float) -> Quantities:
    window = batching.batch_window(requests_per_s / 1000, max_items, max_wait_ms)
    yield "mean_wait", window.mean_wait, "ms"
    yield "mean_batch", window.mean_batch, "requests"
    yield "full_share", window.full_share, "share"
    yield "mean_window", window.mean_window, "ms"


def _batching(greedy: batching.GreedyBatching) -> Quantities:
    yield "mean_sojourn", greedy.mean_sojourn(), "ms"
    for name, at in PERCENTILES.items():
        yield f"{name}_sojourn", greedy.sojourn_percentile(at), "ms"
    yield "mean_batch", greedy.mean_batch(), "requests"
    yield "mean_batch_seen", greedy.mean_batch_seen(), "requests"
    yield "utilization", greedy.utilization(), "share"
    yield "load_of_full_batches", greedy.load, "share"


def _greedy(requests_per_s: float, fixed_ms: float, per_item_ms: float) -> Quantities:
    greedy = batching.GreedyBatching(requests_per_s / 1000, fixed_ms, per_item_ms)
    yield from _batching(greedy)
    yield "mean_sojourn_at_most", greedy.mean_sojourn_bound(), "ms"


def _greedy_bounded(requests_per_s: float, fixed_ms: float, per_item_ms: float, max_items: int) -> Quantities:
    yield from _batching(batching.GreedyBatching(requests_per_s / 1000, fixed_ms, per_item_ms, max_items))


def _continuous_batching(
    requests_per_s: float, mean_tokens: float, base_ms: float, per_request_ms: float
) -> Quantities:
    server = llm.ContinuousBatching(requests_per_s / 1000, mean_tokens, base_ms, per_request_ms)
    yield "mean_sojourn", server.mean_sojourn(), "ms"
    yield "time_per_token", server.time_per_token(), "ms"
    yield "mean_running", server.mean_running(), "requests"
    if server.mean_running() <= llm.MOST_RUNNING:
        yield "p99_sojourn_if_lengths_are_exponential", server.exponential_sojourn_percentile(0.99), "ms"


def _token_identities(
    requests_per_s: float, tokens_per_s: float, first_token_s: float, time_per_token_s: float
) -> Quantities:
    tokens = tokens_per_s / requests_per_s
    total = llm.end_to_end_time(first_token_s, time_per_token_s, tokens)
    yield "tokens_per_answer", tokens, "tokens"
    yield "end_to_end_time", total, "s"
    yield "in_system", arithmetic.littles_law_number(requests_per_s, total), "requests"
    yield "decoding", llm.running_requests(tokens_per_s, time_per_token_s), "requests"


_MAX_ITEMS = whole("max_items", "requests in a full batch", 16, 64)
_DEVICE = (
    rate("requests_per_s", "per s", "arrival rate", 3000.0),
    Parameter("fixed_ms", "ms", "time of a batch, whatever its size", 1.8874, 0.0, 1e6),
    Parameter("per_item_ms", "ms", "time that each request adds to a batch", 0.1438, 1e-6, 1e6),
)
_INOUE = "Inoue, Performance Evaluation 147, 2021, arXiv:1912.06322"

BATCHES = (
    Theory(
        "bulk_service",
        "M/M[1,K]/1: batches that take an exponential time of any size",
        (
            rate("requests_per_s", "per s", "arrival rate", 6000.0),
            milliseconds("batch_ms", "mean time of a batch", 1.0),
            whole("max_items", "requests in a full batch", 8, 10_000),
        ),
        _bulk,
        "Bailey, JRSS B 16, 1954; Chaudhry and Templeton, 1983",
        "bulk_mmk1",
    ),
    Theory(
        "batch_window",
        "Size-or-time batching with a server always free",
        (
            rate("requests_per_s", "per s", "arrival rate", 1000.0),
            whole("max_items", "requests in a full batch", 8, 10_000),
            Parameter("max_wait_ms", "ms", "longest wait for others", 5.0, 0.0, 1e9),
        ),
        _window,
        "from the Poisson process; see simulator/theory/batching.py",
        "batch_window_collector",
    ),
    Theory("greedy_batching", "A device that takes all who wait", _DEVICE, _greedy, _INOUE, "greedy_batching_inoue"),
    Theory(
        "greedy_batching_bounded",
        "A device that takes all who wait, up to a largest batch",
        (*_DEVICE, _MAX_ITEMS),
        _greedy_bounded,
        _INOUE,
        "greedy_batching_bmax",
    ),
    Theory(
        "continuous_batching",
        "A server of tokens whose step time grows with the requests running",
        (
            rate("requests_per_s", "per s", "arrival rate", 20.0),
            Parameter("mean_tokens", "tokens", "tokens of an answer", 200.0, 1.0, 1e6),
            milliseconds("base_ms", "time of a step, whatever runs", 7.0),
            Parameter("per_request_ms", "ms", "time that each running request adds to a step", 0.05, 0.0, 1e6),
        ),
        _continuous_batching,
        "Cohen, Acta Informatica 12, 1979",
        "llm_continuous_batching",
    ),
    Theory(
        "token_identities",
        "What the metrics of token servers must satisfy",
        (
            rate("requests_per_s", "per s", "answers", 113.29),
            rate("tokens_per_s", "per s", "tokens of all answers", 33163.0),
            Parameter("first_token_s", "s", "time to the first token", 0.39766, 0.0, 1e6),
            Parameter("time_per_token_s", "s", "time for each token after the first", 0.16967, 0.0, 1e6),
        ),
        _token_identities,
        "MLCommons Inference; Little, Operations Research 9, 1961",
        "llm_metric_identities",
    ),
)
