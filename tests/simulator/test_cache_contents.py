"""What a cache remembers: which keys it holds, for how long, and what happens while one of them is being fetched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.components.contents import LruContents, TtlContents
from simulator.components.request import Request
from simulator.keys import key_ranks
from simulator.results.replications import replicate
from simulator.results.run import Ending
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from tests.simulator.designs import (
    a_design,
    constant,
    dead_end,
    front,
    kill,
    latencies_s,
    log,
    path_of,
    replications_of,
    run_of,
    store,
    wide,
)
from tests.simulator.oracles import stack_distances

ONE_KEY = {"count": 1}
EMPTY_AT_FIRST = {"kind": "flush_cache", "component": "cache", "at_s": 0}
ANSWERED, DEGRADED, FAILED = Ending.ANSWERED, Ending.DEGRADED, Ending.FAILED


def _lru(capacity=1, **more):
    return _cache({"kind": "lru", "capacity_keys": capacity}, **more)


def _ttl(ttl_s, *, renewed=False, **more):
    return _cache({"kind": "ttl", "ttl_s": float(ttl_s), "renewed": renewed}, **more)


def _cache(contents, **more):
    return {"kind": "cache", "lookup_time": constant(0.25), "contents": contents, "on_miss": [[{"to": "x"}]], **more}


def _run(cache, source, arrivals, *, keys=ONE_KEY, faults=(EMPTY_AT_FIRST,), **more):
    parts = {"cache": cache, "x": source, **more.pop("parts", {})}
    return run_of(a_design(parts, keys=keys, faults=list(faults), **more), arrivals)


def _missed(run):
    return sorted({row[0] for row in log(run, "x")})


def _asking_for(rank):
    request = Request(0, "all", 1)
    request.rank, request.oldest_write_s = rank, 0.0
    return request


def _hits(contents, ranks, every_s=1.0):
    """Which of the keys, asked for one after the other and fetched at once, are found."""
    found = []
    for i, rank in enumerate(ranks):
        request = _asking_for(rank)
        found.append(contents.find(request, i * every_s) is not None)
        if not found[-1]:
            contents.keep(request, i * every_s)
    return found


# ---- least recently used ---------------------------------------------------------------------------------------


def test_the_least_recently_used_key_makes_room():
    #   a: miss, b: miss, a: hit, c: miss (b goes), a: hit, b: miss (c goes), c: miss (a goes), b: hit, a: miss
    expected = [False, False, True, False, True, False, False, True, False]
    assert _hits(LruContents(2), [0, 1, 0, 2, 0, 1, 2, 1, 0]) == expected


def test_a_warm_cache_loses_what_was_least_recently_used_first():
    # holds 5 and, more recently used, 6: 7 takes the place of 5
    assert _hits(LruContents(2, warm=[5, 6]), [7, 6, 5]) == [False, True, False]


def test_a_fill_is_a_use():
    cache = LruContents(2, warm=[5, 6])
    cache.keep(_asking_for(5), 0.0)
    cache.keep(_asking_for(7), 0.0)
    assert [cache.find(_asking_for(rank), 1.0) is not None for rank in (5, 6, 7)] == [True, False, True]


@given(ranks=st.lists(st.integers(0, 9), max_size=200), capacity=st.integers(1, 10))
def test_a_key_is_found_if_few_enough_others_were_asked_for_since(ranks, capacity):
    """Mattson's stack: a hit is a stack distance below the capacity."""
    assert _hits(LruContents(capacity), ranks) == [distance < capacity for distance in stack_distances(ranks)]


@given(ranks=st.lists(st.integers(0, 9), max_size=200), small=st.integers(1, 8), more=st.integers(1, 5))
def test_a_larger_cache_finds_all_that_a_smaller_one_finds(ranks, small, more):
    few, many = _hits(LruContents(small), ranks), _hits(LruContents(small + more), ranks)
    assert all(b for a, b in zip(few, many, strict=True) if a)


@given(seed=st.integers(0, 2**31), small=st.integers(1, 30), more=st.integers(1, 30), exponent=st.floats(0.0, 2.0))
@settings(deadline=None, max_examples=30)
def test_a_larger_cache_never_misses_more_from_its_warm_start_on(seed, small, more, exponent):
    keys = {"count": 40, "zipf_exponent": exponent}
    missed = []
    for capacity in (small, small + more):
        cache = _lru(capacity, lookup_time=constant(0))
        missed.append(set(_missed(run_of(a_design({"cache": cache, "x": wide(0)}, keys=keys), 150, seed=seed))))
    assert missed[1] <= missed[0]


