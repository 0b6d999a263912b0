"""YAML as people write it, in and out; what cannot be read is said in one sentence with its place."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import simulator
from simulator import yaml_text
from simulator.yaml_text import MAX_BYTES, MAX_DEPTH, NotYaml, read_own_yaml, read_yaml, write_yaml


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e6", 1e6),
        ("3.4e7", 3.4e7),
        ("1E-3", 0.001),
        ("+2.5e+3", 2500.0),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("7.", 7.0),
        ("1_000.5", 1000.5),
        ("1_000", 1000),
        ("010", 10),
        ("08", 8),
        ("-3", -3),
        ("0", 0),
    ],
)
def test_numbers_are_what_they_look_like(text, number):
    read = read_yaml(f"a: {text}")["a"]
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "12:30",
        "1:2:3",
        "2024-01-31",
        "0x10",
        "0o10",
        ".inf",
        ".nan",
        "1e",
        "e6",
        "<<",
        "=",
    ],
)
def test_words_stay_words(text):
    assert read_yaml(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("~", None), ("null", None), ("", None)])
def test_the_words_of_the_core_schema_have_their_meaning(text, value):
    assert read_yaml(f"a: {text}")["a"] is value


def test_quoted_text_is_text():
    assert read_yaml("a: '1e6'\nb: \"true\"") == {"a": "1e6", "b": "true"}


@pytest.mark.parametrize("text", ["", "# nothing but a comment", "---"])
def test_an_empty_text_says_nothing(text):
    assert read_yaml(text) is None


def _refusal(text):
    with pytest.raises(NotYaml) as refused:
        read_yaml(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("a: 1\nb: 2\na: 3", "line 3, column 1", "the key 'a' stands twice"),
        ("a:\n  b: 1\n  b: 2", "line 3, column 3", "the key 'b' stands twice"),
        ("a: 1\nb: *x", "line 2, column 4", "anchors and aliases"),
        ("a: b: c", "line 1, column 5", "mapping values are not allowed here"),
        ("a: [1, 2", "line 1, column 9", "expected"),
        ("a:\n\t- b", "line 2, column 1", "cannot start any token"),
        ("a: 1\n---\nb: 2", "line 2, column 1", "another document"),
        ("a: {{b}}", "line 1, column 5", "key"),
        ("{[a]: b}", "line 1, column 2", "key"),
        ("a: \x01", "line 1, column 4", "special characters"),
        ("a: 1\nb: \x00", "line 2, column 4", "special characters"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence_with_its_place(text, place, why):
    said = _refusal(text)
    assert said.startswith(f"{place} is not YAML: ")
    assert why in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object:os.system x",
        "!thing x",
        "!!bool maybe",
        "!!int many",
        "!!float much",
        "!!timestamp soon",
        "!!map [1]",
        "!!map xy",
        "!!int [1]",
    ],
)
def test_a_tag_that_cannot_be_read_is_refused_with_its_place(value):
    said = _refusal(f"a: {value}")
    assert said.startswith("line 1, column 4 is not YAML: ")
    assert "\n" not in said


def test_a_number_of_thousands_of_digits_is_refused():
    assert "\n" not in _refusal("a: " + "9" * 5000)


def test_a_text_that_is_nested_too_deep_is_refused():
    assert read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    assert f"nested more than {MAX_DEPTH} deep" in _refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert f"nested more than {MAX_DEPTH} deep" in _refusal("[" * 100_000)


def test_a_text_that_is_too_long_is_refused_before_it_is_read():
    assert f"longer than {MAX_BYTES:,} bytes" in _refusal("é" * (MAX_BYTES // 2 + 1))


def test_an_anchor_is_refused_even_if_nothing_refers_to_it():
    assert "anchors and aliases" in _refusal("a: &x [1]")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
LOOKALIKES = st.from_regex(r"[-+]?[0-9_.]{1,4}([eE][-+]?[0-9]{1,3})?|0[xob][0-9]+|[0-9]{1,2}:[0-9]{2}", fullmatch=True)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | LOOKALIKES
    | st.sampled_from(["yes", "no", "on", "Null", "~", "<<", "=", "TRUE", "&a", "*a", "!b", "# c", "d: e", "- f", "%"])
)
DATA = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(WORDS | LOOKALIKES, part, max_size=4),
    max_leaves=12,
)


@given(data=DATA)
@example(data={"name": "1e6"})
@example(data={"name": "08"})
@example(data={"name": "\x85"})
@example(data={"name": "\ufeff \u2028"})
@example(data=[0.1, 1e300, 5e-324, -0.0, 1e16])
def test_what_is_written_is_read_back_unchanged(data):
    read = read_yaml(write_yaml(data))
    assert read == data
    assert repr(read) == repr(data)  # 1 is not 1.0, and true is not 1


def test_the_order_of_keys_is_kept():
    assert list(read_yaml(write_yaml({"b": 1, "a": 2, "c": 3}))) == ["b", "a", "c"]


def test_lists_are_indented_below_their_key():
    assert write_yaml({"a": [1, 2]}) == "a:\n  - 1\n  - 2\n"


OWN_FILES = [
    path
    for floor in ("question_bank", "simulator", "rubrics", "practice")
    for path in sorted((Path(simulator.__file__).parents[1] / floor).rglob("*.yaml"))
]


def test_files_of_the_program_read_the_same_in_the_quick_way():
    assert len(OWN_FILES) > 100
    for path in OWN_FILES:
        text = path.read_text(encoding="utf-8")
        if len(text) < MAX_BYTES:
            assert read_own_yaml(text) == read_yaml(text), path.name


@pytest.mark.parametrize(
    "text", ["a: &x 1", "a: *x", "a: !!python/object:os.system 1", "- &y [1]", "a: 1\na: 2", "a: [1", "[1]: 2"]
)
def test_what_is_refused_is_refused_in_the_quick_way_too(text):
    with pytest.raises(NotYaml) as careful:
        read_yaml(text)
    with pytest.raises(NotYaml) as quick:
        read_own_yaml(text)
    assert str(quick.value) == str(careful.value)


@pytest.mark.parametrize("text", ["1e6", "no", "12:30", "010", "~", "1.10", "a: 'b & c'", "1_000", ".5", "yes"])
def test_scalars_mean_the_same_in_the_quick_way(text):
    assert repr(read_own_yaml(text)) == repr(read_yaml(text))


PIECES = (
    "a", "b: ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", ":", '"', "'", "|\n", ">\n", "#c\n", "? ", "---\n", "1e3",
    "~", "\\n", "&a", "*a", "!t", "%", "\u00e9", "\u2028", "\x85", "<<: ", "12:30", "\x00", "k" * 5, "|-\n", "\r\n",
    "\t",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=1000)
@example("a: {b? : 1}")  # which libyaml reads and PyYAML does not
def test_both_loaders_read_the_same_or_the_quicker_one_reads_a_little_more(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_HAS_LIBYAML", False)
        slow, slow_says = reading(text)
    quick, quick_says = reading(text)
    assert (quick, quick_says) == (slow, slow_says) or ("?" in text and slow is None)


def reading(text: str) -> tuple[str | None, str]:
    """What is read, or why nothing is."""
    try:
        return repr(read_yaml(text)), ""
    except NotYaml as problem:
        return None, str(problem)


def test_a_large_text_is_refused_as_quickly_as_it_is_looked_through():
    for text, says in (("%A b\n" * 999_999, "unknown directive"), ("- 1\n" * 1_249_999, "more than 150,000 values")):
        begun = time.process_time()
        with pytest.raises(NotYaml, match=says):
            read_yaml(text, most_bytes=5_000_000)
        assert time.process_time() - begun < 2  # the slower loader takes more than 3
