"""The one rule from found concepts to a level."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.levels import Status, level_from_items

TIERS = {**{f"core{n}": "core" for n in range(10)}, "plus": "plus", "staff": "staff"}


def items(adopted: int, **more: str) -> dict[str, str]:
    return {**{f"core{n}": "adopted" for n in range(adopted)}, **more}


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ({}, 0),
        ({"core1": "rejected", "plus": "rejected_with_reason"}, 0),
        ({"plus": "named_only"}, 1),
        (items(4), 1),
        (items(5), 2),
        (items(10), 2),
        (items(6, plus="adopted"), 2),
        (items(6, plus="adopted_with_support"), 3),
        (items(6, staff="adopted_with_support"), 3),
        (items(5, plus="adopted_with_support"), 2),
        (items(6, core0="adopted_with_support"), 2),
        (dict.fromkeys(TIERS, "adopted_with_support"), 3),
    ],
)
def test_a_level_by_hand(found, level):
    assert level_from_items(found, TIERS) == level


def test_shares_are_exact_at_their_edge():
    tiers = {f"c{n}": "core" for n in range(20)} | {"p": "plus"}
    nine = {f"c{n}": "adopted" for n in range(9)}  # 45 percent of 20
    twelve = {f"c{n}": "adopted" for n in range(12)} | {"p": "adopted_with_support"}
    assert (level_from_items(nine, tiers), level_from_items(twelve, tiers)) == (2, 3)
    assert level_from_items(dict(list(nine.items())[1:]), tiers) == 1


def test_a_dimension_without_anything_beyond_its_core_can_reach_3():
    assert level_from_items({"a": "adopted_with_support"}, {"a": "core"}) == 3


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (items(3), 1),
        (items(4), 2),
        (items(5, core0="adopted_with_support"), 3),
        (items(5), 2),
        (items(4, core0="adopted_with_support", plus="adopted"), 2),
        (items(4, core0="adopted_with_support", plus="adopted", staff="adopted"), 3),
        (items(4, core0="adopted_with_support"), 2),
    ],
)
def test_a_finder_that_finds_less_is_held_to_smaller_shares(found, level):
    assert level_from_items(found, TIERS, reach=0.8) == level  # 36 and 48 percent of ten


ORDER = ["not_found", "named_only", "adopted", "adopted_with_support"]


@given(
    st.dictionaries(st.sampled_from(sorted(TIERS)), st.sampled_from(ORDER)),
    st.sampled_from(sorted(TIERS)),
    st.floats(0.1, 1),
)
def test_finding_less_never_raises_a_level(found: dict[str, Status], name: str, reach: float):
    less = {**found, name: ORDER[max(0, ORDER.index(found.get(name, "not_found")) - 1)]}
    assert level_from_items(less, TIERS, reach=reach) <= level_from_items(found, TIERS, reach=reach) <= 3
