"""Running until the p99 is known well enough, held against queues whose p99 is known exactly."""

import json
from math import log
from pathlib import Path

import pytest

from simulator.__main__ import main
from simulator.design_file import DesignProblem, write_design
from simulator.precision import METHOD, MOST_IN_BUDGET, Precision, one_run_of, until_precise
from simulator.results.estimates import nearest_rank
from simulator.results.replications import replicate
from simulator.results.sketch import RELATIVE_ERROR
from tests.simulator.designs import a_design, exponential, service

pytestmark = pytest.mark.usefixtures("faster_engine")

MM1 = a_design({"web": service() | {"service_time": exponential(0.01)}}, 50.0, arrivals={"kind": "poisson"})
TRUE_MS = -log(0.01) / (100 - 50) * 1000  # the sojourn of an M/M/1 is exponential with rate mu - lambda
BUDGETS = (4_000, 25_000, 60_000, 300_000)
FULL = a_design({"web": service() | {"service_time": exponential(0.01)}}, 120.0, arrivals={"kind": "poisson"})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5])
def test_the_p99_of_an_mm1_is_found_within_the_wanted_share(seed: int) -> None:
    found = until_precise(MM1, 0.05, seed=seed).precision
    assert found.is_reached
    assert found.p99_ms == pytest.approx(TRUE_MS, rel=0.05)
    assert found.half_ms is not None
    assert found.half_ms <= 0.05 * found.p99_ms


def test_a_larger_budget_never_finds_less() -> None:
    found = [until_precise(MM1, 0.08, budget).precision for budget in BUDGETS]
    assert [one.requests_in_all for one in found] == sorted(one.requests_in_all for one in found)
    assert all(one.requests_in_all <= budget for one, budget in zip(found, BUDGETS, strict=True))
    assert [one.is_reached for one in found] == sorted(one.is_reached for one in found)
    assert (found[0].is_reached, found[-1].is_reached) == (False, True)
    assert "stopped at the budget of 4,000 requests" in found[0].sentence


def test_one_narrow_run_is_not_enough() -> None:
    found = until_precise(MM1, 0.5).precision
    assert (found.is_reached, found.runs, found.requests) == (True, 2, 30_000)


def test_what_does_not_fit_is_of_independent_runs_and_within_the_error_of_all_their_requests() -> None:
    heard: list[Precision] = []
    shares: list[float] = []
    found = until_precise(MM1, 0.001, 60_000, on_look=heard.append, progress=shares.append, most_kept=10_000)
    settings = one_run_of(MM1, 10_000, seed=1).model_copy(update={"replications": 5})
    some = replicate(MM1, settings).counted
    assert (found.precision.pieces, found.precision.requests, found.precision.runs) == (5, 50_000, 5)
    assert found.precision.p99_ms == pytest.approx(nearest_rank(some.latency_ms, 0.99), rel=RELATIVE_ERROR)
    assert "from 5 runs of 10,000 requests in a sketch that is right to 0.1%" in found.precision.sentence
    assert [one.pieces for one in heard] == [1, 2, 3, 5]
    assert shares == sorted(shares)
    assert max(shares) == pytest.approx(50_000 / 60_000)
    assert found.summary.settings.requests == 10_000
    assert found.summary.outcomes.arrivals < 10_000  # of the first run alone, without its beginning


def test_an_overloaded_design_is_not_run_again_and_again() -> None:
    found = until_precise(FULL, 0.001).precision
    assert (found.is_reached, found.runs) == (False, 1)
    assert "no run is long enough: web is asked for 1" in found.sentence


@pytest.mark.parametrize(
    ("wanted", "budget", "said"),
    [
        (0.0, 10_000, "from 0.001 to 0.5"),
        (0.05, 10, "4,000 to 10,000,000"),
        (0.05, MOST_IN_BUDGET + 1, "4,000 to 10,000,000"),
    ],
)
def test_what_can_never_be_reached_is_refused_with_a_sentence(wanted: float, budget: int, said: str) -> None:
    with pytest.raises(DesignProblem, match=said):
        until_precise(MM1, wanted, budget)


def test_the_command_says_the_method_with_its_true_coverage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mm1.yaml"
    file.write_text(write_design(MM1), encoding="utf-8")
    assert main(["run", str(file), "--precision", "0.2"]) == 0
    said = capsys.readouterr().out
    assert METHOD in said
    assert "reached 2 times in a row" in said
    assert main(["run", str(file), "--precision", "0.2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["precision"]["is_reached"] is True
    with pytest.raises(SystemExit):
        main(["run", str(file), "--precision", "0.2", "--requests", "500"])
    assert "leave --requests out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("p99_ms", "half_ms", "said"),
    [
        (1.94003, 0.02835, "p99 1.940 ms plus or minus 0.028 ms"),
        (69.06, 1.52, "p99 69.1 ms plus or minus 1.5 ms"),
        (69_061.7, 1_520.2, "p99 69,062 ms plus or minus 1,520 ms"),
        (5.0, 0.0, "p99 5.0 ms plus or minus 0.0 ms"),
        (None, None, "too few answers for a p99"),
    ],
)
def test_a_p99_is_said_with_the_digits_that_are_known(p99_ms: float | None, half_ms: float | None, said: str) -> None:
    counts = {"requests": 1, "pieces": 1, "requests_in_all": 1, "runs": 1}
    found = Precision(wanted=0.1, is_reached=True, p99_ms=p99_ms, half_ms=half_ms, sentence="", **counts)
    assert found.known == said
