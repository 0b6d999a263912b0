"""A lab on the screen: predict, then turn the knobs, then read what to notice and why."""

import streamlit as st

from practice.lab_prediction import Said, kept_prediction, note_of
from question_bank.lab_models import Chart, Figure
from question_bank.labs import ChoiceWanted, Lab
from storage.notes import forget_note, load_note, save_note
from ui.charts import PLAIN
from ui.labs.knobs import knobs, reset
from ui.labs.pictures import fig_chart
from ui.labs.results import outcome, outcome_asked
from ui.labs.words import around, chart_words, here_words, shown, verdict
from ui.people import current_person
from ui.words import plain

LAB = "lab"


@st.fragment
def show_lab(lab: Lab, *, titled: bool = True) -> None:
    """The lab in a frame; whatever is turned in it draws only the lab anew."""
    predicted, said = kept_prediction(lab, load_note(current_person(), LAB, lab.slug))
    with st.container(border=True, key=f"lab-{lab.slug}"):
        if titled:
            st.subheader(f"Lab: {plain(lab.title)}", anchor=False)
        st.markdown(plain(lab.lead))
        if predicted:
            _experiment(lab, said)
        else:
            _ask(lab)


# ---- the prediction --------------------------------------------------------------------------------------------


def _said_key(lab: Lab) -> str:
    return f"lab:{lab.slug}?"


def _ask(lab: Lab) -> None:
    """Ask before anything is shown."""
    wanted = lab.predict
    with st.form(f"predict:{lab.slug}", border=False):
        st.markdown(f"**Predict first.** {plain(wanted.ask)}")
        if isinstance(wanted, ChoiceWanted):
            names = {band.id: plain(band.label) for band in wanted.bands}
            st.radio("Your prediction", list(names), index=None, key=_said_key(lab), format_func=names.__getitem__)
        else:
            most = 100.0 if wanted.unit == "%" else 1e12
            label = f"Your prediction, in {wanted.unit}" if wanted.unit else "Your prediction"
            st.number_input(label, 0.0, most, value=None, step=1.0, format="%g", key=_said_key(lab), width=260)
        with st.container(horizontal=True):
            locked = st.form_submit_button("Lock it in", type="primary", on_click=_lock, args=(lab,))
            st.form_submit_button("Skip", on_click=_skip, args=(lab,), help="The result is shown without a prediction.")
    if locked:
        st.info("Give a prediction first, however rough; being wrong by a factor is what makes the lab stick.")


def _lock(lab: Lab) -> None:
    said: Said = st.session_state.get(_said_key(lab))
    if said is None:
        return
    if isinstance(said, float | int):
        said = said / 100 if lab.predict.unit == "%" else float(said)
    save_note(current_person(), LAB, lab.slug, note_of(lab, said))
    reset(lab)


def _skip(lab: Lab) -> None:
    save_note(current_person(), LAB, lab.slug, note_of(lab, None))
    reset(lab)


def _again(lab: Lab) -> None:
    forget_note(current_person(), LAB, lab.slug)
    st.session_state.pop(_said_key(lab), None)


# ---- the experiment --------------------------------------------------------------------------------------------


def _experiment(lab: Lab, said: Said) -> None:
    _compared(lab, said)
    left, right = st.columns([2, 5], gap="medium")
    with left:
        settings = knobs(lab)
        asked = settings == lab.asked_at()
        st.button("Reset the knobs", key=f"back:{lab.slug}", on_click=reset, args=(lab,), disabled=asked)
    with right:
        found = outcome(lab, settings)
        with st.container(horizontal=True, gap="medium"):
            for figure in found.figures:
                _figure(figure)
        for number, chart in enumerate(found.charts):
            _chart(chart, f"chart:{lab.slug}:{number}")
        for remark in found.remarks:
            st.caption(plain(remark))
    st.markdown("**What to notice**\n" + "\n".join(f"- {plain(line)}" for line in lab.notice))
    with st.expander("Why"):
        st.markdown(plain(lab.why.text))
        st.caption("Sources: " + plain("; ".join(lab.why.sources)))


def _compared(lab: Lab, said: Said) -> None:
    figure = outcome_asked(lab).figure(lab.predict.figure)
    near, sentence = verdict(lab, said, figure)
    icon = {True: ":material/check:", False: ":material/straighten:", None: ":material/straighten:"}[near]
    with st.container(horizontal=True, vertical_alignment="center"):
        box = st.success if near else st.info
        box(f"{plain(lab.predict.ask)}  \n**{plain(sentence)}**", icon=icon)
        st.button("Predict again", key=f"again:{lab.slug}", on_click=_again, args=(lab,))


def _figure(figure: Figure) -> None:
    st.metric(
        plain(figure.label),
        shown(figure.value, figure.unit),
        around(figure) or None,
        delta_color="off",
        delta_arrow="off",
        width="content",
    )


def _chart(chart: Chart, key: str) -> None:
    st.markdown(f"**{plain(chart.title)}**")
    st.plotly_chart(fig_chart(chart), config=PLAIN, alt=chart_words(chart), key=key)
    if said := here_words(chart):
        st.caption(plain(said))
