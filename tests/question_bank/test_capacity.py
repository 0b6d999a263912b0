"""The capacity estimate: every formula by hand, by its dimensions and by the worksheets of the questions."""

import ast
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.attempt import Written
from question_bank.capacity import (
    amount,
    in_words,
    neutral,
    preset_values,
    read_amount,
    row_value,
    typed,
    with_numbers,
    work_out,
)
from question_bank.capacity_file import Amount, CapacityFile, Choice, Slider, load_capacity, load_presets
from question_bank.judged_sheet import judge_sheet
from question_bank.loader import load_all, slugs
from question_bank.quantity import QuantityProblem, shown
from question_bank.units import _registry, parse_unit
from simulator.catalogue import load_catalogue

QUESTIONS = load_all()
SHOP = {  # one million people with 43.2 requests each, a peak of three; 10 ms and 20 items of 0.5 ms
    "users": 1e6,
    "requests_per_user": 43.2,
    "peak_factor": 3.0,
    "items": 20.0,
    "fixed_ms": 10.0,
    "item_ms": 0.5,
    "target": 0.6,
    "size_by": "target",
    "slots": 2.0,
    "zones": 3.0,
    "redundancy": "zone",
    "machine_usd": 0.5,
    "stored_bytes": 1000.0,
    "retention_days": 30.0,
    "copies": 3.0,
    "storage_usd": 0.02,
    "keys": 4e6,
    "hot_share": 0.25,
    "key_bytes": 500.0,
    "skew": 0.0,
    "memory_copies": 2.0,
    "request_bytes": 2000.0,
    "item_bytes": 250.0,
}
BY_HAND = {
    "requests_day": 43.2e6,
    "mean_rate": 500,
    "peak_rate": 1500,
    "item_rate": 30_000,
    "service_ms": 20,
    "machine_rate": 100,  # two slots, each 50 a second
    "machine_items": 2000,
    "offered_load": 30,
    "machines_target": 25,  # 30 / (2 * 0.6)
    "utilization": 0.6,
    "machines_spare": 26,
    "machines_zones": 39,  # 13 in each of three zones, so that 26 are left
    "machines_paid": 39,
    "data_day": 43.2e9,
    "write_rate": 4.5e6,
    "stored": 3.888e12,
    "memory": 1e9,
    "hits": 0.25,
    "misses": 1125,
    "traffic_in": 24e6,  # bits: 1,500 * 2,000 * 8
    "traffic_out": 60e6,
    "machine_cost": 14_235,  # 39 * 0.5 * 730
    "storage_cost": 77.76,
    "cost": 14_312.76,
    "requests_month": 1.314e9,
    "cost_per_1000": 14_312.76 / 1.314e6,
}


@pytest.fixture
def lines():
    return work_out(neutral() | SHOP)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_result_is_what_a_calculation_by_hand_gives(lines, name):
    assert lines[name].value == pytest.approx(BY_HAND[name], rel=1e-12)


def test_a_rate_can_be_given_instead_of_people(lines):
    by_rate = work_out(neutral() | SHOP | {"traffic_by": "rate", "rate": 500.0})
    assert {name: line.value for name, line in by_rate.items()} == pytest.approx(
        {name: line.value for name, line in lines.items()}
    )


def test_waits_are_those_of_erlang_c_for_three_machines():
    values = {"traffic_by": "rate", "rate": 100.0, "peak_factor": 1.0, "items": 1.0, "item_ms": 0.0, "fixed_ms": 20.0}
    promise = {"promise_kind": "mean_wait", "promise_ms": 8.9, "size_by": "promise"}
    found = work_out(neutral() | values | promise)
    assert found["machines"].value == 3
    assert found["waits"].value == pytest.approx(4 / 9)  # C(3, 2)
    assert found["mean_wait_ms"].value == pytest.approx(80 / 9)
    assert found["p99_wait_ms"].value == pytest.approx(20 * math.log(400 / 9))
    doubled = work_out(neutral() | values | promise | {"service_scv": 3.0, "promise_ms": 18.0})
    assert doubled["machines"].value == 3  # Allen and Cunneen: twice the wait for a mean SCV of 2
    assert doubled["mean_wait_ms"].value == pytest.approx(160 / 9)


