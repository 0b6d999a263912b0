"""Rows of all components, in the order of time, to columns of each component."""

from typing import Any

from simulator.compiled.door import kernel


@kernel
def sort_visits(
    n: int,
    components: int,
    rows: Any,
    starts: Any,
    request: Any,
    answered: Any,
    entered: Any,
    started: Any,
    ended: Any,
    until: Any,
    filled: Any,
) -> None:
    """Fill the columns component by component; in the end `starts` says where those of each one end."""
    for i in range(n):
        starts[rows[i].component + 1] += 1
    for c in range(components):
        starts[c + 1] += starts[c]
    for i in range(n):
        row = rows[i]
        k = starts[row.component]
        starts[row.component] = k + 1
        request[k] = row.request
        answered[k] = 1 if row.answered else 0
        entered[k] = row.entered
        started[k] = row.started
        ended[k] = row.ended
        until[k] = row.until
        filled[k] = row.filled
