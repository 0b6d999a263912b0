"""What a text says of the settings against what is drawn: a table of sentences, each clear or silent, and its words."""

import pytest

from practice.contradictions import between, contradictions
from practice.declared import rules
from practice.drawn import PART_KINDS, SETTING_KINDS, parts, settings
from practice.scenario_runs import starting_design
from simulator.design_file import read_design
from tests.practice.rounds import QUESTION, SENIOR, an_attempt

BARE = read_design(
    """
    cell: {fraction: 0.1}
    traffic: {entry: api, arrival_rate_per_s: 100}
    components:
      api:
        kind: service
        replicas: 4
        service_time: {kind: constant, value_ms: 1}
        calls: [[{to: model}]]
      model: {kind: service, replicas: 8, service_time: {kind: constant, value_ms: 5}}
    promise: {p99_ms: 150}
    """
)
FULL = read_design(
    """
    cell: {fraction: 0.1}
    traffic: {entry: api, arrival_rate_per_s: 100, classes: [{name: all, items: 10}]}
    components:
      api:
        kind: service
        replicas: 4
        service_time: {kind: constant, value_ms: 1}
        rate_limits: [{rate_per_s: 500}]
        calls:
          - - to: kept
              hedge: {after_ms: 8}
              timeout_ms: 50
          - - to: split
              deadline_ms: 120
              retries: {attempts: 3, budget: {ratio: 0.1}}
              circuit_breaker: {}
              fallback: [{answer_ms: 1}]
      kept:
        kind: cache
        contents: {kind: ttl, ttl_s: 60}
        on_miss: [[{to: features}]]
      features: {kind: store, shards: 16, replicas: 3, read_time: {kind: constant, value_ms: 2}}
      split: {kind: router, routes: [{to: model}, {to: canary, share: 0.05}]}
      model:
        kind: model_server
        replicas: 8
        max_items: 40
        max_wait_ms: 5
        batch_time: {fixed_ms: 3, per_item_ms: 0.1}
        queue: {limit: 200, drop_older_than_ms: 60}
        autoscaling: {metric: utilization, target: 0.6, minimum: 6, maximum: 12}
      canary: {kind: service, replicas: 2, service_time: {kind: constant, value_ms: 5}}
    """
)

