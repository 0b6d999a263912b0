"""The labs as data: every one loads and works over its whole range, and what is wrong with one is said."""

from collections.abc import Callable
from math import isfinite
from pathlib import Path

import pytest

from question_bank.lab_checks import ends_of, lab_problems, outcome_at
from question_bank.lab_models import run_lab
from question_bank.labs import LABS, Lab, NumberWanted, load_labs
from question_bank.loader import QuestionProblem

ALL = load_labs()
WANTED = {
    "autoscaling-lag",
    "availability-k-of-n",
    "batching-latency",
    "cache-hit-ratio",
    "canary-detection",
    "checkpoint-interval",
    "drift",
    "fan-out-tail",
    "feature-freshness",
    "power-of-two",
    "privacy-budget",
    "retries-recovery",
    "thresholds-by-cost",
}


def test_every_lab_is_there_and_nothing_is_wrong_with_it() -> None:
    assert set(ALL) >= WANTED
    assert lab_problems(ALL.values()) == []


@pytest.mark.parametrize("slug", ALL)
def test_the_figures_are_numbers_at_every_end_of_every_knob(slug: str) -> None:
    for settings in ends_of(ALL[slug]):
        for figure in outcome_at(ALL[slug], settings).figures:
            assert figure.value is not None, (settings, figure)
            assert isfinite(figure.value), (settings, figure)
            assert figure.unit != "share" or -1e-9 <= figure.value <= 1 + 1e-9


@pytest.mark.parametrize("slug", ALL)
def test_the_charts_are_full(slug: str) -> None:
    lab = ALL[slug]
    found = run_lab(lab, lab.asked_at())
    assert found.charts
    for chart in found.charts:
        assert list(chart.x) == sorted(set(chart.x))
        for series in chart.series:
            assert len(series.y) == len(chart.x)
            assert any(y is not None for y in series.y), series.name


@pytest.mark.parametrize("slug", ["batching-latency", "checkpoint-interval", "drift"])
def test_the_same_settings_give_the_same_figures(slug: str) -> None:
    lab = ALL[slug]
    assert outcome_at(lab, lab.asked_at()).figures == outcome_at(lab, lab.asked_at()).figures


