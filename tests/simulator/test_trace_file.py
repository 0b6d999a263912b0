"""Recordings in CSV files: read by the command line from beside the design, and refused by everybody else."""

import json

import pytest

from simulator.arrivals import arrival_times_s
from simulator.design_file import DesignProblem, write_design
from simulator.run import simulate
from simulator.settings import RunSettings, duration_s, warm_up_s
from simulator.support import DoesNotRunYet
from simulator.trace_file import MOST_TIMES, with_recorded_times
from tests.simulator.designs import a_design, service


def _design(file="day.csv", **more):
    return a_design({"x": service(0.1)}, arrivals={"kind": "trace", "file": file, **more})


def _recorded(tmp_path, text, **more):
    (tmp_path / "day.csv").write_text(text, encoding="utf-8")
    return with_recorded_times(_design(**more), tmp_path).traffic.arrivals.times_s


def _problems(tmp_path, text, **more):
    with pytest.raises(DesignProblem) as refused:
        _recorded(tmp_path, text, **more)
    return refused.value.problems


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("time_s\n0.5\n1\n1\n2.5e1\n", {}),
        ("user,time_s,path\na,0.5,/\nb,1,/\nc,1,/\nd,25.0,/\n", {}),
        ('\ufeffwhen , "user"\r\n 0.5 ,"a,b"\r\n\r\n1,b\r\n1,"c\nd"\r\n25,e', {"column": "when"}),
    ],
    ids=["one column", "three columns", "written by a spreadsheet"],
)
def test_the_times_of_the_column_are_read(text, more, tmp_path):
    assert _recorded(tmp_path, text, **more) == (0.5, 1.0, 1.0, 25.0)


def test_a_recording_read_from_a_file_is_played_to_the_last_bit(tmp_path):
    (tmp_path / "day.csv").write_text("time_s\n0.1\n0.30000000000000004\n7.7\n")
    design = with_recorded_times(_design(), tmp_path)
    assert arrival_times_s(design, 10.0, 1, 0).tolist() == [0.1, 0.30000000000000004, 7.7]


def test_every_wrong_time_is_told_with_its_line(tmp_path):
    assert _problems(tmp_path, 'time_s,user\n0.5,"a\nb"\n\n1.5,b\n1.0,c\nsoon,d\n-3,e\nnan,f\n\ninf,g\n,h\n') == [
        "day.csv, line 6: time_s is '1.0', which is earlier than the 1.5 before it; sort the file by time",
        "day.csv, line 7: time_s is 'soon', which is not a number of seconds",
        "day.csv, line 8: time_s is '-3', which is before the start",
        "day.csv, line 9: time_s is 'nan', which no run can reach; give seconds from its start",
        "day.csv, line 11: time_s is 'inf', which no run can reach; give seconds from its start",
        "day.csv, line 12: time_s is '', which is not a number of seconds",
    ]


def test_of_very_many_wrong_times_ten_are_told(tmp_path):
    said = _problems(tmp_path, "time_s\n" + "x\n" * 1010)
    assert len(said) == 11
    assert said[-1] == "day.csv has 1,000 more wrong times"


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("", {}, "traffic.arrivals.column is 'time_s', which day.csv does not have; it has no header"),
        ("a,b\n1,2\n", {}, "traffic.arrivals.column is 'time_s', which day.csv does not have; choose one of a, b"),
        ("a\n1\n", {"column": "b"}, "traffic.arrivals.column is 'b', which day.csv does not have; choose one of a"),
        ("time_s\n", {}, "day.csv has no times under its header; record at least one"),
        ("time_s\n" + "1\n" * (MOST_TIMES + 1), {}, "day.csv has more than 1,000,000 times; take a part of it"),
    ],
    ids=["empty", "no such column", "no column of that name", "no times", "too many"],
)
def test_a_file_without_times_is_refused_in_a_sentence(text, more, said, tmp_path):
    assert _problems(tmp_path, text, **more) == [said]


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "picture.csv").write_bytes(b"time_s\n\xff\xfe\n")
    for name, said in (
        ("ghost.csv", "traffic.arrivals.file: ghost.csv cannot be read: No such file or directory"),
        ("folder", "traffic.arrivals.file: folder cannot be read: Is a directory"),
        ("picture.csv", "traffic.arrivals.file: picture.csv is not text in UTF-8"),
    ):
        with pytest.raises(DesignProblem) as refused:
            with_recorded_times(_design(name), tmp_path)
        assert refused.value.problems == [said]


