"""The simulating process at the level of its lines: requests in, progress, summaries and problems out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from threading import Timer
from typing import Any

import pytest

from simulator.design_file import design_from
from simulator.results.checks import Check
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import design_data, exponential, service, with_part
from tests.simulator.processes import ROOT

DESIGN = design_data({"web": service() | {"service_time": exponential(0.01)}}, 50.0, arrivals={"kind": "poisson"})
CHECK = {"metric": "p99_ms", "below": 500.0}
QUICK = {"seed": 3, "replications": 3, "requests": 400}
HOPELESS = {"seed": 1, "replications": 1, "requests": 4_000_000}  # minutes, if nobody ends it
PATIENCE_S = 20.0
JSON = dict[str, Any]


class Conversation:
    """A worker process, and lines to and from it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "simulator.worker"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self.patience = Timer(PATIENCE_S, self.process.kill)  # a silent worker fails its test and does not hang it
        self.patience.start()

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")

    def ask(self, number: int, **other: Any) -> None:
        self.say(json.dumps({"id": number, "design": DESIGN, "settings": QUICK, "checks": []} | other))

    def hear(self) -> JSON:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line)

    def end_of(self, number: int) -> JSON:
        """The last line about a request; lines on the way to it are dropped."""
        while True:
            heard = self.hear()
            if heard["id"] == number and (heard.get("done") or "problems" in heard or "cancelled" in heard):
                return heard

    def close(self) -> None:
        self.patience.cancel()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def worker() -> Iterator[Conversation]:
    talk = Conversation()
    yield talk
    talk.close()


def test_the_summary_is_the_one_of_a_run_in_this_process(worker: Conversation) -> None:
    worker.ask(1, checks=[CHECK])
    here = summarize(replicate(design_from(DESIGN), RunSettings(**QUICK)), (Check(metric="p99_ms", below=500.0),))
    assert Summary.model_validate_json(worker.end_of(1)["summary"]) == here


def test_progress_only_rises_and_a_finished_summary_comes_last(worker: Conversation) -> None:
    worker.ask(1, settings={"replications": 2, "requests": 20_000})
    heard = [worker.hear()]
    while not heard[-1].get("done"):
        heard.append(worker.hear())
    shares = [line["progress"] for line in heard if "progress" in line]
    assert shares[0] == 0.0
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0


def test_short_runs_come_as_one_summary(worker: Conversation) -> None:
    """Those of the second request: the first waits for what is loaded late."""
    worker.ask(1)
    worker.end_of(1)
    worker.ask(2, settings=QUICK | {"requests": 100})
    heard = worker.hear()
    while "summary" not in heard:
        heard = worker.hear()
    assert heard["done"]


def test_a_cancelled_run_says_so_and_the_next_one_is_served(worker: Conversation) -> None:
    worker.ask(1, settings=HOPELESS)
    while worker.hear().get("progress", 0.0) == 0.0:
        pass
    worker.say('{"cancel": 1}')
    assert worker.end_of(1) == {"id": 1, "cancelled": True}
    worker.ask(2)
    assert worker.end_of(2)["done"]


def test_a_request_cancelled_before_its_turn_never_runs(worker: Conversation) -> None:
    worker.ask(1, settings={"replications": 1, "requests": 20_000})
    worker.ask(2, settings=HOPELESS)
    worker.say('{"cancel": 2}')
    assert worker.end_of(1)["done"]
    assert worker.end_of(2) == {"id": 2, "cancelled": True}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"design": with_part(DESIGN, "traffic.entry", "wbe")}, "traffic.entry is 'wbe'"),
        ({"design": with_part(DESIGN, "components.web.replicas", -1)}, "components.web.replicas is -1"),
        (
            {"design": with_part(DESIGN, "traffic.arrivals", {"kind": "trace", "file": "day.csv"})},
            "traffic.arrivals.file",
        ),
        ({"settings": {"replications": 0}}, "replications is 0"),
        ({"settings": {"replications": 200, "requests": 5_000_000}}, "5,000,000 is the most"),
    ],
)
def test_wrong_input_is_answered_in_sentences_and_the_next_request_is_served(
    worker: Conversation, other: JSON, said: str
) -> None:
    worker.ask(1, **other)
    problems = worker.end_of(1)["problems"]
    assert any(said in problem for problem in problems), problems
    worker.ask(2)
    assert worker.end_of(2)["done"]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "7", "{}", '{"id": 1}', '{"id": 1, "design": {}, "settings": {}, "checks": [{"metric": "speed"}]}'],
    ids=["no JSON", "a list", "a number", "no id", "no design", "an unknown check"],
)
def test_a_line_that_is_no_request_is_answered_and_the_worker_lives(worker: Conversation, line: str) -> None:
    worker.say(line)
    heard = worker.hear()
    while "problems" not in heard:
        heard = worker.hear()
    assert all(isinstance(sentence, str) for sentence in heard["problems"])
    worker.ask(2)
    assert worker.end_of(2)["done"]


def test_the_process_ends_when_its_input_does_even_within_a_run(worker: Conversation) -> None:
    worker.ask(1, settings=HOPELESS)
    worker.hear()
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.process.wait(timeout=20) == 0
