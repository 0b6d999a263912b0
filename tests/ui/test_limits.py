"""What one person may have under way is bounded, with a sentence; what happens is logged without anybody's words."""

import json

import pytest

from simulator.settings import MOST_REQUESTS, RunSettings
from storage.attempts import start_attempt
from tests.simulator.designs import a_design, service
from tests.ui.screen import SLUG, Screen
from tests.ui.test_advice_and_map import tunnel
from ui.limits import Limits, _under_way, submit
from ui.logs import log, log_error

SLOW = RunSettings(requests=1_000_000)


@pytest.fixture(autouse=True)
def _nothing_under_way():
    _under_way.clear()
    yield
    _under_way.clear()


def test_runs_beyond_the_limit_are_refused_with_a_sentence_and_a_place_can_be_used_again(monkeypatch):
    monkeypatch.setenv("WINDTUNNEL_RUNS", "2")
    design = a_design({"web": service(0.25, sharing="processor_sharing")})  # no quick engine runs that
    first, second, third = (submit(design, SLOW, f"place {i}") for i in range(3))
    assert {first.state, second.state} <= {"waiting", "running"}
    advice = "wait until one is done, or cancel one; other tabs and devices count too"
    assert third.state == "failed"
    assert third.problems == (f"you have 2 runs under way, which is the most; {advice}",)
    again = submit(design, RunSettings(requests=100), "place 1")
    assert second.state == "cancelled"
    again.wait(20)
    assert again.state == "done"
    submit(design, RunSettings(requests=100), "place 0").wait(20)
    assert submit(design, RunSettings(requests=100), "place 3").state != "failed"


def test_a_run_with_too_many_requests_is_refused_with_both_numbers(monkeypatch):
    monkeypatch.setenv("WINDTUNNEL_REQUESTS", "20000")
    design = a_design({"web": service(0.25)})
    assert submit(design, RunSettings(requests=5000, replications=5), "place").problems == (
        "this run has 25,000 requests, and 20,000 is the most here; ask for fewer, or fewer replications",
    )
    assert submit(design, RunSettings(requests=100, replications=2), "place").state != "failed"


@pytest.mark.parametrize(("text", "runs"), [("7", 7), (" 7 ", 7), ("", 40), ("many", 40), ("-1", 40)])
def test_limits_come_from_the_environment_and_nonsense_is_ignored(monkeypatch, text, runs):
    monkeypatch.setenv("WINDTUNNEL_RUNS", text)
    assert (Limits.read().runs, Limits.read().requests) == (runs, MOST_REQUESTS)


def test_a_map_beyond_the_limit_is_a_sentence(monkeypatch):
    monkeypatch.setenv("WINDTUNNEL_SWEEPS", "0")
    screen = tunnel("Map")
    screen.click("Draw the map")
    assert any("You have 0 maps or searches" in one for one in screen.values("warning"))
    monkeypatch.setenv("WINDTUNNEL_SWEEPS", "1")
    screen.click("Draw the map")
    assert not screen.has("button", "Draw the map")


def test_a_line_is_json_with_a_person_that_is_not_named_and_no_words_of_theirs(monkeypatch, capsys):
    monkeypatch.setenv("WINDTUNNEL_LOG", "info")
    log("signed in", person="oidc:x:ann")
    log("hidden", "debug")
    try:
        int("secret plan")
    except ValueError as error:
        log_error(error, "oidc:x:ann")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [(one["event"], one["level"]) for one in lines] == [("signed in", "info"), ("error", "error")]
    assert lines[0]["person"] == lines[1]["person"]
    assert len(lines[0]["person"]) == 10
    assert lines[1]["kind"] == "ValueError"
    assert lines[1]["place"].startswith("tests/ui/test_limits.py:")
    assert "secret" not in str(lines)
    monkeypatch.setenv("WINDTUNNEL_LOG", "off")
    log("started", "error")
    assert "started" not in capsys.readouterr().err


def test_an_address_that_is_refused_is_logged_without_the_address(monkeypatch, capsys):
    monkeypatch.setenv("WINDTUNNEL_LOG", "warning")
    theirs = start_attempt("somebody else", SLUG)
    Screen().open("review", attempt=theirs)
    said = capsys.readouterr().err
    assert '"event": "refused"' in said
    assert '"what": "address"' in said
    assert theirs not in said
