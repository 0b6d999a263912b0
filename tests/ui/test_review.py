"""The review page: checked and measured, own levels before anything is suggested, revision, and the card."""

import json

import pytest

from practice.attempt import Edit, OwnLevel
from practice.review import suggestions
from practice.scenario_runs import plan
from rubrics import load_rubric
from rubrics.finder import NOT_FOUND
from rubrics.schema import DimensionId
from storage.attempts import add_run, load_attempt, load_card, save_design, save_own_level, save_section
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.ui.screen import Screen
from ui.people import LOCAL

DIMENSION = load_rubric().dimensions[0]
SENTENCE = "We promise 50 ms at p99 and show no ad when we are late."
REVEAL = "Show the card and the references"
TEXTS = {
    "requirements": f"# Requirements\n{SENTENCE} The advertiser screens are out of scope.",
    "high_level_design": "A targeting index in memory returns 2,000 ads, and a light ranker keeps 300 of them.",
    "detailed_design": "GPU batches hold 64 rows and wait 2 ms. Reads are hedged after 8 ms, since shards are slow.",
    "bottlenecks_tradeoffs": "If the ranker is late, we fall back to the light ranker. My answer is comprehensive.",
}


def write(attempt: str, texts: dict[str, str]) -> None:
    for phase, text in texts.items():
        save_section(LOCAL, attempt, phase, Edit(text=text, writer="test", sequence=1 + len(text), base=0))  # type: ignore[arg-type]


def grade(screen: Screen, attempt: str, level: int | None, quote: str | None, dimension: str = DIMENSION.id) -> None:
    """Fill the form of a dimension and keep it."""
    screen.at.radio(key=f"level:{attempt}:{dimension}").set_value(level)
    sentence = screen.at.selectbox(key=f"quote:{attempt}:{dimension}")
    if quote is not None and quote not in sentence.options:
        sentence.options.append(quote)  # typed by hand, which AppTest cannot do
    sentence.set_value(quote)
    screen.at.button(key=f"FormSubmitter:form:{attempt}:{dimension}-Keep").click()
    screen.run()


def titles(screen: Screen) -> list[str]:
    return [one.label for one in screen.at.expander]


def test_an_empty_answer_is_reviewed_and_its_card_shows_no_level(screen: Screen, attempt: str) -> None:
    screen.open("review", attempt=attempt)
    assert screen.says("This attempt is not finished. You can look, and go back.")
    assert screen.says("0% of the rows accepted")
    assert screen.says("No design was drawn, so nothing can be run")
    screen.click("Go on to your levels")
    assert screen.says("8 of 8 dimensions have no level of yours yet.")
    screen.click(REVEAL)
    assert screen.says("Set your level, and what I found stands here.")
    assert not screen.says("What I found**")
    screen.click("Go to the card")
    assert [one.value for one in screen.at.metric if one.label == "Score"] == ["0 of 100"]
    card = load_card(LOCAL, attempt)
    assert card is not None
    assert card.total == 0
    rows = {row for one in json.loads(screen.at.get("plotly_chart")[0].proto.spec)["data"] for row in one["y"]}
    assert rows == {one.title for one in card.dimensions}  # what has no level has a row in the picture too
    screen.step("References")
    assert screen.says("What it must do")


def test_the_whole_way_from_own_levels_to_a_revised_card(screen: Screen, attempt: str) -> None:
    write(attempt, TEXTS)
    save_design(LOCAL, attempt, SENIOR)
    [steady, *_] = plan(QUESTION, SENIOR)
    add_run(LOCAL, attempt, "steady", steady.design, a_run(steady, 3.0).summary, None)  # type: ignore[arg-type]
    screen.open("review", attempt=attempt)
    checked_and_measured(screen)
    screen.click("Go on to your levels")
    nothing_is_suggested_yet(screen)
    a_level_needs_its_sentence(screen, attempt)
    grade(screen, attempt, 3, SENTENCE)
    grade(screen, attempt, 3, TEXTS["high_level_design"], "architecture")
    assert f"{DIMENSION.title}: level 3" in titles(screen)
    assert screen.says("6 of 8 dimensions have no level of yours yet.")
    nothing_is_suggested_yet(screen)

    screen.click(REVEAL)
    suggested = suggestions(QUESTION, load_attempt(LOCAL, attempt))[1]
    level = suggested[DIMENSION.id].level
    assert any(one.startswith(f"{DIMENSION.title}: level 3, suggested {level}") for one in titles(screen))
    assert screen.says(suggested[DIMENSION.id].sentence)
    assert screen.says(NOT_FOUND)
    assert screen.values("markdown").count("**What I found**") == 2, "only beside the two levels that are set"
    assert "Data and features: not set" in titles(screen)
    assert screen.says("My answer is comprehensive.")
    assert not [one for one in screen.at.metric if one.label == "Score"]

    grade(screen, attempt, 2, SENTENCE)
    assert any(one.startswith(f"{DIMENSION.title}: level 2, first 3, suggested {level}") for one in titles(screen))
    screen.click("Go to the card")
    the_card_holds_both(screen, attempt)


