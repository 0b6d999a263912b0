"""An attempt put into the form of its file."""

from collections.abc import Mapping

from practice.answer_file import Entry, ProbeAnswer
from practice.attempt import Attempt, Written
from practice.attempt_file import MOST_AGAIN, AttemptFile
from practice.filed import FiledEvent, FiledLevel, FiledPrediction, FiledRun, FiledTrial, FirstSaid
from practice.forensics import Mark
from practice.interviewer.state import Said
from practice.rounds import Round
from practice.trials import Trial
from practice.versions import Versions
from rubrics import Card
from rubrics.schema import PHASES


def attempt_file(
    attempt: Attempt,
    runs: tuple[FiledRun, ...],
    predictions: tuple[FiledPrediction, ...],
    card: Card | None,
    made_by: Versions,
    *,
    round_: Round | None = None,
    said: tuple[Said, ...] = (),
    marks: tuple[Mark, ...] = (),
    trials: tuple[Trial, ...] = (),
) -> AttemptFile:
    """The file of an attempt, with its round: what the interviewer said, when things were first written, and the runs
    of twist and drill.
    """
    return AttemptFile(
        id=attempt.id,
        versions=made_by,
        question=attempt.question,
        created_at=attempt.created_at,
        last_seen=attempt.last_seen,
        finished_at=attempt.finished_at,
        round=round_,
        sections={phase: attempt.section(phase).text for phase in PHASES if attempt.section(phase).text},
        worksheet=_entries(attempt.worksheet),
        constants=_entries(attempt.assumptions),
        facts_asked=attempt.known_facts(),
        asked=attempt.asked,
        design=attempt.design,
        probes=tuple(ProbeAnswer(id=one.id, text=one.answer) for one in said if one.answer.strip()),
        said=said,
        marks=marks,
        predictions=predictions,
        self_grades={one: FiledLevel(**own.model_dump()) for one, own in attempt.own_levels.items()},
        levels_at=attempt.levels_at,
        first_levels={one: first.level for one, first in attempt.first_levels.items()},
        first_said={one: FirstSaid(quote=first.quote, at=first.at) for one, first in attempt.first_levels.items()},
        clock=tuple(FiledEvent(**event.model_dump()) for event in attempt.events),
        card=card,
        runs=runs,
        trials=_filed(trials),
    )


def _filed(trials: tuple[Trial, ...]) -> tuple[FiledTrial, ...]:
    """The trials of a round; of those that met the drill again, the newest."""
    left_out = {one.at for one in [one for one in trials if one.kind == "drill_again"][:-MOST_AGAIN]}
    return tuple(FiledTrial(**dict(one)) for one in trials if one.kind != "drill_again" or one.at not in left_out)


def _entries(written: Mapping[str, Written]) -> tuple[Entry, ...]:
    return tuple(Entry(id=one, value=typed.value, unit=typed.unit) for one, typed in written.items())
