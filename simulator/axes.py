"""Axes for a grid: which numbers of a design to turn, and which values to try."""

from collections.abc import Iterable, Sequence

from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import value_at, with_value
from simulator.load import static_load
from simulator.sliders import Slider
from simulator.support import DoesNotRunYet, check
from simulator.sweep import Axis

WIDE = 8.0  # from this ratio of the ends on, values are spread by ratio


def axis(slider: Slider, now: float | None, count: int) -> Axis:
    """About `count` values of a slider from end to end, on its steps and with the present value among them; spread by
    ratio where the range is wide.
    """
    low, high = slider.low, slider.high
    wide = low > 0 and high / low >= WIDE and (high - low) / slider.step >= count
    shares = [i / max(1, count - 1) for i in range(count)]
    spread = [low * (high / low) ** share if wide else low + (high - low) * share for share in shares]
    values = {_on_step(value, slider) for value in spread}
    if now is not None and now not in values:
        inner = sorted(values)[1:-1] if low <= now <= high else []
        if inner and len(values) >= count:
            values.remove(min(inner, key=lambda value: abs(value - now)))
        values.add(_number(now, slider))
    return Axis(path=slider.path, values=tuple(sorted(values)))


def _on_step(value: float, slider: Slider) -> int | float:
    steps = round((value - slider.low) / slider.step)
    return _number(min(slider.high, max(slider.low, slider.low + steps * slider.step)), slider)


def _number(value: float, slider: Slider) -> int | float:
    return round(value) if slider.is_whole else float(f"{value:.10g}")


def turnable(design: Design, sliders: Iterable[Slider]) -> list[Slider]:
    """The sliders that have a place in the design and a number there, or none where one may be."""
    return [one for one in sliders if _has_place(design, one)]


def _has_place(design: Design, slider: Slider) -> bool:
    try:
        now = value_at(design, slider.path)
    except DesignProblem:
        return False
    return isinstance(now, int | float) or (now is None and slider.may_be_off)


def by_sensitivity(design: Design, sliders: Sequence[Slider]) -> list[Slider]:
    """The sliders, those that move the load of the fullest component most first; equals keep their order.

    The load is arithmetic, so that nothing has to run; how much a turn from end to end changes it.
    """
    return sorted(sliders, key=lambda slider: -_reach(design, slider))


def _reach(design: Design, slider: Slider) -> float:
    loads = []
    for value in (slider.low, slider.high):
        try:
            turned = with_value(design, slider.path, _number(value, slider))
            check(turned)
        except (DesignProblem, DoesNotRunYet):
            continue
        loads.append(max((one.load for one in static_load(turned).values()), default=0.0))
    return abs(loads[1] - loads[0]) if len(loads) == 2 else 0.0
