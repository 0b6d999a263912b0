"""Sentences for people, made from what pydantic says about wrong data."""

from typing import Any

from pydantic import ValidationError

from simulator.spec import NAME_PATTERN

_PLAIN = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a known key; remove it or check its spelling",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be `key: value` lines",
    "model_type": "must be `key: value` lines",
    "model_attributes_type": "must be `key: value` lines",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "finite_number": "must be a finite number",
    "none_required": "must be left out",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_short": "needs at least {min_length}",
    "too_long": "takes at most {max_length}",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "union_tag_not_found": "needs a `kind`",
    "string_pattern_mismatch": "must fit the pattern {pattern}",
}
MOST = 40
_SHOWN = (int, float, str, bool)


def sentences(error: ValidationError, data: Any) -> list[str]:
    """One sentence for each thing that is wrong in `data`: place, value, what is wrong and what to do.

    Of very many the first `MOST` are said, and how many more there are.
    """
    found: dict[str, list[str]] = {}
    inputs: dict[str, Any] = {}
    errors = error.errors(include_url=False)
    for one in errors[:MOST]:
        place = _place(one, data)
        inputs.setdefault(place, one["input"])
        found.setdefault(place, []).append(_said(one))
    said = [
        sentence
        for place, all_said in found.items()
        if not _explained_below(place, inputs[place], found)
        for sentence in _joined(place, inputs[place], list(dict.fromkeys(all_said)))
    ]
    return said if len(errors) <= MOST else [*said, f"{len(errors) - MOST:,} more things are wrong; mend these first"]


def _explained_below(place: str, value: Any, found: dict[str, list[str]]) -> bool:
    """Whether something inside this place is wrong too, which explains it better."""
    return isinstance(value, dict | list | tuple) and any(other.startswith(f"{place}.") for other in found)


def _joined(place: str, value: Any, said: list[str]) -> list[str]:
    if said[0].startswith("!"):  # a whole sentence of our own, or several
        return [line if _has_place(line) or not place else f"{place}: {line}" for line in said[0][1:].split("\n")]
    place = place or "the text"
    if said[0].startswith("must") and isinstance(value, _SHOWN):
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
        place = f"{place} is {shown}, but"
    return [f"{place} {said[0]}" + "".join(f" or {more.removeprefix('must be ')}" for more in said[1:])]


def _has_place(line: str) -> bool:
    return line.startswith(("components.", "traffic.", "faults."))


def _said(one: Any) -> str:
    kind, context = one["type"], one.get("ctx", {})
    if kind == "value_error":
        return f"!{context['error']}"
    if kind == "union_tag_invalid":
        choices = context["expected_tags"].replace("'", "")
        return f"has the kind {context['tag']!r}; choose one of {choices}"
    if context.get("pattern") == NAME_PATTERN:
        return "must be a short name of small letters, digits and _, starting with a letter"
    what: str | None = _PLAIN.get(kind)
    if what:
        return what.format(**context)
    message: str = one["msg"]
    return message[0].lower() + message[1:]


def _place(one: Any, data: Any) -> str:
    """The path as the author wrote it: without the tags that pydantic adds for the members of a union."""
    parts: list[str] = []
    for i, part in enumerate(one["loc"]):
        is_key = isinstance(data, dict) and part in data
        if is_key or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
        elif not (one["type"] == "missing" and i == len(one["loc"]) - 1):
            continue
        parts.append(str(part))
    return ".".join(parts)
