"""Between rounds: the next thing, cards and drills."""

import streamlit as st

from practice.drills import MINUTES
from practice.spacing import DRILL_TITLES, rule
from ui import shell
from ui.practice.drill import drill
from ui.practice.next_thing import DO, PAGE, next_thing
from ui.practice.plan import plan
from ui.practice.recall import recall
from ui.practice.situation import here
from ui.words import many, plain

shell.ensure()

now = here()
wanted = st.query_params.get(DO)
st.title("Practice", anchor=False)
if wanted == "cards":
    st.page_link(PAGE, label="Back to the plan")
    recall(now)
    st.stop()
open_drill = st.session_state.get("open_drill")
if wanted in MINUTES:
    chosen = next((one for one in now.situation.drills if one.kind == wanted), None)
    if open_drill is None or open_drill.kind != wanted:
        open_drill = st.session_state["open_drill"] = chosen
    st.page_link(PAGE, label="Back to the plan")
    if open_drill is None:
        st.info("There is no such drill now. Drills come from what you have missed.")
    else:
        drill(open_drill)
    st.stop()
st.session_state.pop("open_drill", None)
next_thing(now.step)
st.caption(plain(rule(now.today)))
plan(now)
st.subheader("Cards", anchor=False)
left, right = st.columns([5, 1], vertical_alignment="center")
left.markdown(f"{many(len(now.stack.items), 'card')} for today, two minutes each, of {len(now.known)} in all.")
if right.button("Begin", key="begin:cards", disabled=not now.stack.items, width="stretch"):
    st.switch_page(PAGE, query_params={DO: "cards"})
st.subheader("Drills", anchor=False)
if not now.situation.drills:
    st.markdown("They are made from what you miss, and come with the first graded attempt.")
for one in now.situation.drills:
    with st.container(border=True):
        left, right = st.columns([5, 1], vertical_alignment="center")
        title = DRILL_TITLES[one.kind].removeprefix("A drill: ").capitalize()
        left.markdown(f"**{plain(title)}**, about {one.minutes} minutes  \n{plain(one.why)}")
        if right.button("Begin", key=f"begin:{one.kind}", width="stretch"):
            st.switch_page(PAGE, query_params={DO: one.kind})
