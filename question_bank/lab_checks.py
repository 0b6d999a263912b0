"""What must hold of a lab besides its schema: its knobs fit, its figures exist, its theory has an answer."""

from collections.abc import Iterable, Iterator

from question_bank.formula import FormulaProblem, evaluate
from question_bank.lab_models import MODELS, Outcome, design_at, parameters, run_lab
from question_bank.lab_models.simulated import run_settings
from question_bank.labs import ChoiceWanted, Lab, Options, Setting, Settings, Simulation, TheoryLine, numbers_of
from simulator.design_file import DesignProblem
from simulator.knobs import value_at
from simulator.settings import TooLong, duration_s
from simulator.support import DoesNotRunYet
from simulator.theory import TheoryProblem, theory_rows


def lab_problems(labs: Iterable[Lab]) -> list[str]:
    """A sentence for everything that is wrong, beginning with the file; nothing is simulated."""
    return [f"labs/{lab.slug}.yaml: {problem}" for lab in labs for problem in _problems(lab)]


def ends_of(lab: Lab) -> Iterator[Settings]:
    """The settings asked for, and from there every knob to each of its ends (every choice, where it has choices)."""
    asked = lab.asked_at()
    yield asked
    for knob in lab.knobs:
        yield from ({**asked, knob.id: end} for end in knob.ends() if end != asked[knob.id])


def _problems(lab: Lab) -> Iterator[str]:
    if isinstance(lab.source, Simulation):
        yield from _simulation(lab, lab.source)
        units = {one.id: one.unit for one in lab.source.figures}
    else:
        wrong = list(_numbers(lab, lab.source.name))
        yield from wrong
        units = {} if wrong else {one.id: one.unit for one in MODELS[lab.source.name](**lab.asked_at()).figures}
        if wrong:
            return
    yield from _prediction(lab, units)


def _prediction(lab: Lab, units: dict[str, str]) -> Iterator[str]:
    wanted = lab.predict
    if wanted.figure not in units:
        yield f"predict.figure is {wanted.figure!r}, which is no figure of this lab; choose one of {', '.join(units)}"
        return
    unit = "%" if units[wanted.figure] == "share" else units[wanted.figure]
    if wanted.unit != unit:
        yield f"predict.unit is {wanted.unit!r}, but {wanted.figure} is in {unit!r}; ask in that unit"
    if isinstance(wanted, ChoiceWanted):
        yield from _bands(wanted)


def _bands(wanted: ChoiceWanted) -> Iterator[str]:
    edges = sorted({edge for band in wanted.bands for edge in (band.at_least, band.below) if edge is not None})
    for value in [edges[0] - 1, *edges, edges[-1] + 1] if edges else [0.0]:
        holding = [band.id for band in wanted.bands if band.holds(value)]
        if len(holding) != 1:
            said = " and ".join(holding) or "none"
            yield f"predict.bands: {value:g} lies in {said}; let every value lie in exactly one band"
            return


def _numbers(lab: Lab, name: str) -> Iterator[str]:
    if name not in MODELS:
        yield f"source.name is {name!r}, which is no model; choose one of {', '.join(sorted(MODELS))}"
        return
    known, given = parameters(name), [knob.id for knob in lab.knobs]
    for one in given:
        if one not in known:
            yield f"the knob {one!r} is no parameter of {name}; choose one of {', '.join(known)}"
    for one in known:
        if one not in given:
            yield f"{name} needs a knob {one!r}; add it"


def _simulation(lab: Lab, source: Simulation) -> Iterator[str]:
    problems = [*_paths(lab, source)]
    yield from problems
    if problems:
        return
    for settings in ends_of(lab):
        try:
            duration_s(design_at(lab, settings), run_settings(source))
        except DesignProblem as problem:
            yield f"{_said(settings)}: {problem.problems[0]}"
        except (TooLong, DoesNotRunYet) as error:
            yield f"{_said(settings)}: {error}"
    for picture in source.pictures:
        for theory in picture.theory:
            yield from _theory(lab, theory)


def _paths(lab: Lab, source: Simulation) -> Iterator[str]:
    for knob in lab.knobs:
        paths = [path for one in knob.choices for path in one.set] if isinstance(knob, Options) else list(knob.paths)
        if not paths:
            yield f"the knob {knob.id!r} turns nothing; give it paths into the design"
        for path in dict.fromkeys(paths):
            try:
                value_at(source.design, path)
            except DesignProblem as problem:
                yield f"the knob {knob.id!r}: {problem.problems[0]}"


def _said(settings: Settings) -> str:
    def shown(value: Setting) -> str:
        return value if isinstance(value, str) else f"{value:g}"

    return "at " + ", ".join(f"{name} {shown(value)}" for name, value in settings.items())


def _theory(lab: Lab, theory: TheoryLine) -> Iterator[str]:
    numbers = numbers_of(lab.asked_at(), lab.knobs)
    try:
        if theory.formula is not None:
            evaluate(theory.formula, numbers)
            return
        assert theory.catalog is not None
        given = {name: evaluate(formula, numbers) for name, formula in theory.catalog.parameters.items()}
        quantities = [row.quantity for row in theory_rows(theory.catalog.name, given)]
    except (FormulaProblem, TheoryProblem) as error:
        yield f"theory {theory.label!r}: {error}"
        return
    if theory.catalog.quantity not in quantities:
        known = ", ".join(quantities)
        yield f"theory {theory.label!r}: {theory.catalog.quantity!r} is no quantity of it; choose one of {known}"


def outcome_at(lab: Lab, settings: Settings) -> Outcome:
    """What the lab's figures are at a setting, without the charts of a sweep."""
    return run_lab(lab, settings, only_here=True)
