"""What is made once for all visits of this server process."""

import atexit

import streamlit as st

from question_bank.cards import Card, Exercise, load_cards, load_exercises
from question_bank.labs import Lab, load_labs
from question_bank.loader import load_all
from question_bank.schema import Question
from question_bank.templates import Template, load_templates
from simulator.workers import Workers

PROCESSES = 2


@st.cache_resource(show_spinner=False)
def workers() -> Workers:
    """The processes that simulate."""
    made = Workers(PROCESSES)
    made.warm_up()
    made.warm_engine()
    atexit.register(made.close)
    return made


@st.cache_resource(show_spinner="Reading the questions")
def questions() -> dict[str, Question]:
    """All questions by slug; they are frozen, so that visits can share them."""
    return load_all()


@st.cache_resource(show_spinner=False)
def cards() -> dict[str, Card]:
    """All concept cards by slug, in reading order."""
    return load_cards()


@st.cache_resource(show_spinner=False)
def exercises() -> dict[str, Exercise]:
    """All answers to grade, by slug."""
    return load_exercises()


@st.cache_resource(show_spinner=False)
def labs() -> dict[str, Lab]:
    """All labs by slug."""
    return load_labs()


@st.cache_resource(show_spinner=False)
def templates() -> dict[str, Template]:
    """All designs to start from, by slug."""
    return load_templates()
