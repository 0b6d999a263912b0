"""Whether what a question says is right, as far as a program can tell; every problem names its file and place."""

import re
from collections.abc import Iterator

from question_bank.scenarios import fit
from question_bank.schema import DESIGN_NAMES, Concept, Question, Range, Row, Scenario
from question_bank.topics import seed_topics
from question_bank.worksheet import calculated
from rubrics.places import is_adopted, places
from rubrics.schema import DIMENSIONS
from simulator import support
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.support import DoesNotRunYet

REFERENCE_WITHIN = 0.01  # of what the formula gives
LONGEST_ASK = 24  # words; an interviewer's question is short
_WITHOUT_CONCEPTS = ("tradeoffs_judgment",)  # judged by the pairs in question.yaml
_LEVELS = [name for name in DESIGN_NAMES if name != "cell"]


def content_problems(question: Question) -> list[str]:
    """A sentence for each statement that contradicts another or cannot run."""
    parts = (_text, _rows, _concepts, _complete, _designs, _scenarios)
    return [problem for part in parts for problem in part(question)]


def _text(question: Question) -> Iterator[str]:
    if number := re.search(r"\d+", question.prompt):
        yield f"question.yaml: prompt contains {number.group()!r}; numbers are facts, to be asked for"
    for topic in question.covers_seed:
        if topic not in seed_topics():
            yield f"question.yaml: covers_seed has {topic!r}, which is not in seed_topics.yaml; choose one from there"
    for followup in question.followups:
        if (words := len(followup.ask.split())) > LONGEST_ASK:
            yield f"question.yaml: followups.{followup.id}.ask has {words} words; ask in {LONGEST_ASK} at most"
    if question.slug in question.related:
        yield "question.yaml: related has the question itself; take it out"


def _rows(question: Question) -> Iterator[str]:
    calculation = calculated(question.worksheet)
    for row in question.worksheet.rows:
        place, given = f"worksheet.yaml: rows.{row.id}", calculation[row.id]
        if abs(row.reference / given - 1) > REFERENCE_WITHIN:
            yield f"{place}.reference is {row.reference:g}, but the formula gives {given:g}; correct one of them"
        if not (row.partial[0] <= row.accept[0] < row.reference < row.accept[1] <= row.partial[1]):
            yield f"{place} needs the reference inside accept, and accept inside partial; correct the bands"
        yield from _ratios(place, row)


def _ratios(place: str, row: Row) -> Iterator[str]:
    for mistake in row.mistakes:
        if _is_inside(mistake.ratio * row.reference, row.accept):
            yield f"{place}.mistakes has the ratio {mistake.ratio:g}, which lies inside accept; narrow accept"


def _is_inside(value: float, band: Range) -> bool:
    return band[0] <= value <= band[1]


def _concepts(question: Question) -> Iterator[str]:
    for concept in question.concepts:
        place = f"concepts.yaml: {concept.id}"
        for cue in concept.cues:
            if re.search(r"(?<!\\)[A-Z]", cue):
                yield f"{place}.cues has {cue!r} with a capital; answers are matched in small letters, so use those"
        yield from _examples(place, concept)


def _examples(place: str, concept: Concept) -> Iterator[str]:
    examples = [concept.example, *concept.more_examples]
    for example in examples:
        if not is_adopted(example, concept.all_cues, concept.all_together):
            found = places(example, concept.all_cues, concept.all_together)
            why = "takes for rejected" if found else "does not find"
            yield f"{place}: the finder {why} the example {example!r}; add a cue or change the example"
    for cue in concept.cues:
        if not any(is_adopted(example, [cue]) for example in examples):
            yield f"{place}: the cue {cue!r} matches none of the examples; add an example in those words"
    for groups in concept.together:
        if not any(is_adopted(example, (), [groups]) for example in examples):
            yield f"{place}: together {groups!r} stand in none of the examples; add an example in those words"
    yield from _refused(place, concept)


