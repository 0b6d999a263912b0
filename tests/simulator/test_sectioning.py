"""How long a search for a p99 goes on, held against values whose p99 is known."""

from itertools import pairwise
from math import log
from weakref import ref

import numpy as np
import pytest

from simulator.distributions import Floats
from simulator.results.estimates import nearest_rank
from simulator.results.sketch import RELATIVE_ERROR
from simulator.sectioning import MOST_KEPT, SECTIONS, Look, half_width, looks

TRUE = -log(0.01)
NEVER = 1e-9
BUDGET = 10_000_000


def independent(requests: int, run: int) -> Floats:
    return np.random.default_rng([requests, run]).exponential(size=requests)


@pytest.fixture(scope="module")
def to_the_budget() -> list[Look]:
    return list(looks(independent, NEVER, BUDGET))


def test_each_step_is_about_half_as_long_again_until_the_budget(to_the_budget: list[Look]) -> None:
    sizes = [look.requests for look in to_the_budget]
    assert sizes[:3] == [20_000, 30_000, 45_000]
    assert sizes[-7:] == [n * MOST_KEPT for n in (1, 2, 3, 5, 8, 12, 18)]
    assert all(1.4 < long / short <= 2 for short, long in pairwise(sizes))
    assert to_the_budget[-1].in_all == 9_985_155 <= BUDGET < 9_985_155 + 9 * MOST_KEPT
    assert [look.runs for look in to_the_budget[-2:]] == [20, 26]


def test_every_p99_from_sketches_is_within_the_error_of_the_exact_one(to_the_budget: list[Look]) -> None:
    for look in to_the_budget[-6:-3]:
        whole = np.concatenate([independent(MOST_KEPT, run) for run in range(look.runs - look.pieces, look.runs)])
        assert look.p99_ms == pytest.approx(nearest_rank(whole, 0.99), rel=RELATIVE_ERROR)
        most = 3 * RELATIVE_ERROR * TRUE  # of its ends, and what is added for the error itself
        assert look.half_ms == pytest.approx(half_width(whole), abs=most)


def test_many_runs_make_the_interval_narrower(to_the_budget: list[Look]) -> None:
    one, many = to_the_budget[-7], to_the_budget[-1]
    assert one.half_ms is not None
    assert many.half_ms is not None
    assert many.half_ms - RELATIVE_ERROR * TRUE < one.half_ms / 1.5  # on average sqrt(18) times
    assert many.p99_ms == pytest.approx(TRUE, rel=0.003)


def test_runs_that_differ_among_each_other_make_the_interval_wide() -> None:
    found = list(looks(lambda n, run: independent(n, run) * 2.0**run, NEVER, 3_000_000))
    assert found[-1].pieces == 3
    assert found[-1].half_ms is not None
    assert found[-1].half_ms > 100 * (found[-3].half_ms or 0) / SECTIONS


def test_one_run_is_held_at_a_time() -> None:
    before: list[ref[Floats]] = []

    def latencies_ms(requests: int, run: int) -> Floats:
        assert all(one() is None for one in before), "a run before is still held"
        made = independent(min(requests, 5_000), run)
        before.append(ref(made))
        return made

    assert len(list(looks(latencies_ms, NEVER, BUDGET))) == 15


def test_too_few_answers_are_no_p99() -> None:
    found = list(looks(lambda n, run: independent(100 if n == MOST_KEPT else 10, run), NEVER, BUDGET))
    assert all(look.p99_ms is None and look.half_ms is None for look in found[:-1])
    assert found[-1].p99_ms is None  # 18 times 100


def test_a_run_without_answers_is_no_p99() -> None:
    found = list(looks(lambda n, run: np.zeros(0), NEVER, 2_000_000))
    assert {look.p99_ms for look in found} == {None}


def test_the_half_width_is_students_over_ten_sections_in_order() -> None:
    values = np.random.default_rng(5).exponential(size=12_345)
    singles = [nearest_rank(part, 0.99) for part in np.array_split(values, 10)]
    assert half_width(values) == pytest.approx(2.262157 * np.std(singles, ddof=1) / 10**0.5, rel=1e-6)
    assert half_width(np.sort(values)) > 5 * half_width(values)  # a trend is seen as what it is


def test_no_two_runs_have_the_same_luck() -> None:
    numbers: list[int] = []

    def latencies_ms(requests: int, run: int) -> Floats:
        numbers.append(run)
        return independent(10, run)

    list(looks(latencies_ms, NEVER, BUDGET))
    assert numbers == list(range(26))
