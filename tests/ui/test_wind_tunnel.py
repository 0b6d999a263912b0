"""The wind tunnel: sliders and faults change the design that runs, and wrong files get sentences."""

import pytest

from practice.scenario_runs import starting_design
from question_bank.schema import Question
from simulator.design import Design
from simulator.design_file import design_from, write_design
from simulator.drills import load_drills
from simulator.knobs import value_at, with_value
from simulator.settings import RunSettings
from simulator.sliders import sliders
from simulator.strikes import strikes
from simulator.workers import Job
from storage.attempts import load_attempt, save_design, start_attempt
from storage.notes import noted, save_note
from tests.simulator.designs import design_data, front, service, wide, with_part
from tests.ui.screen import SLUG, Screen
from ui.cached import questions, templates
from ui.fault_fields import TITLES
from ui.people import LOCAL
from ui.sources import FROM_FILE
from ui.tunnel_prediction import _Said as Said

SMALL = design_data(
    {"web": front([{"to": "back"}]), "back": wide(0.01, replicas=3, usd_per_replica_hour=1.0)}, rate_per_s=50.0
)
CYCLE = with_part(SMALL, "components.back.calls", [[{"to": "web"}]])
PATIENCE_S = 30.0


@pytest.fixture
def tunnel(screen: Screen) -> Screen:
    """The tunnel for somebody who does not want to predict."""
    screen.at.session_state["tunnel_predictions"] = Said(asks=False)
    return screen.open("wind_tunnel")


@pytest.fixture
def from_file(tunnel: Screen) -> Screen:
    tunnel.set("selectbox", "Design", FROM_FILE)
    return tunnel


@pytest.fixture
def small(from_file: Screen) -> Screen:
    """The tunnel with a design that takes no time to run."""
    from_file.set("text_area", "or its text", write_design(design_from(SMALL)))
    return from_file


def job(screen: Screen) -> Job:
    found: Job = screen.at.session_state["jobs"]["tunnel"]
    return found


def question() -> Question:
    return questions()[SLUG]


def senior() -> Design:
    return question().designs.senior.design


def test_the_first_reference_runs_untouched(tunnel: Screen) -> None:
    assert job(tunnel).design == senior()
    assert job(tunnel).settings == RunSettings(seed=1, requests=20_000)


def test_the_numbers_on_the_screen_are_those_of_the_finished_run(small: Screen) -> None:
    job(small).wait(PATIENCE_S)
    small.run()
    assert {one.label: one.value for one in small.at.metric} == {
        "p99 latency": "10.0 ms",
        "Answered in time": "100%",
        "By the fallback": "0%",
        "Cost per month": "2,190 USD",  # 3 replicas, 730 hours
    }


def test_every_knob_of_the_question_turns_its_own_place_in_the_design(tunnel: Screen) -> None:
    design = senior()
    for knob in question().simulation.knobs:
        if not knob.may_be_off:
            [slider] = [one for one in tunnel.at.slider if one.key.endswith(f":{knob.path}")]
            assert slider.label == f"{knob.label}, {knob.unit}"
            slider.set_value(knob.high)
            number = type(value_at(design, knob.path))
            design = with_value(design, knob.path, number(knob.high))
    tunnel.run()
    assert job(tunnel).design == design


def test_a_knob_that_is_off_is_switched_on_and_off(tunnel: Screen) -> None:
    path = "components.feature_cache.on_miss.0.0.hedge.after_ms"
    label = "Ask a late shard again after, ms"
    tunnel.set("toggle", label, True)
    assert job(tunnel).design == with_value(senior(), path, 4.0)
    tunnel.set("slider", f"{label}:", 9)
    assert job(tunnel).design == with_value(senior(), path, 9.0)
    tunnel.set("toggle", label, False)
    assert job(tunnel).design == senior()


def test_a_design_of_a_file_has_a_slider_for_everything_worth_turning(small: Screen) -> None:
    shown = [one.key.rsplit(":", 1)[1] for one in small.at.slider]
    assert shown == [one.path for one in sliders(design_from(SMALL)) if not one.may_be_off]
    small.set("slider", "back: replicas", 8)
    assert job(small).design == with_value(design_from(SMALL), "components.back.replicas", 8)


