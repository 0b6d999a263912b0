"""Answers are cut into sentences the way people write them, and a quote is found however it was typed."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.quotes import is_long_enough, sentences_of, stands_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("no capitals. still two sentences", ["no capitals.", "still two sentences"]),
        ("We use e.g. Redis, i.e. memory, for it.", ["We use e.g. Redis, i.e. memory, for it."]),
        ("Cache vs. store. Next.", ["Cache vs. store.", "Next."]),
        ("approx. 5 GPUs, max. 7 of them. Then more.", ["approx. 5 GPUs, max. 7 of them.", "Then more."]),
        ("Logs, metrics etc. are kept. Logs etc. We stop.", ["Logs, metrics etc. are kept.", "Logs etc.", "We stop."]),
        ("The promise is p99. It is 0.5 s.", ["The promise is p99.", "It is 0.5 s."]),
        ("Utilization is 0.5 at peak.", ["Utilization is 0.5 at peak."]),
        ("It waits... Then it fires.", ["It waits...", "Then it fires."]),
        ('He said "no cache." Then (always.) we went.', ['He said "no cache."', "Then (always.)", "we went."]),
        ("- first\n- second. third\n* fourth\n+ fifth", ["first", "second.", "third", "fourth", "fifth"]),
        ("1. first\n2) second\n10. tenth", ["first", "second", "tenth"]),
        ("- [ ] open\n- [x] done\n  - deep\n> quoted", ["open", "done", "deep", "quoted"]),
        ("0.5 of it is cached", ["0.5 of it is cached"]),
        ("We batch requests\nbecause a GPU is idle\nWe cache", ["We batch requests because a GPU is idle", "We cache"]),
        ("- a bullet that\n  goes on\n- next", ["a bullet that goes on", "next"]),
        ("Ends here.\nlower case follows", ["Ends here.", "lower case follows"]),
        ("We choose:\nfirst a cache", ["We choose:", "first a cache"]),
        ("| a cell |\nplain text", ["a cell", "plain text"]),
        ("Peak\n\nload", ["Peak", "load"]),
        ("## Heading\nText under it\n---\nMore", ["Text under it", "More"]),
        ("| part | why |\n|---|:--|\n| cache | hot keys |", ["part | why", "cache | hot keys"]),
        ("Before\n```\ncode. here\n```\nAfter", ["Before", "After"]),
        ("**Peak** is `139k`. We size for it.", ["**Peak** is `139k`.", "We size for it."]),
        ("Twice. Twice.", ["Twice."]),
        ("... !!! -- ***", []),
    ],
)
def test_sentences_of(text, expected):
    assert sentences_of(text) == expected


markdown = st.text(alphabet="ab A1.!?:|*`>-#\n\t\"'()_/\u201c\u2019 e.g.", max_size=80)


@given(text=markdown | st.text(max_size=60))
def test_every_sentence_offered_is_a_quote_that_counts(text):
    for sentence in sentences_of(text):
        assert stands_in(sentence, [text])
        assert is_long_enough(sentence, [text])


@given(text=st.text(max_size=60))
def test_cutting_loses_no_words_of_plain_prose(text):
    prose = " ".join(word for word in text.split() if word.isalpha())
    assert " ".join(sentences_of(prose)) == prose


ANSWER = "We use **micro-batches** of 4,\nbecause the GPU\u2019s fixed cost is 3 ms. It\u2019s \u201cfast\u201d."


@pytest.mark.parametrize(
    "quote",
    [
        "We use micro-batches of 4",
        "we USE   micro-batches\tof 4, because the gpu's fixed cost",
        "fixed cost is 3 ms.",
        'It\'s "fast".',
        "We use micro\u2013batches of 4",
        "4, because",
    ],
)
def test_a_quote_is_found_in_spite_of_space_case_marks_and_emphasis(quote):
    assert stands_in(quote, ["something else", ANSWER])


@pytest.mark.parametrize(
    "quote", ["", "  ", "**", "e use micro-batches of", "fixed cost is 3 m", "We use batches of 4"]
)
def test_what_was_not_written_is_not_found(quote):
    assert not stands_in(quote, [ANSWER])


def test_a_quote_does_not_span_two_sections():
    assert not stands_in("first part second part", ["first part", "second part"])


@pytest.mark.parametrize(
    ("quote", "enough"),
    [
        ("fixed cost is 3", True),
        ("fixed cost is", False),
        ("It's \u201cfast\u201d", True),
        ("p99 - - - - .", False),
        ("", False),
    ],
)
def test_four_words_or_a_whole_sentence_are_enough(quote, enough):
    assert is_long_enough(quote, [ANSWER]) is enough


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000 + ".", "." * 100_000 + "a", "b. " * 20_000, "a\n" * 50_000, "- " * 50_000, " " * 50_000 + "a"],
)
def test_no_text_takes_long(text):
    started_s = perf_counter()
    sentences_of(text)
    assert perf_counter() - started_s < 5
