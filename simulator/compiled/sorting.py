"""Rows of all components, in the order of time, to columns of each component."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.compiled.door import Table, kernel

WORD = 8  # bytes; every field of a row is one


@kernel
def sort_rows(n: int, fields: int, components: int, rows: Any, starts: Any, columns: Any) -> None:
    """Fill the columns component by component; in the end `starts` says where those of each one end. The first field
    of a row is its component, which gets no column.
    """
    for i in range(n):
        starts[rows[i * fields] + 1] += 1
    for c in range(components):
        starts[c + 1] += starts[c]
    for i in range(n):
        row = i * fields
        k = starts[rows[row]]
        starts[rows[row]] = k + 1
        for j in range(fields - 1):
            columns[j * n + k] = rows[row + 1 + j]


class Sorted:
    """The rows of one table, component by component and column by column, in the order in which they were written.

    `rows` has shape (n,); its fields are whole numbers and floats of 8 bytes, the first of them `component`, below
    `components`. The columns are parts of one array: it is asked of the system at once, and given back at once.
    """

    def __init__(self, rows: NDArray[np.void], components: int):
        names = rows.dtype.names or ()
        self._dtypes = {name: rows.dtype[name] for name in names[1:]}
        self._columns = np.empty((len(names) - 1, len(rows)), dtype=np.int64)
        self._ends = np.zeros(components + 1, dtype=np.int64)
        words = rows.view(np.int64)
        tables = [Table(one) for one in (words, self._ends, self._columns.reshape(-1))]
        sort_rows(len(rows), len(names), components, *tables)

    def of(self, component: int) -> dict[str, NDArray[Any]]:
        """The columns of one component; whatever is changed in them is changed for all who have them."""
        own = slice(0 if component == 0 else self._ends[component - 1], self._ends[component])
        return {
            name: column[own].view(dtype)
            for (name, dtype), column in zip(self._dtypes.items(), self._columns, strict=True)
        }
