"""Concept cards with something to try, and a first exercise in grading."""

import streamlit as st

from ui import shell
from ui.cached import cards, exercises, labs
from ui.fundamentals.card import show_card
from ui.fundamentals.contents import CARD, EXERCISE, PAGE, card_link, contents
from ui.fundamentals.exercise import show_exercise
from ui.fundamentals.lab_page import show_lab_page
from ui.labs.lab import LAB

shell.ensure()

wanted = st.query_params.get(CARD) or st.query_params.get(EXERCISE) or st.query_params.get(LAB)
if wanted is None:
    contents()
    st.stop()
st.page_link(PAGE, label="All cards")
order = list(cards())
if LAB in st.query_params and wanted in labs():
    show_lab_page(labs()[wanted])
elif wanted in exercises():
    show_exercise(exercises()[wanted])
elif wanted in order:
    show_card(cards()[wanted])
    here = order.index(wanted)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        for slug in order[max(0, here - 1) : here]:
            card_link(slug, "Before: ")
        for slug in order[here + 1 : here + 2]:
            card_link(slug, "Next: ")
else:
    st.title("Fundamentals", anchor=False)
    st.warning("The address names a card that is not here. All cards are listed on this page's front.")
