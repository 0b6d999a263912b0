"""What a round is: its minutes and how they are shared, profile, target level and mode. Minutes are whole."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from practice.phases import planned_minutes
from rubrics.hire_signal import TargetLevel
from rubrics.schema import DIMENSIONS, PHASES, DimensionId, PhaseId
from simulator.spec import Count, Positive, Spec
from simulator.yaml_text import read_own_yaml

ProfileId = Literal["balanced", "applied_ml", "infrastructure"]
ModeId = Literal["self_study", "mock"]
Shown = Literal["hints", "references", "suggestions", "phase_points", "facts_asked", "run_checks"]
Action = Literal["reveal_facts", "take_peak_as_given", "ask_missing_path", "pick_second_topic", "want_summary"]

SHORTEST_PHASE = 2  # minutes, of what a profile leaves
_OF = 45  # minutes of the round that a profile's shifts are for
_TAKES_THE_REST: PhaseId = "detailed_design"


class Profile(Spec):
    """A kind of interview: which phases get more time and which dimensions more weight than the question says."""

    id: ProfileId
    title: str
    says: str
    minutes: dict[PhaseId, int]
    weights: dict[DimensionId, int]

    @model_validator(mode="after")
    def _shifts_add_up_to_nothing(self) -> Self:
        for what in ("minutes", "weights"):
            if total := sum(getattr(self, what).values()):
                raise ValueError(f"{what} of profile {self.id} add up to {total}; what one gains another must lose")
        return self


class Mode(Spec):
    """Whether a round teaches or examines: what may be on the screen while it runs, and whether it may be paused."""

    id: ModeId
    title: str
    says: str
    shows: tuple[Shown, ...]
    may_pause: bool


class PhaseEnd(Spec):
    """What the clock says before a phase ends, and what is done when it has ended."""

    id: PhaseId
    warn_left_min: Positive
    warning: str
    action: Action


class Close(Spec):
    """What is said when the five phases are over, and when the round is."""

    warning: str
    over: str


class _File(Spec):
    presets: tuple[Count, ...]
    profiles: tuple[Profile, ...]
    modes: tuple[Mode, ...]
    phases: tuple[PhaseEnd, ...]
    close: Close


class Round(Spec):
    """A round as it was begun; it does not change while it runs."""

    minutes: Annotated[int, Field(ge=20, le=120)]
    phase_minutes: dict[PhaseId, Annotated[int, Field(ge=1, le=90)]]
    profile: ProfileId = "balanced"
    level: TargetLevel = "senior"
    mode: ModeId = "self_study"

    @model_validator(mode="after")
    def _phases_fit_into_it(self) -> Self:
        if missing := [one for one in PHASES if one not in self.phase_minutes]:
            raise ValueError(f"phase_minutes lacks {', '.join(missing)}; give every phase its minutes")
        if (total := sum(self.phase_minutes.values())) > self.minutes:
            raise ValueError(f"the phases take {total} minutes, and the round has {self.minutes}; shorten some")
        return self

    @property
    def close_minutes(self) -> int:
        """What is left after the five phases."""
        return self.minutes - sum(self.phase_minutes.values())

    def shows(self, what: Shown) -> bool:
        """Whether something may be on the screen while the round runs."""
        return what in mode(self.mode).shows

    @property
    def may_pause(self) -> bool:
        return mode(self.mode).may_pause


def presets() -> tuple[int, ...]:
    """The lengths of a round that are offered, in minutes."""
    return _data().presets


def profiles() -> tuple[Profile, ...]:
    return _data().profiles


def profile(profile_id: ProfileId) -> Profile:
    return next(one for one in profiles() if one.id == profile_id)


def mode(mode_id: ModeId) -> Mode:
    return next(one for one in _data().modes if one.id == mode_id)


def phase_end(phase: PhaseId) -> PhaseEnd:
    """What the clock says and does at the end of a phase."""
    return _data().phases[PHASES.index(phase)]


def close() -> Close:
    return _data().close


def new_round(
    minutes: int, *, profile_id: ProfileId = "balanced", level: TargetLevel = "senior", mode_id: ModeId = "self_study"
) -> Round:
    """A round with the phase times of its length and profile, which may be edited before it begins."""
    return Round(
        minutes=minutes,
        phase_minutes=shared_minutes(minutes, profile_id),
        profile=profile_id,
        level=level,
        mode=mode_id,
    )


def shared_minutes(minutes: int, profile_id: ProfileId) -> dict[PhaseId, int]:
    """The minutes of each phase: the plan of the round's length, moved as the profile says."""
    shifts = profile(profile_id).minutes
    planned = planned_minutes(minutes)
    moved = {one: planned[one] + round(shifts.get(one, 0) * minutes / _OF) for one in PHASES}
    moved = {one: max(SHORTEST_PHASE, found) for one, found in moved.items()}
    moved[_TAKES_THE_REST] += sum(planned.values()) - sum(moved.values())
    return moved


def shifted_weights(weights: dict[DimensionId, int], profile_id: ProfileId) -> dict[DimensionId, int]:
    """A question's weights moved as the profile says: each 1 or more, and 100 in all."""
    shifts = profile(profile_id).weights
    moved = {one: max(1, weights[one] + shifts.get(one, 0)) for one in DIMENSIONS}
    while (excess := sum(moved.values()) - sum(weights.values())) > 0:
        heaviest = max(moved, key=lambda one: moved[one])
        moved[heaviest] -= min(excess, max(1, moved[heaviest] // 10))
    return moved


@cache
def _data() -> _File:
    text = Path(__file__).with_name("rounds.yaml").read_text(encoding="utf-8")
    found = _File.model_validate_json(json.dumps(read_own_yaml(text)))
    assert tuple(one.id for one in found.phases) == PHASES, "rounds.yaml follows the order of rubrics.schema.PHASES"
    return found
