"""A lab on the screen: it hides the result until there is a prediction, and keeps that."""

import json
from collections.abc import Iterator

import pytest

import ui.cached
from practice.lab_prediction import note_of
from question_bank.cards import Card
from question_bank.lab_models import Chart, Figure, Mark, Series
from question_bank.labs import load_labs
from storage.notes import load_note, save_note
from tests.ui.screen import Screen
from ui.labs.pictures import fig_chart, log_ticks
from ui.labs.words import chart_words, here_words, shown, verdict
from ui.people import LOCAL

ALL = load_labs()
SLUG, ASK = "batching-latency", "What is the p99?"
PREDICTION = "Your prediction, in ms"


def _shown(screen: Screen) -> bool:
    return screen.says("What to notice") or bool(screen.at.get("metric")) or bool(screen.at.get("plotly_chart"))


def _predict(screen: Screen, value: float) -> None:
    screen.field("number_input", PREDICTION).set_value(value)
    screen.click("Lock it in")


def test_the_result_is_hidden_until_something_was_predicted(screen: Screen) -> None:
    screen.open("fundamentals", lab=SLUG)
    assert screen.title == "Lab: Batching against latency"
    assert screen.says(ASK)
    assert not _shown(screen)
    screen.click("Lock it in")
    assert not _shown(screen)
    assert screen.values("info")[0].startswith("Give a prediction first")
    assert load_note(LOCAL, "lab", SLUG) is None


def test_a_prediction_is_locked_in_beside_the_result_and_survives_a_reload(screen: Screen) -> None:
    screen.open("fundamentals", lab=SLUG)
    _predict(screen, 20.0)
    for visit in (screen, Screen().open("fundamentals", lab=SLUG)):
        assert _shown(visit)
        [box] = visit.values("info")
        assert "You said 20 ms; the simulation gives 64." in box
        assert "a factor of 3.2 too low" in box
        assert not visit.has("button", "Lock it in")
    assert load_note(LOCAL, "lab", SLUG) == note_of(ALL[SLUG], 20.0)


def test_a_knob_changes_the_result_and_not_the_prediction(screen: Screen) -> None:
    screen.open("fundamentals", lab=SLUG)
    _predict(screen, 20.0)
    before = {one.label: one.value for one in screen.at.metric}
    box = screen.values("info")
    assert screen.field("button", "Reset the knobs").disabled
    screen.set("select_slider", "Rows in a full batch", 1200)
    after = {one.label: one.value for one in screen.at.metric}
    assert before.keys() == after.keys()
    assert before["p99"] != after["p99"]
    assert screen.values("info") == box
    screen.click("Reset the knobs")
    assert {one.label: one.value for one in screen.at.metric} == before


def test_predicting_again_hides_the_result_and_forgets_the_prediction(screen: Screen) -> None:
    screen.open("fundamentals", lab=SLUG)
    _predict(screen, 20.0)
    screen.click("Predict again")
    assert not _shown(screen)
    assert load_note(LOCAL, "lab", SLUG) is None
    _predict(screen, 65.0)
    [box] = screen.values("success")
    assert "close" in box


def test_a_prediction_may_be_skipped(screen: Screen) -> None:
    screen.open("fundamentals", lab=SLUG)
    screen.click("Skip")
    assert _shown(screen)
    assert screen.values("info")[0].endswith("You skipped the prediction; the simulation gives 64.9 ms ± 0.57 ms.**")


def test_a_choice_is_predicted_with_one_answer(screen: Screen) -> None:
    screen.open("fundamentals", lab="retries-recovery")
    screen.field("radio", "Your prediction").set_value("nearly_all")
    screen.click("Lock it in")
    [box] = screen.values("info")
    assert "You said “More than 95%”; the simulation gives 0%: the answer was “Less than 5%”." in box
    screen.click("Predict again")
    screen.field("radio", "Your prediction").set_value("hardly_any")
    screen.click("Lock it in")
    assert "right" in screen.values("success")[0]


def test_a_share_is_predicted_in_percent(screen: Screen) -> None:
    screen.open("fundamentals", lab="thresholds-by-cost")
    screen.field("number_input", "Your prediction, in %").set_value(10.0)
    screen.click("Lock it in")
    assert "You said 10%; the calculation gives 10%: close." in screen.values("success")[0]
    assert load_note(LOCAL, "lab", "thresholds-by-cost")["said"] == pytest.approx(0.1)


@pytest.mark.parametrize("note", ["spoiled", {"said": "x"}, [1], {"said": 5, "figure": "p99", "at": {"gone": 1}}])
def test_a_note_that_does_not_fit_asks_anew(screen: Screen, note: object) -> None:
    save_note(LOCAL, "lab", SLUG, note)
    screen.open("fundamentals", lab=SLUG)
    assert not _shown(screen)
    assert screen.has("number_input", PREDICTION)


