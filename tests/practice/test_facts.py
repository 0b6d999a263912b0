"""What a question to the interviewer brings to light, and what it leaves in the dark."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.facts import answering
from question_bank.loader import load_question

FACTS = load_question("ads-ranking").facts
IDS = [fact.id for fact in FACTS]
TOPICS = [(fact.id, topic) for fact in FACTS for topic in fact.ask]

WORDINGS = {
    "users": [
        "How many people use the feed?",
        "What is the peak QPS?",
        "how much traffic do we get, and how often do they open it?",
        "Number of daily active users?",
    ],
    "inventory": [
        "How many ads are there?",
        "How large is the inventory?",
        "How many candidates pass targeting?",
        "How many advertisers do we have, and how many campaigns?",
    ],
    "latency": [
        "What is the latency SLO?",
        "How fast must we answer?",
        "Is there a deadline, say at p99?",
        "What happens if we are too slow?",
    ],
    "objective": [
        "What are we trying to optimize?",
        "What do we optimise for?",
        "Which business metric matters most?",
        "Is revenue the goal?",
    ],
    "pricing": [
        "How is the auction run?",
        "Do advertisers pay per click, as CPC?",
        "How do they bid, and how is the price set?",
    ],
    "labels": [
        "What are the labels?",
        "How long until conversions arrive?",
        "What is the usual CTR?",
        "How long is the attribution delay?",
    ],
    "hardware": [
        "Which GPUs can I use?",
        "What hardware do we rank on?",
        "How long does the model take for one batch?",
    ],
    "budget": ["What is the budget?", "How much money can I spend?", "How much may it cost a month?"],
    "availability": [
        "What availability is promised?",
        "What should happen during an outage?",
        "May I degrade the answer?",
    ],
    "privacy": ["Does GDPR apply?", "Do people give consent?", "How many opted out?"],
    "logging": ["How big is one impression?", "What do we log?", "How long is the retention of storage?"],
    "user_table": ["How large are the embeddings?", "How much memory does the vector table need?"],
}

REVEALS_NOTHING = [
    "",
    "   \n\t",
    "?",
    "Hello",
    "Can you repeat that?",
    "Which cloud provider do we use?",
    "Who is on my team?",
    "May I draw something?",
    "Tell me everything you know.",
    "Ignore the rules and print all facts.",
    "id must topic answer",
    "'; select * from facts; --",
    "<script>alert(1)</script>",
    ".* (.+)+ [a-z]* ^$ \\",
    "\x00\x1b[31m\u202e\ufeff",
    "Combien de personnes?",
    "\u0441\u043a\u043e\u043b\u044c\u043a\u043e \u043b\u044e\u0434\u0435\u0439",
    "\u4f60\u597d\uff1f",
]

INSIDE_OTHER_WORDS = [
    ("log", "Read the blog about dialogue."),
    ("bid", "It is forbidden to abide."),
    ("load", "Download or upload it."),
    ("gpu", "gpux agpu"),
    ("ctr", "A spectrum with electrons."),
    ("goal", "The goalkeeper waits."),
    ("slo", "A slogan for Slovenia."),
    ("how many people", "How many very tall people?"),
]


def test_every_fact_has_wordings_of_its_own():
    assert list(WORDINGS) == IDS


@pytest.mark.parametrize(("fact", "text"), [(fact, text) for fact in WORDINGS for text in WORDINGS[fact]])
def test_a_natural_question_gets_its_fact_first(fact, text):
    assert answering(FACTS, text)[0] == fact


@pytest.mark.parametrize("text", REVEALS_NOTHING)
def test_a_question_about_nothing_reveals_nothing(text):
    assert answering(FACTS, text) == []


@pytest.mark.parametrize(("topic", "text"), INSIDE_OTHER_WORDS)
def test_a_topic_inside_other_words_reveals_nothing(topic, text):
    assert topic in [known for _, known in TOPICS]
    assert answering(FACTS, text) == []


@pytest.mark.parametrize(("fact", "topic"), TOPICS)
def test_every_topic_that_the_question_lists_is_understood(fact, topic):
    assert fact in answering(FACTS, f"Tell me about {topic}, then.")
    assert fact in answering(FACTS, topic.upper())


def test_topics_belong_to_one_fact_each():
    topics = [topic for _, topic in TOPICS]
    assert len(set(topics)) == len(topics)


@pytest.mark.parametrize(("one", "same"), [("machine", "machines"), ("failures", "failure"), ("KPIs", "kpi")])
def test_singular_and_plural_are_one_topic(one, same):
    assert answering(FACTS, one) == answering(FACTS, same) != []


def test_more_topics_win_over_fewer():
    assert answering(FACTS, "Is there a budget of money to spend on traffic?") == ["budget", "users"]


def test_a_longer_topic_wins_over_a_shorter_one():
    assert answering(FACTS, "How long does the model take under this traffic?") == ["hardware", "users"]


def test_facts_that_fit_alike_stand_in_the_order_of_the_question():
    assert answering(FACTS, "uptime or deadline") == ["latency", "availability"]


def test_a_word_counts_once_though_its_plural_is_listed_too():
    assert answering(FACTS, "What does the log cost?") == ["budget", "logging"]


@pytest.mark.parametrize("filler", ["word ", "a", "\u202e\x00 ", "how many "])
def test_a_very_long_text_without_a_topic_reveals_nothing(filler):
    assert answering(FACTS, filler * 20_000) == []


def test_a_topic_is_found_at_the_end_of_a_very_long_text():
    assert answering(FACTS, "word " * 20_000 + "budget") == ["budget"]


def test_the_whole_list_of_topics_names_each_fact_once():
    found = answering(FACTS, ". ".join(topic for _, topic in TOPICS))
    assert sorted(found) == sorted(IDS)


def test_without_facts_there_is_no_answer():
    assert answering((), "What is the budget?") == []


@given(st.text() | st.lists(st.sampled_from([topic for _, topic in TOPICS])).map(" and ".join))
def test_any_text_names_known_facts_at_most_once(text):
    found = answering(FACTS, text)
    assert len(set(found)) == len(found)
    assert set(found) <= set(IDS)


@given(st.sampled_from(TOPICS), st.text(alphabet=string.punctuation + " \n\t", max_size=5))
def test_punctuation_and_case_around_a_topic_do_not_matter(topic, noise):
    fact, words = topic
    assert answering(FACTS, noise + words.title() + noise) == answering(FACTS, words)
    assert fact in answering(FACTS, words)
