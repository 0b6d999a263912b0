"""What a design costs: the cell's replicas by their price, scaled up to the fleet."""

import pytest

from simulator.results.cost import cost
from tests.simulator.designs import a_design, balancer, front, model_server, replications_of, service, store


def _priced(price, part):
    return {**part, "usd_per_replica_hour": price}


DESIGN = a_design(
    {
        "front": _priced(0.1, {**front([{"to": "lb"}], [{"to": "st"}]), "replicas": 8}),
        "lb": balancer("ms"),
        "ms": _priced(0.7, model_server(8, 1, replicas=5)),
        "st": _priced(0.2, store(shards=4, replicas=3)),
    },
    cell={"fraction": 0.01},
)


def test_a_fleet_costs_its_replicas_by_their_price():
    found = cost(DESIGN, 100.0)
    assert found.usd_per_hour == pytest.approx((8 * 0.1 + 5 * 0.7 + 4 * 3 * 0.2) / 0.01)
    assert found.usd_per_month == pytest.approx(found.usd_per_hour * 730)
    assert {one.component: one.replicas for one in found.components} == pytest.approx(
        {"front": 800, "lb": 100, "ms": 500, "st": 1200}
    )


def test_a_thousand_answers_cost_what_the_fleet_costs_while_it_gives_them():
    found = cost(DESIGN, 100.0)
    assert found.usd_per_1000_answers == pytest.approx(found.usd_per_hour / (100 / 0.01 * 3.6))


def test_without_an_answer_there_is_no_price_for_one():
    assert cost(DESIGN, 0.0).usd_per_1000_answers is None


def test_what_has_no_price_is_named_and_never_counts_as_free():
    found = cost(DESIGN, 100.0)
    assert found.unpriced == ("lb",)
    assert next(one for one in found.components if one.component == "lb").usd_per_hour is None


def test_a_price_of_nothing_is_a_price():
    assert cost(a_design({"x": _priced(0.0, service())}), 1.0).unpriced == ()


def test_the_same_fleet_costs_the_same_in_a_cell_of_any_size():
    small, large = (
        cost(a_design({"x": _priced(0.5, service(replicas=n))}, rate_per_s=n, cell={"fraction": n / 100}), float(n))
        for n in (2, 10)
    )
    assert small.usd_per_hour == pytest.approx(large.usd_per_hour)
    assert small.usd_per_1000_answers == pytest.approx(large.usd_per_1000_answers)


def test_refused_requests_are_no_answers_to_pay_for():
    design = a_design({"x": _priced(0.5, service(1.5, queue={"limit": 0}))})
    replications = replications_of(design, 20)  # every second request finds the only slot busy
    assert replications.cost.usd_per_1000_answers == pytest.approx(0.5 * 1000 / (10 / 20.5 * 3600))
