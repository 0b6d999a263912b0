"""The state of a round as the rules see it, from an attempt, its runs and a moment."""

import re
from collections.abc import Iterator, Mapping, Sequence

from practice.attempt import Attempt, StoredRun
from practice.interviewer.drawing import graph
from practice.interviewer.quoting import in_plain, quote
from practice.interviewer.reading import Read, all_sentences, read
from practice.interviewer.state import Hands, LatencySum, RowJudged, RowState, RunState, Said, State
from practice.interviewer.topics import about_question, heard, topics
from practice.review import AFTER_THE_WORKSHEET, fleet_settings, judged_sheet
from practice.round_clock import round_clock
from practice.rounds import Round
from practice.scenario_runs import is_current, passed, plan, starting_design
from question_bank.quantity import shown
from question_bank.schema import Question, Row
from question_bank.worksheet import RowVerdict
from rubrics import reappears
from rubrics.places import is_adopted
from rubrics.quotes import sentences_of
from rubrics.schema import PhaseId
from simulator.design import Design, KillReplicas, LoseZone
from simulator.results.summary import Summary

_MS = re.compile(r"(?<![\w.])(?P<n>\d[\d,]*(?:\.\d+)?) ?ms\b")
_WHOLE = re.compile(
    r"\b(?:total|budget|promise\w*|within|under|below|slo|p99|p95|deadline|time-?out|of the)\b[^,;.]{0,25}$"
)
_JUDGED: dict[str, RowJudged] = {"follows": "partial", "other_dimension": "wrong"}
_LATENCY_PHASES: tuple[PhaseId, ...] = ("detailed_design", "high_level_design", "requirements")


def observe(
    question: Question,
    round_: Round,
    attempt: Attempt,
    runs: Mapping[str, StoredRun],
    now: float,
    *,
    said: tuple[Said, ...] = (),
    hands: Hands | None = None,
    reading: Read | None = None,
) -> State:
    """Everything that the rules look at; `reading` is what a finder saw, or else the plain reader looks."""
    clock = round_clock(round_, attempt.events, now)
    sections = {phase: draft.text for phase, draft in attempt.sections.items()}
    answers = tuple(one.answer for one in said if one.answer)
    seen = reading if reading is not None else read(question, sections, answers)
    sentences = all_sentences(sections, answers)
    must = [fact.id for fact in question.facts if fact.must]
    promised_ms = question.slo.p99_ms
    return State(
        at=now,
        round=round_,
        phase=clock.phase,
        phase_s=clock.spent_s[clock.phase],
        phase_left_s=clock.phase_left_s,
        round_left_s=clock.round_left_s,
        is_running=clock.is_running,
        texts=sections,
        must_facts=len(must),
        must_facts_asked=len(set(must) & set(attempt.known_facts())),
        about=about_question(question),
        concepts=seen.concepts,
        topics=heard(sentences, seen.concepts),
        choices=seen.choices,
        crammed=seen.crammed,
        rows=tuple(_rows(question, attempt)),
        graph=graph(_drawn(question, attempt), sentences, _of_topic("misplaced_pixels", sentences)),
        runs=tuple(_runs(question, attempt, runs)),
        latency_sum=latency_sum(sections, promised_ms),
        promised_p99_ms=promised_ms,
        budget_usd_per_month=question.budget.usd_per_month if question.budget is not None else None,
        said=said,
        hands=hands if hands is not None else Hands(),
    )


def glance(round_: Round, attempt: Attempt, now: float, *, said: tuple[Said, ...], hands: Hands) -> State:
    """The clock, the hands and what was said, without a look at the work: enough to know whether to keep quiet."""
    clock = round_clock(round_, attempt.events, now)
    return State(
        at=now,
        round=round_,
        phase=clock.phase,
        phase_s=clock.spent_s[clock.phase],
        phase_left_s=clock.phase_left_s,
        round_left_s=clock.round_left_s,
        is_running=clock.is_running,
        said=said,
        hands=hands,
    )


def _drawn(question: Question, attempt: Attempt) -> Design | None:
    return attempt.design if attempt.design is not None and attempt.design != starting_design(question) else None


def _of_topic(topic_id: str, sentences: Sequence[str]) -> list[str]:
    topic = next(one for one in topics() if one.id == topic_id)
    return [one for one in sentences if is_adopted(one, topic.cues)]


# ---- worksheet -------------------------------------------------------------------------------------------------


