"""What was found in the words of an answer, beside the own level: a suggestion, and never more than that."""

from collections.abc import Iterable

import streamlit as st

from rubrics.answer_text import Why
from rubrics.choices import Choice
from rubrics.finder import NOT_FOUND, Findings
from rubrics.schema import DimensionId
from rubrics.suggest import Suggestion
from ui.review.concepts import concept
from ui.words import many, plain

_TAKEN_OUT: dict[Why, str] = {
    "addresses_grader": "Speaks to a grader, or hides something",
    "copied": "Copied from the question or the rubric",
    "self_praise": "Praises the answer instead of being one",
    "definition": "Only says what a word means",
}


def found_for(dimension: DimensionId, suggestion: Suggestion | None, found: Findings) -> None:
    """The suggestion for one dimension with the concepts it rests on; none for capacity, which is arithmetic."""
    st.markdown("**What I found**")
    if suggestion is None:
        st.markdown("The worksheet decides this one; words suggest nothing.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        level = suggestion.level
        st.badge("no suggestion" if level is None else f"suggested: {level}", color="gray" if level is None else "blue")
    st.markdown(plain(suggestion.sentence))
    concepts = found.of(dimension)
    for one in concepts:
        if one.status != "not_found":
            concept(one.status, one.label, one.sentence)
    if dimension == "tradeoffs_judgment":
        for choice in found.choices:
            _choice(choice)
    if missing := [one.label for one in concepts if one.status == "not_found"]:
        st.caption(f"{NOT_FOUND}  \n" + "".join(f"\n- {plain(one)}" for one in missing))


def _choice(choice: Choice) -> None:
    parts = (
        ("an alternative", choice.has_alternative),
        ("a reason", choice.has_reason),
        ("what is lost", choice.has_loss),
        ("when it would turn", choice.has_condition),
    )
    said = [name for name, is_there in parts if is_there]
    with st.container(gap="xxsmall"):
        st.markdown(f"A choice with {', '.join(said)}" if said else "A choice")
        st.caption(f"\u201c{plain(choice.sentence)}\u201d")


def taken_out(found: Findings) -> None:
    """The sentences that were passed over before anything was looked for, each kind by itself."""
    groups = [(title, [one.sentence for one in found.removed if one.why == why]) for why, title in _TAKEN_OUT.items()]
    groups.append(("Lists terms, so each is only named", list(found.lists)))
    total = sum(len(sentences) for _, sentences in groups)
    if not total:
        st.caption(
            "No sentence was taken out before matching: none copied, none that praises itself, defines or lists."
        )
        return
    with st.expander(
        f"Taken out before matching, or only counted as named: {many(total, 'sentence')}", key="taken_out"
    ):
        for title, sentences in groups:
            if sentences:
                st.markdown(f"**{title}**")
                st.markdown(_listed(sentences))


def _listed(sentences: Iterable[str]) -> str:
    return "\n".join(f"- \u201c{plain(' '.join(one.split()))}\u201d" for one in sentences)
