"""The twist touches the strongest claim, and the design before and after it differs in that alone."""

import pytest

from practice.interviewer.quoting import in_plain
from practice.interviewer.state import ConceptState
from practice.twist import choose, is_due, strongest_claim, twists
from practice.twisted import twisted
from question_bank.loader import load_all
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from tests.practice.interviewer.states import a_saying, a_state
from tests.practice.rounds import QUESTION, SENIOR
from tests.simulator.designs import a_design, service

IDS = [one.id for one in twists()]
CLAIMS = {
    "traffic_x10": ("capacity", "At the peak we see 139k requests a second, with headroom for one machine."),
    "half_budget": ("capacity", "481 GPUs cost 246k USD a month, within the budget."),
    "promise_halved": ("serving_scale", "Features take 10 ms and ranking 25 ms, hedged in the tail."),
    "labels_lost": ("data_features", "Conversions arrive days later, so young clicks are no labels yet."),
    "zone_lost": ("reliability_operations", "If a zone fails, the spare replicas and the fallback carry the rest."),
}


def claimed(dimension, sentence, **more):
    status = {"status": "adopted_with_support", "tier": "core", **more}
    return ConceptState(id="x", dimension=dimension, label="X", sentence=sentence, **status)


def with_concepts(*concepts, **case):
    return a_state(case).model_copy(update={"concepts": concepts})


def test_there_are_five_twists_with_a_claim_for_each():
    assert list(CLAIMS) == IDS


@pytest.mark.parametrize("twist", IDS)
def test_a_claim_gets_the_twist_that_touches_it_in_its_own_words(twist):
    dimension, sentence = CLAIMS[twist]
    chosen = choose(QUESTION, with_concepts(claimed(dimension, sentence)))
    assert chosen.id == twist
    quoted = chosen.text.split("”")[0].removeprefix("“")
    assert quoted in sentence
    assert "strongest claim" in chosen.why


def test_the_strongest_claim_is_supported_of_a_high_tier_and_of_the_design():
    weak = claimed("serving_scale", "We batch.", status="adopted")
    strong = claimed("serving_scale", "We batch, because 3 ms are fixed.")
    staff = claimed("serving_scale", "We hedge after 8 ms.", tier="staff")
    required = claimed("requirements_framing", "It needs 50 ms at p99.", tier="staff")
    assert strongest_claim(QUESTION, with_concepts(weak, strong)).sentence == strong.sentence
    assert strongest_claim(QUESTION, with_concepts(strong, staff, weak)).sentence == staff.sentence
    assert strongest_claim(QUESTION, with_concepts(required, weak)).sentence == weak.sentence
    assert strongest_claim(QUESTION, with_concepts(required)).sentence == required.sentence
    assert strongest_claim(QUESTION, with_concepts(claimed("capacity", "No.", status="rejected"))) is None


@pytest.mark.parametrize("question", load_all().values(), ids=load_all())
def test_every_question_has_a_twist_for_every_claim_and_for_none(question):
    state = a_state(question=question.slug)
    for concept in question.concepts:
        found = claimed(concept.dim, concept.example, tier=concept.tier)
        chosen = choose(question, state.model_copy(update={"concepts": (found,)}))
        assert "{" not in chosen.text + chosen.why
        assert chosen.text[1:].split("”")[0] in in_plain(concept.example) or chosen.text[0] != "“"
        assert len(chosen.text.split()) <= 24
    assert "weighs most" in choose(question, state.model_copy(update={"concepts": ()})).why


def test_a_twist_without_a_number_to_halve_is_not_chosen():
    concept = claimed("capacity", "It costs 246k USD a month, within the budget.")
    state = with_concepts(concept).model_copy(update={"budget_usd_per_month": None, "promised_p99_ms": None})
    assert choose(QUESTION, state).id not in ("half_budget", "promise_halved")


@pytest.mark.parametrize(("minute", "due"), [(8.2, False), (8.3, True), (13.0, True)])
def test_it_is_due_at_65_percent_of_the_time(minute, due):
    """Depth begins at minute 21 of 45, and 65 percent of 45 minutes are 29.25."""
    assert is_due(a_state(minute=minute)) == due


def test_it_is_given_once():
    assert not is_due(a_state(minute=12.0, said=[a_saying(kind="twist")]))


def differing(one, other):
    return {key for key, value in one.model_dump().items() if value != other.model_dump()[key]}


@pytest.mark.parametrize(
    ("twist", "field"),
    [("traffic_x10", "traffic"), ("half_budget", "promise"), ("promise_halved", "promise"), ("zone_lost", "faults")],
)
def test_before_and_after_differ_in_one_thing(twist, field):
    found = twisted(twist, QUESTION, SENIOR)
    assert differing(found.before, found.after) == {field}
    assert found.settings_before.seed == found.settings_after.seed


def test_the_numbers_are_those_of_the_twist():
    more, half, fast = (
        twisted(one, QUESTION, SENIOR).after for one in ("traffic_x10", "half_budget", "promise_halved")
    )
    assert more.traffic.arrival_rate_per_s == 10 * SENIOR.traffic.arrival_rate_per_s
    assert half.promise.usd_per_month == 175_000
    assert fast.promise.p99_ms == 25


def test_lost_labels_change_no_request_and_say_so():
    found = twisted("labels_lost", QUESTION, SENIOR)
    assert found.after is None
    assert "nothing to run" in found.problem


@pytest.mark.parametrize("question", load_all().values(), ids=load_all())
def test_every_other_twist_runs_on_every_reference_design(question):
    for level in ("junior", "senior", "staff"):
        for twist in IDS:
            found = twisted(twist, question, question.designs.by_name(level))
            assert (found.problem is None) == (twist != "labels_lost")


def test_a_closed_loop_gets_ten_times_the_users():
    loop = {"kind": "closed_loop", "users": 5, "think_time": {"kind": "constant", "value_ms": 1000.0}}
    found = twisted("traffic_x10", QUESTION, a_design({"web": service(0.1)}, arrivals=loop))
    assert found.after.traffic.arrivals.users == 50


def test_recorded_traffic_cannot_be_multiplied():
    trace = {"kind": "trace", "times_s": [1.0, 2.0]}
    found = twisted("traffic_x10", QUESTION, a_design({"web": service(0.1)}, arrivals=trace))
    assert "cannot be multiplied" in found.problem


def test_a_lost_zone_takes_its_share_or_where_that_is_nothing_a_third():
    spread = twisted("zone_lost", QUESTION, a_design({"web": service(0.1, replicas=3)}))
    alone = twisted("zone_lost", QUESTION, a_design({"web": service(0.1)}))
    assert [one.kind for one in spread.after.faults] == ["lose_zone"]
    assert spread.before.zones == 3
    assert [(one.kind, one.replicas) for one in alone.after.faults] == [("kill_replicas", 1)]


def test_ten_times_the_traffic_breaks_what_ran_before():
    design = a_design({"web": service(0.1, queue={"limit": 10})}, rate_per_s=2.0, promise={"p99_ms": 1000.0})
    found = twisted("traffic_x10", QUESTION, design)
    before = summarize(replicate(found.before, found.settings_before.model_copy(update={"duration_s": 200.0})))
    after = summarize(replicate(found.after, found.settings_after.model_copy(update={"duration_s": 20.0})))
    assert before.outcomes.availability.value == 1
    assert after.outcomes.availability.value == pytest.approx(0.5, abs=0.1)
