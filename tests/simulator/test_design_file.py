"""Designs as text: the same design comes back, and a wrong text is refused by sentences that say where and why."""

import json
import math
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import simulator
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from, fingerprint, plain, read_design, write_design
from simulator.yaml_text import read_yaml
from tests.simulator.designs import (
    balancer,
    design_data,
    front,
    kill,
    model_server,
    service,
    store,
    with_part,
    without_part,
)
from tests.simulator.random_designs import running_designs
from tests.simulator.random_vocabulary import any_designs

examples = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@given(data=any_designs())
@examples
def test_any_design_survives_yaml_and_json(data):
    design = design_from(data)
    assert read_design(write_design(design)) == design
    assert read_design(design.model_dump_json()) == design
    assert read_design(json.dumps(plain(design))) == design


@given(data=running_designs())
@examples
def test_what_is_written_says_nothing_that_is_at_its_default(data):
    design = design_from(data)
    written = plain(design)
    assert design_from(written) == design
    assert "training" not in written
    assert ("zones" in written) == (design.zones != 1)


def test_a_written_design_begins_with_its_version_and_names_every_kind():
    text = write_design(design_from(design_data({"x": service()})))
    assert text.startswith("version: 1\n")
    assert "kind: service\n" in text
    assert "kind: constant\n" in text


def test_equal_designs_have_equal_fingerprints_and_others_have_not():
    data = design_data({"x": service()})
    spelled_out = deepcopy(data) | {"faults": [], "zones": 1}
    changed = design_data({"x": service(replicas=2)})
    assert fingerprint(design_from(data)) == fingerprint(design_from(spelled_out))
    assert fingerprint(design_from(data)) != fingerprint(design_from(changed))


def test_the_committed_schema_is_the_schema():
    committed = Path(simulator.__file__).parent / "design.schema.json"
    assert json.loads(committed.read_text(encoding="utf-8")) == Design.model_json_schema()


@pytest.mark.parametrize(
    "path", sorted(Path(simulator.__file__).parents[1].glob("examples/*.yaml")), ids=lambda path: path.stem
)
def test_every_example_can_be_read(path):
    assert read_design(path.read_text(encoding="utf-8")).components


def test_numbers_may_be_written_as_people_write_them():
    text = """
traffic: {entry: x, arrival_rate_per_s: 1e3, classes: [{items: 1_000}]}
components: {x: {kind: service, service_time: {kind: constant, value_ms: 2}}}
"""
    traffic = read_design(text).traffic
    assert (traffic.arrival_rate_per_s, traffic.classes[0].items) == (1000.0, 1000)


BASE = design_data(
    {
        "front": front(
            [{"to": "st", "fan_out": {}}],
            [{"to": "ms", "timeout_ms": 5.0, "retries": {"attempts": 2}, "fallback": [{"answer_ms": 1.0}]}],
        ),
        "st": store(shards=4, concurrency=1),
        "ms": model_server(8, 1),
    }
)
WRONG = read_yaml((Path(__file__).parent / "wrong_designs.yaml").read_text(encoding="utf-8"))


def _problems(data):
    with pytest.raises(DesignProblem) as refused:
        design_from(data)
    return refused.value.problems


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong["at"])
def test_what_is_wrong_is_said_in_one_sentence(wrong):
    data = with_part(BASE, wrong["at"], wrong["value"]) if "value" in wrong else without_part(BASE, wrong["at"])
    assert _problems(data) == [wrong["said"]]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(value):
    said = f"traffic.arrival_rate_per_s is {value}, but must be a finite number"
    assert _problems(with_part(BASE, "traffic.arrival_rate_per_s", value)) == [said]


def test_calls_in_a_circle_are_refused():
    data = design_data({"a": front([{"to": "b"}]), "b": front([{"to": "c"}]), "c": front([{"to": "a"}])})
    assert _problems(data) == ["components.a asks in a circle: a -> b -> c -> a; take one of these calls out"]


def test_a_component_stands_behind_one_load_balancer_only_and_is_called_through_it():
    data = design_data(
        {"one": balancer("x"), "two": balancer("x"), "y": front([{"to": "x"}]), "x": service()}, entry="x"
    )
    assert _problems(data) == [
        "components.x is behind one and two; a component can stand behind one load balancer only",
        "traffic.entry is 'x', which is behind a load balancer; enter at the load balancer",
        "components.y.calls.0.0.to is 'x', which is behind a load balancer; call that instead",
    ]


@pytest.mark.parametrize("target", [store(), balancer("y")], ids=["store", "load_balancer"])
def test_only_what_has_replicas_can_stand_behind_a_load_balancer(target):
    [sentence] = _problems(design_data({"lb": balancer("x"), "x": target, "y": service()}))
    assert sentence.startswith(
        f"components.x is a {target['kind']}, which a load balancer cannot target; choose a service"
    )


def test_a_load_balancer_names_each_target_once():
    lb = {"kind": "load_balancer", "targets": ["x", "x"]}
    assert len(_problems(design_data({"lb": lb, "x": service()}))) == 1


def test_more_slots_than_a_machine_can_hold_are_refused():
    [sentence] = _problems(design_data({"x": service(replicas=1_000_000, concurrency=1_000_000)}))
    assert sentence.startswith("components.x")


@pytest.mark.parametrize("kind", ["gamma", "lognormal"])
def test_an_scv_that_is_too_small_to_reckon_with_is_refused(kind):
    part = service() | {"service_time": {"kind": kind, "mean_ms": 1.0, "scv": 1e-310}}
    [sentence] = _problems(design_data({"x": part}))
    assert sentence.startswith("components.x.service_time.scv is 1e-310, but must be at least ")


def test_all_problems_are_told_at_once():
    data = with_part(BASE, "traffic.arrival_rate_per_s", "fast")
    data["components"]["front"]["replicas"] = 0
    data["faults"] = [kill("st", -1)]
    assert [sentence.split(" ")[0] for sentence in _problems(data)] == [
        "traffic.arrival_rate_per_s",
        "components.front.replicas",
        "faults.0.at_s",
    ]


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted():
    calls = [{"to": "st", "timeout_ms": -1.0}] * 45
    problems = _problems(with_part(BASE, "components.front.calls", [calls]))
    assert problems[0] == "components.front.calls.0.0.timeout_ms is -1.0, but must be above 0.0"
    assert len(problems) == 41
    assert problems[-1].endswith(" more things are wrong; mend these first")


def test_all_parts_that_do_not_fit_are_told_at_once():
    data = with_part(BASE, "traffic.classes", [{"name": "feed", "share": 0.5, "items": 9}])
    data["faults"] = [kill("ms", 1, replicas=2)]
    assert len(_problems(data)) == 3


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list", "5"])
def test_a_text_that_is_no_design_at_all_is_refused(text):
    with pytest.raises(DesignProblem, match="it needs `traffic` and `components`"):
        read_design(text)


def test_a_text_that_is_not_yaml_is_refused_with_its_place():
    with pytest.raises(DesignProblem, match=r"^line 2, column 10 is not YAML: "):
        read_design("traffic:\n  entry: }")
