"""What this very program has read and found right before; a start then need not check every question anew.

A file for each question in the user's cache folder holds its data as JSON, under a digest of its texts and of all that
checks them. It is data like the question's own files: it is validated again, only patterns and agreement are not tried
again. Where no folder can be written to, questions are checked at every start.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

ROOT = Path(__file__).parent.parent
CHECKED_BY = ("question_bank/*.py", "question_bank/*.yaml", "rubrics/**/*.py", "rubrics/**/*.yaml", "simulator/*.py")


def find(slug: str, texts: Mapping[str, str]) -> dict[str, str] | None:
    """The JSON text of every file of a question, if these texts have been found right; None if not."""
    try:
        known = json.loads(_file(slug).read_text(encoding="utf-8"))
        files: dict[str, str] = known["files"]
        return files if known["digest"] == _digest(slug, texts) and set(files) == set(texts) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(slug: str, texts: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Remember that these texts are right, and what they say as JSON."""
    place = _file(slug)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False, encoding="utf-8") as new:
            json.dump({"digest": _digest(slug, texts), "files": dict(files)}, new)
        Path(new.name).replace(place)
    except OSError:
        return


def _file(slug: str) -> Path:
    return user_cache_path("windtunnel") / "questions" / f"{slug}.json"


def _digest(slug: str, texts: Mapping[str, str]) -> str:
    said = json.dumps([_program(), slug, sorted(texts.items())])
    return hashlib.sha256(said.encode()).hexdigest()


@cache
def _program() -> str:
    """Changes with everything that decides whether a question is right."""
    found = hashlib.sha256()
    for pattern in CHECKED_BY:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()