def test_the_larger_of_promise_and_target_counts_unless_one_is_chosen():
    found = {by: work_out(neutral() | {"size_by": by})["machines"].value for by in ("larger", "promise", "target")}
    assert found["promise"] < found["target"] == found["larger"]


def test_an_impossible_promise_says_why_and_leaves_out_only_what_follows_from_it():
    found = work_out(neutral() | {"promise_ms": 1.0})
    assert "no number of machines keeps a p99 of 1 ms" in found["machines_promise"].problem
    assert found["cost"].value is None
    assert found["cost"].problem is None
    assert found["machines_target"].value is not None
    assert found["storage_cost"].value is not None
    assert work_out(neutral() | {"promise_ms": 1.0, "size_by": "target"})["cost"].value is not None


def test_what_floating_point_adds_to_a_whole_number_is_no_machine():
    values = {"traffic_by": "rate", "rate": 700.0, "peak_factor": 1.0, "fixed_ms": 3.0, "item_ms": 0.0, "target": 0.7}
    assert 700.0 * 3.0 / 1000 / 0.7 > 3
    assert work_out(neutral() | values)["machines_target"].value == 3


def test_a_service_that_takes_no_time_gets_a_sentence():
    found = work_out(neutral() | {"fixed_ms": 0.0, "item_ms": 0.0})
    assert "check those that are 0" in found["machine_rate"].problem
    assert found["traffic_in"].value is not None


def _any_value(setting):
    if isinstance(setting, Choice):
        return st.sampled_from(sorted(setting.options))
    if isinstance(setting, Slider):
        return (st.integers if setting.whole else st.floats)(*_ends(setting)).map(float)
    return st.sampled_from([setting.low, setting.start, setting.high]) | st.floats(setting.low, setting.high)


def _ends(setting):
    return (int(setting.low), int(setting.high)) if setting.whole else (setting.low, setting.high)


@settings(max_examples=60)
@given(st.fixed_dictionaries({one.id: _any_value(one) for one in load_capacity().settings}))
def test_whatever_is_set_within_the_ranges_has_an_answer_or_a_sentence(values):
    for line in work_out(values).values():
        if line.value is None:
            assert line.problem is None or len(line.problem) > 20
        else:
            assert 0 <= line.value < math.inf, line.result.id


def test_only_what_is_wanted_and_what_it_follows_from_is_worked_out():
    everything = work_out(neutral())
    some = work_out(neutral(), ("machine_cost",))
    assert "waits" not in some
    assert some == {name: everything[name] for name in some}


# ---- the file ------------------------------------------------------------------------------------------------------


def _unit(text):
    """One of a unit in Pint's registry; times and fractions are plain numbers."""
    registry = _registry()
    top, *rest = text.split("/")
    if top in ("times", "fraction"):
        below = registry.Quantity(1.0, "")
        for word in rest:
            below = below * _unit(word)
        return 1 / below
    return registry.Quantity(1.0, parse_unit(text).text)


def _dimension(node, names):
    """What the operations of a formula make of the units of its names."""
    match node:
        case ast.BinOp(op=ast.Mult()):
            return _dimension(node.left, names) * _dimension(node.right, names)
        case ast.BinOp(op=ast.Div()):
            return _dimension(node.left, names) / _dimension(node.right, names)
        case ast.BinOp():
            left, right = _dimension(node.left, names), _dimension(node.right, names)
            return (left + right) / 2  # Pint refuses a sum of two dimensions
        case ast.Call(func=ast.Name(id="up" | "larger")):
            return _dimension(node.args[-1], names)
        case ast.Call(func=ast.Name(id="ln" | "erlang_c" | "share_of_hottest")):
            return _unit("times")
        case ast.Call(func=ast.Name(id="p99_latency")):
            return _unit("ms/request")
        case ast.Call():
            return _unit("machine")
        case ast.Name():
            return _unit(names[node.id])
        case _:
            return _unit("times")


