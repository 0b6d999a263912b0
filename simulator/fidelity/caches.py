"""Hit ratios of caches. They start in their steady state, so that little has to be left out."""

from collections.abc import Callable

import numpy as np

from simulator.fidelity.counted import Counted, Data, Measured, design_of


def _hit_ratio(rate_per_ms: float, keys: Data, contents: Data, n: int, seed: int) -> float:
    source = {"kind": "store", "read_time": {"kind": "constant", "value_ms": 0.0}}
    lookup = {"kind": "constant", "value_ms": 0.0}
    cache = {"kind": "cache", "lookup_time": lookup, "contents": contents, "on_miss": [[{"to": "source"}]]}
    some = Counted(design_of(rate_per_ms, {"cache": cache, "source": source}, keys=keys), n, seed, warm_up=2_000)
    missed = some.run.components["source"].visits.request
    return 1 - float(np.count_nonzero((missed >= some.rows.start) & (missed < some.rows.stop))) / n


def _lru(n: int, seed: int) -> Measured:
    for exponent, capacity in ((0.8, 1000), (1.0, 1000), (1.0, 10_000)):
        keys, contents = {"count": 100_000, "zipf_exponent": exponent}, {"kind": "lru", "capacity_keys": capacity}
        yield f"s={exponent},C={capacity}", _hit_ratio(1.0, keys, contents, n, seed)


def _ttl(n: int, seed: int) -> Measured:
    keys = {"count": 10_000, "zipf_exponent": 1.0}
    for name, renewed in (("fixed", False), ("renewed", True)):
        yield name, _hit_ratio(1.0, keys, {"kind": "ttl", "ttl_s": 60.0, "renewed": renewed}, n, seed)


CASES: dict[str, Callable[[int, int], Measured]] = {"lru_che": _lru, "ttl_cache": _ttl}
