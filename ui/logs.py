"""What happened on this server, as one line of JSON each on standard error: never a text, a name or a key.

A person is the beginning of a hash, so that lines can be told apart and nobody is named. `WINDTUNNEL_LOG` is the
level: `debug`, `info` (where nothing is said), `warning`, `error` or `off`.
"""

import hashlib
import json
import logging
import os
import sys
import threading
import time
import traceback
from typing import Any

_LOG = logging.getLogger("windtunnel")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "off": 100}
TRAIL = 6  # places of an error that a library logs
Field = str | int | float | None


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"at": f"{moment}.{int(record.msecs):03d}Z", "level": record.levelname.lower(), "event": record.msg}
        return json.dumps(line | getattr(record, "fields", {}))


class _ToStandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr, flush=True)


def log(event: str, level: str = "info", person: str | None = None, **fields: Field) -> None:
    """Write a line, if the level is that high. Fields are numbers and words of our own."""
    _set_up()
    known = {"person": hashlib.sha256(person.encode()).hexdigest()[:10]} if person is not None else {}
    _LOG.log(_LEVELS[level], event, extra={"fields": known | fields})


def log_error(error: BaseException, person: str | None = None) -> None:
    """Write down what kind of error came from where; its message may hold what somebody has written."""
    log("error", "error", person, kind=type(error).__name__, place=_place(error))


def keep_values_out() -> None:
    """From now on no library of this process logs the message of an error, which may hold an answer or a key: only its
    kind and the places that led to it. With the level `debug` everything stays.
    """
    if os.environ.get("WINDTUNNEL_LOG", "").strip().lower() == "debug":
        return
    if logging.getLogRecordFactory() is not _without_values:
        logging.setLogRecordFactory(_without_values)
    if threading.excepthook is threading.__excepthook__:  # else somebody else, such as pytest, listens
        threading.excepthook = _only_kind
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _only_kind


def _only_kind(given: Any) -> None:
    """For errors that end a thread or that nobody can catch."""
    if given.exc_value is not None:
        log_error(given.exc_value)


_make_record = logging.getLogRecordFactory()


def _without_values(*given: Any, **named: Any) -> logging.LogRecord:
    """A record in which errors are their kind and places, be they the text, in it, or beside it."""
    record = _make_record(*given, **named)
    if isinstance(record.args, tuple):
        record.args = tuple(map(_kind_for_error, record.args))
    record.msg = _kind_for_error(record.msg)
    if record.exc_info and (error := record.exc_info[1]) is not None:
        text = record.getMessage().partition("\n")[0]  # asyncio shows what failed with its error in further lines
        record.msg, record.args, record.exc_info = f"{text}: {_kind_for_error(error)}", (), None
    return record


def _kind_for_error(value: Any) -> Any:
    return f"{type(value).__name__} at {_place(value, TRAIL)}" if isinstance(value, BaseException) else value


def _place(error: BaseException, most: int = 1) -> str:
    """Where an error came from, file and line, the innermost of so many first; in our own files if it was there."""
    places = [f"{os.path.relpath(one.filename)}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    own = [one for one in places if not one.startswith("..") and "site-packages" not in one]
    return ", ".join((own or places)[: -most - 1 : -1])


def _set_up() -> None:
    _LOG.setLevel(_LEVELS.get(os.environ.get("WINDTUNNEL_LOG", "info").strip().lower(), logging.INFO))
    if not _LOG.handlers:
        handler = _ToStandardError()
        handler.setFormatter(_AsJson())
        _LOG.addHandler(handler)
        _LOG.propagate = False
