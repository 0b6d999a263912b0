"""The database as a whole: how large it is, a copy of it, another in its place, and no trace of a person in it."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import sqlite_utils

from storage.database import WAIT_FOR_LOCK_S, StorageProblem, database, path, writing
from storage.migrations import migrations

SAFETY = "windtunnel-before-restore.db"
_OF_PERSONS = ("attempts", "notes", "practiced")
_CHECKED = ("table", "index", "trigger", "view")


def size_bytes() -> int:
    """What the database takes on the disk, with what waits to be written into it."""
    return sum(file.stat().st_size for file in _files() if file.exists())


def _files() -> list[Path]:
    return [path(), Path(f"{path()}-wal"), Path(f"{path()}-shm")]


def back_up(target: Path) -> None:
    """Write a whole and compact copy; whoever writes meanwhile is not disturbed. Raise StorageProblem."""
    if target.exists():
        raise StorageProblem(f"{target} is there already; choose another name or move it away")
    try:
        database().execute("vacuum into ?", [str(target)])
    except sqlite3.OperationalError as error:
        raise StorageProblem(f"{target} cannot be written: {error}; choose another place") from error


def backup_bytes() -> bytes:
    """The copy as bytes, for a download."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "copy.db"
        back_up(target)
        return target.read_bytes()


def restore(source: Path) -> int:
    """Put a copy in the place of the database and return how many attempts it holds.

    What was there before is kept beside it as `SAFETY`. Raise StorageProblem, with nothing changed, if the file is no
    copy of ours, is damaged, or comes from a newer version.
    """
    live = database()
    with tempfile.TemporaryDirectory() as folder:
        ready = _made_ready(source, Path(folder) / "ready.db")
        safety = path().with_name(SAFETY)
        safety.unlink(missing_ok=True)
        back_up(safety)
        with closing(sqlite3.connect(ready)) as found:
            try:
                found.backup(live.conn)
            except sqlite3.OperationalError as error:
                raise StorageProblem(f"{path()} is in use: {error}; close other windows and try again") from error
            return int(found.execute("select count(*) from attempts").fetchone()[0])


def _made_ready(source: Path, ready: Path) -> Path:
    """A checked copy of the source, brought up to date."""
    advice = "choose a file that Backup has made"
    if not source.is_file():
        raise StorageProblem(f"{source} is not there; {advice}")
    with source.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise StorageProblem(f"{source} is not a backup; {advice}")
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as found:
            found.execute("pragma trusted_schema = off")
            if (said := found.execute("pragma integrity_check(1)").fetchone()[0]) != "ok":
                raise StorageProblem(f"{source} is damaged: {said}; {advice}")
            found.execute("vacuum into ?", [str(ready)])
        _bring_up_to_date(source, ready)
    except sqlite3.DatabaseError as error:
        raise StorageProblem(f"{source} cannot be read: {error}; {advice}") from error
    return ready


def _bring_up_to_date(source: Path, ready: Path) -> None:
    """Apply the steps that are missing, and refuse what has other tables than ours or anything that acts by itself."""
    with closing(sqlite3.connect(ready, isolation_level=None, timeout=WAIT_FOR_LOCK_S)) as connection:
        found, fresh = sqlite_utils.Database(connection), sqlite_utils.Database(memory=True)
        known = {step.name for step in migrations.pending(fresh)}
        if "_sqlite_migrations" not in found.table_names():
            raise StorageProblem(f"{source} is a database of something else; choose a file that Backup has made")
        if unknown := [step.name for step in migrations.applied(found) if step.name not in known]:
            raise StorageProblem(f"{source} was written by a newer version (step {unknown[-1]}); update Windtunnel")
        if _acts(connection):
            raise StorageProblem(f"{source} holds triggers or views, which ours never has; it is not used")
        migrations.apply(found)
        migrations.apply(fresh)
        if _shape(connection) != _shape(fresh.conn):
            raise StorageProblem(f"{source} has other tables than ours; choose a file that Backup has made")
        fresh.close()


def _acts(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("select 1 from sqlite_master where type in ('trigger', 'view')").fetchone())


def _shape(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    """The columns of every table, which do not depend on how a step was written down."""
    tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    return {
        (name, *(f"{column[1]} {column[2]}" for column in connection.execute(f'pragma table_info("{name}")')))
        for (name,) in tables.fetchall()
    }


def delete_person(owner: str) -> None:
    """Remove everything of a person for good: rows, what the file kept of them, and the copy from before a restore."""
    with writing() as db:
        for table in _OF_PERSONS:
            db.execute(f"delete from {table} where owner = ?", [owner])  # noqa: S608 - names of our own
    path().with_name(SAFETY).unlink(missing_ok=True)
    db = database()
    try:
        db.execute("vacuum")
        busy, *_ = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    except sqlite3.OperationalError as error:
        raise StorageProblem(f"the rows are gone, but the file could not be compacted: {error}; try again") from error
    if busy:
        raise StorageProblem("the rows are gone, but another window was reading; close it and delete once more")
