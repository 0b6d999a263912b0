"""Everything public in storage names an owner and does nothing for anybody else: each function, one by one.

What is shared between people holds no words of theirs: the memory of runs (ui/simulations.py) is found by the
fingerprint of a design and its settings and gives numbers back, and only to whoever brings that design.
"""

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import storage
from practice.attempt import Written
from practice.clock import ClockEvent
from practice.drills import Drilled
from practice.versions import Versions
from storage.attempt_files import export_attempt
from storage.attempts import NoSuchAttempt
from storage.database import database
from storage.notes import save_note
from storage.practiced import add_drill, add_review
from tests.storage.material import (
    LEVEL,
    MARK,
    OTHER,
    OWNER,
    PREDICTION,
    ROUND,
    SAID,
    a_card,
    a_full_attempt,
    a_trial,
    an_edit,
    design,
    summary,
)  # fmt: skip

OF_THE_FILE = {"database", "migrations", "whole", "__main__"}  # `delete_person` is in test_whole.py
AFTER_A_CONNECTION = {"own_attempt"}  # the check itself
THEIRS = an_edit("theirs", "w", 9, 1)
ARGUMENTS = {
    "add_asked": ("theirs?", None),
    "add_drill": (Drilled(drill="d", dimension="capacity", at=1.0, share=0.0), 1.0),
    "add_event": (ClockEvent(at=5.0, kind="finish", phase=None),),
    "add_marks": ([MARK],),
    "add_prediction": (PREDICTION,),
    "add_review": ("little", "again", 1.0),
    "add_run": ("steady", design(), summary(), 1),
    "add_said": (SAID,),
    "add_trial": (a_trial(at=9.0),),
    "export_attempt": (Versions(),),
    "finish_trial": (a_trial(),),
    "forget_note": ("lab", "little"),
    "keep_answer": (0, SAID.model_copy(update={"answer": "theirs"})),
    "keep_round": (ROUND,),
    "list_designs": (10,),
    "load_note": ("lab", "little"),
    "load_reply": (0,),
    "minutes_since": (0.0,),
    "noted": ("lab",),
    "predicted_runs": ("steady",),
    "save_assumption": ("util", Written(value="9")),
    "save_card": (a_card(),),
    "save_design": (design(0.5),),
    "save_note": ("lab", "little", "theirs"),
    "save_own_level": ("architecture", LEVEL.model_copy(update={"level": 0})),
    "save_reply": (0, THEIRS),
    "save_section": ("requirements", THEIRS),
    "save_worksheet_row": ("gpus", Written(value="9")),
    "start_attempt": ("ads-ranking",),
    "start_round": ("ads-ranking", ROUND),
}  # fmt: skip
READER = "carl"  # who has nothing
NAMED = {"add_said": {"after": 1}}
READS = ("load", "latest", "begun", "predicted", "list", "history", "noted", "reviews", "drilled", "minutes", "export")


def modules() -> list[ModuleType]:
    names = [one.name for one in pkgutil.iter_modules(storage.__path__) if one.name not in OF_THE_FILE]
    return [importlib.import_module(f"storage.{name}") for name in names]


FUNCTIONS = {
    name: function
    for module in modules()
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_") and name not in AFTER_A_CONNECTION
}


def takes_an_attempt(name: str) -> bool:
    return "attempt" in inspect.signature(FUNCTIONS[name]).parameters


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> tuple[str, str]:
    """A folder with something of one person in every table, which these tests share because none may change it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("kept"))
        patch.setenv("WINDTUNNEL_DATA", folder)
        attempt = a_full_attempt(OWNER)
        save_note(OWNER, "lab", "little", 5)
        add_review(OWNER, "little", "good", 1.0)
        add_drill(OWNER, Drilled(drill="d", dimension="capacity", at=1.0, share=1.0), 5.0)
    return folder, attempt


@pytest.fixture
def attempt(kept, monkeypatch) -> str:
    monkeypatch.setenv("WINDTUNNEL_DATA", kept[0])
    return kept[1]


def hers() -> list[str]:
    """Everything in the database that belongs to the owner, row by row."""
    tables = [row[0] for row in database().execute("select name from sqlite_master where type = 'table'").fetchall()]
    rows = []
    for table in tables:
        columns = [column[1] for column in database().execute(f"pragma table_info({table})").fetchall()]
        for row in database().execute(f"select * from {table}").fetchall():
            named = dict(zip(columns, row, strict=True))
            if named.get("owner", OWNER) == OWNER and named.get("attempt", "") not in others():
                rows.append(f"{table} {row}")
    return rows


def others() -> set[str]:
    return {row[0] for row in database().execute("select id from attempts where owner = ?", [OTHER]).fetchall()}


def test_every_public_function_names_the_owner_first():
    assert {next(iter(inspect.signature(one).parameters)) for one in FUNCTIONS.values()} == {"owner"}
    assert len(FUNCTIONS) >= 45


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"import_attempt"}))
def test_another_person_neither_reads_nor_changes_anything_even_with_the_right_id(name, attempt):
    rows, function, more, named = hers(), FUNCTIONS[name], ARGUMENTS.get(name, ()), NAMED.get(name, {})
    known = (attempt,) if takes_an_attempt(name) else ()
    try:
        found, refused = function(READER if name.startswith(READS) else OTHER, *known, *more, **named), False
    except NoSuchAttempt:
        found, refused = None, True
    assert hers() == rows
    if name.startswith(READS):
        assert not found
        assert function(OWNER, *known, *more, **named), "there was something to read"
    else:
        assert refused == takes_an_attempt(name)


def test_a_file_with_the_id_of_anothers_attempt_becomes_an_attempt_of_its_own(attempt):
    rows, file = hers(), export_attempt(OWNER, attempt, Versions())
    assert FUNCTIONS["import_attempt"](OTHER, file) != attempt
    assert hers() == rows
