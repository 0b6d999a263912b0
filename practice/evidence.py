"""What a question gives the finder: its concepts and pairs, and the texts that prove nothing when they are copied."""

from collections.abc import Mapping

from question_bank.schema import Question
from rubrics import PhaseId, load_rubric
from rubrics.choices import TradeoffPair
from rubrics.finder import ConceptCue, Findings, Sought, find


def sought(question: Question) -> Sought:
    """The concepts, pairs and texts of a question."""
    return Sought(
        concepts=tuple(
            ConceptCue(
                id=one.id,
                dimension=one.dim,
                tier=one.tier,
                label=one.label,
                cues=one.all_cues,
                together=one.all_together,
            )
            for one in question.concepts
        ),
        tradeoffs=tuple(TradeoffPair(**one.model_dump()) for one in question.tradeoffs),
        material=tuple(_material(question)),
        told=(question.prompt, *(fact.answer for fact in question.facts)),
    )


def findings(question: Question, sections: Mapping[PhaseId, str], probes: tuple[str, ...] = ()) -> Findings:
    """What the finder sees in an answer to the question."""
    return find(sought(question), sections, probes)


def _material(question: Question) -> list[str]:
    """Everything that could be copied from the question or the rubric instead of being thought."""
    lines = [question.prompt, *question.functional, *question.non_functional, *question.out_of_scope]
    lines += [fact.answer for fact in question.facts]
    for pair in question.tradeoffs:
        lines += [f"{pair.a} {pair.prefer_a}", f"{pair.b} {pair.prefer_b}"]
    for probe in question.followups:
        lines += [probe.ask, probe.strong]
    for mistake in question.mistakes:
        lines += [mistake.say, mistake.why]
    for term, meaning in question.glossary.items():
        lines += [f"{term} {meaning}", meaning]
    for anchor in question.level_anchors.values():
        lines += [anchor.at_2, anchor.at_4]
    for name in ("junior", "senior", "staff"):
        lines.append(getattr(question.designs, name).comment)
    for concept in question.concepts:
        lines += [concept.label, concept.example, *concept.more_examples]
    rubric = load_rubric()
    return [*lines, *rubric.meaning, *(level for one in rubric.dimensions for level in (one.question, *one.levels))]