CLEAR = [
    (BARE, "We send batches of 4 to the model.", "batch_size"),
    (FULL, "We send batches of 64 rows to the model.", "batch_size"),
    (FULL, "Our batch size is 128.", "batch_size"),
    (FULL, "The GPU takes 32 images per batch.", "batch_size"),
    (FULL, "A batch may wait 20 ms to fill.", "batch_wait"),
    (FULL, "Batches wait at most 0.02 s until they are sent.", "batch_wait"),
    (FULL, "The call has a time-out of 80 ms.", "timeout"),
    (FULL, "It times out after half a second.", "timeout"),
    (BARE, "The ranker has a timeout of 30 ms.", "timeout"),
    (FULL, "Reads have a deadline of 12 ms.", "deadline"),
    (FULL, "A failed call gets one retry.", "retries"),
    (FULL, "We retry up to 5 times.", "retries"),
    (BARE, "There are 2 retries with jitter.", "retries"),
    (FULL, "We make 5 attempts in all.", "tries"),
    (FULL, "There are no retries.", "retries"),
    (FULL, "We never retry, because it would double the load.", "retries"),
    (FULL, "Retries come out of a retry budget of 20 percent.", "retry_budget"),
    (FULL, "Reads are hedged after 20 ms.", "hedge"),
    (BARE, "A second request goes out after 8 ms.", "hedge"),
    (BARE, "Slow reads are hedged.", "hedging"),
    (FULL, "We run 300 replicas of the API.", "replicas"),
    (BARE, "Eleven is too few, so we run 200 servers.", "replicas"),
    (FULL, "About 480 GPUs serve the peak.", "devices"),
    (FULL, "The store has 64 shards.", "shards"),
    (FULL, "Answers are cached for an hour.", "ttl"),
    (FULL, "The cache has a TTL of 5 minutes.", "ttl"),
    (FULL, "The queue holds at most 5,000 requests.", "queue_limit"),
    (FULL, "Work that has waited 200 ms is dropped.", "drop_older"),
    (FULL, "A canary on 20 percent comes first.", "canary"),
    (BARE, "The service autoscales on utilization.", "autoscaling"),
    (FULL, "There is no autoscaling, the fleet is fixed.", "autoscaling"),
    (BARE, "A circuit breaker stops calls to a broken model.", "circuit_breaker"),
    (FULL, "We do not use a circuit breaker.", "circuit_breaker"),
    (BARE, "If the model is late, we fall back to the popular list.", "fallback"),
    (FULL, "We answer without a fallback.", "fallback"),
    (BARE, "User features are kept in a Redis cache.", "cache"),
    (FULL, "We use no cache.", "cache"),
    (BARE, "Dynamic batching fills the GPU.", "batching"),
    (FULL, "There is no batching: every request is computed alone.", "batching"),
    (BARE, "A rate limit protects us from one tenant.", "rate_limit"),
    (FULL, "There is no rate limit.", "rate_limit"),
]
SILENT = [
    (FULL, "We send batches of 40 rows to the model."),
    (FULL, "We send batches of 4 requests of ten rows each."),
    (FULL, "A batch waits 5 ms."),
    (FULL, "The caller has a time-out of 0.05 seconds."),
    (FULL, "Our timeout is 120 ms, which is the deadline of the call."),
    (FULL, "There are 2 retries."),
    (FULL, "We make three tries in all."),
    (FULL, "We retry twice, out of a retry budget of 10%."),
    (FULL, "Reads are hedged after 8 ms."),
    (FULL, "We run 4 replicas in the cell."),
    (FULL, "We run 37 replicas in the fleet."),
    (FULL, "We need 78 GPUs."),
    (FULL, "Between 6 and 12 replicas are up."),
    (FULL, "At least 5 GPUs are needed."),
    (FULL, "The model runs on fewer than 100 GPUs."),
    (FULL, "About 70 GPUs serve the peak."),
    (FULL, "Answers are cached for a minute."),
    (FULL, "A canary gets 5% of the traffic."),
    (FULL, "Work older than 60 ms is dropped."),
    (BARE, "We would not use a cache here."),
    (BARE, "I chose direct reads instead of a cache."),
    (BARE, "We do not fall back to an older list."),
    (BARE, "With ten times the traffic we send batches of 64."),
    (FULL, "If the rate doubles, we use 200 servers."),
    (FULL, "Below 100 requests/s I would use batches of 2."),
    (FULL, "Would batches of 64 be better?"),
    (FULL, "A batch of 64 would wait too long."),
    (FULL, "We use batches of 40 rather than batches of 512."),
    (FULL, "Training uses batches of 512."),
    (FULL, "A nightly batch of 6 hours fills the store."),
    (FULL, "Losing 3 GPUs of the pool is survived."),
    (FULL, "One GPU does 144k rows/s."),
    (FULL, "There is no cache stampede and no retry storm."),
    (FULL, "No retries on writes, because they are not idempotent."),
    (FULL, "Without a cache, p99 doubles."),
    (BARE, "Autoscaling is too late for the first minute."),
    (BARE, "A canary on 1 percent comes before every release."),
    (BARE, "Conversions may come up to 7 days later."),
    (BARE, "The KV cache of the model holds 40k tokens."),
    (BARE, "cache, circuit breaker, autoscaling, rate limit, canary, fallback, retries"),
    (BARE, "We answer inside 150 ms at p99."),
    (BARE, "The browser's timeout is 150 ms, as promised."),
    (BARE, "Today the system has a time-out of 30 ms."),
    (FULL, "The batch grows from 8 to 64 rows."),
    (FULL, "With a hit ratio of 50 percent the median falls."),
    (FULL, "A batch of 512 rows misses the promise on idle machines."),
    (FULL, "It recovers in ten seconds, and in four without retries."),
    (FULL, "Weights of 33 GB are sharded across 4 GPUs."),
    (FULL, "The bill is 7.5 GPUs of memory."),
    (FULL, "The storage bill grows past the one for GPUs."),
    (FULL, "We restart a few GPUs at a time."),
    (FULL, "Callers give up after 20 ms."),
    (BARE, "A timing attack on a shared cache is a side channel."),
    (FULL, "For the strict six: own pool, no batching."),
    (FULL, "A single call takes 8 ms, two in a batch 12."),
    (FULL, "The flow is shadow, canary 1% -> 5% -> 25%."),
    (BARE, "We can add a cache later if reads grow."),
]


