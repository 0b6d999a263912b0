"""From two replies about one dimension to its items and its level, or to the reason why there is none."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from rubrics import remarks
from rubrics.levels import CREDITED_PER_SENTENCE, Status, level_from_items
from rubrics.model_sheet import Entry, Sheet
from rubrics.model_task import Item, Opinion, Task
from rubrics.quotes import is_long_enough

_END = re.compile(r"[.!?](?=\s)|\n|$")


class Answered(NamedTuple):
    """A sheet, and what came back for it."""

    sheet: Sheet
    entries: Mapping[str, Entry]
    speaks_to_grader: bool


def failed_decoy(answered: Answered) -> str | None:
    """The sentence that says which decoy was taken, if one was. The filter has left nothing that speaks to a grader."""
    decoy = answered.entries[answered.sheet.decoy]
    if decoy.state != "absent":
        name = next(one.label for one in answered.sheet.concepts if one.id == answered.sheet.decoy)
        return (
            f"The model found {name!r} in your answer. That concept was invented for this question, so nothing "
            "else that it found can be believed."
        )
    if answered.speaks_to_grader:
        return (
            "The model says that your answer speaks to the one who grades it, and the filter found no such sentence. "
            "One of them is wrong, so no level is shown."
        )
    return None


def opinion(task: Task, first: Answered, second: Answered) -> Opinion:
    """What both replies agree on, with quotations that stand in the text, and the level that follows by the rubric."""
    for answered in (first, second):
        if (reason := failed_decoy(answered)) is not None:
            return Opinion(dimension=task.dimension, problem="decoy", sentence=reason, decoys="failed")
    text = task.prepared.text
    checked = [_checked(one, text) for one in (first, second)]
    states = [{name: entry.state for name, entry in entries.items()} for entries, _ in checked]
    differing = {one.id for one in task.concepts if states[0][one.id] != states[1][one.id]}
    agreed = {one.id: checked[0][0][one.id] for one in task.concepts if one.id not in differing}
    items = _items(task, text, agreed)
    tiers = {one.id: one.tier for one in task.concepts}
    level = level_from_items({one.concept: one.status for one in items}, tiers)
    return Opinion(
        dimension=task.dimension,
        level=level,
        items=items,
        sentence=_sentence_for(items, level),
        decoys="passed",
        made_up=sum(made_up for _, made_up in checked),
        differing=len(differing),
    )


def _sentence_for(items: tuple[Item, ...], level: int) -> str:
    core = [one for one in items if one.tier == "core"]
    beyond = [one for one in items if one.tier != "core"]
    supported = sum(one.status == "adopted_with_support" for one in beyond)
    return (
        f"Both runs found {sum(one.is_adopted for one in core)} of {len(core)} core concepts adopted, and {supported} "
        f"of {len(beyond)} beyond them with support: level {level} by the rubric."
    )


def _checked(answered: Answered, text: str) -> tuple[dict[str, Entry], int]:
    """The entries, those without a quotation from the text made absent, and how many these are."""
    entries, made_up = dict[str, Entry](), 0
    for name, entry in answered.entries.items():
        quote = entry.quote.strip()
        if entry.state == "absent" or (quote in text and is_long_enough(quote, [text])):
            entries[name] = entry.model_copy(update={"quote": quote})
        else:
            entries[name], made_up = Entry(state="absent", quote=""), made_up + 1
    return entries, made_up


def _items(task: Task, text: str, agreed: Mapping[str, Entry]) -> tuple[Item, ...]:
    credited: Counter[tuple[int, int]] = Counter()
    items = []
    for concept in task.concepts:
        entry = agreed.get(concept.id, Entry(state="absent", quote=""))
        status = _status(entry, text, credited)
        quote = "" if status == "not_found" else entry.quote
        items.append(Item(concept=concept.id, label=concept.label, tier=concept.tier, status=status, quote=quote))
    return tuple(items)


def _status(entry: Entry, text: str, credited: Counter[tuple[int, int]]) -> Status:
    """A sentence is credited with three concepts at most; what it lists beyond them is only named."""
    if entry.state == "absent":
        return "not_found"
    if entry.state == "named":
        return "named_only"
    place = _sentence(text, entry.quote)
    sentence, following = text[slice(*place)], _following(text, place[1])
    if entry.state == "rejected":
        return "rejected_with_reason" if remarks.is_reasoned(sentence, following) else "rejected"
    credited[place] += 1
    if credited[place] > CREDITED_PER_SENTENCE:
        return "named_only"
    return "adopted_with_support" if remarks.is_supported(sentence, following) else "adopted"


def _sentence(text: str, quote: str) -> tuple[int, int]:
    """From where to where the sentence reaches in which a quotation stands."""
    at = text.index(quote)
    start = max((match.end() for match in re.finditer(r"[.!?]\s+|\n", text[:at])), default=0)
    end = _END.search(text, max(at, at + len(quote) - 1))
    return start, end.end() if end else len(text)


def _following(text: str, end: int) -> str:
    """The sentence after the one that ends there, if it stands on the same line."""
    rest = text[end:].partition("\n")[0]
    stop = _END.search(rest)
    return rest[: stop.end() if stop else len(rest)].strip()
