"""The first few candidates have all that a question names, and no order adds more with its first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.coverage import covering
from rag.store.pieces import Matrix


def matrix(*rows: list[float]) -> Matrix:
    return np.array(rows, np.float32)


def order(relevances: list[float], aspects: Matrix, k: int = 10) -> list[int]:
    return [row for row, _ in covering(np.array(relevances, np.float32), aspects, k)]


def test_without_aspects_the_most_relevant_come_first() -> None:
    assert order([0.2, 0.9, 0.5], np.zeros((3, 0), np.float32)) == [1, 2, 0]


def test_what_has_been_said_counts_less_the_second_time() -> None:
    twice = matrix([1, 0], [1, 0], [0, 0.9])
    assert order([0, 0, 0], twice) == [0, 2, 1]
    assert order([0, 0.2, 0], twice) == [1, 2, 0]


def test_what_is_better_by_itself_is_not_held_back_by_a_little_that_is_new() -> None:
    assert order([1.0, 0.9, 0.1], matrix([0.5, 0], [0.5, 0], [0, 0.5])) == [0, 1, 2]


@given(st.data())
def test_each_candidate_comes_once_and_adds_no_more_than_the_one_before(data: st.DataObject) -> None:
    count, wide = data.draw(st.integers(0, 12)), data.draw(st.integers(0, 5))
    numbers = st.floats(0, 2, width=32)
    relevances = data.draw(st.lists(numbers, min_size=count, max_size=count))
    rows = data.draw(st.lists(st.lists(numbers, min_size=wide, max_size=wide), min_size=count, max_size=count))
    aspects = np.array(rows, np.float32).reshape(count, wide)
    k = data.draw(st.integers(0, 15))
    chosen = covering(np.array(relevances, np.float32), aspects, k)
    assert len({row for row, _ in chosen}) == len(chosen) == min(k, count)
    added = [score for _, score in chosen]
    assert all(later <= earlier + 1e-4 for earlier, later in pairwise(added))
    if chosen:
        assert added[0] >= float((np.array(relevances) + aspects.sum(axis=1)).max()) - 1e-4
