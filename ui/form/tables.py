"""Rows of numbers as text: one row a line, so that they can be pasted from anywhere."""

from typing import Any

import streamlit as st

from ui.form.editing import Editing
from ui.form.words import Word

MOST_ROWS = 2_000


def table_field(editing: Editing, columns: int, path: str, said: Word) -> None:
    """Rows of one or more numbers in a box; what cannot be read is kept as typed, and refused with a sentence."""
    now = editing.at(path)
    if isinstance(now, list) and len(now) > MOST_ROWS:
        st.caption(f"{said.label}: {len(now):,} rows, too many for a form. Change them in the file.")
        return
    key = editing.mark(path)
    st.text_area(
        said.label,
        value=table_text(now),
        height=140,
        help=said.help,
        key=key,
        on_change=lambda: editing.put(path, read_table(st.session_state[key], columns)),
    )


def table_text(rows: Any) -> str:
    """Rows as text; what was typed and could not be read as it was typed."""
    if not isinstance(rows, list):
        return str(rows or "")
    return "\n".join(", ".join(map(repr, row)) if isinstance(row, list) else repr(row) for row in rows)


def read_table(text: str, columns: int) -> Any:
    """The rows of a text, or the text itself where they are not numbers or not so many a row."""
    lines = [line.replace(",", " ").replace(";", " ").split() for line in text.splitlines() if line.strip()]
    try:
        rows = [[float(one) for one in line] for line in lines]
    except ValueError:
        return text
    if any(len(row) != columns for row in rows):
        return text
    return [row[0] for row in rows] if columns == 1 else rows
