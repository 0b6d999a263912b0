"""All attempts of a person with what progress needs of their cards and runs, without reading whole runs."""

from typing import Any

from practice.prediction import Prediction
from practice.progress.past import Past, PastRun
from storage.attempts import list_attempts, load_attempt
from storage.database import database

_RUN = """
    select r.id, r.attempt, r.scenario, r.at, r.prediction, p.data as predicted,
        json_extract(r.summary, '$.latency.p99_ms.value') as p99_ms,
        json_extract(r.summary, '$.cost.usd_per_month') as usd_per_month,
        json_extract(r.summary, '$.bottleneck.component') as bottleneck,
        (select count(*) from json_each(r.summary, '$.checks')) as checks,
        (select count(*) from json_each(r.summary, '$.checks') c where json_extract(c.value, '$.met') = 1) as met
    from runs r join attempts a on a.id = r.attempt left join predictions p on p.id = r.prediction
    where a.owner = ? order by r.at
"""


def history(owner: str) -> tuple[Past, ...]:
    """Every attempt of the owner, the oldest first."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in database().query(_RUN, [owner]):
        runs.setdefault(row["attempt"], []).append(row)
    return tuple(
        Past(
            attempt=load_attempt(owner, listed.id),
            card=listed.card,
            runs=tuple({row["scenario"]: _run(row) for row in runs.get(listed.id, [])}.values()),
            predicted=tuple(_first_predicted(runs.get(listed.id, []))),
        )
        for listed in reversed(list_attempts(owner))
    )


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
