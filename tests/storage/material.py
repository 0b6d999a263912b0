"""Things to keep: a small design, runs of it, a card, and an attempt that has something of everything."""

import time
from functools import cache

from practice.attempt import Edit, OwnLevel, Written
from practice.clock import ClockEvent
from practice.forensics import Mark
from practice.interviewer.state import Said
from practice.prediction import Prediction
from practice.rounds import new_round
from practice.trials import Trial, recovery_of
from rubrics import Card, SelfGrade, Submission, load_rubric, make_card, weights_for
from simulator.design import Design, Slow
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from storage.attempts import (
    add_asked,
    add_event,
    add_prediction,
    add_run,
    save_assumption,
    save_card,
    save_design,
    save_own_level,
    save_section,
    save_worksheet_row,
    start_attempt,
)
from storage.rounds import add_marks, add_said, add_trial, finish_trial, keep_round, save_reply
from tests.simulator.designs import a_design, replications_of, service

OWNER, OTHER = "ann", "bob"
QUOTE = "we batch four requests at most"
SETTINGS = RunSettings(seed=3, replications=1, duration_s=30.0)
LEVEL = OwnLevel(level=3, quote=QUOTE, explains_failure="because the queue kept dead work")
ROUND = new_round(45, profile_id="applied_ml", level="staff", mode_id="mock")
SAID = Said(at=10.0, kind="probe", id="scope", text="What are you “leaving out”?", why="I asked.", phase="requirements")
MARK = Mark(kind="number", at=5.0, phase="requirements", sentence="5 million a day.")
PREDICTION = Prediction(bottleneck="web", p99_ms=250.0, usd_per_month=730.5)


@cache
def design(work_s: float = 0.25) -> Design:
    return a_design({"web": service(work_s)}, name="Shop")


@cache
def summary(work_s: float = 0.25) -> Summary:
    return summarize(replications_of(design(work_s), 30))


@cache
def a_card() -> Card:
    rubric = load_rubric()
    grade = SelfGrade(dimension="architecture", level=3, quote=QUOTE)
    submission = Submission(sections={"high_level_design": f"Here {QUOTE}."}, grades=(grade,))
    return make_card(rubric, weights_for(rubric, {}), submission)


@cache
def struck() -> Design:
    """The design with a fault, as a drill has it."""
    return design().model_copy(update={"faults": (Slow(at_s=10.0, for_s=5.0, component="web", factor=3.0),)})


def a_trial(kind="drill", at=7.0, **more):
    hit = struck() if kind.startswith("drill") else design()
    return Trial(kind=kind, at=at, design=hit, settings=SETTINGS, **more)


@cache
def a_finished_trial(kind="drill", at=7.0, **more) -> Trial:
    """A trial as it stands when its run has ended."""
    trial = a_trial(kind, at, **more)
    shown = summarize(replicate(trial.design, trial.settings))
    return trial.model_copy(update={"summary": shown, "recovery": recovery_of(trial, shown)})


def an_edit(text: str = "text", writer: str = "tab", sequence: int = 1, base: int = 0) -> Edit:
    return Edit(text=text, writer=writer, sequence=sequence, base=base)


def a_full_attempt(owner: str = OWNER) -> str:
    """The id of an attempt with something in every table."""
    attempt = start_attempt(owner, "ads-ranking")
    add_event(owner, attempt, ClockEvent(at=time.time(), kind="enter", phase="detailed_design"))
    save_section(owner, attempt, "requirements", an_edit(f"Here {QUOTE}."))
    save_worksheet_row(owner, attempt, "gpus", Written(value="481", unit="gpu"))
    save_assumption(owner, attempt, "util", Written(value="50", unit="percent"))
    add_asked(owner, attempt, "How many users?", "users")
    add_asked(owner, attempt, "What color?", None)
    save_design(owner, attempt, design())
    number = add_prediction(owner, attempt, PREDICTION)
    add_run(owner, attempt, "steady", design(), summary(), number)
    save_own_level(owner, attempt, "architecture", LEVEL)
    save_card(owner, attempt, a_card())
    keep_round(owner, attempt, ROUND)
    add_said(owner, attempt, SAID, after=0)
    save_reply(owner, attempt, 0, an_edit("Billing"))
    add_marks(owner, attempt, [MARK])
    add_trial(owner, attempt, a_trial())
    finish_trial(owner, attempt, a_finished_trial())
    return attempt
