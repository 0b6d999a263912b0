"""A grid on a real cluster: two worker processes of Dask on this machine, one of which dies."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from simulator.design_file import read_design
from simulator.machines import CELLS_A_TASK, NoCluster, run_far, tasks_of
from simulator.results.figures import Figures, figures
from simulator.results.replications import replicate
from simulator.settings import RunSettings
from simulator.sweep import Axis, plan, sweep
from tests.simulator.designs import a_design, exponential, service
from tests.simulator.processes import Done

pytestmark = pytest.mark.slow

DESIGN = a_design({"web": service() | {"service_time": exponential(0.01)}}, 50.0, arrivals={"kind": "poisson"})
RATES = Axis(path="traffic.arrival_rate_per_s", values=tuple(20.0 + rate for rate in range(40)))
REPLICAS = Axis(path="components.web.replicas", values=(1, 2))
QUICK = RunSettings(seed=3, replications=2, requests=400)
DESIGNS = [trial.design for trial in plan(DESIGN, [RATES, REPLICAS]) if trial.design is not None]


@pytest.fixture(scope="module")
def local() -> Iterator[LocalCluster]:
    """A scheduler with two worker processes."""
    made = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50)
    with made:
        yield made


@pytest.fixture
def cluster(local: LocalCluster) -> str:
    """Its address."""
    address: str = local.scheduler_address
    return address


@pytest.fixture(scope="module")
def here() -> list[Figures]:
    return [figures(replicate(design, QUICK)) for design in DESIGNS]


def test_every_task_has_twenty_designs_or_more_and_every_design_one_task() -> None:
    for n in (1, 19, 39, 40, 61, 80):
        tasks = list(tasks_of(DESIGNS[:1] * n, QUICK))
        sizes = [len(designs) for _, designs, _ in tasks]
        assert (sum(sizes), [first for first, *_ in tasks]) == (n, [sum(sizes[:i]) for i in range(len(sizes))])
        assert min(sizes) >= min(n, CELLS_A_TASK)
        assert len(tasks) == max(1, n // CELLS_A_TASK)


def test_a_cluster_finds_number_by_number_what_this_process_finds(cluster: str, here: list[Figures]) -> None:
    found: dict[int, object] = {}
    run_far(DESIGNS, QUICK, cluster, found.__setitem__)
    assert [found[place] for place in range(len(DESIGNS))] == here


class Killer:
    """Ends a worker that is at work, as soon as there are results."""

    def __init__(self, client: Client):
        self._client, self._pids = client, client.run(os.getpid)
        self.found: dict[int, object] = {}
        self.killed: list[str] = []

    def __call__(self, place: int, figures: object) -> None:
        self.found[place] = figures
        busy = [address for address, tasks in self._client.processing().items() if tasks]
        if busy and not self.killed:
            os.kill(self._pids[busy[0]], signal.SIGKILL)
            self.killed.append(busy[0])


def test_a_worker_that_is_killed_costs_a_retry_and_not_the_sweep(cluster: str, here: list[Figures]) -> None:
    with Client(cluster, set_as_default=False) as client:
        killer = Killer(client)
        run_far(DESIGNS, QUICK, cluster, killer)
    assert killer.killed, "no worker had anything to do when the first results came"
    assert [killer.found[place] for place in range(len(DESIGNS))] == here


def test_a_task_that_ends_its_workers_is_a_sentence(local: LocalCluster, cluster: str) -> None:
    allowed, local.scheduler.allowed_failures = local.scheduler.allowed_failures, 0
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        killer = Killer(client)
        with pytest.raises(NoCluster, match="ended one worker after the other"):
            run_far(DESIGNS, QUICK, cluster, killer)
    local.scheduler.allowed_failures = allowed


def test_the_command_prints_the_same_cells_wherever_they_run(
    cluster: str, command: Callable[..., Done], design_file: Path
) -> None:
    grid = ["sweep", design_file, "--over", "components.web.replicas=1,2,-3", "--requests", 400, "--json"]
    done = command(*grid, "--dask", cluster)
    axis = Axis(path="components.web.replicas", values=(1, 2, -3))
    here = sweep(read_design(design_file.read_text(encoding="utf-8")), [axis], RunSettings(requests=400))
    assert done.returncode == 0
    assert sorted(done.out.splitlines()) == sorted(cell.model_dump_json() for cell in here)


def test_a_run_that_is_too_long_is_a_sentence_in_its_cell(cluster: str) -> None:
    found: dict[int, object] = {}
    run_far(DESIGNS[:1], RunSettings(replications=200, requests=5_000_000), cluster, found.__setitem__)
    assert "is the most" in str(found[0])


def test_where_no_cluster_answers_a_sentence_says_so(
    command: Callable[..., Done], design_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.machines.CONNECTED_WITHIN_S", 0.2)
    done = command("sweep", design_file, "--over", "components.web.replicas=1,2", "--dask", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:9' within 0.2 s" in done.err
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoCluster, match="distributed is not installed; use `pip install"):
        run_far(DESIGNS, QUICK, "tcp://127.0.0.1:9", print)
