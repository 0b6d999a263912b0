"""What the interviewer sees of text, sheet, drawing and runs, each against a case worked by hand."""

import pytest

from practice.attempt import StoredRun
from practice.interviewer.candidates import OWN, candidates
from practice.interviewer.declared import mismatches
from practice.interviewer.drawing import graph
from practice.interviewer.observe import latency_sum, run_state
from practice.interviewer.quoting import is_quoted_from, quote
from practice.interviewer.reading import read
from practice.interviewer.rules import rule_book
from practice.interviewer.topics import about_question, heard, topic_of, topics
from practice.scenario_runs import plan, starting_design
from question_bank.loader import load_all, load_question
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from tests.practice.interviewer.states import a_state
from tests.practice.interviewer.test_rules import EVEN
from tests.practice.rounds import QUESTION, SENIOR
from tests.simulator.designs import a_design, front, service, wide

QUESTIONS = load_all()

# ---- quoting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "start", "quoted"),
    [
        ("We batch requests.", 0, "We batch requests"),
        ("We **batch** `requests`\n on the GPU.", 0, "We batch requests on the GPU"),
        ("The one two three four five six seven eight nine.", 0, "The one two three four five six"),
        ("The one two three four five six seven eight nine.", 33, "three four five six seven eight nine"),
        ("We store pixels in the queue because of the load.", 0, "We store pixels in the queue"),
        ("Billing is out of scope, since nobody waits for it.", 0, "Billing is out of scope"),
        ("", 0, None),
        ("...", 0, None),
        ("x" * 200, 0, None),
    ],
)
def test_a_quotation_is_short_and_ends_where_the_words_do(sentence, start, quoted):
    assert quote(sentence, start) == quoted
    assert quoted is None or is_quoted_from(quoted, sentence)


@pytest.mark.parametrize("text", ["\x00\x1b[31m\u202eevil\u202c words stand here", "a\u200bb c d e f"])
def test_a_quotation_holds_no_sign_that_could_hide_something(text):
    quoted = quote(text)
    assert quoted is not None
    assert quoted.isprintable()


# ---- text ------------------------------------------------------------------------------------------------------


def status_of(text, concept):
    return next(one.status for one in read(QUESTION, {"detailed_design": text}).concepts if one.id == concept)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("We batch requests on the GPU because 3 ms are fixed.", "adopted_with_support"),
        ("We batch requests on the GPU.", "adopted"),
        ("Should we batch requests on the GPU?", "named_only"),
        ("We do not batch requests on the GPU.", "rejected"),
        ("We rank ads.", "not_found"),
    ],
)
def test_the_plain_reader_tells_for_from_against_and_with_from_without_support(text, status):
    assert status_of(text, "batching") == status


def test_the_best_sentence_on_a_concept_counts():
    text = "We do not batch requests on the GPU. We batch requests on the GPU because 3 ms are fixed."
    assert status_of(text, "batching") == "adopted_with_support"


def test_a_list_of_terms_is_crammed_and_a_sentence_is_not():
    crammed = read(QUESTION, {"detailed_design": "Kafka, auction, canary, batching, fallback, A/B test, calibration."})
    assert [one.terms for one in crammed.crammed] == [7]
    plain = "We batch requests on the GPU, since the fixed 3 ms are then shared by all the requests of a batch."
    assert not read(QUESTION, {"detailed_design": plain}).crammed


def test_a_topic_is_heard_by_a_cue_or_by_a_concept_of_the_question():
    found = {one.id: one for one in heard(["We fall back to the popular list."], ())}
    assert (found["fallback"].status, found["fallback"].quote) == ("adopted", "We fall back to the popular list")
    read_of = read(QUESTION, {"detailed_design": "If the heavy ranker is late we answer with the light one."})
    by_concept = {one.id: one for one in heard([], read_of.concepts)}
    assert by_concept["fallback"].is_named == next(one for one in read_of.concepts if one.id == "fallback").is_named


def test_every_pattern_of_a_topic_fits_a_concept_of_the_bank():
    ids = {concept.id for question in QUESTIONS.values() for concept in question.concepts}
    for topic in topics():
        for pattern in topic.concepts:
            alone = topic.model_copy(update={"concepts": (pattern,)})
            assert any(alone.holds(one) for one in ids), (topic.id, pattern)


