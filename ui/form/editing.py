"""A design while it is edited: what is saved, what is typed and not possible yet, and what undo brings back."""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import streamlit as st

from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import with_value
from simulator.places import Change, node_at, put, with_values
from ui.form.kept import State, fresh

UNDO_DEPTH = 50


class Editing:
    """A design being edited. Fields call `put`, buttons `replace`; both save what is a design and say what is not.

    `key` tells editors apart. `mark` names the widget of a place; the name changes when something else than the widget
    itself has changed what it shows, so that it is drawn anew.
    """

    def __init__(self, design: Design, key: str, save: Callable[[Design], None]):
        self.design, self.key, self._save = design, key, save
        self._state: State = st.session_state.setdefault(f"{key}:editing", fresh(design))
        if self._state["saved"] != design:  # changed by somebody else, such as the same person in another tab
            self._draw_anew()
            self._state["saved"] = design
            self._anchor()
        self._draft: dict[str, Any] | None = None

    # ---- what fields show

    @property
    def draft(self) -> dict[str, Any]:
        """The data of the design, with what is typed and not possible yet."""
        if self._draft is None:
            data = self.design.model_dump(mode="json")
            for path, value in self._state["typed"].items():
                with contextlib.suppress(LookupError):  # what it was typed into is gone
                    put(data, path, copy.deepcopy(value))
            self._draft = data
        return self._draft

    def at(self, path: str) -> Any:
        return node_at(self.draft, path)

    @property
    def prefix(self) -> str:
        return f"{self.key}:{self._state['round']}"

    def mark(self, path: str) -> str:
        newer = sum(n for place, n in self._state["newer"].items() if path.startswith(f"{place}."))
        return f"{self.prefix}.{newer}:{path}"

    def opened(self, place: str) -> str:
        """The name of something that opens; it stays open when the fields in it are drawn anew."""
        return f"{self.key}:open:{place}"

    @property
    def problems(self) -> list[str]:
        """What is wrong with what was last asked for, and with what is typed."""
        return [*self._state["refused"], *self._state["problems"]]

    @property
    def anchor(self) -> Design:
        """The design as it was before sliders were turned, from which they take their ranges."""
        return self._state["anchor"]

    @property
    def anchored(self) -> int:
        """A number that is another one for every such design."""
        return self._state["anchored"]

    def refused_at(self, path: str) -> str:
        """What was wrong with the last turn of a slider; nothing if that was possible, or something else came after."""
        refused = self._state["refused"] if self._state["refused_at"] == path else []
        return refused[0] if refused else ""

    @property
    def chosen(self) -> str:
        wanted = self._state["chosen"]
        return wanted if wanted in self.design.components else next(iter(self.design.components))

    def choose(self, name: str | None) -> None:
        self._state["chosen"] = name

    # ---- changes

    def put(self, path: str, value: Any) -> None:
        """Set what stands at a place. What is not possible stays as it was typed until, with others, it is."""
        self._refuse([])
        typed = self._state["typed"] = {**self._state["typed"], path: value}
        if self._try(typed) and len(typed) > 1 and not self._try({path: value}):
            del typed[path]
        self._settle()

    def turn(self, path: str, value: Any) -> None:
        """Set what stands at a place by a slider, which stays as it is; turning one again is no new step to undo."""
        state = self._state
        self._refuse([])
        try:
            changed = with_value(self.design, path, value)
        except DesignProblem as problem:
            self._refuse(problem.problems, path)
            return
        if changed == self.design:
            return
        again, anchor, anchored = state["turned"] == path, state["anchor"], state["anchored"]
        self._take(changed)
        if again:
            state["undo"].pop()
        state["turned"], state["anchor"], state["anchored"] = path, anchor, anchored
        state["round"] += 1
        self._keep(lambda place: place != path and _is_there(changed, place))

    def draw_anew(self, place: str) -> None:
        """Have the fields below a place show what the design says, not what was typed."""
        self._state["newer"][place] = self._state["newer"].get(place, 0) + 1
        self._keep(lambda path: not path.startswith(f"{place}."))

    def replace(self, change: Change, *, place: str = "", forget: bool = False) -> bool:
        """Make a change after which the fields below `place`, or all, are drawn anew; whether it was possible.

        What is typed elsewhere stays, unless the change is to `forget` it.
        """
        self._refuse([])
        try:
            changed = change(self.design)
        except DesignProblem as problem:
            self._refuse(problem.problems)
            return False
        if changed == self.design:
            return False
        self._take(changed)
        if place:
            self.draw_anew(place)
        else:
            self._state["round"] += 1
            self._keep(lambda path: not forget and _is_there(changed, path))
        return True

    def can(self, back: str) -> bool:
        """Whether there is anything to undo or redo."""
        return bool(self._state["undo"] if back == "undo" else self._state["redo"])

    def step(self, back: str) -> None:
        """Undo or redo."""
        state = self._state
        here, there = (state["undo"], state["redo"]) if back == "undo" else (state["redo"], state["undo"])
        if here:
            there.append(self.design)
            self._write(here.pop())
            self._draw_anew()
            self._refuse([])

    def _refuse(self, problems: list[str], at: str | None = None) -> None:
        self._state["refused"], self._state["refused_at"] = problems, at

    def _try(self, values: dict[str, Any]) -> list[str]:
        """Save the design with these values; if it is none, what is wrong."""
        try:
            changed = with_values(self.design, copy.deepcopy(values))
        except DesignProblem as problem:
            return problem.problems
        except LookupError:  # two tabs: what the field belongs to is gone
            return ["this part of the design is gone; it was changed elsewhere"]
        if changed != self.design:
            self._take(changed)
        return []

    def _take(self, changed: Design) -> None:
        self._state["undo"] = [*self._state["undo"][-UNDO_DEPTH:], self.design]
        self._state["redo"] = []
        self._write(changed)

    def _write(self, design: Design) -> None:
        self._save(design)
        self.design = self._state["saved"] = design
        self._anchor()
        self._draft = None

    def _anchor(self) -> None:
        """Something else than a slider has changed the design, so that the sliders begin anew."""
        state = self._state
        state["anchor"], state["turned"] = self.design, None
        state["anchored"] += 1

    def _draw_anew(self) -> None:
        self._state["round"] += 1
        self._keep(lambda _: False)

    def _keep(self, wanted: Callable[[str], bool]) -> None:
        """Forget what is typed at other places."""
        self._state["typed"] = {path: value for path, value in self._state["typed"].items() if wanted(path)}
        self._settle()

    def _settle(self) -> None:
        """Save what is typed if it has become possible, one by one or together, and say what is wrong with the rest."""
        typed = self._state["typed"]
        for path in list(typed):
            if not self._try({path: typed[path]}):
                del typed[path]
        self._state["problems"] = self._try(typed) if typed else []
        if not self._state["problems"]:
            typed.clear()
        self._draft = None


def _is_there(design: Design, path: str) -> bool:
    try:
        put(design.model_dump(mode="json"), path, None)
    except (LookupError, ValueError):
        return False
    return True