def test_a_run_asks_for_the_keys_that_were_drawn():
    run = _run(_lru(3), wide(0), 300, keys={"count": 10})
    ranks = key_ranks(a_design({"x": wide(0)}, keys={"count": 10}).traffic.keys, 300, 1, 0).tolist()
    assert _missed(run) == [i for i, distance in enumerate(stack_distances(ranks)) if distance >= 3]


def test_what_could_not_be_fetched_is_not_kept():
    run = _run(_lru(), wide(0.5), 4, faults=[EMPTY_AT_FIRST, kill("x", 1.5, 1)])
    assert run.ending.tolist() == [FAILED, ANSWERED, ANSWERED, ANSWERED]
    assert _missed(run) == [0, 1]


def test_what_a_fallback_answered_is_passed_on_and_not_kept():
    asked = {"on_miss": [[{"to": "dead", "fallback": [{"answer_ms": 100.0}]}]]}
    run = _run(_lru(**asked), wide(0), 3, parts=dead_end(), faults=[EMPTY_AT_FIRST, kill("corpse", 0)])
    assert run.ending.tolist() == [DEGRADED] * 3
    assert run.components["cache"].counts == {"misses": 3}


def test_an_earlier_fallback_does_not_keep_an_answer_out_of_the_cache():
    dead = {"to": "dead", "fallback": [{"answer_ms": 0.0}]}
    parts = {"front": front([dead], [{"to": "cache"}]), "cache": _lru(), "x": wide(0), **dead_end()}
    run = run_of(a_design(parts, keys=ONE_KEY, faults=[EMPTY_AT_FIRST, kill("corpse", 0)]), 3)
    assert run.components["cache"].counts == {"misses": 1, "hits": 2}


def test_copies_that_miss_ask_different_shards():
    parts = {
        "front": front([{"to": "cache", "fan_out": {"copies": 2}}]),
        "cache": _lru(),
        "x": store(0.5, shards=2, concurrency=1),
    }
    assert latencies_s(run_of(a_design(parts, keys=ONE_KEY, faults=[EMPTY_AT_FIRST]), 1)) == [0.75]


# ---- time to live ----------------------------------------------------------------------------------------------


def test_a_fixed_time_to_live_counts_from_the_fill():
    # filled at 1.75 for 2.5 s: found at 2.25, 3.25 and 4.25, expired at 5.25
    assert _missed(_run(_ttl(2.75), wide(0.5), 8)) == [0, 4]


def test_a_renewed_time_to_live_counts_from_the_last_use():
    assert _missed(_run(_ttl(1.5, renewed=True), wide(0), 8)) == [0]
    assert _missed(_run(_ttl(1.5), wide(0), 8)) == [0, 2, 4, 6]
    assert _missed(_run(_ttl(0.75, renewed=True), wide(0), 3)) == [0, 1, 2]


@pytest.mark.parametrize("renewed", [False, True])
def test_a_key_is_gone_when_it_is_exactly_as_old_as_its_time_to_live(renewed):
    cache = TtlContents(3.0, renewed=renewed)
    cache.keep(_asking_for(0), 1.0)
    assert cache.find(_asking_for(0), 4.0) is None
    cache.keep(_asking_for(0), 1.0)
    assert cache.find(_asking_for(0), np.nextafter(4.0, 0.0)) is not None


def test_a_warm_entry_lives_until_its_second():
    cache = TtlContents(10.0, renewed=False, warm=[(3, 2.5)])
    assert [cache.find(_asking_for(3), at_s) is not None for at_s in (2.0, 2.5)] == [True, False]


# ---- read-through and look-aside -------------------------------------------------------------------------------


def test_look_aside_pays_one_more_lookup_time_and_is_filled_after_it():
    # read-through has the answer at 2.15, look-aside at 2.4; the second request looks at 2.25
    through, aside = (_run(_lru(pattern=pattern), wide(0.9), 3) for pattern in ("read_through", "look_aside"))
    assert latencies_s(through) == pytest.approx([1.15, 0.25, 0.25])
    assert latencies_s(aside) == pytest.approx([1.4, 1.4, 0.25])


def test_look_aside_writes_back_from_a_cache_with_a_fixed_hit_ratio_too():
    run = _run(_cache({"kind": "fixed", "hit_ratio": 0.0}, pattern="look_aside"), wide(1), 2, faults=[])
    assert latencies_s(run) == [1.5, 1.5]


def test_the_write_back_is_time_at_the_cache():
    design = a_design({"cache": _lru(pattern="look_aside"), "x": wide(1)}, keys=ONE_KEY, faults=[EMPTY_AT_FIRST])
    run = run_of(design, 1)
    assert path_of(design, run, 0) == {("cache", "work"): 0.5, ("x", "work"): 1.0}


