"""The level that the words of an answer suggest in each dimension: 0-3, or None where the finder abstains.

Concepts become a level by the rule that the model grader uses too (`levels.py`), with shares for what words alone can
find; trade-offs by their choices. Level 3 is "right for this case, with a reason or number from it", so nothing is above
2 in an answer that decides on no number of its own. Level 4 is never suggested.
"""

from collections.abc import Sequence

from rubrics.choices import Choice
from rubrics.finder import Finding, Findings
from rubrics.levels import level_from_items
from rubrics.schema import DIMENSIONS, DimensionId
from simulator.spec import Spec

REACH = 0.7
"""Words find about so much of what a good answer holds (measured, `docs/scoring.md`); the shares shrink by it."""
LONG_WORDS, REASONED_SENTENCES, LITTLE_SHARE = 200, 6, 0.20
OWN_NUMBERS = 4
"""Sentences with a number that the question did not give: generic answers have 0-2, those about this case 5 or more."""
HOLLOW_SENTENCES, HOLLOW_SHARE = 8, 0.60
TOP_SUGGESTION = 3
LITTLE_FOUND = (
    "I found little in a long answer, so I suggest no levels. It may be there in words that I do not know; "
    "point to the sentences."
)
HOLLOW = (
    "Nearly every sentence gives a reason and hardly one a number of its own, so I cannot tell whether the reasons hold "
    "and suggest no levels. Say how much, how long or how many."
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
    if (reason := abstains(found)) is not None:
        return {one: Suggestion(dimension=one, level=None, sentence=reason) for one in asked}
    return {one: _trade_offs(found) if one == "tradeoffs_judgment" else _by_concepts(one, found) for one in asked}


def abstains(found: Findings) -> str | None:
    """Why no level is suggested, or None."""
    if found_little(found):
        return LITTLE_FOUND
    return HOLLOW if is_hollow(found) else None


def found_little(found: Findings) -> bool:
    """Whether a long answer that argues speaks of few of the concepts: its words are unusual, or it is off the point.

    A list, or text without numbers and reasons, is judged by what it holds.
    """
    spoken_of = sum(one.status != "not_found" for one in found.concepts)
    argues = found.words >= LONG_WORDS and found.reasoned >= REASONED_SENTENCES
    return argues and spoken_of < LITTLE_SHARE * len(found.concepts)


def is_hollow(found: Findings) -> bool:
    """Whether an answer is all reasons and no numbers, as text is that only sounds right."""
    if is_about_this_case(found) or found.sentences < HOLLOW_SENTENCES:
        return False
    return found.with_reason > HOLLOW_SHARE * found.sentences


def is_about_this_case(found: Findings) -> bool:
    """Whether the answer decides on numbers of its own, outside the estimate."""
    return found.with_own_number >= OWN_NUMBERS


def _by_concepts(dimension: DimensionId, found: Findings) -> Suggestion:
    concepts = found.of(dimension)
    statuses, tiers = {one.concept: one.status for one in concepts}, {one.concept: one.tier for one in concepts}
    specific = is_about_this_case(found)
    level = level_from_items(statuses, tiers, reach=REACH if specific else 1.0)
    level = max(min(level, TOP_SUGGESTION if specific else TOP_SUGGESTION - 1), int(dimension in found.named))
    core = [one for one in concepts if one.tier == "core"]
    return Suggestion(
        dimension=dimension,
        level=level,
        sentence=_sentence(sum(one.is_adopted for one in core), len(core), _supported(concepts), level, specific),
        evidence=tuple(dict.fromkeys(one.sentence for one in concepts if one.is_adopted and one.sentence)),
    )


def _supported(concepts: Sequence[Finding]) -> str | None:
    """The concept that opens level 3: one beyond the core if there is one."""
    found = [one for one in concepts if one.status == "adopted_with_support"]
    return next((one.label for one in sorted(found, key=lambda one: one.tier == "core")), None)


def _sentence(adopted: int, core: int, supported: str | None, level: int, specific: bool) -> str:
    if level == 0:
        return "I could not find it; point to the sentence if it is there."
    said = f"I found {adopted} of {core} core concepts adopted"
    if level == TOP_SUGGESTION and supported is not None:
        said += f" and, with support, {supported[0].lower()}{supported[1:]}"
    more = "" if specific else " Level 3 needs numbers of your own: how much, how long, from when on."
    return f"{said}. For what I could not find, point to the sentence.{more}"


def _trade_offs(found: Findings) -> Suggestion:
    reasoned = [one for one in found.choices if one.is_reasoned]
    weighed = [one for one in reasoned if one.is_weighed]
    concepts = [one for one in found.of("tradeoffs_judgment") if one.is_adopted]
    elsewhere = [one for one in concepts if one.sentence not in {choice.sentence for choice in reasoned}]
    count = len(reasoned) + len(elsewhere)
    if is_about_this_case(found) and count >= 2 and (weighed or concepts):
        level = 3
    elif reasoned or (is_about_this_case(found) and concepts):
        level = 2
    else:
        named = any(one.status == "named_only" for one in found.of("tradeoffs_judgment"))
        level = int(named or bool(concepts) or bool(found.choices) or "tradeoffs_judgment" in found.named)
    return Suggestion(
        dimension="tradeoffs_judgment",
        level=level,
        sentence=_choices_sentence(reasoned, weighed, level),
        evidence=tuple(dict.fromkeys([*(one.sentence for one in found.choices), *_sentences(elsewhere)])),
    )


def _sentences(concepts: Sequence[Finding]) -> list[str]:
    return [one.sentence for one in concepts if one.sentence]


def _choices_sentence(reasoned: Sequence[Choice], weighed: Sequence[Choice], level: int) -> str:
    if level == 0:
        return "I could not find a choice; point to the sentence if it is there."
    return (
        f"I found {len(reasoned)} choices with an alternative and a reason, {len(weighed)} of them with what is lost "
        "or when it would turn. For others, point to the sentence."
    )
