"""What is there when a page is first drawn is set aside from garbage collection, once."""

import gc

import pytest

from ui.garbage import set_aside


@pytest.fixture(autouse=True)
def thawed():
    set_aside.clear()
    gc.unfreeze()
    yield
    gc.unfreeze()
    set_aside.clear()


def test_objects_are_set_aside_with_the_first_drawing_of_a_page_and_not_with_the_next():
    set_aside("wind_tunnel")
    first = gc.get_freeze_count()
    assert first > 10_000
    new = [[] for _ in range(1000)]
    set_aside("wind_tunnel")
    assert gc.get_freeze_count() <= first
    set_aside("review")
    assert gc.get_freeze_count() > first + len(new) / 2


def test_circles_that_nobody_has_are_collected_and_not_set_aside():
    gc.collect()
    before = len(gc.get_objects())
    gc.disable()
    try:
        for _ in range(10_000):
            circle = []
            circle.append(circle)
        del circle
        set_aside("wind_tunnel")
    finally:
        gc.enable()
    assert gc.get_freeze_count() < before + 5_000
