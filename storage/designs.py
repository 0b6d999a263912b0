"""The designs of a person's own attempts, without the rest of them."""

from simulator.design import Design
from simulator.design_file import design_in
from simulator.spec import Spec
from storage.database import database


class Drawn(Spec):
    """A design, and the attempt that it was drawn in."""

    question: str
    created_at: float
    design: Design


def list_designs(owner: str, most: int) -> list[Drawn]:
    """The designs of the owner's newest attempts, of so many attempts at most, the newest first."""
    rows = database().query(
        """
        select a.question, a.created_at, d.data from
            (select * from attempts where owner = ? order by created_at desc limit ?) a
        join designs d on d.attempt = a.id order by a.created_at desc
        """,
        [owner, most],
    )
    return [
        Drawn(question=row["question"], created_at=row["created_at"], design=design_in(row["data"])) for row in rows
    ]
