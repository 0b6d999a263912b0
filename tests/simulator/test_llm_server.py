"""Continuous batching against a loop that takes every single step, by hand, and by the laws of tokens."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.results.run import Ending
from tests.simulator import oracles
from tests.simulator.designs import (
    a_design,
    balancer,
    front,
    kill,
    latencies_s,
    path_of,
    run_of,
    slow,
    wide,
)
from tests.simulator.token_oracle import Rules, token_by_token


def llm(step_s=1.0, per_running_s=0.0, **more):
    times = {"step_ms": step_s * 1000, "per_running_ms": per_running_s * 1000}
    return {"kind": "llm_server", "queue": {"limit": "unlimited"}, **times, **more}


def tokens_of(run, name="x"):
    return run.components[name].tokens


def first_tokens_s(run, name="x"):
    record = tokens_of(run, name)
    return dict(zip(record.request.tolist(), record.first_token_s.tolist(), strict=True))


RULES = st.fixed_dictionaries(
    {
        "replicas": st.integers(1, 3),
        "step_ms": st.floats(1, 10),
        "per_running_ms": st.sampled_from([0.0, 0.7]),
        "per_context_token_ms": st.sampled_from([0.0, 0.02]),
        "prefill_ms_per_token": st.sampled_from([0.0, 0.3]),
        "max_running": st.integers(1, 12),
        "kv_memory_tokens": st.integers(18, 120) | st.just("unlimited"),
        "limit": st.integers(0, 12) | st.just("unlimited"),
        "drop_older_than_ms": st.none() | st.floats(1, 80),
        "discipline": st.sampled_from(["fifo", "lifo", "priority"]),
    }
)
AMOUNT = st.integers(1, 9) | st.builds(
    lambda shape, mean: {"shape": shape, "mean": mean}, st.sampled_from(["geometric", "exponential"]), st.floats(1, 20)
)


def _number(value):
    return inf if value in (None, "unlimited") else value


@given(rules=RULES, items=AMOUNT, prompt=st.integers(1, 9), rate=st.floats(20, 600), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=150)
def test_every_request_gets_its_tokens_when_single_steps_would_give_them(rules, items, prompt, rate, seed):
    of_queue = ("limit", "drop_older_than_ms", "discipline")
    part = {"kind": "llm_server", "queue": {key: rules[key] for key in of_queue}}
    part |= {key: value for key, value in rules.items() if key not in of_queue}
    carried = {"items": items, "prompt_tokens": prompt}
    classes = [{"name": name, "share": 0.5, "priority": i, **carried} for i, name in enumerate(["batch", "chat"])]
    traffic = {"entry": "x", "arrival_rate_per_s": rate, "classes": classes}
    design = design_from({"traffic": traffic, "components": {"x": part}})
    run = run_of(design, 150, seed=seed)
    prompts, items = [prompt] * len(run.arrived_s), run.items.tolist()
    told = token_by_token(run.arrived_s.tolist(), prompts, items, _rules(rules), run.class_index.tolist())
    served = [fate == oracles.SERVED for fate in told.story.fate]
    assert (run.ending == Ending.ANSWERED).tolist() == served
    assert run.ended_s == pytest.approx(told.story.ended_s, rel=1e-9)
    assert first_tokens_s(run) == pytest.approx({i: told.first_s[i] for i, was in enumerate(served) if was}, rel=1e-9)
    kept = tokens_of(run)
    assert int(kept.steps.sum()) == len(told.steps)
    assert int((kept.steps * kept.running).sum()) == sum(running for *_, running in told.steps)


def _rules(rules):
    return Rules(
        devices=rules["replicas"],
        step_s=rules["step_ms"] / 1000,
        per_running_s=rules["per_running_ms"] / 1000,
        per_context_token_s=rules["per_context_token_ms"] / 1000,
        prefill_s_per_token=rules["prefill_ms_per_token"] / 1000,
        max_running=rules["max_running"],
        kv_tokens=_number(rules["kv_memory_tokens"]),
        places=_number(rules["limit"]),
        oldest_s=_number(rules["drop_older_than_ms"]) / 1000,
        discipline=rules["discipline"],
    )


def test_requests_join_and_leave_between_steps():
    run = run_of(a_design({"x": llm(1.0, 1.0)}, classes=[{"items": 3}]), 3)
    assert run.ended_s.tolist() == [11.0, 14.0, 14.0]
    assert first_tokens_s(run) == {0: 3.0, 1: 7.0, 2: 7.0}
    kept = tokens_of(run)
    steps = zip(kept.stretch_from_s.tolist(), kept.stretch_to_s.tolist(), kept.steps.tolist(), strict=True)
    assert list(steps) == [(1.0, 3.0, 1), (3.0, 11.0, 2), (11.0, 14.0, 1)]


def test_who_comes_at_the_end_of_a_step_joins_the_next():
    run = run_of(a_design({"x": llm(0.5)}, classes=[{"items": 5}]), 2)
    assert first_tokens_s(run) == {0: 1.5, 1: 2.5}
    assert latencies_s(run) == [2.5, 2.5]


def test_who_comes_from_another_component_at_the_end_of_a_step_joins_the_next_too():
    parts = {"a": wide(0.25, calls=[[{"to": "x"}]]), "x": llm(1.0)}
    assert latencies_s(run_of(a_design(parts, classes=[{"items": 2}]), 4)) == [2.25] * 4


def test_a_step_takes_longer_with_every_token_of_context():
    part = llm(1.0, per_context_token_ms=100.0)
    run = run_of(a_design({"x": part}, classes=[{"items": 4, "prompt_tokens": 10}], rate_per_s=0.01), 1)
    assert latencies_s(run) == pytest.approx([2.0 + 2.1 + 2.2 + 2.3])


def test_a_prompt_makes_the_first_step_longer_for_all_who_run():
    part = llm(1.0, prefill_ms_per_token=10.0)
    run = run_of(a_design({"x": part}, classes=[{"items": 3, "prompt_tokens": 50}]), 2)
    assert run.ended_s.tolist() == pytest.approx([5.0, 6.0])  # steps end at 2.5, 4.0, 5.0, 6.0
    assert first_tokens_s(run) == pytest.approx({0: 2.5, 1: 4.0})


def test_memory_is_reserved_for_prompt_and_answer_and_nobody_overtakes():
    classes = [{"items": 6, "prompt_tokens": 4}]
    run = run_of(a_design({"x": llm(0.5, kv_memory_tokens=19)}, classes=classes), 3)
    assert run.ended_s.tolist() == [4.0, 7.0, 10.0]  # 10 tokens each: one at a time in 19 places


def test_what_never_fits_is_refused_at_once():
    classes = [{"items": {"shape": "geometric", "mean": 6.0}, "prompt_tokens": 4}]
    run = run_of(a_design({"x": llm(0.1, kv_memory_tokens=9)}, classes=classes), 100)
    refused = run.ending == Ending.REFUSED
    assert (refused == (run.items > 5)).all()
    assert 0 < refused.sum() < 100
    assert (run.ended_s == run.arrived_s)[refused].all()


def test_only_so_many_run_at_a_time_and_the_queue_is_bounded():
    part = llm(1.0, max_running=1, queue={"limit": 1})
    run = run_of(a_design({"x": part}, classes=[{"items": 5}]), 4)
    assert run.ended_s.tolist() == [6.0, 11.0, 3.0, 4.0]
    assert run.ending.tolist() == [Ending.ANSWERED, Ending.ANSWERED, Ending.REFUSED, Ending.REFUSED]


def test_who_waited_too_long_is_dropped_when_there_is_room():
    part = llm(1.0, max_running=1, queue={"drop_older_than_ms": 3500})
    run = run_of(a_design({"x": part}, classes=[{"items": 5}]), 3)
    assert run.ended_s.tolist() == [6.0, 6.0, 11.0]
    assert run.ending.tolist() == [Ending.ANSWERED, Ending.REFUSED, Ending.ANSWERED]


TWO_CLASSES = [{"name": "batch", "share": 0.5, "items": 5}, {"name": "chat", "share": 0.5, "items": 5, "priority": 1}]


@pytest.mark.parametrize(
    ("discipline", "order"), [("fifo", [0, 1, 2, 3, 4]), ("lifo", [0, 4, 3, 2, 1]), ("priority", None)]
)
def test_who_is_next_begins_when_there_is_room(discipline, order):
    """One at a time, five seconds each: five have come when the first is done at second 6."""
    part = llm(1.0, max_running=1, queue={"discipline": discipline})
    run = run_of(a_design({"x": part}, classes=TWO_CLASSES), 5, seed=3)
    if order is None:
        assert len(set(run.class_index[1:].tolist())) == 2
        order = [0, *sorted(range(1, 5), key=lambda one: -int(run.class_index[one]))]
    assert [run.ended_s[one] for one in order] == [6.0, 11.0, 16.0, 21.0, 26.0]


@pytest.mark.parametrize(
    ("discipline", "priority", "ends_s"),
    [("fifo", 1, 9.0), ("lifo", 0, 5.0), ("priority", 0, 9.0), ("priority", 1, 5.0)],
)
def test_who_is_next_in_turn_and_fits_does_not_wait_for_one_that_does_not_fit(discipline, priority, ends_s):
    """Of 12 places the first takes 7, the second needs 7 and waits, and the third, of 3, fits beside the first."""
    part = llm(1.0, kv_memory_tokens=12, queue={"discipline": discipline})
    classes = [
        {"name": "long", "share": 0.5, "items": 6},
        {"name": "short", "share": 0.5, "items": 2, "priority": priority},
    ]
    design = a_design({"x": part}, classes=classes)
    runs = (run_of(design, 3, seed=seed) for seed in range(100))
    run = next(run for run in runs if run.class_index.tolist() == [0, 0, 1])
    assert run.ended_s.tolist() == [7.0, 13.0, ends_s]


def test_each_request_goes_to_the_replica_with_the_fewest():
    run = run_of(a_design({"x": llm(1.0, 1.0, replicas=2)}, classes=[{"items": 2}]), 3)
    assert run.ended_s.tolist() == [6.0, 6.0, 8.0]  # the third joins the first at 3, when its step ends


def test_replicas_behind_a_load_balancer_keep_queues_of_their_own():
    parts = {"lb": balancer("x"), "x": llm(1.0, replicas=2, max_running=1)}
    run = run_of(a_design(parts, classes=[{"items": 5}]), 4)
    assert run.ended_s.tolist() == [6.0, 7.0, 11.0, 12.0]


def test_a_slow_server_stretches_the_steps_that_begin_meanwhile():
    faults = [slow("x", 3.0, 2.5, 3.0)]
    run = run_of(a_design({"x": llm(1.0)}, classes=[{"items": 5}], rate_per_s=0.9, faults=faults), 1)
    arrived = 1 / 0.9  # steps end after 1, 2, 5, 6 and 7 seconds: the third begins during the fault
    assert run.ended_s.tolist() == pytest.approx([arrived + 7])


def test_a_dead_replica_takes_its_requests_along_and_the_queue_waits_for_repair():
    part = llm(1.0, max_running=1)
    design = a_design({"x": part}, classes=[{"items": 4}], faults=[kill("x", 2.5, for_s=7.5)])
    run = run_of(design, 3)
    assert run.ended_s.tolist() == [2.5, 14.0, 18.0]
    assert run.ending.tolist() == [Ending.FAILED, Ending.ANSWERED, Ending.ANSWERED]
    kept = tokens_of(run)
    assert kept.tokens.tolist() == [1, 4, 4]
    assert int((kept.steps * kept.running).sum()) == 9


def test_a_dead_server_fails_those_who_wait_if_nobody_repairs_it():
    design = a_design({"x": llm(1.0, max_running=1)}, classes=[{"items": 4}], faults=[kill("x", 2.5)])
    run = run_of(design, 3)
    assert run.ended_s.tolist() == [2.5, 2.5, 3.0]
    assert (run.ending == Ending.FAILED).all()


def test_a_cancelled_request_leaves_at_the_end_of_the_step():
    call = {"to": "x", "timeout_ms": 2300, "cancel": True}
    design = a_design({"a": front([call]), "x": llm(1.0, max_running=1)}, classes=[{"items": 9}], rate_per_s=0.4)
    run = run_of(design, 2)  # arrivals at 2.5 and 5
    assert run.ended_s.tolist() == pytest.approx([4.8, 7.3])
    kept = tokens_of(run)
    assert kept.ended_s.tolist() == pytest.approx([5.5, 7.5])
    assert kept.started_s.tolist() == pytest.approx([2.5, 5.5])
    assert kept.tokens.tolist() == [3, 2]


def test_without_cancel_the_answer_is_finished_for_nobody():
    call = {"to": "x", "timeout_ms": 2300}
    run = run_of(a_design({"a": front([call]), "x": llm(1.0)}, classes=[{"items": 9}], rate_per_s=0.4), 1)
    assert tokens_of(run).ended_s.tolist() == [11.5]


def test_a_cancelled_request_that_waits_gives_its_place_to_the_next():
    call = {"to": "x", "timeout_ms": 3200, "cancel": True}
    parts = {"a": front([call]), "x": llm(10.0, max_running=1, queue={"limit": 1})}
    run = run_of(a_design(parts, classes=[{"items": 3}]), 6)
    assert run.ended_s.tolist() == pytest.approx([4.2, 5.2, 3.0, 4.0, 5.0, 9.2])  # the last one finds the place free


def test_a_request_that_is_cancelled_before_its_first_step_makes_room():
    call = {"to": "x", "timeout_ms": 3200, "cancel": True}
    parts = {"a": front([call]), "x": llm(10.0, max_running=2, queue={"limit": 1})}
    run = run_of(a_design(parts, classes=[{"items": 3}]), 6)
    # the second is withdrawn at 5.2, the third takes its place, and the sixth finds the queue empty
    assert run.ended_s.tolist() == pytest.approx([4.2, 5.2, 6.2, 4.0, 5.0, 9.2])


def test_waiting_for_the_next_step_is_told_apart_from_waiting_for_room():
    design = a_design({"x": llm(0.7, max_running=2)}, classes=[{"items": 3}])
    run = run_of(design, 2)
    assert path_of(design, run, 1) == pytest.approx({("x", "waiting for the batch"): 0.4, ("x", "work"): 2.1})


LOADED = a_design(
    {"x": llm(0.007, 0.00005, per_context_token_ms=0.0002, prefill_ms_per_token=0.05, replicas=2)},
    rate_per_s=20.0,
    arrivals={"kind": "poisson"},
    classes=[{"items": {"shape": "geometric", "mean": 100.0}, "prompt_tokens": {"shape": "lognormal", "mean": 50.0}}],
)


def test_all_tokens_that_are_asked_for_are_made_and_no_others():
    run = run_of(LOADED, 2000)
    kept = tokens_of(run)
    assert int((kept.steps * kept.running).sum()) == int(run.items.sum()) == int(kept.tokens.sum())
    assert kept.complete.all()


def test_latency_is_first_token_and_the_others_one_by_one():
    kept = tokens_of(
        run_of(a_design({"x": llm(0.01)}, 20.0, arrivals={"kind": "poisson"}, classes=[{"items": 50}]), 500)
    )
    per_token = (kept.ended_s - kept.first_token_s) / 49
    assert per_token == pytest.approx(0.01)
    assert kept.ended_s - kept.entered_s == pytest.approx((kept.first_token_s - kept.entered_s) + 49 * 0.01)


def test_requests_that_run_are_throughput_times_their_time():
    kept = tokens_of(run_of(LOADED, 2000))
    running_s = ((kept.stretch_to_s - kept.stretch_from_s) * kept.running).sum()
    assert running_s == pytest.approx((kept.ended_s - kept.started_s).sum(), rel=1e-9)


def test_more_replicas_never_wait_longer_for_the_first_token():
    means = []
    for replicas in (1, 2, 4):
        part = {**LOADED.model_dump()["components"]["x"], "replicas": replicas, "max_running": 20}
        data = LOADED.model_dump(mode="json") | {"components": {"x": part}}
        kept = tokens_of(run_of(design_from(data), 2000))
        means.append(float(np.mean(kept.first_token_s - kept.entered_s)))
    assert means == sorted(means, reverse=True)
