"""What a sentence has of a question: what is missed most, and how near the rest is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.examine import NEITHER, mean_by_rarity, missing
from rag.language.words import stem

STEMS = {stem("ferry"): 2.0, stem("captain"): 4.0, stem("sank"): 1.0}
REACH = {"ferry": 0.5, "captain": 0.75, "sank": 0.0}


@pytest.mark.parametrize(
    ("there", "missed"),
    [
        ({"ferry", "captain", "sank"}, 0.0),
        ({"ferries", "captains", "sank"}, 0.0),
        ({"ferry", "captain"}, 0.25),  # nothing like it, but it is a quarter as rare as the rarest
        ({"captain", "sank"}, 0.25),
        ({"ferry"}, 0.25),
        (set(), 0.25),
    ],
)
def test_what_is_missed_is_the_word_that_is_rare_and_far(there: set[str], missed: float) -> None:
    assert missing(STEMS, REACH, frozenset(there)) == missed


def test_a_rare_word_is_missed_more_than_a_common_one_as_far() -> None:
    far = dict.fromkeys(REACH, 0.2)
    assert missing(STEMS, far, frozenset({"ferry", "captain"})) == pytest.approx(0.2)
    assert missing(STEMS, far, frozenset({"ferry", "sank"})) == pytest.approx(0.8)


def test_the_reach_of_words_is_averaged_by_rarity() -> None:
    assert mean_by_rarity(STEMS, REACH) == pytest.approx((2 * 0.5 + 4 * 0.75) / 7)
    assert mean_by_rarity(STEMS, {}) == NEITHER


@given(reach=st.dictionaries(st.sampled_from(sorted(REACH)), st.floats(0, 1)))
def test_both_are_shares(reach: dict[str, float]) -> None:
    assert 0 <= missing(STEMS, reach, frozenset()) <= 1
    assert 0 <= mean_by_rarity(STEMS, reach) <= 1 + 1e-9


def test_nothing_is_missed_of_a_question_without_words() -> None:
    assert missing({}, {}, frozenset({"ferry"})) == 0
