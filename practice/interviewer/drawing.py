"""What a drawing shows by itself and beside the text: its parts and paths, and what passes where it should not."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from practice.interviewer.declared import mismatches, settings_file
from practice.interviewer.quoting import in_plain, quote
from practice.interviewer.state import GraphState, Misplaced, PartState, PathId
from rubrics.places import stem
from simulator import wiring
from simulator.design import Call, ComponentSpec, Design
from simulator.load import static_load

LEAST_WORDS = 5  # of a sentence that explains a part
_WORD = re.compile(r"[a-z0-9]+")
_GENERAL = frozenset(
    stem(one) for one in ("service", "server", "store", "pool", "path", "api", "the", "of", "and", "for", "a", "in")
)


def graph(design: Design | None, sentences: Sequence[str], pixel_sentences: Sequence[str] = ()) -> GraphState:
    """The state of a drawing; `sentences` are those of the answer, `pixel_sentences` those that send pixels about."""
    in_text = tuple(_pixels(pixel_sentences))
    if design is None:
        return GraphState(misplaced=in_text)
    return GraphState(
        is_drawn=True,
        entry=_title(design.traffic.entry, design.components[design.traffic.entry]),
        parts=tuple(_parts(design, sentences)),
        missing=tuple(_missing(design)),
        misplaced=(*in_text, *_registries(design)),
        mismatches=tuple(mismatches(sentences, design)),
    )


def _parts(design: Design, sentences: Sequence[str]) -> Iterator[PartState]:
    loads, unreached = static_load(design), set(wiring.unreached(design))
    stems = [{stem(word) for word in _WORD.findall(in_plain(one).casefold())} for one in sentences]
    long_enough = [found for found, one in zip(stems, sentences, strict=True) if len(one.split()) >= LEAST_WORDS]
    for name, part in design.components.items():
        retried = [call for _, call in wiring.calls_of(part) if call.retries is not None]
        yield PartState(
            name=name,
            title=_title(name, part),
            kind=part.kind,
            load=min(loads[name].load, 1e6) if name in loads and name not in unreached else None,
            is_explained=any(_names(part, name, one) for one in long_enough),
            retries=max((call.retries.attempts - 1 for call in retried if call.retries), default=0),
            retries_are_bounded=all(_is_bounded(call) for call in retried),
        )


def _is_bounded(call: Call) -> bool:
    return call.retries is None or call.retries.budget is not None or call.circuit_breaker is not None


def _title(name: str, part: ComponentSpec) -> str:
    return part.label or name.replace("_", " ")


def _names(part: ComponentSpec, name: str, words: set[str]) -> bool:
    """Whether a sentence speaks of a part: a telling word of its name or label, or all words where none is telling."""
    mine = {stem(word) for word in _WORD.findall(f"{name.replace('_', ' ')} {part.label}".casefold().split(" (")[0])}
    telling = mine - _GENERAL
    return bool(telling & words) if telling else mine <= words


def _missing(design: Design) -> Iterator[PathId]:
    """Paths that the drawing lacks: requests that are asked on, and something from which a model learns."""
    if not wiring.downstream(design.components[design.traffic.entry]):
        yield "request"
    feeds = any(part.kind == "stream" or wiring.fed_by(part) for part in design.components.values())
    if design.training is None and not feeds:
        yield "learning"


def _pixels(sentences: Sequence[str]) -> Iterator[Misplaced]:
    """The broker or database that a sentence sends pixels through, unless it speaks of their keys."""
    for sentence in sentences:
        plain = in_plain(sentence).casefold()
        names = [match.group() for cue in settings_file().never_pixels if (match := re.search(cue, plain)) is not None]
        if names and not re.search(settings_file().keys_only, plain):
            yield Misplaced(part=names[0], quote=quote(sentence) or "")


def _registries(design: Design) -> Iterator[Misplaced]:
    """Registries that requests wait for, not behind a cache."""
    registry = re.compile(settings_file().registry)
    for name in _waited_for(design):
        title = _title(name, design.components[name])
        if registry.search(title.casefold()) or registry.search(name.replace("_", " ")):
            yield Misplaced(part=title)


def _waited_for(design: Design) -> list[str]:
    """Components that a request waits for on its way, without those that only a cache asks."""
    seen: list[str] = []
    stack: list[Any] = [design.traffic.entry]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.append(name)
        part = design.components[name]
        if part.kind in ("cache", "stream"):
            continue
        calls = [call for _, call in wiring.calls_of(part)]
        stack += [call.to for call in calls if not call.fire_and_forget] if calls else wiring.downstream(part)
    return seen
