"""The runs that a round asks for: their progress while they are under way, and the timeline of one."""

import streamlit as st

from practice.trials import Trial
from simulator.results.summary import Summary
from ui import own_runs
from ui.charts import PINNED, PLAIN
from ui.people import current_person
from ui.timeline_chart import fig_timeline, timeline_alt
from ui.words import plain

POLL_S = 0.5


def wait_for(attempt_id: str, trials: list[Trial]) -> bool:
    """Show how far the trials are that have no result, or why there will be none; whether all have one."""
    open_ = [one for one in trials if one.summary is None]
    if not open_:
        return True
    jobs = [own_runs.trial_job(current_person(), attempt_id, one) for one in open_]
    running = any(not job.is_over for job in jobs)
    st.fragment(_progress, run_every=POLL_S if running else None)(attempt_id, open_)
    return False


def _progress(attempt_id: str, trials: list[Trial]) -> None:
    """Polled, and small for that reason; the page is drawn again when all have ended."""
    jobs = [own_runs.trial_job(current_person(), attempt_id, one) for one in trials]
    ended = [job for job in jobs if job.is_over and (job.state != "done" or job.problems)]
    if ended:
        st.error(plain(" ".join(ended[0].problems) or "The run was ended before it was done."))
        st.button(
            "Run it again", key=f"again:{attempt_id}:{trials[0].kind}", on_click=_again, args=(attempt_id, trials)
        )
    elif all(job.is_over for job in jobs):
        st.rerun()
    else:
        done = sum(job.progress for job in jobs) / len(jobs)
        st.progress(done, text=f"Simulating, {done:.0%}")


def _again(attempt_id: str, trials: list[Trial]) -> None:
    for one in trials:
        own_runs.start_trial(current_person(), attempt_id, one)


def timeline(trial: Trial, summary: Summary, *, key: str, beside: Summary | None = None, name: str = "before") -> None:
    """What happened over the simulated time, with another run dotted, under its name."""
    figure = fig_timeline(summary, trial.design.promise.late_after_ms(), trial.design.faults, beside)
    figure.for_each_trace(lambda trace: trace.update(name=f"{name}, dotted") if trace.legendgroup == PINNED else None)
    words = timeline_alt(summary)
    st.plotly_chart(figure, config=PLAIN, alt=words, key=key)
    st.caption(plain(words))
