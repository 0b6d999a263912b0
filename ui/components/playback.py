"""The film of a run over its diagram: nodes fill and drain as simulated time passes."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from simulator import wiring
from simulator.design import Design
from simulator.fault_words import fault_in_words
from simulator.results.playback import Playback
from ui.components import asset
from ui.layers import layers
from ui.words import KIND_NAMES

_playback = st.components.v2.component(
    "windtunnel_playback", html=asset("playback.html"), css=asset("playback.css"), js=asset("playback.js")
)


def playback(film: Playback, design: Design, *, key: str, pinned: Playback | None = None) -> None:
    """Show the film; a pinned one of the same components is marked beside it."""
    _playback(key=key, data=film_data(film, design, pinned), height="content")


def film_data(film: Playback, design: Design, pinned: Playback | None = None) -> dict[str, Any]:
    """What the browser needs: nodes by layer, edges by number, and a value for each step and node."""
    rows = [name for layer in layers(design) for name in layer]
    number = {name: i for i, name in enumerate(rows)}
    shown = {one.component: one for one in film.components}
    theirs = {one.component: one for one in pinned.components} if pinned is not None else {}
    nodes = []
    for depth, layer in enumerate(layers(design)):
        for name in layer:
            one, old = shown[name], theirs.get(name)
            nodes.append(
                {
                    "name": name,
                    "kind": KIND_NAMES[design.components[name].kind],
                    "layer": depth,
                    "waiting": one.waiting,
                    "inside": one.inside,
                    "busy": one.busy_share,
                    "pinned_waiting": _resampled(old.waiting, pinned, film) if old and pinned else None,
                    "pinned_busy": _resampled(old.busy_share, pinned, film) if old and pinned else None,
                }
            )
    steps = len(film.components[0].waiting) if film.components else 0
    return {
        "step_s": film.step_s,
        "steps": steps,
        "nodes": nodes,
        "edges": [
            [number[name], number[to]] for name, part in design.components.items() for to in wiring.downstream(part)
        ],
        "most_waiting": max([1.0, *(max(one.waiting, default=0.0) for one in film.components)]),
        "faults": [
            {
                "from_s": one.at_s,
                "to_s": None if one.for_s is None else one.at_s + one.for_s,
                "text": fault_in_words(one, design),
            }
            for one in design.faults
        ],
    }


def _resampled(values: Sequence[float | None] | None, pinned: Playback, film: Playback) -> list[float | None] | None:
    """The pinned values at the steps of this film; None after the end of the pinned one."""
    if values is None:
        return None
    found = []
    for step in range(len(values)):
        place = int((step + 0.5) * film.step_s / pinned.step_s)
        found.append(values[place] if place < len(values) else None)
    return found