def _rows(question: Question, attempt: Attempt) -> Iterator[RowState]:
    later = [attempt.sections[phase].text for phase in AFTER_THE_WORKSHEET if phase in attempt.sections]
    drawn = _drawn(question, attempt)
    settings = fleet_settings(drawn) if drawn is not None else {}
    verdicts = judged_sheet(question, attempt).rows
    for row, verdict in zip(question.worksheet.rows, verdicts, strict=True):
        used = verdict.value is not None and verdict.state == "ok"
        is_used = used and reappears([(row.label, verdict.value or 0.0, row.unit)], later, settings) is not None
        yield _row(row, verdict, attempt, is_used=is_used)


def _row(row: Row, verdict: RowVerdict, attempt: Attempt, *, is_used: bool) -> RowState:
    written = attempt.worksheet.get(row.id)
    typed = in_plain(f"{written.value} {written.unit}")[:40].strip() if written is not None else ""
    reference = verdict.value / verdict.ratio if verdict.value and verdict.ratio else row.reference
    return RowState(
        id=row.id,
        label=row.label,
        unit=row.unit,
        judged=_JUDGED.get(verdict.state, verdict.state),  # type: ignore[arg-type]  # the other states are the same
        said=typed,
        reference=f"{shown(reference)} {row.unit}",
        ratio=verdict.ratio,
        cause=verdict.mistake,
        is_used=is_used,
        is_money=row.unit.startswith("usd"),
    )


# ---- latency in the text ---------------------------------------------------------------------------------------


def latency_sum(sections: Mapping[PhaseId, str], promised_ms: float | None) -> LatencySum | None:
    """Milliseconds that one sentence, or consecutive lines with one number each, give to stages; None without two.

    Numbers that stand for the whole, such as a budget or a p99, are no stage.
    """
    for phase in _LATENCY_PHASES:
        run: list[float] = []
        first = ""
        for sentence in sentences_of(sections.get(phase, "")):
            found = _stages(sentence, promised_ms)
            if len(found) >= 2:
                return LatencySum(sum_ms=sum(found), quote=quote(sentence) or "")
            if not found and len(run) >= 3:
                break
            first, run = (first or sentence, [*run, *found]) if found else ("", [])
        if len(run) >= 3:
            return LatencySum(sum_ms=sum(run), quote=quote(first) or "")
    return None


def _stages(sentence: str, promised_ms: float | None) -> list[float]:
    plain = in_plain(sentence).casefold()
    numbers = [(match.start(), float(match["n"].replace(",", ""))) for match in _MS.finditer(plain)]
    return [value for at, value in numbers if value != promised_ms and not _WHOLE.search(plain[:at])]


# ---- runs ------------------------------------------------------------------------------------------------------


def _runs(question: Question, attempt: Attempt, runs: Mapping[str, StoredRun]) -> Iterator[RunState]:
    """Finished runs of the design as it is now."""
    if attempt.design is None:
        return
    for planned in plan(question, attempt.design):
        run = runs.get(planned.scenario.id)
        if run is None or not is_current(run, planned):
            continue
        yield run_state(
            run,
            title=planned.scenario.title,
            steady=planned.scenario.steady,
            promised_ms=run.design.promise.late_after_ms(),
        )


def run_state(run: StoredRun, *, title: str, steady: bool, promised_ms: float | None) -> RunState:
    summary, repaired_s = run.summary, _repaired_s(run.design)
    bottleneck = summary.bottleneck.component if summary.bottleneck is not None else None
    busy = next((one.utilization for one in summary.components if one.component == bottleneck), None)
    in_time, p99 = summary.outcomes.in_time_share, summary.latency.p99_ms
    return RunState(
        scenario=run.scenario,
        title=title,
        steady=steady,
        passed=passed(summary),
        bottleneck=bottleneck,
        p99_ms=p99.value if p99 is not None else None,
        promised_ms=promised_ms,
        utilization=busy.value if busy is not None else None,
        in_time_share=in_time.value if in_time is not None else None,
        fallback_share=summary.outcomes.degraded / summary.outcomes.arrivals if summary.outcomes.arrivals else None,
        repaired_at_s=repaired_s,
        after_share=_share_from(summary, repaired_s) if repaired_s is not None else None,
    )


def _repaired_s(design: Design) -> float | None:
    """When lost capacity is back; None if none was lost or it stays away."""
    lost = [one for one in design.faults if isinstance(one, KillReplicas | LoseZone)]
    if not lost or any(one.for_s is None for one in lost):
        return None
    return max(one.at_s + (one.for_s or 0.0) for one in lost)


def _share_from(summary: Summary, from_s: float) -> float | None:
    """The share in time of the requests that arrive from a moment on."""
    line = summary.timeline
    steps = [
        (arrived, share)
        for start, arrived, share in zip(line.starts_s, line.arrivals_per_s, line.in_time_share, strict=True)
        if start >= from_s and share is not None
    ]
    total = sum(arrived for arrived, _ in steps)
    return sum(arrived * share for arrived, share in steps) / total if total else None
