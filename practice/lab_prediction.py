"""What was predicted in a lab, beside what it shows."""

from math import isfinite
from typing import Any

from practice.prediction import CLOSE, SMALLEST
from question_bank.labs import Band, ChoiceWanted, Lab

Said = float | str | None
CLOSE_POINTS = 0.05
LARGE_SHARE = 0.25  # from here on shares are compared by their difference


def note_of(lab: Lab, said: Said) -> dict[str, Any]:
    """What is kept of a prediction: also what it was for, since a lab may be changed. None is a question skipped."""
    return {"said": said, "figure": lab.predict.figure, "at": lab.asked_at()}


def kept_prediction(lab: Lab, note: Any) -> tuple[bool, Said]:
    """Whether a note is a prediction for the lab as it is now, and what was said."""
    if not isinstance(note, dict) or note != {**note_of(lab, None), "said": note.get("said")}:
        return False, None
    said = note["said"]
    if said is None:
        return True, None
    if isinstance(lab.predict, ChoiceWanted):
        known = any(band.id == said for band in lab.predict.bands)
        return known, said if known else None
    is_number = isinstance(said, int | float) and not isinstance(said, bool) and isfinite(said)
    return is_number, float(said) if is_number else None


def how_far(said: float, value: float, unit: str) -> str:
    """How far a predicted number is off, such as `a factor of 3.6 too low`; shares that are not small by points."""
    side = "high" if said > value else "low"
    if unit == "share" and max(said, value) >= LARGE_SHARE:
        points = abs(said - value)
        return "close" if points <= CLOSE_POINTS else f"{points * 100:.0f} points too {side}"
    ratio = max(said, value, SMALLEST) / max(min(said, value), SMALLEST)
    if ratio <= CLOSE:
        return "close"
    return f"a factor of {ratio:.1f} too {side}" if ratio < 100 else f"too {side} by far"


def right_band(wanted: ChoiceWanted, value: float) -> Band | None:
    """The answer that the measured value lies in."""
    return next((band for band in wanted.bands if band.holds(value)), None)
