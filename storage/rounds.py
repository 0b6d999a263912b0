"""Rounds in the database: what was chosen, said, answered, first written, and run for the round.

Every function names the owner, and nobody reads or writes what is another's.
"""

from collections.abc import Sequence
from typing import Any

from practice import wall_clock
from practice.attempt import Draft, Edit
from practice.forensics import Mark
from practice.interviewer.state import Said
from practice.prediction import Prediction
from practice.recovery import Recovery
from practice.rounds import Round
from practice.trials import Trial, TrialKind
from simulator.design import Design
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from storage.attempts import own_attempt, start_attempt
from storage.database import database, writing

MOST_SAID = 500  # of one round; nobody is asked so often


def start_round(owner: str, question: str, round_: Round) -> str:
    """Begin an attempt as a round, with the clock of its first phase running, and return its id."""
    attempt = start_attempt(owner, question)
    keep_round(owner, attempt, round_)
    return attempt


def keep_round(owner: str, attempt: str, round_: Round) -> None:
    """Keep what an attempt was begun as; a round that was begun does not change. Raise NoSuchAttempt."""
    row = {"attempt": attempt, "at": wall_clock.now(), "data": round_.model_dump_json()}
    with writing() as db:
        own_attempt(db, owner, attempt)
        db["rounds"].insert(row, ignore=True)


def load_round(owner: str, attempt: str) -> Round | None:
    """What an attempt was begun as; None if nothing was chosen."""
    rows = _rows(owner, attempt, "select t.data from rounds t")
    return Round.model_validate_json(rows[0]["data"]) if rows else None


def list_rounds(owner: str) -> dict[str, Round]:
    """The rounds of all of the owner's attempts that were begun as one, by attempt."""
    rows = database().query(
        "select t.attempt, t.data from rounds t join attempts a on a.id = t.attempt where a.owner = ?", [owner]
    )
    return {row["attempt"]: Round.model_validate_json(row["data"]) for row in rows}


def add_said(owner: str, attempt: str, said: Said, *, after: int) -> bool:
    """Keep what the interviewer says, as the next after so many, or return False if another tab was first.

    Raise NoSuchAttempt.
    """
    with writing() as db:
        own_attempt(db, owner, attempt)
        if db.execute("select count(*) from said where attempt = ?", [attempt]).fetchone()[0] != after:
            return False
        if after < MOST_SAID:
            db["said"].insert({"attempt": attempt, "number": after, "at": said.at, "data": said.model_dump_json()})
    return after < MOST_SAID


def keep_answer(owner: str, attempt: str, number: int, said: Said) -> None:
    """Keep something that was said together with its answer. Raise NoSuchAttempt."""
    with writing() as db:
        own_attempt(db, owner, attempt)
        db.execute(
            "update said set data = ? where attempt = ? and number = ?", [said.model_dump_json(), attempt, number]
        )


def load_said(owner: str, attempt: str) -> tuple[Said, ...]:
    """Everything that the interviewer said, in order; what is being replied but was not sent is in `answer` already."""
    rows = _rows(
        owner,
        attempt,
        "select t.data, r.text from said t left join replies r on r.attempt = t.attempt and r.number = t.number",
        order="t.number",
    )
    return tuple(_said(row["data"], row["text"]) for row in rows)


def _said(data: str, draft: str | None) -> Said:
    said = Said.model_validate_json(data)
    return said.model_copy(update={"answer": draft}) if draft and said.answered_at is None else said


def save_reply(owner: str, attempt: str, number: int, edit: Edit) -> Draft:
    """Keep an edit of a reply if it follows what is kept, and return what is kept then. Raise NoSuchAttempt."""
    with writing() as db:
        own_attempt(db, owner, attempt)
        kept = _reply(db, attempt, number)
        if edit.follows(kept):
            kept = edit.after(kept, wall_clock.now())
            db["replies"].upsert({"attempt": attempt, "number": number, **kept.model_dump()}, pk=("attempt", "number"))
    return kept


def load_reply(owner: str, attempt: str, number: int) -> Draft:
    """A reply as it was last saved. Raise NoSuchAttempt."""
    db = database()
    own_attempt(db, owner, attempt)
    return _reply(db, attempt, number)


