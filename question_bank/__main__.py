"""Command line of the question bank: `python -m question_bank check`, `list`, `coverage` and `schema`."""

import argparse
import json
import os
import sys
from pathlib import Path

from question_bank.behavior import behavior_problems
from question_bank.cards import card_problems, load_cards, load_exercises
from question_bank.content import content_problems
from question_bank.coverage import coverage_page
from question_bank.json_schema import question_schema
from question_bank.lab_checks import lab_problems
from question_bank.labs import load_labs
from question_bank.loader import QUESTIONS, QuestionProblem, load_all, load_question, slugs
from question_bank.schema import Question
from question_bank.templates import load_templates, template_problems
from question_bank.topics import uncovered_topics

FOUND_PROBLEMS, WRONG_USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 if a question has problems, or 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    if options.command == "schema":
        print(json.dumps(question_schema(), indent=2))
        return 0
    if options.command == "coverage":
        print(coverage_page(load_all(), load_cards()), end="")
        return 0
    if not options.questions.is_dir():
        print(f"{options.questions} is not a folder of questions; name one that exists", file=sys.stderr)
        return WRONG_USAGE
    known = slugs(options.questions)
    if unknown := [slug for slug in options.slug if slug not in known]:
        print(f"{unknown[0]!r} is not a question; choose one of {', '.join(known)}", file=sys.stderr)
        return WRONG_USAGE
    chosen = options.slug or known
    if options.command == "list":
        return _list(chosen, options.questions)
    jobs = 0 if options.no_runs else max(1, options.jobs)
    return _check(chosen, options.questions, is_whole_bank=not options.slug, jobs=jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m question_bank", description="Check and list the questions.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in [("check", "say everything that is wrong with questions"), ("list", "list the questions")]:
        command = commands.add_parser(name, help=what)
        command.add_argument("slug", nargs="*", help="questions; all if none is named")
        command.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FOLDER", help="where they are")
        if name == "check":
            command.add_argument("--no-runs", action="store_true", help="read only; do not run the reference designs")
            command.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="runs at a time")
    commands.add_parser("coverage", help="print a page on what the bank covers")
    commands.add_parser("schema", help="print the JSON schema of the question files")
    return parser


def _check(chosen: list[str], folder: Path, *, is_whole_bank: bool, jobs: int) -> int:
    found: list[Question] = []
    failed = 0
    for slug in chosen:
        problems = _problems(slug, folder, found, jobs)
        failed += bool(problems)
        print(f"{slug}: {f'{len(problems)} to correct' if problems else _size(found[-1])}", flush=True)
        for problem in problems:
            print(f"  {problem}")
    if is_whole_bank:
        failed += _check_the_rest(found) + _check_templates(jobs)
    return FOUND_PROBLEMS if failed else 0


def _check_the_rest(questions: list[Question]) -> int:
    """Cards, exercises and labs, and what only the whole can lack; 1 if something is wrong."""
    problems: list[str] = []
    try:
        cards, exercises, labs = load_cards(), load_exercises(), load_labs()
    except QuestionProblem as problem:
        cards, exercises, labs, problems = {}, {}, {}, problem.problems
    else:
        problems += lab_problems(labs.values())
        problems += card_problems(cards.values(), labs, [one.slug for one in questions])
        covered = [*(one.covers_seed for one in questions), *(one.covers_seed for one in cards.values())]
        problems += [f"no question and no card covers the seed topic {topic!r}" for topic in uncovered_topics(covered)]
    counts = f"{len(cards)} cards, {len(exercises)} exercises, {len(labs)} labs"
    print(f"fundamentals: {f'{len(problems)} to correct' if problems else f'ok, {counts}'}")
    for sentence in problems:
        print(f"  {sentence}")
    return int(bool(problems))


def _check_templates(jobs: int) -> int:
    """The designs to start from; 1 if something is wrong with them."""
    try:
        templates = load_templates()
    except QuestionProblem as problem:
        count, problems = 0, problem.problems
    else:
        count, problems = len(templates), template_problems(templates.values(), jobs) if jobs else []
    print(f"templates: {f'{len(problems)} to correct' if problems else f'ok, {count} templates'}")
    for sentence in problems:
        print(f"  {sentence}")
    return int(bool(problems))


def _problems(slug: str, folder: Path, found: list[Question], jobs: int) -> list[str]:
    """What is wrong with a question; its designs are run, `jobs` at a time, only if the rest is right."""
    try:
        question = load_question(slug, folder)
    except QuestionProblem as problem:
        return problem.problems
    found.append(question)
    problems = content_problems(question)
    return behavior_problems(question, jobs) if jobs and not problems else problems


def _size(question: Question) -> str:
    counts = {
        "facts": question.facts,
        "rows": question.worksheet.rows,
        "concepts": question.concepts,
        "probes": question.followups,
        "scenarios": question.simulation.scenarios,
    }
    return "ok, " + ", ".join(f"{len(parts)} {what}" for what, parts in counts.items())


def _list(chosen: list[str], folder: Path) -> int:
    for slug in chosen:
        try:
            question = load_question(slug, folder)
        except QuestionProblem as problem:
            print(f"{slug}: cannot be read, {len(problem.problems)} to correct; see `check`")
            continue
        print(f"{slug}  {question.title}  ({question.category}, {question.difficulty}, {question.minutes} min)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
