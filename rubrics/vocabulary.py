"""Words that stand for one another: the classes of `data/synonyms.yaml`, applied to a concept's groups of words."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from rubrics.places import Together, stems_of
from simulator.yaml_text import read_yaml

SYNONYMS = Path(__file__).parent / "data" / "synonyms.yaml"


def widened(together: Sequence[Together]) -> tuple[Together, ...]:
    """The same groups, each with every word that stands for one of its own; a group stays apart from the others.

    A word is not added to a group if it, or a word of its stem, is already in another group of the same family: one
    word in a sentence must not do for two.
    """
    return tuple(_widened(groups) for groups in together)


def _widened(groups: Together) -> Together:
    taken = [{stems_of(word) for word in group} for group in groups]
    result = []
    for number, group in enumerate(groups):
        elsewhere = set().union(*(stems for place, stems in enumerate(taken) if place != number))
        added = [word for known in group for word in synonyms(known) if stems_of(word) not in elsewhere]
        taken[number] |= {stems_of(word) for word in added}
        result.append(tuple(dict.fromkeys([*group, *added])))
    return tuple(result)


def synonyms(word: str) -> tuple[str, ...]:
    """The other words of the classes that hold this word in any inflection, in the order of the file."""
    wanted = stems_of(word)
    others = [one for number in _by_stem().get(wanted, ()) for one in _classes()[number]]
    return tuple(one for one in dict.fromkeys(others) if stems_of(one) != wanted)


@cache
def _classes() -> tuple[tuple[str, ...], ...]:
    data = read_yaml(SYNONYMS.read_text(encoding="utf-8"))
    return tuple(tuple(str(word) for word in one) for one in data["classes"])


@cache
def _by_stem() -> dict[tuple[str, ...], list[int]]:
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, words in enumerate(_classes()):
        for word in words:
            index[stems_of(word)].append(number)
    return dict(index)