@pytest.mark.parametrize("result", load_capacity().results, ids=lambda one: one.id)
def test_every_formula_comes_to_the_unit_that_it_claims(result):
    file = load_capacity()
    names = {name: one.unit for name, one in file.constants.items()}
    names |= {one.id: one.calculated_in for one in file.numbers.values()}
    names |= {one.id: one.unit for one in file.results}
    for formula in result.all_formulas():
        found = _dimension(ast.parse(formula, mode="eval").body, names)
        ratio = (found.units / _unit(result.unit).units) * _registry().Quantity(1.0, "")
        assert ratio.to_root_units().magnitude == pytest.approx(1.0), f"{formula} is {found.units}"
        assert ratio.dimensionless, f"{formula} is {found.units}"


def test_every_setting_changes_a_number():
    for name, other in _others().items():
        file, values = load_capacity(), neutral()
        setting = next(one for one in file.settings if one.id == name)
        values |= {choice: options[0] for choice, options in setting.when.items()}
        before = {one: line.value for one, line in work_out(values).items()}
        after = {one: line.value for one, line in work_out(values | {name: other}).items()}
        assert before != after, name


def _others():
    """Another value for each setting."""
    file = load_capacity()
    others = {one.id: next(other for other in one.options if other != one.start) for one in file.choices.values()}
    return others | {name: one.start * 1.5 + one.low + 1e-9 for name, one in file.numbers.items()}


def test_prices_that_the_page_starts_from_are_in_the_catalogue():
    entries = load_catalogue().entries
    assert neutral()["machine_usd"] == entries["price_c6i.xlarge"].value
    assert neutral()["storage_usd"] == entries["price_s3_standard"].value["storage_gb_month"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"formula": "mean_rate*peak_factor"', '"formula": "cost*peak_factor"', "peak_rate uses cost"),
        ('"group": "money"', '"group": "many"', "group is 'many'"),
        ('"traffic_by": ["users"]', '"traffic_by": ["user"]', "names user, which traffic_by does not offer"),
        ('"rate": "rate*s_per_day"', '"rare": "rate*s_per_day"', "names rare"),
        ('"id": "mean_rate"', '"id": "rate"', "'rate' stands twice"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(old, new, said):
    text = load_capacity().model_dump_json().replace('":', '": ').replace(',"', ', "').replace('": "', '": "')
    text = json.dumps(json.loads(text))
    assert old in text
    with pytest.raises(ValidationError) as caught:
        CapacityFile.model_validate_json(text.replace(old, new))
    assert said in str(caught.value)


# ---- the presets ---------------------------------------------------------------------------------------------------


def test_presets_are_of_questions_of_the_bank():
    assert set(load_presets()) <= set(slugs())
    assert len(load_presets()) >= 12


def _filled(slug):
    preset = load_presets()[slug]
    constants = {name: one.value for name, one in QUESTIONS[slug].worksheet.constants.items()}
    made, given = preset_values(preset, constants)
    return preset, neutral() | made, given


@pytest.mark.parametrize("slug", sorted(load_presets()))
def test_a_preset_fits_the_settings_and_says_what_is_the_questions(slug):
    preset, values, given = _filled(slug)
    file = load_capacity()
    assert set(preset.settings) <= set(values)
    assert len(given) >= 6
    for name in preset.settings:
        if name in file.choices:
            assert values[name] in file.choices[name].options
        else:
            setting = file.numbers[name]
            assert setting.low <= values[name] <= setting.high, name


@pytest.mark.parametrize("slug", sorted(load_presets()))
def test_every_row_that_is_filled_is_judged_right(slug):
    preset, values, _ = _filled(slug)
    sheet, lines = QUESTIONS[slug].worksheet, work_out(values)
    rows = {row.id: row for row in sheet.rows}
    written = {
        row: Written(value=shown(row_value(rows[row], lines[result], preset.nouns)), unit=rows[row].unit)
        for row, result in preset.rows.items()
    }
    verdicts = {one.row_id: one for one in judge_sheet(sheet, written).rows}
    assert len(written) >= 2
    for row in written:
        assert verdicts[row].is_accepted, verdicts[row].sentence
        assert lines[preset.rows[row]].value == pytest.approx(
            _in_result_unit(rows[row], lines[preset.rows[row]], preset), rel=0.06
        )


def _in_result_unit(row, line, preset):
    """The reference of a row, scaled as the result is."""
    return row.reference * line.value / row_value(row, line, preset.nouns)


def test_a_preset_leaves_out_what_needs_a_number_that_is_not_known():
    made, given = preset_values(load_presets()["ads-ranking"], {"dau": 3e8, "util": 0.6})
    assert given == {"users", "target"}
    assert "requests_per_user" not in made
    assert made["size_by"] == "target"


# ---- words and numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.44e13, "B/day", "14.4 TB/day"),
        (999, "B", "999 B"),
        (1000, "B", "1 kB"),
        (24e6, "bit/s", "24 Mbit/s"),
        (0.599, "fraction", "59.9 percent"),
        (482, "gpu", "482 gpus"),
        (1, "machine", "1 machine"),
        (28.9, "erlang", "28.9 erlang"),
        (2e-27, "ms", "below 0.001 ms"),
        (3, "times", "3"),
    ],
)
def test_an_amount_is_shown_in_a_size_that_can_be_read(value, unit, text):
    assert amount(value, unit) == text


