"""What the bank covers, as a Markdown page: questions, topics, kinds of components and faults, and seed topics."""

from collections.abc import Iterable, Mapping

from question_bank.cards import Card
from question_bank.schema import DESIGN_NAMES, Question
from question_bank.topics import seed_topics

_HEAD = """# What the bank covers

Written by `python -m question_bank coverage > docs/coverage.md` from the questions and cards; a test compares.
"""


def coverage_page(questions: Mapping[str, Question], cards: Mapping[str, Card]) -> str:
    """The whole page."""
    known = list(questions.values())
    parts = [_HEAD, _questions(known), _kinds(known), _faults(known), _seed(known, cards.values()), _topics(known)]
    return "\n".join(parts)


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(columns)
    lines = [head, ["---"] * len(head), *(list(row) for row in rows)]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _questions(questions: Iterable[Question]) -> str:
    rows = [
        [
            one.title,
            one.category.replace("-", " "),
            one.difficulty,
            f"{one.minutes} min",
            str(len(one.worksheet.rows)),
            str(len(one.concepts)),
            str(len(one.followups)),
            ", ".join(scenario.id for scenario in one.simulation.scenarios),
        ]
        for one in questions
    ]
    columns = ("Question", "Category", "Level", "Length", "Worksheet rows", "Concepts", "Probes", "Scenarios")
    return _table("Questions", columns, rows)


def kinds_of(question: Question) -> list[str]:
    """The kinds of components that its designs use."""
    designs = [question.designs.by_name(name) for name in DESIGN_NAMES]
    return sorted({part.kind for design in designs for part in design.components.values()})


def faults_of(question: Question) -> list[str]:
    """The kinds of faults that its scenarios inject."""
    return sorted({fault.kind for scenario in question.simulation.scenarios for fault in scenario.faults})


def _kinds(questions: list[Question]) -> str:
    kinds = sorted({kind for one in questions for kind in kinds_of(one)})
    rows = [[one.title, *("yes" if kind in kinds_of(one) else "" for kind in kinds)] for one in questions]
    return _table("Kinds of components", ["Question", *kinds], rows)


def _faults(questions: list[Question]) -> str:
    kinds = sorted({kind for one in questions for kind in faults_of(one)})
    rows = [[kind, ", ".join(one.title for one in questions if kind in faults_of(one))] for kind in kinds]
    return _table("Faults", ["Fault", "Questions"], rows)


def _seed(questions: list[Question], cards: Iterable[Card]) -> str:
    known = list(cards)
    rows = [
        [
            topic,
            ", ".join(one.title for one in questions if topic in one.covers_seed),
            ", ".join(card.title for card in known if topic in card.covers_seed),
        ]
        for topic in seed_topics()
    ]
    return _table("Topics of the source documents", ["Topic", "Questions", "Cards"], rows)


def _topics(questions: list[Question]) -> str:
    tags = sorted({tag for one in questions for tag in one.tags})
    rows = [[tag.replace("-", " "), ", ".join(one.title for one in questions if tag in one.tags)] for tag in tags]
    return _table("Tags", ["Tag", "Questions"], rows)
