"""The tables, as the list of steps that made them. A step that has been released is never changed; add another."""

import sqlite_utils
from sqlite_utils import Migrations

migrations = Migrations("windtunnel")


def _execute_all(db: sqlite_utils.Database, statements: str) -> None:
    """Run statements one by one; `executescript` would end the transaction that a migration runs in."""
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m001_attempts(db: sqlite_utils.Database) -> None:
    """Attempts, and everything that belongs to one. Moments are seconds since the epoch; data is JSON."""
    _execute_all(
        db,
        """
        create table attempts (
            id text primary key, owner text not null, question text not null,
            created_at real not null, last_seen real not null, finished_at real
        ) strict;
        create index attempts_by_owner on attempts (owner, created_at);

        create table sections (
            attempt text not null references attempts (id) on delete cascade,
            phase text not null, revision integer not null, writer text not null, sequence integer not null,
            text text not null, saved_at real not null,
            primary key (attempt, phase)
        ) strict;

        create table worksheet (
            attempt text not null references attempts (id) on delete cascade,
            row text not null, value text not null, unit text not null, saved_at real not null,
            primary key (attempt, row)
        ) strict;

        create table asked (
            id integer primary key, attempt text not null references attempts (id) on delete cascade,
            text text not null, fact text, at real not null
        ) strict;
        create index asked_by_attempt on asked (attempt, id);

        create table clock (
            id integer primary key, attempt text not null references attempts (id) on delete cascade,
            at real not null, kind text not null, phase text
        ) strict;
        create index clock_by_attempt on clock (attempt, id);

        create table designs (
            attempt text primary key references attempts (id) on delete cascade,
            data text not null, saved_at real not null
        ) strict;

        create table predictions (
            id integer primary key, attempt text not null references attempts (id) on delete cascade,
            at real not null, data text not null
        ) strict;
        create index predictions_by_attempt on predictions (attempt, id);

        create table runs (
            id text primary key, attempt text not null references attempts (id) on delete cascade,
            at real not null, scenario text not null, prediction integer references predictions (id),
            design text not null, settings text not null, summary text not null
        ) strict;
        create index runs_by_attempt on runs (attempt, at);

        create table own_levels (
            attempt text not null references attempts (id) on delete cascade,
            dimension text not null, level integer not null, quote text not null, explains_failure text not null,
            at real not null, primary key (attempt, dimension)
        ) strict;

        create table cards (
            attempt text primary key references attempts (id) on delete cascade,
            at real not null, data text not null
        ) strict;
        """,
    )


@migrations()
def m002_notes(db: sqlite_utils.Database) -> None:
    """Small things that a person has set outside an attempt: a prediction in a lab, the levels of an exercise."""
    _execute_all(
        db,
        """
        create table notes (
            owner text not null, kind text not null, item text not null, data text not null, saved_at real not null,
            primary key (owner, kind, item)
        ) strict;
        """,
    )


@migrations()
def m003_assumptions(db: sqlite_utils.Database) -> None:
    """A person's own numbers in place of a worksheet's constants, as they were typed."""
    _execute_all(
        db,
        """
        create table assumptions (
            attempt text not null references attempts (id) on delete cascade,
            constant text not null, value text not null, unit text not null, saved_at real not null,
            primary key (attempt, constant)
        ) strict;
        """,
    )


@migrations()
def m004_first_levels(db: sqlite_utils.Database) -> None:
    """The own levels as they were before any suggestion was seen. Whoever had a card had seen the references."""
    _execute_all(
        db,
        """
        create table first_levels (
            attempt text not null references attempts (id) on delete cascade,
            dimension text not null, level integer not null, quote text not null, at real not null,
            primary key (attempt, dimension)
        ) strict;
        insert into first_levels select o.attempt, o.dimension, o.level, o.quote, o.at
            from own_levels o join cards c on c.attempt = o.attempt;
        """,
    )


@migrations()
def m005_rounds(db: sqlite_utils.Database) -> None:
    """The round of an attempt, what its interviewer said and was answered, first moments, and the runs it asked for.

    A reply is kept while it is written, like a section. There is one trial of a kind, but for drills tried again.
    """
    _execute_all(
        db,
        """
        create table rounds (
            attempt text primary key references attempts (id) on delete cascade,
            at real not null, data text not null
        ) strict;

        create table said (
            attempt text not null references attempts (id) on delete cascade,
            number integer not null, at real not null, data text not null,
            primary key (attempt, number)
        ) strict;

        create table replies (
            attempt text not null references attempts (id) on delete cascade,
            number integer not null, revision integer not null, writer text not null, sequence integer not null,
            text text not null, saved_at real not null,
            primary key (attempt, number)
        ) strict;

        create table marks (
            attempt text not null references attempts (id) on delete cascade,
            kind text not null, at real not null, phase text not null, sentence text not null,
            primary key (attempt, kind)
        ) strict;

        create table trials (
            id integer primary key, attempt text not null references attempts (id) on delete cascade,
            kind text not null, at real not null, design text not null, settings text not null,
            prediction text, summary text, recovery text
        ) strict;
        create index trials_by_attempt on trials (attempt, id);
        create unique index one_trial_of_a_kind on trials (attempt, kind) where kind <> 'drill_again';
        """,
    )


@migrations()
def m006_practiced(db: sqlite_utils.Database) -> None:
    """What was practiced outside an attempt, as a log: cards that were answered and drills that were done."""
    _execute_all(
        db,
        """
        create table practiced (
            id integer primary key, owner text not null, kind text not null, item text not null, at real not null,
            data text not null
        ) strict;
        create index practiced_by_owner on practiced (owner, kind, at);
        """,
    )