def _refused(place: str, concept: Concept) -> Iterator[str]:
    for sentence in concept.rejected:
        found = places(sentence, concept.all_cues, concept.all_together)
        if not found:
            yield f"{place}: the finder does not find the rejected sentence {sentence!r}; use the words of a cue in it"
        elif adopted := [one.cue for one in found if not one.rejected]:
            yield f"{place}: by {adopted[0]!r} the finder takes {sentence!r} for adopted; narrow the cue or reword it"
    for counter in concept.counter_examples:
        if found := places(counter, concept.all_cues, concept.all_together):
            yield f"{place}: the cue {found[0].cue!r} matches the counter-example {counter!r}; make the cue narrower"


def _complete(question: Question) -> Iterator[str]:
    """What a question needs before a round on it is worth somebody's hour."""
    least = {
        "facts": (question.facts, 8),
        "worksheet rows": (question.worksheet.rows, 6),
        "tradeoffs": (question.tradeoffs, 4),
        "followups": (question.followups, 5),
        "mistakes": (question.mistakes, 5),
        "glossary entries": (question.glossary, 6),
        "links": (question.links, 3),
        "level_anchors": (question.level_anchors, len(DIMENSIONS)),
        "concepts": (question.concepts, 20),
        "knobs": (question.simulation.knobs, 4),
        "scenarios": (question.simulation.scenarios, 3),
    }
    for what, (found, wanted) in least.items():
        if len(found) < wanted:
            yield f"it has {len(found)} {what}; write at least {wanted}"
    kinds = {scenario.steady for scenario in question.simulation.scenarios}
    if kinds != {True, False}:
        yield "simulation.yaml: scenarios need at least one that is steady and one with a fault; add the other"
    for concept in question.concepts:
        least = {"more_examples": (concept.more_examples, 2), "rejected": (concept.rejected, 1)}
        least |= {"counter_examples": (concept.counter_examples, 1), "other_words": (concept.other_words, 1)}
        for what, (found, wanted) in least.items():
            if len(found) < wanted:
                yield f"concepts.yaml: {concept.id}.{what} has {len(found)} sentences; write at least {wanted}"
    for dimension in DIMENSIONS:
        tiers = {concept.tier for concept in question.concepts if concept.dim == dimension}
        if dimension not in _WITHOUT_CONCEPTS and "core" not in tiers:
            yield f"concepts.yaml: no core concept is about {dimension}; write one"


def _designs(question: Question) -> Iterator[str]:
    budget = question.budget.usd_per_month if question.budget else None
    promised = {"p99_ms": question.slo.p99_ms, "availability": question.slo.availability, "usd_per_month": budget}
    for name in DESIGN_NAMES:
        place, design = f"designs/{name}.yaml", question.designs.by_name(name)
        try:
            support.check(design)
        except DoesNotRunYet as problem:
            yield from (f"{place}: {sentence}" for sentence in problem.problems)
        for field, wanted in promised.items():
            if (found := getattr(design.promise, field)) != wanted:
                yield f"{place}: promise.{field} is {found}, but question.yaml promises {wanted}; write the same"


def _runs(design: Design) -> bool:
    try:
        support.check(design)
    except DoesNotRunYet:
        return False
    return True


def _scenarios(question: Question) -> Iterator[str]:
    senior = question.designs.senior.design.components
    for scenario in question.simulation.scenarios:
        place = f"simulation.yaml: scenarios.{scenario.id}"
        for name, kind in scenario.target_kinds.items():
            if name not in senior or senior[name].kind != kind:
                yield f"{place} is about {name!r}, a {kind}, which designs/senior.yaml does not have; name one it has"
                break
        else:
            yield from _does_not_run(place, question, scenario)


def _does_not_run(place: str, question: Question, scenario: Scenario) -> Iterator[str]:
    for name in _LEVELS:
        design = question.designs.by_name(name)
        if not _runs(design):
            continue  # _designs says why
        try:
            support.check(fit(scenario, design).design)
        except (DesignProblem, DoesNotRunYet) as problem:
            yield from (f"{place} with designs/{name}.yaml: {sentence}" for sentence in problem.problems)
