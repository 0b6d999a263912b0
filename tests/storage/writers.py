"""What other processes do to a database while a test watches; each opens it for itself."""

import os
import resource
from multiprocessing.connection import Connection
from pathlib import Path

from practice.attempt import Edit
from storage.attempts import add_asked, load_attempt, save_section, start_attempt
from storage.database import StorageProblem

OWNER = "ann"


def text_of(sequence: int) -> str:
    return f"Sentence {sequence}. " * 20


def ask(folder: str, attempt: str, name: str, times: int) -> None:
    """Ask numbered questions in an attempt."""
    os.environ["WINDTUNNEL_DATA"] = folder
    for number in range(times):
        add_asked(OWNER, attempt, f"{name} {number}", None)


def take_over(folder: str, attempt: str, name: str, times: int) -> None:
    """Append words to one section, each to what is kept, and again if another writer came first."""
    os.environ["WINDTUNNEL_DATA"] = folder
    for number in range(times):
        writer, kept = f"{name}-{number}", None
        while kept is None or kept.writer != writer:
            seen = load_attempt(OWNER, attempt).section("requirements")
            edit = Edit(text=f"{seen.text}{writer} ", writer=writer, sequence=1, base=seen.revision)
            kept = save_section(OWNER, attempt, "requirements", edit)


def begin(folder: str, times: int) -> None:
    """Start attempts, in a database that may not be there yet."""
    os.environ["WINDTUNNEL_DATA"] = folder
    for _ in range(times):
        start_attempt(OWNER, "ads-ranking")


def type_until_killed(folder: str, attempt: str, confirmed: Connection) -> None:
    """Save one edit after another and say each time that it is kept."""
    os.environ["WINDTUNNEL_DATA"] = folder
    sequence = 0
    while True:
        sequence += 1
        edit = Edit(text=text_of(sequence), writer="tab", sequence=sequence, base=0)
        confirmed.send(save_section(OWNER, attempt, "requirements", edit).sequence)


def type_until_full(folder: str, attempt: str, room: int, confirmed: Connection) -> None:
    """Save edits while no file can become larger than it is by so many bytes; say what is kept, and what was said."""
    os.environ["WINDTUNNEL_DATA"] = folder
    load_attempt(OWNER, attempt)
    largest = max(one.stat().st_size for one in Path(folder).iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, largest + room))
    for sequence in range(1, 1000):
        edit = Edit(text=text_of(sequence) * sequence, writer="tab", sequence=sequence, base=0)
        try:
            confirmed.send(save_section(OWNER, attempt, "requirements", edit).sequence)
        except StorageProblem as problem:
            confirmed.send(str(problem))
            return


def read_and_write_as_nobody(folder: str, attempt: str, said: Connection) -> None:
    """Try to go on as a user who may read the folder and not write it."""
    os.environ["WINDTUNNEL_DATA"] = folder
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        add_asked(OWNER, attempt, "may I?", None)
        said.send("kept")
    except StorageProblem as problem:
        said.send(str(problem))
