"""Which question is asked: what it is worth, what ties it, how deep it goes, and what is taken as an answer."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.interviewer import rules
from practice.interviewer.candidates import candidates, worth
from practice.interviewer.interviewer import answered, hint, next_move, reply
from practice.interviewer.ladder import next_rungs, position
from practice.interviewer.manner import gap_s, is_worn_out, why_silent
from practice.interviewer.rules import read_rule_book, rule_book
from practice.interviewer.state import ConceptState, Hands, Said
from question_bank.loader import load_question
from rubrics.schema import PHASES
from simulator.yaml_text import read_own_yaml, write_yaml
from tests.practice.interviewer.states import ADS, a_saying, a_state
from tests.practice.interviewer.test_rules import EVEN

ADS_QUESTION = load_question(ADS)
BATCHED = ConceptState(
    id="batching",
    dimension="serving_scale",
    tier="core",
    label="Batches requests",
    status="adopted_with_support",
    sentence="We batch requests because the fixed 3 ms are shared.",
)


def said(**more):
    return Said.model_validate(a_saying(**more))


def value(state, **more):
    given_ = {"need": "core_missing", "dimension": "capacity", "fit": 1.0, "minutes": 1.5, **more}
    return worth(state, EVEN, **given_)


# ---- worth -----------------------------------------------------------------------------------------------------


def test_worth_is_need_times_weight_times_fit_times_time_times_half_for_every_time_asked():
    state = a_state()
    assert value(state) == pytest.approx(0.6 * 0.12)
    assert value(state, fit=0.5) == pytest.approx(0.6 * 0.12 * 0.5)
    assert value(state, need="contradiction", dimension="tradeoffs_judgment") == pytest.approx(0.14)
    asked = a_state(said=[a_saying(dimension="capacity"), a_saying(dimension="capacity")])
    assert value(asked) == pytest.approx(0.6 * 0.12 / 4)
    assert value(asked, dimension="architecture") == pytest.approx(0.6 * 0.12)


def test_a_question_whose_answer_does_not_fit_into_the_time_is_worth_nothing():
    assert value(a_state(minute=11.4)) > 0
    assert value(a_state(minute=11.6)) == 0
    assert value(a_state(minute=14.0), minutes=0) > 0


def test_the_clock_goes_before_everything():
    clock = value(a_state(), need="clock", dimension=None, minutes=0)
    assert clock == 1.0
    assert clock > max(value(a_state(), need=need) for need in rule_book().needs)


def test_needs_are_in_the_order_of_the_brief():
    needs = rule_book().needs
    ranked = sorted(needs, key=lambda one: -needs[one])
    assert ranked == [
        *["clock", "contradiction", "failed_run", "deciding_number"],
        *["core_missing", "unsupported", "plus_missing", "strength"],
    ]


def test_a_tie_goes_to_the_questions_own_follow_up():
    """Both ask for a core concept of the model that is missing."""
    state = a_state(texts={"detailed_design": "AUC decides which model wins."})
    found = {one.id: one for one in candidates(ADS_QUESTION, state, EVEN)}
    assert found["own:calibration_shift"].score == found["only_offline"].score
    assert list(found).index("own:calibration_shift") < list(found).index("only_offline")


def test_the_weight_of_the_profile_moves_the_choice():
    state = a_state(phase="detailed_design")
    light = candidates(ADS_QUESTION, state, {**EVEN, "reliability_operations": 1, "model_evaluation": 25})
    assert light[0].dimension == "model_evaluation"
    heavy = candidates(ADS_QUESTION, state, {**EVEN, "reliability_operations": 25, "model_evaluation": 1})
    assert heavy[0].dimension == "reliability_operations"


# ---- depth -----------------------------------------------------------------------------------------------------


def rung(number, *, supported=None, wording=0, **more):
    times = {} if supported is None else {"answered_at": 1.0, "is_supported": supported}
    return said(id=f"rung_{number}", rung=number, topic="batching", wording=wording, **times, **more)


@pytest.mark.parametrize(
    ("asked", "step"),
    [
        ([], (3, 0, True)),
        ([rung(3, supported=True)], (4, 0, True)),
        ([rung(3, supported=False)], (3, 1, False)),
        ([rung(3, supported=False), rung(3, supported=True, wording=1)], (4, 0, True)),
        ([rung(3, supported=False), rung(3, supported=False, wording=1)], None),
        ([rung(3)], None),
        ([rung(3, supported=False, is_told=True)], None),
    ],
    ids=["first", "supported", "again", "then supported", "dropped", "awaited", "told"],
)
def test_the_next_rung_needs_support_for_the_one_before(asked, step):
    assert position(BATCHED, asked) == step


@pytest.mark.parametrize(("status", "first"), [("named_only", 1), ("adopted", 2), ("adopted_with_support", 3)])
def test_the_ladder_begins_below_what_the_text_already_shows(status, first):
    concept = BATCHED.model_copy(update={"status": status})
    [step] = next_rungs(a_state().model_copy(update={"concepts": (concept,)}))
    assert step.rung == first


@pytest.mark.parametrize(("level", "top"), [("mid", 3), ("senior", 5), ("staff", 6)])
def test_how_deep_it_goes_depends_on_the_target_level(level, top):
    asked, reached = [], 0
    for _ in range(10):
        state = a_state(level=level).model_copy(update={"concepts": (BATCHED,), "said": tuple(asked)})
        steps = list(next_rungs(state))
        if not steps:
            break
        reached = steps[0].rung
        asked.append(rung(reached, supported=True))
    assert reached == top


@pytest.mark.parametrize("phase", PHASES[:3])
def test_nobody_goes_deep_before_the_depth_phase(phase):
    assert not list(next_rungs(a_state(phase=phase).model_copy(update={"concepts": (BATCHED,)})))


def test_scope_and_numbers_are_no_topics_to_go_into():
    concept = BATCHED.model_copy(update={"dimension": "requirements_framing"})
    assert not list(next_rungs(a_state().model_copy(update={"concepts": (concept,)})))


def test_after_two_probes_a_topic_is_worn_out():
    one, other = said(topic="batching"), said(topic="labels")
    assert is_worn_out("batching", [other, one, one])
    assert not is_worn_out("batching", [one, one, other])
    assert not is_worn_out("batching", [one])
    assert is_worn_out("batching", [one, said(kind="help"), one])


# ---- answers ---------------------------------------------------------------------------------------------------


PROBE = said(fact="The old version stays warm.", topic="undo")


@pytest.mark.parametrize(
    ("answer", "supported"),
    [
        ("We keep the old version because going back takes seconds.", True),
        ("Twelve replicas, so we lose 8 percent.", True),
        ("That is a good point.", False),
        ("42", False),
        ("", False),
    ],
)
def test_an_answer_has_support_if_it_gives_a_reason_or_a_number(answer, supported):
    taken = answered(PROBE, answer, 5.0)
    assert (taken.answer, taken.answered_at, taken.is_supported) == (answer, 5.0, supported)
    assert reply(taken) is None


@pytest.mark.parametrize("answer", ["I don't know.", "no idea", "I am not sure", "idk", "pass", "I really do not know"])
def test_who_does_not_know_is_told_the_fact_and_asked_what_follows(answer):
    taken = answered(PROBE, answer, 5.0)
    assert (taken.is_told, taken.is_supported) == (True, False)
    assert reply(taken) == "The old version stays warm. What follows from that for your design?"


def test_not_knowing_one_thing_and_reasoning_on_is_an_answer():
    taken = answered(
        PROBE, "I don't know the exact number. I would start with 5 percent, because that bounds the harm.", 1
    )
    assert taken.is_supported
    assert reply(taken) is None


def test_without_a_fact_the_interviewer_goes_on():
    assert reply(answered(PROBE.model_copy(update={"fact": ""}), "I don't know", 1.0)) == rule_book().help.noted


def test_the_same_question_comes_once_more_in_other_words_and_then_never():
    texts = {"detailed_design": "We take a random split of the rows for testing."}
    unsupported = a_saying(id="random_split", subject="random_split", answered_at=1.0, is_supported=False)
    second = {one.id: one for one in candidates(ADS_QUESTION, a_state(texts=texts, said=[unsupported]), EVEN)}
    assert second["random_split"].wording == 1
    third = candidates(ADS_QUESTION, a_state(texts=texts, said=[unsupported, {**unsupported, "wording": 1}]), EVEN)
    assert "random_split" not in {one.id for one in third}
    told = candidates(ADS_QUESTION, a_state(texts=texts, said=[{**unsupported, "is_told": True}]), EVEN)
    assert "random_split" not in {one.id for one in told}


def test_a_hint_is_announced_recorded_and_never_given_twice():
    given_: list[Said] = []
    while (one := hint(ADS_QUESTION, a_state().model_copy(update={"said": tuple(given_)}))) is not None:
        given_.append(one)
    core = [one for one in ADS_QUESTION.concepts if one.tier == "core"]
    assert len(given_) == len({one.subject for one in given_}) == len(core)
    assert all(one.is_hinted and one.text.startswith("A hint, which I note down") for one in given_)


# ---- manner ----------------------------------------------------------------------------------------------------

hands = st.builds(Hands, key_s=st.none() | st.floats(0, 400), idle_s=st.floats(0, 400), saved=st.booleans())
before = st.lists(
    st.tuples(st.floats(0, 500), st.sampled_from(["probe", "clock", "twist", "help", "hint"]), st.booleans()),
    max_size=4,
)
BUSY = {phase: a_state(phase=phase, minute=2.0, texts={"requirements": "We show ads."}) for phase in PHASES}


@settings(deadline=None, max_examples=150)
@given(hands, before, st.sampled_from(PHASES))
def test_whatever_happens_nothing_is_said_into_typing_or_into_the_gap(hands_, earlier, phase):
    state = BUSY[phase]
    listed = [
        said(at=state.at - ago, kind=kind, id=f"x{number}", answered_at=state.at if done else None)
        for number, (ago, kind, done) in enumerate(sorted(earlier, reverse=True))
    ]
    state = state.model_copy(update={"hands": hands_, "said": tuple(listed)})
    move = next_move(ADS_QUESTION, state)
    if move is None:
        return
    assert hands_.saved or hands_.key_s is None or hands_.key_s >= 8
    since = [state.at - one.at for one in listed if one.kind not in ("help", "hint")]
    if move.kind == "help":
        assert hands_.idle_s >= 90
        assert not listed or state.at - listed[-1].at >= 90
    else:
        assert not since or min(since) >= gap_s(phase) - 1e-6
    assert move == next_move(ADS_QUESTION, state)


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({}, None),
        ({"hands": Hands(key_s=7.9)}, "typing"),
        ({"hands": Hands(key_s=8.0)}, None),
        ({"hands": Hands(key_s=0.5, saved=True)}, None),
        ({"round_left_s": 0.0}, "over"),
        ({"is_running": False}, "stopped"),
    ],
)
def test_a_pause_of_eight_seconds_or_a_save_opens_the_way(changes, silent):
    assert why_silent(a_state().model_copy(update=changes)) == silent


@pytest.mark.parametrize(
    ("phase", "gap"),
    [("requirements", 180), ("high_level_design", 180), ("detailed_design", 120), ("bottlenecks_tradeoffs", 120)],
)
def test_the_gap_is_three_minutes_early_and_two_late(phase, gap):
    state = a_state(phase=phase)
    for ago, silent in ((gap - 1, "gap"), (gap, None)):
        last = said(at=state.at - ago, answered_at=state.at)
        assert why_silent(state.model_copy(update={"said": (last,)})) == silent


def test_an_answer_is_awaited_for_a_second_gap_and_the_clock_waits_for_none():
    state = a_state(phase="detailed_design", minute=13.5)
    waiting = state.model_copy(update={"said": (said(at=state.at - 130),)})
    assert why_silent(waiting) == "answer_awaited"
    move = next_move(ADS_QUESTION, waiting)
    assert move is not None
    assert move.kind == "clock"


# ---- the file --------------------------------------------------------------------------------------------------


def broken(change):
    data = read_own_yaml(Path(rules.__file__).with_name("rules.yaml").read_text(encoding="utf-8"))
    change(data)
    return write_yaml(data)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data["rules"][0].update(ask="What about {part}?"), "which its `when` does not find"),
        (lambda data: data["rules"][4].update(ask="Which assumption differs?"), "looks for row and says none of"),
        (lambda data: data["rules"][26].pop("otherwise"), "say in `otherwise`"),
        (lambda data: data["rules"][0]["when"].update(lacks=["nonsense"]), "not in topics.yaml"),
        (lambda data: data["rules"][0].pop("dimension"), "a probe has a dimension"),
        (lambda data: data["rules"].pop(3), "number them in order"),
        (lambda data: data["ladder"].pop(), "rungs 1 to 6"),
        (lambda data: data["rules"][1].update(id="no_objective"), "stands twice"),
        (lambda data: data["rules"][0]["when"].update(now="__import__('os')"), "Extra inputs"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(change, problem):
    with pytest.raises(ValidationError, match=problem):
        read_rule_book(broken(change))
