"""The drawing: every component and every call once, and nothing in a name can be read as Mermaid."""

import re

import pytest

from question_bank.loader import load_question
from simulator import wiring
from simulator.design import Design
from tests.simulator.designs import a_design, balancer, front, service, wide
from ui.diagram import CHOSEN, WRONG, in_words, mermaid

BANK = load_question("ads-ranking").designs


def arrows(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^  c_(\w+) -->.* c_(\w+)$", text, re.MULTILINE)


def boxes(text: str) -> list[str]:
    return re.findall(r"^  c_(\w+)[\[({]", text, re.MULTILINE)


def calls(design: Design) -> list[tuple[str, str]]:
    """Who asks or sends to whom, fallbacks left out."""
    found = [(name, call.to) for name, part in design.components.items() for _, call in wiring.calls_of(part)]
    targets = [(name, to) for name, part in design.components.items() for to in getattr(part, "targets", ())]
    return found + targets


@pytest.mark.parametrize("name", ["junior", "senior", "staff", "cell"])
def test_every_component_and_every_call_of_a_reference_design_is_drawn_once(name: str) -> None:
    design = BANK.by_name(name)
    text = mermaid(design)
    assert boxes(text) == list(design.components)
    assert sorted(arrows(text)) == sorted(calls(design))


def test_a_component_that_is_called_twice_has_two_arrows_and_a_fallback_has_a_dashed_one() -> None:
    call = {"to": "a", "timeout_ms": 30, "fallback": [{"to": "b"}, {"answer_ms": 1.0}]}
    design = a_design({"web": front([call], [{"to": "a"}]), "a": wide(), "b": wide()})
    text = mermaid(design)
    assert arrows(text) == [("web", "a"), ("web", "a")]
    assert text.count("c_web -.->|fallback| c_b") == 1
    assert '|"1, 30 ms, ready answer"|' in text
    assert '|"2"|' in text


def test_a_load_balancer_points_to_its_targets() -> None:
    design = a_design({"lb": balancer("web", "least_outstanding"), "web": service(replicas=2)})
    assert '  c_lb -->|"least outstanding"| c_web' in mermaid(design).splitlines()


@pytest.mark.parametrize("word", ["end", "style", "graph", "subgraph", "click", "class", "default", "flowchart"])
def test_a_name_that_is_a_word_of_mermaid_is_an_ordinary_component(word: str) -> None:
    text = mermaid(a_design({word: service()}))
    assert boxes(text) == [word]
    assert not re.search(rf"^\s*{word}\b", text.split("\n", 1)[1], re.MULTILINE)


def test_a_share_on_an_arrow_is_written_with_a_percent_sign_and_not_with_its_code() -> None:
    routes = [{"to": "a", "share": 0.8}, {"to": "b", "share": 0.2}]
    design = a_design({"door": {"kind": "router", "routes": routes}, "a": service(), "b": service()})
    assert [line.split("|")[1] for line in mermaid(design).splitlines() if "-->|" in line] == ['"80%"', '"20%"']


def test_names_that_begin_alike_keep_arrows_of_their_own() -> None:
    design = a_design({"a": front([{"to": "a_b"}]), "a_b": front([{"to": "a_b_c"}]), "a_b_c": wide()})
    assert arrows(mermaid(design)) == [("a", "a_b"), ("a_b", "a_b_c")]


@pytest.mark.parametrize("label", ['"]; click c_web "javascript:alert(1)"', "<script>alert(1)</script>", "a\nb --> c"])
def test_hostile_labels_and_titles_do_not_reach_the_drawing(label: str) -> None:
    plain = a_design({"web": service()})
    hostile = a_design({"web": service(label=label)}, name=label)
    assert mermaid(hostile) == mermaid(plain)
    assert in_words(hostile) == in_words(plain)


def test_only_a_component_that_exists_is_marked() -> None:
    design = a_design({"web": service()})
    assert mermaid(design, "web").endswith(f"  style c_web {CHOSEN}")
    assert mermaid(design, "gone") == mermaid(design, None) == mermaid(design)


def test_what_is_wrong_is_outlined_and_told_from_what_is_chosen() -> None:
    design = a_design({"web": front([{"to": "a"}]), "a": wide()})
    assert mermaid(design, "web", {"a"}).splitlines()[-2:] == [f"  style c_web {CHOSEN}", f"  style c_a {WRONG}"]
    assert mermaid(design, "a", {"a"}).splitlines()[-1] == f"  style c_a {WRONG}"
    assert mermaid(design, None, {"gone"}) == mermaid(design)


def test_the_words_beside_the_drawing_say_who_asks_whom() -> None:
    design = a_design({"web": front([{"to": "a"}, {"to": "b"}]), "a": wide(), "b": wide()})
    assert in_words(design) == "Requests enter at web. web asks a, b."
