"""The interviewer beside the work: what the clock says, one question at a time, and the reply to it.

The panel has a fixed height, so that nothing on the page moves when something is said; it runs by itself, so that
nothing else on the page is drawn again. It is told by the browser when nobody types.
"""

import math
from html import escape

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt
from practice.interviewer.conversation import asks, before, open_question, remark
from practice.interviewer.hands import Pulse, hands_of
from practice.interviewer.interviewer import next_move
from practice.interviewer.interviewer import reply as said_back
from practice.interviewer.manner import is_typing, may_speak
from practice.interviewer.observe import glance, observe
from practice.interviewer.rules import rule_book
from practice.interviewer.state import Said
from practice.round_clock import Notice, RoundClock, notices, round_clock, warn_left_s
from practice.rounds import Round
from question_bank.schema import Question
from storage.attempts import latest_runs
from storage.rounds import add_said, begun_trials, load_said
from ui.components.hands import hands, pulse_of_this_run
from ui.interview.drill import STRUCK, alarm, is_struck, strike
from ui.interview.reply import reply_box
from ui.interview.wording import is_waiting, reword, reworded
from ui.look import PAPER
from ui.people import current_person
from ui.rounds import send_drafts
from ui.visit import current_attempt
from ui.words import many, plain

HEIGHT = 330
FIXED = ("first_phase_too_long", "reveal_facts")
REMARK_S = 180.0  # how long something that asks for nothing is shown
DESK = "desk"
ANCHOR = "interviewer"
# On a phone the columns give way: the panel stands below the text, as high as on a desk, and a line of a steady height
# above the text says what was asked, so that nothing moves there either. On a desk the line is only read aloud.
_STYLE = """<style>
    .st-key-desk div:has(> .st-key-notice) { position: absolute; clip-path: inset(50%%); width: 1px; height: 1px; }
    @media (max-width: 640px) {
    .st-key-desk [data-testid=stColumn], .st-key-desk [data-testid=stColumn] > div,
    .st-key-desk div:has(> div > .st-key-notice), .st-key-desk div:has(> div > div > .st-key-notice) {
        display: contents; }
    .st-key-desk div:has(> .st-key-notice) { order: -1; position: sticky; top: 3.75rem; z-index: 9; clip-path: none;
        width: 100%%; height: auto; background: %s; }
    .st-key-desk div:has(> .st-key-interviewer) { min-width: 100%%; }
    .notice { height: 2.75rem; display: flex; align-items: center; gap: 0.75rem; padding: 0 0.75rem;
        border: 1px solid rgb(128 128 128 / 35%%); border-radius: 0.4rem; }
    .notice [role=status] { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .notice a { color: inherit; font-weight: 600; padding: 0.6rem 0; }
    .st-key-interviewer h3 { scroll-margin-top: 8rem; }
    }</style>"""
_SHOWN_BEFORE = 12


def interviewer(question: Question, round_: Round) -> None:
    """The panel of a mock interview, in a column of a container with the key `DESK`."""
    st.html(_STYLE % PAPER["dark" if st.context.theme.type == "dark" else "light"])
    _beside_the_work(question, round_)


@st.fragment
def _beside_the_work(question: Question, round_: Round) -> None:
    attempt = current_attempt()
    if attempt is None:
        return
    now = wall_clock.now()
    said = _listen(question, round_, attempt, now, pulse_of_this_run())
    with st.container(key="notice"):
        _notice(round_, attempt, said, now)
    with st.container(key="interviewer", border=True, height=HEIGHT):
        _panel(round_, attempt, said, now)
    hands(
        pause_s=rule_book().manner.pause_s,
        speed=wall_clock.speed(),
        is_on=attempt.finished_at is None,
        redraw=_elsewhere(attempt.id, said),
    )


def _notice(round_: Round, attempt: Attempt, said: tuple[Said, ...], now: float) -> None:
    """The newest thing and what the clock says, in a line that leads to the panel."""
    number, aside = open_question(said), remark(said)
    clock = _told_by_the_clock(round_, attempt, now)
    if attempt.finished_at is not None:
        text, link = "The round is over.", ""
    elif is_struck(attempt.id):
        text, link = STRUCK, "Read"
    elif number is not None:
        text, link = said[number].text, "Reply"
    elif aside is not None and now - aside.at < REMARK_S:
        text, link = aside.text, "Read"
    else:
        text, link = "The interviewer listens.", ""
    there = f'<a href="#{ANCHOR}">{link}</a>' if link else ""
    left = f"<b>{escape(clock[1])}</b>" if clock is not None and clock[0] == "soft" else ""
    st.html(f'<div class="notice"><span role="status">{escape(text)}</span>{left}{there}</div>')


