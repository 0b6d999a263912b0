"""A process that simulates for others: one JSON request per line in, progress and summaries as JSON lines out.

`{"id": 1, "design": {...}, "settings": {...}, "checks": [...]}` starts a run, `{"cancel": 1}` ends it early. Answers
are `{"id": 1, "progress": 0.4}`, `{"id": 1, "summary": "...", "done": false}` with the summary's own JSON as text,
and, for wrong input, `{"id": 1, "problems": [...]}`. With `"brief": true` there is one answer, at the end, with the
few `figures` that a cell of a map shows instead of the summary. With `"search": {"wanted": 0.02, "budget": 5000000}`
the run is made longer until its p99 is known so well, of the settings only the seed counts, and the answers are what
is known so far, `{"id": 1, "precision": "...", "done": false}`. The process ends when its input does. The other end
is `workers.py`.
"""

import json
import os
import sys
import threading
import time
import traceback
from queue import SimpleQueue
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from simulator.garbage import rare_collections
from simulator.messages import sentences
from simulator.precision import Precision, Search, until_precise
from simulator.results.checks import CheckSpec
from simulator.results.figures import figures
from simulator.results.replications import one_by_one
from simulator.results.summary import summarize
from simulator.run import Progress
from simulator.settings import RunSettings, TooLong
from simulator.support import DoesNotRunYet

PROGRESS_EVERY_S = 0.1
SOON_S = 0.3  # if the runs that are left will take less than this, they are waited for
THREADS = 2  # for the runs of one design; a map has a design for each processor anyway
SUMMARY_EVERY_S = 0.7

Message = dict[str, Any]

_saying = threading.Lock()
_CHECKS: TypeAdapter[CheckSpec] = TypeAdapter(CheckSpec)


class _Cancelled(Exception):
    """Somebody has asked for the end of this run."""


def main() -> None:
    """Serve requests until the input ends."""
    os.nice(5)  # typing goes before simulating
    sys.excepthook = _say_what_ended_it
    requests: SimpleQueue[Message] = SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=_listen, args=(requests, cancelled), daemon=True).start()
    while True:
        request = requests.get()
        try:
            with rare_collections():
                _serve(request, cancelled)
        except _Cancelled:
            _say({"id": request["id"], "cancelled": True})
        except (DesignProblem, DoesNotRunYet) as error:
            _say({"id": request["id"], "problems": error.problems})
        except TooLong as error:
            _say({"id": request["id"], "problems": [str(error)]})


def _say_what_ended_it(kind: type[BaseException], error: BaseException, _trail: object) -> None:
    """The kind of an error and its place, for the server's log; a message may hold values of a design."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    print(f"the simulation process ended: {kind.__name__} at {last.filename}:{last.lineno}", file=sys.stderr)


def _listen(requests: "SimpleQueue[Message]", cancelled: set[int]) -> None:
    for line in sys.stdin:
        match _read(line):
            case {"cancel": int(unwanted)}:
                cancelled.add(unwanted)
            case {"id": int(), "design": dict(), "settings": dict(), "checks": list()} as request:
                requests.put(request)
            case other:
                number = other.get("id") if isinstance(other, dict) else None
                said = f"the line is {line.strip()[:80]!r}, which is no request; give id, design, settings and checks"
                _say({"id": number, "problems": [said]})
    os._exit(0)  # whoever asked is gone, and a run may be under way


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _serve(request: Message, cancelled: set[int]) -> None:
    number, said_s = request["id"], 0.0

    def progress(share: float) -> None:
        nonlocal said_s
        if number in cancelled:
            raise _Cancelled
        if time.monotonic() - said_s > PROGRESS_EVERY_S:
            said_s = time.monotonic()
            _say({"id": number, "progress": share})

    progress(0.0)
    settings = _settings(request["settings"])
    if (wanted := request.get("search")) is not None:
        _search(number, design_from(request["design"]), settings.seed, wanted, progress)
        return
    checks = tuple(_check(check) for check in request["checks"])
    begun_s = next_s = time.monotonic()
    threads = 1 if request.get("brief") else THREADS
    for so_far in one_by_one(design_from(request["design"]), settings, progress, threads=threads):
        ran = len(so_far.runs)
        done = ran == settings.replications
        begun = min(max(ran, threads), settings.replications)
        soon = (settings.replications - begun) / begun * (time.monotonic() - begun_s) < SOON_S
        if request.get("brief"):
            if done:
                _say({"id": number, "figures": figures(so_far).model_dump_json(), "done": True})
        elif done or (time.monotonic() >= next_s and not soon):
            _say({"id": number, "summary": summarize(so_far, checks).model_dump_json(), "done": done})
            next_s = time.monotonic() + SUMMARY_EVERY_S


def _search(number: int, design: Design, seed: int, wanted: Message, progress: Progress) -> None:
    def say(known: Precision, *, done: bool = False) -> None:
        _say({"id": number, "precision": known.model_dump_json(), "done": done})

    search = _search_from(wanted)
    found = until_precise(design, search.wanted, search.budget, seed, progress=progress, on_look=say)
    say(found.precision, done=True)


def _search_from(data: Message) -> Search:
    try:
        return Search.model_validate(data)
    except ValidationError as error:
        raise DesignProblem(sentences(error, data)) from error


def _settings(data: Message) -> RunSettings:
    try:
        return RunSettings.model_validate(data)
    except ValidationError as error:
        raise DesignProblem(sentences(error, data)) from error


def _check(data: Message) -> CheckSpec:
    try:
        return _CHECKS.validate_json(json.dumps(data))
    except ValidationError as error:
        raise DesignProblem(sentences(error, data)) from error


def _say(message: Message) -> None:
    line = json.dumps(message) + "\n"
    with _saying:
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
