"""Command line of the storage floor: attempts as files, and the database as a whole.

`python -m storage list`, `export ID [-o FILE]`, `import FILE` and `rerun FILE`. A rerun runs everything in an attempt
file again, grades it again, and returns 1 if any number or level differs from what the file says. `backup FILE`,
`restore FILE` and `delete --yes` are about everything at once.
"""

import argparse
import sys
from pathlib import Path

from practice.answer_file import AnswerProblem
from practice.attempt_file import MAX_BYTES, AttemptFile, from_bytes, write_attempt_file
from practice.rerun import rerun
from practice.versions import versions
from question_bank.loader import QuestionProblem, load_question, slugs
from question_bank.schema import Question
from storage.attempt_files import export_attempt, import_attempt
from storage.attempts import NoSuchAttempt, list_attempts, load_attempt
from storage.database import StorageProblem, path
from storage.whole import SAFETY, back_up, delete_person, restore

LOCAL = "local"  # the one person without sign-in
DIFFERENT, WRONG_USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 if a rerun differs, or 2 if it cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except NoSuchAttempt as missing:
        return _stop(f"there is no attempt {str(missing)!r}; `python -m storage list` shows which there are")
    except (AnswerProblem, QuestionProblem, StorageProblem) as problem:
        return _stop(str(problem))
    except OSError as error:
        return _stop(f"{error.filename or 'the file'} cannot be used: {error.strerror or error}")


def _list(options: argparse.Namespace) -> int:
    for one in list_attempts(options.owner):
        print(f"{one.id}  {one.question}  {one.words} words, {one.runs} runs")
    return 0


def _export(options: argparse.Namespace) -> int:
    question = _question(load_attempt(options.owner, options.attempt).question)
    text = write_attempt_file(export_attempt(options.owner, options.attempt, versions(question)))
    if options.output is None:
        print(text, end="")
    else:
        options.output.write_text(text, encoding="utf-8")
    return 0


def _question(slug: str) -> Question | None:
    return load_question(slug) if slug in slugs() else None


def _import(options: argparse.Namespace) -> int:
    print(import_attempt(options.owner, _read(options.file)))
    return 0


def _rerun(options: argparse.Namespace) -> int:
    file = _read(options.file)
    found = rerun(file, load_question(file.question), _progress)
    for sentence in found.sentences():
        print(sentence)
    return 0 if found.is_same else DIFFERENT


def _backup(options: argparse.Namespace) -> int:
    back_up(options.file)
    print(options.file)
    return 0


def _restore(options: argparse.Namespace) -> int:
    print(f"{restore(options.file)} attempts; what was there before is in {path().with_name(SAFETY)}")
    return 0


def _delete(options: argparse.Namespace) -> int:
    if not options.yes:
        return _stop(f"everything of {options.owner!r} in {path()} would be gone for good; say --yes to do it")
    delete_person(options.owner)
    return 0


def _read(path: Path) -> AttemptFile:
    """The attempt in a file; no more of a large file is read than shows that it is too large."""
    with path.open("rb") as file:
        return from_bytes(file.read(MAX_BYTES + 1))


def _progress(title: str, share: float) -> None:
    if share >= 1:
        print(f"{title}: done", file=sys.stderr, flush=True)


def _stop(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return WRONG_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m storage", description="Attempts as files.")
    parser.add_argument("--owner", default=LOCAL, help="whose attempts; the one local person if left out")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("list", help="the attempts, the newest first").set_defaults(run=_list)
    one = commands.add_parser("export", help="write an attempt as a file")
    one.add_argument("attempt", help="the id, from the address or from `list`")
    one.add_argument("-o", "--output", type=Path, help="the file; standard output if left out")
    one.set_defaults(run=_export)
    for name, run, says in (
        ("import", _import, "keep the attempt of a file, and print its id"),
        ("rerun", _rerun, "run and grade the attempt of a file again, and say what differs"),
        ("backup", _backup, "write a copy of the whole database"),
        ("restore", _restore, "put a copy in the place of the database"),
    ):
        one = commands.add_parser(name, help=says)
        one.add_argument("file", type=Path)
        one.set_defaults(run=run)
    one = commands.add_parser("delete", help="remove everything of a person for good")
    one.add_argument("--yes", action="store_true", help="really")
    one.set_defaults(run=_delete)
    return parser


if __name__ == "__main__":
    sys.exit(main())
