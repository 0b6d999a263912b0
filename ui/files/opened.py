"""An attempt file that was opened: looked at, run again, compared with one's own levels, or kept."""

import time
from typing import NamedTuple

import streamlit as st

from practice.answer_file import AnswerProblem
from practice.attempt_file import AttemptFile, agreement, as_attempt, from_bytes
from practice.report.document import Part
from practice.report.report import report
from question_bank.schema import Question
from rubrics import load_rubric
from storage.attempt_files import import_attempt
from storage.attempts import NoSuchAttempt, load_attempt
from ui.cached import questions
from ui.files.again import again, forget
from ui.moments import on_day
from ui.people import current_person
from ui.review.card import show_card
from ui.words import plain

_UPLOAD, _OPENED, _PROBLEMS, _KEPT = "files:upload", "files:opened", "files:problems", "files:kept"
_SHOWN = 5


class _Opened(NamedTuple):
    name: str
    file: AttemptFile


def open_file() -> None:
    """A field for an attempt file, and what is wrong with the one that was chosen last."""
    if kept := st.session_state.pop(_KEPT, None):
        st.success(kept)
    for sentence in st.session_state.pop(_PROBLEMS, ()):
        st.error(plain(sentence))
    st.file_uploader("Open an attempt file", type=["yaml", "yml", "json"], key=_UPLOAD, on_change=_read)
    st.caption("It is only shown, not kept, until you say so.")


def opened() -> bool:
    """Show the file that is open, read-only; False if none is."""
    found: _Opened | None = st.session_state.get(_OPENED)
    if found is None:
        return False
    file, question = found.file, questions().get(found.file.question)
    st.title(f"From a file: {plain(question.title if question else file.question)}", anchor=False)
    begun = f"begun on {on_day(file.created_at)}, " if file.created_at else ""
    made_by = f", made by version {file.versions.app}" if file.versions.app else ""
    st.caption(plain(f"{found.name}: {begun}{len(file.measured())} runs{made_by}. Read-only."))
    with st.container(horizontal=True):
        st.button("Keep it among my attempts", type="primary", on_click=_keep)
        st.button("Close", on_click=_close)
    if question is None:
        st.info("This question is not in the bank here, so the attempt can be kept but not shown.")
        return True
    _beside_mine(file)
    again(file, question)
    if file.card is not None:
        show_card(file.card, as_attempt(file).id)
    _everything(file, question)
    return True


def _read() -> None:
    uploaded = st.session_state[_UPLOAD]
    if uploaded is None:
        return
    try:
        st.session_state[_OPENED] = _Opened(uploaded.name, from_bytes(uploaded.getvalue()))
        forget()
    except AnswerProblem as problem:
        more = len(problem.problems) - _SHOWN
        said = [f"The file cannot be opened: {one[:400].rstrip('.')}." for one in problem.problems[:_SHOWN]]
        st.session_state[_PROBLEMS] = [*said, *([f"{more} more things are wrong."] if more > 0 else [])]


def _close() -> None:
    st.session_state.pop(_OPENED, None)
    forget()


def _keep() -> None:
    import_attempt(current_person(), st.session_state[_OPENED].file)
    st.session_state[_KEPT] = "It is among your attempts now, under the day on which it was begun."
    _close()


def _beside_mine(file: AttemptFile) -> None:
    """The levels of a file that came back from a mentor beside one's own of the same attempt."""
    try:
        mine = load_attempt(current_person(), file.id).own_levels if file.id else {}
    except NoSuchAttempt:
        return
    theirs = file.self_grades
    both, alike, near = agreement(mine, theirs)
    if not both:
        return
    st.subheader("Beside your own levels", anchor=False)
    st.markdown(f"Of {both} dimensions that both have judged, {alike} are alike and {near} within one level.")
    rows = [one for one in load_rubric().dimensions if one.id in mine or one.id in theirs]
    st.table(
        {
            "dimension": [one.title for one in rows],
            "yours": [str(mine[one.id].level) if one.id in mine else "-" for one in rows],
            "the file's": [str(theirs[one.id].level) if one.id in theirs else "-" for one in rows],
            "the file's sentence": [plain(theirs[one.id].quote) if one.id in theirs else "" for one in rows],
        },
        border="horizontal",
    )


def _everything(file: AttemptFile, question: Question) -> None:
    st.subheader("All of it", anchor=False)
    document = report(
        question, as_attempt(file), file.stored_runs(), file.card, file.versions, time.time(),
        round_=file.round, said=file.said, trials=file.trials,
    )  # fmt: skip
    for i, part in enumerate(document.parts):
        if not part.title.startswith(("Card", "Gate: ", "Evidence: ")):
            with st.expander(plain(part.title), key=f"files:part:{i}"):
                _part(part)


def _part(part: Part) -> None:
    for sentence in part.sentences:
        st.markdown(plain(sentence))
    if part.table is not None and part.table.rows:
        columns = zip(part.table.columns, zip(*part.table.rows, strict=True), strict=True)
        st.table({plain(name): [plain(cell) for cell in cells] for name, cells in columns}, border="horizontal")
    if part.points:
        st.markdown("\n".join(f"- {plain(point)}" for point in part.points))
    if part.verbatim is not None:
        st.code(part.verbatim, language=None, wrap_lines=True)
