"""Command line of the practice floor.

`python -m practice grade answer.yaml [--run] [--model] [--json]` grades an answer file; `--run` runs the question's
scenarios on its design as well. `python -m practice card answer.yaml [--json] [--replications 5]` runs them and prints
the card that a review shows.
"""

import argparse
import json
import runpy
import sys
from pathlib import Path
from typing import Any

from practice.answer_file import AnswerFile, AnswerProblem, as_attempt, read_answer
from practice.attempt import StoredRun
from practice.card_text import shown as card_shown
from practice.grading import Grade, grade
from practice.model_endpoint import NoEndpoint, environment_endpoint
from practice.model_review import tasks
from practice.review import card
from practice.scenario_runs import plan, run_all
from question_bank.loader import QuestionProblem, load_question
from question_bank.schema import Question
from rubrics import GradeProblem
from rubrics.inquiry import Inquiry
from rubrics.model_cost import estimate
from rubrics.model_task import Endpoint
from simulator.settings import TooLong

WRONG_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 if the file cannot be graded."""
    options = _parser().parse_args(arguments)
    try:
        text = sys.stdin.read() if str(options.answer) == "-" else options.answer.read_text(encoding="utf-8")
        answer = read_answer(text)
        question = load_question(answer.question)
        said = _OF[options.command](question, answer, options)
    except (OSError, UnicodeDecodeError) as error:
        return _stop(f"{options.answer} cannot be read: {error}")
    except NoEndpoint as problem:
        return _stop(f"--model: {problem}")
    except (AnswerProblem, QuestionProblem, GradeProblem, TooLong) as problem:
        return _stop(f"{options.answer} cannot be graded:\n{problem}")
    print(said)
    return 0


def _grade(question: Question, answer: AnswerFile, options: argparse.Namespace) -> str:
    endpoint = environment_endpoint() if options.model else None
    result = grade(question, answer, _runs(question, answer) if options.run else None)
    opinion = _asked(question, answer, endpoint) if endpoint else None
    return _as_json(result, opinion) if options.json else _in_words(result, opinion)


def _card(question: Question, answer: AnswerFile, options: argparse.Namespace) -> str:
    attempt = as_attempt(answer)
    planned = plan(question, attempt.design) if attempt.design is not None else []
    made = card(question, attempt, run_all(planned, _progress, replications=options.replications))
    return made.model_dump_json(indent=2) if options.json else card_shown(made)


_OF = {"grade": _grade, "card": _card}


def _stop(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return WRONG_USAGE


def _runs(question: Question, answer: AnswerFile) -> dict[str, StoredRun]:
    """Every scenario of the question on the design in the file; how far it is goes to standard error."""
    design = as_attempt(answer).design
    if design is None:
        raise AnswerProblem(["--run needs a design, and the file has none under `design`"])
    planned = plan(question, design)
    for one in planned:
        if one.problem is not None:
            print(f"{one.scenario.title}: cannot run: {one.problem}", file=sys.stderr)
    return run_all(planned, _progress)


def _progress(title: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{title}: {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
    elif share >= 1:
        print(f"{title}: done", file=sys.stderr, flush=True)


def _asked(question: Question, answer: AnswerFile, endpoint: Endpoint) -> dict[str, Any]:
    """What the model makes of the answer, after what it will take has been said on standard error."""
    prepared = tasks(question, as_attempt(answer))
    expected = estimate(prepared)
    print(
        f"Asking {endpoint.model} at {endpoint.host}: {expected.requests} requests, about {expected.tokens_in:,} "
        f"tokens in and {expected.tokens_out:,} out.",
        file=sys.stderr,
    )
    if not endpoint.is_encrypted and not endpoint.is_on_this_machine:
        print(f"The way to {endpoint.host} is not encrypted: others on it can read the text.", file=sys.stderr)
    inquiry, shown = Inquiry(prepared, endpoint).start(), 0
    try:
        while not (inquiry.is_over and shown == len(inquiry.opinions)):
            inquiry.wait(0.2)
            for one in inquiry.opinions[shown:]:
                print(f"{one.dimension}: {one.sentence}", file=sys.stderr, flush=True)
            shown = len(inquiry.opinions)
    except KeyboardInterrupt:
        inquiry.cancel()
        inquiry.wait(5)
    return {
        "model": endpoint.model,
        "host": endpoint.host,
        "removed": list(prepared[0].prepared.removed) if prepared else [],
        "levels": {one.dimension: one.model_dump() for one in inquiry.opinions},
    }


def _as_json(result: Grade, opinion: dict[str, Any] | None) -> str:
    beside = {} if opinion is None else {"model": opinion}
    return json.dumps(result.model_dump(mode="json") | beside, indent=2, ensure_ascii=False)


def _in_words(result: Grade, opinion: dict[str, Any] | None) -> str:
    lines = [shown(result)]
    if opinion is not None:
        lines.append(f"\n{opinion['model']} at {opinion['host']}, beside and not part of the score:")
        for dimension, one in opinion["levels"].items():
            lines.append(f"{'-' if one['level'] is None else one['level']}  {dimension}: {one['sentence']}")
    return "\n".join(lines)


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
    return "\n".join([*lines, *(("", *result.notes) if result.notes else ())])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rubrics", description="Grade an answer file offline.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("grade", help="levels with evidence, concepts, worksheet, flags, score and signal")
    one.add_argument("answer", type=Path, help="the answer file (YAML or JSON), or - for standard input")
    one.add_argument(
        "--run", action="store_true", help="run the question's scenarios on the file's design, and use them"
    )
    one.add_argument("--model", action="store_true", help="ask the model that the environment names; printed beside")
    two = commands.add_parser("card", help="run the scenarios on the answer's design and print its card")
    two.add_argument("answer", type=Path, help="the answer file (YAML or JSON), or - for standard input")
    two.add_argument("--replications", type=int, default=5, help="runs of each scenario; the app takes 5")
    for command in (one, two):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == ["attempt"]:
        sys.argv[1:2] = []
        runpy.run_module("storage", run_name="__main__")
    sys.exit(main())