def test_another_design_starts_from_its_own_numbers(tunnel: Screen) -> None:
    tunnel.set("slider", "GPUs in the cell, gpu", 7)
    tunnel.set("selectbox", "Design", "Junior: Ads for a feed inside 50 ms")
    assert job(tunnel).design == question().designs.junior.design


def test_ones_own_design_is_offered_first(screen: Screen) -> None:
    save_design(LOCAL, start_attempt(LOCAL, SLUG), starting_design(question()))
    screen.open("wind_tunnel")
    assert screen.field("selectbox", "Design").value == "Mine: Ads for a feed inside 50 ms"
    assert job(screen).design == starting_design(question())


def test_the_number_of_luck_is_the_seed(small: Screen) -> None:
    small.set("number_input", "Luck", 42)
    assert job(small).settings.seed == 42


WHEN = {"at_s": 100.0, "for_s": 80.0}  # in a run of 400 s


ONE_BY_ONE = [
    ("Kill replicas", "Replicas that die", 2, {"kind": "kill_replicas", "component": "back", "replicas": 2}),
    ("Slow a part", "Times as slow", 5.0, {"kind": "slow", "component": "back", "factor": 5.0}),
    ("Errors", "Answers that fail, %", 5.0, {"kind": "error_rate", "component": "back", "share": 0.05}),
    ("Traffic spike", "Times the traffic", 1.5, {"kind": "traffic_spike", "factor": 1.5}),
    ("Cut a link", "Cut from second", 100.0, {"kind": "cut_link", "caller": "web", "component": "back"}),
]


def test_a_fault_that_is_switched_on_is_in_the_design_until_it_is_switched_off(small: Screen) -> None:
    for switch, field, value, fault in ONE_BY_ONE:
        small.set("toggle", switch, True)
        small.set("number_input", field, value)
        assert job(small).design == design_from(SMALL | {"faults": [fault | WHEN]})
        small.set("toggle", switch, False)
        assert job(small).design == design_from(SMALL)


def test_several_faults_are_on_at_once_and_each_has_its_own_time(small: Screen) -> None:
    for switch in ("Lose a zone", "Slow a part"):
        small.set("toggle", switch, True)
    small.set("number_input", "One of so many zones", 2)
    small.set("number_input", "Slow from second", 50.0)
    small.set("number_input", "Slow for seconds", 0.0)
    zone = {"kind": "lose_zone", **WHEN}
    slow = {"kind": "slow", "component": "back", "factor": 3.0, "at_s": 50.0, "for_s": None}
    assert job(small).design == design_from(SMALL | {"zones": 2, "faults": [zone, slow]})


def test_only_what_can_happen_to_a_design_can_be_switched_on(small: Screen, tunnel: Screen) -> None:
    shown = [one.label for one in small.at.toggle if one.label in TITLES.values()]
    assert shown == [TITLES[kind] for kind in strikes(design_from(SMALL))]


def test_every_fault_has_fields_with_names_of_their_own(screen: Screen) -> None:
    """All kinds at once, on a question that has the parts for them, and every label stands once."""
    screen.at.session_state["tunnel_predictions"] = Said(asks=False)
    screen.at.session_state["tunnel_source"] = "Senior: An ML platform for forty teams"
    screen.open("wind_tunnel")
    for kind in strikes(questions()["ml-platform"].designs.senior.design):
        screen.field("toggle", TITLES[kind]).set_value(True)
    screen.run()
    labels = [one.label for kind in ("number_input", "selectbox") for one in screen.at.get(kind)]
    assert len(labels) == len(set(labels))
    assert {one.kind for one in job(screen).design.faults} == set(
        strikes(questions()["ml-platform"].designs.senior.design)
    )


def test_more_deaths_than_replicas_are_refused_with_a_sentence_and_the_design_runs_without(small: Screen) -> None:
    small.set("toggle", "Kill replicas", True)
    small.set("number_input", "Replicas that die", 100)
    [said] = small.errors
    assert "back" in said
    assert job(small).design == design_from(SMALL)


