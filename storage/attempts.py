"""Attempts in the database. Every function names the owner, and nobody reads or writes what is another's."""

import json
from typing import Any

from pydantic import TypeAdapter

from practice import wall_clock
from practice.attempt import Attempt, Draft, Edit, FirstLevel, OwnLevel, StoredRun, Written, new_id
from practice.clock import ClockEvent, absence
from practice.facts import Asked
from practice.prediction import Prediction
from rubrics.card import Card, read_card
from rubrics.schema import DimensionId, PhaseId
from simulator.design import Design
from simulator.design_file import design_in
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.spec import Spec
from storage.database import database, writing


class NoSuchAttempt(Exception):
    """There is no attempt with this id, or it is somebody else's."""


class Listed(Spec):
    """An attempt as the history shows it."""

    id: str
    question: str
    created_at: float
    last_seen: float
    finished_at: float | None
    words: int
    runs: int
    card: Card | None


_EVENTS = TypeAdapter(list[ClockEvent])


def start_attempt(owner: str, question: str) -> str:
    """Begin an attempt, with the clock of its first phase running, and return its id."""
    attempt, now = new_id(), wall_clock.now()
    with writing() as db:
        moments = {"created_at": now, "last_seen": now, "finished_at": None}
        db["attempts"].insert({"id": attempt, "owner": owner, "question": question, **moments})
        _add_events(db, attempt, [ClockEvent(at=now, kind="enter", phase="requirements")])
    return attempt


def load_attempt(owner: str, attempt: str) -> Attempt:
    """Everything about an attempt but its runs. Raise NoSuchAttempt."""
    db = database()
    [found] = _rows("select * from attempts where id = ? and owner = ?", attempt, owner) or [None]
    if found is None:
        raise NoSuchAttempt(attempt)
    mine = [attempt]
    [design] = _rows("select data from designs where attempt = ?", attempt) or [None]
    [prediction] = _rows("select data from predictions where attempt = ? order by id desc limit 1", attempt) or [None]
    levels = _rows("select * from own_levels where attempt = ?", attempt)
    return Attempt(
        id=attempt,
        question=found["question"],
        created_at=found["created_at"],
        finished_at=found["finished_at"],
        last_seen=found["last_seen"],
        sections=_sections(attempt),
        worksheet={
            row["row"]: Written(value=row["value"], unit=row["unit"])
            for row in db.query("select * from worksheet where attempt = ?", mine)
        },
        assumptions={
            row["constant"]: Written(value=row["value"], unit=row["unit"])
            for row in db.query("select * from assumptions where attempt = ?", mine)
        },
        asked=tuple(
            Asked(text=row["text"], fact=row["fact"], at=row["at"])
            for row in db.query("select * from asked where attempt = ? order by id", mine)
        ),
        events=tuple(_events(attempt)),
        design=design_in(design["data"]) if design else None,
        prediction=Prediction.model_validate_json(prediction["data"]) if prediction else None,
        own_levels={
            row["dimension"]: OwnLevel(level=row["level"], quote=row["quote"], explains_failure=row["explains_failure"])
            for row in levels
        },
        levels_at={row["dimension"]: row["at"] for row in levels},
        first_levels={
            row["dimension"]: FirstLevel(level=row["level"], quote=row["quote"], at=row["at"])
            for row in db.query("select * from first_levels where attempt = ?", mine)
        },
        is_graded=bool(_rows("select 1 from cards where attempt = ?", attempt)),
    )


def list_attempts(owner: str) -> list[Listed]:
    """The owner's attempts, the newest first."""
    rows = _rows(
        """
        select a.*, c.data as card, (select count(*) from runs r where r.attempt = a.id) as runs,
            (select group_concat(s.text, ' ') from sections s where s.attempt = a.id) as text
        from attempts a left join cards c on c.attempt = a.id where a.owner = ? order by a.created_at desc
        """,
        owner,
    )
    return [
        Listed(
            **{field: row[field] for field in ("id", "question", "created_at", "last_seen", "finished_at", "runs")},
            words=len((row["text"] or "").split()),
            card=read_card(row["card"]) if row["card"] else None,
        )
        for row in rows
    ]