@pytest.mark.parametrize("slug", ALL)
def test_every_lab_draws(screen: Screen, slug: str) -> None:
    save_note(LOCAL, "lab", slug, note_of(ALL[slug], None))
    screen.open("fundamentals", lab=slug)
    assert _shown(screen)
    assert len(screen.at.metric) >= 2


@pytest.mark.parametrize("wanted", ["no-such-lab", "<script>", "../drift", "x" * 3000])
def test_an_address_that_names_no_lab_gets_a_sentence(screen: Screen, wanted: str) -> None:
    screen.open("fundamentals", lab=wanted)
    assert screen.title == "Fundamentals"
    assert len(screen.values("warning")) == 1


def test_the_contents_list_every_lab_and_find_one_by_a_word(screen: Screen) -> None:
    save_note(LOCAL, "lab", SLUG, note_of(ALL[SLUG], 20.0))
    screen.open("fundamentals")
    links = [one.label.replace("\\", "") for one in screen.at.get("page_link")]
    assert all(lab.title in links for lab in ALL.values())
    screen.set("text_input", "Search the cards", "hedging")
    links = [one.label.replace("\\", "") for one in screen.at.get("page_link")]
    assert ALL["fan-out-tail"].title in links
    assert ALL["drift"].title not in links


# ---- pictures and words ----------------------------------------------------------------------------------------

CHART = Chart(
    title="Slow answers",
    x_label="Shards",
    x_unit="",
    y_unit="share",
    x=(1.0, 10.0, 100.0),
    series=(Series("measured", (0.01, None, 0.63)), Series("theory", (0.0, 0.1, 0.63), "theory")),
    log_x=True,
    log_y=True,
    marks=(Mark(10.0, "now"),),
)


def test_a_chart_is_said_in_words() -> None:
    assert chart_words(CHART) == (
        "Slow answers. measured: 1% at 1, 63% at 100. theory: 0% at 1, 63% at 100."
    )  # fmt: skip
    assert here_words(CHART) == "At 10: theory 10%."


def test_a_logarithmic_chart_leaves_out_what_has_no_logarithm() -> None:
    figure = fig_chart(CHART)
    assert [list(trace.y) for trace in figure.data] == [[0.01, None, 0.63], [None, 0.1, 0.63]]
    assert [trace.mode for trace in figure.data] == ["markers", "lines"]
    assert figure.data[1].line.dash == "dash"
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.annotations[0].x == 1  # the logarithm of 10


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(1, 100, [1, 10, 100]), (1, 20, [1, 2, 5, 10, 20]), (1.3e6, 4.3e6, [1.5e6, 2e6, 3e6, 4e6, 5e6])],
)
def test_ticks_are_round_and_never_too_few(low: float, high: float, ticks: list[float]) -> None:
    assert log_ticks(low, high) == ticks
    assert len(log_ticks(1e-9, 1e4)) <= 8


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(None, "ms", "unknown"), (64.87, "ms", "64.9 ms"), (0.634, "share", "63%"),
     (1.353e6, "requests", "1.35M requests"),
     (13.88, "", "13.9"), (1548.96, "USD", "1,549 USD"), (0.0032, "min", "0.0032 min")],
)  # fmt: skip
def test_numbers_are_shown_with_the_digits_that_matter(value: float | None, unit: str, said: str) -> None:
    assert shown(value, unit) == said


def test_without_a_number_there_is_nothing_to_compare() -> None:
    near, sentence = verdict(ALL[SLUG], 20.0, Figure("p99", "p99", None, "ms"))
    assert near is None
    assert sentence == "At these settings the simulation gives no number to compare with."


# ---- on a card -------------------------------------------------------------------------------------------------


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    """A card that names two labs, one of which is not there."""
    provenance = {"author": "test", "date": "2026-01-01", "sources": ["none"]}
    made = Card.model_validate_json(
        json.dumps(
            {
                "schema_version": 1,
                "slug": "serving",
                "title": "Serving",
                "group": "patterns",
                "order": 1,
                "minutes": 5,
                "summary": "About batches",
                "sections": [{"title": "One", "text": "Text"}],
                "labs": [SLUG, "no-such-lab"],
                "provenance": provenance,
            }
        )
    )
    monkeypatch.setattr(ui.cached, "load_cards", lambda: {"serving": made})
    ui.cached.cards.clear()
    yield made
    ui.cached.cards.clear()


def test_a_card_shows_its_labs_and_a_lab_its_cards(screen: Screen, card: Card) -> None:
    screen.open("fundamentals", card="serving")
    assert screen.says("Lab: Batching against latency")
    _predict(screen, 20.0)
    assert _shown(screen)
    screen.open("fundamentals", lab=SLUG)
    assert card.title in [one.label for one in screen.at.get("page_link")]
