"""Attempts at the ads question, and short runs of its scenarios."""

from typing import Any

from practice.attempt import Attempt, Draft, StoredRun
from practice.scenario_runs import Planned
from question_bank.loader import load_question
from simulator.design import Design
from simulator.design_file import read_design, write_design
from simulator.results.replications import replicate
from simulator.results.summary import summarize

QUESTION = load_question("ads-ranking")
SENIOR = QUESTION.designs.senior.design
SCENARIOS = {scenario.id: scenario for scenario in QUESTION.simulation.scenarios}


def an_attempt(sections: dict[str, str] | None = None, **more: Any) -> Attempt:
    """An attempt with these texts and nothing else, unless `more` says otherwise."""
    drafts = {phase: Draft(text=text, revision=1, writer="w", sequence=1) for phase, text in (sections or {}).items()}
    nothing: dict[str, Any] = {"worksheet": {}, "own_levels": {}}
    moments = {"created_at": 0.0, "last_seen": 0.0}
    return Attempt(**{"id": "abcdefgh", "question": QUESTION.slug, "sections": drafts, **nothing, **moments, **more})


def changed(design: Design, old: str, new: str) -> Design:
    """The design with a text in its file replaced wherever it stands."""
    text = write_design(design)
    assert old in text
    return read_design(text.replace(old, new))


def a_run(planned: Planned, duration_s: float) -> StoredRun:
    """One short replication of a planned scenario."""
    assert planned.design is not None
    settings = planned.settings.model_copy(update={"replications": 1, "duration_s": duration_s})
    summary = summarize(replicate(planned.design, settings), planned.checks)
    return StoredRun(
        id="abcdefgh",
        at=1.0,
        scenario=planned.scenario.id,
        design=planned.design,
        settings=settings,
        summary=summary,
    )
