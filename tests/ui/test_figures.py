"""Every kind of component has a form, and measured figures beside it that can be taken over."""

import pytest

from simulator.catalogue import entries_for
from simulator.design_file import read_design
from tests.ui.test_design_editor import Editor

ALL_KINDS = """
traffic: {entry: front, arrival_rate_per_s: 10, keys: {count: 100}}
components:
  front: {kind: service, service_time: {kind: constant, value_ms: 1}, calls: [[{to: cache}, {to: versions}, {to: log}]]}
  cache: {kind: cache, contents: {kind: lru, capacity_keys: 9}, on_miss: [[{to: rows}]],
          lookup_time: {kind: lognormal, median_ms: 1, p99_ms: 3}}
  rows: {kind: store, read_time: {kind: exponential, mean_ms: 1}}
  versions: {kind: router, routes: [{to: even, share: 0.9}, {to: llm, share: 0.1}]}
  even: {kind: load_balancer, targets: [model], policy: consistent_hash}
  model: {kind: model_server, max_items: 8, batch_time: {fixed_ms: 2, per_item_ms: 1}}
  llm: {kind: llm_server, step_ms: 10}
  log: {kind: stream, consumer_time: {kind: constant, value_ms: 1}}
"""


@pytest.fixture
def editor(attempt: str) -> Editor:
    return Editor(attempt, read_design(ALL_KINDS))


@pytest.mark.parametrize("name", list(read_design(ALL_KINDS).components))
def test_every_kind_can_be_opened(editor: Editor, name: str) -> None:
    editor.choose(name)
    assert editor.saved == read_design(ALL_KINDS)


def test_an_lru_cache_shows_how_many_keys_it_holds(editor: Editor) -> None:
    editor.choose("cache")
    editor.screen.set("number_input", "Keys it holds", 50)
    assert editor.saved.components["cache"].contents.capacity_keys == 50


def test_a_figure_is_shown_with_its_source_and_can_be_used(editor: Editor) -> None:
    editor.choose("llm")
    [entry] = [one for one in entries_for("llm_server") if one.fragment("llm_server")][:1]
    editor.screen.set("selectbox", "Figure", entry.id)
    assert any(entry.date in said and "Source" in said for said in editor.screen.values("markdown"))
    editor.screen.click("Use these values")
    used = editor.saved.components["llm"].model_dump(mode="json")
    assert {key: used[key] for key in entry.fragment("llm_server")} == entry.fragment("llm_server")


def test_a_figure_without_values_for_a_component_can_only_be_read(editor: Editor) -> None:
    editor.choose("rows")
    [entry] = [one for one in entries_for("store") if one.fragment("store") is None][:1]
    editor.screen.set("selectbox", "Figure", entry.id)
    assert not editor.screen.has("button", "Use these values")
