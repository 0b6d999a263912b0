"""Labs that run the simulator: one small run for each point, all with the same luck, and theory beside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite

from question_bank.formula import FormulaProblem, evaluate
from question_bank.lab_models.outcome import Chart, Figure, Mark, Outcome, Series, Values, values
from question_bank.labs import (
    KnobSweep,
    Lab,
    Measured,
    Options,
    Picture,
    Setting,
    Settings,
    Simulation,
    TheoryLine,
    TimeSweep,
    numbers_of,
)
from simulator.design import Design
from simulator.knobs import with_value
from simulator.load import static_load
from simulator.results.checks import interval, measure
from simulator.results.replications import Replications, replicate
from simulator.settings import RunSettings
from simulator.theory import TheoryProblem, theory_rows

SEED = 1
_WORST = {"peak_lag_s", "drain_s", "undone_after_s"}  # the worst of the replications; a lab shows their mean
Stage = Callable[[float], None]


@dataclass(frozen=True)
class Point:
    """What one setting gave: for each figure its value and half of its interval, and its values over time."""

    figures: dict[str, tuple[float | None, float | None]]
    over_time: dict[str, Values]
    remarks: tuple[str, ...]


Run = Callable[[Lab, Settings], Point]


def design_at(lab: Lab, settings: Settings) -> Design:
    """The design with every knob where the settings have it. Raise DesignProblem if a value does not fit."""
    assert isinstance(lab.source, Simulation)
    design = lab.source.design
    for knob in lab.knobs:
        value = settings[knob.id]
        if isinstance(knob, Options):
            [chosen] = [one for one in knob.choices if one.id == value]
            writes = list(chosen.set.items())
        else:
            writes = [(path, value) for path in knob.paths]
        for path, written in writes:
            design = with_value(design, path, written)
    return design


def run_settings(source: Simulation) -> RunSettings:
    """How a point of the lab is run."""
    length = {"requests": source.requests} if source.requests is not None else {"duration_s": source.seconds}
    return RunSettings.model_validate(
        {"seed": SEED, "replications": source.replications, "warm_up_s": source.warm_up_s, **length}
    )


def simulate_point(lab: Lab, settings: Settings) -> Point:
    """Run the lab's design at a setting."""
    assert isinstance(lab.source, Simulation)
    design = design_at(lab, settings)
    done = replicate(design, run_settings(lab.source))
    return Point(
        figures={one.id: _measured(one, done) for one in lab.source.figures},
        over_time=_over_time(lab.source, done),
        remarks=tuple(_remarks(design)),
    )


def _measured(figure: Measured, done: Replications) -> tuple[float | None, float | None]:
    check = figure.check(figure.from_s, figure.to_s)
    found, around = measure(check, done), interval(check, done)
    if figure.metric in _WORST and around is not None:
        found = around[0]
    return values([found])[0], None if around is None else around[1]


def _over_time(source: Simulation, done: Replications) -> dict[str, Values]:
    if not isinstance(source.sweep, TimeSweep):
        return {}
    shown = {name for picture in source.pictures for name in picture.figures}
    return {
        one.id: values([measure(one.check(start, end), done) for start, end in _windows(source)])
        for one in source.figures
        if one.id in shown
    }


def _windows(source: Simulation) -> list[tuple[float, float]]:
    assert isinstance(source.sweep, TimeSweep)
    assert source.seconds is not None
    step_s = source.sweep.window_s
    starts = [i * step_s for i in range(round(source.seconds / step_s))]
    return [(start, start + step_s) for start in starts]


def _remarks(design: Design) -> Iterator[str]:
    for name, load in static_load(design).items():
        if load.load >= 1:
            yield (
                f"{name} is asked for {load.load:.0%} of what it can do: its queue grows for as long as the run lasts, "
                "and a longer run would show more."
            )


def simulated_outcome(
    lab: Lab, settings: Settings, run: Run = simulate_point, stage: Stage | None = None, *, only_here: bool = False
) -> Outcome:
    """Run every point of the lab's sweep that `run` does not remember; `stage` is told how far it is and may raise."""
    source = lab.source
    assert isinstance(source, Simulation)
    here = run(lab, settings)
    figures = tuple(
        Figure(one.id, one.label, here.figures[one.id][0], one.unit, here.figures[one.id][1]) for one in source.figures
    )
    if only_here:
        return Outcome(figures, ())
    if isinstance(source.sweep, TimeSweep):
        charts = tuple(_timeline(lab, settings, picture, here) for picture in source.pictures)
    else:
        lines = _lines(lab, settings, source.sweep, run, stage)
        charts = tuple(_chart(lab, settings, picture, lines) for picture in source.pictures)
    return Outcome(figures, charts, here.remarks)


