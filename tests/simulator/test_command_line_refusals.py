"""Wrong input at the command line: exit code 2, one sentence for each problem on standard error, nothing elsewhere."""

import pytest
import yaml

from tests.simulator.designs import design_data, front, service
from tests.simulator.processes import in_a_process


def _assert_refused(done, *sentences):
    assert (done.returncode, done.out) == (2, "")
    said = done.err.splitlines()
    assert len(said) == len(sentences), done.err
    for line, sentence in zip(said, sentences, strict=True):
        assert sentence in line


def _data(**parts):
    return design_data(parts or {"x": service(0.001)}, rate_per_s=100.0)


CIRCLE = _data(a=front([{"to": "b"}]), b=front([{"to": "a"}]))
WRONG_TEXTS = {
    "bad YAML": ("a: b: c", "line 1, column 5 is not YAML"),
    "an open bracket": ("traffic: [", "is not YAML"),
    "a template": ("traffic: {entry: {{name}}}", "line 1, column"),
    "a tag": ("traffic: !!bool maybe", "line 1, column 10"),
    "nothing": ("", "it needs `traffic` and `components`"),
    "a list": ("- a", "it needs `traffic` and `components`"),
    "a control character": ("traffic: \x01", "line 1, column 10"),
    "a date as a key": ("traffic: {2024-01-31: 5}", "traffic"),
}
WRONG_VALUES = {
    "circle": (CIRCLE, "asks in a circle: a -> b -> a"),
    "unknown component": (_data(a=front([{"to": "ghost"}])), "'ghost', which is not a component"),
    "negative rate": (_data() | {"traffic": {"entry": "x", "arrival_rate_per_s": -5}}, "must be above 0"),
    "text in a number": (
        _data() | {"traffic": {"entry": "x", "arrival_rate_per_s": "fast"}},
        "'fast', but must be a number",
    ),
    "what cannot be meant": (
        _data(r={"kind": "router", "routes": [{"to": "x", "share": 0.5}]}, x=service()),
        "shares that add up to 0.5",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG_TEXTS.values(), ids=WRONG_TEXTS.keys())
def test_a_text_that_is_no_design_is_refused_in_a_sentence(text, said, command):
    done = command("run", "-", stdin=text)
    assert (done.returncode, done.out) == (2, "")
    assert said in done.err.splitlines()[0]


@pytest.mark.parametrize(("data", "said"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_wrong_design_is_refused_in_a_sentence(data, said, command):
    _assert_refused(command("run", "-", stdin=yaml.safe_dump(data)), said)


def test_a_process_that_refuses_prints_sentences_on_standard_error_only(tmp_path):
    binary = tmp_path / "picture.png"
    binary.write_bytes(bytes(range(256)))
    _assert_refused(
        in_a_process("run", tmp_path / "missing.yaml"),
        "missing.yaml: the file cannot be read: No such file or directory",
    )
    _assert_refused(in_a_process("run", binary), "the file is not text in UTF-8")
    _assert_refused(in_a_process("run", "-", stdin="a: b: c"), "-: line 1, column 5 is not YAML")
    _assert_refused(in_a_process("run", "-", stdin=yaml.safe_dump(CIRCLE)), "asks in a circle: a -> b -> a")


def test_every_problem_has_a_line_of_its_own(command):
    data = _data() | {"traffic": {"entry": "x", "arrival_rate_per_s": -5}, "extra": 1}
    _assert_refused(command("run", "-", stdin=yaml.safe_dump(data)), "arrival_rate_per_s", "extra is not a known key")


def test_a_file_that_cannot_be_read_is_refused(tmp_path, command):
    binary = tmp_path / "picture.png"
    binary.write_bytes(bytes(range(256)))
    _assert_refused(
        command("run", tmp_path / "missing.yaml"), "missing.yaml: the file cannot be read: No such file or directory"
    )
    _assert_refused(command("run", tmp_path), "the file cannot be read: Is a directory")
    _assert_refused(command("run", binary), "the file is not text in UTF-8")


def test_binary_standard_input_is_refused(command):
    _assert_refused(command("run", "-", stdin=b"\xff\xfe\x00name"), "")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--seed", "-1"], "seed is -1, but must be at least 0"),
        (["--replications", "0"], "replications is 0, but must be at least 1"),
        (["--requests", "5"], "requests is 5, but must be at least 100"),
        (["--duration-s", "0"], "duration_s is 0.0, but must be above 0"),
        (["--duration-s", "nan"], "duration_s is nan, but must be a finite number"),
        (["--warm-up-s", "-1"], "warm_up_s is -1.0, but must be at least 0"),
        (
            ["--duration-s", "1e6"],
            "5 runs of 1e+06 s at 200 requests/s are 1,000,000,000 requests, and 5,000,000 is the most",
        ),
        (["--set", "components.web.replicas"], "write it as path=value"),
        (["--set", "components.web.replicas=many"], "components.web.replicas is 'many', but must be a whole number"),
        (["--set", "components.ghost.replicas=4"], "there is no 'ghost' in components"),
        (["--set", "name.x=4"], "is no place in this design"),
        (["--set", "faults.0={kind: lose_zone, at_s: 1}"], "is no place in this design"),
        (["--set", "components.web.replicas=[4"], "line 1, column"),
        (["--set", "traffic.arrivals={kind: renewal, scv: 1e7}"], "scv is 10000000.0"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(design_file, flags, said, command):
    _assert_refused(command("run", design_file, *flags), said)


@pytest.mark.parametrize("flags", [["--seed", "many"], ["--replications", "1.5"], ["--nonsense"]])
def test_a_flag_that_cannot_be_read_is_refused(design_file, flags, command):
    done = command("run", design_file, *flags)
    assert (done.returncode, done.out) == (2, "")
    assert flags[0] in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "'nonsense' is no case that runs; choose from mm1"),
        (["mmck", "--requests", "0"], "requests is 0"),
        (["mmck", "--requests", "-5"], "requests is -5"),
        (["mmck", "--seed", "-1"], "seed is -1"),
    ],
)
def test_a_check_that_cannot_be_made_is_refused_in_a_sentence(arguments, said, command):
    _assert_refused(command("check", *arguments), said)


def test_a_command_is_needed(command):
    assert command().returncode == 2


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ("components.bew.replicas=1", "there is no 'bew' in components"),
        ("components.web.replicas", "write it as path=a,b,c"),
        ("components.web.replicas=[1", "is not YAML"),
    ],
)
def test_a_sweep_over_what_is_not_there_is_refused_in_a_sentence(over, said, command, design_file):
    _assert_refused(command("sweep", design_file, "--over", over), said)


def test_a_sweep_of_which_no_cell_runs_says_so_with_its_exit_code(command, design_file):
    assert command("sweep", design_file, "--over", "components.web.replicas=0").returncode == 2
