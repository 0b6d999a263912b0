"""Many designs run by the machines of a Dask cluster; results come back as they are found.

An option: it needs `requirements-dask.txt`. A task is at least 20 designs, since sending one costs as much as running
one. Tasks whose worker is lost are sent to another, which finds the same numbers, as luck belongs to the request.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from itertools import pairwise
from typing import Any

from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.results.figures import Figures, figures
from simulator.results.replications import replicate
from simulator.settings import RunSettings, TooLong
from simulator.support import DoesNotRunYet

CELLS_A_TASK = 20  # at least
CONNECTED_WITHIN_S = 30

Found = Figures | tuple[str, ...]
OnFound = Callable[[int, Found], None]
Task = tuple[int, tuple[str, ...], str]
Answer = str | tuple[str, ...]


class NoCluster(ValueError):
    """No cluster answers, it cannot run a task, or nothing is installed to ask it with; the message says which."""


def run_far(designs: Sequence[Design], settings: RunSettings, address: str, on_found: OnFound) -> None:
    """Run all designs on a cluster by the address of its scheduler. `on_found` is called with the place of a design in
    the list and its figures, or with the sentences that say why it cannot run. Raise NoCluster.
    """
    if not designs:
        return
    try:
        from distributed import Client  # noqa: PLC0415  # an option, and a second to import
    except ModuleNotFoundError as error:
        said = f"{error.name} is not installed; use `pip install -r requirements-dask.txt`"
        raise NoCluster(said) from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what is wrong is said in a sentence
    try:
        client = Client(address, timeout=CONNECTED_WITHIN_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(f"no Dask scheduler answers at {address!r} within {CONNECTED_WITHIN_S} s") from error
    with client:
        if not client.ncores():
            raise NoCluster(
                f"the Dask scheduler at {address!r} has no workers; start some with `dask worker {address}`"
            )
        for first, answers in _arriving(client, list(tasks_of(designs, settings))):
            for place, answer in enumerate(answers, start=first):
                on_found(place, _found(answer))


def _arriving(client: Any, tasks: Sequence[Task]) -> Iterator[tuple[int, list[Answer]]]:
    """What the workers answer, as it comes."""
    from distributed import KilledWorker, as_completed  # noqa: PLC0415

    lacking = [one for one in client.run(_is_here, on_error="return").values() if one is not True]
    if lacking:
        said = f"{len(lacking)} workers cannot run a cell: {lacking[0]}"
        raise NoCluster(f"{said}; each needs this repository, of the same version, on its PYTHONPATH")
    try:
        futures = [client.submit(_run, *one, pure=False) for one in tasks]
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    except KilledWorker as error:
        raise NoCluster("a task has ended one worker after the other; run its cells here to see why") from error
    except CancelledError as error:
        raise NoCluster("the scheduler is gone, and with it what was under way") from error


def tasks_of(designs: Sequence[Design], settings: RunSettings) -> Iterator[Task]:
    """The place of the first design of each task, its designs and the settings. All is text, which Dask sends along
    with a task; what it would send ahead would be lost with the worker that has it.
    """
    tasks = max(1, len(designs) // CELLS_A_TASK)
    ends = [round(len(designs) * number / tasks) for number in range(tasks + 1)]
    for first, end in pairwise(ends):
        yield first, tuple(one.model_dump_json() for one in designs[first:end]), settings.model_dump_json()


def _is_here() -> bool:
    """Asked of every worker first: a worker that cannot read a task ends, and the task would wait for ever."""
    return True


def _run(first: int, designs: tuple[str, ...], settings: str) -> tuple[int, list[Answer]]:
    """One task, on a worker."""
    read = RunSettings.model_validate_json(settings)
    return first, [_answer(Design.model_validate_json(one), read) for one in designs]


def _answer(design: Design, settings: RunSettings) -> Answer:
    try:
        return figures(replicate(design, settings)).model_dump_json()
    except TooLong as error:
        return (str(error),)
    except (DesignProblem, DoesNotRunYet) as error:
        return tuple(error.problems)


def _found(answer: Answer) -> Found:
    return Figures.model_validate_json(answer) if isinstance(answer, str) else answer
