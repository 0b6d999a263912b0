"""The recipe of CONTRIBUTING, tried on a toy: a question is added without touching code."""

import shutil
from pathlib import Path

import pytest

from question_bank.__main__ import main
from question_bank.loader import QUESTIONS, load_all

NEAREST, TOY = "ads-ranking", "podcast-ads"


class Folder:
    """The toy's folder, and what one does to its files."""

    def __init__(self, questions: Path):
        self.questions = questions
        shutil.copytree(QUESTIONS / NEAREST, questions / NEAREST)
        shutil.copytree(QUESTIONS / NEAREST, questions / TOY)

    def change(self, file: str, old: str, new: str) -> None:
        path = self.questions / TOY / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer says {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def check(self, *more: str) -> int:
        return main(["check", TOY, "--questions", str(self.questions), *more])


@pytest.fixture
def toy(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "questions")


def test_the_check_leads_from_a_copy_to_a_question_of_its_own(toy, capsys):
    """Each step breaks something, the check says where, and the next step mends it."""
    assert toy.check("--no-runs") == 1
    assert f"slug is '{NEAREST}', but the folder is '{TOY}'" in capsys.readouterr().out

    toy.change("question.yaml", f"slug: {NEAREST}", f"slug: {TOY}")
    toy.change("question.yaml", "title: Ads for a feed inside 50 ms", "title: Ads between podcasts")
    toy.change("question.yaml", "p99_ms: 50,", "p99_ms: 80,")
    assert toy.check("--no-runs") == 1
    said = capsys.readouterr().out
    assert "designs/senior.yaml: promise.p99_ms is 50.0, but question.yaml promises 80.0; write the same" in said

    for design in ("cell", "junior", "senior", "staff"):
        toy.change(f"designs/{design}.yaml", "p99_ms: 50,", "p99_ms: 80,")
    toy.change("worksheet.yaml", "log_bytes: {value: 2000,", "log_bytes: {value: 3000,")
    assert toy.check("--no-runs") == 1
    assert "worksheet.yaml: rows.log_day.reference is 14.4, but the formula gives 21.6" in capsys.readouterr().out

    toy.change("worksheet.yaml", "reference: 14.4", "reference: 21.6")
    toy.change("worksheet.yaml", "accept: [9, 20]", "accept: [14, 30]")
    toy.change("worksheet.yaml", "partial: [4, 45]", "partial: [6, 67]")
    assert toy.check("--no-runs") == 0
    assert capsys.readouterr().out.startswith(f"{TOY}: ok, ")


def test_a_finished_toy_is_in_the_list_beside_the_others(toy, capsys):
    toy.change("question.yaml", f"slug: {NEAREST}", f"slug: {TOY}")
    toy.change("question.yaml", "title: Ads for a feed inside 50 ms", "title: Ads between podcasts")
    assert toy.check("--no-runs") == 0
    assert capsys.readouterr().out.startswith(f"{TOY}: ok, ")
    assert list(load_all(toy.questions)) == [NEAREST, TOY]
    assert main(["list", "--questions", str(toy.questions)]) == 0
    assert f"{TOY}  Ads between podcasts  (ads-and-auction, senior, 45 min)" in capsys.readouterr().out


@pytest.mark.slow
def test_the_runs_of_a_toy_say_what_its_declaration_got_wrong(toy, capsys):
    """The toy keeps its peak hour alone, for three seconds, and claims that the junior design passes it."""
    toy.change("question.yaml", f"slug: {NEAREST}", f"slug: {TOY}")
    simulation = toy.questions / TOY / "simulation.yaml"
    text = simulation.read_text(encoding="utf-8").split("\nmeasured_duration_s")[0]
    text = text.replace("duration_s: 35", "duration_s: 3").replace("duration_s: 25", "duration_s: 3")
    text = text.replace("duration_s: 20", "duration_s: 3").replace("at_s: 5,", "at_s: 1,").replace("for_s: 20", "for_s: 1")
    text = text.replace("from_s: 5, to_s: 25", "from_s: 1, to_s: 2").replace("from_s: 15", "from_s: 2")
    simulation.write_text(text.replace("[spike_2x, steady]", "[spike_2x]"), encoding="utf-8")
    assert toy.check("--jobs", "1") == 1
    assert "designs/junior.yaml under steady fails: ranker busy" in capsys.readouterr().out
