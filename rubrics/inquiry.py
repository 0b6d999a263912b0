"""Asking a model in the background: what has come back so far can be read at any time, and it can be cancelled."""

import threading
from collections.abc import Sequence

from rubrics.model_task import Endpoint, Limits, Opinion, Task


class Inquiry:
    """One round of questions. It keeps the key only until its thread has ended, and nothing of it is written down."""

    def __init__(self, tasks: Sequence[Task], endpoint: Endpoint, limits: Limits | None = None):
        self.host, self.model = endpoint.host, endpoint.model
        self.tasks = tuple(tasks)
        self.opinions: tuple[Opinion, ...] = ()
        self._cancelled = threading.Event()
        arguments = (self.tasks, endpoint, limits or Limits(), self._cancelled, self._keep)
        self._thread = threading.Thread(target=_ask, args=arguments, daemon=True)

    def start(self) -> "Inquiry":
        self._thread.start()
        return self

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Stop what is under way; opinions that are there stay."""
        self._cancelled.set()

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _keep(self, opinion: Opinion) -> None:
        self.opinions = (*self.opinions, opinion)


def _ask(*arguments: object) -> None:
    from rubrics.llm_grader import ask  # noqa: PLC0415 importing openai takes a second that only who asks should wait

    ask(*arguments)  # type: ignore[arg-type]  # handed through a thread
