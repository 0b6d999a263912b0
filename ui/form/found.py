"""What is wrong with a design, told where it belongs: on its component, or above them all."""

import re
from collections.abc import Callable

import streamlit as st

from simulator.support import DoesNotRunYet, check
from ui.form.editing import Editing
from ui.words import plain

_COMPONENT = re.compile(r"components\.([a-z][a-z0-9_]*)")


class Found:
    """The problems of a design: what cannot be saved, and what is saved and does not run."""

    def __init__(self, editing: Editing):
        self._refused, self._does_not_run = editing.problems, _does_not_run(editing)
        known = editing.design.components
        self.names = {name for one in (*self._refused, *self._does_not_run) if (name := _owner(one)) in known}

    def of(self, name: str) -> None:
        """Say what belongs to one component."""
        self._say(lambda owner: owner == name)

    def elsewhere(self, name: str) -> None:
        """Say the rest."""
        self._say(lambda owner: owner != name)

    def everything(self) -> None:
        """Say all of it."""
        self._say(lambda _: True)

    def _say(self, wanted: Callable[[str | None], bool]) -> None:
        for sentence in self._refused:
            if wanted(_owner(sentence)):
                st.error(plain(sentence))
        for sentence in self._does_not_run:
            if wanted(_owner(sentence)):
                st.warning(plain(sentence))


def _owner(sentence: str) -> str | None:
    found = _COMPONENT.match(sentence)
    return found[1] if found else None


def _does_not_run(editing: Editing) -> list[str]:
    try:
        check(editing.design)
    except DoesNotRunYet as problem:
        return problem.problems
    return []
