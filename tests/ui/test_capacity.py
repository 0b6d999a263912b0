"""The capacity page: every control changes a number, and what it finds goes to the worksheet and the wind tunnel."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from practice.attempt import Written
from question_bank.capacity import neutral, preset_values, typed, work_out
from question_bank.capacity_file import Amount, Choice, Slider, load_capacity, load_presets
from simulator.capacity import Demand, cell_design
from simulator.share import from_link
from storage.attempts import load_attempt, save_worksheet_row
from tests.ui.screen import SLUG, Screen
from ui.cached import questions
from ui.capacity.charts import costs, fig_costs, fig_loaded, loaded
from ui.capacity.settings import NEUTRAL
from ui.people import LOCAL


@pytest.fixture
def sheet(screen: Screen) -> Screen:
    return screen.open("capacity")


def numbers(page: Screen) -> list[str]:
    """The results in the tables; the formulas beside them repeat what was set."""
    return [found for one in page.at.get("html") for found in re.findall("<b>(.*?)</b>", one.proto.body)]


def widget(page: Screen, key: str) -> Any:
    kinds = ("text_input", "slider", "selectbox")
    [found] = [one for kind in kinds for one in page.at.get(kind) if one.key == f"capacity:{key}"]
    return found


def put(page: Screen, key: str, value: object) -> None:
    widget(page, key).set_value(value)
    page.run()


def another(setting: Amount | Choice | Slider) -> object:
    if isinstance(setting, Choice):
        return next(one for one in setting.options if one != setting.start)
    if isinstance(setting, Slider):
        value = min(setting.high, setting.start + 10 * setting.step)
        return int(value) if setting.whole else value
    return typed(setting.start * 1.4)


@pytest.mark.slow
def test_every_control_changes_a_number(sheet: Screen) -> None:
    first, walked = numbers(sheet), set()
    assert len(first) == len(load_capacity().results)
    for steps in _walk():
        for key, value in steps:
            before = numbers(sheet)
            put(sheet, key, value)
            walked.add(f"capacity:{key}")
        assert numbers(sheet) != before, steps
        assert sheet.errors == [], steps
        sheet.press("capacity:again")
        assert numbers(sheet) == first, "filling in again undoes every change"
    drawn = {one.key for kind in ("text_input", "slider", "selectbox") for one in sheet.at.get(kind)}
    assert drawn <= walked | {"capacity:start"}
    put(sheet, "start", SLUG)
    assert numbers(sheet) != first


def _walk() -> Iterator[list[tuple[str, object]]]:
    """Every field with another value, and the lists that fill several."""
    for setting in load_capacity().settings:
        before = [("traffic_by", "rate")] if setting.id == "rate" else []
        yield [*before, (setting.id, another(setting))]
    yield [("device", "bert_base_seq128_T4_fp16")]
    yield [("price", "price_g5.xlarge")]


def test_a_question_fills_the_fields_with_its_constants_and_says_which(sheet: Screen) -> None:
    put(sheet, "start", SLUG)
    constants = {name: one.value for name, one in questions()[SLUG].worksheet.constants.items()}
    made, given = preset_values(load_presets()[SLUG], constants)
    lines = work_out(neutral() | made)
    shown = {one.label: one.value for one in sheet.at.metric}
    assert shown["Peak, request/s"] == "138,889"
    assert shown["Machines"] == "482 GPUs"
    assert lines["machines_paid"].value == 482
    assert widget(sheet, "users").value == "300M"
    assert sheet.values("caption").count("From the question.") == len(given)
    put(sheet, "users", "400M")
    assert "Your own; the question has 300,000,000 user." in sheet.values("caption")
    sheet.open("history").open("capacity")
    assert widget(sheet, "users").value == "400M"
    sheet.press("capacity:again")
    assert widget(sheet, "users").value == "300M"
    put(sheet, "start", NEUTRAL)
    assert {one.label: one.value for one in sheet.at.metric}["Machines"] == "36 machines"


def test_what_cannot_be_read_gets_a_sentence_and_what_has_no_answer_too(sheet: Screen) -> None:
    put(sheet, "users", "<b>many</b> ![](http://x)")
    [said] = sheet.errors
    assert said.startswith("People in a day: the value is '<b>many</b>")
    assert sheet.says("A number on the left cannot be read; the field says why.")
    put(sheet, "users", "300M users")
    assert sheet.errors == []
    put(sheet, "promise_ms", "1 ms")
    [said] = sheet.values("warning")
    assert said.startswith("Machines for the promise: no number of machines keeps a p99 of 1 ms")
    put(sheet, "promise_kind", "mean_wait")
    assert sheet.values("warning") == []


def test_a_question_under_way_gives_nothing_away_and_its_worksheet_is_filled_row_by_row(
    screen: Screen, attempt: str
) -> None:
    mine = {"rows_s": Written(value="1M", unit="row/s"), "log_day": Written(value="2", unit="TB/day")}
    for row, written in mine.items():
        save_worksheet_row(LOCAL, attempt, row, written)
    page = screen.open("capacity", attempt=attempt)
    put(page, "start", SLUG)
    assert widget(page, "users").value == "1M"
    assert page.says("only what you were told or have assumed is filled in")
    put(page, "users", "300M")
    put(page, "peak_factor", 2.0)
    [rows] = page.at.multiselect
    assert [one.split(":")[0] for one in rows.options] == [
        "Rows for the heavy ranker at peak",
        "Impression log of one day",
    ]
    page.press("capacity:send")
    kept = load_attempt(LOCAL, attempt).worksheet
    assert {row: kept[row] for row in mine} == mine
    assert kept["peak_qps"] == Written(value="138,889", unit="request/s")
    assert page.values("success") == ["6 rows written."]
    [rows] = page.at.multiselect
    rows.set_value(["rows_s"])
    page.run()
    page.press("capacity:send")
    kept = load_attempt(LOCAL, attempt).worksheet
    assert kept["rows_s"] == Written(value="2,777,778", unit="row/s")
    assert kept["log_day"] == mine["log_day"]


def test_a_row_that_was_filled_elsewhere_meanwhile_is_not_overwritten(screen: Screen, attempt: str) -> None:
    page = screen.open("capacity", attempt=attempt)
    own = Written(value="77", unit="GB")
    save_worksheet_row(LOCAL, attempt, "emb_mem", own)
    page.press("capacity:send")
    assert load_attempt(LOCAL, attempt).worksheet["emb_mem"] == own
    assert page.values("success") == ["7 rows written."]


def test_the_machines_open_in_the_wind_tunnel_as_they_were_counted(sheet: Screen) -> None:
    put(sheet, "service_scv", 0.5)
    sheet.press("capacity:tunnel")
    assert sheet.title == "Wind tunnel"
    machines = int(work_out(neutral() | {"service_scv": 0.5})["machines_paid"].value or 0)
    demand = Demand(1e6 * 20 / 86_400 * 3, 30.0, 1, 1.0, 0.5)
    made = cell_design(demand, machines, zones=3, usd_per_hour=0.17, p99_ms=150.0)
    sent = from_link("".join(sheet.at.query_params["d"])).design
    assert sent.components == made.components
    assert sent.traffic.arrival_rate_per_s == pytest.approx(made.traffic.arrival_rate_per_s)
    assert sheet.at.session_state["jobs"]["tunnel"].design == sent


def test_the_figures_hold_the_present_point_and_the_whole_machines() -> None:
    demand = Demand(100, 20)
    curve = loaded(demand, 4)
    assert curve.p99_latency_ms == tuple(sorted(curve.p99_latency_ms))
    at_half = curve.loads.index(0.5)
    assert curve.mean_wait_ms[at_half] == pytest.approx(demand.promised_ms("mean_wait", 4))
    [point] = [one for one in fig_loaded(curve, (0.5, 90.0), ("p99 latency", 100)).data if one.name == "now"]
    assert (point.x, point.y) == ((0.5,), (90.0,))
    steps = costs(neutral())
    assert steps.has_steps
    assert list(steps.machines) == sorted(steps.machines)
    assert {after - before for before, after in zip(steps.machines, steps.machines[1:], strict=False)} == {0, 1}
    present = [usd for rate, usd in zip(steps.rates, steps.usd, strict=True) if rate == pytest.approx(694.4444)]
    assert present == [pytest.approx(work_out(neutral())["cost"].value)]
    assert len(fig_costs(steps, (694.4, present[0]), "request").data) == 2
