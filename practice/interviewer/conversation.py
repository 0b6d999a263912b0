"""Which of the things that were said still waits for a reply, and what to show of the others."""

from collections.abc import Sequence

from practice.interviewer.state import Said

_ASKING = ("?", "please.")


def asks(said: Said) -> bool:
    """Whether a reply is expected at all; the clock often only says what comes next."""
    return said.kind in ("probe", "twist") or (said.kind == "clock" and said.text.rstrip().endswith(_ASKING))


def open_question(said: Sequence[Said]) -> int | None:
    """The place of the newest question, if it was not answered; an older one is passed over with it."""
    newest = next((number for number in reversed(range(len(said))) if asks(said[number])), None)
    return newest if newest is not None and said[newest].answered_at is None else None


def remark(said: Sequence[Said]) -> Said | None:
    """What was said last, if it asks for nothing."""
    return said[-1] if said and not asks(said[-1]) else None


def before(said: Sequence[Said]) -> list[Said]:
    """The questions before the open one, the newest first."""
    now = open_question(said)
    return [one for number, one in reversed(list(enumerate(said))) if asks(one) and number != now]
