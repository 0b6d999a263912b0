"""How far suggested scores are from those of labels: `python -m benchmarks.suggestion_error` measures it on the labeled
answers and writes it where the card reads it.
"""

from pathlib import Path
from statistics import mean

from practice.answer_file import read_answer
from practice.grading import grade
from question_bank.loader import load_question
from rubrics.measured_error import FILE, SuggestionError
from rubrics.score import score
from simulator.yaml_text import read_yaml

ANSWERS = Path(__file__).parent.parent / "tests" / "rubrics" / "answers"
KINDS = ("strong", "average", "weak", "terse")
ABOUT = """\
# How far the score of the suggested levels was from the score of the labels, on labeled answers of our own (strong,
# average, weak and terse ones; those on which the finder abstains are left out). Written by
# `python -m benchmarks.suggestion_error`. These answers were seen while the finder was tuned, so the error on new
# ones is likely larger.
"""


def measure() -> SuggestionError:
    """The mean distance, in points of 0-100."""
    distances, questions = [], set()
    for path in (path for kind in KINDS for path in sorted(ANSWERS.glob(f"*.{kind}.yaml"))):
        text = path.read_text(encoding="utf-8")
        answer = read_answer(text)
        question = load_question(answer.question)
        found = grade(question, answer)
        if not found.flags.little_found:
            distances.append(abs(found.score - score(read_yaml(text)["labels"], question.rubric_weights)))
            questions.add(answer.question)
    return SuggestionError(score_points=round(mean(distances), 1), answers=len(distances), questions=len(questions))


def main() -> None:
    """Measure, write and print."""
    found = measure()
    lines = "".join(f"{name}: {value}\n" for name, value in found)
    FILE.write_text(ABOUT + lines, encoding="utf-8")
    print(lines, end="")


if __name__ == "__main__":
    main()
