"""Command line of the practice floor.

`python -m practice grade answer.yaml [--json]` grades words and numbers without running anything. `python -m practice
card answer.yaml [--json] [--replications 5]` runs the question's scenarios on the answer's own design and prints the
card that a review shows.
"""

import argparse
import sys
from pathlib import Path

from practice.answer_file import AnswerFile, AnswerProblem, as_attempt, read_answer
from practice.card_text import shown as card_shown
from practice.grading import Grade, grade
from practice.review import card
from practice.scenario_runs import run_all
from question_bank.loader import QuestionProblem, load_question
from question_bank.schema import Question
from rubrics import GradeProblem

WRONG_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 if the file cannot be graded."""
    options = _parser().parse_args(arguments)
    try:
        text = sys.stdin.read() if str(options.answer) == "-" else options.answer.read_text(encoding="utf-8")
        answer = read_answer(text)
        said = _OF[options.command](load_question(answer.question), answer, options)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{options.answer} cannot be read: {error}", file=sys.stderr)
        return WRONG_USAGE
    except (AnswerProblem, QuestionProblem, GradeProblem) as problem:
        print(f"{options.answer} cannot be graded:\n{problem}", file=sys.stderr)
        return WRONG_USAGE
    print(said)
    return 0


def _grade(question: Question, answer: AnswerFile, options: argparse.Namespace) -> str:
    result = grade(question, answer)
    return result.model_dump_json(indent=2) if options.json else shown(result)


def _card(question: Question, answer: AnswerFile, options: argparse.Namespace) -> str:
    attempt = as_attempt(answer)
    made = card(question, attempt, run_all(question, attempt, replications=options.replications))
    return made.model_dump_json(indent=2) if options.json else card_shown(made)


_OF = {"grade": _grade, "card": _card}


def shown(result: Grade) -> str:
    """The grade in words."""
    lines = [f"{result.question}: {result.score:.0f} of 100. {result.signal['sentence']}", ""]
    for dimension, row in result.levels.items():
        level = "-" if row.level is None else str(row.level)
        lines.append(f"{level}  {dimension} ({row.source or 'not shown'}): {row.sentence}")
        lines += [f"     \u201c{' '.join(sentence.split())}\u201d" for sentence in row.evidence]
    for name, value in result.flags:
        if value:
            parts = ["yes"] if value is True else [" ".join(one.split()) for one in value]
            lines += ["", f"{name.replace('_', ' ')}:", *(f"  {one}" for one in parts)]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rubrics", description="Grade an answer file offline.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("grade", help="levels with evidence, concepts, worksheet, flags, score and signal")
    one.add_argument("answer", type=Path, help="the answer file (YAML or JSON), or - for standard input")
    two = commands.add_parser("card", help="run the scenarios on the answer's design and print its card")
    two.add_argument("answer", type=Path, help="the answer file (YAML or JSON), or - for standard input")
    two.add_argument("--replications", type=int, default=5, help="runs of each scenario; the app takes 5")
    for command in (one, two):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
