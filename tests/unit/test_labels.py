"""The words on pages: each has one name, whichever list it stands in."""

from collections import defaultdict

import pytest

from orchestration.ground.text import Text
from orchestration.web.frame.labels import LISTS, label


def test_a_word_that_stands_in_several_lists_has_the_same_name_in_each():
    names = defaultdict(set)
    for terms in LISTS:
        for term in terms:
            names[term.value].add(term.text)
    assert {word: found for word, found in names.items() if len(found) > 1} == {}


@pytest.mark.parametrize("terms", LISTS)
def test_every_word_of_a_list_is_shown_by_its_name(terms):
    for term in terms:
        assert label(term.value) == term.text


def test_a_word_of_no_list_is_its_own_name():
    assert label("rule_of_2031") == Text("rule_of_2031", "rule_of_2031")