def test_a_drill_is_done_and_says_what_to_watch(tunnel: Screen) -> None:
    tunnel.set("selectbox", "Drill", "gpu_loss")
    drill = load_drills()["gpu_loss"]
    assert [fault.kind for fault in job(tunnel).design.faults] == ["kill_replicas"]
    assert tunnel.says("2 of 5 replicas of ranker die")
    assert all(tunnel.says(line) for line in drill.watch)


def test_a_drill_that_the_design_cannot_have_says_what_is_lacking(small: Screen) -> None:
    small.set("selectbox", "Drill", "bad_canary")
    assert small.says(load_drills()["bad_canary"].lacking)
    assert job(small).design == design_from(SMALL)
    small.set("selectbox", "Drill", "training_serving_skew")
    assert small.says(load_drills()["training_serving_skew"].lacking)


def test_skew_moves_no_number_and_costs_what_the_question_declares(tunnel: Screen) -> None:
    tunnel.set("selectbox", "Drill", "training_serving_skew")
    assert job(tunnel).design == senior()
    job(tunnel).wait(PATIENCE_S)
    tunnel.run()
    assert tunnel.says("of the ad revenue is gone, and no number of the run has moved")


# ---- pins ------------------------------------------------------------------------------------------------------


def finish(screen: Screen) -> None:
    for one in screen.at.session_state["jobs"].values():
        one.wait(PATIENCE_S)
    screen.run()


def test_a_pinned_run_is_held_against_the_next_on_the_same_luck_for_the_same_time(small: Screen) -> None:
    small.click("Pin this run")
    finish(small)
    assert small.says("This is the pinned run.")
    small.set("toggle", "Slow a part", True)
    small.set("number_input", "Slow from second", 325.0)
    finish(small)
    jobs = small.at.session_state["jobs"]
    assert jobs["tunnel-pinned"].design == design_from(SMALL)
    assert jobs["tunnel-pinned"].settings == jobs["tunnel"].settings
    assert jobs["tunnel"].settings.duration_s == 415.0  # the fault is over at 405
    assert small.says("Changed: work at back takes 3 times as long, from second 325 for 80 s.")
    assert small.says("p99 10 -> 30 ms: 20 of the 20 added ms is work at back.")
    assert next(one.delta for one in small.at.metric if one.label == "p99 latency") == "+20.0 ms"
    small.click("Unpin")
    assert not small.says("Against the pinned run.")
    assert job(small).settings == RunSettings(seed=1, requests=20_000)


def test_one_click_compares_with_the_run_without_faults(small: Screen) -> None:
    assert not small.has("button", "Compare with no faults")
    small.set("toggle", "Errors", True)
    small.click("Compare with no faults")
    finish(small)
    assert small.at.session_state["jobs"]["tunnel-pinned"].design == design_from(SMALL)
    assert small.says("Failed: 0.0% ->")


# ---- predictions -----------------------------------------------------------------------------------------------


def test_before_the_first_run_a_prediction_is_asked_and_then_stands_beside_the_measurement(screen: Screen) -> None:
    screen.open("wind_tunnel")
    assert not screen.at.metric
    assert job(screen).design == senior()  # nobody waits for the run afterwards
    screen.click("Show the run")
    assert screen.says("Say all of it, however rough, or skip")
    screen.field("selectbox", "What limits it").set_value("ads")
    screen.field("number_input", "p99 latency, ms").set_value(43.4)
    screen.field("number_input", "Cost, USD per month").set_value(255_500.0)
    screen.click("Show the run")
    finish(screen)
    table = next(one.value for one in screen.at.table if "predicted" in one.value)
    rows = [[cell.replace("\\", "") for cell in row] for row in table.to_numpy().tolist()]
    assert [row[1] for row in rows] == ["ads", "43.4 ms", "255,500 USD"]
    assert rows[0][2] == "ranker"
    assert [row[3] for row in rows[1:]] == ["Too high by a factor of 2.0.", "Close."]
    screen.set("slider", "GPUs in the cell, gpu", 7)
    finish(screen)
    assert screen.says("Your prediction was about the design as it stood then.")


