"""The form knows the whole vocabulary: each field has a widget, and showing a design changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from question_bank.loader import load_question, slugs
from question_bank.schema import DESIGN_NAMES
from simulator import design as vocabulary
from simulator.design import Design
from simulator.design_file import design_from, read_design
from simulator.spec import Spec
from tests.ui.form_page import FormPage, open_everything, submit_everything
from ui.form.shapes import Variants, models_in, shapes
from ui.form.words import FIRST, groups, start, title, word

FILE_ONLY: set[str] = set()
"""Fields that only the file takes."""

NO_CHOICE = {"kind", "version", "components"}  # the kind of a component, the file's version, the pills
STEPS = {"calls", "on_miss"}  # drawn step by step, each call by the same table
MODELS = (
    vocabulary.Service,
    vocabulary.Cache,
    vocabulary.Store,
    vocabulary.ModelServer,
    vocabulary.LlmServer,
    vocabulary.Stream,
    vocabulary.LoadBalancer,
    vocabulary.Router,
)

EVERY_WORD = """
name: all of it
cell: {fraction: 0.5, note: half}
zones: 3
traffic:
  entry: front
  arrival_rate_per_s: 100
  arrivals: {kind: closed_loop, users: 5, think_time: {kind: quantiles, points: [[0.0, 1.0], [0.5, 2.5], [1.0, 9.0]]}}
  keys: {count: 1000, zipf_exponent: 0.9}
  classes:
    - {name: a, share: 0.7, priority: 1, items: 3, prompt_tokens: {shape: gamma, mean: 20, scv: 0.5}}
    - {name: b, share: 0.3, items: {shape: geometric, mean: 3}}
components:
  front:
    kind: service
    label: the door
    usd_per_replica_hour: 1
    replicas: 2
    service_time: {kind: lognormal, mean_ms: 2, scv: 0.5, floor_ms: 0.1}
    sharing: slots
    queue: {limit: unlimited, discipline: priority, drop_older_than_ms: 50}
    rate_limits: [{rate_per_s: 50, burst: 5, class_name: a}, {rate_per_s: 90}]
    autoscaling: {metric: utilization, target: 0.5, minimum: 1, maximum: 9, add_at_most: 2}
    calls:
      - - to: near
          share: 0.5
          classes: [a]
          timeout_ms: 20
          deadline_ms: 60
          stale_after_s: 30
          cancel: true
          retries: {attempts: 3, backoff: equal_jitter, base_ms: 5, cap_ms: 50, budget: {ratio: 0.1, burst: 5}}
          hedge: {after_ms: 9, cancel_loser: false}
          fan_out: {copies: 2, need: 1}
          circuit_breaker: {failure_share: 0.4, window: 20, open_s: 2}
          fallback: [{to: rows, label: plain rows}, {answer_ms: 1, label: nothing}]
        - {to: log, fire_and_forget: true}
      - [{to: split}]
  near:
    kind: cache
    replicas: 2
    lookup_time: {kind: exponential, mean_ms: 1}
    contents: {kind: ttl, ttl_s: 9, renewed: true}
    pattern: look_aside
    single_flight: true
    on_miss: [[{to: rows, fan_out: {copies: all, need: 1}}]]
  rows:
    kind: store
    shards: 4
    replicas: 3
    concurrency: 8
    read_time: {kind: lognormal, median_ms: 1, p99_ms: 4}
    hot_shard_share: 0.4
    quorum: 2
    freshness: {update_every_s: 1, lag_s: 2, fed_by: log}
  log: {kind: stream, partitions: 4, replicas: 2, retention_messages: 100, catch_up: newest_first,
        append_time: {kind: hyperexponential, mean_ms: 1, scv: 4}, consumer_time: {kind: gamma, mean_ms: 1, scv: 2},
        calls: [[{to: rows}]]}
  split: {kind: router, routes: [{to: even, share: 0.8}, {to: llm, share: 0.2}, {to: llm, share: 0.1, shadow: true}],
          undo: {metric: p99_ms, above: 50, window_s: 5}}
  even: {kind: load_balancer, targets: [model], policy: power_of_d, choices: 3, stale_ms: 5, overhead_ms: 0.1}
  model: {kind: model_server, replicas: 2, streams: 2, max_items: unlimited, max_wait_ms: 2,
          batch_time: {fixed_ms: 2, per_item_ms: 0.1, scv: 0.5}, trim: {when_waiting_items_over: 9, keep_share: 0.5}}
  llm: {kind: llm_server, step_ms: 9, per_running_ms: 0.1, kv_memory_tokens: 9000}
faults:
  - {kind: kill_replicas, component: front, at_s: 1, for_s: 2, replicas: 1}
  - {kind: slow, component: llm, at_s: 1, factor: 2}
  - {kind: breakdowns, component: llm, at_s: 1, mean_time_to_failure_s: 9, mean_time_to_repair_s: 1}
  - {kind: lose_zone, at_s: 1, for_s: 1}
  - {kind: error_rate, component: llm, at_s: 1, share: 0.5}
  - {kind: cut_link, caller: front, component: near, at_s: 1}
  - {kind: flush_cache, component: near, at_s: 1}
  - {kind: delay_features, component: rows, at_s: 1, lag_s: 9}
  - {kind: bad_canary, component: split, at_s: 1, failure_share: 0.5, slow_factor: 2}
  - {kind: replay, component: log, at_s: 1, of_s: 1}
