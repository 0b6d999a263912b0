"""Advice and map on the wind tunnel: what is tried runs for real, can be used with a click, and undone."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from simulator.design import Design
from simulator.design_file import design_from, write_design
from simulator.knobs import with_value
from simulator.results.replications import replicate
from simulator.results.singles import RunNumbers
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from simulator.sweep import Axis, Cell, sweep
from simulator.workers import Job
from tests.simulator.designs import design_data, exponential, service
from tests.ui.screen import Screen
from ui.advice import counted
from ui.map_figures import METRICS, fig_map, fits_a_phone, map_alt
from ui.map_luck import luck_in_words
from ui.map_work import Drawn
from ui.sources import FROM_FILE
from ui.tunnel_prediction import _Said as Said
from ui.words import short_dollars

PATIENCE_S = 60.0
WEB = service(usd_per_replica_hour=1.0) | {"service_time": exponential(0.001)}
FULL = design_data({"web": WEB}, 1500.0, arrivals={"kind": "poisson"}, promise={"p99_ms": 20})
SHARED = FULL | {"components": {"web": WEB | {"sharing": "processor_sharing"}}}


def tunnel(section: str, data: dict[str, Any] = FULL) -> Screen:
    """The wind tunnel with a design that takes no time to run, after its run."""
    screen = Screen()
    screen.at.session_state["tunnel_section"] = section
    screen.at.session_state["tunnel_predictions"] = Said(asks=False)
    screen.open("wind_tunnel").set("selectbox", "Design", FROM_FILE)
    screen.set("text_area", "or its text", write_design(design_from(data)))
    return finished(screen)


def finished(screen: Screen) -> Screen:
    job(screen).wait(PATIENCE_S)
    screen.run()
    return screen


def job(screen: Screen) -> Job:
    found: Job = screen.at.session_state["jobs"]["tunnel"]
    return found


def newest(screen: Screen, key: str) -> Any:
    return list(screen.at.session_state[key].values())[-1]


def test_advice_names_the_rule_tries_changes_and_puts_one_in_use_and_back() -> None:
    screen = tunnel("Advice")
    assert screen.says("Offered load is at or above capacity.")
    [label] = [one.label for one in screen.at.button if one.label.startswith("Try ")]
    screen.click(label)
    trying = newest(screen, "tunnel:advice:advices")
    trying.series.wait(PATIENCE_S)
    screen.run()
    assert len(trying.found) == len(trying.plan.changes)
    assert screen.says("web: 2 replicas instead of 1")
    assert screen.says("Costs 730 USD a month. Keeps the promise.")
    before = job(screen).design
    screen.press("tunnel:advice:use:0")
    assert job(screen).design == with_value(before, "components.web.replicas", 2)
    finished(screen)
    assert screen.says("in use")
    screen.press("tunnel:advice:undo")
    assert job(screen).design == before
    assert screen.says("web: 2 replicas instead of 1")  # what was tried is remembered
    assert not screen.says("in use")


@pytest.mark.parametrize(
    ("helping", "shown", "said"),
    [
        (0, 0, "0 of them help"),
        (1, 1, "1 of them helps"),
        (2, 1, "2 of them help and 1 is shown, as the other does no more than what is shown"),
        (5, 3, "5 of them help and 3 are shown, as the others do no more than what is shown"),
    ],
)
def test_changes_that_help_and_are_not_shown_are_accounted_for(helping: int, shown: int, said: str) -> None:
    assert counted(helping, shown) == said


def test_the_map_says_which_difference_may_be_luck() -> None:
    p99, cost = METRICS[0], METRICS[3]
    singles = [run_of(one) for one in (17.2, 18.6, 17.9)]
    assert "3 runs of the present design, none longer, with different luck gave 17 to 19" in luck_in_words(
        p99, singles, 6_000
    )
    assert "all gave 17." in luck_in_words(p99, [run_of(17.2)] * 3, 6_000)
    alone = "Each cell is one run of 20,000 requests, all on the same luck."
    assert luck_in_words(cost, singles, 20_000) == luck_in_words(p99, singles[:2], 20_000) == alone


def run_of(p99_ms: float) -> RunNumbers:
    return RunNumbers(p99_ms=p99_ms, in_time_share=1.0, full_share=1.0, availability=1.0, fallback_share=0.0)


def small_map() -> Screen:
    screen = tunnel("Map")
    screen.set("selectbox", "Cells", "Coarse")
    screen.click("Draw the map")
    drawn(screen).series.wait(PATIENCE_S)
    screen.run()
    return screen


def drawn(screen: Screen) -> Drawn:
    found: Drawn = newest(screen, "tunnel:map:maps")
    return found


def test_a_map_fills_with_direct_runs_and_a_cell_is_put_in_use() -> None:
    screen = small_map()
    made = drawn(screen)
    assert set(made.cells) == set(made.trials)
    asked = job(screen).design
    best = made.cheapest(asked)
    assert best is not None
    rate = [one.path for one in made.axes].index("traffic.arrival_rate_per_s")
    assert best.values[rate] >= asked.traffic.arrival_rate_per_s == 1500  # less traffic is not for sale
    assert screen.says("and those with less traffic than the design")
    assert screen.says("Cheapest that keeps the promise: ")
    design = made.trials[best.place].design
    assert design is not None
    direct = summarize(replicate(design, RunSettings(seed=1, replications=1, requests=made.requests)))
    assert best.p99_ms == direct.latency.p99_ms
    assert screen.says("offered load is at or above capacity")
    screen.set("selectbox", "Look at a cell, or click on one", best.place)
    assert screen.says("Keeps the promise.")
    screen.press("tunnel:map:use")
    assert job(screen).design == design
    finished(screen)
    assert drawn(screen) is made  # the same map, with the present design in another cell
    assert made.present(job(screen).design) == best.place
    screen.set("selectbox", "Shows", "Cost per month, USD")
    assert len(screen.at.get("plotly_chart")) == 2
    assert in_numbers(screen, made) == {place: cost(cell) for place, cell in made.cells.items()}


def in_numbers(screen: Screen, made: Drawn) -> dict[tuple[int, ...], str]:
    """What the table behind the map says of each cell; its first row is the highest."""
    table = screen.at.table[0].value
    wide, high = (len(one.values) for one in made.axes)
    return {(i, j): table.iloc[high - 1 - j, i + 1] for i in range(wide) for j in range(high)}


def cost(cell: Cell) -> str:
    assert cell.usd_per_month is not None
    return short_dollars(cell.usd_per_month).removesuffix(" USD")


def test_advice_that_is_cancelled_keeps_what_has_run() -> None:
    """On a design that only the slower engine runs."""
    screen = tunnel("Advice", SHARED)
    [label] = [one.label for one in screen.at.button if one.label.startswith("Try ")]
    screen.click(label)
    trying = newest(screen, "tunnel:advice:advices")
    trying.series.wait(PATIENCE_S, results=2)
    screen.press("tunnel:advice:cancel")
    assert trying.series.is_cancelled
    assert 1 <= len(trying.found) < len(trying.plan.changes)
    assert screen.says("before it was cancelled")


def test_a_map_is_cancelled_and_goes_on() -> None:
    screen = tunnel("Map")
    screen.set("selectbox", "Cells", "Fine")
    screen.click("Draw the map")
    made = drawn(screen)
    screen.press("tunnel:map:cancel")
    done = len(made.cells)
    assert made.series is not None
    assert made.series.is_cancelled
    assert done < len(made.trials)
    assert screen.says("Cancelled after")
    screen.press("tunnel:map:go_on")
    assert not made.series.is_cancelled
    screen.press("tunnel:map:cancel")
    assert len(made.cells) >= done


def test_two_visits_do_not_end_each_others_runs() -> None:
    first, second = (Screen().open("wind_tunnel") for _ in range(2))
    for luck, screen in ((9_101, first), (9_102, second)):
        screen.set("number_input", "Luck", luck)
    assert job(first).owner != job(second).owner
    assert [job(one).state for one in (first, second)] != ["cancelled", "running"]


# ---- figures ---------------------------------------------------------------------------------------------------


@cache
def cells() -> tuple[Design, tuple[Axis, Axis], dict[tuple[int, ...], Cell]]:
    design = design_from(FULL)
    axes = (
        Axis(path="components.web.replicas", values=(1, 2, 3)),
        Axis(path="traffic.arrival_rate_per_s", values=(500.0, 2500.0)),
    )
    settings = RunSettings(replications=1, duration_s=3.0)
    return design, axes, {cell.place: cell for cell in sweep(design, axes, settings)}


def test_on_a_phone_numbers_are_left_out_where_they_would_have_to_be_tiny() -> None:
    _, _, known = cells()

    def fits(columns: int, text: str) -> bool:
        axis = Axis(path="components.web.replicas", values=tuple(range(1, columns + 1)))
        return fits_a_phone((axis, axis), known, replace(METRICS[0], value=lambda _: 1.0, short=lambda _: text))

    assert [fits(columns, "120k") for columns in (5, 9, 10, 20)] == [True, True, False, False]
    assert [fits(columns, "12") for columns in (10, 19, 20)] == [True, True, False]


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.name)
def test_the_map_says_what_it_shows_and_guesses_what_is_missing(metric: Any) -> None:
    design, axes, known = cells()
    labels = ("replicas", "rate")
    some = dict(list(known.items())[:2])
    partial = fig_map(axes, labels, some, metric, design.promise, (0.0, 0.0), None)
    whole = fig_map(axes, labels, known, metric, design.promise, (0.0, 0.0), (1, 0))
    heat = [sum(one.type == "heatmap" for one in figure.data) for figure in (partial, whole)]
    assert heat == [2, 1]  # guesses only while something is missing
    texts = [text for row in whole.data[0].text for text in row]
    assert len(texts) == 6
    overloaded = {place for place, cell in known.items() if cell.overload}
    assert overloaded == {(0, 1), (1, 1)}
    assert any(one.name == "cannot keep up" for one in whole.data)
    alt = map_alt(axes, labels, known, metric)
    assert "6 of 6 cells have run" in alt
    assert "2 cannot keep up" in alt
