"""More precise on demand: what a search in a process of its own finds is shown, ended, refused and found again."""

import time
from typing import Any

import pytest

from simulator.design_file import design_from
from simulator.precision import METHOD, until_precise
from simulator.workers import Job
from tests.simulator.designs import design_data, exponential, service, slow
from tests.ui.test_advice_and_map import tunnel
from ui import limits, searches
from ui.people import LOCAL

PATIENCE_S = 60.0
EVEN = service() | {"service_time": {"kind": "lognormal", "mean_ms": 1.0, "scv": 0.05}}
QUIET = design_data({"web": EVEN}, 50.0, arrivals={"kind": "poisson"})
WEB = service() | {"service_time": exponential(0.001)}
ALMOST_FULL = design_data({"web": WEB}, 990.0, arrivals={"kind": "poisson"})
STRUCK = QUIET | {"faults": [slow("web", 3.0, at_s=4.0, for_s=2.0)]}
WIDTH = "Run until the p99 is known to"


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    searches._memory.clear()
    limits._under_way.clear()


def job(data: dict[str, Any], wanted: float) -> Job:
    found = searches._memory().find((LOCAL, searches.fingerprint(design_from(data)), 1, wanted))
    assert found is not None
    return found


def test_a_search_shows_what_it_found_with_its_method_and_a_page_loaded_again_finds_it() -> None:
    screen = tunnel("How sure", QUIET)
    assert screen.has("button", "Search")
    screen.set("segmented_control", WIDTH, 0.02)
    screen.click("Search")
    search = job(QUIET, 0.02)
    search.wait(PATIENCE_S)
    screen.run()
    here = until_precise(design_from(QUIET), 0.02, searches.budget(design_from(QUIET))).precision
    assert search.precision == here
    for seen in (screen, tunnel("How sure", QUIET)):
        assert seen.says(f"{here.known} (")
        assert seen.says(f"From {here.requests:,} requests")
        assert seen.says("reached 2 times in a row")
        assert seen.says(METHOD)
        assert seen.field("segmented_control", WIDTH).value == 0.02
        assert not seen.has("button", "Search")


def test_a_search_says_how_far_it_is_and_ends_when_told_to() -> None:
    screen = tunnel("How sure", ALMOST_FULL)
    screen.set("segmented_control", WIDTH, 0.01)
    screen.click("Search")
    search = job(ALMOST_FULL, 0.01)
    until = time.monotonic() + PATIENCE_S
    while search.precision is None and not search.is_over and time.monotonic() < until:
        search.wait(0.02)
    screen.run()
    screen.press("tunnel:precise:cancel")
    assert search.state == "cancelled"
    assert screen.says("plus or minus")
    assert screen.says("Cancelled. From ")
    assert screen.has("button", "Search again")


def test_where_a_longer_run_is_no_surer_one_a_sentence_says_so() -> None:
    screen = tunnel("How sure", STRUCK)
    assert screen.says(
        "A longer run has another share of its faults and of its day in it; leave faults and profile out."
    )
    assert not screen.has("button", "Search")


def test_a_person_has_one_search_at_a_time_and_no_more_requests_than_the_server_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WINDTUNNEL_REQUESTS", "30000")
    design = design_from(ALMOST_FULL)
    searches.begin(design, 1, 0.05)
    searches.begin(design, 2, 0.05)
    first, second = (searches.found(design, seed, 0.05) for seed in (1, 2))
    assert first is not None
    assert second is not None
    assert first.state == "cancelled"
    second.wait(PATIENCE_S)
    assert second.precision is not None
    assert "stopped at the budget of 30,000 requests" in second.precision.sentence
    monkeypatch.setenv("WINDTUNNEL_RUNS", "0")
    searches.begin(design, 3, 0.05)
    refused = searches.found(design, 3, 0.05)
    assert refused is not None
    assert refused.problems[0].startswith("you have 0 runs under way, which is the most")