def _reply(db: Any, attempt: str, number: int) -> Draft:
    rows = list(db.query("select * from replies where attempt = ? and number = ?", [attempt, number]))
    return Draft(**{field: rows[0][field] for field in Draft.model_fields}) if rows else Draft()


def add_marks(owner: str, attempt: str, marks: Sequence[Mark]) -> None:
    """Keep when something was first written; a mark that is known stays as it is. Raise NoSuchAttempt."""
    with writing() as db:
        own_attempt(db, owner, attempt)
        db["marks"].insert_all(({"attempt": attempt, **mark.model_dump()} for mark in marks), ignore=True)


def load_marks(owner: str, attempt: str) -> tuple[Mark, ...]:
    """The marks of an attempt, the earliest first."""
    rows = _rows(owner, attempt, "select t.kind, t.at, t.phase, t.sentence from marks t", order="t.at")
    return tuple(Mark(**row) for row in rows)


def add_trial(owner: str, attempt: str, trial: Trial) -> bool:
    """Keep a run that is about to begin; False if there is one of its kind already. Raise NoSuchAttempt.

    A drill may be tried again and again; each time is kept.
    """
    row = {
        "attempt": attempt,
        "kind": trial.kind,
        "at": trial.at,
        "design": trial.design.model_dump_json(),
        "settings": trial.settings.model_dump_json(),
        "prediction": trial.prediction.model_dump_json() if trial.prediction is not None else None,
    }
    with writing() as db:
        own_attempt(db, owner, attempt)
        before = _count(db, attempt)
        db["trials"].insert(row, ignore=True)
        return _count(db, attempt) > before


def _count(db: Any, attempt: str) -> int:
    return int(db.execute("select count(*) from trials where attempt = ?", [attempt]).fetchone()[0])


def finish_trial(owner: str, attempt: str, trial: Trial) -> None:
    """Keep what a trial that was begun has shown. Raise NoSuchAttempt."""
    shown = [one.model_dump_json() if one is not None else None for one in (trial.summary, trial.recovery)]
    with writing() as db:
        own_attempt(db, owner, attempt)
        db.execute(
            "update trials set summary = ?, recovery = ? where attempt = ? and kind = ? and at = ?",
            [*shown, attempt, trial.kind, trial.at],
        )


def load_trials(owner: str, attempt: str) -> tuple[Trial, ...]:
    """The runs of a round, in the order in which they were begun."""
    return tuple(_trial(row) for row in _rows(owner, attempt, "select t.* from trials t", order="t.id"))


def begun_trials(owner: str, attempt: str) -> list[TrialKind]:
    """The kinds of the runs of a round, in the order in which they were begun, without reading what they showed."""
    return [row["kind"] for row in _rows(owner, attempt, "select t.kind from trials t", order="t.id")]


def _trial(row: dict[str, Any]) -> Trial:
    return Trial(
        kind=row["kind"],
        at=row["at"],
        design=Design.model_validate_json(row["design"]),
        settings=RunSettings.model_validate_json(row["settings"]),
        prediction=Prediction.model_validate_json(row["prediction"]) if row["prediction"] else None,
        summary=Summary.model_validate_json(row["summary"]) if row["summary"] else None,
        recovery=Recovery.model_validate_json(row["recovery"]) if row["recovery"] else None,
    )


def predicted_runs(owner: str, attempt: str, scenario: str) -> list[tuple[Prediction, Summary]]:
    """The runs of a scenario that were predicted, each with its prediction, in their order."""
    rows = _rows(
        owner,
        attempt,
        "select p.data, t.summary, t.scenario from runs t join predictions p on p.id = t.prediction",
        order="t.at",
    )
    return [
        (Prediction.model_validate_json(row["data"]), Summary.model_validate_json(row["summary"]))
        for row in rows
        if row["scenario"] == scenario
    ]


def _rows(owner: str, attempt: str, select: str, *, order: str = "t.rowid") -> list[dict[str, Any]]:
    """The rows of table `t` of an attempt, or none if it is another's."""
    sql = f"{select} join attempts a on a.id = t.attempt where a.id = ? and a.owner = ? order by {order}"
    return list(database().query(sql, [attempt, owner]))
