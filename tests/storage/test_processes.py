"""Several processes share the database, and one that is killed takes nothing with it that it had been told is kept."""

import multiprocessing
import shutil
import tempfile
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from practice.attempt import Edit
from storage.attempts import add_asked, list_attempts, load_attempt, save_section, start_attempt
from storage.database import database
from tests.storage.writers import (
    OWNER,
    ask,
    begin,
    read_and_write_as_nobody,
    take_over,
    text_of,
    type_until_full,
    type_until_killed,
)  # fmt: skip

SPAWN = multiprocessing.get_context("spawn")
PATIENCE_S = 60
pytestmark = pytest.mark.slow


def run_all(target, *arguments) -> None:
    """Run the same function in one process for each list of arguments, all at the same time."""
    processes: list[BaseProcess] = [SPAWN.Process(target=target, args=one) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_S)
        assert process.exitcode == 0


def test_two_processes_that_write_at_the_same_time_lose_nothing(data):
    attempt = start_attempt(OWNER, "ads-ranking")
    run_all(ask, (str(data), attempt, "one", 100), (str(data), attempt, "two", 100))
    asked = [one.text for one in load_attempt(OWNER, attempt).asked]
    assert len(asked) == 200
    for name in ("one", "two"):
        assert [text for text in asked if text.startswith(name)] == [f"{name} {number}" for number in range(100)]


def test_of_two_processes_that_edit_one_section_neither_overwrites_the_other_unseen(data):
    attempt = start_attempt(OWNER, "ads-ranking")
    run_all(take_over, (str(data), attempt, "one", 30), (str(data), attempt, "two", 30))
    kept = load_attempt(OWNER, attempt).section("requirements")
    words = kept.text.split()
    assert sorted(words) == sorted(f"{name}-{number}" for name in ("one", "two") for number in range(30))
    assert kept.revision == 60


def test_processes_that_start_together_make_one_database(data):
    run_all(begin, (str(data), 5), (str(data), 5), (str(data), 5))
    assert len(list_attempts(OWNER)) == 15


def test_a_killed_writer_leaves_every_confirmed_edit(data):
    attempt = start_attempt(OWNER, "ads-ranking")
    for _ in range(3):
        last = _killed_while_typing(str(data), attempt)
        kept = load_attempt(OWNER, attempt).section("requirements")
        assert kept.sequence in (last, last + 1)  # the one that was kept but not yet confirmed
        assert kept.text == text_of(kept.sequence)
        assert database().execute("pragma integrity_check").fetchone() == ("ok",)
        _start_over(attempt, kept)


def _killed_while_typing(folder: str, attempt: str) -> int:
    """The sequence of the last edit that was confirmed before `kill -9`."""
    here, there = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=type_until_killed, args=(folder, attempt, there))
    process.start()
    there.close()
    last = 0
    while last < 50:
        assert here.poll(PATIENCE_S)
        last = here.recv()
    process.kill()
    process.join(PATIENCE_S)
    while True:
        try:
            last = here.recv()
        except EOFError:
            return last


def _start_over(attempt: str, kept) -> None:
    """Another tab empties the section, which also shows that the database can still be written."""
    edit = Edit(text="", writer="other", sequence=1, base=kept.revision)
    assert save_section(OWNER, attempt, "requirements", edit).text == ""
    _forget_writers(attempt)


def _forget_writers(attempt: str) -> None:
    database().execute("delete from sections where attempt = ?", [attempt])
    assert load_attempt(OWNER, attempt).sections == {}


@pytest.mark.parametrize("room", [0, 90_000])
def test_a_full_disk_is_a_sentence_and_takes_nothing_that_was_kept(data, room):
    attempt = start_attempt(OWNER, "ads-ranking")
    *confirmed, problem = _all_said(type_until_full, str(data), attempt, room)
    assert str(data) in problem
    assert problem.endswith("check that the disk has room and that the folder may be written to")
    assert "rollback" not in problem
    kept = load_attempt(OWNER, attempt).section("requirements")
    assert kept.sequence == (confirmed[-1] if confirmed else 0)
    assert kept.text == text_of(kept.sequence) * kept.sequence
    assert database().execute("pragma integrity_check").fetchone() == ("ok",)
    add_asked(OWNER, attempt, "And now?", None)


def test_a_folder_that_may_only_be_read_is_a_sentence(monkeypatch):
    folder = tempfile.mkdtemp()  # a test's own folder is closed to other users, which is not meant here
    monkeypatch.setenv("WINDTUNNEL_DATA", folder)
    try:
        attempt = start_attempt(OWNER, "ads-ranking")
        for one in Path(folder).iterdir():
            one.chmod(0o444)
        Path(folder).chmod(0o555)
        [said] = _all_said(read_and_write_as_nobody, folder, attempt)
        assert folder in said
        assert "set WINDTUNNEL_DATA to a folder that can be written" in said
        assert load_attempt(OWNER, attempt).asked == ()
    finally:
        Path(folder).chmod(0o755)
        shutil.rmtree(folder)


def _all_said(target, *arguments) -> list:
    """Everything that a process says before it ends."""
    here, there = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=target, args=(*arguments, there))
    process.start()
    there.close()
    said = []
    while here.poll(PATIENCE_S):
        try:
            said.append(here.recv())
        except EOFError:
            break
    process.join(PATIENCE_S)
    assert process.exitcode == 0
    return said
