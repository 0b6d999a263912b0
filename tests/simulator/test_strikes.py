"""What is offered to strike a design does strike it, and nothing that would strike it is left out."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from simulator import strikes
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from simulator.support import DoesNotRunYet, check
from tests.simulator.designs import a_design, balancer, front, model_server, service, store, wide
from tests.simulator.random_designs import running_designs

Data = dict[str, Any]


def accepted(design: Design, fault: Data) -> bool:
    """Whether the vocabulary and the simulator take the design with this fault alone."""
    data = design.model_dump(mode="json") | {"faults": [fault]}
    try:
        check(design_from(data))
    except (DesignProblem, DoesNotRunYet):
        return False
    return True


@given(data=running_designs(with_faults=False))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_offered_are_those_components_that_the_vocabulary_lets_a_fault_strike(data):
    design = design_from(data)
    for kind in strikes.FAULT_KINDS:
        if kind in ("lose_zone", "cut_link", "traffic_spike"):
            continue
        guess = {"kind": kind, "at_s": 3.0} | ({} if kind == "replay" else {"for_s": 4.0}) | strikes._amounts(kind, 4.0)
        taken = [name for name in design.components if accepted(design, guess | {"component": name})]
        assert strikes.victims(design, kind) == taken


@given(data=running_designs(with_faults=False))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_first_guess_is_taken_by_the_design(data):
    zones = design_from(data | {"zones": strikes.ZONES})
    for kind in strikes.strikes(zones):
        assert accepted(zones, strikes.first_guess(zones, kind, 3.0, 4.0)), kind


def test_a_design_of_a_service_alone_offers_what_can_happen_to_it():
    assert strikes.strikes(a_design({"web": service(0.01)}, 50.0)) == (
        "kill_replicas", "breakdowns", "lose_zone", "slow", "error_rate", "traffic_spike",
    )  # fmt: skip


def test_a_closed_loop_has_no_spike_and_a_store_that_never_waits_no_deaths():
    loop = {"kind": "closed_loop", "users": 5, "think_time": {"kind": "constant", "value_ms": 10}}
    design = a_design({"features": store(0.01)}, 50.0, arrivals=loop)
    assert strikes.strikes(design) == ("slow", "error_rate", "delay_features")


def test_the_busiest_part_is_struck_first_and_of_equals_the_dearest():
    parts = {"web": front([{"to": "a"}, {"to": "b"}]), "a": service(0.001), "b": service(0.01)}
    assert strikes.likeliest(a_design(parts, 50.0), ["a", "b"]) == "b"
    lb = {"lb": balancer("a"), "a": wide(0.0), "b": wide(0.0, usd_per_replica_hour=2.0)}
    assert strikes.likeliest(a_design(lb, 50.0), ["a", "b"]) == "b"


@pytest.mark.parametrize(("rate_per_s", "expected"), [(1000.0, (3.0, 4.0)), (100.0, (20.0, 10.0)), (10.0, (200, 100))])
def test_a_fault_comes_when_the_run_can_show_it(rate_per_s, expected):
    assert strikes.when(a_design({"gpu": model_server(4, 0.0001)}, rate_per_s), requests=6000) == expected