def checked_and_measured(screen: Screen) -> None:
    values = {one.label: one.value for one in screen.at.metric}
    assert (values["Runs passed"], values["Text against drawing"]) == ("1 of 3", "2 contradictions")
    assert screen.says("You wrote \u201cbatches hold 64\u201d, but max_items of ranker is 1,200.")
    assert screen.says("You wrote \u201chedged after 8 ms\u201d, but no call of the drawn design sends a second copy.")
    assert screen.says("They change no level by themselves")
    assert screen.has("button", "Run what has not been run: 2 scenarios")


def nothing_is_suggested_yet(screen: Screen) -> None:
    assert not [one for one in titles(screen) if "suggested" in one]
    for hidden in ("What I found", "core concepts", "could not find", "Taken out before", *QUESTION.glossary.values()):
        assert not screen.says(hidden), hidden
    assert [one.options for one in screen.at.segmented_control] == [["1. Checked and measured", "2. Your levels"]]


def a_level_needs_its_sentence(screen: Screen, attempt: str) -> None:
    offered = screen.at.selectbox(key=f"quote:{attempt}:{DIMENSION.id}").options
    assert offered[:2] == [SENTENCE, "The advertiser screens are out of scope."]
    for level, quote, said in (
        (None, SENTENCE, "Choose a level."),
        (2, None, "level 2 needs a sentence of your answer that shows it"),
        (4, "We sharded everything in five regions.", "does not stand in your answer"),
        (3, "50 ms", "is too short to show a level"),
        (3, "![](http://x/y.png) never said", "does not stand in your answer"),
    ):
        grade(screen, attempt, level, quote)
        assert len(screen.errors) == 1
        assert said in screen.errors[0]
        assert load_attempt(LOCAL, attempt).own_levels == {}
    for level in (0, 1):
        grade(screen, attempt, level, None)
        assert screen.errors == []
        assert load_attempt(LOCAL, attempt).own_levels == {DIMENSION.id: OwnLevel(level=level)}


def the_card_holds_both(screen: Screen, attempt: str) -> None:
    card, found = load_card(LOCAL, attempt), load_attempt(LOCAL, attempt)
    assert card is not None
    assert [one.value for one in screen.at.metric if one.label == "Score"] == [f"{card.total:g} of 100"]
    verdict = verdict_of(card, DIMENSION.id)
    assert (verdict.level, verdict.self_level, verdict.first_level) == (2, 2, 3)
    assert found.first_levels[DIMENSION.id].at < found.levels_at[DIMENSION.id]
    [table] = [one.value for one in screen.at.table if "suggested" in one.value.columns]
    row = next(dict(one) for _, one in table.iterrows() if one["dimension"] == DIMENSION.title)
    assert (row["counts"], row["first"], row["own"]) == ("2", "3", "2")
    serving = next(one for one in titles(screen) if one.startswith("Serving and scale: not shown"))
    assert serving.endswith("2 contradictions")
    assert screen.says("text against drawing, changes no level: You wrote \u201cbatches hold 64\u201d")
    assert screen.says(SENTENCE)
    assert screen.says("What would lift it most:")
    for gate in card.signal.gates:
        assert all(screen.says(one.sentence) for one in gate.conditions)


def verdict_of(card, dimension: DimensionId):  # type: ignore[no-untyped-def]
    return next(one.verdict for one in card.dimensions if one.verdict.dimension == dimension)


def test_what_has_not_been_run_can_be_run_here_and_cancelled(screen: Screen, attempt: str) -> None:
    save_design(LOCAL, attempt, SENIOR)
    screen.open("review", attempt=attempt)
    assert screen.says("You have predicted nothing.")
    screen.click("Run what has not been run: 3 scenarios")
    assert screen.has("button", "Cancel the runs")
    assert not screen.has("button", "Run what has not been run: 3 scenarios")
    screen.click("Cancel the runs")
    screen.run()
    assert not screen.has("button", "Cancel the runs")
    assert any(one.label.startswith("Run what has not been run") for one in screen.at.button)


@pytest.mark.parametrize("was_shown", [False, True])
def test_a_card_whose_sentence_was_deleted_since_is_refused_with_a_sentence(
    screen: Screen, attempt: str, was_shown: bool
) -> None:
    write(attempt, TEXTS)
    screen.open("review", attempt=attempt)
    screen.step("Your levels")
    if was_shown:
        screen.click(REVEAL)
    before = load_card(LOCAL, attempt)
    save_own_level(LOCAL, attempt, DIMENSION.id, OwnLevel(level=3, quote="A sentence that I have deleted since."))
    screen.run()
    if not was_shown:
        screen.click(REVEAL)
    [said] = [one for one in screen.values("error", "warning") if "does not stand in your answer" in one]
    assert "Change the sentence of that dimension" in said
    assert load_card(LOCAL, attempt) == before
