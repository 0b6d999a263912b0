"""Which keys requests are about: Zipf's law, one draw a key, however many keys there are."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from simulator.components.request import Request
from simulator.components.service import Service
from simulator.design import Keys
from simulator.keys import HEAD, key_ranks, ranks_of
from tests.simulator.designs import a_design, front, run_of, wide

EXPONENTS = [0.0, 0.3, 0.8, 0.999999, 1.0, 1.0000001, 1.2, 2.0]


def _keys(count, exponent=1.0):
    return Keys(count=count, zipf_exponent=exponent)


def _summed(keys):
    """The distribution function, summed key by key in higher precision."""
    weights = np.arange(1, keys.count + 1, dtype=np.longdouble) ** -np.longdouble(keys.zipf_exponent)
    return np.cumsum(weights) / weights.sum()


@pytest.mark.parametrize("count", [1, 2, 10, HEAD, HEAD + 1, HEAD + 4, 300_000])
@pytest.mark.parametrize("exponent", [*EXPONENTS, 60.0, 1e12])
def test_each_draw_gives_the_key_that_summing_key_by_key_gives(count, exponent):
    keys, draws = _keys(count, exponent), np.append(np.random.default_rng(1).random(20_000), 0.0)
    expected = np.searchsorted(_summed(keys), draws.astype(np.longdouble), side="right")
    assert ranks_of(keys, draws).tolist() == expected.tolist()


def test_three_keys_have_six_three_and_two_elevenths():
    draws = np.array([0.0, 5.99 / 11, 6.01 / 11, 8.99 / 11, 9.01 / 11, 1 - 2**-53])
    assert ranks_of(_keys(3), draws).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.0, 1.2])
def test_a_hundred_million_keys_follow_the_law(exponent):
    """Chi-square over ranges of ranks, whose weights are summed key by key."""
    keys, n = _keys(100_000_000, exponent), 200_000
    ranks = key_ranks(keys, n, 1, 0)
    edges = np.unique(np.geomspace(1, keys.count, 30).astype(np.int64))
    weights = np.array([_weight(int(a), int(b), exponent) for a, b in pairwise(edges)])
    weights[-1] += float(keys.count) ** -exponent
    counted = np.histogram(ranks + 1, bins=edges)[0]
    expected = n * weights / weights.sum()
    enough = expected >= 5
    counted, expected = (np.append(x[enough], x[~enough].sum()) for x in (counted, expected))
    if not expected[-1]:
        counted, expected = counted[:-1], expected[:-1]
    assert counted.sum() == n
    assert stats.chisquare(counted, expected).pvalue > 1e-4
    assert ranks.max() < keys.count


def _weight(first, after, exponent):
    """The sum of rank^-exponent from `first` up to, not including, `after`."""
    starts = range(first, after, 5_000_000)
    return sum(float((np.arange(a, min(a + 5_000_000, after)) ** -float(exponent)).sum()) for a in starts)


@pytest.mark.parametrize("count", [100, 100_000_000])
@pytest.mark.parametrize("exponent", [0.7, 1.0, 1.3])
def test_fewer_requests_are_about_the_first_of_the_keys_of_more(count, exponent):
    keys = _keys(count, exponent)
    assert key_ranks(keys, 5000, 3, 1)[:777].tolist() == key_ranks(keys, 777, 3, 1).tolist()


def test_seed_and_replication_each_give_other_keys():
    first = key_ranks(_keys(1000), 50, 1, 0).tolist()
    assert first != key_ranks(_keys(1000), 50, 2, 0).tolist()
    assert first != key_ranks(_keys(1000), 50, 1, 1).tolist()


def test_a_larger_exponent_moves_every_request_to_a_key_as_popular_or_more():
    flat, steep = (key_ranks(_keys(1_000_000, exponent), 20_000, 1, 0) for exponent in (0.9, 1.1))
    assert (steep <= flat).all()
    assert (steep < flat).any()


def test_exponent_nought_is_as_many_requests_for_each_key():
    draws = np.random.default_rng(1).random(1000)
    assert ranks_of(_keys(100_000_000, 0.0), draws).tolist() == np.floor(draws * 1e8).astype(int).tolist()


def test_a_run_keeps_the_key_of_every_request():
    design = a_design({"x": wide(0)}, keys={"count": 50, "zipf_exponent": 0.9})
    assert run_of(design, 200, seed=4).key_rank.tolist() == key_ranks(_keys(50, 0.9), 200, 4, 0).tolist()


def test_without_keys_a_run_has_none():
    assert run_of(a_design({"x": wide(0)}), 5).key_rank is None


def test_keys_change_nothing_else_in_a_run():
    parts = {"a": front([{"to": "x"}]), "x": wide(0.5)}
    plain, keyed = (run_of(a_design(parts, **more), 50) for more in ({}, {"keys": {"count": 9}}))
    assert plain.ended_s.tolist() == keyed.ended_s.tolist()


def test_an_attempt_is_about_the_key_of_its_request_and_as_important():
    request = Request(7, "all", 1)
    request.rank, request.priority = 41, 3
    attempt = request.attempt(1).attempt(2)
    assert (attempt.rank, attempt.priority) == (41, 3)


def test_a_request_carries_its_key_and_the_priority_of_its_class_to_whoever_serves_it(monkeypatch):
    seen, serve = {}, Service.serve  # the last service to see a request is x

    def watched(self, request):
        seen[request.index] = (request.rank, request.priority)
        yield from serve(self, request)

    monkeypatch.setattr(Service, "serve", watched)
    classes = [{"name": "vip", "share": 0.5, "priority": 9}, {"name": "crowd", "share": 0.5}]
    parts = {"a": front([{"to": "x", "timeout_ms": 900.0}]), "x": wide(0.5)}
    run = run_of(a_design(parts, classes=classes, keys={"count": 50}), 40)
    expected = [(rank, 0 if kind else 9) for rank, kind in zip(run.key_rank, run.class_index, strict=True)]
    assert [seen[index] for index in range(40)] == expected
    assert len(set(expected)) > 5
