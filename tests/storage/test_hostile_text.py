"""Whatever is typed comes back letter for letter, or is refused before anything is kept."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.attempt import Edit, OwnLevel, Written
from storage.attempts import (
    NoSuchAttempt,
    add_asked,
    list_attempts,
    load_attempt,
    save_own_level,
    save_section,
    save_worksheet_row,
    start_attempt,
)
from storage.database import StorageProblem
from tests.storage.material import OWNER, an_edit

TEXTS = {
    "nothing": "",
    "blanks": " \t\n\r\n\u00a0\u2028",
    "200 kB": "A sentence of an answer, which is long. " * 5_000,
    "200 kB of emoji": "\U0001f469\u200d\U0001f680" * 20_000,
    "a NUL": "before\x00after",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x85",
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\u202c",
    "combining marks": "e\u0301 \u00e9 Z\u0351\u036b\u0343",
    "beyond the first plane": "\U0001f600\U00010348\U0010ffff\ufffe\ufeff",
    "SQL": "'; drop table attempts; -- \" ` ? :name $1",
    "HTML": "<script>alert(1)</script><img src=x onerror=y>&amp;]]>",
    "JSON": '{"a": "\\ud83d\\ude00\\u0000"}',
    "Markdown": "$x$ [a](javascript:1) ```\n:red[x] | --- |",
    "a format": "%s %d {0} {x!r} \\n \\",
}
each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
LONE = pytest.param("half of \ud83d an emoji", id="a lone surrogate")


@pytest.fixture
def attempt():
    return start_attempt(OWNER, "ads-ranking")


@each_text
def test_a_section_keeps_every_letter(attempt, text):
    assert save_section(OWNER, attempt, "requirements", an_edit(text)).text == text
    assert load_attempt(OWNER, attempt).section("requirements").text == text
    assert list_attempts(OWNER)[0].id == attempt


@each_text
def test_a_worksheet_row_keeps_every_letter(attempt, text):
    save_worksheet_row(OWNER, attempt, text, Written(value=text, unit=text))
    assert load_attempt(OWNER, attempt).worksheet == {text: Written(value=text, unit=text)}


@each_text
def test_an_own_level_keeps_every_letter(attempt, text):
    own = OwnLevel(level=1, quote=text, explains_failure=text)
    save_own_level(OWNER, attempt, "capacity", own)
    assert load_attempt(OWNER, attempt).own_levels == {"capacity": own}


@each_text
def test_a_question_keeps_its_first_2000_letters(attempt, text):
    add_asked(OWNER, attempt, text, None)
    assert load_attempt(OWNER, attempt).asked[0].text == text[:2000]


@each_text
def test_any_text_can_be_an_owner_and_finds_only_what_is_its_own(text):
    start_attempt(OWNER, "ads-ranking")
    mine = start_attempt(text, "ads-ranking")
    assert [one.id for one in list_attempts(text)] == [mine]
    with pytest.raises(NoSuchAttempt):
        load_attempt(text + "x", mine)


@pytest.mark.parametrize("raw", [r'"\ud83d"', r'"x\udc00"', r'"\ud83dx"'])
def test_half_a_letter_from_a_browser_is_no_edit(raw):
    data = {"writer": "w", "sequence": 1, "base": 0}
    with pytest.raises(ValidationError):
        Edit.model_validate({"text": json.loads(raw), **data})
    with pytest.raises(ValidationError):
        Edit.model_validate_json(json.dumps(data)[:-1] + f', "text": {raw}}}')


@pytest.mark.parametrize(
    "keep",
    [
        lambda attempt, text: add_asked(OWNER, attempt, text, None),
        lambda attempt, text: save_worksheet_row(OWNER, attempt, "gpus", Written(value=text)),
        lambda attempt, text: save_own_level(OWNER, attempt, "capacity", OwnLevel(level=1, quote=text)),
    ],
    ids=["question", "worksheet", "quote"],
)
@pytest.mark.parametrize("text", [LONE])
def test_half_a_letter_is_refused_with_a_sentence(attempt, keep, text):
    with pytest.raises((StorageProblem, ValidationError)):
        keep(attempt, text)


@pytest.mark.parametrize("text", [LONE])
def test_a_refused_letter_leaves_the_rest_as_it_was(attempt, text):
    add_asked(OWNER, attempt, "before", None)
    with pytest.raises((StorageProblem, ValueError)):
        add_asked(OWNER, attempt, text, None)
    add_asked(OWNER, attempt, "after", None)
    assert [one.text for one in load_attempt(OWNER, attempt).asked] == ["before", "after"]


def test_an_edit_with_an_impossible_number_is_refused(attempt):
    with pytest.raises((StorageProblem, ValidationError)):
        save_section(OWNER, attempt, "requirements", an_edit(sequence=2**63))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_round_trips(text):
    attempt = start_attempt(OWNER, "ads-ranking")
    save_section(OWNER, attempt, "requirements", an_edit(text))
    save_worksheet_row(OWNER, attempt, "gpus", Written(value=text, unit=text))
    found = load_attempt(OWNER, attempt)
    assert (found.section("requirements").text, found.worksheet["gpus"].value) == (text, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(order=st.permutations(range(2, 8)), repeated=st.lists(st.integers(1, 7), max_size=5))
def test_edits_that_arrive_in_any_order_leave_the_newest(order, repeated):
    attempt = start_attempt(OWNER, "ads-ranking")
    for sequence in [1, *order, *repeated]:
        save_section(OWNER, attempt, "requirements", an_edit(f"text {sequence}", sequence=sequence))
    kept = load_attempt(OWNER, attempt).section("requirements")
    assert (kept.text, kept.sequence) == ("text 7", 7)
