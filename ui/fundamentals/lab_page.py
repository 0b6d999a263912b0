"""A lab by itself, with the way to the cards that it belongs to."""

import streamlit as st

from question_bank.labs import Lab
from ui.cached import cards
from ui.fundamentals.contents import card_link
from ui.labs.lab import show_lab
from ui.words import plain


def show_lab_page(lab: Lab) -> None:
    """The lab and links to its cards."""
    st.title(f"Lab: {plain(lab.title)}", anchor=False)
    show_lab(lab, titled=False)
    mine = [card.slug for card in cards().values() if lab.slug in card.labs]
    if mine:
        with st.container(horizontal=True):
            st.markdown("It belongs to")
            for slug in mine:
                card_link(slug)
