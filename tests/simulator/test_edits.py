"""Changes to a design as a person makes them: each gives a design, or a sentence that says why not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator import edits, support
from simulator.design_file import DesignProblem, design_from
from tests.simulator.designs import a_design, balancer, front, kill, model_server, service, store
from tests.simulator.random_designs import running_designs

DESIGN = a_design(
    {
        "front": front([{"to": "features", "fallback": [{"to": "spare"}]}], [{"to": "ranker"}]),
        "features": store(shards=4),
        "ranker": model_server(8, 1),
        "spare": service(),
    },
    faults=[kill("ranker", 1)],
)
examples = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("kind", edits.NEW)
def test_a_new_component_of_each_kind_fits_and_runs(kind):
    downstream = ("spare",) if kind in edits.NEEDS_DOWNSTREAM else ()
    design = edits.add(DESIGN, kind, "fresh", downstream)
    assert design.components["fresh"].kind == kind
    support.check(design)


def test_a_new_load_balancer_takes_over_the_calls_to_its_targets():
    design = edits.add(DESIGN, "load_balancer", "lb", ("ranker",))
    assert [step[0].to for step in design.components["front"].calls] == ["features", "lb"]


def test_a_load_balancer_before_the_entry_becomes_the_entry():
    assert edits.add(a_design({"x": service()}), "load_balancer", "lb", ("x",)).traffic.entry == "lb"


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("service", "front", "components.front is there already"),
        ("magic", "fresh", "components.fresh has the kind 'magic'"),
        ("cache", "fresh", "components.fresh is a cache; choose what it stands in front of"),
        ("service", "Not A Name", "must be a short name"),
    ],
)
def test_a_component_that_cannot_be_added_is_refused(kind, name, said):
    with pytest.raises(DesignProblem, match=said):
        edits.add(DESIGN, kind, name)


def test_removing_a_component_removes_what_mentions_it():
    design = edits.remove(edits.remove(DESIGN, "ranker"), "spare")
    assert (list(design.components), design.faults) == (["front", "features"], ())
    assert [len(step) for step in design.components["front"].calls] == [1]


def test_a_duplicate_asks_what_its_original_asks_stands_after_it_and_is_asked_by_nobody():
    design = edits.duplicate(DESIGN, "front", "front_2")
    assert list(design.components) == ["front", "front_2", "features", "ranker", "spare"]
    assert design.components["front_2"] == DESIGN.components["front"]
    assert edits.remove(design, "front_2") == DESIGN


def test_a_duplicate_needs_a_name_of_its_own_and_a_load_balancers_would_share_its_targets():
    with pytest.raises(DesignProblem, match="spare is there already; choose another name"):
        edits.duplicate(DESIGN, "front", "spare")
    with pytest.raises(DesignProblem, match="ranker is behind lb and lb_2"):
        edits.duplicate(edits.add(DESIGN, "load_balancer", "lb", ("ranker",)), "lb", "lb_2")


def test_a_free_name_is_the_first_number_that_is_free_and_fits_however_long_the_stem_is():
    taken = edits.add(edits.add(DESIGN, "service", "service_1"), "service", "service_3")
    assert edits.free_name(taken, "service") == "service_2"
    assert edits.free_name(taken, "service", 3) == "service_4"
    assert (
        edits.free_name(edits.rename(DESIGN, "spare", "s" * 40), "s" * 40)
        in edits.add(DESIGN, "service", edits.free_name(DESIGN, "s" * 40)).components
    )


def test_the_entry_and_the_last_thing_behind_a_cache_cannot_be_removed():
    with pytest.raises(DesignProblem, match="choose another entry first"):
        edits.remove(DESIGN, "front")
    with pytest.raises(DesignProblem, match="remove memory first"):
        edits.remove(edits.add(DESIGN, "cache", "memory", ("spare",)), "spare")


@given(data=running_designs(), chance=st.data())
@examples
def test_renaming_there_and_back_changes_nothing(data, chance):
    design = design_from(data)
    name = chance.draw(st.sampled_from(sorted(design.components)))
    renamed = edits.rename(design, name, "another_name")
    assert name not in renamed.model_dump_json().replace("another_name", "").split('"')
    assert edits.rename(renamed, "another_name", name) == design


@given(data=running_designs(), chance=st.data())
@examples
def test_removing_anything_gives_a_design_or_a_sentence(data, chance):
    design = design_from(data)
    name = chance.draw(st.sampled_from(sorted(design.components)))
    try:
        assert name not in edits.remove(design, name).components
    except DesignProblem as problem:
        assert problem.problems != []  # noqa: PT017 - either way is right, and both are looked at


def test_calls_are_added_moved_changed_and_removed():
    design = edits.add_call(DESIGN, "front", "spare")
    design = edits.move_step(design, "front", 2, -1)
    design = edits.set_call(design, "front", 1, 0, {"timeout_ms": 5.0})
    design = edits.add_call(design, "front", "spare", beside_last=True)
    design = edits.remove_call(design, "front", 0, 0)
    assert [[call.to for call in step] for step in design.components["front"].calls] == [["spare"], ["ranker", "spare"]]
    assert design.components["front"].calls[0][0].timeout_ms == 5.0


def test_what_comes_between_takes_over_the_calls_to_what_is_behind_it_with_their_policies():
    between = edits.add(DESIGN, "cache", "near", ("features",))
    design = edits.come_between(between, "front", "near", ("features",))
    [[first], [second]] = design.components["front"].calls
    assert (first.to, second.to) == ("near", "ranker")
    assert first.fallback == DESIGN.components["front"].calls[0][0].fallback


def test_what_comes_between_is_called_anew_where_nothing_behind_it_was():
    between = edits.add(DESIGN, "cache", "near", ("spare",))
    design = edits.come_between(between, "front", "near", ("spare",))
    assert design == edits.add_call(between, "front", "near")


def test_a_step_at_the_end_stays_where_it_is():
    assert edits.move_step(DESIGN, "front", 0, -1) == edits.move_step(DESIGN, "front", 1, 1) == DESIGN


def test_what_calls_nobody_gets_no_calls():
    with pytest.raises(DesignProblem, match="calls nobody"):
        edits.add_call(DESIGN, "features", "spare")


def test_a_call_in_a_circle_is_refused():
    with pytest.raises(DesignProblem, match="asks in a circle"):
        edits.add_call(DESIGN, "spare", "front")


def test_the_entry_can_be_another_component():
    assert edits.set_entry(DESIGN, "spare").traffic.entry == "spare"
    with pytest.raises(DesignProblem, match="behind a load balancer"):
        edits.set_entry(a_design({"lb": balancer("x"), "x": service()}), "x")
