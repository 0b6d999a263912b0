"""Attempts out of the database as files, and back into it."""

import time
from typing import Any

from practice.attempt import Attempt, is_id, new_id
from practice.attempt_file import AttemptFile, as_attempt
from practice.filed import FiledPrediction, FiledRun, FiledTrial
from practice.filing import attempt_file
from practice.prediction import Prediction
from practice.versions import Versions
from simulator.design import Design
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from storage.attempts import load_attempt, load_card
from storage.database import database, writing
from storage.rounds import load_marks, load_round, load_said, load_trials


def export_attempt(owner: str, attempt: str, made_by: Versions) -> AttemptFile:
    """The file of an attempt, with the newest run of each scenario. Raise NoSuchAttempt."""
    kept, db = load_attempt(owner, attempt), database()
    predictions = list(db.query("select id, at, data from predictions where attempt = ? order by id", [attempt]))
    places = {row["id"]: i for i, row in enumerate(predictions)}
    runs = db.query(
        """
        select * from runs r where r.attempt = ?
        and r.at = (select max(at) from runs n where n.attempt = r.attempt and n.scenario = r.scenario)
        order by r.at
        """,
        [attempt],
    )
    newest = {row["scenario"]: _run(row, places) for row in runs}
    return attempt_file(
        kept,
        tuple(newest.values()),
        tuple(_prediction(row) for row in predictions),
        load_card(owner, attempt),
        made_by,
        round_=load_round(owner, attempt),
        said=load_said(owner, attempt),
        marks=load_marks(owner, attempt),
        trials=load_trials(owner, attempt),
    )


def _prediction(row: dict[str, Any]) -> FiledPrediction:
    return FiledPrediction(**Prediction.model_validate_json(row["data"]).model_dump(), at=row["at"])


def _run(row: dict[str, Any], places: dict[int, int]) -> FiledRun:
    return FiledRun(
        scenario=row["scenario"],
        at=row["at"],
        prediction=places.get(row["prediction"]),
        design=Design.model_validate_json(row["design"]),
        settings=RunSettings.model_validate_json(row["settings"]),
        summary=Summary.model_validate_json(row["summary"]),
    )


def import_attempt(owner: str, file: AttemptFile) -> str:
    """Keep the attempt of a file and return its id, which is the file's own unless it is taken."""
    attempt, now = as_attempt(file), time.time()
    with writing() as db:
        taken = db.execute("select 1 from attempts where id = ?", [attempt.id]).fetchone()
        mine = attempt.id if taken is None and is_id(attempt.id) else new_id()
        moments = {
            "created_at": now if file.created_at is None else attempt.created_at,
            "last_seen": now if file.last_seen is None else attempt.last_seen,
            "finished_at": attempt.finished_at,
        }
        db["attempts"].insert({"id": mine, "owner": owner, "question": attempt.question, **moments})
        for table, rows in _rows(attempt, file, moments["last_seen"]).items():
            db[table].insert_all({"attempt": mine, **row} for row in rows)
        numbers = [
            db["predictions"]
            .insert({"attempt": mine, "at": one.at, "data": one.model_dump_json(exclude={"at"})}, pk="id")
            .last_pk
            for one in file.predictions
        ]
        db["runs"].insert_all({"id": new_id(), "attempt": mine, **_row(run, numbers)} for run in file.runs)
    return mine


def _rows(attempt: Attempt, file: AttemptFile, moment: float) -> dict[str, list[dict[str, Any]]]:
    """What goes into each table, without the attempt's id."""
    sections = [{"phase": phase, **draft.model_dump()} for phase, draft in attempt.sections.items()]
    first = [{"dimension": one, **level.model_dump()} for one, level in attempt.first_levels.items()]
    return {
        "sections": [{**row, "saved_at": moment} for row in sections],
        "worksheet": [
            {"row": one, **typed.model_dump(), "saved_at": moment} for one, typed in attempt.worksheet.items()
        ],
        "assumptions": [
            {"constant": one, **typed.model_dump(), "saved_at": moment} for one, typed in attempt.assumptions.items()
        ],
        "asked": [one.model_dump() for one in attempt.asked],
        "clock": [one.model_dump() for one in attempt.events],
        "designs": [{"data": attempt.design.model_dump_json(), "saved_at": moment}] if attempt.design else [],
        "own_levels": [
            {"dimension": one, **own.model_dump(), "at": attempt.levels_at[one]}
            for one, own in attempt.own_levels.items()
        ],
        "first_levels": first,
        "rounds": [{"at": moment, "data": file.round.model_dump_json()}] if file.round is not None else [],
        "said": [
            {"number": number, "at": one.at, "data": one.model_dump_json()} for number, one in enumerate(file.said)
        ],
        "marks": [one.model_dump() for one in {one.kind: one for one in file.marks}.values()],
        "trials": [_trial(one) for one in file.trials],
        "cards": [{"at": moment, "data": file.card.model_dump_json()}] if file.card is not None else [],
    }


def _trial(trial: FiledTrial) -> dict[str, Any]:
    parts = {one: getattr(trial, one) for one in ("design", "settings", "prediction", "summary", "recovery")}
    data = {one: part.model_dump_json() if part is not None else None for one, part in parts.items()}
    return {"kind": trial.kind, "at": trial.at, **data}


def _row(run: FiledRun, numbers: list[Any]) -> dict[str, Any]:
    place = run.prediction
    return {
        "at": run.at,
        "scenario": run.scenario,
        "prediction": numbers[place] if place is not None and place < len(numbers) else None,
        "design": run.design.model_dump_json(),
        "settings": run.settings.model_dump_json(),
        "summary": run.summary.model_dump_json(),
    }
