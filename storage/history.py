"""All attempts of a person with what progress needs of their cards and runs, in few queries and without whole runs."""

from typing import Any

from practice.attempt import Attempt, Draft, Written
from practice.clock import ClockEvent
from practice.facts import Asked
from practice.prediction import Prediction
from practice.progress.past import Past, PastRun
from practice.rounds import Round
from rubrics.card import read_card
from storage.database import database

_RUN = """
    select r.attempt, r.scenario, r.at, r.prediction, p.data as predicted,
        json_extract(r.summary, '$.latency.p99_ms.value') as p99_ms,
        json_extract(r.summary, '$.cost.usd_per_month') as usd_per_month,
        json_extract(r.summary, '$.bottleneck.component') as bottleneck,
        (select count(*) from json_each(r.summary, '$.checks')) as checks,
        (select count(*) from json_each(r.summary, '$.checks') c where json_extract(c.value, '$.met') = 1) as met
    from runs r join attempts a on a.id = r.attempt left join predictions p on p.id = r.prediction
    where a.owner = ? order by r.at
"""
_OF_OWNER = "select t.* from {} t join attempts a on a.id = t.attempt where a.owner = ? order by t.rowid"
_TABLES = ("sections", "worksheet", "assumptions", "asked", "clock", "cards", "rounds")
Rows = dict[str, list[dict[str, Any]]]


def history(owner: str) -> tuple[Past, ...]:
    """Every attempt of the owner, the oldest first. Designs and own levels are left out: the card has the levels."""
    tables = {one: _by_attempt(_OF_OWNER.format(one), owner) for one in _TABLES}
    runs = _by_attempt(_RUN, owner)
    found = []
    for row in database().query("select * from attempts where owner = ? order by created_at, rowid", [owner]):
        mine = {name: rows.get(row["id"], []) for name, rows in tables.items()}
        ran = runs.get(row["id"], [])
        found.append(
            Past(
                attempt=_attempt(row, mine),
                card=next((read_card(one["data"]) for one in mine["cards"]), None),
                round=next((Round.model_validate_json(one["data"]) for one in mine["rounds"]), None),
                runs=tuple({one["scenario"]: _run(one) for one in ran}.values()),
                predicted=tuple(_first_predicted(ran)),
            )
        )
    return tuple(found)


def _attempt(row: dict[str, Any], mine: Rows) -> Attempt:
    return Attempt(
        **{name: row[name] for name in ("id", "question", "created_at", "last_seen", "finished_at")},
        sections={one["phase"]: Draft(text=one["text"]) for one in mine["sections"]},
        worksheet={one["row"]: _written(one) for one in mine["worksheet"]},
        assumptions={one["constant"]: _written(one) for one in mine["assumptions"]},
        asked=tuple(Asked(text=one["text"], fact=one["fact"], at=one["at"]) for one in mine["asked"]),
        events=tuple(ClockEvent(at=one["at"], kind=one["kind"], phase=one["phase"]) for one in mine["clock"]),
        own_levels={},
        is_graded=bool(mine["cards"]),
    )


def _written(row: dict[str, Any]) -> Written:
    return Written(value=row["value"], unit=row["unit"])


def _by_attempt(sql: str, owner: str) -> Rows:
    found: Rows = {}
    for row in database().query(sql, [owner]):
        found.setdefault(row["attempt"], []).append(row)
    return found


def _first_predicted(rows: list[dict[str, Any]]) -> list[PastRun]:
    """For each prediction the first run of each scenario after it: what was seen later was no longer predicted."""
    first: dict[tuple[int, str], PastRun] = {}
    for row in rows:
        if row["prediction"] is not None:
            first.setdefault((row["prediction"], row["scenario"]), _run(row))
    return list(first.values())


def _run(row: dict[str, Any]) -> PastRun:
    return PastRun(
        scenario=row["scenario"],
        at=row["at"],
        passed=row["met"] == row["checks"] if row["checks"] else None,
        prediction=Prediction.model_validate_json(row["predicted"]) if row["predicted"] else None,
        p99_ms=row["p99_ms"],
        usd_per_month=row["usd_per_month"],
        bottleneck=row["bottleneck"],
    )
