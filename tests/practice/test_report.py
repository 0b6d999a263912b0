"""The report on an attempt: the same content as Markdown and HTML, and nothing that a person wrote is interpreted."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from practice.attempt import OwnLevel, Written
from practice.facts import Asked
from practice.interviewer.state import Said
from practice.prediction import Prediction
from practice.report.document import Bar, Bars, Document, Histogram, Line, Part, Table
from practice.report.html import as_html, draw
from practice.report.markdown import as_markdown, plain
from practice.report.report import report
from practice.review import card
from practice.rounds import new_round
from practice.scenario_runs import plan
from practice.tables import csv_text
from practice.versions import versions
from tests.practice.rounds import QUESTION, SENIOR, a_run, an_attempt

EVIL = (
    "<script>alert(1)</script> ![x](http://evil.example/a.png) [y](javascript:alert(2)) <img src=x onerror=alert(3)> "
    '$E=mc^2$ ```` ``` &lt; {{ 7*7 }} =HYPERLINK("http://evil") ../../etc/passwd | a | b'
)


class Reader(HTMLParser):
    """The tags, the attributes and the text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def made():
    """A report on an attempt with something bad in every field."""
    design = SENIOR.model_copy(update={"name": "<i>Name</i>"})
    run = a_run(plan(QUESTION, design)[0], 2.0)
    sentence = "We promise 50 ms at p99 <b>always</b> and show no ad when we are late."
    attempt = an_attempt(
        {"requirements": f"{sentence}\n{EVIL}", "high_level_design": EVIL},
        design=design,
        worksheet={"gpus": Written(value="<b>481</b>", unit=EVIL)},
        asked=(Asked(text=EVIL, fact=None, at=1.0),),
        prediction=Prediction(bottleneck="ranker", p99_ms=30.0, usd_per_month=2e5),
        own_levels={"requirements_framing": OwnLevel(level=3, quote=sentence)},
        finished_at=60.0,
        is_graded=True,
    )
    runs = {"steady": run}
    said = Said(at=1.0, kind="probe", id="x", text="How many?", why="y", phase="requirements", answer=EVIL)
    made_by, made = versions(QUESTION), card(QUESTION, attempt, runs)
    return report(QUESTION, attempt, runs, made, made_by, 0.0, round_=new_round(60), said=(said,))


def test_the_page_asks_for_nothing_and_runs_nothing(made):
    page = as_html(made)
    read = Reader(page)
    assert set(read.tags) <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "div", "table", "thead", "tbody", "tr", "th",
        "td", "ul", "li", "pre", "svg", "rect", "line", "text",
    }  # fmt: skip
    names = {name for name, _ in read.attributes}
    assert not names & {"src", "href", "style"}
    assert not [name for name in names if name.startswith("on")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in read.attributes
    assert EVIL in read.words, "what was written is all there, as text"
    assert "url(" not in page
    assert read.tags.count("svg") >= 3
    assert "@media print" in page


def test_markdown_holds_the_words_verbatim_in_a_fence_that_they_cannot_close(made):
    text = as_markdown(made)
    fence = re.escape("`" * 5)
    fenced = re.findall(rf"^{fence}text\n(.*?)\n{fence}$", text, re.DOTALL | re.MULTILINE)
    assert [one for one in fenced if EVIL in one]
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<script>" not in outside
    assert "](http" not in outside
    assert "<b>" not in outside
    assert "\\<b\\>481" in outside


def test_both_forms_say_score_evidence_prediction_and_how_to_repeat_it(made):
    page, text = Reader(as_html(made)).words, as_markdown(made).replace("\\", "")
    for said in ("Score ", "Too ", "seed 1, 1 replications", "You gave level 3.", "p99", "engine simpy"):
        assert said in page
        assert said in text
    titles = [part.title for part in made.parts]
    assert titles[0] == "Card"
    assert {"Prediction and measurement", "Worksheet", "Time", "Design"} <= set(titles)


def test_an_attempt_that_is_not_graded_shows_no_reference_and_no_verdict():
    attempt = an_attempt({"requirements": "Words."}, worksheet={"gpus": Written(value="481", unit="gpu")})
    made = report(QUESTION, attempt, {}, None, versions(QUESTION), 0.0)
    assert "Worksheet" not in [part.title for part in made.parts]
    assert "has not been graded" in as_markdown(made)


def test_bars_are_as_long_as_their_values_and_a_histogram_keeps_its_marks_inside():
    bars = tuple(Bar(label=str(i), value=float(i), text=str(i), of=3.0) for i in range(5))
    drawn = draw(Bars(title="Levels", bars=bars, most=4.0))
    assert [round(bar.width / drawn.bars[1].width, 6) for bar in drawn.bars] == [0, 1, 2, 3, 4]
    assert {mark[0] for mark in drawn.marks} == {drawn.bars[3].x + drawn.bars[3].width}
    picture = Histogram(
        title="t", edges=(1.0, 10.0, 100.0), counts=(1, 4), marks=(Line(at=1000.0, text="far"),), unit="ms"
    )
    drawn = draw(picture)
    assert drawn.bars[1].height == 4 * drawn.bars[0].height
    assert round(drawn.bars[0].width, 6) == round(drawn.bars[1].width, 6), "equal ratios are equally wide"
    assert all(0 <= mark[0] <= drawn.width for mark in drawn.marks)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", " =", "\n@"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(start):
    text = csv_text([{"a": f"{start}cmd|' /C calc'!A0", "b": -1.5, "c": None, f"{start}d": 'x,"y'}])
    [head, row] = list(csv.reader(io.StringIO(text, newline="")))
    assert row[0] == f"'{start}cmd|' /C calc'!A0"
    assert row[1:] == ["-1.5", "", 'x,"y'], "numbers stay numbers"
    assert head[3] == f"'{start}d"


def test_a_table_cell_cannot_break_out_of_its_row():
    table = Table(columns=("a|b", "c"), rows=(("1\n| evil |", "2"),))
    lines = as_markdown(Document(title="t", lead=(), parts=(Part(title="p", table=table),))).splitlines()
    assert [line.replace("\\|", "").count("|") for line in lines if line.startswith("|")] == [3, 3, 3]
    assert plain("# a\n<b>") == "\\# a \\<b\\>"
