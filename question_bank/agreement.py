"""What must agree between the files of a question before it can be used; every problem names its file and place."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from question_bank.formula import FormulaProblem
from question_bank.quantity import QuantityProblem
from question_bank.scenarios import turned
from question_bank.schema import Question, Scenario
from question_bank.units import parse_unit
from question_bank.worksheet import calculated
from simulator.design_file import DesignProblem
from simulator.results.checks import AnyOf


def agreement_problems(question: Question) -> list[str]:
    """A sentence for each unknown id, unit or path and each formula that cannot be evaluated."""
    knobs = list(_knobs(question))
    measured = [] if knobs else list(_measured(question))  # which turns the knobs, and would say the same again
    return [*_worksheet(question), *knobs, *measured, *_scenarios(question), *_levels(question), *_followups(question)]


def _worksheet(question: Question) -> Iterator[str]:
    sheet = question.worksheet
    facts = [fact.id for fact in question.facts]
    for name, constant in sheet.constants.items():
        if constant.from_fact is not None:
            place = f"worksheet.yaml: constants.{name}.from_fact"
            yield from _unknown(place, [constant.from_fact], "fact", facts)
    for row in sheet.rows:
        try:
            parse_unit(row.unit)
        except QuantityProblem as problem:
            yield f"worksheet.yaml: rows.{row.id}.unit: {problem}; new counts go into units.yaml"
    try:
        calculated(sheet)
    except FormulaProblem as problem:
        yield f"worksheet.yaml: {problem}"


def _knobs(question: Question) -> Iterator[str]:
    for knob in question.simulation.knobs:
        for end in ("low", "high"):
            try:
                turned(question.designs.senior.design, knob, getattr(knob, end))
            except DesignProblem as problem:
                place = f"simulation.yaml: knobs.{knob.id}.path does not fit designs/senior.yaml at its {end} end"
                yield f"{place}: {'; '.join(problem.problems)}"
                break


def _measured(question: Question) -> Iterator[str]:
    knobs = {knob.id: knob for knob in question.simulation.knobs}
    for i, row in enumerate(question.simulation.measured):
        place, design = f"simulation.yaml: measured.{i}.settings", question.designs.by_name(row.design)
        unknown = list(_unknown(place, row.settings, "knob", list(knobs)))
        yield from unknown
        try:
            for name, value in row.settings.items() if not unknown else ():
                design = turned(design, knobs[name], value)
        except DesignProblem as problem:
            yield f"{place} do not fit designs/{row.design}.yaml: {'; '.join(problem.problems)}"


def _scenarios(question: Question) -> Iterator[str]:
    for scenario in question.simulation.scenarios:
        for name in sorted(_named(scenario) - set(scenario.target_kinds)):
            yield (
                f"simulation.yaml: scenarios.{scenario.id} names the component {name!r} and not its kind; "
                f"add it to target_kinds"
            )


def _levels(question: Question) -> Iterator[str]:
    simulation = question.simulation
    scenarios = [scenario.id for scenario in simulation.scenarios]
    yield from _unknown("simulation.yaml: junior_fails", simulation.junior_fails, "scenario", scenarios)
    for i, gain in enumerate(simulation.staff_gains):
        yield from _unknown(f"simulation.yaml: staff_gains.{i}.scenario", [gain.scenario], "scenario", scenarios)


def _named(scenario: Scenario) -> set[str]:
    """The components that the faults and the checks of a scenario name."""
    checks = [one for check in scenario.checks for one in (check.any_of if isinstance(check, AnyOf) else [check])]
    struck = {value for fault in scenario.faults for key, value in fault if key in ("component", "caller")}
    return struck | {check.component for check in checks if check.component is not None}


def _followups(question: Question) -> Iterator[str]:
    known = {
        "not_found": ("concept", [concept.id for concept in question.concepts]),
        "found": ("concept", [concept.id for concept in question.concepts]),
        "row_not_accepted": ("worksheet row", [row.id for row in question.worksheet.rows]),
        "scenario_failed": ("scenario", [scenario.id for scenario in question.simulation.scenarios]),
    }
    for followup in question.followups:
        for field, (what, ids) in known.items():
            place = f"question.yaml: followups.{followup.id}.when.{field}"
            yield from _unknown(place, getattr(followup.when, field), what, ids)


def _unknown(place: str, names: Iterable[str], what: str, known: list[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            choices = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
            yield f"{place} has {name!r}, which is not a {what} of this question; {choices}"