@dataclass(frozen=True)
class _Line:
    """One line's points; `chosen` is the line that the current setting is on."""

    label: str
    chosen: bool
    settings: tuple[Settings, ...]
    points: tuple[Point, ...]


def _lines(lab: Lab, settings: Settings, sweep: KnobSweep, run: Run, stage: Stage | None) -> list[_Line]:
    each = None if sweep.each is None else lab.knob(sweep.each)
    choices = [(one.id, one.label) for one in each.choices] if isinstance(each, Options) else [(None, "")]
    xs = _xs(sweep, settings)
    total, done, lines = len(xs) * len(choices), 0, []
    for choice, label in choices:
        mine: Settings = settings if each is None or choice is None else {**settings, each.id: choice}
        points = []
        for x in xs:
            points.append(run(lab, {**mine, sweep.knob: x}))
            done += 1
            if stage is not None:
                stage(done / total)
        at = tuple({**mine, sweep.knob: x} for x in xs)
        lines.append(_Line(label, mine == settings, at, tuple(points)))
    return lines


def _xs(sweep: KnobSweep, settings: Settings) -> list[Setting]:
    """The values of the sweep and the one chosen, in order."""
    return sorted({*sweep.values, settings[sweep.knob]}, key=float)


def _chart(lab: Lab, settings: Settings, picture: Picture, lines: list[_Line]) -> Chart:
    source, sweep = lab.source, lab.source.sweep  # type: ignore[union-attr]  # only simulations have pictures
    assert isinstance(source, Simulation)
    assert isinstance(sweep, KnobSweep)
    knob = lab.knob(sweep.knob)
    assert knob is not None
    known = {one.id: one for one in source.figures}
    series = []
    for line in lines:
        for name in picture.figures:
            words = known[name].label if not line.label else line.label
            if line.label and len(picture.figures) > 1:
                words = f"{line.label}, {known[name].label}"
            y = values([point.figures[name][0] for point in line.points])
            series.append(Series(words, y, "measured" if line.chosen else "other"))
    [chosen] = [line for line in lines if line.chosen]
    series += [Series(theory.label, theory_values(lab, theory, chosen.settings), "theory") for theory in picture.theory]
    xs = tuple(float(one[sweep.knob]) for one in lines[0].settings)
    return Chart(
        title=picture.title,
        x_label=knob.label,
        x_unit=knob.unit,
        y_unit=known[picture.figures[0]].unit,
        y_label=known[picture.figures[0]].label if len(picture.figures) == 1 else "",
        x=xs,
        series=tuple(series),
        log_x=sweep.log,
        log_y=picture.log_y,
        marks=(Mark(float(settings[sweep.knob]), "now"),),
    )


def theory_values(lab: Lab, theory: TheoryLine, at: tuple[Settings, ...]) -> Values:
    """What theory says at each of some settings; None where it has no answer, such as in overload."""
    return values([_theory(theory, numbers_of(one, lab.knobs)) for one in at])


def _theory(theory: TheoryLine, numbers: dict[str, float]) -> float | None:
    try:
        if theory.formula is not None:
            return evaluate(theory.formula, numbers)
        assert theory.catalog is not None
        given = {name: evaluate(formula, numbers) for name, formula in theory.catalog.parameters.items()}
        rows = theory_rows(theory.catalog.name, given)
    except (FormulaProblem, TheoryProblem):
        return None
    found = next((row.value for row in rows if row.quantity == theory.catalog.quantity), None)
    return found if found is not None and isfinite(found) else None


def _timeline(lab: Lab, settings: Settings, picture: Picture, here: Point) -> Chart:
    source = lab.source
    assert isinstance(source, Simulation)
    assert isinstance(source.sweep, TimeSweep)
    known = {one.id: one for one in source.figures}
    alone = len(picture.figures) == 1
    struck = [one for one in design_at(lab, settings).faults if one.for_s is not None][:1]
    return Chart(
        title=picture.title,
        x_label="Simulated time",
        x_unit="s",
        y_unit=known[picture.figures[0]].unit,
        x=tuple((start + end) / 2 for start, end in _windows(source)),
        series=tuple(
            Series(picture.title if alone else known[name].label, here.over_time[name]) for name in picture.figures
        ),
        log_y=picture.log_y,
        marks=tuple(
            Mark(one.at_s, source.sweep.mark, min(one.at_s + (one.for_s or 0), source.seconds or 0)) for one in struck
        ),
    )
