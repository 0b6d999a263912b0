"""What a grading model is asked about an attempt: the words of the answer, dimension by dimension, and nothing else."""

from practice.attempt import Attempt
from practice.review import texts
from question_bank.schema import Question
from rubrics import load_rubric
from rubrics.model_task import Concept, Task


def tasks(question: Question, attempt: Attempt) -> tuple[Task, ...]:
    """One task for each dimension that text can speak for. Capacity is not among them: its numbers are checked by code.

    Each holds the whole answer, because people say things where they come to mind; levels, runs and numbers of the
    worksheet are not in it.
    """
    return tuple(
        Task(dimension=one.id, question=one.question, concepts=concepts, sections=tuple(texts(attempt)))
        for one in load_rubric().dimensions
        if one.id != "capacity"
        and (
            concepts := tuple(
                Concept(id=concept.id, label=concept.label, tier=concept.tier, example=concept.example)
                for concept in question.concepts
                if concept.dim == one.id
            )
        )
    )
