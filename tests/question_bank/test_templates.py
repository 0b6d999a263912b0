"""Templates: each keeps its promise, and what is to be tried on it breaks the part that it says."""

from pathlib import Path

import pytest

from question_bank.loader import QuestionProblem
from question_bank.templates import TEMPLATES, load_templates, template_problems
from simulator.design import Design
from simulator.design_file import fingerprint, read_design, write_design
from simulator.results.replications import replicate
from simulator.results.summary import Summary, promise_checks, summarize
from simulator.settings import RunSettings

ALL = load_templates()
HOURS_A_MONTH = 730
SETTINGS = RunSettings(seed=1, requests=3_000, replications=2)


def test_a_check_says_which_trial_breaks_nothing_and_which_template_its_own_promise() -> None:
    """Changed by hand: a trial that changes next to nothing, and a promise that no run could keep."""
    calm = ALL["online-serving"]
    harmless = calm.to_try[0].model_copy(update={"change": {"traffic.arrival_rate_per_s": 1001}})
    strict = calm.design.promise.model_copy(update={"p99_ms": 1.0})
    tame = calm.model_copy(update={"to_try": (harmless,)})
    torn = calm.model_copy(update={"design": calm.design.model_copy(update={"promise": strict}), "to_try": ()})
    [first, second] = template_problems([tame, torn])
    assert first.startswith("templates/online-serving.yaml: to_try.0.misses is 'p99_ms', but with the change p99 ")
    assert second.startswith("templates/online-serving.yaml: design: p99 ")


def run(design: Design) -> Summary:
    return summarize(replicate(design, SETTINGS))


def usd_per_hour(design: Design) -> float:
    """Prices by hand: every replica of every shard, and a machine that nobody has priced costs nothing here."""
    parts = [one.model_dump() for one in design.components.values()]
    return sum((p["usd_per_replica_hour"] or 0) * p.get("replicas", 1) * p.get("shards", 1) for p in parts)


@pytest.mark.parametrize("slug", ALL)
def test_a_template_keeps_all_of_its_promise_and_each_trial_breaks_the_part_that_it_says(slug: str) -> None:
    template = ALL[slug]
    calm = run(template.design)
    assert [one.sentence for one in calm.promise if not one.met] == []
    assert calm.cost.usd_per_month == pytest.approx(HOURS_A_MONTH * usd_per_hour(template.design), rel=1e-12)
    for trial in template.to_try:
        design = trial.on(template.design)
        metrics = [check.metric for check in promise_checks(design)]
        verdict = run(design).promise[metrics.index(trial.misses)]
        assert verdict.met is False, f"{trial.say}: {verdict.sentence}"


def test_there_is_one_for_each_way_to_serve_and_no_two_are_alike() -> None:
    wanted = {"online-serving", "batch", "stream", "hybrid", "retrieval-ranking", "rag", "llm-pool", "one-service"}
    assert set(ALL) == wanted
    assert (
        len({fingerprint(one.design) for one in ALL.values()}) == len({one.about for one in ALL.values()}) == len(ALL)
    )


@pytest.mark.parametrize("slug", ALL)
def test_a_template_is_the_same_design_after_a_way_through_its_file(slug: str) -> None:
    assert read_design(write_design(ALL[slug].design)) == ALL[slug].design


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("misses: freshness_s", "misses: fallback_share", "to_try.0.misses is 'fallback_share'; the design promises"),
        ("freshness.lag_s: 108000", "freshness.lagg_s: 1", "to_try.0.change does not fit"),
        ("replicas: 2", "replicas: 0", "design.components.api.replicas is 0"),
        ("slug: batch", "slug: batches", "slug is 'batches', but the file is 'batch'"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (TEMPLATES / "batch.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "batch.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(QuestionProblem) as problem:
        load_templates(tmp_path)
    assert said in str(problem.value)


def test_every_number_of_a_template_has_a_word_on_where_it_comes_from() -> None:
    for path in TEMPLATES.glob("*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        comment = " ".join(line.removeprefix("# ") for line in lines if line.startswith("# "))
        assert "assumption" in comment, path.name
