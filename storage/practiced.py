"""The log of cards that were answered and drills that were done."""

import json
from typing import Any

from practice import wall_clock
from practice.drills import Drilled
from practice.recall import Reviewed
from storage.database import database, writing


def add_review(owner: str, item: str, answer: str, minutes: float) -> None:
    """Write down that a card was answered; `minutes` is how long it took."""
    _add(owner, "card", item, {"answer": answer, "minutes": minutes})


def add_drill(owner: str, drilled: Drilled, minutes: float) -> None:
    """Write down that a drill was done now; `minutes` is how long it took."""
    data = {"dimension": drilled.dimension, "share": drilled.share, "minutes": minutes}
    _add(owner, "drill", drilled.drill, data)


def reviews(owner: str) -> list[Reviewed]:
    """All answers to cards, the oldest first."""
    return [
        Reviewed(item=row["item"], at=row["at"], answer=json.loads(row["data"])["answer"])
        for row in _rows(owner, "card")
    ]


def drilled(owner: str) -> tuple[Drilled, ...]:
    """All drills that were done, the oldest first."""
    return tuple(
        Drilled(drill=row["item"], dimension=data["dimension"], at=row["at"], share=data["share"])
        for row in _rows(owner, "drill")
        if (data := json.loads(row["data"]))
    )


def minutes_since(owner: str, moment: float) -> float:
    """Minutes of cards and drills since a moment."""
    rows = database().query("select data from practiced where owner = ? and at >= ?", [owner, moment])
    return sum(float(json.loads(row["data"])["minutes"]) for row in rows)


def _add(owner: str, kind: str, item: str, data: dict[str, Any]) -> None:
    with writing() as db:
        db["practiced"].insert(
            {"owner": owner, "kind": kind, "item": item, "at": wall_clock.now(), "data": json.dumps(data)}
        )


def _rows(owner: str, kind: str) -> list[dict[str, Any]]:
    return list(database().query("select * from practiced where owner = ? and kind = ? order by at, id", [owner, kind]))
