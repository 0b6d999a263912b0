"""What a person has set outside an attempt: a prediction in a lab, the levels of an exercise, a card that was read, a
setting, what was made of a design in the wind tunnel.
"""

import json
import time
from typing import Any, Literal

from storage.database import database, writing

Kind = Literal["card", "exercise", "lab", "setting", "design"]


def save_note(owner: str, kind: Kind, item: str, data: Any) -> None:
    """Keep data that JSON can hold; it replaces what was kept for this item."""
    row = {"owner": owner, "kind": kind, "item": item, "data": json.dumps(data), "saved_at": time.time()}
    with writing() as db:
        db["notes"].insert(row, pk=("owner", "kind", "item"), replace=True)


def load_note(owner: str, kind: Kind, item: str) -> Any:
    """What was kept for an item; None if nothing was."""
    rows = database().query("select data from notes where owner = ? and kind = ? and item = ?", [owner, kind, item])
    return next((json.loads(row["data"]) for row in rows), None)


def noted(owner: str, kind: Kind) -> list[str]:
    """The items of a kind for which something is kept, the newest first."""
    rows = database().query("select item from notes where owner = ? and kind = ? order by saved_at desc", [owner, kind])
    return [row["item"] for row in rows]


def forget_note(owner: str, kind: Kind, item: str) -> None:
    """Take away what was kept for an item."""
    with writing() as db:
        db["notes"].delete_where("owner = ? and kind = ? and item = ?", [owner, kind, item])
