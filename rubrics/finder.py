"""What an answer says about the concepts of a question: each with a status, and the sentence that shows it.

The finder looks for words. It suggests where to look and never awards: sentences that sound right and are wrong get
past it, and what is said in unusual words it does not see.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from rubrics import remarks
from rubrics.answer_text import Said, said, shingles
from rubrics.choices import Choice, TradeoffPair, choices_in
from rubrics.levels import CREDITED_PER_SENTENCE, Status, Tier
from rubrics.places import Place, Together, places
from rubrics.schema import DIMENSIONS, DimensionId, PhaseId
from rubrics.vocabulary import widened
from simulator.spec import Spec

STATUSES: tuple[Status, ...] = get_args(Status)  # from best to worst
NOT_FOUND = "I could not find it; point to the sentence if it is there."
_TIERS: tuple[Tier, ...] = get_args(Tier)


class ConceptCue(Spec):
    """A concept and where to look for it: `cues` are regular expressions, `together` groups of words (`places.py`)."""

    id: str
    dimension: DimensionId
    tier: Tier
    label: str
    cues: tuple[str, ...]
    together: tuple[Together, ...] = ()


class Sought(Spec):
    """What to look for in the answers to one question.

    `material` are the texts of the question that prove nothing when they are copied; `told` those that the person was
    given, whose numbers are not the person's own.
    """

    concepts: tuple[ConceptCue, ...]
    tradeoffs: tuple[TradeoffPair, ...] = ()
    material: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Finding(Spec):
    """One concept's best status, and the sentence of the answer that shows it; `phase` is None in a probe's answer."""

    concept: str
    dimension: DimensionId
    tier: Tier
    label: str
    status: Status
    sentence: str | None = None
    phase: PhaseId | None = None

    @property
    def is_adopted(self) -> bool:
        """Whether the answer speaks for it, with or without support."""
        return self.status in {"adopted", "adopted_with_support"}

    @property
    def remark(self) -> str:
        """The sentence, or what to say where there is none."""
        return self.sentence or NOT_FOUND


class Findings(Spec):
    """All that was found: every concept in the question's order, choices, and sentences that are no evidence.

    `lists` are sentences that only enumerate; `named` are the dimensions spoken of in the most general words, with the
    first sentence that does so. Of everything that was not removed, `words` counts the words, `sentences` the
    sentences, `reasoned` those that give a number, a reason, a mechanism or a consequence, `with_reason` those that
    give a reason, `with_own_number` those outside the capacity section with a number that the question did not give.
    """

    concepts: tuple[Finding, ...]
    choices: tuple[Choice, ...]
    removed: tuple[Said, ...]
    lists: tuple[str, ...]
    named: dict[DimensionId, str]
    words: int
    sentences: int
    reasoned: int
    with_reason: int
    with_own_number: int

    def of(self, dimension: DimensionId) -> tuple[Finding, ...]:
        """The concepts of one dimension."""
        return tuple(one for one in self.concepts if one.dimension == dimension)


class _Read(NamedTuple):
    """A sentence, the one after it in the same section, and the places found in it, by concept."""

    said: Said
    following: str | None
    hits: dict[str, list[Place]]
    is_list: bool


def find(
    sought: Sought, sections: Mapping[PhaseId, str], probes: Sequence[str] = (), *, defenses: bool = True
) -> Findings:
    """Look for every concept and choice in the sections and probe answers; their order does not matter.

    Without `defenses` nothing is taken out and nothing counts as a list, to measure what honest answers lose by them.
    """
    parts = said(sections, probes, shingles(sought.material), defenses=defenses)
    wide = [(concept, widened(concept.together)) for concept in sought.concepts]
    read = [one for part in parts for one in _read(part, wide)]
    if not defenses:
        read = [one._replace(is_list=False) for one in read]
    kept = [one.said for one in read]
    best = _best(sought.concepts, read)
    return Findings(
        concepts=tuple(best[one.id] for one in sought.concepts),
        choices=tuple(choices_in([[one for one in part if one.why is None] for part in parts], sought.tradeoffs)),
        removed=tuple(one for part in parts for one in part if one.why is not None),
        lists=tuple(one.said.sentence for one in read if one.is_list and one.hits),
        named=_named([one.sentence for one in kept]),
        words=sum(remarks.word_count(one.sentence) for one in kept),
        sentences=len(kept),
        reasoned=sum(remarks.support(one.sentence) is not None for one in kept),
        with_reason=sum(remarks.gives_reason(one.sentence) for one in kept),
        with_own_number=_with_own_number(kept, sought.told),
    )


def _read(part: Sequence[Said], wide: Sequence[tuple[ConceptCue, tuple[Together, ...]]]) -> Iterator[_Read]:
    kept = [one for one in part if one.why is None]
    for number, one in enumerate(kept):
        hits = {concept.id: places(one.sentence, concept.cues, together) for concept, together in wide}
        hits = {concept: found for concept, found in hits.items() if found}
        following = kept[number + 1].sentence if number + 1 < len(kept) else None
        yield _Read(one, following, hits, remarks.is_list(one.sentence, len(hits)))


def _with_own_number(kept: Sequence[Said], told: Sequence[str]) -> int:
    given = {number for text in told for number in remarks.numbers(text)}
    return sum(bool(remarks.numbers(one.sentence) - given) for one in kept if one.phase != "capacity_estimation")


def _named(sentences: Sequence[str]) -> dict[DimensionId, str]:
    found = {one: next((line for line in sentences if remarks.names(one, line)), None) for one in DIMENSIONS}
    return {dimension: sentence for dimension, sentence in found.items() if sentence is not None}


def _best(concepts: Sequence[ConceptCue], read: Sequence[_Read]) -> dict[str, Finding]:
    best = {one.id: _finding(one, "not_found", None) for one in concepts}
    by_id = {one.id: one for one in concepts}
    for one in read:
        for concept, status in _statuses(one, by_id):
            if STATUSES.index(status) < STATUSES.index(best[concept].status):
                best[concept] = _finding(by_id[concept], status, one.said)
    return best


def _statuses(read: _Read, by_id: Mapping[str, ConceptCue]) -> Iterator[tuple[str, Status]]:
    """The status of each concept that one sentence speaks of; beyond three concepts, the later ones are only named."""
    order = sorted(read.hits, key=lambda one: (_TIERS.index(by_id[one].tier), min(read.hits[one]).start, one))
    credited = 1 if remarks.is_crowded(read.said.sentence, len(order)) else CREDITED_PER_SENTENCE
    only_named = read.is_list or remarks.asks(read.said.sentence)
    reasoned = remarks.is_reasoned(read.said.sentence, read.following)
    supported = remarks.is_supported(read.said.sentence, read.following)
    for number, concept in enumerate(order):
        if all(place.rejected for place in read.hits[concept]):
            yield concept, "rejected_with_reason" if reasoned else "rejected"
        elif only_named or number >= credited:
            yield concept, "named_only"
        else:
            yield concept, "adopted_with_support" if supported else "adopted"


def _finding(concept: ConceptCue, status: Status, where: Said | None) -> Finding:
    return Finding(
        concept=concept.id,
        dimension=concept.dimension,
        tier=concept.tier,
        label=concept.label,
        status=status,
        sentence=where.sentence if where else None,
        phase=where.phase if where else None,
    )
