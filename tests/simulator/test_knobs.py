"""Values of a design by their path: what a slider reads and writes."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import DesignProblem, design_from
from simulator.knobs import value_at, with_value
from tests.simulator.designs import a_design, balancer, front, kill, model_server, service, store
from tests.simulator.random_designs import running_designs

DESIGN = a_design(
    {
        "front": front([{"to": "st", "hedge": {"after_ms": 8.0}}], [{"to": "lb", "timeout_ms": 35.0}]),
        "st": store(shards=8),
        "lb": balancer("ms"),
        "ms": model_server(1200, 1, replicas=5),
        "spare": service(),
    },
    classes=[{"name": "feed", "items": 300}],
    faults=[kill("ms", 5, 2)],
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("components.ms.max_items", 1200),
        ("components.st.read_time.value_ms", 1000.0),
        ("components.front.calls.0.0.hedge.after_ms", 8.0),
        ("components.front.calls.1.0.timeout_ms", 35.0),
        ("traffic.classes.0.items", 300),
        ("traffic.arrival_rate_per_s", 1.0),
        ("components.ms.queue.limit", "unlimited"),
        ("faults.0.for_s", 2.0),
        ("promise.p99_ms", None),
        ("components.front.calls.1.0.hedge", None),
        ("components.front.calls.1.0.hedge.after_ms", None),
    ],
)
def test_a_value_stands_at_its_path(path, value):
    assert value_at(DESIGN, path) == value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("components.ms.max_items", 4800),
        ("traffic.classes.0.items", 450),
        ("components.front.calls.0.0.hedge.after_ms", 12.0),
        ("components.front.calls.1.0.hedge.after_ms", 12.0),
        ("components.front.calls.1.0.retries.attempts", 3),
        ("components.ms.queue.drop_older_than_ms", 50.0),
        ("components.ms.trim", {"when_waiting_items_over": 5, "keep_share": 0.5}),
        ("components.spare.replicas", 7),
        ("promise.p99_ms", 50.0),
        ("faults.0.at_s", 7.0),
        ("faults", []),
        ("name", "Ads"),
    ],
)
def test_a_value_that_was_set_is_there_and_the_design_it_came_from_is_as_it_was(path, value):
    before = DESIGN.model_dump_json()
    changed = with_value(DESIGN, path, value)
    there = value_at(changed, path)
    assert there == value or {key: there[key] for key in value} == value
    assert DESIGN.model_dump_json() == before


def test_nothing_takes_out_the_innermost_part_that_can_be_left_out():
    assert (
        value_at(
            with_value(DESIGN, "components.front.calls.0.0.hedge.after_ms", None), "components.front.calls.0.0.hedge"
        )
        is None
    )
    assert (
        value_at(
            with_value(DESIGN, "components.front.calls.1.0.timeout_ms", None), "components.front.calls.1.0.timeout_ms"
        )
        is None
    )
    assert with_value(DESIGN, "components.front.calls.1.0.hedge.after_ms", None) == DESIGN


def test_nothing_cannot_stand_where_something_must():
    with pytest.raises(DesignProblem) as refused:
        with_value(DESIGN, "components.ms.max_items", None)
    assert refused.value.problems[0].startswith("components.ms.max_items ")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("components.ghost.replicas", "there is no 'ghost' in components; choose one of front, st, lb, ms, spare"),
        ("components.ms.max_item", "there is no 'max_item' in components.ms; choose one of "),
        ("traffic.classes.1.items", "there is no '1' in traffic.classes; choose one of 0"),
        ("traffic.classes.first", "there is no 'first' in traffic.classes; choose one of 0"),
        ("traffic.entry.x", "there is no 'x' in traffic.entry, which is a single value"),
        ("", "there is no '' in the design; choose one of version"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_with_the_choices(path, said):
    for ask in (lambda: value_at(DESIGN, path), lambda: with_value(DESIGN, path, 1)):
        with pytest.raises(DesignProblem) as refused:
            ask()
        assert refused.value.problems[0].startswith(f"{path} is no place in this design: {said}")


@pytest.mark.parametrize(
    "path",
    [
        "name.x",
        "traffic.classes.0.priority.x",
        "components.ms.max_wait_ms.x",
        "components.spare.calls.0",
        "components.spare.calls.x",
        "components.front.calls.0.0.cancel.x",
    ],
)
def test_a_path_through_nothing_zero_or_an_empty_list_is_refused_too(path):
    with pytest.raises(DesignProblem, match="is no place in this design"):
        with_value(DESIGN, path, 1)


def test_an_empty_list_is_not_called_a_single_value():
    with pytest.raises(DesignProblem) as refused:
        value_at(DESIGN, "components.spare.calls.0.0.to")
    assert "single value" not in refused.value.problems[0]


def test_a_value_that_does_not_fit_is_refused_as_in_a_file():
    with pytest.raises(DesignProblem) as refused:
        with_value(DESIGN, "components.ms.max_items", 200)
    [sentence] = refused.value.problems
    assert sentence.startswith("components.ms.max_items is 200, but a request of class 'feed' carries 300 items")


def _paths(data, before=""):
    if isinstance(data, dict):
        return [path for key, value in data.items() for path in _paths(value, f"{before}{key}.")]
    if isinstance(data, list):
        return [path for i, value in enumerate(data) for path in _paths(value, f"{before}{i}.")]
    return [before[:-1]]


@given(data=running_designs(), chance=st.data())
@settings(deadline=None, max_examples=40)
def test_setting_a_value_to_what_it_is_changes_nothing(data, chance):
    design = design_from(data)
    path = chance.draw(st.sampled_from(_paths(design.model_dump(mode="json"))))
    assert with_value(design, path, value_at(design, path)) == design


@given(
    path=st.lists(
        st.sampled_from(
            [
                "components",
                "ms",
                "front",
                "calls",
                "0",
                "1",
                "x",
                "",
                "traffic",
                "classes",
                "items",
                "queue",
                "hedge",
                "name",
            ]
        ),
        max_size=6,
    ).map(".".join),
    value=st.none() | st.integers(-1, 3) | st.just("x") | st.just({}) | st.just([]),
)
@settings(deadline=None, max_examples=300)
def test_any_path_and_value_gives_a_design_or_a_sentence(path, value):
    with suppress(DesignProblem):
        with_value(DESIGN, path, value)
