"""Where the text of an attempt says one thing about the design and the drawing another. No level moves by it.

Only what is clear is said. A number that fits any setting of its kind, wherever in the design, contradicts nothing, and
a count may be the cell's or the fleet's. What is supposed, asked, rejected, copied or said of another system is passed
over.
"""

from collections.abc import Iterator, Sequence
from math import ceil, inf

from practice.attempt import Attempt
from practice.declared import Declared, NumberRule, PartRule, numbers, rules, stance
from practice.drawn import TOGETHER, Setting, parts, settings
from practice.evidence import sought
from practice.scenario_runs import starting_design
from question_bank.quantity import shown
from question_bank.schema import Question
from rubrics.answer_text import said, shingles
from rubrics.schema import DimensionId
from simulator.design import Design
from simulator.spec import Spec

CLOSE, ROUND = 0.02, 0.10
"""A number is the same within 2 percent, and one that is called a round one within 10."""
_SHOWN = 3
_DRAW_IT = "Draw it, or take the words back."


class Contradiction(Spec):
    """A sentence of the answer, the words in it, what is drawn instead, and what to do about it."""

    rule: str
    about: str
    dimension: DimensionId
    quote: str
    written: str
    drawn: str
    advice: str

    @property
    def sentence(self) -> str:
        """All of it but the quote."""
        return f"You wrote \u201c{self.written}\u201d, but {self.drawn}. {self.advice}"


def contradictions(question: Question, attempt: Attempt) -> tuple[Contradiction, ...]:
    """Those between the sections of an attempt and its drawn design; none without a design of the person's own."""
    if attempt.design is None or attempt.design == starting_design(question):
        return ()
    sections = {phase: draft.text for phase, draft in attempt.sections.items()}
    found = said(sections, (), shingles(sought(question).material))
    return between([one.sentence for part in found for one in part if one.why is None], attempt.design)


def between(sentences: Sequence[str], design: Design) -> tuple[Contradiction, ...]:
    """Those between sentences and a design, in the order of the sentences; one for each rule and sentence."""
    drawn, sentences = settings(design), list(dict.fromkeys(sentences))
    found = [one for sentence in sentences for one in _about_numbers(sentence, drawn, design)]
    covered = {(one.quote, _part_of(one.rule)) for one in found}
    of_parts = [one for rule in rules().parts if (one := _about_part(rule, sentences, design)) is not None]
    found += [one for one in of_parts if (one.quote, _part_of(one.rule)) not in covered]
    return tuple(sorted(found, key=lambda one: sentences.index(one.quote)))


def _part_of(rule: str) -> str | None:
    every: tuple[NumberRule | PartRule, ...] = (*rules().numbers, *rules().parts)
    return next((one.part for one in every if one.id == rule), None)


def _about_numbers(sentence: str, drawn: Sequence[Setting], design: Design) -> Iterator[Contradiction]:
    declared = numbers(sentence)
    for rule in dict.fromkeys(one.rule.id for one in declared):
        mine = [one for one in declared if one.rule.id == rule]
        if not any(_fits(one, drawn, design) for one in mine):
            yield from _differing(sentence, mine[0], _of_its_kind(mine[0].rule, drawn), design)


def _of_its_kind(rule: NumberRule, drawn: Sequence[Setting]) -> list[Setting]:
    own = [one for one in drawn if one.kind == rule.setting]
    return own or [one for one in drawn if one.kind in rule.instead]


def _differing(sentence: str, one: Declared, found: Sequence[Setting], design: Design) -> Iterator[Contradiction]:
    rule = one.rule
    if not found:
        if rule.absent is not None:
            yield _contradiction(rule, sentence, one.written, rule.absent, _DRAW_IT)
        return
    there = [setting for setting in found if setting.where != TOGETHER]
    names = "; ".join(_in_words(setting, rule, design) for setting in there[:_SHOWN])
    more = f"; and {len(there) - _SHOWN} more, none of which fits" if len(there) > _SHOWN else ""
    place = f"{there[0].field} of {there[0].where}" if len(there) == 1 else "the one that you mean"
    advice = f"Set {place} to {_to_set(one, design)}, or correct the sentence."
    yield _contradiction(rule, sentence, one.written, f"{names}{more}", advice)