promise: {p99_ms: 50, deadline_ms: 60, in_time_share: 0.99, availability: 0.99, fallback_share: 0.1,
          usd_per_month: 9000,
          freshness_s: 60}
training: {useful_work_h: 9, checkpoint_every_min: 9, checkpoint_cost_min: 1, restart_cost_min: 1,
           mean_time_between_failures_h: 99, retrain_every_h: 24, usd_per_hour: 9}
"""
ARRIVALS: list[dict[str, Any]] = [
    {"kind": "poisson"},
    {"kind": "evenly_spaced"},
    {"kind": "renewal", "scv": 2.5},
    {"kind": "bursts", "burst_factor": 3, "calm_factor": 0.5, "mean_burst_s": 1, "mean_calm_s": 5},
    {"kind": "trace", "times_s": [0.1, 0.25, 7]},
    {"kind": "trace", "file": "day.csv", "column": "at"},
]
PROFILES: list[dict[str, Any] | None] = [
    None,
    {"kind": "steps", "points": [[1, 2], [3.5, 0.25]]},
    {"kind": "diurnal", "peak_factor": 1.5, "period_s": 100},
]


def every_word() -> Design:
    return read_design(EVERY_WORD)


def open_loop(arrivals: dict[str, Any], profile: dict[str, Any] | None) -> Design:
    data = every_word().model_dump(mode="json")
    data["traffic"] |= {"arrivals": arrivals, "profile": profile}
    data["faults"].append({"kind": "traffic_spike", "at_s": 1, "for_s": 2, "factor": 2, "class_name": "a"})
    return design_from(data)


DESIGNS = {
    "every word": every_word(),
    **{f"{a['kind']}, {p and p['kind']}": open_loop(a, p) for a, p in zip(ARRIVALS, PROFILES * 2, strict=True)},
}


def all_models() -> list[type[Spec]]:
    found: list[type[Spec]] = [Design, vocabulary.Call, *MODELS]
    for model in found:
        found += [one for shape in shapes(model).values() for one in models_in(shape) if one not in found]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_every_field_of_the_vocabulary_has_a_widget_and_words(model: type[Spec]) -> None:
    """A new field of the vocabulary turns up here until the table of words says what it is called and where it goes."""
    fields = {name for name in model.model_fields if f"{model.__name__}.{name}" not in FILE_ONLY}
    assert set(shapes(model)) == fields - NO_CHOICE - STEPS
    placed = [name for names in groups(model).values() for name in names]
    elsewhere = {"traffic"} if model is Design else set()  # drawn by its own groups
    assert sorted(placed) == sorted(set(shapes(model)) - elsewhere)
    for name, shape in shapes(model).items():
        if name in elsewhere or (model, name) in ((Design, "cell"), (Design, "promise")):
            continue
        assert word(model, name).label
        if isinstance(shape, Variants):
            assert all(title(one) for one in shape.models)


def test_few_fields_come_first() -> None:
    for model in MODELS:
        assert 1 <= len(groups(model)[FIRST]) <= 4, model


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list) and data and isinstance(data[0], dict | list) and isinstance(data[0], dict):
        for i, value in enumerate(data):
            yield from leaves(value, f"{path}.{i}")
    elif path.rsplit(".", 1)[-1] in ("calls", "on_miss"):
        for i, step in enumerate(data):
            yield from leaves(step, f"{path}.{i}")
    else:
        yield path, data


@pytest.mark.parametrize("which", DESIGNS)
def test_every_value_of_a_design_is_on_the_screen(monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    open_everything(monkeypatch)
    form = FormPage(DESIGNS[which])
    shown = set(form.places)
    for place, value in leaves(form.design.model_dump(mode="json")):
        parent, _, name = place.rpartition(".")
        if value is None and ("_time" in parent or "fallback" in parent or name == "file"):
            continue  # the other way to say the same
        if name == "version" or (name == "kind" and parent.count(".") == 1 and parent.startswith("components.")):
            continue
        lists_of_nothing = value == [] and any(button.label.startswith("Add a ") for button in form.at.button)
        rest = any(one.startswith(f"{place}:") for one in shown)  # the share of the first follows from the others
        off = name == "column" and form.design.traffic.arrivals.model_dump().get("file") is None
        assert place in shown or f"{place}.kind" in shown or lists_of_nothing or rest or off, place


@pytest.mark.parametrize("which", DESIGNS)
def test_a_design_that_is_shown_and_submitted_as_it_is_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    open_everything(monkeypatch)
    submitted = submit_everything(monkeypatch)
    form = FormPage(DESIGNS[which])
    assert len(submitted) > 200
    assert (form.saved, form.problems) == ([], [])


@pytest.mark.parametrize("slug", slugs())
def test_every_reference_design_can_be_shown_and_submitted_as_it_is(monkeypatch: pytest.MonkeyPatch, slug: str) -> None:
    open_everything(monkeypatch)
    submitted = submit_everything(monkeypatch)
    for name in DESIGN_NAMES:
        form = FormPage(load_question(slug).designs.by_name(name))
        assert (form.saved, form.problems) == ([], []), name
        assert submitted
        submitted.clear()


def test_what_a_new_part_begins_with_fits_its_model() -> None:
    """Names of components and sizes that depend on the design are tried on the screen, in `test_form_lists.py`."""
    for model in all_models():
        assert set(start(model)) <= set(model.model_fields), model
