"""What of an attempt can be taken away: its file, and the report in two forms. Each is made when it is asked for."""

from collections.abc import Callable

import streamlit as st

from practice import wall_clock
from practice.attempt_file import write_attempt_file
from practice.report.document import Document
from practice.report.html import as_html
from practice.report.markdown import as_markdown
from practice.report.report import report
from practice.versions import versions
from question_bank.schema import Question
from storage.attempt_files import export_attempt
from storage.attempts import latest_runs, load_attempt, load_card
from storage.rounds import load_round, load_said, load_trials
from ui.people import current_person


def downloads(question: Question | None, attempt: str) -> None:
    """The buttons; a question that has left the bank has no report, but its attempt is still a file."""
    person = current_person()

    def offer(label: str, suffix: str, kind: str, make: Callable[[], str], says: str) -> None:
        name = f"{question.slug if question else 'attempt'}-{attempt}.{suffix}"
        st.download_button(
            label, make, name, kind, key=f"download:{suffix}:{attempt}", help=says, on_click="ignore",
        )  # fmt: skip

    if question is not None:
        text = "The same as text, with tables in place of the pictures."
        page = "One page that needs no network. Print it, or save it as PDF, from your browser."
        offer("Report, HTML", "html", "text/html", lambda: as_html(_report(person, question, attempt)), page)
        offer("Report, Markdown", "md", "text/markdown", lambda: as_markdown(_report(person, question, attempt)), text)
    everything = "All of it, for a mentor, another machine or a diff. It can be run and graded again."
    offer(
        "Attempt file, YAML", "yaml", "application/yaml",
        lambda: write_attempt_file(export_attempt(person, attempt, versions(question))), everything,
    )  # fmt: skip


def _report(person: str, question: Question, attempt: str) -> Document:
    kept, runs = load_attempt(person, attempt), latest_runs(person, attempt)
    return report(
        question, kept, runs, load_card(person, attempt), versions(question), wall_clock.now(),
        round_=load_round(person, attempt), said=load_said(person, attempt), trials=load_trials(person, attempt),
    )  # fmt: skip
