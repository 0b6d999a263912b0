"""`python -m benchmarks.kills [TIMES]`: kill -9 at random moments while a process types, saves, grades or migrates.

After each kill everything that had been confirmed must be there, `pragma integrity_check` must be content, and the next
process must be able to go on. The app itself is started at the end, on what all the kills have left.
"""

import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlite_utils

from practice.attempt import Edit, OwnLevel, Written
from rubrics import SelfGrade, Submission, load_rubric, make_card, weights_for
from rubrics.card import Card
from storage.attempts import (
    add_asked,
    load_attempt,
    load_card,
    save_card,
    save_own_level,
    save_section,
    save_worksheet_row,
    start_attempt,
)
from storage.database import _local, _migrated, database
from storage.migrations import migrations
from tests.e2e.app_server import AppServer

SPAWN = multiprocessing.get_context("forkserver")  # a process that has imported all of this makes the others
SPAWN.set_forkserver_preload(["storage.attempts", "rubrics", "tests.e2e.app_server"])
OWNER = "local"
WHAT = ("typing", "saving", "grading", "migrating")
PATIENCE_S = 60.0


def typing(attempt: str, number: int) -> tuple[str, Any]:
    """A longer and longer text."""
    base = load_attempt(OWNER, attempt).section("requirements").revision
    text = f"Sentence {number}. " * (number % 400 + 1)
    edit = Edit(text=text, writer=f"tab {os.getpid()}", sequence=number, base=base)
    kept = save_section(OWNER, attempt, "requirements", edit)
    return "section", (kept.text, kept.revision)


def saving(attempt: str, number: int) -> tuple[str, Any]:
    """Small things of several tables."""
    save_worksheet_row(OWNER, attempt, "gpus", Written(value=str(number), unit="gpu"))
    save_own_level(OWNER, attempt, "capacity", OwnLevel(level=number % 4, quote=f"quote {number}"))
    add_asked(OWNER, attempt, f"question {number} of {os.getpid()}", None)
    return "small", (str(number), f"question {number} of {os.getpid()}")


def grading(attempt: str, number: int) -> tuple[str, Any]:
    """A card in the place of the one before."""
    save_card(OWNER, attempt, _card(number))
    return "card", number


def _card(number: int) -> Card:
    rubric = load_rubric()
    grade = SelfGrade(dimension="architecture", level=number % 4, quote=f"Text {number}.")
    written = Submission(sections={"requirements": f"Text {number}. " * 50}, grades=(grade,))
    return make_card(rubric, weights_for(rubric, {}), written)


def work(folder: str, what: str, attempt: str, confirmed: Connection) -> None:
    """Do one thing again and again, and say each time what is kept; in a process that is going to be killed."""
    os.environ["WINDTUNNEL_DATA"] = folder
    number = 0
    while True:
        number += 1
        if what == "migrating":
            _migrate_an_old_copy(Path(folder))
            confirmed.send(("old", str(Path(folder) / "old" / "windtunnel.db")))
        else:
            confirmed.send({"typing": typing, "saving": saving, "grading": grading}[what](attempt, number))


def _migrate_an_old_copy(folder: Path) -> None:
    """Bring a database of the first version up to date, as the first start of a newer program does."""
    old = folder / "old"
    shutil.rmtree(old, ignore_errors=True)
    old.mkdir()
    shutil.copy(folder / "first.db", old / "windtunnel.db")
    os.environ["WINDTUNNEL_DATA"] = str(old)
    database()
    os.environ["WINDTUNNEL_DATA"] = str(folder)


def kill_once(folder: Path, what: str, attempt: str, luck: random.Random) -> int:
    """Start a process, kill it at a random moment, look at what is left; return how much it had confirmed."""
    here, there = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=work, args=(str(folder), what, attempt, there))
    process.start()
    there.close()
    said = []
    if here.poll(PATIENCE_S):
        said.append(here.recv())
    until = time.monotonic() + luck.uniform(0, 0.4)
    while (left := until - time.monotonic()) > 0:
        if here.poll(left):
            said.append(here.recv())
    process.kill()
    process.join()
    while True:
        try:
            said.append(here.recv())
        except (EOFError, OSError):  # the end, or half a message
            break
    _look(folder, what, attempt, said)
    return len(said)


def _look(folder: Path, what: str, attempt: str, said: list[tuple[str, Any]]) -> None:
    assert said, f"{what}: nothing was confirmed in {PATIENCE_S:g} s"
    kind, kept = said[-1]
    if kind == "old":
        _look_at_migrated(folder)
        return
    assert database().execute("pragma integrity_check").fetchone() == ("ok",)
    found = load_attempt(OWNER, attempt)
    if kind == "section":
        draft = found.section("requirements")
        assert draft.revision in (kept[1], kept[1] + 1), "one more than was confirmed at most"
        assert draft.revision != kept[1] or draft.text == kept[0]
    elif kind == "small":
        assert int(found.worksheet["gpus"].value) in (int(kept[0]), int(kept[0]) + 1)
        assert any(one.text == kept[1] for one in found.asked)
    else:
        assert load_card(OWNER, attempt) in (_card(kept), _card(kept + 1))


def _look_at_migrated(folder: Path) -> None:
    """Whatever moment it was: the old rows are there, and the next start ends the migration."""
    if not (folder / "old" / "windtunnel.db").exists() or (folder / "old" / "windtunnel.db").stat().st_size < 1000:
        return  # killed while the test itself was copying the old file
    before = os.environ["WINDTUNNEL_DATA"]
    os.environ["WINDTUNNEL_DATA"] = str(folder / "old")
    _migrated.clear()  # as in a process that starts later
    vars(_local).clear()
    try:
        assert database().execute("pragma integrity_check").fetchone() == ("ok",)
        assert migrations.pending(database()) == []
        assert load_attempt(OWNER, "oldattempt").section("requirements").text == "It's kept."
    finally:
        os.environ["WINDTUNNEL_DATA"] = before


def _first_version(file: Path) -> None:
    """A database as the first version wrote it."""
    db = sqlite_utils.Database(file)
    with closing(sqlite_utils.Database(memory=True)) as fresh:
        names = [step.name for step in migrations.pending(fresh)]
    migrations.apply(db, stop_before=names[1:2])
    db.conn.executescript(
        "insert into attempts values ('oldattempt', 'local', 'ads-ranking', 1000.0, 2000.0, null);"
        "insert into sections values ('oldattempt', 'requirements', 7, 'tab', 9, 'It''s kept.', 1500.0);"
    )
    db.close()


def main(times: int = 200) -> int:
    """Kill so many times, then start the app; print what was done."""
    luck, confirmed, killed = random.Random(1), Counter[str](), Counter[str]()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        server = AppServer(Path(temporary))
        server.data.mkdir()
        os.environ["WINDTUNNEL_DATA"] = str(server.data)
        _first_version(server.data / "first.db")
        attempt = start_attempt(OWNER, "ads-ranking")
        for number in range(times):
            what = WHAT[number % len(WHAT)]
            confirmed[what] += kill_once(server.data, what, attempt, luck)
            killed[what] += 1
        server.start()
        server.kill()
    for what in WHAT:
        print(f"{what:10} killed {killed[what]} times, {confirmed[what]} confirmed before, nothing of that lost")
    print(f"the app starts on what is left; {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
