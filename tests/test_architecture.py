"""The floors hold: imports point down only, and each outside library has one door."""

import ast
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
    "numba": ("simulator/compiled/door.py",),
    "llvmlite": ("simulator/compiled/door.py",),
    "pint": ("question_bank",),
    "simpleeval": ("question_bank",),
    "subprocess": ("simulator/workers.py",),
    "yaml": ("simulator/yaml_text.py",),
}
FILES = [
    path.relative_to(ROOT)
    for path in [ROOT / "app.py", *(file for floor in FLOORS for file in (ROOT / floor).rglob("*.py"))]
]


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


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_down(path):
    above = [name for name in imported(path) if name in FLOORS and FLOORS.index(name) > floor(path)]
    assert not above, f"{path} stands below {above}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_page_is_imported_by_nobody(path):
    assert "pages" not in imported(path)


@pytest.mark.parametrize("library", DOORS)
def test_an_outside_library_has_one_door(library):
    users = [path for path in FILES if library in imported(path)]
    assert not [str(path) for path in users if not {str(path), FLOORS[floor(path)]} & set(DOORS[library])]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_module_says_what_lives_in_it(path):
    if path.name != "app.py":
        assert ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))


def test_a_package_shows_at_most_fifteen_names():
    for package in FLOORS[:-2]:
        tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
        shown = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
        assert len(shown) <= 15, package
