"""Progress over attempts: a picture first, the table behind it."""

import streamlit as st

from practice import wall_clock
from practice.progress.past import graded
from practice.progress.rows import about_few
from practice.progress.weaknesses import weaknesses
from storage.history import history
from ui import shell
from ui.cached import questions
from ui.people import current_person
from ui.progress.progress import by_question, honesty, levels, minutes, predictions
from ui.progress.weaknesses import show_weaknesses

shell.ensure()

st.title("Progress", anchor=False)
pasts = history(current_person())
titles = {slug: question.title for slug, question in questions().items()}
st.info(about_few(len(graded(pasts))))
if not pasts:
    st.page_link("pages/questions.py", label="Choose a question")
    st.stop()
levels(pasts, titles)
show_weaknesses(weaknesses(pasts, questions()), titles)
st.page_link("pages/practice.py", label="Practice them")
left, right = st.columns(2, gap="large")
with left:
    predictions(pasts, questions(), titles)
with right:
    honesty(pasts, titles)
minutes(pasts, questions(), titles, wall_clock.now())
by_question(pasts, titles)
