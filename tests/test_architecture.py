"""The floors hold: imports point down only, and each outside library has one door."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("simulator", "rubrics", "question_bank", "practice", "storage", "ui", "pages", "app")  # from the ground up
DOORS = {
    "streamlit": ("app", "pages", "ui"),
    "plotly": ("ui",),
    "sqlite_utils": ("storage",),
    "sqlite3": ("storage",),
    "openai": ("rubrics/llm_grader.py",),
    "simpy": ("simulator",),
    "numba": ("simulator/compiled/door",),
    "llvmlite": ("simulator/compiled/door",),
    "pint": ("question_bank",),
    "simpleeval": ("question_bank",),
    "subprocess": ("simulator/workers.py",),
    "yaml": ("simulator/yaml_text.py",),
    "fsrs": ("practice/recall.py",),
    "jinja2": ("practice/report/html.py",),
}
FILES = [
    path.relative_to(ROOT)
    for path in [ROOT / "app.py", *(file for floor in FLOORS for file in (ROOT / floor).rglob("*.py"))]
]


@cache
def imported(path: Path) -> set[str]:
    """The first word of everything that a file imports, wherever in it the import stands."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def floor(path: Path) -> int:
    return FLOORS.index(path.parts[0].removesuffix(".py"))


def test_imports_point_down():
    wrong = {
        str(path): above
        for path in FILES
        if (above := [name for name in imported(path) if name in FLOORS and FLOORS.index(name) > floor(path)])
    }
    assert wrong == {}


def test_a_page_is_imported_by_nobody():
    assert [str(path) for path in FILES if "pages" in imported(path)] == []


@pytest.mark.parametrize("library", DOORS)
def test_an_outside_library_has_one_door(library):
    users = [path for path in FILES if library in imported(path)]
    assert not [
        str(path) for path in users if not {str(path), str(path.parent), FLOORS[floor(path)]} & set(DOORS[library])
    ]


def test_every_module_says_what_lives_in_it():
    silent = [path for path in FILES if not ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))]
    assert silent == [Path("app.py")]


def test_a_package_shows_at_most_fifteen_names():
    for package in FLOORS[:-2]:
        tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
        shown = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
        assert len(shown) <= 15, package
