"""`python -m simulator` as a person or a script meets it: what it prints, where, and with which exit code."""

import json

import pytest

from simulator.advise_command import Advice
from simulator.design import Design
from simulator.design_file import read_design
from simulator.results.comparison import Comparison
from simulator.results.summary import Summary
from simulator.sweep import Cell
from tests.simulator.processes import in_a_process

QUICK = ["--requests", "200", "--replications", "2"]


def test_a_run_prints_a_table(design_file):
    done = in_a_process("run", design_file, *QUICK)
    assert (done.returncode, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("shop: 200 requests/s, 2 runs of 1.0 s")
    assert any(line.startswith("web") and "service" in line for line in lines)
    assert any("met" in line and "answered 100%, wanted at least 99%" in line for line in lines)


def test_a_run_with_json_prints_the_whole_summary_and_nothing_else(design_file):
    done = in_a_process("run", design_file, "--json", *QUICK)
    assert (done.returncode, done.err) == (0, "")
    summary = Summary.model_validate_json(done.out)
    assert (summary.replications, summary.settings.requests) == (2, 200)


def test_the_same_command_prints_the_same_to_the_last_character(design_file, command):
    first, again, other = (command("run", design_file, "--json", *QUICK, "--seed", seed).out for seed in (7, 7, 8))
    assert first == again
    assert json.loads(first)["outcomes"] != json.loads(other)["outcomes"] or first != other


def test_a_design_may_come_from_standard_input(design_file):
    text = design_file.read_text(encoding="utf-8")
    assert (
        in_a_process("run", "-", *QUICK, stdin=text).out.split(":")[1:]
        == in_a_process("run", design_file, *QUICK).out.split(":")[1:]
    )


def test_a_json_design_is_read_like_a_yaml_one(design_file, command):
    text = read_design(design_file.read_text(encoding="utf-8")).model_dump_json()
    assert command("run", "-", *QUICK, stdin=text).returncode == 0


def test_set_changes_one_value_of_the_design(design_file, command):
    done = command(
        "run", design_file, "--json", *QUICK, "--set", "components.web.replicas=4", "--set", "cell.fraction=0.5"
    )
    summary = json.loads(done.out)
    assert summary["cost"]["components"] == [{"component": "web", "replicas": 8.0, "usd_per_hour": 0.8}]


def test_strict_fails_when_the_promise_is_not_met(design_file):
    kept = in_a_process("run", design_file, "--strict", *QUICK)
    broken = in_a_process("run", design_file, "--strict", *QUICK, "--set", "promise.usd_per_month=1")
    relaxed = in_a_process("run", design_file, *QUICK, "--set", "promise.usd_per_month=1")
    assert (kept.returncode, broken.returncode, relaxed.returncode) == (0, 1, 0)
    assert "missed" in broken.out


def test_strict_fails_when_the_run_cannot_tell(design_file, command):
    done = command("run", design_file, "--strict", *QUICK, "--set", "promise.p99_ms=1000")
    assert done.returncode == 1
    assert "unknown" in done.out


def test_the_settings_of_a_run_are_flags(design_file, command):
    flags = ["--duration-s", "3", "--warm-up-s", "1", "--replications", "1", "--seed", "5"]
    summary = json.loads(command("run", design_file, "--json", *flags).out)
    assert (summary["duration_s"], summary["warm_up_s"], summary["settings"]["seed"]) == (3, 1, 5)


def test_schema_prints_the_schema():
    assert json.loads(in_a_process("schema").out) == Design.model_json_schema()


def test_check_holds_a_case_against_theory(command):
    done = command("check", "mmck", "md1", "--requests", "5000")
    assert done.returncode == 0
    assert "passed" in done.out
    assert "0 failed" in done.out


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "--help"]])
def test_help_is_help(arguments, command):
    done = command(*arguments)
    assert (done.returncode, done.err) == (0, "")
    assert "usage: python -m simulator" in done.out


def test_nothing_is_told_of_the_progress_when_nobody_watches(design_file):
    done = in_a_process("run", design_file, "--requests", "5000")
    assert done.err == ""
    assert "simulating" not in done.out


def test_theory_lists_its_names_and_prints_numbers_with_their_source(command):
    names = [line.split()[0] for line in command("theory").out.splitlines()]
    assert "mm1" in names
    printed = command("theory", "mm1", "rho=0.9", "service_ms=2")
    assert printed.returncode == 0
    assert ["mean_sojourn", "20", "ms"] in [line.split() for line in printed.out.splitlines()]
    assert "Kleinrock" in printed.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mmm1"], "did you mean mm1?"),
        (["mm1", "rho=2"], "mm1.rho is 2.0, but must be from 0.001 to 0.999"),
        (["mm1", "rho"], "write it as name=number"),
        (["mm1", "rho=much"], "write it as name=number"),
    ],
)
def test_theory_refuses_with_a_sentence(command, words, said):
    done = command("theory", *words)
    assert (done.returncode, done.out) == (2, "")
    assert said in done.err


def test_a_sweep_prints_a_line_of_json_for_each_cell(design_file, command):
    over = ["--over", "components.web.replicas=1,2,0", "--over", "traffic.arrival_rate_per_s=50,100.5"]
    done = command("sweep", design_file, *QUICK, *over, "--json")
    cells = [Cell.model_validate_json(line) for line in done.out.splitlines()]
    assert {cell.values for cell in cells} == {(n, rate) for n in (1, 2, 0) for rate in (50, 100.5)}
    assert {cell.values[0] for cell in cells if not cell.ran} == {0}
    text = command("sweep", design_file, *QUICK, "--over", "components.web.replicas=1,0").out
    assert "components.web.replicas=0  cannot run: components.web.replicas is 0, but must be at least 1" in text


def test_a_comparison_prints_what_the_second_design_changes(design_file, command, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(design_file.read_text(encoding="utf-8").replace("replicas: 2", "replicas: 3"), encoding="utf-8")
    done = command("compare", design_file, other, *QUICK)
    assert "cost per month" in done.out
    found = Comparison.model_validate_json(command("compare", design_file, other, *QUICK, "--json").out)
    assert found.same_luck


def test_advice_prints_the_rule_and_the_best_changes(design_file, command):
    crowded = ["--set", "traffic.arrival_rate_per_s=2500", "--set", "promise.p99_ms=10", "--replications", "2"]
    done = command("advise", design_file, *crowded, "--requests", "2000", "--json")
    advice = Advice.model_validate_json(done.out)
    assert (advice.kept, advice.findings[0].rule) == (False, "overload")
    assert advice.best[0].label == "web: 3 replicas instead of 2"
    text = command("advise", design_file, *crowded, "--requests", "2000").out
    assert text.startswith("Offered load is at or above capacity: web is offered")
    assert "  web: 3 replicas instead of 2: +73 USD a month, keeps the promise" in text.splitlines()
