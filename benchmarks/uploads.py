"""The worst files that somebody can send: `python -m benchmarks.uploads`. Each is read in a process of its own.

Seconds are of the processor, MB what the process took beyond what it had before, at its highest.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from practice.answer_file import AnswerProblem
from practice.attempt_file import MAX_BYTES, from_bytes
from simulator.yaml_text import MAX_NODES

HEAD = "question: ads-ranking\n"


def _filled(piece: str, before: str = HEAD, after: str = "") -> str:
    """The piece again and again, to the largest file that is read."""
    return before + piece * ((MAX_BYTES - len(before) - len(after)) // len(piece)) + after


def _counted(piece: str, before: str, after: str = "", each: int = 1) -> str:
    """The piece as often as the values that are read allow, if each is so many values."""
    return before + piece * ((MAX_NODES - 10) // each) + after


def _keys(before: str, value: str, count: int) -> str:
    return before + "".join(f"k{i}: {value}\n" for i in range(count))


SHAPES: dict[str, Callable[[], str]] = {
    "one word of 5 MB": lambda: _filled("a"),
    "one number of 5 MB": lambda: _filled("1", "question: "),
    "text of 5 MB in quotes": lambda: _filled("word ", f'{HEAD}sections: {{requirements: "', '"}'),
    "escapes in quotes": lambda: _filled("\\u0041", f'{HEAD}sections: {{requirements: "', '"}'),
    "lines in quotes": lambda: _filled("a\n ", f'{HEAD}sections: {{requirements: "', '"}'),
    "empty lines in quotes": lambda: _filled("\n", f'{HEAD}sections: {{requirements: "', '"}'),
    "a block of short lines": lambda: _filled("  a\n", f"{HEAD}sections:\n requirements: |\n"),
    "a folded block of short lines": lambda: _filled("  a\n", f"{HEAD}sections:\n requirements: >\n"),
    "a word over many lines": lambda: _filled("  a\n", f"{HEAD}sections:\n requirements: a\n"),
    "comments": lambda: _filled("#\n"),
    "empty lines": lambda: _filled("\n"),
    "spaces": lambda: _filled(" "),
    "documents": lambda: _filled("---\n"),
    "directives": lambda: _filled("%A b\n", ""),
    "brackets": lambda: _filled("[", "question: "),
    "braces": lambda: _filled("{", "question: "),
    "dashes": lambda: _filled("- ", "question:\n "),
    "question marks": lambda: _filled("? ", ""),
    "JSON, nested": lambda: _filled('{"a":', ""),
    "aliases": lambda: _filled("*a, ", "question: &a [", "]"),
    "tags": lambda: _filled("!!str a, ", "question: [", "]"),
    "a list of 2.5 million": lambda: _filled("1,", f"{HEAD}facts_asked: [", "]"),
    "a list of 150,000 numbers": lambda: _counted("1,", f"{HEAD}facts_asked: [", "]"),
    "a list of 150,000 words": lambda: _counted('"a",', f"{HEAD}facts_asked: [", "]"),
    "a list of 75,000 empty lists": lambda: _counted("[],", f"{HEAD}facts_asked: [", "]"),
    "lines of dashes": lambda: _counted("- a\n", f"{HEAD}facts_asked:\n"),
    "75,000 unknown keys": lambda: _keys(HEAD, "1", MAX_NODES // 2 - 10),
    "75,000 wrong sections": lambda: _keys(f"{HEAD}sections:\n ", "1", 1).rstrip("\n") + "\n"
    + "".join(f" k{i}: 1\n" for i in range(1, MAX_NODES // 2 - 10)),
    "30,000 wrong rows": lambda: _counted("{id: 1, value: [1], x: 1},", f"{HEAD}worksheet: [", "]", each=8),
    "long keys": lambda: _filled("k" * 1000 + ": 1\n", HEAD),
    "one key of 5 MB": lambda: _filled("k", "", ": 1"),
    "not UTF-8 at its end": lambda: _filled("a", HEAD, "\ud800"),
}  # fmt: skip


def measure(name: str) -> tuple[float, float, str]:
    """Seconds of processor time, MB, and what is said of a shape."""
    data = SHAPES[name]().encode("utf-8", "surrogatepass")
    before, begun = _peak_mb(), time.process_time()
    try:
        from_bytes(data)
        said = "read"
    except AnswerProblem as problem:
        said = str(problem)
    return time.process_time() - begun, _peak_mb() - before, f"{len(data) / 1e6:.1f} MB: {said[:70]!r}"


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print a line for each shape."""
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1])))
        return
    for name in SHAPES:
        command = [sys.executable, "-m", "benchmarks.uploads", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds, mb, said = json.loads(done.stdout) if done.returncode == 0 else (-1, -1, done.stderr[-200:])
        print(f"{name:30} {seconds:7.2f} s {mb:7.0f} MB  {said}", flush=True)


if __name__ == "__main__":
    main()
