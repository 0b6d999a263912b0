"""Where text and design give the same setting differently. Only what both say clearly counts."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from practice.interviewer.quoting import in_plain
from practice.interviewer.state import Mismatch
from question_bank.schema import Pattern
from simulator import wiring
from simulator.design import Cache, ComponentSpec, Design, FixedHits, ModelServer, Store
from simulator.load import mean_items
from simulator.spec import Name, Spec
from simulator.yaml_text import read_own_yaml

WITHIN = 0.02
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_WORD = re.compile(r"[a-z0-9]+")


class Setting(Spec):
    """A setting, the words by which a text names it, and the field of a design that holds it.

    With `needs_part` the sentence must name the component; with `scale` the number of the whole fleet is as right as
    the cell's; with `per_request` a number of requests is as right as that of their items.
    """

    id: Name
    title: str
    cues: tuple[Pattern, ...]
    field: Name
    needs_part: bool = False
    scale: bool = False
    per_request: bool = False
    percent: bool = False


class SettingsFile(Spec):
    """`settings_in_text.yaml`."""

    settings: tuple[Setting, ...]
    never_pixels: tuple[Pattern, ...]
    keys_only: Pattern
    registry: Pattern


@cache
def settings_file() -> SettingsFile:
    text = Path(__file__).with_name("settings_in_text.yaml").read_text(encoding="utf-8")
    return SettingsFile.model_validate_json(json.dumps(read_own_yaml(text)))


def mismatches(sentences: Sequence[str], design: Design) -> Iterator[Mismatch]:
    """Settings that a sentence gives otherwise than every component that has them; each setting once."""
    seen: set[str] = set()
    for sentence in sentences:
        plain = in_plain(sentence).casefold()
        for setting in settings_file().settings:
            found = _differs(setting, plain, design)
            if found is not None and found.setting not in seen:
                seen.add(found.setting)
                yield found


def _differs(setting: Setting, sentence: str, design: Design) -> Mismatch | None:
    written = _written(setting, sentence)
    if written is None or written <= 0:
        return None
    parts = _named(sentence, design) if setting.needs_part else list(design.components)
    if setting.needs_part and len(parts) != 1:
        return None
    used = [value for name in parts for value in _values(setting, design.components[name])]
    if not used or any(_is_near(written, right) for one in used for right in _also_right(setting, one, design)):
        return None
    where = f"{setting.title} of {parts[0]}" if setting.needs_part else setting.title
    unit = "%" if setting.percent else " ms" if setting.field.endswith("_ms") else ""
    shown = min(used) * (100 if setting.percent else 1)
    return Mismatch(setting=where, written=f"{written:,.6g}{unit}", used=f"{shown:,.6g}{unit}")


def _written(setting: Setting, sentence: str) -> float | None:
    for cue in setting.cues:
        if (match := re.search(cue, sentence)) is not None:
            text = match["n"].rstrip(".,").replace(",", "")
            try:
                return float(_NUMBERS.get(text, text))
            except ValueError:
                return None
    return None


def _also_right(setting: Setting, used: float, design: Design) -> Iterator[float]:
    yield used * 100 if setting.percent else used
    if setting.scale:
        yield used / design.cell.fraction
    if setting.per_request:
        yield used / mean_items(design)


def _is_near(one: float, other: float) -> bool:
    return abs(one - other) <= WITHIN * max(abs(one), abs(other))


def _named(sentence: str, design: Design) -> list[str]:
    """The components that a sentence names, by name or by all words of their label."""
    words = set(_WORD.findall(sentence))
    found = []
    for name, part in design.components.items():
        by_label = set(_WORD.findall(part.label.casefold().split(" (")[0]))
        if set(name.split("_")) <= words or (by_label and by_label <= words):
            found.append(name)
    return found


def _values(setting: Setting, part: ComponentSpec) -> Iterator[float]:
    """What a component has for the setting; nothing where it has no such thing."""
    match setting.field:
        case "replicas":
            yield from [float(part.replicas)] if hasattr(part, "replicas") else []
        case "max_items" | "max_wait_ms":
            if isinstance(part, ModelServer) and (value := getattr(part, setting.field)) != "unlimited":
                yield float(value)
        case "hit_ratio":
            if isinstance(part, Cache) and isinstance(part.contents, FixedHits):
                yield part.contents.hit_ratio
        case "shards":
            yield from [float(part.shards)] if isinstance(part, Store) else []
        case "timeout_ms":
            yield from (call.timeout_ms for _, call in wiring.calls_of(part) if call.timeout_ms is not None)
        case "retries":
            yield from (call.retries.attempts - 1.0 for _, call in wiring.calls_of(part) if call.retries is not None)
