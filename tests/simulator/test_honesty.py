"""Theory stands beside the measurement where there is a formula, and where there is none that is said."""

from typing import get_args

import pytest

from simulator.catalogue import ComponentKind, entries_for
from simulator.results.honesty import BesideTheory, beside_theory, load_left_out, not_modelled, price_sources
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from simulator.theory.pools import DeterministicPool, allen_cunneen_wait, mmc_mean_wait
from simulator.theory.queues import pollaczek_khinchine_wait
from tests.simulator.designs import a_design, balancer, exponential, front, kill, model_server, service, store, wide

POISSON = {"kind": "poisson"}
GAMMA = {"kind": "gamma", "mean_ms": 10.0, "scv": 0.5}


def beside(parts, rate_per_s=70.0, *, requests=20_000, arrivals=POISSON, **more) -> dict[str, BesideTheory]:
    design = a_design(parts, rate_per_s, arrivals=arrivals, **more)
    summary = summarize(replicate(design, RunSettings(replications=1, requests=requests)))
    return {one.component: one for one in beside_theory(design, summary)}


@pytest.mark.parametrize(
    ("part", "arrivals", "formula", "wait_s"),
    [
        (service(0.01) | {"service_time": exponential(0.01)}, POISSON, "Erlang C", mmc_mean_wait(70, 0.01, 1)),
        (service(0.028, replicas=3), POISSON, "Crommelin", DeterministicPool(70, 0.028, 3).mean_wait()),
        (service(0.01) | {"service_time": GAMMA}, POISSON, "Pollaczek", pollaczek_khinchine_wait(70, 0.01, 0.5)),
        (
            service(0.01, replicas=2) | {"service_time": GAMMA},
            {"kind": "renewal", "scv": 4.0},
            "Allen",
            allen_cunneen_wait(70, 0.01, 2, 4.0, 0.5),
        ),
        (store(0.01, concurrency=1), POISSON, "Pollaczek", pollaczek_khinchine_wait(70, 0.01, 0.0)),
        (model_server(1, 0.01), POISSON, "Pollaczek", pollaczek_khinchine_wait(70, 0.01, 0.0)),
    ],
    ids=["exponential", "several constant", "gamma", "renewal", "store", "batches of one"],
)
def test_the_formula_is_the_one_for_this_queue(part, arrivals, formula, wait_s):
    row = beside({"x": part}, arrivals=arrivals, requests=200)["x"]
    assert row.formula.startswith(formula)
    assert row.calculated == pytest.approx(wait_s * 1000, rel=0.01)  # the rate and the SCV are nearly exact


def test_a_run_that_is_long_enough_agrees_with_theory():
    row = beside({"x": service(0.01) | {"service_time": exponential(0.01)}}, 50.0)["x"]
    assert row.measured == pytest.approx(row.calculated, rel=0.1)
    assert row.why.startswith("They agree.")


def test_what_the_run_has_and_the_formula_has_not_is_said():
    parts = {"web": front([{"to": "lb"}]), "lb": balancer("x"), "x": service(0.01, replicas=2)}
    said = beside(parts, requests=500, faults=[kill("x", 1.0, 1.0)])["x"].why
    for words in ("faults", "come as those before", "balancer"):
        assert words in said


@pytest.mark.parametrize(
    ("part", "rate_per_s", "said"),
    [
        (model_server(8, 0.01, 0.005, replicas=2), 70.0, "no formula"),
        (service(0.01, sharing="processor_sharing"), 70.0, "shared"),
        (service(0.01), 200.0, "all it can do"),
    ],
)
def test_where_there_is_no_formula_that_is_said(part, rate_per_s, said):
    row = beside({"x": part}, rate_per_s, requests=500)["x"]
    assert (row.formula, row.calculated) == ("none", None)
    assert said in row.why


def test_a_cache_that_fills_itself_stands_beside_che_s_approximation():
    lru = {"kind": "lru", "capacity_keys": 100}
    cache = {"kind": "cache", "contents": lru, "on_miss": [[{"to": "db"}]]}
    keys = {"count": 1000, "zipf_exponent": 1.0}
    row = beside({"c": cache, "db": wide(0.0001)}, 1000.0, keys=keys)["c"]
    assert row.what == "hit ratio"
    assert row.calculated == pytest.approx(row.measured, abs=0.03)


def test_a_price_that_the_catalogue_has_gets_its_source_and_another_none():
    entry = next(e for e in entries_for("model_server") if "usd_per_replica_hour" in (e.fragment("model_server") or {}))
    price = entry.fragment("model_server")["usd_per_replica_hour"]
    parts = {"a": model_server(1, 0.01, usd_per_replica_hour=price), "b": wide(0.01, usd_per_replica_hour=0.123456)}
    known, own = price_sources(a_design(parts | {"c": wide(0.01)}))
    assert known.source.startswith(entry.title)
    assert known.date == entry.date
    assert (own.source, own.date) == (None, None)


def test_every_kind_says_what_it_leaves_out_and_a_design_says_it_for_its_own():
    assert set(load_left_out().kinds) == set(get_args(ComponentKind))
    said = not_modelled(a_design({"x": service(0.01)}))
    assert set(load_left_out().kinds["service"]) < set(said)
    assert not set(load_left_out().kinds["cache"]) & set(said)
