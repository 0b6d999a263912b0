"""What an interviewer knows at one moment of a round. Shares are 0-1; moments are seconds since the epoch.

Types of its own, so that whoever reads the text, judges the sheet or runs the design can fill them in.
"""

from typing import Literal

from pydantic import Field

from practice.rounds import ModeId, Round
from rubrics.hire_signal import TargetLevel
from rubrics.schema import DimensionId, PhaseId
from simulator.spec import Spec

Status = Literal["adopted_with_support", "adopted", "named_only", "rejected_with_reason", "rejected", "not_found"]
Tier = Literal["core", "plus", "staff"]
RowJudged = Literal["empty", "ok", "partial", "wrong", "no_unit", "unreadable"]
PathId = Literal["request", "learning"]
MoveKind = Literal["probe", "clock", "twist", "help", "hint"]
ADOPTED: tuple[Status, ...] = ("adopted_with_support", "adopted")


class ConceptState(Spec):
    """One of the question's concepts: its best status so far and the sentence that shows it."""

    id: str
    dimension: DimensionId
    tier: Tier
    label: str
    status: Status
    sentence: str | None = None

    @property
    def is_adopted(self) -> bool:
        return self.status in ADOPTED

    @property
    def is_named(self) -> bool:
        """Whether it was spoken of, and not against."""
        return self.is_adopted or self.status == "named_only"


class TopicState(Spec):
    """Something that the rules listen for; `quote` are words of the answer that speak of it."""

    id: str
    status: Status = "not_found"
    quote: str | None = None

    @property
    def is_adopted(self) -> bool:
        return self.status in ADOPTED

    @property
    def is_named(self) -> bool:
        return self.is_adopted or self.status == "named_only"


class ChoiceState(Spec):
    """A choice in one sentence of the answer."""

    sentence: str
    has_alternative: bool
    has_condition: bool


class Crammed(Spec):
    """A sentence that strings terms together, or that was copied from the question."""

    sentence: str
    terms: int


class RowState(Spec):
    """A worksheet row: `said` as it was typed, the `reference` it is held against, and the `ratio` of the two."""

    id: str
    label: str
    unit: str
    judged: RowJudged
    said: str = ""
    reference: str = ""
    ratio: float | None = None
    cause: str | None = None
    is_used: bool = False
    is_money: bool = False


class PartState(Spec):
    """A component of the drawing. `load` is the share of its capacity that is asked for, by arithmetic."""

    name: str
    title: str
    kind: str
    load: float | None = None
    is_explained: bool = False
    retries: int = 0
    retries_are_bounded: bool = True


class Misplaced(Spec):
    """Something that should not pass a part: pixels a broker or database, every request a registry."""

    part: str
    quote: str = ""


class Mismatch(Spec):
    """A setting that the text and the design give differently."""

    setting: str
    written: str
    used: str


class GraphState(Spec):
    """The drawing: its parts in the order of the design, the paths that it lacks, and where it contradicts the text."""

    is_drawn: bool = False
    entry: str | None = None
    parts: tuple[PartState, ...] = ()
    missing: tuple[PathId, ...] = ("request", "learning")
    misplaced: tuple[Misplaced, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


class RunState(Spec):
    """A finished run of the design as it is now. `after_share` is the share in time after the fault was repaired, at
    `repaired_at_s`; utilization is that of the bottleneck.
    """

    scenario: str
    title: str
    steady: bool
    passed: bool
    bottleneck: str | None = None
    p99_ms: float | None = None
    promised_ms: float | None = None
    utilization: float | None = None
    in_time_share: float | None = None
    fallback_share: float | None = None
    repaired_at_s: float | None = None
    after_share: float | None = None


class LatencySum(Spec):
    """Milliseconds that the text gives to stages, added up."""

    sum_ms: float
    quote: str


class Hands(Spec):
    """What the person is doing: seconds since the last keystroke (None: none yet) and since anything at all; `saved`
    says that a section has been saved, or left, since that keystroke.
    """

    key_s: float | None = None
    idle_s: float = 0.0
    saved: bool = False


class Said(Spec):
    """Something that the interviewer said, why, and what was answered; kept with the attempt as evidence.

    `id` names the rule, follow-up, rung or action; `wording` is 1 for its second wording. `is_supported` is None until
    an answer is judged; `is_told` marks a fact given after "I don't know", `is_hinted` a hint.
    """

    at: float
    kind: MoveKind
    id: str
    text: str
    why: str
    phase: PhaseId
    dimension: DimensionId | None = None
    topic: str = ""
    subject: str = ""
    rung: int | None = None
    wording: int = 0
    fact: str = ""
    answer: str = ""
    answered_at: float | None = None
    is_supported: bool | None = None
    is_told: bool = False
    is_hinted: bool = False


class State(Spec):
    """Everything that the rules look at. Times in seconds are negative in overtime."""

    at: float
    round: Round
    phase: PhaseId
    phase_s: float
    phase_left_s: float
    round_left_s: float
    is_running: bool = True
    texts: dict[PhaseId, str] = Field(default_factory=dict)
    must_facts: int = 0
    must_facts_asked: int = 0
    about: tuple[str, ...] = ()
    concepts: tuple[ConceptState, ...] = ()
    topics: tuple[TopicState, ...] = ()
    choices: tuple[ChoiceState, ...] = ()
    crammed: tuple[Crammed, ...] = ()
    rows: tuple[RowState, ...] = ()
    graph: GraphState = GraphState()
    runs: tuple[RunState, ...] = ()
    latency_sum: LatencySum | None = None
    promised_p99_ms: float | None = None
    budget_usd_per_month: float | None = None
    said: tuple[Said, ...] = ()
    hands: Hands = Hands()

    @property
    def level(self) -> TargetLevel:
        return self.round.level

    @property
    def mode(self) -> ModeId:
        return self.round.mode

    @property
    def phase_share(self) -> float:
        """How much of the phase's planned time is over."""
        return self.phase_s / (self.round.phase_minutes[self.phase] * 60)

    @property
    def round_share(self) -> float:
        """How much of the round is over."""
        return 1 - self.round_left_s / (self.round.minutes * 60)

    def topic(self, topic_id: str) -> TopicState:
        return next((one for one in self.topics if one.id == topic_id), TopicState(id=topic_id))

    def concept(self, concept_id: str) -> ConceptState | None:
        return next((one for one in self.concepts if one.id == concept_id), None)

    def phase_is_empty(self) -> bool:
        """Whether nothing was written, computed or drawn for the open phase."""
        if self.texts.get(self.phase, "").strip():
            return False
        if self.phase == "capacity_estimation":
            return all(one.judged == "empty" for one in self.rows)
        return not (self.phase == "high_level_design" and self.graph.is_drawn)