def test_who_skips_is_not_asked_again_until_it_is_switched_on(tunnel: Screen) -> None:
    tunnel.set("selectbox", "Design", "Junior: Ads for a feed inside 50 ms")
    assert not tunnel.has("selectbox", "What limits it")
    tunnel.open("questions")
    tunnel.open("wind_tunnel")
    assert not tunnel.has("selectbox", "What limits it")
    tunnel.set("toggle", "Predict before each design", True)
    assert tunnel.has("selectbox", "What limits it")


def test_a_prediction_about_the_design_of_the_open_attempt_is_kept_with_it(screen: Screen) -> None:
    attempt = start_attempt(LOCAL, SLUG)
    save_design(LOCAL, attempt, starting_design(question()))
    screen.open("interview", attempt=attempt)
    screen.open("wind_tunnel")
    first = next(iter(starting_design(question()).components))
    screen.field("selectbox", "What limits it").set_value(first)
    screen.field("number_input", "p99 latency, ms").set_value(12.0)
    if screen.has("number_input", "Cost, USD per month"):
        screen.field("number_input", "Cost, USD per month").set_value(1000.0)
    screen.click("Show the run")
    kept = load_attempt(LOCAL, attempt).prediction
    assert kept is not None
    assert (kept.bottleneck, kept.p99_ms) == (first, 12.0)


def test_how_sure_the_numbers_are_is_a_section_of_its_own(small: Screen) -> None:
    small.at.session_state["tunnel_section"] = "How sure"
    finish(small)
    [how, theory, prices] = [one.value for one in small.at.table]
    assert how.iloc[:, 1].tolist()[0].startswith(("compiled", "stages"))
    assert theory["component"].tolist() == ["back"]
    assert prices["USD per replica and hour"].tolist() == ["1"]
    assert small.says("Time on the network")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("components: [", "line 1"),
        ("just words", "the text is not a design"),
        ("a: &x [*x]", "line"),
        (write_design(design_from(SMALL)).replace("to: back", "to: bakc"), "bakc"),
        (write_design(design_from(SMALL)).replace("arrival_rate_per_s: 50", "arrival_rate_per_s: -50"), "is -50"),
        (str(CYCLE), "web"),
        ("{" * 10_000, "line"),
        ("<script>alert(1)</script>", "the text is not a design"),
    ],
    ids=["broken YAML", "words", "an anchor", "unknown component", "negative rate", "cycle", "deep", "markup"],
)
def test_a_text_that_is_no_design_gets_sentences_and_stays_in_its_field(
    from_file: Screen, text: str, said: str
) -> None:
    from_file.set("text_area", "or its text", text)
    assert 1 <= len(from_file.errors) <= 10
    assert any(said in error for error in from_file.errors), from_file.errors
    assert from_file.field("text_area", "or its text").value == text
    assert from_file.says("Choose a design on the left.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00x", "The file is not text in UTF-8. Save it as UTF-8 and load it again."),
        (b"components: [", "line 1"),
    ],
)
def test_a_file_that_is_no_design_gets_sentences(from_file: Screen, content: bytes, said: str) -> None:
    from_file.set("file_uploader", "A design file", ("design.yaml", content, "application/yaml"))
    assert any(said in error for error in from_file.errors), from_file.errors


def test_a_file_that_is_a_design_runs(from_file: Screen) -> None:
    text = write_design(design_from(SMALL)).encode()
    from_file.set("file_uploader", "A design file", ("design.yaml", text, "application/yaml"))
    assert job(from_file).design == design_from(SMALL)


def test_a_design_that_does_not_run_yet_gets_the_sentence_of_the_refusal(from_file: Screen) -> None:
    limits = [{"rate_per_s": 5.0, "burst": 0.5}]
    data = design_data({"web": service(0.01, rate_limits=limits)}, 50.0)
    from_file.set("text_area", "or its text", write_design(design_from(data)))
    job(from_file).wait(PATIENCE_S)
    from_file.run()
    [said] = from_file.errors
    assert said.startswith("components.web.rate_limits.0.burst is 0.5, but a request takes a whole token")


