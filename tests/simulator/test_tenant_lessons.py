"""One tenant sends ten times its load: what saves the strict one, and who pays for it."""

import numpy as np
import pytest

from simulator.results.estimates import nearest_rank
from simulator.results.run import Ending
from tests.simulator.designs import a_design, constant, front, run_of

SHARES = {"strict": 0.15, "neighbor": 0.15, "noisy": 0.7}
RATE, REQUESTS = 3_300.0, 6_600  # ten servers of 4 ms can do 2,500 a second; the noisy tenant alone sends 2,310
QUOTA = [{"class_name": "noisy", "rate_per_s": 800.0, "burst": 20.0}]


def pool(replicas, **more):
    queue = {"limit": "unlimited", "discipline": more.pop("discipline", "fifo")}
    return {"kind": "service", "service_time": constant(0.004), "replicas": replicas, "queue": queue, **more}


def p99_ms(parts):
    """By tenant, of those who were answered."""
    classes = [
        {"name": name, "share": share, "priority": int(name == "strict"), "items": 1} for name, share in SHARES.items()
    ]
    run = run_of(a_design(parts, RATE, arrivals={"kind": "poisson"}, classes=classes), REQUESTS)
    answered = run.ending == Ending.ANSWERED
    return {
        name: nearest_rank((run.ended_s - run.arrived_s)[answered & (run.class_index == i)] * 1000, 0.99)
        for i, name in enumerate(SHARES)
    } | {"refused": int(np.count_nonzero(run.ending == Ending.REFUSED))}


@pytest.fixture(scope="module")
def layouts():
    own = front([{"to": "strict_pool", "classes": ["strict"]}, {"to": "shared", "classes": ["neighbor", "noisy"]}])
    return {
        "one queue": p99_ms({"x": pool(10)}),
        "priority": p99_ms({"x": pool(10, discipline="priority")}),
        "own pool": p99_ms({"x": own, "strict_pool": pool(3), "shared": pool(7)}),
        "quota": p99_ms({"x": pool(10, rate_limits=QUOTA)}),
    }


def test_in_one_queue_the_strict_tenant_waits_with_all_others(layouts):
    backlog_s = (RATE / 2500 - 1) * REQUESTS / RATE  # at the end, at the capacity of ten servers
    assert layouts["one queue"]["strict"] == pytest.approx(backlog_s * 1000, rel=0.15)
    assert layouts["one queue"]["strict"] == pytest.approx(layouts["one queue"]["noisy"], rel=0.1)


def test_priority_saves_the_strict_tenant_and_the_others_pay(layouts):
    assert layouts["priority"]["strict"] < 20
    assert layouts["priority"]["neighbor"] > layouts["one queue"]["neighbor"]


def test_a_pool_of_its_own_moves_the_victim(layouts):
    assert layouts["own pool"]["strict"] < 30
    assert layouts["own pool"]["neighbor"] > 1.5 * layouts["one queue"]["neighbor"]


def test_a_quota_saves_everybody_but_the_noisy_tenant(layouts):
    assert layouts["quota"]["strict"] < 20
    assert layouts["quota"]["neighbor"] < 20
    refused = layouts["quota"]["refused"]
    too_many = (SHARES["noisy"] * RATE - 800) * REQUESTS / RATE
    assert refused == pytest.approx(too_many, rel=0.1)
    assert all(layouts[name]["refused"] == 0 for name in ("one queue", "priority", "own pool"))