# ---- single flight ---------------------------------------------------------------------------------------------


def test_without_single_flight_every_miss_asks():
    # the first answer is there at 3.75: the lookups that end at 2.25 and 3.25 miss, that of 4.25 hits
    run = _run(_lru(), wide(2.5), 5)
    assert _missed(run) == [0, 1, 2]
    assert latencies_s(run) == [2.75, 2.75, 2.75, 0.25, 0.25]


@pytest.mark.parametrize("contents", [{"kind": "lru", "capacity_keys": 1}, {"kind": "ttl", "ttl_s": 100.0}])
def test_with_single_flight_misses_wait_for_the_fill_under_way(contents):
    run = _run(_cache(contents, single_flight=True), wide(2.5), 5)
    assert _missed(run) == [0]
    assert latencies_s(run) == [2.75, 1.75, 0.75, 0.25, 0.25]
    assert run.components["cache"].counts == {"misses": 3, "coalesced": 2, "hits": 2}


def test_with_look_aside_they_wait_for_the_write_back_too():
    run = _run(_lru(single_flight=True, pattern="look_aside"), wide(2.5), 5)
    assert run.ended_s.tolist() == [4, 4, 4, 4.25, 5.25]
    assert _missed(run) == [0]


@given(
    seed=st.integers(0, 2**31),
    contents=st.sampled_from([{"kind": "lru", "capacity_keys": 5}, {"kind": "ttl", "ttl_s": 4.0}]),
    pattern=st.sampled_from(["read_through", "look_aside"]),
    single_flight=st.booleans(),
)
@settings(deadline=None, max_examples=25)
def test_every_lookup_hits_or_misses_and_every_miss_asks_or_waits(seed, contents, pattern, single_flight):
    cache = _cache(contents, pattern=pattern, single_flight=single_flight)
    design = a_design({"cache": cache, "x": wide(1.5)}, rate_per_s=3.0, keys={"count": 20})
    run = run_of(design, 100, seed=seed)
    counts = run.components["cache"].counts
    assert counts.get("hits", 0) + counts["misses"] == 100
    assert counts["misses"] - counts.get("coalesced", 0) == len(run.components["x"].visits.request)
    assert single_flight or "coalesced" not in counts


def test_those_who_wait_share_the_failure_and_the_next_one_asks_again():
    run = _run(_lru(single_flight=True), wide(2.5), 5, faults=[EMPTY_AT_FIRST, kill("x", 3.5, 0.1)])
    assert run.ending.tolist() == [FAILED, FAILED, FAILED, ANSWERED, ANSWERED]
    assert run.ended_s.tolist() == [3.5, 3.5, 3.5, 6.75, 6.75]
    assert _missed(run) == [0, 3]


def test_those_who_wait_share_the_fallback():
    asked = {"on_miss": [[{"to": "x", "timeout_ms": 1500.0, "fallback": [{"answer_ms": 0.0}]}]]}
    run = _run(_lru(single_flight=True, **asked), wide(9), 2)
    assert run.ending.tolist() == [DEGRADED, DEGRADED]
    assert run.ended_s.tolist() == [2.75, 2.75]


def test_only_misses_for_the_same_key_wait_for_each_other():
    run = _run(_lru(50, single_flight=True), wide(1000), 40, keys={"count": 50, "zipf_exponent": 0.0})
    keys = a_design({"x": wide(0)}, keys={"count": 50, "zipf_exponent": 0.0}).traffic.keys
    assert len(_missed(run)) == len(set(key_ranks(keys, 40, 1, 0).tolist())) < 40


def test_a_fill_outlives_the_caller_that_began_it():
    call = {"to": "cache", "timeout_ms": 1500.0, "cancel": True}
    parts = {"front": front([call]), "cache": _lru(single_flight=True), "x": wide(2.5)}
    run = run_of(a_design(parts, keys=ONE_KEY, faults=[EMPTY_AT_FIRST]), 4)
    assert run.ending.tolist() == [FAILED, FAILED, ANSWERED, ANSWERED]  # given up at 2.5 and 3.5, filled at 3.75
    assert run.ended_s.tolist() == [2.5, 3.5, 3.75, 4.25]


def test_waiting_for_the_fill_of_another_is_waiting_at_the_cache():
    parts = {"cache": _lru(single_flight=True), "x": wide(2.5)}
    design = a_design(parts, keys=ONE_KEY, faults=[EMPTY_AT_FIRST])
    run = run_of(design, 2)
    waits = {("cache", "work"): 0.25, ("cache", "waiting for a free slot"): 1.5}
    assert path_of(design, run, 1) == waits