def open_editor(screen: Screen) -> None:
    screen.at.session_state["tunnel_drawing"] = True
    screen.run()


def test_the_form_and_the_sliders_change_one_design_and_undo_takes_back_either(small: Screen) -> None:
    begin = design_from(SMALL)
    open_editor(small)
    small.set("number_input", "Replicas", 2)
    assert job(small).design == with_value(begin, "components.web.replicas", 2)
    assert small.field("slider", "web: replicas").value == 2
    small.set("slider", "back: replicas", 5)
    small.set("slider", "back: replicas", 6)
    both = with_value(with_value(begin, "components.web.replicas", 2), "components.back.replicas", 6)
    assert job(small).design == both
    small.click("Undo")
    assert job(small).design == with_value(begin, "components.web.replicas", 2)
    assert small.field("slider", "back: replicas").value == 3
    small.click("Redo")
    assert job(small).design == both
    small.click("Start over")
    assert job(small).design == begin
    assert not small.has("button", "Start over")
    small.click("Undo")
    assert job(small).design == both


def test_what_was_made_of_a_design_is_there_again_after_a_look_at_another_one_and_another_page(tunnel: Screen) -> None:
    tunnel.set("slider", "GPUs in the cell, gpu", 7)
    changed = job(tunnel).design
    tunnel.set("selectbox", "Design", "Junior: Ads for a feed inside 50 ms")
    tunnel.set("selectbox", "Design", "Senior: Ads for a feed inside 50 ms")
    assert job(tunnel).design == changed != senior()
    tunnel.open("questions").open("wind_tunnel")
    assert job(tunnel).design == changed
    assert tunnel.field("slider", "GPUs in the cell, gpu").value == 7


def test_what_was_made_of_a_design_is_there_again_in_another_visit_until_one_starts_over(tunnel: Screen) -> None:
    label = "Junior: Ads for a feed inside 50 ms"
    tunnel.set("selectbox", "Design", label)
    tunnel.set("slider", "GPUs in the cell, gpu", 5)
    changed = job(tunnel).design
    again = Screen().open("wind_tunnel")
    assert again.field("selectbox", "Design").value == label
    assert job(again).design == changed != question().designs.junior.design
    assert again.says("As you left it in an earlier visit.")
    again.click("Start over")
    assert job(again).design == question().designs.junior.design
    assert job(Screen().open("wind_tunnel")).design == question().designs.junior.design


def test_a_kept_design_that_is_none_any_more_is_left_out(tunnel: Screen) -> None:
    tunnel.set("slider", "GPUs in the cell, gpu", 7)
    [name] = [one for one in noted(LOCAL, "design") if one.startswith("Senior")]
    save_note(LOCAL, "design", name, {"components": {}})
    assert job(Screen().open("wind_tunnel")).design == senior()


def test_a_slider_that_cannot_be_so_says_why_and_the_design_stays(tunnel: Screen) -> None:
    def items(number: int) -> None:
        [slider] = [one for one in tunnel.at.slider if one.key.endswith(":traffic.classes.0.items")]
        slider.set_value(number)
        tunnel.run()

    junior = question().designs.junior.design
    tunnel.set("selectbox", "Design", "Junior: Ads for a feed inside 50 ms")
    items(600)
    assert any("ranker.max_items is 300" in said for said in tunnel.values("warning"))
    assert job(tunnel).design == junior
    items(200)
    assert tunnel.values("warning") == []
    assert job(tunnel).design == with_value(junior, "traffic.classes.0.items", 200)


def test_a_template_says_what_to_try_and_a_click_does_it(tunnel: Screen) -> None:
    template = templates()["online-serving"]
    tunnel.set("selectbox", "Design", f"Template: {template.title}")
    assert job(tunnel).design == template.design
    assert tunnel.says(template.about)
    for i, trial in enumerate(template.to_try):
        assert tunnel.says(trial.say)
        [key] = [one.key for one in tunnel.at.button if one.key.endswith(f":try:{i}")]
        tunnel.press(key)
        assert job(tunnel).design == trial.on(template.design)
    tunnel.click("Start over")
    assert job(tunnel).design == template.design
