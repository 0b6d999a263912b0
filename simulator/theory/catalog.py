"""The catalog of theories: which there are, what each takes, and the numbers that one gives."""

from collections.abc import Mapping
from difflib import get_close_matches

from simulator.theory.batch_entries import BATCHES
from simulator.theory.entry import Row, Theory
from simulator.theory.queue_entries import QUEUES
from simulator.theory.system_entries import SYSTEMS

THEORIES = {theory.name: theory for theory in (*QUEUES, *BATCHES, *SYSTEMS)}


class TheoryProblem(ValueError):
    """A theory or parameter that does not exist or fit; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def theory_names() -> list[str]:
    """The names that `theory_rows` knows, in the order of the catalog."""
    return list(THEORIES)


def theory(name: str) -> Theory:
    """The entry of a theory: title, parameters, source. Raise TheoryProblem for an unknown name."""
    if name not in THEORIES:
        raise TheoryProblem([f"theory is {name!r}, which is not in the catalog; {_instead(name, theory_names())}"])
    return THEORIES[name]


def theory_rows(name: str, parameters: Mapping[str, float]) -> list[Row]:
    """The numbers that a theory gives; parameters that are left out have their defaults.

    Raise TheoryProblem for an unknown name or parameter, a value out of range, or values that have no answer together.
    """
    entry = theory(name)
    known = {parameter.name: parameter for parameter in entry.parameters}
    problems = [
        f"{name}.{given} is not a parameter; {_instead(given, list(known))}"
        for given in parameters
        if given not in known
    ]
    for given, parameter in known.items():
        if given in parameters and (problem := parameter.problem(parameters[given])):
            problems.append(f"{name}.{problem}")
    if problems:
        raise TheoryProblem(problems)
    values = {
        parameter.name: (int if parameter.whole else float)(parameters.get(parameter.name, parameter.default))
        for parameter in entry.parameters
    }
    try:
        return [Row(quantity, value, unit, entry.source) for quantity, value, unit in entry.quantities(**values)]
    except ValueError as error:
        raise TheoryProblem([f"{name}: {error}"]) from error


def _instead(wrong: str, choices: list[str]) -> str:
    close = get_close_matches(wrong, choices, n=1)
    return f"did you mean {close[0]}?" if close else f"choose from {', '.join(choices)}"
