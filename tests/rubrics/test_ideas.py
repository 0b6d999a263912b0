"""Every shared idea is found in its sentences, by every pattern that it has, and not in the others."""

import pytest

from rubrics.ideas import ideas
from rubrics.places import is_adopted, places


@pytest.mark.parametrize("name", ideas())
def test_an_idea_is_found_by_each_of_its_patterns_and_nowhere_else(name):
    idea = ideas()[name]
    for sentence in idea.found:
        assert is_adopted(sentence, idea.cues, idea.together), sentence
    for sentence in idea.passed_over:
        assert not places(sentence, idea.cues, idea.together), sentence
    for cue in idea.cues:
        assert any(places(one, [cue]) for one in idea.found), cue
    for family in idea.together:
        assert any(places(one, (), [family]) for one in idea.found), family