def test_a_concept_without_a_topic_is_its_own():
    assert topic_of("fallback_policy") == "fallback"
    assert topic_of("candidate_valve") == "candidate_valve"


@pytest.mark.parametrize(
    ("slug", "matters"),
    [
        ("ads-ranking", {"learning_path", "features", "rare_positives"}),
        ("fraud-detection", {"labels", "rare_positives", "features"}),
        ("ml-platform", {"tenants", "personal_data"}),
        ("multi-model-serving", {"tenants"}),
        ("image-classification-platform", {"tenants", "outside_data"}),
    ],
)
def test_what_matters_to_a_question_stands_in_its_own_text(slug, matters):
    assert matters <= set(about_question(load_question(slug)))


def test_nobody_asks_a_question_without_tenants_about_them():
    for slug in ("ads-ranking", "cut-latency-in-half", "serving-failure-fallback"):
        assert "tenants" not in about_question(load_question(slug))


# ---- milliseconds and settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("Features take 10 ms, the ranker 25 ms and the auction 5 ms.", 40),
        ("- features 10 ms\n- ranker 25 ms\n- auction 5 ms\n", 40),
        ("Features take 10 ms. The auction is a second price one. The ranker takes 25 ms.", None),
        ("Of the 50 ms the ranker gets 25 ms.", None),
        ("Features 10 ms and ranking 25 ms, in total 35 ms.", 35),
        ("p99 is 48 ms, below 50 ms.", None),
        ("The ranker takes 25 ms.", None),
        ("", None),
    ],
)
def test_stages_are_added_up_and_wholes_are_not(text, total):
    found = latency_sum({"detailed_design": text}, 50.0)
    assert (found.sum_ms if found else None) == total


WRITTEN = [
    ("We batch up to 2,400 rows.", ("batch size", "2,400", "1,200")),
    ("We batch up to 1,200 rows.", None),
    ("A batch of 2,400 rows is full.", ("batch size", "2,400", "1,200")),
    ("A batch of 1,200 rows is full.", None),
    ("A batch of 4 requests is full.", None),
    ("The heavy ranker has 9 GPUs.", ("number of replicas of ranker", "9", "5")),
    ("The heavy ranker has 500 GPUs.", None),
    ("The heavy ranker has 5 GPUs.", None),
    ("We have 9 GPUs.", None),
    ("The time-out is 100 ms.", ("time-out", "100 ms", "30 ms")),
    ("The time-out is 30 ms.", None),
    ("We expect a hit ratio of 80%.", ("hit ratio", "80%", "30%")),
    ("We expect a hit ratio of 30 percent.", None),
    ("The features have 16 shards.", ("number of shards", "16", "8")),
    ("Two retries at most.", None),
]


@pytest.mark.parametrize(("sentence", "found"), WRITTEN)
def test_text_and_design_are_compared_where_both_are_clear(sentence, found):
    """The senior ads design: 5 of 500 GPUs, batches of 1,200 rows or 4 requests, 30 ms, hits 30 percent, 8 shards."""
    listed = [(one.setting, one.written, one.used) for one in mismatches([sentence], SENIOR)]
    assert listed == ([found] if found else [])


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_an_untouched_drawing_says_nothing_and_the_starting_one_has_no_paths(question):
    assert not graph(None, ["We wrote something."]).is_drawn
    assert not a_state(question=question.slug, design=starting_design(question)).graph.is_drawn
    assert set(graph(starting_design(question), []).missing) == {"request", "learning"}


def test_a_part_is_explained_by_a_sentence_that_speaks_of_it():
    explained = {
        one.name
        for one in graph(SENIOR, ["The light ranker answers when the heavy one is late."]).parts
        if one.is_explained
    }
    assert {"light_ranker", "ranker"} <= explained
    assert "feature_cache" not in explained
    assert not any(one.is_explained for one in graph(SENIOR, ["Light ranker."]).parts)