def _panel(round_: Round, attempt: Attempt, said: tuple[Said, ...], now: float) -> None:
    _clock_line(round_, attempt, now)
    if attempt.finished_at is None:
        alarm(attempt.id)
        _conversation(attempt, said, now)
    else:
        st.markdown("The round is over and its clock stands still. What you change now still reaches the card.")


def _listen(question: Question, round_: Round, attempt: Attempt, now: float, pulse: Pulse | None) -> tuple[Said, ...]:
    """What has been said until now, with the next thing if this is the moment for one."""
    said = load_said(current_person(), attempt.id)
    if attempt.finished_at is not None:
        return said
    hands_now = hands_of(attempt, said, now, pulse)
    seen = glance(round_, attempt, now, said=said, hands=hands_now)
    strike(question, attempt, seen)
    if is_waiting(attempt.id, len(said)):
        move = None if is_typing(seen) else reworded(now)
    elif may_speak(seen):
        runs = latest_runs(current_person(), attempt.id)
        move = next_move(question, observe(question, round_, attempt, runs, now, said=said, hands=hands_now))
        if move is not None and asks(move):
            move = reword(attempt.id, len(said), move)
    else:
        move = None
    return said if move is None else _say(attempt, said, move, now)


def _say(attempt: Attempt, said: tuple[Said, ...], move: Said, now: float) -> tuple[Said, ...]:
    """Keep what is said; if another tab was first, that is what was said."""
    if asks(move):
        said = send_drafts(attempt.id, said, now)
    is_first = add_said(current_person(), attempt.id, move, after=len(said))
    return (*said, move) if is_first else load_said(current_person(), attempt.id)


def _elsewhere(attempt_id: str, said: tuple[Said, ...]) -> str:
    """What the rest of the page shows of this round; when it changes, the page is drawn again."""
    told = [sum(one.kind == kind for one in said) for kind in ("twist", "clock")]
    return f"{attempt_id}:{told}:{'drill' in begun_trials(current_person(), attempt_id)}"


def facts_are_fixed(attempt_id: str) -> bool:
    """Whether the time for asking is over, so that the facts that decide are told although the phase goes on."""
    return any(one.id in FIXED for one in load_said(current_person(), attempt_id))


def _clock_line(round_: Round, attempt: Attempt, now: float) -> None:
    found = _told_by_the_clock(round_, attempt, now)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Interviewer", anchor=ANCHOR, width="content")
        if found:
            st.badge(plain(found[1]), color="gray" if found[0] == "soft" else "orange")
    if found and found[0] == "over":
        st.caption("Finish when you are ready: the button stands at the end of the page.")


def _told_by_the_clock(round_: Round, attempt: Attempt, now: float) -> tuple[str, str] | None:
    """The kind and the words of what the clock has to say."""
    clock = round_clock(round_, attempt.events, now)
    found = notices(round_, clock) if attempt.finished_at is None else ()
    if not found:
        return None
    text = _soft_words(round_, clock, found[0]) if found[0].kind == "soft" else found[0].text
    return found[0].kind, text.removesuffix(".")


def _soft_words(round_: Round, clock: RoundClock, notice: Notice) -> str:
    """The warning while it is true to the minute, and later what is left."""
    if clock.phase_left_s > warn_left_s(round_, clock.phase) - 60:
        return notice.text
    return f"Less than {many(math.ceil(clock.phase_left_s / 60), 'minute')} left"


def _conversation(attempt: Attempt, said: tuple[Said, ...], now: float) -> None:
    aside, number, earlier = remark(said), open_question(said), before(said)
    if aside is not None and now - aside.at < REMARK_S:
        st.markdown(plain(aside.text))
    if number is not None:
        st.markdown(f"**{plain(said[number].text)}**")
        reply_box(attempt.id, number)
    elif not said:
        st.caption("Listens, and asks when you pause. Nothing here interrupts your typing.")
    for one in earlier[:_SHOWN_BEFORE]:
        _exchange(one)


def _exchange(said: Said) -> None:
    with st.container(gap="xxsmall"):
        st.caption(plain(said.text))
        st.text(said.answer if said.answer.strip() else "No reply.")
        if back := said_back(said):
            st.markdown(plain(back))
