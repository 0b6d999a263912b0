"""Breaking a design: a strip of faults that are on or off, and drills that script the failures of learning systems."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from question_bank.quality import declared_loss
from question_bank.schema import QualityLoss, Question
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from simulator.drills import DoesNotFit, Drill, drilled, load_drills
from simulator.fault_words import fault_in_words
from simulator.settings import TooLong
from simulator.strikes import first_guess, strikes, when
from simulator.support import DoesNotRunYet
from ui.fault_fields import TITLES, fault_fields
from ui.look import LABELED, SWITCH, at_least
from ui.words import capitalized, plain

Fault = dict[str, Any]
NO_DRILL = "No drill"
WIDTH = 160  # pixels of a switch with the longest title


@dataclass
class Struck:
    """A design and what happens to it: its faults, and what a drill costs in quality if a question says so."""

    design: Design
    drill: Drill | None = None
    loss: QualityLoss | None = None
    problems: list[str] = field(default_factory=list)


def break_it(design: Design, question: Question | None, requests: int, prefix: str) -> Struck:
    """Let the person switch faults and a drill on; keys of widgets begin with `prefix`, so it outlives a knob."""
    at_s, for_s = _when(design, requests)
    struck = Struck(design)
    with st.container(border=True, key="break-it"):
        left, right = st.columns([3, 1], gap="medium")
        with left:
            st.markdown("**Break it**", help="What is switched on strikes the design while it runs; several can be on.")
            with st.container(key="switches"), st.grid(min_column_width=WIDTH, row_height=SWITCH, gap=None):
                chosen = [kind for kind in strikes(design) if st.toggle(TITLES[kind], key=f"{prefix}:on:{kind}")]
        with right, at_least(LABELED):
            drill = _choose_drill(prefix)
        for kind in chosen:
            zones, fault = fault_fields(design, first_guess(design, kind, at_s, for_s), f"{prefix}:{kind}")
            _strike(struck, fault, zones)
    if drill is not None:
        _drill(struck, drill, question, at_s, for_s)
    for problem in struck.problems:
        st.error(plain(problem))
    return struck


def unstruck(changed: Design, struck: Design, quiet: Design) -> Design:
    """A design that was made of the struck one, with everything as in the quiet one that the change left alone."""
    parts = {
        name: quiet.components[name] if part == struck.components.get(name) and name in quiet.components else part
        for name, part in changed.components.items()
    }
    kept = {
        name: getattr(quiet, name)
        for name in Design.model_fields
        if name != "components" and getattr(changed, name) == getattr(struck, name)
    }
    return changed.model_copy(update={**kept, "components": parts})


def _when(source: Design, requests: int) -> tuple[float, float]:
    try:
        return when(source, requests)
    except (DoesNotRunYet, TooLong):  # the run says so itself
        return 3.0, 4.0


def _strike(struck: Struck, fault: Fault, zones: int | None) -> None:
    """One more fault; if it does not fit, that is said and the design stays as it is."""
    data = struck.design.model_dump(mode="json")
    data["faults"].append(fault)
    try:
        struck.design = design_from(data | ({} if zones is None else {"zones": zones}))
    except DesignProblem as problem:
        struck.problems.append(problem.problems[0])


# ---- drills ----------------------------------------------------------------------------------------------------


def _choose_drill(prefix: str) -> Drill | None:
    drills = load_drills()
    chosen = st.selectbox(
        "Drill",
        [NO_DRILL, *drills],
        format_func=lambda one: one if one == NO_DRILL else drills[one].title,
        key=f"{prefix}:drill",
        help="A scripted failure of a learning system: what happens, and what to watch.",
    )
    return drills.get(chosen)


def _drill(struck: Struck, drill: Drill, question: Question | None, at_s: float, for_s: float) -> None:
    """Do what the drill says to the design, and tell what it is and what to watch."""
    before, loss = len(struck.design.faults), declared_loss(question, drill.id)
    if drill.needs.quality_loss and loss is None:
        _does_not_fit(drill)
        return
    try:
        struck.design = drilled(drill, struck.design, at_s, for_s)
    except DoesNotFit:
        _does_not_fit(drill)
        return
    except DesignProblem as problem:
        struck.problems.append(problem.problems[0])
        return
    struck.drill, struck.loss = drill, loss
    faults = struck.design.faults[before:]
    with st.container(border=True, key=f"drill-{drill.id}"):
        st.markdown(f"**{plain(drill.title)}.** {plain(drill.story)}")
        if faults:
            said = [f"- {plain(capitalized(fault_in_words(fault, struck.design)))}." for fault in faults]
            st.markdown("**Here**\n" + "\n".join(said))
        st.markdown("**What to watch**\n" + "\n".join(f"- {plain(line)}" for line in drill.watch))


def _does_not_fit(drill: Drill) -> None:
    st.info(f"**{plain(drill.title)}.** {plain(drill.lacking)}")