def test_a_formula_is_shown_in_words_and_with_the_numbers_of_the_question():
    preset, values, _ = _filled("ads-ranking")
    lines = work_out(values)
    assert in_words(lines["machines_target"].formula) == (
        "round up (offered load / (slots of a machine \u00d7 target utilization))"
    )
    formula = lines["item_rate"].formula
    assert with_numbers(formula, values, lines, preset.nouns) == "138,889 request/s \u00d7 300 row/request"
    bits = with_numbers(lines["traffic_in"].formula, values, lines, preset.nouns)
    assert bits == "138,889 request/s \u00d7 2,000 B/request \u00d7 8 bit/B"


@pytest.mark.parametrize("value", [0, 0.6, 20, 999, 1728, 1e6, 3e8, 1.728e8, 2.5e9, 0.0069296875, 1 / 3, 1157.4074])
def test_a_number_in_a_field_is_read_back_as_it_was(value):
    setting = next(one for one in load_capacity().settings if one.id == "keys")
    assert read_amount(setting.model_copy(update={"low": 0.0}), typed(value), {}) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("users", "300M", 3e8),
        ("users", "300M users", 3e8),
        ("promise_ms", "0.2 s", 200),
        ("stored_bytes", "2 kB", 2000),
        ("stored_bytes", "16 kbit", 2000),
        ("machine_usd", "$0.70/h", 0.7),
        ("retention_days", "13 weeks", 91),
        ("storage_usd", "0.24 usd/year", 0.02),
    ],
)
def test_an_amount_is_read_as_people_write_it(name, text, value):
    assert read_amount(_amount(name), text, {}) == pytest.approx(value)


def test_an_amount_may_be_written_in_the_nouns_of_the_question():
    assert read_amount(_amount("items"), "300 rows", {"item": "row"}) == 300


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("users", "many", "does not begin with a number"),
        ("users", "0", "0 user is out of range; write 1 to"),
        ("users", "-5", "out of range"),
        ("stored_bytes", "2 ms", "ms is not B; write the number in B"),
        ("promise_ms", "5 gb", "can mean several things"),
        ("items", "1e999", "too large"),
        ("keys", "", "does not begin with a number"),
    ],
)
def test_an_amount_that_cannot_be_used_gets_a_sentence(name, text, said):
    with pytest.raises(QuantityProblem, match=said.replace("(", r"\(")):
        read_amount(_amount(name), text, {})


def _amount(name):
    setting = load_capacity().numbers[name]
    assert isinstance(setting, Amount)
    return setting


def test_a_slider_starts_on_its_own_grid():
    for setting in load_capacity().numbers.values():
        if isinstance(setting, Slider):
            steps = (setting.start - setting.low) / setting.step
            assert steps == pytest.approx(round(steps), abs=1e-6), setting.id