def delete_attempt(owner: str, attempt: str) -> None:
    """Remove an attempt with all that belongs to it. Raise NoSuchAttempt."""
    with writing() as db:
        own_attempt(db, owner, attempt)
        db.execute("delete from attempts where id = ?", [attempt])


def save_section(owner: str, attempt: str, phase: PhaseId, edit: Edit) -> Draft:
    """Keep an edit of a section if it follows what is kept, and return what is kept then. Raise NoSuchAttempt.

    An edit that is late, repeated, or made in another tab from an older text changes nothing.
    """
    now = wall_clock.now()
    with writing() as db:
        _seen(db, attempt, own_attempt(db, owner, attempt), now)
        kept = _sections(attempt).get(phase, Draft())
        if edit.follows(kept):
            kept = edit.after(kept, now)
            db["sections"].upsert({"attempt": attempt, "phase": phase, **kept.model_dump()}, pk=("attempt", "phase"))
    return kept


def _sections(attempt: str) -> dict[PhaseId, Draft]:
    fields = list(Draft.model_fields)
    rows = _rows("select * from sections where attempt = ?", attempt)
    return {row["phase"]: Draft(**{field: row[field] for field in fields}) for row in rows}


def save_worksheet_row(owner: str, attempt: str, row: str, written: Written) -> None:
    """Keep one worksheet entry as it was typed. Raise NoSuchAttempt."""
    _upsert(owner, attempt, "worksheet", {"row": row, "value": written.value, "unit": written.unit}, "saved_at")


def save_assumption(owner: str, attempt: str, constant: str, written: Written) -> None:
    """Keep an own number for a constant of the worksheet as it was typed. Raise NoSuchAttempt."""
    row = {"constant": constant, "value": written.value, "unit": written.unit}
    _upsert(owner, attempt, "assumptions", row, "saved_at")


def save_design(owner: str, attempt: str, design: Design) -> None:
    """Keep the design. Raise NoSuchAttempt."""
    _upsert(owner, attempt, "designs", {"data": design.model_dump_json()}, "saved_at")


def save_own_level(owner: str, attempt: str, dimension: DimensionId, own: OwnLevel) -> None:
    """Keep the candidate's own level of one dimension. Raise NoSuchAttempt.

    The first one after the card was shown is a first level of its own: nothing was suggested for it before.
    """
    row = {"attempt": attempt, "dimension": dimension, **own.model_dump(), "at": wall_clock.now()}
    with writing() as db:
        own_attempt(db, owner, attempt)
        db["own_levels"].upsert(row, pk=("attempt", "dimension"))
        if _rows("select 1 from cards where attempt = ?", attempt):
            _keep_first_levels(db, attempt)


def save_card(owner: str, attempt: str, card: Card) -> None:
    """Keep the score card; with the first one, the own levels of that moment are kept for good. Raise NoSuchAttempt."""
    row = {"attempt": attempt, "at": wall_clock.now(), "data": card.model_dump_json()}
    with writing() as db:
        own_attempt(db, owner, attempt)
        _keep_first_levels(db, attempt)
        db["cards"].upsert(row, pk="attempt")


def _keep_first_levels(db: Any, attempt: str) -> None:
    db.execute(
        "insert or ignore into first_levels select attempt, dimension, level, quote, at from own_levels "
        "where attempt = ?",
        [attempt],
    )


def load_card(owner: str, attempt: str) -> Card | None:
    """The score card, if there is one yet."""
    rows = _rows(
        "select c.data from cards c join attempts a on a.id = c.attempt where a.id = ? and a.owner = ?", attempt, owner
    )
    return read_card(rows[0]["data"]) if rows else None


def add_asked(owner: str, attempt: str, text: str, fact: str | None) -> None:
    """Keep a question to the interviewer and the fact that answered it. Raise NoSuchAttempt."""
    with writing() as db:
        own_attempt(db, owner, attempt)
        db["asked"].insert({"attempt": attempt, "text": text[:2000], "fact": fact, "at": wall_clock.now()})