def _to_set(one: Declared, design: Design) -> str:
    """The value to draw for what was written; a count of the fleet becomes one of the cell."""
    if one.rule.setting == "retries":
        return f"{shown(one.value + 1)}, the first try included"
    if one.rule.per_cell and one.value * design.cell.fraction >= 1 and design.cell.fraction < 1:
        return f"{ceil(one.value * design.cell.fraction - 1e-9)}, the cell's part of {shown(one.value)}"
    return _amount(one.value, one.rule)


def _contradiction(rule: NumberRule | PartRule, sentence: str, written: str, drawn: str, advice: str) -> Contradiction:
    return Contradiction(
        rule=rule.id,
        about=rule.about,
        dimension=rule.dimension,
        quote=sentence,
        written=written,
        drawn=drawn,
        advice=advice,
    )


def _fits(one: Declared, drawn: Sequence[Setting], design: Design) -> bool:
    factors = (1.0, design.cell.fraction) if one.rule.per_cell and design.cell.fraction < 1 else (1.0,)
    compared = [*_of_its_kind(one.rule, drawn), *(setting for setting in drawn if setting.kind in one.rule.also)]
    return any(_is_met(one, setting, factor) for setting in compared for factor in factors)


def _is_met(one: Declared, setting: Setting, factor: float) -> bool:
    """Whether a setting can be what was written; a count of the fleet may be rounded to whole ones of the cell."""
    value, room = one.value * factor, 0.0 if factor == 1 else 1.0 - 1e-9
    if one.bound == "below" or (one.bound == "at_most" and not one.rule.is_limit):
        return setting.low <= value * (1 + CLOSE) + room
    if one.bound == "above":
        return setting.high >= value * (1 - CLOSE) - room
    share = ROUND if one.bound == "about" else CLOSE if one.rule.unit is not None or factor != 1 else 1e-9
    return setting.low - value * share - room <= value <= setting.high + value * share + room


def _in_words(setting: Setting, rule: NumberRule, design: Design) -> str:
    value = _amount(setting.low, rule)
    if setting.high != setting.low:
        value += f" to {_amount(setting.high, rule)}"
    if rule.setting == "retries":
        return f"{setting.field} of {setting.where} is {shown(setting.low + 1)}, the first try included"
    words = f"{setting.field} of {setting.where} is {value}"
    if rule.per_cell and design.cell.fraction < 1 and setting.high < inf:
        words += f" in the cell, which is {shown(setting.high / design.cell.fraction)} in the fleet"
    return words


def _amount(value: float, rule: NumberRule) -> str:
    if value == inf:
        return "unlimited"
    if rule.unit == "fraction":
        return f"{shown(value * 100)}%"
    return f"{shown(value)} {rule.unit}" if rule.unit is not None else shown(value)


def _about_part(rule: PartRule, sentences: Sequence[str], design: Design) -> Contradiction | None:
    """What the text says of a part against what is drawn, unless some sentence agrees with the drawing."""
    there = list(dict.fromkeys(parts(design, rule.part)))
    taken = [(sentence, found) for sentence in sentences if (found := stance(rule, sentence)) is not None]
    if any(found.is_for == bool(there) for _, found in taken) or not taken or not (there or rule.absent):
        return None
    sentence, found = taken[0]
    if not there:
        return _contradiction(rule, sentence, found.written, rule.absent or "", _DRAW_IT)
    drawn = f"the drawn design has {rule.about} at {', '.join(there[:_SHOWN])}"
    return _contradiction(rule, sentence, found.written, drawn, "Take it out of the drawing, or correct the sentence.")
