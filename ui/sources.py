"""Where a design in the wind tunnel comes from, and what has been made of it since."""

import time
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st

from question_bank.schema import Question
from question_bank.templates import Template
from simulator.design import Design
from simulator.design_file import DesignProblem, fingerprint, read_design
from storage.designs import list_designs
from ui.cached import questions, templates
from ui.editor.file_view import NOT_TEXT
from ui.form.editing import Editing
from ui.kept_designs import keep, kept, last_choice, remember_choice, restored
from ui.look import LABELED, at_least
from ui.moments import ago
from ui.people import current_person
from ui.words import plain

FROM_FILE = "A file or text"
MOST_OWN = 10
_CHOSEN = "tunnel_source"
_EDITED = "tunnel_designs"
"""Where this visit keeps what it has made of each start."""


@dataclass(frozen=True)
class Start:
    """A design to start from, and the question or the template that it belongs to."""

    label: str
    design: Design
    question: Question | None = None
    template: Template | None = None


@dataclass(frozen=True)
class Source:
    """A start, and the design that it has become; `editing` changes it."""

    start: Start
    editing: Editing

    @property
    def label(self) -> str:
        return self.start.label

    @property
    def question(self) -> Question | None:
        return self.start.question

    @property
    def design(self) -> Design:
        return self.editing.design


def starts() -> dict[str, Start]:
    """Everything that can be loaded: the designs of one's own attempts, the newest first, the templates, and the
    reference designs.
    """
    found: dict[str, Start] = {}
    for drawn in list_designs(current_person(), MOST_OWN):
        if (question := questions().get(drawn.question)) is not None:
            which = "Mine" if not found else f"Mine, begun {ago(drawn.created_at, time.time())}"
            label = f"{which}: {question.title}"
            found[label] = Start(label, drawn.design, question)
    for template in templates().values():
        found[_label(template)] = Start(_label(template), template.design, template=template)
    for question in questions().values():
        for name in ("senior", "junior", "staff", "cell"):
            label = f"{'Bare cell' if name == 'cell' else name.capitalize()}: {question.title}"
            found[label] = Start(label, question.designs.by_name(name), question)
    return found


def _label(template: Template) -> str:
    return f"Template: {template.title}"


def go_to_template(template: Template) -> NoReturn:
    """Leave for the wind tunnel with a template as it was written."""
    st.session_state[_CHOSEN] = _label(template)
    st.switch_page("pages/wind_tunnel.py")


def choose_source() -> Source | None:
    """Let the person pick a design, or bring one as a file or text. None while there is none that can be read."""
    found = starts()
    options = [*found, FROM_FILE]
    if st.session_state.get(_CHOSEN) not in options:
        last = last_choice()
        st.session_state[_CHOSEN] = last if last in found else _first(options)
    with at_least(LABELED):
        chosen = st.selectbox("Design", options, key=_CHOSEN, persist_state="session", on_change=_remember)
    start = found[chosen] if chosen != FROM_FILE else _from_file()
    if start is None:
        return None
    source = opened(start, is_kept=chosen != FROM_FILE)
    if start.template is not None:
        st.caption(plain(start.template.about))
        _trials(source, start.template)
    place = st.container()  # always there, so that what stands below it is not drawn anew, and keeps the focus
    if source.design != start.design:
        if _name(start) in restored():
            place.caption("As you left it in an earlier visit.")
        place.button(
            "Start over",
            key=f"{source.editing.key}:start_over",
            icon=":material/restart_alt:",
            help="Back to the design as it was chosen. Undo brings your changes back.",
            on_click=lambda: source.editing.replace(lambda _: start.design, forget=True),
        )
    return source


def _remember() -> None:
    remember_choice(st.session_state[_CHOSEN])


def _first(labels: list[str]) -> str:
    """One's own newest design, else the first reference design."""
    return labels[0] if labels[0].startswith("Mine") else next(one for one in labels if one.startswith("Senior"))


def _trials(source: Source, template: Template) -> None:
    """What to try on a template: a button each, which makes the change."""
    with st.expander("What to try", key=f"{source.editing.key}:to_try"):
        for i, trial in enumerate(template.to_try):
            st.markdown(plain(trial.say))
            st.button(
                "Try it",
                key=f"{source.editing.key}:try:{i}",
                on_click=lambda trial=trial: source.editing.replace(lambda _: trial.on(template.design), forget=True),
            )


def opened(start: Start, *, is_kept: bool = False) -> Source:
    """What this visit has made of a start, ready to be changed; if it is kept, also what an earlier visit has."""
    designs: dict[str, Design] = st.session_state.setdefault(_EDITED, {})
    name = _name(start)
    if is_kept and name not in designs:
        designs[name] = kept(name) or start.design

    def save(design: Design) -> None:
        designs[name] = design
        if is_kept:
            remember_choice(start.label)
            keep(name, design, start.design)

    key = f"tunnel:{fingerprint(start.design)}:{start.label}"
    return Source(start, Editing(designs.get(name, start.design), key, save))


def _name(start: Start) -> str:
    return f"{start.label}:{fingerprint(start.design)}"


def _from_file() -> Start | None:
    uploaded = st.file_uploader("A design file", type=["yaml", "yml", "json"], key="tunnel_file")
    if uploaded is not None:
        try:
            text = uploaded.getvalue().decode("utf-8")
        except UnicodeDecodeError:
            st.error(NOT_TEXT)
            return None
    else:
        text = st.text_area(
            "or its text",
            key="tunnel_text",
            height=240,
            placeholder="traffic:\n  entry: api\n  ...",
            persist_state="session",
        )
    if not text.strip():
        st.info("Load a file or paste the text of a design. examples/ads-cell.yaml is one to start from.")
        return None
    try:
        return Start(FROM_FILE, read_design(text))
    except DesignProblem as problem:
        for sentence in problem.problems[:10]:
            st.error(plain(sentence))
        return None
