"""Questions to the interviewer that have no answer become assumptions, and asking for what decides counts."""

import pytest

from practice.facts import NOT_SPECIFIED, Asked, ask, assumptions, facts_cap, facts_evidence, must_asked
from question_bank.loader import load_all, load_question

FACTS = load_question("ads-ranking").facts


def unanswered(*texts):
    return tuple(Asked(text=text, fact=None, at=float(at)) for at, text in enumerate(texts))


def test_a_question_is_answered_by_its_fact():
    kept, answer = ask(FACTS, " How many users are there? ", 5.0)
    assert (kept.text, kept.fact, kept.at) == ("How many users are there?", "users", 5.0)
    assert answer.startswith("300 million people")


def test_an_unknown_question_is_not_specified_and_kept():
    kept, answer = ask(FACTS, "Which cloud provider do we use?", 5.0)
    assert (kept.fact, answer) == (None, NOT_SPECIFIED)
    [found] = assumptions([kept], [])
    assert (found.question, found.sentence) == ("Which cloud provider do we use?", None)


def test_an_assumption_is_the_sentence_that_takes_up_the_question():
    texts = ["I assume four regions.", "We run in one place. I assume a single cloud provider, with spot machines."]
    [found] = assumptions(unanswered("Which cloud provider do we use?"), texts)
    assert found.sentence == "I assume a single cloud provider, with spot machines."


@pytest.mark.parametrize("text", ["We use a single cloud provider.", "I assume four regions.", "", "I assume."])
def test_a_sentence_without_the_word_or_the_subject_is_no_assumption(text):
    [found] = assumptions(unanswered("Which cloud provider do we use?"), [text])
    assert found.sentence is None


def test_the_same_question_in_other_words_is_one_assumption():
    asked = unanswered("Which cloud provider?", "What is the cloud provider?", "How many regions?")
    assert [one.question for one in assumptions(asked, [])] == ["Which cloud provider?", "How many regions?"]


def test_an_answered_question_and_an_empty_one_are_no_assumptions():
    asked = (Asked(text="How many users?", fact="users", at=1.0), *unanswered("?", "what is it?"))
    assert assumptions(asked, []) == ()


@pytest.mark.parametrize("question", load_all().values(), ids=load_all())
def test_facts_that_decide_are_counted_for_every_question(question):
    must = [fact.id for fact in question.facts if fact.must]
    assert must_asked(question.facts, must[:1]) == (1, len(must))
    assert must_asked(question.facts, [fact.id for fact in question.facts]) == (len(must), len(must))


@pytest.mark.parametrize(
    ("asked", "must", "level"), [(0, 5, 2), (1, 5, 2), (2, 5, 3), (3, 5, 3), (4, 5, 4), (5, 5, 4), (0, 0, 4)]
)
def test_who_asks_for_little_cannot_reach_the_top(asked, must, level):
    assert facts_cap(asked, must).level == level
    assert facts_evidence(asked, must).sentence == f"{asked} of the {must} facts that decide were asked for."
