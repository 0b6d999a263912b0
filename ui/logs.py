"""What happened on this server, as one line of JSON each on standard error: never a text, a name or a key.

A person is the beginning of a hash, so that lines can be told apart and nobody is named. `WINDTUNNEL_LOG` is the
level: `debug`, `info` (where nothing is said), `warning`, `error` or `off`.
"""

import hashlib
import json
import logging
import os
import sys
import time
import traceback

_LOG = logging.getLogger("windtunnel")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "off": 100}
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
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.relpath(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    log("error", "error", person, kind=type(error).__name__, place=place)


def _set_up() -> None:
    _LOG.setLevel(_LEVELS.get(os.environ.get("WINDTUNNEL_LOG", "info").strip().lower(), logging.INFO))
    if not _LOG.handlers:
        handler = _ToStandardError()
        handler.setFormatter(_AsJson())
        _LOG.addHandler(handler)
        _LOG.propagate = False
