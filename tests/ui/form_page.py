"""A page with the form of one design and nothing else, run by AppTest, with every part of the form open."""

from collections.abc import Callable
from typing import Any, Self

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from simulator.design import Design

WIDGETS = ("number_input", "text_input", "text_area", "selectbox", "multiselect", "checkbox", "toggle")


def page(saved: "list[Design]") -> None:
    """The form of every component, one below the other; `saved` begins with the design."""
    from ui.form.calls import call_fields  # noqa: PLC0415  # AppTest runs this function alone
    from ui.form.editing import Editing  # noqa: PLC0415
    from ui.form.panels import component_fields, whole_design  # noqa: PLC0415

    now = Editing(saved[-1], "test", saved.append)
    for name in now.design.components:
        component_fields(now, name)
        call_fields(now, name)
    whole_design(now)


class FormPage:
    """The form of a design with all of it open; `saved` are the designs that it has saved."""

    def __init__(self, design: Design):
        self._designs = [design]
        self.at = AppTest.from_function(page, args=(self._designs,), default_timeout=60)
        self.run()

    @property
    def design(self) -> Design:
        return self._designs[-1]

    @property
    def saved(self) -> list[Design]:
        return self._designs[1:]

    @property
    def problems(self) -> list[str]:
        state = self.at.session_state["test:editing"]
        return [*state["refused"], *state["problems"]]

    def run(self) -> None:
        self.at.run()
        assert [one.value for one in self.at.exception] == []

    @property
    def places(self) -> dict[str, Any]:
        """Every widget by the place in the design that it shows."""
        shown = [one for kind in WIDGETS for one in self.at.get(kind) if one.key]
        return {one.key.split(":", 2)[2]: one for one in shown if one.key.split(":", 2)[0] == "test"}

    def set(self, place: str, value: Any) -> None:
        self.places[place].set_value(value)
        self.run()

    def click(self, label: str) -> None:
        [button] = [one for one in self.at.button if one.label == label]
        button.click()
        self.run()


def open_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all that opens open."""
    expander = st.expander
    monkeypatch.setattr(st, "expander", lambda label, **_: _Open(expander(label, expanded=True)))


def submit_everything(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have each widget say, as soon as it is shown, that it has changed; the list fills with their keys."""
    submitted: list[str] = []

    def submitting(widget: Callable[..., Any]) -> Callable[..., Any]:
        def shown(*args: Any, **more: Any) -> Any:
            value = widget(*args, **more)
            if more.get("on_change") is not None:
                more["on_change"]()
                submitted.append(more["key"])
            return value

        return shown

    for kind in WIDGETS:
        monkeypatch.setattr(st, kind, submitting(getattr(st, kind)))
    return submitted


class _Open:
    open = True

    def __init__(self, block: Any):
        self._block = block

    def __enter__(self) -> Self:
        self._block.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._block.__exit__(*error)
