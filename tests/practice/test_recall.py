"""When cards come back, and that no day is flooded."""

from datetime import UTC, date

import pytest

from practice.recall import ANSWERS, MOST_A_DAY, NEW_A_DAY, Reviewed, due_at, stack
from practice.today import today
from question_bank.cards import load_cards
from question_bank.recall import facts, recall_cards
from tests.practice.rounds import QUESTION

DAY = 86_400.0
NOW = today(100.5 * DAY, UTC)


def review(item: str, day: float, answer: str = "good") -> Reviewed:
    return Reviewed(item=item, at=day * DAY, answer=answer)  # type: ignore[arg-type]


@pytest.mark.parametrize(("answer", "days"), [("again", 1), ("hard", 1), ("good", 2), ("easy", 8)])
def test_the_first_gap_is_the_stability_of_the_first_answer_in_whole_days(answer, days):
    """FSRS-6: recall falls to 0.9 after as many days as the stability, at first 0.212, 1.2931, 2.3065 or 8.2956."""
    assert due_at([review("a", 0, answer)])["a"] == days * DAY


def test_a_better_answer_never_comes_back_sooner():
    for days in ((0,), (0, 2), (0, 2, 13)):
        before = [review("a", day) for day in days]
        gaps = [due_at([*before, review("a", 60, answer)])["a"] for answer in ANSWERS]
        assert gaps == sorted(gaps)
        assert gaps[0] < gaps[-1]


def test_the_order_in_which_the_log_is_read_does_not_matter():
    log = [review("a", 0), review("b", 1, "hard"), review("a", 2, "easy")]
    assert due_at(log) == due_at(log[::-1])


def test_an_interview_shortens_every_gap_to_a_fifth_of_what_is_left():
    soon = today(100.5 * DAY, UTC, date(1970, 4, 21))  # in ten days
    assert soon.interview_in == 10
    assert soon.at_most(21) == 2
    assert soon.at_most(1) == 1
    assert due_at([review("a", 100, "easy")], 2)["a"] == 102 * DAY
    assert stack({"a": 0}, [review("a", 98, "easy")], soon).items == ("a",)
    assert stack({"a": 0}, [review("a", 98, "easy")], NOW).items == ()


def test_a_date_that_is_over_changes_nothing():
    assert today(100.5 * DAY, UTC, date(1970, 4, 10)).interview_in is None
    assert today(100.5 * DAY, UTC, date(1970, 4, 11)).interview_in == 0


def test_a_backlog_is_spread_over_days_and_the_longest_overdue_comes_first():
    known = {f"card{i:03}": 0 for i in range(300)}
    log = [review(item, i / 10) for i, item in enumerate(known)]
    pile = stack(known, log, NOW)
    assert len(pile.items) == MOST_A_DAY
    assert pile.left_over == 300 - MOST_A_DAY
    assert pile.items[0] == "card000"
    done = [review(item, 100.2) for item in pile.items]
    assert stack(known, [*log, *done], NOW).items == ()
    tomorrow = today(101.5 * DAY, UTC)
    assert not set(stack(known, [*log, *done], tomorrow).items) & set(pile.items)


def test_the_longest_overdue_comes_first_whatever_was_learned_first():
    log = [review("early", 90, "easy"), review("late", 91, "again")]
    assert stack({"early": 0, "late": 0}, log, NOW).items == ("late", "early")


def test_new_cards_come_a_few_a_day_in_their_order_and_only_if_they_are_known():
    known = {f"card{i}": 0 for i in range(50)}
    first = stack(known, [], NOW)
    assert first.items == tuple(known)[:NEW_A_DAY]
    begun = [review(item, 100.1) for item in first.items[:3]]
    assert stack(known, begun, NOW).items == tuple(known)[3:NEW_A_DAY]
    assert stack({}, [review("gone", 1)], NOW).items == ()


def test_every_card_can_be_asked_and_a_question_gives_its_cards_only_once_it_is_known():
    cards = recall_cards(load_cards(), [])
    assert len(cards) >= len(facts()) + 35
    assert all(card.ask.strip() and card.answer.strip() for card in cards.values())
    more = recall_cards(load_cards(), [QUESTION])
    new = set(more) - set(cards)
    assert len(new) == len(QUESTION.mistakes) + len(QUESTION.glossary)
    assert list(more)[: len(cards)] == list(cards), "what was open before keeps its turn"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("availability_99_9", 0.001 * 30 * 24 * 60),
        ("availability_99_95", 0.0005 * 30 * 24 * 60),
        ("littles_law", 2000 * 0.04),
        ("fan_out", 100 * (1 - 0.99**100)),
        ("embedding_memory", 1e8 * 128 * 4 / 1e9),
        ("storage_growth", 1000 * 1e3 * 86_400 * 365 / 1e12),
        ("cache_p99", 0.9 * 1 + 0.1 * 20),
        ("base_rate", 100 * (0.9 * 100) / (0.9 * 100 + 0.01 * 99_900)),
        ("ab_sample", 16 * 0.05 * 0.95 / 0.0005**2 / 1e6),
    ],
)
def test_the_numbers_on_the_cards_are_right(name, number):
    [card] = [one for one in facts() if one.id == f"fact:{name}"]
    assert f"{number:.3g}" in card.answer or f"{number:.2g}" in card.answer or f"{number:.1f}" in card.answer