def add_prediction(owner: str, attempt: str, prediction: Prediction) -> int:
    """Keep a prediction and return its number. Raise NoSuchAttempt."""
    with writing() as db:
        own_attempt(db, owner, attempt)
        row = {"attempt": attempt, "at": wall_clock.now(), "data": prediction.model_dump_json()}
        return int(db["predictions"].insert(row, pk="id").last_pk)


def add_run(owner: str, attempt: str, scenario: str, design: Design, summary: Summary, prediction: int | None) -> str:
    """Keep a finished run and return its id. A `prediction` of another attempt is not kept. Raise NoSuchAttempt."""
    run = new_id()
    with writing() as db:
        own_attempt(db, owner, attempt)
        if not _rows("select 1 from predictions where id = ? and attempt = ?", prediction, attempt):
            prediction = None
        db["runs"].insert(
            {
                "id": run,
                "attempt": attempt,
                "at": wall_clock.now(),
                "scenario": scenario,
                "prediction": prediction,
                "design": design.model_dump_json(),
                "settings": summary.settings.model_dump_json(),
                "summary": summary.model_dump_json(),
            }
        )
    return run


def latest_runs(owner: str, attempt: str) -> dict[str, StoredRun]:
    """The newest run of every scenario, by the scenario's id."""
    rows = _rows(
        """
        select r.* from runs r join attempts a on a.id = r.attempt where a.id = ? and a.owner = ?
        and r.at = (select max(at) from runs n where n.attempt = r.attempt and n.scenario = r.scenario)
        """,
        attempt,
        owner,
    )
    return {
        row["scenario"]: StoredRun(
            id=row["id"],
            at=row["at"],
            scenario=row["scenario"],
            design=Design.model_validate_json(row["design"]),
            settings=RunSettings.model_validate_json(row["settings"]),
            summary=Summary.model_validate_json(row["summary"]),
        )
        for row in rows
    }


def add_event(owner: str, attempt: str, event: ClockEvent) -> None:
    """Write down that a phase was entered, or that time stopped or went on. Raise NoSuchAttempt."""
    with writing() as db:
        _seen(db, attempt, own_attempt(db, owner, attempt), event.at)
        _add_events(db, attempt, [event])
        finished = event.at if event.kind == "finish" else None
        db.execute(
            "update attempts set last_seen = ?, finished_at = coalesce(finished_at, ?) where id = ?",
            [event.at, finished, attempt],
        )


def sign_of_life(owner: str, attempt: str) -> None:
    """The candidate is there; a long silence before this moment becomes a pause. Raise NoSuchAttempt."""
    now = wall_clock.now()
    with writing() as db:
        _seen(db, attempt, own_attempt(db, owner, attempt), now)


def _seen(db: Any, attempt: str, last_seen: float, now: float) -> None:
    """Write down that the candidate is there; a long silence before `now` becomes a pause."""
    _add_events(db, attempt, absence(_events(attempt), last_seen, now))
    db.execute("update attempts set last_seen = ? where id = ?", [now, attempt])


def _upsert(owner: str, attempt: str, table: str, values: dict[str, Any], moment: str) -> None:
    row = {"attempt": attempt, **values, moment: wall_clock.now()}
    with writing() as db:
        own_attempt(db, owner, attempt)
        db[table].upsert(row, pk=db[table].pks)


def own_attempt(db: Any, owner: str, attempt: str) -> float:
    """When an attempt was last seen. Raise NoSuchAttempt unless it is the owner's."""
    found = db.execute("select last_seen from attempts where id = ? and owner = ?", [attempt, owner]).fetchone()
    if found is None:
        raise NoSuchAttempt(attempt)
    return float(found[0])


def _events(attempt: str) -> list[ClockEvent]:
    rows = _rows("select at, kind, phase from clock where attempt = ? order by id", attempt)
    return _EVENTS.validate_json(json.dumps(rows))


def _add_events(db: Any, attempt: str, events: list[ClockEvent]) -> None:
    db["clock"].insert_all({"attempt": attempt, **event.model_dump()} for event in events)


def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return list(database().query(sql, values))
