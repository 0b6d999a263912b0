"""The numbers of a lab and its charts in words."""

from practice.lab_prediction import Said, how_far, right_band
from question_bank.lab_models import Chart, Figure, Series
from question_bank.labs import ChoiceWanted, Lab, Numbers
from ui.words import milliseconds, share


def shown(value: float | None, unit: str) -> str:
    """A number with its unit, such as `64.9 ms`, `63%` or `1.35M requests`."""
    if value is None:
        return "unknown"
    if unit == "ms":
        return milliseconds(value)
    if unit == "share":
        return share(value)
    return f"{number(value)} {unit}".strip()


def number(value: float) -> str:
    """A number without a unit: `0.0032`, `42.4`, `1,549`, `1.35M`."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.3g}M" if abs(value) < 1e9 else f"{value:.3g}"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def around(figure: Figure) -> str:
    """The interval of a figure, such as `± 0.6 ms`; nothing where it has none."""
    if not figure.half:
        return ""
    if figure.unit == "share":
        return f"\u00b1 {figure.half * 100:.1f} points"
    half = float(f"{figure.half:.2g}")
    if figure.unit == "ms" and half >= 1000:
        return f"\u00b1 {half / 1000:g} s"
    return f"\u00b1 {round_figure(half, figure.unit)}"


def round_figure(value: float, unit: str) -> str:
    """A number that somebody chose, or of which few digits matter: `20 ms` and not `20.0 ms`."""
    return share(value) if unit == "share" else f"{number(value)} {unit}".strip()


def verdict(lab: Lab, said: Said, figure: Figure) -> tuple[bool | None, str]:
    """Whether the prediction was near, and the prediction beside the result in a sentence. None: there is nothing to
    compare.
    """
    source = "the calculation" if isinstance(lab.source, Numbers) else "the simulation"
    result = f"{source} gives {shown(figure.value, figure.unit)} {around(figure)}".strip()
    if said is None:
        return None, f"You skipped the prediction; {result}."
    if figure.value is None:
        return None, f"At these settings {source} gives no number to compare with."
    if isinstance(lab.predict, ChoiceWanted):
        mine = next(band.label for band in lab.predict.bands if band.id == said)
        right = right_band(lab.predict, figure.value)
        if right is not None and right.id == said:
            return True, f"You said \u201c{mine}\u201d; {result}: right."
        answer = "" if right is None else f": the answer was \u201c{right.label}\u201d"
        return False, f"You said \u201c{mine}\u201d; {result}{answer}."
    assert isinstance(said, float)
    off = how_far(said, figure.value, figure.unit)
    return off == "close", f"You said {round_figure(said, figure.unit)}; {result}: {off}."


def chart_words(chart: Chart) -> str:
    """The chart for those who cannot see it: where each line begins, ends and peaks."""
    return f"{chart.title}. " + " ".join(_line(chart, one) for one in chart.series)


def here_words(chart: Chart) -> str:
    """What the lines show at the current setting."""
    now = next((mark.x for mark in chart.marks if mark.text == "now"), None)
    if now is None or now not in chart.x:
        return ""
    at = chart.x.index(now)
    said = [f"{one.name} {shown(one.y[at], chart.y_unit)}" for one in chart.series if one.y[at] is not None]
    return f"At {round_figure(now, chart.x_unit)}: {', '.join(said)}."


def _line(chart: Chart, series: Series) -> str:
    known = [(x, y) for x, y in zip(chart.x, series.y, strict=True) if y is not None]
    if not known:
        return f"{series.name}: nothing to draw."
    places = [known[0], known[-1]]
    for extreme in (max(known, key=lambda one: one[1]), min(known, key=lambda one: one[1])):
        if extreme[1] not in [y for _, y in places]:
            places.append(extreme)
    said = ", ".join(f"{shown(y, chart.y_unit)} at {round_figure(x, chart.x_unit)}" for x, y in sorted(places))
    return f"{series.name}: {said}."
