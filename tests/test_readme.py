"""What the README shows is what one gets."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from simulator.catalogue import ComponentKind
from simulator.design_file import read_design
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:e-?\d+)?")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_worked_run_prints_what_the_readme_shows():
    """Words and layout to the letter; numbers within 2%, because NumPy does not promise equal streams for ever."""
    command = next(block for block in blocks("sh") if "simulator run" in block).split()
    done = subprocess.run([sys.executable, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=True)
    [shown] = blocks("text")
    assert [NUMBER.sub("0", line).split() for line in done.stdout.splitlines()] == [
        NUMBER.sub("0", line).split() for line in shown.splitlines()
    ]
    printed = [float(number.replace(",", "")) for number in NUMBER.findall(done.stdout)]
    assert printed == pytest.approx([float(n.replace(",", "")) for n in NUMBER.findall(shown)], rel=0.02, abs=0.1)


def test_the_two_commands_are_one_line_each():
    commands = [block.strip() for block in blocks("sh")]
    assert "pip install -r requirements.txt && streamlit run app.py" in commands
    assert "pip install -r requirements-dev.txt && python -m pytest -n auto --dist worksteal" in commands


def test_every_file_and_picture_that_the_documents_mention_exists():
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


PAGES = sorted((ROOT / "docs" / "kinds").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_design_on_the_page_of_a_kind_runs(page):
    [text] = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    summary = summarize(replicate(read_design(text), RunSettings(requests=300, replications=1)))
    assert summary.outcomes.arrivals > 0


def test_every_kind_has_a_page():
    assert set(get_args(ComponentKind)) <= {page.stem for page in PAGES}
