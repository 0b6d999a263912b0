"""A number with a unit is read as the person who wrote it meant it, or refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.quantity import OtherDimension, Quantity, QuantityProblem, parse, shown
from question_bank.units import CountingUnit, is_whole, parse_unit

NUMBERS = st.floats(min_value=-1e18, max_value=1e18, allow_nan=False)
RATES = ["request/s", "row/day", "usd/month", "TB/day", "Gbit/s", "usd/gpu/h", "message/min"]
UNITS = st.sampled_from(["", "gpu", "GiB", "kbit", "B", "percent", "fraction", "us", "ms", "h", "gpu*h", *RATES])


@pytest.mark.parametrize(
    ("value_text", "value"),
    [
        ("139000", 139_000),
        ("139k", 139_000),
        ("139 k", 139_000),
        ("139K", 139_000),
        ("0.139M", 139_000),
        ("1.39e5", 139_000),
        ("1.39E+5", 139_000),
        ("1.39x10^5", 139_000),
        ("1.39 \u00d7 10^5", 139_000),
        ("10^5", 100_000),
        ("139,000", 139_000),
        ("139 000", 139_000),
        ("139\u202f000", 139_000),
        ("1_000", 1_000),
        ("1,234,567.5", 1_234_567.5),
        ("12.5", 12.5),
        (".5", 0.5),
        ("~480", 480),
        ("-3", -3),
        ("1.2bn", 1.2e9),
        ("1.2 billion", 1.2e9),
        ("3 Million", 3e6),
        ("40 thousand", 40_000),
        ("2T", 2e12),
        ("4Ki", 4_096),
        ("3 Mi", 3 * 1024**2),
        ("2Gi", 2 * 1024**3),
    ],
)
def test_a_number_is_read_in_every_common_spelling(value_text, value):
    assert parse(value_text) == Quantity(value, "")


@pytest.mark.parametrize(
    ("unit_text", "unit"),
    [
        ("request/s", "request/s"),
        ("requests per second", "request/s"),
        ("Requests / sec", "request/s"),
        ("requests a second", "request/s"),
        ("req/s", "request/s"),
        ("rps", "request/s"),
        ("QPS", "request/s"),
        ("rows per day", "row/day"),
        ("GPUs", "gpu"),
        ("gpu", "gpu"),
        ("usd/month", "usd/month"),
        ("$/month", "usd/month"),
        ("dollars per month", "usd/month"),
        ("USD/mo", "usd/month"),
        ("TB/day", "TB/day"),
        ("terabytes per day", "TB/day"),
        ("GB", "GB"),
        ("gigabytes", "GB"),
        ("KB", "kB"),
        ("kb", "kbit"),
        ("GiB", "GiB"),
        ("Gbit/s", "Gbit/s"),
        ("Gbps", "Gbit/s"),
        ("mbps", "Mbit/s"),
        ("Mb", "Mbit"),
        ("MB/s", "MB/s"),
        ("MBps", "MB/s"),
        ("b", "bit"),
        ("B", "B"),
        ("percent", "percent"),
        ("%", "percent"),
        ("fraction", "fraction"),
        ("ms", "ms"),
        ("µs", "us"),
        ("GPU-hours", "gpu*h"),
        ("usd per (gpu hour)", "usd/gpu/h"),
        ("usd/qps", "usd*s/request"),
    ],
)
def test_a_unit_is_read_in_every_common_spelling(unit_text, unit):
    assert parse("1", unit_text) == Quantity(1, unit)


@pytest.mark.parametrize(
    ("value_text", "unit_text", "quantity"),
    [
        ("139k req/s", "", Quantity(139_000, "request/s")),
        ("139krps", "", Quantity(139_000, "request/s")),
        ("139", "k req/s", Quantity(139_000, "request/s")),
        ("41.7", "Mrow/s", Quantity(41.7 * 1e6, "row/s")),
        ("41.7 million rows per second", "", Quantity(41.7 * 1e6, "row/s")),
        ("5%", "", Quantity(5, "percent")),
        ("1.2B", "", Quantity(1.2, "B")),
        ("5GiB", "", Quantity(5, "GiB")),
        ("$245.9k/month", "", Quantity(245_900, "usd/month")),
        ("$245,900", "usd/month", Quantity(245_900, "usd/month")),
        ("481 GPUs", "gpu", Quantity(481, "gpu")),
    ],
)
def test_the_unit_may_stand_in_either_field(value_text, unit_text, quantity):
    assert parse(value_text, unit_text) == quantity


@pytest.mark.parametrize(
    ("value_text", "unit_text", "part_of_the_sentence"),
    [
        ("", "gpu", "does not begin with a number"),
        ("many", "gpu", "'many', which does not begin with a number"),
        ("13,9", "ms", "12.5 with a point"),
        ("1.390.000", "", "139,000 with groups of three"),
        ("400-500", "gpu", "neither a range nor a sum"),
        ("1/12", "", "not one plain number"),
        ("1e999", "", "too large"),
        ("128", "gb", "Gbit or GB"),
        ("8", "MBPS", "Mbit/s or MB/s"),
        ("8", "kBPS", "'kBPS' is not a known unit"),
        *[("2", f"{small}b", f"{small.upper()}bit or {small.upper()}B") for small in "mgtp"],
        ("5m", "", "M for a million, min or month"),
        ("5", "tps", "token/s or payment/s"),
        ("5", "gpux", "did you mean gpu?"),
        ("5", "florins", "not a known unit"),
        ("5", "per second", "says how often but not what"),
        ("70k/s", "", "says how often but not what"),
        ("5", "TB/", "nothing after '/'"),
        ("5", "million", "is not a unit"),
        ("1.2B", "row/s", "write bn for a billion, since B is byte"),
        ("5 TB", "GB", "keep one of the two"),
        ("139 req/s", "k req/s", "keep one of the two"),
        ("9" * 100, "", "does not begin with a number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write_instead(value_text, unit_text, part_of_the_sentence):
    with pytest.raises(QuantityProblem) as caught:
        parse(value_text, unit_text)
    assert part_of_the_sentence in str(caught.value)


@given(value=NUMBERS, unit=UNITS)
def test_a_printed_quantity_is_read_back_unchanged(value, unit):
    assert parse(str(Quantity(value, unit))) == Quantity(value, unit)


@given(value=NUMBERS, unit=UNITS)
def test_value_and_unit_in_their_own_fields_are_read_back_unchanged(value, unit):
    assert parse(repr(value), unit) == Quantity(value, unit)


@given(whole=st.integers(0, 10**15), gap=st.sampled_from(",_ \u00a0"))
def test_groups_of_three_digits_change_nothing(whole, gap):
    assert parse(f"{whole:,}".replace(",", gap)).value == whole


@given(thousandths=st.integers(0, 10**9))
def test_k_is_a_thousand_and_ki_is_1024(thousandths):
    value = thousandths / 1000
    assert parse(f"{value}k").value == value * 1000
    assert parse(f"{value}Ki").value == value * 1024


@given(text=st.text(max_size=30), unit=st.text(max_size=12))
def test_any_text_is_read_or_refused(text, unit):
    try:
        read = parse(text, unit)
    except QuantityProblem:
        return
    assert parse(str(read)) == read


@pytest.mark.parametrize(
    ("given", "unit", "value"),
    [
        (Quantity(1, "B"), "bit", 8),
        (Quantity(8, "Gbit/s"), "GB/s", 1),
        (Quantity(1, "TB"), "GB", 1000),
        (Quantity(1, "GiB"), "MiB", 1024),
        (Quantity(1, "KiB"), "B", 1024),
        (Quantity(86_400, "request/day"), "request/s", 1),
        (Quantity(730, "usd/month"), "usd/h", 1),
        (Quantity(1, "year"), "month", 12),
        (Quantity(1, "h"), "min", 60),
        (Quantity(0.05, "percent"), "fraction", 0.0005),
        (Quantity(0.5, "fraction"), "percent", 50),
        (Quantity(3, "gpu*h"), "gpu*s", 10_800),
    ],
)
def test_units_of_one_dimension_convert_exactly(given, unit, value):
    assert given.to(unit) == value


@given(
    value=st.floats(1e-6, 1e12),
    pair=st.sampled_from([("TB/day", "Mbit/s"), ("row/s", "rows per month"), ("%", "share")]),
)
def test_converting_there_and_back_changes_nothing(value, pair):
    there = Quantity(value, pair[0]).to(pair[1])
    # four roundings each way, each at most half of 2**-52
    assert Quantity(there, pair[1]).to(pair[0]) == pytest.approx(value, rel=8 * 2**-52)


@pytest.mark.parametrize(
    ("unit", "other"),
    [
        ("row/s", "request/s"),
        ("gpu", "machine"),
        ("usd/month", "usd"),
        ("GB", "GB/day"),
        ("percent", "request"),
        ("ms", "B"),
    ],
)
def test_different_things_do_not_convert(unit, other):
    with pytest.raises(OtherDimension, match="measure different things"):
        Quantity(1, unit).to(other)


def test_only_what_comes_in_pieces_is_whole():
    assert is_whole("GPUs")
    assert not is_whole("usd")
    assert not is_whole("gpu/s")


def test_words_for_counts_are_known_with_their_plural():
    assert parse_unit("servers").text == parse_unit("host").text == "machine"
    assert CountingUnit(name="boat").also == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [(138_888.9, "138,889"), (14.4, "14.4"), (0.0005, "0.0005"), (2.5e-7, "2.5e-07"), (0, "0"), (481.228, "481.2")],
)
def test_numbers_are_shown_as_short_as_a_sentence_needs(value, text):
    assert shown(value) == text
