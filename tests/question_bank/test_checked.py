"""What has been found right is not checked again, and what has not is."""

import json
import shutil
from pathlib import Path

import pytest

from question_bank import checked, loader
from question_bank.loader import QUESTIONS, QuestionProblem, load_question

SLUG = "ads-ranking"


@pytest.fixture
def bank(tmp_path, monkeypatch):
    """A bank of one question, and a cache folder of its own."""
    monkeypatch.setattr(checked, "user_cache_path", lambda name: tmp_path / "cache" / name)
    shutil.copytree(QUESTIONS / SLUG, tmp_path / "bank" / SLUG)
    return tmp_path / "bank"


def kept(bank: Path) -> Path:
    return bank.parent / "cache" / "windtunnel" / "questions" / f"{SLUG}.json"


def test_a_question_read_again_is_the_same_question(bank):
    first = load_question(SLUG, bank)
    assert kept(bank).exists()
    assert load_question(SLUG, bank) == first == load_question(SLUG)


def test_what_was_found_right_is_read_without_yaml(bank, monkeypatch):
    first = load_question(SLUG, bank)
    monkeypatch.setattr(loader, "_READERS", dict.fromkeys(loader._READERS))  # nothing can be read the long way
    assert load_question(SLUG, bank) == first


def test_a_pattern_that_is_broken_later_is_told(bank):
    load_question(SLUG, bank)
    file = bank / SLUG / "concepts.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(r"'\becpm\b'", "'(ecpm'", 1), encoding="utf-8")
    with pytest.raises(QuestionProblem, match="not a regular expression"):
        load_question(SLUG, bank)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"digest": 1}', "null"])
def test_a_damaged_cache_costs_time_and_nothing_else(bank, damage):
    first = load_question(SLUG, bank)
    kept(bank).write_text(damage, encoding="utf-8")
    assert load_question(SLUG, bank) == first
    assert json.loads(kept(bank).read_text(encoding="utf-8"))["files"]


def test_another_program_checks_anew(bank, monkeypatch):
    load_question(SLUG, bank)
    monkeypatch.setattr(checked, "_program", lambda: "another")
    assert checked.find(SLUG, loader._readable(bank / SLUG)) is None


def test_without_a_folder_questions_are_checked_every_time(bank, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(checked, "user_cache_path", lambda name: tmp_path / "file" / name)
    assert load_question(SLUG, bank).slug == SLUG
