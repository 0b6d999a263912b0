"""A computed number is found again in the design, and a coincidence is not taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.reuse import reappears

ROWS = [
    ("Peak rate", 138_889.0, "request/s"),
    ("GPUs", 481.0, "gpu"),
    ("Cost", 245_900.0, "usd/month"),
    ("Log", 14.4, "TB/day"),
    ("Table", 128.0, "GB"),
    ("Spare machines", 5.0, "machine"),
    ("Users", 1.0e7, "user"),
    ("Window", 50.0, "ms"),
    ("Busy share", 62.0, "percent"),
]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("We size for 139k requests a second.", "Peak rate"),
        ("139,000 at eight in the evening", "Peak rate"),
        ("0.14M per second at peak", "Peak rate"),
        ("138889 must fit", "Peak rate"),
        ("1.39e5/s at peak", "Peak rate"),
        ("1.39 x 10^5 at peak", "Peak rate"),
        ("139 k requests", "Peak rate"),
        ("139 thousand of them", "Peak rate"),
        ("481 GPUs rule out the large model", "GPUs"),
        ("all 481.", "GPUs"),
        ("(481)", "GPUs"),
        ("a 481-GPU fleet", "GPUs"),
        ("480 ranking GPUs", "GPUs"),
        ("GPUs: 480", "GPUs"),
        ("gpus=481", "GPUs"),
        ("$246k a month is within budget", "Cost"),
        ("246k USD", "Cost"),
        ("USD 245,900 a month", "Cost"),
        ("246,000 a month", "Cost"),
        ("the log grows 14.4 TB a day", "Log"),
        ("14.4TB/day", "Log"),
        ("14.4T a day", "Log"),
        ("a table of 128 GB fits", "Table"),
        ("128G of memory", "Table"),
        ("128 GiB", "Table"),
        ("keep 5 machines spare", "Spare machines"),
        ("10M users", "Users"),
        ("10m users", "Users"),
        ("10 million users", "Users"),
        ("50 ms for the window", "Window"),
        ("62% busy", "Busy share"),
        ("62 percent busy", "Busy share"),
    ],
)
def test_the_number_is_found_however_it_is_written(text, label):
    found = reappears(ROWS, [text])
    assert found == f"{label}: \u201c{text}\u201d"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no numbers at all",
        "5 shards, 5 retries and 5 ms",
        "top 5",
        "10 users",
        "10m",
        "wait 10m before shrinking",
        "10.1m later",
        "481 ms",
        "481 s",
        "481% more",
        "481 GB",
        "$481",
        "246k EUR",
        "246k ms",
        "14.4 ms",
        "14.4 of something",
        "128 dimensions",
        "128-dimensional",
        "128 Gb of traffic",
        "128 MB",
        "100-50 split",
        "50 shards",
        "50 s",
        "62 shards",
        "62 ms",
        "p481, v481, H481, int8, x481",
        "481x faster",
        "481st",
        "1/481 of the fleet",
        "481/2",
        "1:481",
        "12:481",
        "10.0.481.1",
        "0.481",
        "1,481",
        "4810 GPUs",
        "48 GPUs",
        "139",
        "139 requests",
        "139M requests",
        "139,000,000",
    ],
)
def test_a_coincidence_is_not_taken_for_it(text):
    assert reappears(ROWS, [text]) is None


@pytest.mark.parametrize(("gpus", "found"), [(471, False), (472, True), (490, True), (491, False)])
def test_two_percent_either_way(gpus, found):
    assert (reappears([("GPUs", 481.0, "gpu")], [f"{gpus} GPUs"]) is not None) is found


@pytest.mark.parametrize(
    ("written", "found"),
    [("in 2020", False), ("2020 rows", True), ("505 of them", True), ("500 of them", False), ("510 of them", False)],
)
def test_years_and_round_numbers_need_their_unit(written, found):
    rows = [("Rows", 2_020.0, "row"), ("Hosts", 505.0, "host")]
    assert (reappears(rows, [written]) is not None) is found


def test_the_whole_sentence_is_quoted_and_headings_and_code_are_not_read():
    text = "# 481 GPUs\n```\n481 GPUs\n```\nNothing here. So 481 GPUs it is. More."
    assert reappears(ROWS, [text]) == "GPUs: \u201cSo 481 GPUs it is.\u201d"
    assert reappears(ROWS, ["# 481 GPUs"]) is None


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("ranker.replicas", 481, True),
        ("ranker.replicas", 480, False),
        ("gpu_pool.replicas", 480, True),
        ("machine_pool.replicas", 5, True),
        ("machine_pool.queue_limit", 5, False),
        ("ranker.timeout_ms", 481, False),
        ("ranker.timeout_ms", 50, True),
        ("ranker.queue_limit", 50, False),
        ("traffic.arrival_rate_per_s", 139_000, True),
        ("cache.capacity_gb", 128, True),
        ("cache.capacity", 128, False),
    ],
)
def test_settings_by_name(name, value, found):
    assert (reappears(ROWS, [], {name: value}) is not None) is found


def test_a_setting_is_named():
    assert reappears(ROWS, [], {"ranker.replicas": 481}) == "GPUs: the setting ranker.replicas is 481"


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_values_without_meaning_are_never_found(value):
    assert reappears([("Odd", value, "gpu")], ["0 GPUs, nan, inf"], {"gpu.replicas": 0.0}) is None


@given(value=st.integers(101, 10**9))
def test_a_number_written_out_with_its_unit_is_always_found(value):
    for written in (f"{value} GPUs", f"{value:,} GPUs", f"{value / 1e3:.3f}k GPUs", f"{value:.4e} GPUs"):
        assert reappears([("GPUs", float(value), "gpu")], [f"We need {written} then."]) is not None


@given(text=st.text(max_size=80), settings=st.dictionaries(st.text(max_size=8), st.floats(allow_nan=False), max_size=3))
def test_any_text_can_be_searched(text, settings):
    assert reappears([], [text], settings) is None
    reappears(ROWS, [text], settings)
