"""The committed page on what the bank covers is the one of the data."""

from pathlib import Path

from question_bank.__main__ import main

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def test_the_committed_page_is_the_one_of_the_bank(capsys):
    assert main(["coverage"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8")


def test_every_topic_of_the_source_documents_can_be_practiced():
    table = PAGE.read_text(encoding="utf-8").split("## Topics of the source documents")[1].split("##")[0]
    rows = [row.strip("| ").split("|") for row in table.splitlines() if row.startswith("| ")][2:]
    assert len(rows) > 60
    assert [row[0] for row in rows if not any(cell.strip() for cell in row[1:])] == []
