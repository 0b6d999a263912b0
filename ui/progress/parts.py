"""One part of progress: a sentence, a picture, and behind it the table and its CSV."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from practice.progress.rows import as_dicts
from practice.tables import csv_text
from simulator.spec import Spec
from ui.charts import PLAIN
from ui.words import plain

Table = dict[str, list[str]]


def part(
    title: str, sentence: str, figure: go.Figure | None, alt: str, table: Table, rows: Sequence[Spec], name: str
) -> None:  # fmt: skip
    """Draw a part; without rows only the sentence stands there. `name` is that of the file."""
    st.subheader(title, anchor=False)
    st.markdown(plain(sentence))
    if not rows:
        return
    if figure is not None:
        st.plotly_chart(figure, config=PLAIN, alt=alt, key=f"progress:{name}")
    with st.expander("The numbers behind it", key=f"progress:table:{name}") if figure is not None else st.container():
        st.table({column: [plain(cell) for cell in cells] for column, cells in table.items()}, border="horizontal")
        st.download_button(
            "Download as CSV", lambda: csv_text(as_dicts(list(rows))), f"{name}.csv", "text/csv",
            key=f"progress:csv:{name}", on_click="ignore",
        )  # fmt: skip