def test_a_fixed_hit_ratio_can_share_its_misses():
    run = _run(_cache({"kind": "fixed", "hit_ratio": 0.0}, single_flight=True), wide(2.5), 5, faults=[])
    assert _missed(run) == [0, 3]


@pytest.mark.parametrize(("single_flight", "asked"), [(False, 100), (True, 1)])
def test_a_popular_key_that_expires_sends_a_stampede_unless_one_fill_answers_all(single_flight, asked):
    # a hundred requests per second for one key that takes a second to fetch and lives for nine
    cache = _ttl(9, single_flight=single_flight, lookup_time=constant(0.001))
    run = _run(cache, wide(0.9995), 950, rate_per_s=100.0)
    assert len(_missed(run)) == asked


# ---- flushing --------------------------------------------------------------------------------------------------


def _flush(at_s, for_s=None):
    return {"kind": "flush_cache", "component": "cache", "at_s": at_s, "for_s": for_s}


@pytest.mark.parametrize("cache", [_lru(), _ttl(1000)], ids=["lru", "ttl"])
def test_a_flushed_cache_fills_again(cache):
    assert _missed(_run(cache, wide(0), 8, faults=[_flush(0), _flush(4.5)])) == [0, 4]


@pytest.mark.parametrize("cache", [_lru(), _ttl(1000)], ids=["lru", "ttl"])
def test_a_cache_that_stays_empty_for_a_while_keeps_nothing_meanwhile(cache):
    assert _missed(_run(cache, wide(0), 9, faults=[_flush(0), _flush(4.5, 2.5)])) == [0, 4, 5, 6]


def test_a_fixed_hit_ratio_is_nothing_while_the_cache_is_empty():
    run = _run(_cache({"kind": "fixed", "hit_ratio": 1.0}), wide(0), 9, faults=[_flush(4.5, 2.5)])
    assert _missed(run) == [4, 5]


def test_a_warm_cache_holds_everything_if_everything_fits():
    assert _missed(_run(_lru(10), wide(0), 100, keys={"count": 10}, faults=[])) == []


def test_the_summary_tells_hits_and_shared_misses():
    design = a_design({"cache": _lru(single_flight=True), "x": wide(2.5)}, keys=ONE_KEY, faults=[EMPTY_AT_FIRST])
    cache, source = summarize(replications_of(design, 5)).components
    assert (cache.hit_ratio, cache.coalesced_share) == pytest.approx((2 / 5, 2 / 3))
    assert (source.hit_ratio, source.coalesced_share) == (None, None)


def test_lookups_during_the_warm_up_do_not_count():
    """Lookups at 1, 2 and 3 s miss, the last of them shares the fill; those at 4 and 5 s hit; 3, 4 and 5 s count."""
    design = a_design({"cache": _lru(single_flight=True), "x": wide(2.5)}, keys=ONE_KEY, faults=[EMPTY_AT_FIRST])
    settings = RunSettings(seed=1, replications=1, duration_s=5.5, warm_up_s=2.5)
    [cache, _] = summarize(replicate(design, settings)).components
    assert (cache.hit_ratio, cache.coalesced_share) == (pytest.approx(2 / 3), 1.0)


def test_lookups_after_the_last_arrival_do_not_count():
    """Requests of 1 to 5 s come to the cache 3 s later: those of 4 and 5 s miss, and the three after 5.5 s hit."""
    parts = {"front": wide(3.0, calls=[[{"to": "cache"}]]), "cache": _lru(), "x": wide(0.5)}
    flush = {"kind": "flush_cache", "component": "cache", "at_s": 0.0, "for_s": 5.6}
    replications = replications_of(a_design(parts, keys=ONE_KEY, faults=[flush]), 5)
    _, cache, _ = summarize(replications).components
    assert replications.runs[0].components["cache"].counts["hits"] == 3
    assert cache.hit_ratio == 0


def test_the_rate_that_a_recording_ignores_changes_nothing():
    parts = {
        "cache": {"kind": "cache", "contents": {"kind": "ttl", "ttl_s": 3}, "on_miss": [[{"to": "x"}]]},
        "x": wide(0),
    }
    recording = {"kind": "trace", "times_s": [0.1 * i for i in range(200)]}
    hits = [
        run_of(a_design(parts, rate, arrivals=recording, keys={"count": 50}), 20 * rate).components["cache"].counts
        for rate in (1, 1000)
    ]
    assert hits[0] == hits[1]
