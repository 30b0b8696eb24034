"""A threshold refuses what it is said to refuse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.benchmarks.abstention import Decisions

CONFIDENCES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_thresholds_of_ten_answers() -> None:
    decisions = Decisions([0.2, 0.9, 0.8, 0.4, 0.6], [0.1, 0.3, 0.7, 0.5])
    assert decisions.refusing(0.0) == 0.2
    assert decisions.refusing(0.2) == 0.4
    assert decisions.refusing(0.39) == 0.4
    assert decisions.wrongly_answered(0.4) == [0, 0, 1, 1]
    assert decisions.wrongly_refused(0.4) == [1, 0, 0, 0, 0]
    assert decisions.balanced() == 0.5  # two of five refused, two of four answered


@given(CONFIDENCES, CONFIDENCES, st.floats(0, 0.99))
def test_the_threshold_is_the_highest_that_refuses_no_more_than_that_share(
    answerable: list[float], unanswerable: list[float], share: float
) -> None:
    decisions = Decisions(answerable, unanswerable)
    threshold = decisions.refusing(share)
    assert sum(decisions.wrongly_refused(threshold)) <= share * len(answerable)
    for higher in {each for each in answerable if each > threshold}:
        assert sum(decisions.wrongly_refused(higher)) > share * len(answerable)


@given(CONFIDENCES, CONFIDENCES)
def test_no_threshold_is_better_balanced(answerable: list[float], unanswerable: list[float]) -> None:
    decisions = Decisions(answerable, unanswerable)

    def imbalance(threshold: float) -> float:
        refused = sum(decisions.wrongly_refused(threshold)) / len(answerable)
        return abs(refused - sum(decisions.wrongly_answered(threshold)) / len(unanswerable))

    assert all(imbalance(decisions.balanced()) <= imbalance(other) for other in (*answerable, *unanswerable))
