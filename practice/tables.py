"""Tables as the text of a CSV file that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] = ()) -> str:
    """The rows with the columns of all of them, or at least with `columns`; text that could be a formula is quoted
    with an apostrophe, as OWASP advises against CSV injection.
    """
    found = list(rows)
    names = list(dict.fromkeys([*columns, *(name for row in found for name in row)]))
    text = io.StringIO()
    writer = csv.writer(text)  # lines end as RFC 4180 has it, or a lone return within a cell would not be quoted
    writer.writerow([_cell(name) for name in names])
    writer.writerows([_cell(row.get(name)) for name in names] for row in found)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" ").startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value