def retrying(**more):
    call = {"to": "db", "timeout_ms": 10.0, "retries": {"attempts": 3}, **more}
    return graph(a_design({"web": front([call]), "db": wide()}), []).parts[0]


def test_retries_without_a_budget_or_a_breaker_are_unbounded():
    assert (retrying().retries, retrying().retries_are_bounded) == (2, False)
    assert retrying(retries={"attempts": 3, "budget": {"ratio": 0.1}}).retries_are_bounded
    assert retrying(circuit_breaker={}).retries_are_bounded


def test_a_registry_that_requests_wait_for_is_misplaced_and_behind_a_cache_is_not():
    waited = a_design({"web": front([{"to": "registry"}]), "registry": wide()})
    cache = {"kind": "cache", "contents": {"kind": "fixed", "hit_ratio": 0.9}, "on_miss": [[{"to": "registry"}]]}
    cached = a_design({"web": front([{"to": "routes"}]), "routes": cache, "registry": wide()})
    assert [one.part for one in graph(waited, []).misplaced] == ["registry"]
    assert not graph(cached, []).misplaced


def test_a_learning_path_is_a_stream_or_a_job():
    stream = {"kind": "stream", "consumer_time": {"kind": "constant", "value_ms": 1.0}}
    assert graph(a_design({"web": front([{"to": "log"}]), "log": stream}), []).missing == ()
    assert graph(a_design({"web": service()}), []).missing == ("request", "learning")


# ---- runs ------------------------------------------------------------------------------------------------------


def asked_of(slug, level):
    """The rules that fire on a reference design and its run of losing a zone, with nothing written."""
    question = load_question(slug)
    design = question.designs.by_name(level)
    state = a_state(question=slug, design=design, phase="bottlenecks_tradeoffs")
    planned = next(one for one in plan(question, design) if one.scenario.id == "zone_loss")
    settings = planned.settings.model_copy(update={"replications": 1})
    summary = summarize(replicate(planned.design, settings), planned.checks)
    run = StoredRun(
        id="abcdefgh", at=1.0, scenario="zone_loss", design=planned.design, settings=settings, summary=summary
    )
    seen = run_state(run, title=planned.scenario.title, steady=False, promised_ms=150.0)
    state = state.model_copy(update={"runs": (seen,)})
    return seen, {one.id for one in candidates(question, state, EVEN)}


@pytest.mark.slow
def test_the_junior_design_is_asked_about_its_storm_and_the_senior_one_is_not():
    """The retry storm of the content brief: nothing is in time for as long as it is watched after the repair."""
    junior, asked_junior = asked_of("serving-failure-fallback", "junior")
    senior, asked_senior = asked_of("serving-failure-fallback", "senior")
    storm = {"late_after_repair", "unbounded_retries", "failed_by_queue"}
    assert (junior.passed, junior.after_share, junior.repaired_at_s) == (False, 0.0, 23.0)
    assert (senior.passed, senior.after_share) == (True, pytest.approx(1.0, abs=0.01))
    assert storm <= asked_junior
    assert not storm & asked_senior


@pytest.mark.parametrize(("level", "misplaced"), [("junior", True), ("senior", False), ("staff", False)])
def test_only_the_junior_platform_asks_its_registry_for_every_request(level, misplaced):
    design = load_question("ml-platform").designs.by_name(level)
    assert bool(graph(design, []).misplaced) == misplaced


# ---- an answer that is right -----------------------------------------------------------------------------------


CONTRADICTIONS = {one.id for one in rule_book().rules if one.need == "contradiction"}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_who_says_everything_is_neither_contradicted_nor_asked_for_it(question):
    """The examples of all concepts as an answer: nothing in them is a mistake."""
    texts = {"detailed_design": "\n\n".join(one.example for one in question.concepts)}
    state = a_state(question=question.slug, texts=texts)
    assert all(one.is_adopted for one in state.concepts)
    asked = {one.id for one in candidates(question, state, EVEN)}
    assert not asked & {"no_objective", "no_scope", "crammed_sentence"}
    assert not asked & CONTRADICTIONS
    assert not asked & {f"{OWN}{one.id}" for one in question.followups if one.when.not_found}
