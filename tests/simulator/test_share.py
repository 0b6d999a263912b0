"""Shared designs: the same comes back, and whatever else is sent is refused in bounded time and memory."""

import base64
import json
import time
import tracemalloc
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.loader import DESIGN_NAMES, load_all
from simulator.design_file import design_from, write_design
from simulator.share import (
    LONGEST_LINK,
    MOST_JSON,
    Shared,
    ShareProblem,
    TooLongForALink,
    from_link,
    link_text,
    read_shared,
    write_shared,
)
from tests.simulator.designs import design_data, wide
from tests.simulator.random_vocabulary import any_designs

SMALL = design_from(design_data({"web": wide(0.01, replicas=3)}, rate_per_s=50.0))
REFERENCES = [
    pytest.param(question.designs.by_name(name), id=f"{slug}-{name}")
    for slug, question in load_all().items()
    for name in DESIGN_NAMES
]


@pytest.mark.parametrize("design", REFERENCES)
def test_every_reference_design_comes_back_as_it_was(design):
    shared = Shared(design=design, seed=42)
    text = link_text(shared)
    assert from_link(text) == shared
    assert len(text) <= 2000
    assert read_shared(write_shared(shared)) == shared


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(any_designs(), st.integers(1, 1_000_000))
def test_any_design_with_its_faults_and_its_luck_comes_back(data, seed):
    shared = Shared(design=design_from(data), seed=seed)
    assert from_link(link_text(shared)) == shared
    assert read_shared(write_shared(shared)) == shared


def test_faults_and_knobs_that_were_applied_are_in_the_link():
    data = design_data({"web": wide(0.01, replicas=7)}, rate_per_s=50.0)
    faults = [{"kind": "slow", "component": "web", "factor": 3.0, "at_s": 1.0, "for_s": 2.0}]
    back = from_link(link_text(Shared(design=design_from(data | {"faults": faults}))))
    assert back.design.components["web"].replicas == 7
    assert back.design.faults[0].factor == 3.0


def test_a_link_needs_no_escaping():
    text = link_text(Shared(design=SMALL))
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_design_file_opens_as_a_shared_one_with_the_first_seed():
    assert read_shared(write_design(SMALL)) == Shared(design=SMALL, seed=1)


def test_a_design_that_is_too_long_for_a_link_says_so_and_fits_a_file():
    times = [round((i * 7919 % 104_729) / 1000 + i, 3) for i in range(4000)]
    trace = design_data({"web": wide(0.01)}, 50.0)
    trace["traffic"]["arrivals"] = {"kind": "trace", "times_s": sorted(times)}
    long = Shared(design=design_from(trace), seed=3)
    with pytest.raises(TooLongForALink, match=r"The link would have \d+,\d+ characters, and 7,000 is the most"):
        link_text(long)
    assert read_shared(write_shared(long)) == long


# ---- what is refused -----------------------------------------------------------------------------------------------


def _packed(data: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return f"1.{base64.urlsafe_b64encode(packer.compress(data) + packer.flush()).decode().rstrip('=')}"


GOOD = link_text(Shared(design=SMALL))
PLAIN = json.loads(zlib.decompress(base64.urlsafe_b64decode(GOOD[2:] + "=="), -15))
FULL_OF_WRONG = design_data({"web": wide(0.01) | {"rate_limits": [{}] * 24_000}}, 50.0)
BOMB = _packed(b"0" * 5_000_000)
LINKS = {
    "50 MB": ("1." + "A" * 50_000_000, "the link has 50,000,002 characters, and 7,000 is the most"),
    "a bomb": (BOMB, "unpacks to more than 100,000 bytes"),
    "wrong base64": ("1.AAAAA", "cannot be unpacked"),
    "other characters": (GOOD[:-1] + "%", "characters that no link"),
    "no version": (GOOD[2:], "characters that no link"),
    "another version": ("2" + GOOD[1:], "of version 2, and this program reads version 1"),
    "other digits": ("\u0661" + GOOD[1:], "characters that no link"),
    "cut off": (GOOD[:-8], "the link is"),
    "something behind it": (GOOD + "AAAA", "the link is"),
    "nothing": ("1.", "characters that no link"),
    "not deflated": ("1." + base64.urlsafe_b64encode(b"just some words").decode(), "the link is"),
    "no JSON": (_packed(b"just words"), "is not a design"),
    "not UTF-8": (_packed(b'"\xff\xfe"'), "is not a design"),
    "deep": (_packed(b"[" * 90_000), "is not a design"),
    "a number of many digits": (_packed(b'{"version": 1, "design": ' + b"9" * 10_000 + b"}"), "is not a design"),
    "not a number": (_packed(json.dumps(PLAIN).replace("50.0", "NaN").encode()), "arrival_rate_per_s"),
    "no end": (_packed(json.dumps(PLAIN).replace("50.0", "1e999").encode()), "arrival_rate_per_s"),
    "a list": (_packed(b"[1, 2]"), "there is no design in it"),
    "an old version inside": (_packed(json.dumps(PLAIN | {"version": 0}).encode()), "of version '0'"),
    "a seed that is none": (_packed(json.dumps(PLAIN | {"seed": "lucky"}).encode()), "seed"),
    "something more": (_packed(json.dumps(PLAIN | {"steal": "cookies"}).encode()), "steal"),
    "no components": (_packed(b'{"version": 1, "design": {}}'), "traffic"),
    "thousands of wrong parts": (_packed(json.dumps({"version": 1, "design": FULL_OF_WRONG}).encode()), "rate_per_s"),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_that_is_wrong_is_refused_with_a_sentence_soon_and_in_little_memory(name):
    text, said = LINKS[name]
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(ShareProblem) as caught:
            from_link(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert any(said in problem for problem in caught.value.problems), caught.value.problems[:3]
    assert time.process_time() - began < 5
    assert most < 60e6
    assert len(caught.value.problems[0]) < 1000


def test_a_bomb_is_unpacked_no_further_than_the_limit():
    assert len(BOMB) < LONGEST_LINK
    tracemalloc.start()
    with pytest.raises(ShareProblem):
        from_link(BOMB)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5 * MOST_JSON


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 50_000_000, "the file has 50,000,000 characters"),
        ("components: [", "line 1"),
        ("just words", "there is no design in it"),
        ("version: 7\ndesign: {}", "of version '7'"),
        ("version: 1\nseed: 0\n" + "design:\n  " + write_design(SMALL).replace("\n", "\n  "), "seed"),
        ("a: &x 1\nb: *x", "anchors"),
    ],
    ids=["50 MB", "broken YAML", "words", "another version", "a wrong seed", "anchors"],
)
def test_a_file_that_is_wrong_is_refused_with_a_sentence(text, said):
    with pytest.raises(ShareProblem) as caught:
        read_shared(text)
    assert any(said in problem for problem in caught.value.problems), caught.value.problems
