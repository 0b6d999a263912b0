"""The progress page: honest about few data, a picture for each part, and the numbers behind it."""

import json

from practice.attempt import OwnLevel
from practice.prediction import Prediction
from practice.review import card
from practice.scenario_runs import plan
from storage.attempts import add_prediction, add_run, load_attempt, save_card, save_design, save_own_level
from storage.history import history
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.ui.screen import Screen
from ui.people import LOCAL


def test_progress_grows_from_nothing_to_pictures_with_their_numbers(screen: Screen, attempt: str) -> None:
    screen.open("progress")
    assert screen.says("Nothing has been graded yet")
    assert screen.says("No prediction could be compared with a run yet.")
    assert not screen.at.get("plotly_chart")

    save_design(LOCAL, attempt, SENIOR)
    run = a_run(plan(QUESTION, SENIOR)[0], 2.0)
    p99 = run.summary.latency.p99_ms
    assert p99 is not None
    guess = Prediction(bottleneck="ranker", p99_ms=p99.value * 2, usd_per_month=run.summary.cost.usd_per_month)
    number = add_prediction(LOCAL, attempt, guess)
    for _ in range(2):  # the second run was no longer predicted
        add_run(LOCAL, attempt, "steady", run.design, run.summary, number)
    save_own_level(LOCAL, attempt, "architecture", OwnLevel(level=1))
    save_card(LOCAL, attempt, card(QUESTION, load_attempt(LOCAL, attempt), {"steady": run}))
    [past] = history(LOCAL)
    assert [one.p99_ms for one in past.predicted] == [p99.value]
    assert past.runs[0].passed == all(one.met for one in run.summary.checks)
    assert history("somebody else") == ()

    screen.run()
    assert screen.says("One graded attempt is too few to separate luck from progress")
    assert screen.says("Your predictions are off by a factor of 1.4 on average, over 2 numbers.")
    assert len(screen.at.get("plotly_chart")) >= 2
    levels = json.loads(screen.at.get("plotly_chart")[0].proto.spec)
    drawn = {trace["xaxis"] for trace in levels["data"]}
    assert len(drawn) == len(QUESTION.rubric_weights)  # those without a level too, as a picture needs a trace for axes
    assert [one.label for one in screen.at.get("download_button")] == ["Download as CSV"] * (len(screen.at.table) + 1)
    wanted = f"Capacity: level 0, {QUESTION.rubric_weights['capacity']} points missing"
    assert any(one.label.startswith(wanted) for one in screen.at.expander)
