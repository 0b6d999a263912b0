"""The pool of simulating processes, with real processes and real runs."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import get_ident

import pytest

from simulator.design_file import design_from
from simulator.precision import Search, until_precise
from simulator.results.checks import Check
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from simulator.support import DoesNotRunYet
from simulator.support import check as check_support
from simulator.workers import Job, Workers
from tests.simulator.designs import a_design, design_data, exponential, service, with_part

PARTS = {"web": service() | {"service_time": exponential(0.01)}}
DESIGN = a_design(PARTS, 50.0, arrivals={"kind": "poisson"})
QUICK = RunSettings(seed=3, replications=3, requests=400)
HOPELESS = RunSettings(replications=1, requests=4_000_000)  # minutes, if nobody ends it
PATIENCE_S = 30.0
CHECKS = (Check(metric="p99_ms", below=500.0),)


def children() -> set[int]:
    """The processes that this one has started and not collected, living or dead."""
    numbers = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(number) for number in numbers.split()}


def ended(job: Job) -> Job:
    job.wait(PATIENCE_S)
    assert job.is_over, "the job hangs"
    return job


def under_way(job: Job) -> Job:
    while not job.progress:
        assert not job.is_over
        job.wait(0.02)
    return job


@pytest.fixture
def pool() -> Iterator[Workers]:
    made = Workers(1)
    yield made
    made.close()


@pytest.fixture
def pair() -> Iterator[Workers]:
    made = Workers(2)
    yield made
    made.close()


def test_a_job_finds_exactly_what_a_run_in_this_process_finds(pool: Workers) -> None:
    job = ended(pool.submit(DESIGN, QUICK, "me", CHECKS))
    assert (job.state, job.progress, job.problems) == ("done", 1.0, ())
    assert job.summary == summarize(replicate(DESIGN, QUICK), CHECKS)


def test_waiting_for_the_first_summary_ends_before_the_run_does(pool: Workers) -> None:
    job = pool.submit(DESIGN, RunSettings(replications=100, requests=20_000), "me")
    job.wait(PATIENCE_S, for_first=True)
    assert job.summary is not None
    assert not job.is_over
    assert 1 <= job.summary.replications < 100


def test_a_cancelled_job_keeps_what_it_has_found_and_the_pool_serves_the_next(pool: Workers) -> None:
    job = pool.submit(DESIGN, RunSettings(replications=200, requests=20_000), "me")
    job.wait(PATIENCE_S, for_first=True)
    pool.cancel(job)
    assert job.state == "cancelled"
    found = job.summary
    assert found is not None
    assert ended(pool.submit(DESIGN, QUICK, "me")).state == "done"
    assert (job.state, job.summary) == ("cancelled", found)


def test_a_new_question_of_the_same_owner_ends_the_one_under_way(pool: Workers) -> None:
    first = under_way(pool.submit(DESIGN, HOPELESS, "me"))
    second = ended(pool.submit(DESIGN, QUICK, "me"))
    assert (first.state, second.state) == ("cancelled", "done")


def test_what_others_have_under_way_goes_on(pair: Workers) -> None:
    theirs = under_way(pair.submit(DESIGN, HOPELESS, "they"))
    assert ended(pair.submit(DESIGN, QUICK, "me")).state == "done"
    assert theirs.state == "running"


def test_cancelling_a_job_that_is_over_changes_nothing(pool: Workers) -> None:
    job = ended(pool.submit(DESIGN, QUICK, "me"))
    pool.cancel(job)
    assert job.state == "done"


def test_two_jobs_at_once_run_in_two_processes_and_do_not_mix(pair: Workers) -> None:
    before = children()
    other = RunSettings(seed=4, replications=3, requests=400)
    jobs = [pair.submit(DESIGN, settings, f"owner {settings.seed}") for settings in (QUICK, other)]
    assert len(children() - before) == 2
    assert [ended(job).summary for job in jobs] == [summarize(replicate(DESIGN, one)) for one in (QUICK, other)]


def test_more_jobs_than_processes_are_all_done(pair: Workers) -> None:
    jobs = [pair.submit(DESIGN, QUICK, f"owner {number}") for number in range(6)]
    assert [ended(job).state for job in jobs] == ["done"] * 6


def test_a_killed_process_gives_a_sentence_and_the_next_job_runs(pool: Workers) -> None:
    before = children()
    job = under_way(pool.submit(DESIGN, HOPELESS, "me"))
    [process] = children() - before
    os.kill(process, signal.SIGKILL)
    assert ended(job).state == "failed"
    assert job.problems == ("the simulation process ended unexpectedly; try again",)
    assert ended(pool.submit(DESIGN, QUICK, "me")).state == "done"


def test_a_process_killed_between_two_jobs_is_replaced(pool: Workers) -> None:
    before = children()
    ended(pool.submit(DESIGN, QUICK, "me"))
    [process] = children() - before
    os.kill(process, signal.SIGKILL)
    assert ended(pool.submit(DESIGN, QUICK, "me")).state in ("done", "failed")  # it may be sent before the end is seen
    assert ended(pool.submit(DESIGN, QUICK, "me")).state == "done"


def test_a_design_that_no_engine_runs_gives_the_sentences_of_the_refusal(pool: Workers) -> None:
    data = with_part(design_data(PARTS, 50.0), "traffic.arrivals", {"kind": "trace", "file": "day.csv"})
    design = design_from(data)
    with pytest.raises(DoesNotRunYet) as refused:
        check_support(design)
    job = ended(pool.submit(design, QUICK, "me"))
    assert (job.state, list(job.problems)) == ("failed", refused.value.problems)


def test_a_design_with_a_negative_rate_gives_the_sentences_of_its_refusal(pool: Workers) -> None:
    """Such a design cannot be read; one that was built past its validators must not end the process either."""
    traffic = DESIGN.traffic.model_copy(update={"arrival_rate_per_s": -5.0})
    job = ended(pool.submit(DESIGN.model_copy(update={"traffic": traffic}), QUICK, "me"))
    assert job.state == "failed"
    assert any("arrival_rate_per_s is -5" in problem for problem in job.problems)
    assert ended(pool.submit(DESIGN, QUICK, "me")).state == "done"


def test_a_run_that_is_too_long_says_so(pool: Workers) -> None:
    job = ended(pool.submit(DESIGN, RunSettings(replications=200, requests=5_000_000), "me"))
    assert job.state == "failed"
    assert "is the most" in job.problems[0]


def test_what_is_to_be_done_with_a_result_is_done_once_before_anybody_sees_the_end(pool: Workers) -> None:
    seen: list[tuple[Job, int]] = []
    job = pool.submit(DESIGN, QUICK, "me", on_done=lambda one: seen.append((one, get_ident())))
    ended(job)
    assert [one for one, _ in seen] == [job]
    assert seen[0][1] != get_ident()


def test_nothing_is_done_with_a_run_that_was_cancelled(pool: Workers) -> None:
    seen: list[Job] = []
    pool.cancel(under_way(pool.submit(DESIGN, HOPELESS, "me", on_done=seen.append)))
    ended(pool.submit(DESIGN, QUICK, "me"))
    assert seen == []


def test_a_closed_pool_leaves_no_process_behind_living_or_dead() -> None:
    before = children()
    pool = Workers(2)
    pool.warm_up()
    assert len(children() - before) == 2
    job: Job = pool.submit(DESIGN, HOPELESS, "me")
    pool.close()
    pool.close()
    assert children() - before == set()
    assert ended(job).state == "failed"


def test_a_pool_that_was_never_used_starts_and_leaves_nothing() -> None:
    before = children()
    Workers(2).close()
    assert children() == before


def test_a_search_finds_what_a_search_in_this_process_finds_while_others_go_on_running(pool: Workers) -> None:
    before = children()
    search = pool.submit(DESIGN, QUICK, "me", search=Search(wanted=0.4, budget=60_000))
    beside = pool.submit(DESIGN, QUICK, "they")
    assert len(children() - before) == 2
    assert (ended(search).state, ended(beside).state) == ("done", "done")
    assert search.precision == until_precise(DESIGN, 0.4, 60_000, seed=QUICK.seed).precision
    assert search.summary is None


def test_a_search_says_what_is_known_so_far_and_is_cancelled_at_once(pool: Workers) -> None:
    hopeless = pool.submit(DESIGN, QUICK, "me", search=Search(wanted=0.001, budget=10_000_000))
    until = time.monotonic() + PATIENCE_S
    while hopeless.precision is None and time.monotonic() < until:
        hopeless.wait(0.02)
    pool.cancel(hopeless)
    assert hopeless.precision is not None
    assert "so far" in hopeless.precision.sentence
    refused = ended(pool.submit(DESIGN, QUICK, "me", search=Search(wanted=0.9)))
    assert (hopeless.state, refused.state) == ("cancelled", "failed")
    assert refused.problems == ("the wanted precision is 0.9; give a share of the p99 from 0.001 to 0.5, such as 0.05",)