@pytest.mark.parametrize(("design", "sentence", "rule"), CLEAR, ids=[f"{one[2]}: {one[1]}" for one in CLEAR])
def test_a_clear_contradiction_is_named(design, sentence, rule):
    assert [one.rule for one in between([sentence], design)] == [rule]


@pytest.mark.parametrize(("design", "sentence"), SILENT, ids=[one[1] for one in SILENT])
def test_what_is_no_clear_contradiction_is_passed_over(design, sentence):
    assert between([sentence], design) == ()


SAID = {
    "We send batches of 64 rows to the model.": """You wrote “batches of 64”, but max_items of model is 40. Set
        max_items of model to 64, or correct the sentence.""",
    "It times out after half a second.": """You wrote “times out after half a second”, but timeout_ms of the call from
        api to kept is 50 ms. Set timeout_ms of the call from api to kept to 500 ms, or correct the sentence.""",
    "We retry up to 5 times.": """You wrote “retry up to 5”, but retries.attempts of the call from api to split is 3,
        the first try included. Set retries.attempts of the call from api to split to 6, the first try included, or
        correct the sentence.""",
    "We run 480 GPUs.": """You wrote “run 480 gpus”, but replicas of model is 6 to 12 in the cell, which is 120 in the
        fleet. Set replicas of model to 48, the cell's part of 480, or correct the sentence.""",
    "A canary on 20 percent comes first.": """You wrote “canary on 20 percent”, but routes.1.share of split is 5%. Set
        routes.1.share of split to 20%, or correct the sentence.""",
    "We answer without a fallback.": """You wrote “we answer without a fallback”, but the drawn design has a fallback
        at the call from api to split. Take it out of the drawing, or correct the sentence.""",
}


@pytest.mark.parametrize("sentence", SAID)
def test_a_contradiction_names_both_values_the_place_and_what_to_do(sentence):
    [found] = between([sentence], FULL)
    assert (found.quote, found.sentence) == (sentence, " ".join(SAID[sentence].split()))


def test_a_sentence_that_agrees_with_the_drawing_settles_a_part():
    sentences = ["We use no cache.", "User features are kept in a cache."]
    assert between(sentences[:1], FULL) != ()
    assert between(sentences, FULL) == ()


def test_every_kind_of_setting_and_part_is_seen_in_a_design():
    full = {one.kind for one in settings(FULL)} | {one.kind for one in settings(SENIOR)}
    seen_elsewhere = {"running"}
    assert full == set(SETTING_KINDS) - seen_elsewhere
    assert [kind for kind in PART_KINDS if not parts(FULL, kind)] == []
    assert {one.setting for one in rules().numbers} | {k for one in rules().numbers for k in one.also} == set(
        SETTING_KINDS
    )
    assert {one.part for one in rules().parts} == set(PART_KINDS)
    assert [kind for kind in PART_KINDS if parts(BARE, kind)] == []


def test_a_part_that_is_only_written_is_to_be_drawn():
    [found] = between(["The service autoscales on utilization."], BARE)
    assert found.sentence == (
        "You wrote “autoscales”, but no part of the drawn design scales itself. Draw it, or take the words back."
    )


def attempt(text, design=FULL):
    return an_attempt({"detailed_design": text}, design=design)


def test_an_attempt_is_held_against_its_own_drawing_and_no_other():
    text = "We never retry. I have covered a rate limit in depth."
    [found] = contradictions(QUESTION, attempt(text))
    assert (found.rule, found.dimension) == ("retries", "reliability_operations")
    assert contradictions(QUESTION, attempt(text, None)) == ()
    assert contradictions(QUESTION, attempt("We use a cache.", starting_design(QUESTION))) == ()
    assert contradictions(QUESTION, attempt("We use a cache.", BARE))[0].rule == "cache"


def test_what_is_copied_from_the_question_declares_nothing():
    copied = next(one.answer for one in QUESTION.facts if "GPU" in one.answer)
    assert contradictions(QUESTION, attempt(f"{copied} There is no rate limit.")) != ()
    assert [one.rule for one in contradictions(QUESTION, attempt(f"{copied} There is no rate limit."))] == [
        "rate_limit"
    ]
