"""Every rule's words fit on every question's own data: short enough, whole, and with what was found in them."""

import pytest

from practice.interviewer.candidates import OWN, candidates, spoken
from practice.interviewer.drawing import graph
from practice.interviewer.finding import Match, always, parts, rows, run_match, short
from practice.interviewer.interviewer import hint
from practice.interviewer.quoting import WORDS, in_plain, quote, word_count
from practice.interviewer.rules import MOST_WORDS, RUNGS, rule_book, slots_in
from practice.interviewer.state import RowState, RunState
from question_bank.loader import load_all
from tests.practice.interviewer.states import a_state
from tests.practice.interviewer.test_rules import EVEN

QUESTIONS = load_all()
LONG = "observability dashboards everywhere continuously monitoring absolutely everything"


def rows_of(question):
    for row in question.worksheet.rows:
        said, reference = f"{row.reference:g} {row.unit}", f"{row.reference:,.0f} {row.unit}"
        judged = {"judged": "wrong", "said": said, "reference": reference, "ratio": 0.5}
        yield RowState(id=row.id, label=row.label, unit=row.unit, **judged)


def runs_of(question):
    for scenario in question.simulation.scenarios:
        numbers = {"p99_ms": 12_345.0, "promised_ms": 50.0, "utilization": 0.97, "fallback_share": 0.31}
        ended = {"steady": False, "passed": False, "repaired_at_s": 1234.0, "after_share": 0.0}
        longest = max(question.designs.senior.design.components, key=len)
        yield RunState(scenario=scenario.id, title=scenario.title, bottleneck=longest, **numbers, **ended)


def drawn(question):
    """The state of a question with its senior design drawn."""
    return a_state(question=question.slug).model_copy(
        update={"graph": graph(question.designs.senior.design, []), "must_facts": 12, "must_facts_asked": 10}
    )


def found_in(question, rule, state):
    """What the rule could find in the data of a question."""
    when, known = rule.when, always(state, ())
    found = {
        "row": lambda: rows(rows_of(question)),
        "part": lambda: parts(state.graph.parts),
        "run": lambda: map(run_match, runs_of(question)),
        "is_misplaced": lambda: [Match("kafka", {"part": "document database"})],
        "differs": lambda: [
            Match("x", {"setting": "number of replicas of user_feature_store", "written": "1,200", "used": "2,400"})
        ],
        "sum_above_promise": lambda: [Match("x", {"sum": "12,345 ms", "excess": "12,000 ms", "slo": "45,000 ms"})],
    }
    looking = [name for name in found if getattr(when, name) not in (None, ())]
    quoting = [
        name for name in ("speaks_of", "choice", "crammed_from", "last_answer_is_supported") if getattr(when, name)
    ]
    words = {**known, "near": f"“{LONG}”", "quote": LONG, "n": "12"} if quoting else {**known, "near": f"“{LONG}”"}
    for match in found[looking[0]]() if looking else [Match()]:
        yield {**words, **match.words}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_every_rule_has_words_for_everything_in_a_question(question):
    state = drawn(question)
    for rule in rule_book().rules:
        if (rule.when.has_budget and question.budget is None) or (rule.when.has_promise and not question.slo.p99_ms):
            continue
        for words in found_in(question, rule, state):
            for again in (0, 1):
                said = spoken(rule, words, again)
                assert said is not None, (rule.id, again, words)
                assert word_count(said[0]) <= MOST_WORDS
                assert "{" not in "".join(said)
                wanted = slots_in(rule.again if again else rule.ask) - set(rule.otherwise)
                assert all(words[slot] in said[0] for slot in wanted if slot != "hot_part")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_every_concept_can_be_gone_into_on_every_rung_and_hinted_at(question):
    for concept in question.concepts:
        quoted = quote(concept.example)
        assert quoted is not None
        assert quoted in in_plain(concept.example)
        assert word_count(quoted) <= WORDS
        for rung in rule_book().ladder:
            assert all(spoken(rung, {"quote": quoted}, again) is not None for again in (0, 1))
        spoken_action = rule_book().actions["pick_second_topic"].say.format(topic=short(concept.label))
        assert word_count(spoken_action) <= MOST_WORDS
    hinted = hint(question, a_state(question=question.slug))
    assert hinted is not None
    assert hinted.is_hinted


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_follow_up_fires_by_its_own_when_and_says_why(question):
    """In the last phase of an empty answer every follow-up whose `when` is about what is missing can be asked."""
    state = a_state(question=question.slug, phase="bottlenecks_tradeoffs", minute=1.0)
    asked = {one.id: one for one in candidates(question, state, EVEN)}
    missing = [one for one in question.followups if one.when.not_found and not one.when.after_run]
    assert missing
    for followup in missing:
        assert asked[f"{OWN}{followup.id}"].text == followup.ask
        assert asked[f"{OWN}{followup.id}"].why.startswith("I asked this because I could not find this: ")
    later = [one for one in question.followups if one.when.after_run or one.when.scenario_failed or one.when.found]
    assert not {f"{OWN}{one.id}" for one in later} & set(asked)


def test_the_ladder_has_six_rungs():
    assert [one.rung for one in rule_book().ladder] == list(range(1, RUNGS + 1))
