"""What a strong answer contains, shown after one's own judgment: lists, designs, trade-offs, mistakes, links."""

import streamlit as st

from practice.attempt import Attempt
from practice.scenario_runs import plan
from question_bank.schema import Question
from simulator.design import Design
from simulator.workers import Job
from ui.diagram import in_words, mermaid
from ui.look import WIDE_DRAWING
from ui.pictures import NONE
from ui.simulations import simulation
from ui.words import dollars, milliseconds, plain, share

_RUN = "run_references"
_OVER = "references_over"


def references(question: Question, attempt: Attempt) -> None:
    """Everything that was hidden until now."""
    _designs(question, attempt)
    lists, choices = st.columns(2, gap="medium")
    with lists:
        for title, lines in (
            ("What it must do", question.functional),
            ("What it promises", question.non_functional),
            ("What is left out", question.out_of_scope),
        ):
            st.subheader(title, anchor=False)
            st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        st.subheader("Words", anchor=False)
        st.markdown("\n".join(f"- **{plain(word)}**: {plain(said)}" for word, said in question.glossary.items()))
    with choices:
        _choices(question)
    _links(question)


def _choices(question: Question) -> None:
    st.subheader("Trade-offs", anchor=False)
    for one in question.tradeoffs:
        with st.expander(f"{one.a}, or {one.b}", key=f"tradeoff:{one.id}"):
            st.markdown(f"Prefer **{plain(one.a)}** when: {plain(one.prefer_a)}")
            st.markdown(f"Prefer **{plain(one.b)}** when: {plain(one.prefer_b)}")
    st.subheader("Common mistakes", anchor=False)
    st.markdown("\n".join(f"- **{plain(one.say)}**: {plain(one.why)}" for one in question.mistakes))
    st.subheader("What an interviewer would ask next", anchor=False)
    for one in question.followups:
        with st.expander(one.ask, key=f"followup:{one.id}"):
            st.markdown(f"A strong answer: {plain(one.strong)}")


def _links(question: Question) -> None:
    if not question.links:
        return
    st.subheader("To read on", anchor=False)
    for link in question.links:
        title = f"[{plain(link.title)}]({link.url})" if link.url else f"**{plain(link.title)}**"
        where = f", {plain(link.where)}" if link.where else ""
        st.markdown(f"- {title}, {plain(link.authors)}, {link.year}{where}. {plain(link.why)}")


def _designs(question: Question, attempt: Attempt) -> None:
    st.subheader("Reference designs", anchor=False)
    st.html(WIDE_DRAWING)
    levels = {name: getattr(question.designs, name) for name in ("junior", "senior", "staff")}
    for name, reference in levels.items():
        with st.container(border=True):
            said, drawn = st.columns([2, 3], vertical_alignment="center")
            said.markdown(f"**{name.capitalize()}**")
            said.text(reference.comment)
            drawn.mermaid_chart(mermaid(reference.design), alt=in_words(reference.design))
    st.caption("Run them under the question's scenarios, beside yours, on the same traffic and the same luck.")
    titles = {one.id: one.title for one in question.simulation.scenarios}
    scenario = st.selectbox("Scenario", list(titles), format_func=titles.get, key="reference_scenario")
    if st.button("Run them", key="run_references_button"):
        st.session_state[_RUN] = scenario
    if st.session_state.get(_RUN) == scenario:
        designs = {"yours": attempt.design} if attempt.design is not None else {}
        _compare(question, {**designs, **{name: one.design for name, one in levels.items()}}, scenario)


def _compare(question: Question, designs: dict[str, Design], scenario: str) -> None:
    jobs: dict[str, Job | str] = {}
    for name, design in designs.items():
        planned = next(one for one in plan(question, design) if one.scenario.id == scenario)
        if planned.design is None:
            jobs[name] = planned.problem or "This design cannot be run."
        else:
            jobs[name] = simulation(f"reference:{name}", planned.design, planned.settings, planned.checks)
    live = [job for job in jobs.values() if isinstance(job, Job)]
    if not all(job.is_over for job in live):
        st.fragment(_progress, run_every=0.7)(live)
    rows = [_row(name, job) for name, job in jobs.items()]
    st.table({key: [row[key] for row in rows] for key in rows[0]}, border="horizontal")


def _progress(live: list[Job]) -> None:
    """Polled, so it is small; the table is drawn again whenever a run has ended."""
    over = sum(job.is_over for job in live)
    if over > st.session_state.get(_OVER, 0) or over == len(live):
        st.session_state[_OVER] = over
        st.rerun()
    st.session_state[_OVER] = over
    done = sum(job.progress for job in live) / len(live)
    st.progress(done, text=f"Simulating {len(live)} designs, {done:.0%}")


def _row(name: str, job: Job | str) -> dict[str, str]:
    row = dict.fromkeys(
        ("design", "p99", "in time", "by fallback", "limit asked for", "USD per month", "verdict"), NONE
    )
    row["design"] = name
    if isinstance(job, str) or job.problems:
        row["verdict"] = plain(job if isinstance(job, str) else " ".join(job.problems))
        return row
    if job.summary is None:
        row["verdict"] = "running"
        return row
    summary = job.summary
    ends, p99 = summary.outcomes, summary.latency.p99_ms
    row["p99"] = milliseconds(p99.value if p99 else None)
    row["in time"] = share(ends.in_time_share.value if ends.in_time_share else None)
    row["by fallback"] = share(ends.degraded / ends.arrivals if ends.arrivals else None)
    if summary.bottleneck is not None:
        row["limit asked for"] = f"{plain(summary.bottleneck.component)}, {share(summary.bottleneck.load)}"
    row["USD per month"] = dollars(summary.cost.usd_per_month).removesuffix(" USD")
    preview = " so far" if not job.is_over else ""
    met = all(verdict.met for verdict in summary.checks)
    row["verdict"] = ("passed" if met else "missed") + preview
    return row
