"""The worked card in the documents is the one that the command prints, and its sums are right."""

import re
from pathlib import Path

import pytest

from benchmarks.suggestion_error import measure
from practice.__main__ import main
from rubrics.measured_error import suggestion_error

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "card.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d[\d,]*\.?\d*")
SUM = re.compile(r"(\(?\d[\d.]*\)?(?: [x/+-] \(?\d[\d.]*\)?)+) = (\d[\d.]*\d|\d)")


def block(language):
    [found] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    return found


@pytest.mark.slow
def test_the_command_prints_the_card_in_the_document(capsys, monkeypatch):
    """Words to the letter; numbers within 2%, because NumPy does not promise equal streams for ever."""
    monkeypatch.chdir(ROOT)
    assert main(block("sh").split()[3:]) == 0
    printed, shown = capsys.readouterr().out, block("text")
    assert [NUMBER.sub("0", line).split() for line in printed.splitlines()] == [
        NUMBER.sub("0", line).split() for line in shown.splitlines()
    ]
    numbers = [[float(one.replace(",", "")) for one in NUMBER.findall(text)] for text in (printed, shown)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.02, abs=0.1)


def test_every_sum_in_the_document_is_right():
    sums = SUM.findall(DOCUMENT)
    assert len(sums) == DOCUMENT.count(" = ")
    for written, result in sums:
        assert eval(written.replace("x", "*")) == pytest.approx(float(result)), written


def test_the_points_of_every_row_are_explained_and_add_up():
    rows = re.findall(r"^(\w[\w -]+?)  +\d  +([\d.]+) of (\d+)  ", block("text"), flags=re.MULTILINE)
    explained = re.findall(r"^\| ([\w -]+) \| (\d+) x \d / 4 = ([\d.]+) \|$", DOCUMENT, flags=re.MULTILINE)
    assert [(title, points, weight) for title, weight, points in explained] == rows
    assert sum(int(weight) for _, _, weight in rows) == 100
    assert f"score {sum(float(points) for _, points, _ in rows):g} of 100" in block("text")


@pytest.mark.slow
def test_the_error_of_suggestions_is_the_one_that_is_measured():
    kept, measured = suggestion_error(), measure()
    assert kept.score_points == pytest.approx(measured.score_points, abs=2), "run python -m benchmarks.suggestion_error"
    assert (kept.answers, kept.questions) == (measured.answers, measured.questions)
    assert f"{kept.score_points:g} points" in DOCUMENT
