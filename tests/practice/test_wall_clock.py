"""The clock that a test can set, and which nobody else notices."""

import time

import pytest

from practice import wall_clock


def test_without_a_setting_it_is_the_wall_clock(monkeypatch):
    monkeypatch.delenv(wall_clock.VARIABLE, raising=False)
    before = time.time()
    assert before <= wall_clock.now() <= time.time()
    assert wall_clock.speed() == 1.0


def test_a_fast_clock_agrees_with_the_wall_at_its_moment_and_runs_so_many_times_as_fast(monkeypatch):
    since = int(time.time()) - 10
    monkeypatch.setenv(wall_clock.VARIABLE, f"60@{since}")
    passed = time.time() - since
    assert wall_clock.now() == pytest.approx(since + 60 * passed, abs=60)
    assert wall_clock.speed() == 60


def test_a_setting_that_cannot_be_read_is_said(monkeypatch):
    monkeypatch.setenv(wall_clock.VARIABLE, "fast")
    with pytest.raises(ValueError, match="WINDTUNNEL_CLOCK is 'fast'"):
        wall_clock.now()


def test_a_function_is_read_until_it_is_given_back():
    with wall_clock.read_from(lambda: 5.0):
        assert wall_clock.now() == 5.0
    assert wall_clock.now() > 5.0
