"""Where compiled code is kept: a folder that is always usable and never stale.

Numba keys a cached function on the text of its own file only, and raises when no folder can be written to. So the
folder is named by a hash of all the sources and of what compiles them, in the first place that can be written to.
"""

import hashlib
import os
import platform
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from platformdirs import user_cache_path

SOURCES = Path(__file__).parent
READY = "ready"  # a file that says that everything in the folder is there


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(chosen)
    yield user_cache_path("windtunnel") / "compiled"
    yield Path(tempfile.gettempdir()) / f"windtunnel-{os.getuid() if hasattr(os, 'getuid') else 0}"


def numba_version() -> str | None:
    """The version of numba, without importing it; None if it is not installed."""
    try:
        return version("numba")
    except PackageNotFoundError:
        return None


@cache
def sources_hash() -> str:
    """Changes whenever the kernel does, or what compiles it."""
    about = f"{numba_version()} {platform.python_version()} {platform.machine()}".encode()
    texts = [path.read_bytes() for path in sorted(SOURCES.rglob("*.py"))]
    return hashlib.sha256(b"".join([about, *texts])).hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """The folder for this kernel's machine code; None if nothing can be written anywhere."""
    for base in _candidates():
        folder = base / sources_hash()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder
    return None


def is_warm() -> bool:
    """Whether everything has been compiled already, so that loading it takes a second."""
    folder = cache_folder()
    return folder is not None and (folder / READY).exists()


def note_warm() -> None:
    """From now on all of it is there."""
    if (folder := cache_folder()) is not None:
        (folder / READY).touch()