def test_a_stage_may_stop_a_sweep() -> None:
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Stopped

    lab = ALL["cache-hit-ratio"]
    seen: list[float] = []
    with pytest.raises(Stopped):
        run_lab(lab, lab.asked_at(), stage=stop)
    run_lab(lab, lab.asked_at(), stage=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1


@pytest.mark.parametrize("slug", ALL)
def test_texts_are_short_plain_and_have_a_source(slug: str) -> None:
    lab = ALL[slug]
    assert len(lab.lead) <= 450
    assert all(len(line) <= 170 for line in lab.notice)
    assert lab.predict.ask.endswith("?")
    assert lab.why.sources


# ---- what is refused -------------------------------------------------------------------------------------------

Said = Callable[[str, str, str], list[str]]


@pytest.fixture
def said_of(tmp_path: Path) -> Said:
    """What is said of a lab after one text in its file was replaced."""

    def replaced(slug: str, old: str, new: str) -> list[str]:
        text = (LABS / f"{slug}.yaml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / f"{slug}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        try:
            return lab_problems(load_labs(tmp_path).values())
        except QuestionProblem as problem:
            return problem.problems

    return replaced


@pytest.mark.parametrize(
    ("slug", "old", "new", "said"),
    [
        ("drift", "lead:", "leed:", "is not a known key"),
        ("drift", "slug: drift", "slug: drft", "slug is 'drft', but the file is 'drift'"),
        ("drift", "name: drift", "name: drifts", "is no model; choose one of availability_k_of_n"),
        ("drift", "id: bins", "id: bin", "the knob 'bin' is no parameter of drift"),
        ("drift", "id: bins", "id: bin", "drift needs a knob 'bins'; add it"),
        ("drift", "figure: false_alarms", "figure: psy", "predict.figure is 'psy', which is no figure of this lab"),
        ("drift", 'unit: "%"', "unit: ms", "ask in that unit"),
        ("drift", "default: 200", "default: 201", "which is not among the values"),
        ("drift", "low: 0.0, high: 2.0, step: 0.05, default: 0.0", "low: 0.0, high: 2.0, step: 0.05, default: 3.0",
         "default is 3, which is not between 0 and 2"),
        ("drift", "low: 0.0, high: 2.0, step: 0.05", "low: 2.0, high: 2.0, step: 0.05", "low must be below high"),
        ("drift", "low: 0.0, high: 2.0, step: 0.05", "low: 0, high: 2.0, step: 0.05", "must all be whole numbers"),
        ("drift", "values: [5, 10, 20, 50]", "values: [10, 5, 20, 50]", "values must rise"),
        ("drift", "id: bins", "id: rows", "two knobs have the id 'rows'"),
        ("batching-latency", "[components.gpu.max_items]", "[components.gpu.max_itms]", "is no place in this design"),
        ("batching-latency", "paths: [components.gpu.max_items]", "paths: [os.system]", "is not a place in a design"),
        ("batching-latency", "    paths: [components.gpu.max_items]\n", "", "turns nothing"),
        ("batching-latency", "values: [300, 600", "values: [0, 600", "max_items 0"),
        ("batching-latency", "at: {max_wait_ms: 25", "at: {max_wait_ms: 26", "which is not on its scale"),
        ("batching-latency", "at: {max_wait_ms: 25", "at: {wait: 25", "which is no knob; choose one of max_wait_ms"),
        ("batching-latency", "max_wait_ms, values: [0, 2", "max_wait_ms, values: [1, 2", "source.sweep.values"),
        ("batching-latency", "figures: [p99, p50]", "figures: [p99, p5]", "shows 'p5', which is no figure"),
        ("batching-latency", "figures: [p99, p50]", "figures: [p99, busy]", "figures of different units"),
        ("batching-latency", "requests: 3000", "requests: 3000\n  seconds: 3.0", "takes either requests or seconds"),
        ("batching-latency", "utilization, component: gpu", "utilization", "utilization is of a component"),
        ("batching-latency", "replicas: 5", "replicas: 0", "must be at least 1"),
        ("cache-hit-ratio", "zipf_exponent: zipf,", "zipf_exponent: zpf,", "names 'zpf', which it does not know"),
        ("cache-hit-ratio", "quantity: hit_ratio,", "quantity: hits,", "'hits' is no quantity of it"),
        ("cache-hit-ratio", "name: lru,", "name: lfu,", "theory is 'lfu', which is not in the catalog"),
        ("power-of-two", "50 / (1 - load / 200)", "50 / (1 - load / 160)", "divides by zero"),
        ("power-of-two", "each: policy", "each: load", "which is no knob with choices"),
        ("retries-recovery", "at_least: 0.5, below: 0.95", "at_least: 0.6, below: 0.95", "0.5 lies in none"),
        ("retries-recovery", "at_least: 0.5, below: 0.95", "at_least: 0.5", "lies in nearly_all and most"),
        ("retries-recovery", "seconds: 90.0", "requests: 1000", "a sweep over time needs seconds"),
        ("retries-recovery", "policy: retry}", "policy: retries}", "which is not on its scale"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_sentence(said_of: Said, slug: str, old: str, new: str, said: str) -> None:
    problems = said_of(slug, old, new)
    assert any(said in problem for problem in problems), problems
    assert all(f"{slug}.yaml: " in problem for problem in problems)


def test_text_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "y.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(QuestionProblem) as caught:
        load_labs(tmp_path)
    assert len(caught.value.problems) == 2


def test_knobs_start_where_the_prediction_is_asked_for() -> None:
    lab: Lab = ALL["batching-latency"]
    assert isinstance(lab.predict, NumberWanted)
    assert lab.asked_at() == {"max_wait_ms": 25, "max_items": 9600, "rate_per_s": 1390}
