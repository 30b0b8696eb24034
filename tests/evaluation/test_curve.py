"""The risk-coverage curve has a point for each threshold that would decide otherwise than the next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.curve import Answered, Point, curve


def test_a_curve_is_as_worked_out_by_hand() -> None:
    answers = [
        Answered(0.2, False),
        Answered(0.9, True),
        Answered(0.5, False),
        Answered(0.5, True),
        Answered(0.7, True),
    ]
    assert curve(answers) == [
        Point(0.9, 0.2, 0), Point(0.7, 0.4, 0), Point(0.5, 0.8, 0.25), Point(0.2, 1, 0.4)
    ]  # fmt: skip
    assert curve([]) == []
    assert curve([Answered(0, False)]) == [Point(0, 1, 1)]


@given(st.lists(st.builds(Answered, st.floats(0, 1), st.booleans()), min_size=1))
def test_a_curve_ends_where_all_is_answered(answers: list[Answered]) -> None:
    points = curve(answers)
    assert [point.threshold for point in points] == sorted({each.confidence for each in answers}, reverse=True)
    coverages = [point.coverage for point in points]
    assert coverages == sorted(set(coverages))
    assert points[-1].coverage == 1
    assert points[-1].risk == round(sum(not each.right for each in answers) / len(answers), 6)
    assert all(0 <= point.risk <= 1 for point in points)
