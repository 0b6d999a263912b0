"""Lines between components: drawing one twice takes it away again, and what cannot be gets a sentence."""

import pytest

from simulator import connections, edits, wiring
from simulator.design_file import DesignProblem
from tests.simulator.designs import a_design, balancer, front, model_server, service, store

DESIGN = a_design(
    {
        "front": front([{"to": "near", "fallback": [{"to": "spare"}]}], [{"to": "lb"}], [{"to": "split"}]),
        "near": {"kind": "cache", "contents": {"kind": "fixed", "hit_ratio": 0.5}, "on_miss": [[{"to": "rows"}]]},
        "rows": store(),
        "lb": balancer("ranker", "round_robin"),
        "ranker": model_server(8, 1),
        "split": {"kind": "router", "routes": [{"to": "spare", "share": 1.0}]},
        "spare": service(),
        "other": service(),
        "more": service(),
    }
)


@pytest.mark.parametrize("caller", ["front", "near", "lb", "split", "other"])
def test_a_line_that_is_drawn_is_there_and_drawn_again_is_gone(caller: str) -> None:
    drawn = connections.toggle(DESIGN, caller, "more")
    assert wiring.downstream(drawn.components[caller]) == [*wiring.downstream(DESIGN.components[caller]), "more"]
    assert connections.toggle(drawn, caller, "more") == DESIGN


def test_a_line_that_is_taken_away_takes_calls_and_fallbacks_along() -> None:
    design = connections.toggle(DESIGN, "front", "spare")
    assert wiring.downstream(design.components["front"]) == ["near", "lb", "split"]
    design = connections.toggle(design, "front", "near")
    assert wiring.downstream(design.components["front"]) == ["lb", "split"]


def test_routes_share_what_is_left() -> None:
    shares = {"spare": 0.5, "other": 0.3, "more": 0.2}
    three = edits.set_part(DESIGN, "split", {"routes": [{"to": to, "share": share} for to, share in shares.items()]})
    assert connections.toggle(three, "split", "other").components["split"].shares() == (0.8, 0.2)


@pytest.mark.parametrize(
    ("caller", "to", "said"),
    [
        ("rows", "more", "components.rows is a store, which calls nobody"),
        ("near", "rows", "components.near stands only in front of rows; let it ask another first"),
        ("split", "spare", "components.split stands only in front of spare; let it ask another first"),
        ("front", "front", "components.front cannot ask itself"),
        ("gone", "more", "components.gone is not there any more"),
        ("front", "ranker", "which is behind a load balancer"),
        ("lb", "rows", "which a load balancer cannot target"),
    ],
)
def test_a_line_that_cannot_be_gets_a_sentence(caller: str, to: str, said: str) -> None:
    with pytest.raises(DesignProblem) as problem:
        connections.toggle(DESIGN, caller, to)
    assert said in str(problem.value)
