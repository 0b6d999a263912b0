"""Which program, content and libraries made a result: what to look at when it cannot be repeated."""

import hashlib
import platform
from importlib.metadata import version

from question_bank.schema import Question
from rubrics import load_rubric
from rubrics.rubric_file import fingerprint as rubric_fingerprint
from simulator.spec import Spec

APP = "0.1"


class Versions(Spec):
    """Versions as text; `question` and `rubric` are fingerprints of the content, empty where it is unknown."""

    app: str = ""
    question: str = ""
    rubric: str = ""
    python: str = ""
    numpy: str = ""
    simpy: str = ""

    def differences(self, other: "Versions") -> tuple[str, ...]:
        """A sentence for each version that is known on both sides and not the same."""
        return tuple(
            f"{name} is {mine}, and was {theirs}"
            for name, mine in self
            if (theirs := getattr(other, name)) and mine and mine != theirs
        )


def versions(question: Question | None) -> Versions:
    """The versions of this program, of its rubric and of a question."""
    return Versions(
        app=APP,
        question="" if question is None else hashlib.sha256(question.model_dump_json().encode()).hexdigest()[:16],
        rubric=rubric_fingerprint(load_rubric()),
        python=platform.python_version(),
        numpy=version("numpy"),
        simpy=version("simpy"),
    )
