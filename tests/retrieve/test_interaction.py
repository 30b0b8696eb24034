"""Late interaction: rare words count more, context counts half, and scores stay within their bounds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.words import stem, words
from rag.retrieve.interaction import relevances, weighed
from rag.schema import Passage, Source
from rag.store.pieces import Pieces
from rag.store.words import inverse_document_frequency

DIRECTIONS = 16
Rarity = Callable[[str], float]


def pieces(text: str) -> Pieces:
    """Make a piece of each word: the same word is the same direction, another word is at a right angle to it."""
    found = list(words(text.lower()))
    vectors = np.zeros((len(found), DIRECTIONS), np.float32)
    for vector, match in zip(vectors, found, strict=True):
        vector[sum(match.group().encode()) % DIRECTIONS] = 1
    spread = vectors.repeat(4, axis=1)  # over four parts, as no part of a real vector is near 1
    return Pieces.of(spread, [match.span() for match in found])


def equally(word: str) -> float:
    return 1.0


def score(question: str, text: str, rarity: Rarity = equally, context_from: int | None = None) -> float:
    asked = weighed(question, pieces(question), rarity, context_from)
    [score] = relevances(asked, [Passage(Source("a.md"), 0, len(text), text)], [pieces(text)])
    return score


def test_the_question_itself_scores_two_and_an_unlike_text_nothing() -> None:
    assert score("ferry quay", "ferry quay") == pytest.approx(2, abs=0.02)
    assert score("ferry quay", "mill") == pytest.approx(0, abs=0.02)
    assert score("ferry quay", "") == 0


def test_half_of_a_question_scores_half() -> None:
    assert score("ferry quay", "The ferry sails.") == pytest.approx(1, abs=0.02)


def test_a_sentence_that_has_it_all_beats_two_that_share_it() -> None:
    assert score("ferry quay", "The ferry left the quay.") > score("ferry quay", "The ferry left. A quay burned.")


def test_a_rare_word_counts_more() -> None:
    rarity = {stem("ferry"): 1.0, stem("quay"): 3.0}.__getitem__
    assert score("ferry quay", "quay", rarity) > score("ferry quay", "ferry", rarity)
    assert weighed("ferry quay", pieces("ferry quay"), rarity).weights.tolist() == pytest.approx([0.375, 0.625])


def test_words_without_meaning_are_worth_no_rarity() -> None:
    assert weighed("the quay", pieces("the quay"), equally).weights.tolist() == pytest.approx([0.25, 0.75])


def test_the_pieces_of_one_word_share_its_rarity() -> None:
    halves = Pieces.of(np.eye(3, DIRECTIONS, dtype=np.float32), [(0, 3), (3, 5), (6, 10)])
    assert weighed("ferry quay", halves, equally).weights.tolist() == pytest.approx([7 / 24, 7 / 24, 10 / 24])


def test_the_context_of_a_follow_up_counts_half() -> None:
    question = "ferry (quay)"
    assert weighed(question, pieces(question), equally, 5).weights.tolist() == pytest.approx([2 / 3, 1 / 3])


@given(
    question=st.text("afqu ()yé?", min_size=1, max_size=30),
    text=st.text("afqu .\nyé", max_size=60),
    rarity=st.just(0.0) | st.floats(1e-4, 12),  # of what stands in no passage, or in some of millions
    context_from=st.none() | st.integers(0, 30),
)
def test_scores_lie_between_nothing_and_two(question: str, text: str, rarity: float, context_from: int | None) -> None:
    asked = weighed(question, pieces(question), lambda word: rarity, context_from)
    assert asked.weights.sum() == pytest.approx(1 if len(asked.weights) else 0, abs=1e-5)
    assert (asked.weights >= 0).all()
    assert -0.02 <= score(question, text, lambda word: rarity, context_from) <= 2.02


@given(st.integers(1, 10**6), st.data())
def test_a_rarer_word_is_never_worth_less(documents: int, data: st.DataObject) -> None:
    rarer, commoner = sorted(data.draw(st.tuples(st.integers(0, documents), st.integers(0, documents))))
    idf = inverse_document_frequency
    assert idf(documents, rarer) >= idf(documents, commoner) > 0
    assert math.isfinite(idf(documents, 0))
