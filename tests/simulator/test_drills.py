"""Drills are data: each strikes what it says in a design that has it, and says what is lacking in one that has not."""

import pytest

from question_bank.loader import load_all
from simulator.drills import DoesNotFit, drilled, load_drills, read_drills, target
from simulator.fault_words import fault_in_words
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from simulator.support import check
from tests.simulator.designs import a_design, constant, exponential, front, model_server, service, store, wide

AT_S, FOR_S = 20.0, 10.0
DRILLS = load_drills()
WITHOUT = a_design({"lb": wide(0.01)}, 10.0)
CANARY = {"kind": "router", "routes": [{"to": "old"}, {"to": "new", "share": 0.1}]}
HITS = {"kind": "fixed", "hit_ratio": 0.9}


def everything(**more):
    """A design that has what each drill needs."""
    retried = {"to": "gpu", "timeout_ms": 300, "retries": {"attempts": 3, "backoff": "none"}}
    parts = {
        "split": CANARY,
        "old": service(0.001, concurrency=64, calls=[[{"to": "cache"}], [{"to": "item_index"}], [retried]]),
        "new": wide(0.01),
        "cache": {"kind": "cache", "lookup_time": constant(0.001), "contents": HITS, "on_miss": [[{"to": "features"}]]},
        "features": store() | {"read_time": exponential(0.01), "shards": 4, "concurrency": 1},
        "item_index": store() | {"read_time": constant(0.002)},
        "gpu": model_server(4, 0.05, replicas=8),
    }
    return a_design(parts, 200.0, **more)


def struck(drill: str) -> list[str]:
    design = drilled(DRILLS[drill], everything(), AT_S, FOR_S)
    check(design)
    return [fault_in_words(fault, design) for fault in design.faults]


STRIKES = {
    "feature_lag": ["what is written to features becomes visible 10 s later, from second 20 for 10 s"],
    "stale_index": ["what is written to item_index becomes visible 10 s later, from second 20 on"],
    "training_serving_skew": [],
    "cold_start": [
        "4 of 8 replicas of gpu die, from second 20 for 5 s",
        "work at gpu takes 1.5 times as long, from second 25 for 5 s",
    ],
    "hot_key": [],
    "gpu_loss": ["2 of 8 replicas of gpu die, from second 20 for 10 s"],
    "bad_canary": ["the canary of split fails 50% of its requests, from second 20 on"],
    "cache_flush": ["cache keeps nothing, from second 20 for 5 s"],
    "retry_storm": ["work at gpu takes 4 times as long, from second 20 for 5 s"],
}


@pytest.mark.parametrize("drill", DRILLS)
def test_a_drill_does_what_its_data_says(drill):
    assert struck(drill) == STRIKES[drill]


def test_a_hot_key_holds_for_the_whole_run():
    assert drilled(DRILLS["hot_key"], everything(), AT_S, FOR_S).components["features"].hot_shard_share == 0.5


@pytest.mark.parametrize("drill", [one for one in DRILLS.values() if not one.needs.quality_loss], ids=lambda d: d.id)
def test_a_design_that_lacks_the_part_gets_the_sentence(drill):
    with pytest.raises(DoesNotFit) as refused:
        drilled(drill, WITHOUT, AT_S, FOR_S)
    assert str(refused.value) == drill.lacking


def test_every_drill_fits_some_question_and_every_question_has_some():
    fits = {slug: set() for slug in load_all()}
    for slug, question in load_all().items():
        for drill in DRILLS.values():
            try:
                check(drilled(drill, question.designs.senior.design, AT_S, FOR_S))
                fits[slug].add(drill.id)
            except DoesNotFit:
                continue
    assert set().union(*fits.values()) == set(DRILLS)
    assert all(len(some) >= 3 for some in fits.values())


def test_the_first_word_of_a_name_that_fits_decides():
    stores = {"web": front([{"to": "profiles"}, {"to": "counters"}]), "profiles": store(), "counters": store()}
    assert target(DRILLS["feature_lag"], a_design(stores)) == "counters"


def measured(drill: str | None) -> Summary:
    design = everything() if drill is None else drilled(DRILLS[drill], everything(), 3.0, 4.0)
    return summarize(replicate(design, RunSettings(replications=1, duration_s=9.0, warm_up_s=0.5)))


def test_what_a_drill_tells_to_watch_is_what_moves():
    quiet, lag, loss = measured(None), measured("feature_lag"), measured("gpu_loss")
    assert lag.latency == quiet.latency
    [read] = [one.age for one in lag.components if one.component == "features"]
    assert 3.9 < read.max_s <= 4.0  # the pipeline stood still for four seconds
    items = [one.mean_batch_items for run in (quiet, loss) for one in run.components if one.component == "gpu"]
    assert items[1] > 1.1 * items[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\ndrills: []", "drills"),
        ("version: 1\ndrills: [{id: a, title: A, story: s, needs: {}, lacking: l, inject: [], watch: []}]", "watch"),
        (
            "version: 1\ndrills: [{id: a, title: A, story: s, needs: {kind: x}, lacking: l, inject: [], watch: [w]}]",
            "kind",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(text, said):
    with pytest.raises(ValueError, match=said):
        read_drills(text)


def test_a_drill_that_stands_twice_is_refused():
    one = "{id: a, title: A, story: s, needs: {}, lacking: l, inject: [], watch: [w]}"
    with pytest.raises(ValueError, match="a stands twice"):
        read_drills(f"version: 1\ndrills: [{one}, {one}]")
