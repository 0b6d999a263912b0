"""The level that the words of an answer suggest in each dimension: 0-3, or None where the finder abstains.

Concepts become a level by the rule that the model grader uses too (`levels.py`); trade-offs by their choices. Level 4
is never suggested.
"""

from collections.abc import Sequence

from rubrics.choices import Choice
from rubrics.finder import Finding, Findings
from rubrics.levels import level_from_items
from rubrics.schema import DIMENSIONS, DimensionId
from simulator.spec import Spec

LONG_WORDS, REASONED_SENTENCES, LITTLE_SHARE = 150, 6, 0.20
TOP_SUGGESTION = 3
LITTLE_FOUND = (
    "I found little in a long answer, so I suggest no levels. It may be there in words that I do not know; "
    "point to the sentences."
)


class Suggestion(Spec):
    """One dimension: the suggested level, why, and the sentences of the answer that it rests on."""

    dimension: DimensionId
    level: int | None
    sentence: str
    evidence: tuple[str, ...] = ()


def suggest(found: Findings) -> dict[DimensionId, Suggestion]:
    """A suggestion for each dimension that text can speak for; capacity is the worksheet's."""
    asked: list[DimensionId] = [one for one in DIMENSIONS if one != "capacity"]
    if found_little(found):
        return {one: Suggestion(dimension=one, level=None, sentence=LITTLE_FOUND) for one in asked}
    return {one: _trade_offs(found) if one == "tradeoffs_judgment" else _by_concepts(one, found) for one in asked}


def found_little(found: Findings) -> bool:
    """Whether a long answer that argues speaks of few of the concepts: its words are unusual, or it is off the point.

    A list, or text without numbers and reasons, is judged by what it holds.
    """
    spoken_of = sum(one.status != "not_found" for one in found.concepts)
    argues = found.words >= LONG_WORDS and found.reasoned >= REASONED_SENTENCES
    return argues and spoken_of < LITTLE_SHARE * len(found.concepts)


def _by_concepts(dimension: DimensionId, found: Findings) -> Suggestion:
    concepts = found.of(dimension)
    by_rule = level_from_items(
        {one.concept: one.status for one in concepts}, {one.concept: one.tier for one in concepts}
    )
    level = max(by_rule, int(dimension in found.named))
    core = [one for one in concepts if one.tier == "core"]
    beyond = [one for one in concepts if one.tier != "core"] or core
    supported = [one for one in beyond if one.status == "adopted_with_support"]
    return Suggestion(
        dimension=dimension,
        level=level,
        sentence=_sentence(sum(one.is_adopted for one in core), len(core), supported, level),
        evidence=_quoted(concepts),
    )


def _sentence(adopted: int, core: int, supported: Sequence[Finding], level: int) -> str:
    if level == 0:
        return "I could not find it; point to the sentence if it is there."
    more = f", and beyond them, with support, {supported[0].label.lower()}" if level == TOP_SUGGESTION else ""
    return f"I found {adopted} of {core} core concepts adopted{more}. For what I could not find, point to the sentence."


def _quoted(concepts: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.sentence for one in concepts if one.is_adopted and one.sentence))


def _trade_offs(found: Findings) -> Suggestion:
    reasoned = [one for one in found.choices if one.is_reasoned]
    weighed = [one for one in reasoned if one.is_weighed]
    if len(reasoned) >= 2 and weighed and any(one.has_condition for one in weighed):
        level = 3
    elif reasoned:
        level = 2
    else:
        named = any(one.is_adopted or one.status == "named_only" for one in found.of("tradeoffs_judgment"))
        level = int(named or bool(found.choices) or "tradeoffs_judgment" in found.named)
    return Suggestion(
        dimension="tradeoffs_judgment",
        level=level,
        sentence=_choices_sentence(reasoned, weighed, level),
        evidence=tuple(one.sentence for one in found.choices),
    )


def _choices_sentence(reasoned: Sequence[Choice], weighed: Sequence[Choice], level: int) -> str:
    if level == 0:
        return "I could not find a choice; point to the sentence if it is there."
    return (
        f"I found {len(reasoned)} choices with an alternative and a reason, {len(weighed)} of them with what is lost "
        "or when it would turn. For others, point to the sentence."
    )
