"""A round of 45 minutes from its first second to its end: the manner of the interviewer holds as a law."""

from itertools import pairwise

import pytest

from practice.interviewer.manner import gap_s
from practice.interviewer.quoting import word_count
from practice.interviewer.rules import MOST_WORDS, rule_book
from practice.rounds import new_round
from tests.practice.interviewer.whole_round import START, Candidate, play

WRITTEN = {
    "requirements": [
        "We show an ad in a feed.",
        "It must be fast and scalable.",
        "Billing is out of scope because no millisecond depends on it.",
    ],
    "capacity_estimation": ["The mean is 69,444 requests per second.", "We plan 500 GPUs."],
    "high_level_design": [
        "A request arrives at the ad service and then the funnel keeps 300 ads.",
        "We use both batch and streaming.",
        "Clicks are our labels.",
        "We chose GPUs for the ranker.",
    ],
    "detailed_design": [
        "Features take 30 ms, the ranker 40 ms.",
        "The model is judged by AUC on a random split of the rows.",
        "We batch requests on the GPU with a small wait, because the fixed 3 ms are shared.",
        "We deploy a new model every day.",
        "Dashboards monitor everything that happens.",
    ],
    "bottlenecks_tradeoffs": ["The ranker saturates first.", "We would add machines."],
}
ANSWERS = [
    "We would keep the light ranker, because it answers in 5 ms.",
    "That is a good point.",
    "I don't know.",
    "We lose 3 percent of revenue, so the batch stays small.",
]
SHEET = {"peak_qps": ("69444", "request/s"), "gpus": ("500", "")}
STYLES = {
    "answers": (WRITTEN, ANSWERS, 20.0),
    "never answers": (WRITTEN, [], 20.0),
    "types all the time": (WRITTEN, ANSWERS, 1.0),
    "does nothing": ({}, [], 20.0),
}
ROUND = new_round(45, level="senior", mode_id="mock")


@pytest.fixture(scope="module", params=STYLES)
def log(request):
    sentences, answers, think_s = STYLES[request.param]
    return play(Candidate(ROUND, sentences, answers, think_s=think_s), worksheet=SHEET, tick_s=23.0)


def interruptions(log):
    return [one for one in log if one.said.kind not in ("help", "hint")]


def test_something_is_said_in_every_style(log):
    assert 6 <= len(interruptions(log)) <= 18


def test_two_interruptions_are_never_nearer_than_the_gap(log):
    for one, other in pairwise(interruptions(log)):
        assert other.said.at - one.said.at >= gap_s(other.said.phase)


def test_nobody_is_ever_interrupted_while_typing(log):
    pause_s = rule_book().manner.pause_s
    assert all(one.hands.saved or one.hands.key_s is None or one.hands.key_s >= pause_s for one in log)


def test_one_question_at_a_time_in_few_words(log):
    for one in log:
        assert word_count(one.said.text) <= MOST_WORDS or one.said.kind == "twist"
        assert "{" not in one.said.text + one.said.why + one.said.fact


def test_a_topic_changes_after_two_probes(log):
    topics = [one.said.topic for one in log if one.said.kind == "probe"]
    assert not [a for a, b, c in zip(topics, topics[1:], topics[2:], strict=False) if a == b == c]


def test_no_question_is_asked_twice_in_the_same_words(log):
    texts = [one.said.text for one in log if one.said.kind in ("probe", "clock", "twist")]
    assert len(set(texts)) == len(texts)


def test_help_comes_into_silence_only_and_once_in_a_phase(log):
    phases = [one.said.phase for one in log if one.said.kind == "help"]
    assert len(set(phases)) == len(phases)
    for before, one in pairwise([None, *log]):
        if one.said.kind == "help":
            assert one.hands.idle_s >= 90
            assert before is None or one.said.at - before.said.at >= 90


def test_there_is_one_twist_at_two_thirds_of_the_time(log):
    [twist] = [one.said for one in log if one.said.kind == "twist"]
    assert 0.65 <= (twist.at - START) / 2700 <= 0.65 + 200 / 2700


def test_nothing_is_said_after_the_end(log):
    assert max(one.said.at for one in log) < START + 2700


def test_every_word_has_its_reason(log):
    assert all(one.said.why.startswith("I asked this because ") for one in log)


def test_the_same_round_is_played_the_same_way():
    once, again = (
        play(Candidate(ROUND, WRITTEN, ANSWERS), worksheet=SHEET, tick_s=45.0, question="fraud-detection")
        for _ in range(2)
    )
    assert once == again
    assert len(once) >= 5


def test_an_empty_page_is_asked_for_one_sentence_in_every_phase():
    log = play(Candidate(ROUND, {}, []), tick_s=45.0)
    assert [one.said.phase for one in log if one.said.id == "empty_phase"]


def test_self_study_offers_a_hint_and_a_mock_round_does_not():
    said = {}
    for mode in ("self_study", "mock"):
        log = play(Candidate(new_round(45, mode_id=mode), {}, []), tick_s=90.0)
        said[mode] = next(one.said.text for one in log if one.said.kind == "help")
    assert "hint" in said["self_study"]
    assert "hint" not in said["mock"]
