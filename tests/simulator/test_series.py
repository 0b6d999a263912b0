"""Many runs in a row through real processes: what they find, how they end early, and who else gets a turn."""

from collections.abc import Iterator

import pytest

from simulator.knobs import with_value
from simulator.results.figures import figures_of
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.series import Series
from simulator.settings import RunSettings
from simulator.workers import Job, Workers
from tests.simulator.designs import a_design, exponential, service

DESIGN = a_design({"web": service() | {"service_time": exponential(0.01)}}, 50.0, arrivals={"kind": "poisson"})
DESIGNS = [with_value(DESIGN, "traffic.arrival_rate_per_s", rate) for rate in (20.0, 40.0, 60.0, 80.0, 95.0)]
QUICK = RunSettings(seed=3, replications=2, requests=400)
HOPELESS = RunSettings(replications=1, requests=400_000)
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    made = Workers(2)
    yield made
    made.close()


class Found(dict[int, Summary | None]):
    def take(self, place: int, job: Job) -> None:
        assert place not in self
        self[place] = job.summary


def test_a_series_finds_what_direct_runs_find_and_says_when_it_is_over(pool: Workers) -> None:
    found = Found()
    series = Series(pool, DESIGNS, QUICK, "me", found.take).start()
    series.wait(PATIENCE_S)
    assert (series.is_over, series.is_cancelled, series.progress) == (True, False, 1.0)
    assert found == {place: summarize(replicate(design, QUICK)) for place, design in enumerate(DESIGNS)}


def test_brief_runs_find_the_figures_of_the_summaries_and_no_more(pool: Workers) -> None:
    jobs: dict[int, Job] = {}
    settings = RunSettings(seed=3, replications=2, requests=3_000)  # enough for a p99
    Series(pool, DESIGNS, settings, "me", jobs.__setitem__, at_once=4, brief=True).start().wait(PATIENCE_S)
    direct = {place: figures_of(summarize(replicate(design, settings))) for place, design in enumerate(DESIGNS)}
    assert {place: job.figures for place, job in jobs.items()} == direct
    assert all(found.p99_ms is not None for found in direct.values())
    assert {job.summary for job in jobs.values()} == {None}


def test_the_first_results_are_there_before_the_last(pool: Workers) -> None:
    found = Found()
    series = Series(pool, DESIGNS * 8, RunSettings(replications=1, requests=4_000), "me", found.take).start()
    series.wait(PATIENCE_S, results=2)
    assert 2 <= len(found) < 40
    assert 0 < series.progress < 1
    series.cancel()


def test_cancel_ends_all_runs_under_way_and_begins_no_other(pool: Workers) -> None:
    found = Found()
    series = Series(pool, [DESIGN, DESIGN, DESIGN], HOPELESS, "me", found.take).start()
    while not series.progress:
        series.wait(0.02, results=0)
    series.cancel()
    series.cancel()
    assert series.is_over
    assert series.is_cancelled
    after = Found()
    again = Series(pool, DESIGNS[:2], QUICK, "me", after.take).start()  # the processes are free again
    again.wait(PATIENCE_S)
    assert (len(found), len(after), series.done) == (0, 2, 0)


def test_a_run_of_somebody_else_gets_its_turn_in_between(pool: Workers) -> None:
    found = Found()
    series = Series(pool, DESIGNS * 20, RunSettings(replications=1, requests=4_000), "me", found.take).start()
    series.wait(PATIENCE_S, results=1)
    theirs = pool.submit(DESIGN, QUICK, "they")
    theirs.wait(PATIENCE_S)
    assert theirs.state == "done"
    assert not series.is_over
    series.cancel()


def test_nothing_to_run_is_over_at_once(pool: Workers) -> None:
    series = Series(pool, [], QUICK, "me", Found().take).start()
    assert (series.is_over, series.progress) == (True, 1.0)