def test_other_designs_are_left_as_they_are(tmp_path):
    design = a_design({"x": service(0.1)})
    assert with_recorded_times(design, tmp_path) is design


def test_who_has_not_read_the_file_does_not_run_the_design():
    with pytest.raises(DoesNotRunYet) as refused:
        simulate(_design(), seed=1, duration_s=1.0)
    assert str(refused.value) == (
        "traffic.arrivals.file is 'day.csv', and only the command line reads files; "
        "run the design there, or write the times into times_s"
    )


# ---- the command line ----------------------------------------------------------------------------------------------


def test_the_command_line_looks_for_the_file_beside_the_design(tmp_path, command):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "day.csv").write_text("time_s\n" + "".join(f"{k}\n" for k in range(300)))
    (folder / "shop.yaml").write_text(write_design(_design()))
    done = command("run", folder / "shop.yaml", "--json", "--replications", 1, "--warm-up-s", 0)
    assert done.returncode == 0, done.err
    summary = json.loads(done.out)
    assert summary["outcomes"]["arrivals"] == 300
    assert summary["arrival_rate_per_s"] == pytest.approx(1.0)


def test_a_part_of_a_recording_is_said_to_be_a_part(tmp_path, command):
    (tmp_path / "day.csv").write_text("time_s\n" + "".join(f"{k}\n" for k in range(300)))
    (tmp_path / "shop.yaml").write_text(write_design(_design()))
    done = command("run", tmp_path / "shop.yaml", "--replications", 1, "--requests", 120)
    assert "note: Of 300 recorded arrivals the first 120 came within the run." in done.out.splitlines()


def test_a_wrong_recording_ends_the_command_with_two(tmp_path, command):
    (tmp_path / "day.csv").write_text("time_s\n3\n2\n")
    (tmp_path / "shop.yaml").write_text(write_design(_design()))
    done = command("run", tmp_path / "shop.yaml")
    assert (done.returncode, done.out) == (2, "")
    assert done.err == (
        f"{tmp_path / 'shop.yaml'}: day.csv, line 3: time_s is '2', which is earlier than the 3 before it; "
        "sort the file by time\n"
    )


# ---- how long ------------------------------------------------------------------------------------------------------


def _lasts_s(times_s, requests=100, **more):
    design = a_design({"x": service(0.1)}, arrivals={"kind": "trace", "times_s": times_s}, **more)
    return duration_s(design, RunSettings(requests=requests)), design


def test_a_run_lasts_for_as_many_recorded_arrivals_as_are_wanted():
    lasts_s, design = _lasts_s([k / 4 for k in range(1000)])
    assert lasts_s == 25
    assert len(arrival_times_s(design, lasts_s, 1, 0)) == 100


@pytest.mark.parametrize(
    ("times_s", "lasts_s"), [([2.0, 4.0, 6.0], 9.0), ([5.0], 6.0), ([0.0, 0.0], 1.0)], ids=["three", "one", "at once"]
)
def test_a_short_recording_is_played_to_its_end_and_a_mean_gap_further(times_s, lasts_s):
    assert _lasts_s(times_s)[0] == pytest.approx(lasts_s)


def test_a_recording_under_a_profile_lasts_until_all_that_is_wanted_has_come():
    profile = {"kind": "steps", "points": [[0, 0.5]]}
    lasts_s, design = _lasts_s([k / 4 for k in range(1000)], profile=profile)
    assert len(arrival_times_s(design, lasts_s, 1, 0)) == 100


def test_the_warm_up_of_a_recording_goes_by_its_own_rate():
    _, design = _lasts_s([k / 4 for k in range(4000)])  # 4 a second, each of 0.1 s: 30 / 0.6^2 requests are 84
    assert warm_up_s(design, RunSettings(requests=4000))[0] == pytest.approx(84 / 4, rel=0.01)
