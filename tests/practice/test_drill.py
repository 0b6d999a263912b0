"""The failure drill strikes a person's own design where it is loaded or alone, the same for the same attempt."""

import pytest

from practice.drill import FITS, NoDrill, again, drill_for, possible
from practice.recovery import recovery
from question_bank.loader import load_all
from simulator.design_file import fingerprint
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from tests.practice.rounds import QUESTION, SENIOR, changed
from tests.simulator.designs import a_design, front, service, store, wide

ATTEMPTS = [f"attempt{number}" for number in range(40)]
PARTS = {
    "api": front([{"to": "ranker"}], [{"to": "features", "timeout_ms": 5.0, "fallback": [{"answer_ms": 0.0}]}]),
    "ranker": service(0.5, replicas=4),
    "features": store(0.001),
}
TWO = a_design(PARTS, rate_per_s=6.0)


def kinds(design, attempts=ATTEMPTS):
    return {(drill_for(design, one).fault.kind, drill_for(design, one).target) for one in attempts}


def test_the_most_loaded_part_loses_so_much_that_the_rest_cannot_keep_up():
    drill = next(one for one in (drill_for(TWO, a) for a in ATTEMPTS) if one.target == "ranker")
    assert drill.fault.kind == "kill_replicas"
    assert drill.fault.replicas == 2  # three quarters loaded: two of four leave one and a half times what they can do
    assert drill.story == "ranker lost 2 of 4 replicas."


def test_a_part_that_stands_alone_loses_its_only_replica():
    alone = a_design({"api": front([{"to": "ranker"}]), "ranker": service(0.1)}, rate_per_s=1.0)
    assert ("kill_replicas", "ranker") in kinds(alone)
    assert next(one for one in possible(alone, 1, 1) if one.target == "ranker").story == "ranker lost its only replica."


def test_the_same_attempt_gets_the_same_drill_and_others_get_others():
    assert all(drill_for(SENIOR, one) == drill_for(SENIOR, one) for one in ATTEMPTS[:3])
    assert len(kinds(SENIOR)) >= 3


@pytest.mark.parametrize("question", load_all().values(), ids=load_all())
def test_every_reference_design_has_a_drill_that_fits_and_runs_in_time(question):
    for level in ("junior", "senior", "staff"):
        design = question.designs.by_name(level)
        drill = drill_for(design, "attempt1")
        fitting = {one.target for one in possible(design, 1, 1) if one.weight >= FITS}
        assert drill.target in fitting
        assert 0 < drill.at_s < drill.until_s < drill.settings.duration_s
        assert drill.design.faults == (drill.fault,)


def test_a_fault_of_the_design_itself_is_no_part_of_the_drill():
    own = TWO.model_copy(update={"faults": (possible(TWO, 1, 1).__next__().fault,)})
    assert drill_for(own, "attempt1") == drill_for(TWO, "attempt1")


def test_a_part_that_nobody_reaches_is_not_struck():
    lonely = a_design({**PARTS, "unused": service(1.0)}, rate_per_s=6.0)
    assert "unused" not in {target for _, target in kinds(lonely)}


def test_a_drawing_that_cannot_fail_says_so():
    balancer = a_design({"api": {"kind": "store", "read_time": {"kind": "constant", "value_ms": 1.0}}}, rate_per_s=1.0)
    assert kinds(balancer) == {("slow", "api")}
    with pytest.raises(NoDrill, match="no longer has"):
        again(drill_for(TWO, "attempt1"), a_design({"other": wide()}, rate_per_s=1.0))


def test_a_spare_pool_comes_through_what_broke_the_first():
    """Five simulated seconds: the junior design has no spare machine and no valve, so the fault shows and then ends."""
    junior = QUESTION.designs.junior.design
    drill = next(one for one in (drill_for(junior, a) for a in ATTEMPTS) if one.fault.kind == "kill_replicas")
    spared = again(drill, changed(junior, "replicas: 7", "replicas: 14"))
    assert fingerprint(spared.design) != fingerprint(drill.design)
    found = []
    for one in (drill, spared):
        settings = one.settings.model_copy(update={"duration_s": 5.0})
        summary = summarize(replicate(one.design, settings))
        found.append(recovery(summary.timeline, drill.at_s, drill.until_s))
    first, second = found
    assert first.before_share is not None
    assert first.before_share > 0.95
    assert first.during_share is not None
    assert first.during_share < 0.6
    assert second.during_share == pytest.approx(1.0, abs=0.01)
    assert first.lost_answers > 10 * second.lost_answers
