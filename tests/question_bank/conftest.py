"""A copy of the ads question that a test may break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.loader import QUESTIONS, QuestionProblem, load_question

SLUG = "ads-ranking"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A folder of questions with one in it."""
    shutil.copytree(QUESTIONS / SLUG, tmp_path / "questions" / SLUG)
    return tmp_path / "questions"


@pytest.fixture
def said_of(questions: Path) -> Callable[[str, str, str], list[str]]:
    """What the loader says of the question after one text in one of its files was replaced."""

    def replaced(file: str, old: str, new: str) -> list[str]:
        path = questions / SLUG / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(QuestionProblem) as caught:
            load_question(SLUG, questions)
        return caught.value.problems

    return replaced
