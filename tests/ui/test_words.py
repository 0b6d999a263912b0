"""Words and numbers as they stand on the screen."""

import pytest

from simulator.results.estimates import Estimate
from ui import words
from ui.moments import ago, minutes, on_day


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "too few"),
        (0.0, "0.0 ms"),
        (18.24, "18.2 ms"),
        (999.94, "999.9 ms"),
        (1000.0, "1.00 s"),
        (1970.0, "1.97 s"),
        (10_000.0, "10.0 s"),
        (3_600_000.0, "3,600.0 s"),
    ],
)
def test_a_latency_is_said_in_the_unit_a_person_reads(value: float | None, said: str) -> None:
    assert words.milliseconds(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "unknown"),
        (0.0, "0%"),
        (0.00042, "0.042%"),
        (0.05, "5%"),
        (0.0999, "9.99%"),
        (0.42, "42%"),
        (0.9995, "99.95%"),
        (0.99999, "99.99%"),
        (1.0, "100%"),
        (1.04, "104%"),
    ],
)
def test_a_share_keeps_the_digits_that_matter_and_never_rounds_up_to_all(value: float | None, said: str) -> None:
    assert words.share(value) == said


@pytest.mark.parametrize(
    ("value", "said", "short"),
    [
        (0.0, "0 USD", "0 USD"),
        (0.012, "0.012 USD", "0.012 USD"),
        (1.5, "1.50 USD", "1.50 USD"),
        (100.0, "100 USD", "100 USD"),
        (255_500.0, "255,500 USD", "256k USD"),
        (9_999_499.0, "9,999,499 USD", "9,999k USD"),
        (12_300_000.0, "12,300,000 USD", "12.3M USD"),
    ],
)
def test_money_is_said_in_full_and_in_short(value: float, said: str, short: str) -> None:
    assert (words.dollars(value), words.short_dollars(value)) == (said, short)


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (None, ""),
        (Estimate(value=5.0), ""),
        (Estimate(value=1500.0, low=1000.04, high=2000.0), "1,000.0 to 2,000.0 ms in 95% of such runs"),
    ],
)
def test_an_interval_is_said_where_there_is_one(estimate: Estimate | None, said: str) -> None:
    assert words.interval(estimate) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (1234, "1,234 runs")])
def test_a_number_takes_its_noun_along(number: int, said: str) -> None:
    assert words.many(number, "run") == said


HOSTILE = "![x](http://y) [a](javascript:b) `c` $d$ :red[e] <b> # f * _ ~ | \\ 1. - + {g} :material/home:"


def test_no_sign_that_markdown_or_streamlit_interprets_stays_bare() -> None:
    said = words.plain(HOSTILE)
    for i, char in enumerate(said):
        if char in "`*_{}[]()<>#+-.!|$~:":
            backslashes = len(said[:i]) - len(said[:i].rstrip("\\"))
            assert backslashes % 2 == 1, said[: i + 1]


def test_plain_text_loses_nothing() -> None:
    unescaped, rest = "", iter(words.plain(HOSTILE))
    for char in rest:
        unescaped += next(rest) if char == "\\" else char
    assert unescaped == HOSTILE
    assert words.plain("just words, 42%") == "just words, 42%"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (0, "just now"),
        (59.9, "just now"),
        (60, "1 minute ago"),
        (119, "1 minute ago"),
        (720, "12 minutes ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "1 day ago"),
        (2_592_000, "30 days ago"),
    ],
)
def test_a_moment_is_so_long_ago(seconds: float, said: str) -> None:
    assert ago(1_000_000_000.0, 1_000_000_000.0 + seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (365, "6:05"), (6_000, "100:00")]
)
def test_a_duration_is_said_in_minutes_and_seconds(seconds: float, said: str) -> None:
    assert minutes(seconds) == said


def test_a_day_is_the_one_in_utc() -> None:
    assert (on_day(0.0), on_day(86_399.9), on_day(86_400.0)) == ("1970-01-01", "1970-01-01", "1970-01-02")
