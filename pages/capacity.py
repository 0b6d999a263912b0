"""How much of everything: rates, storage, bandwidth, memory, machines and money, each with its formula."""

import streamlit as st

from question_bank.capacity import work_out
from ui import shell
from ui.capacity.results import figures, formulas, headline, verdict
from ui.capacity.sending import to_the_wind_tunnel, to_the_worksheet
from ui.capacity.settings import settings
from ui.visit import current_attempt

shell.ensure()

st.title("Capacity", anchor=False)
attempt = current_attempt()
top = st.container()
inputs, outputs = st.columns([4, 9], gap="medium")
with inputs:
    start, values = settings(attempt)
with outputs:
    if values is None:
        st.info("A number on the left cannot be read; the field says why.")
    else:
        lines = work_out(values)
        with top:
            headline(lines, start.nouns)
        verdict(values, lines)
        figures(values, lines, start.nouns)
        worksheet, tunnel = st.columns(2, gap="medium")
        with worksheet:
            to_the_worksheet(attempt, lines)
        with tunnel:
            to_the_wind_tunnel(values, lines)
        formulas(values, lines, start.nouns)
