"""A sentence that speaks against something is not taken to speak for it, and the other way around."""

import pytest

from rubrics.places import is_adopted, places

CUES = [r"\bcache\b", r"\bcanary\b"]
FOR = """We use a cache.
We use not only a cache but also a queue.
The cache must not exceed 4 GB.
We cannot do without a cache.
No later than midnight the cache is filled.
There is no doubt that a cache helps.
We would not launch without a canary.
Never release without a canary.
Instead of a queue we use a cache.
We do not use a queue, but a cache.
We don't need sharding because the cache absorbs the reads.
It is not possible to serve this without a cache.
The cache is not allowed to grow beyond 4 GB.
The database isn't fast enough, so a cache sits in front.
Without a cache the store would melt.
If there were no cache, p99 would double.
The cache never serves anything older than a minute.
A cache that does not answer within 2 ms is skipped.
Nobody waits for the cache to fill.
The canary stops when errors don't fall.
I would rather have a cache than more replicas.
We can't skip the canary.
Nothing is released before the canary has passed.
A cache is not a luxury here, it is needed.
A cache that is not shared is private to one replica.
The cache is emptied once it can no longer be refilled.
Entries of the cache are never shared between tenants."""
AGAINST = """We do not use a cache.
We would not use a cache here.
A cache is not needed.
No cache.
We skip the canary.
There is neither a cache nor a queue.
A queue instead of a cache.
I chose replicas over a cache.
I decided against a cache.
A cache makes no sense here.
We will never use a cache.
A cache won't help.
A canary is overkill.
We do without a canary.
I see no need for a cache.
A cache would be wrong here.
The canary can be dropped.
We rejected the idea of a cache.
Not a cache, but more replicas.
More replicas, not a cache.
I would leave out the cache.
A cache is out of the question.
The cache isn't worth it.
I am against a cache.
A cache hardly helps.
Forget the cache.
We got rid of the cache.
A canary is a waste of time.
Nobody needs a cache.
I doubt that a cache would help.
It would be a mistake to add a cache.
Adding a cache would be a mistake.
We no longer use a cache."""


@pytest.mark.parametrize("sentence", FOR.splitlines())
def test_speaks_for(sentence):
    assert is_adopted(sentence, CUES)


@pytest.mark.parametrize("sentence", AGAINST.splitlines())
def test_speaks_against(sentence):
    assert places(sentence, CUES)
    assert not is_adopted(sentence, CUES)


def test_a_negation_that_the_cue_means_is_none():
    assert is_adopted("The list needs no network at all.", [r"\blist\b.{0,30}\bno network"])
    assert not is_adopted("The list is not kept in memory.", [r"\blist\b.{0,30}(\bno network|in memory)"])


def test_words_together_keep_the_negation_they_name():
    family = ((("label", "truth"), ("without", "lack"), ("blocked", "declined")),)
    assert is_adopted("A blocked payment is without a label.", (), family)
