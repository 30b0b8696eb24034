"""Intervals are those of the percentile bootstrap, the same each time, and claim no difference that may be chance."""

from __future__ import annotations

from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.statistics import ENOUGH, Difference, Estimate, difference, estimate, quantile

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@given(SHARES)
def test_an_interval_contains_the_mean_and_no_more_than_the_values(values: list[float]) -> None:
    found = estimate(values)
    assert found.value == pytest.approx(fmean(values))
    assert found.n == len(values)
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    assert min(values) - 1e-9 <= found.low
    assert found.high <= max(values) + 1e-9


@given(SHARES)
def test_an_interval_is_the_same_each_time(values: list[float]) -> None:
    assert estimate(values) == estimate(list(values))


def test_few_values_are_estimated_as_worked_out_by_hand() -> None:
    assert estimate([0.25]) == Estimate(0.25, 0.25, 0.25, 1)
    assert estimate([1, 1, 1]) == Estimate(1, 1, 1, 3)
    # of four resamples of two, one is twice the first value, and one twice the second: both more often than in 1 of 40
    assert estimate([0, 1]) == Estimate(0.5, 0, 1, 2)


@pytest.mark.parametrize("n", [100, 400, 1600])
def test_an_interval_narrows_as_the_root_of_the_number(n: int) -> None:
    found = estimate([1, 0, 0, 0] * (n // 4))
    normal = 2 * NormalDist().inv_cdf(0.975) * (0.25 * 0.75 / n) ** 0.5
    assert found.high - found.low == pytest.approx(normal, rel=0.1)


@given(SHARES)
def test_a_run_does_not_differ_from_itself(values: list[float]) -> None:
    assert difference(values, values) == Difference(0, 0, 0, len(values), clear=False)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=ENOUGH - 1))
def test_few_cases_prove_nothing(pairs: list[tuple[float, float]]) -> None:
    assert not difference(*zip(*pairs, strict=True)).clear


@pytest.mark.parametrize(("n", "clear"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_a_difference_is_clear_from_fifteen_cases_on(n: int, clear: bool) -> None:
    assert difference([1] * n, [0] * n) == Difference(1, 1, 1, n, clear)
    assert difference([0] * n, [1] * n) == Difference(-1, -1, -1, n, clear)


def test_a_planted_difference_is_found_and_a_small_one_may_be_chance() -> None:
    before = [0, 1] * 50
    better = difference([1] * 20 + before[20:], before)  # ten of a hundred
    assert better.value == pytest.approx(0.1)
    assert better.clear
    assert 0 < better.low < 0.1 < better.high
    worse = difference(before, [1] * 20 + before[20:])
    assert (worse.value, worse.low, worse.high, worse.clear) == (-better.value, -better.high, -better.low, True)
    chance = difference([1, 1, *before[2:]], before)
    assert chance.value == pytest.approx(0.01)
    assert (chance.low, chance.clear) == (0, False)
    mixed = difference([1, 0] * 50, before)  # each case changed, half of them for the worse
    assert (mixed.value, mixed.clear) == (0, False)


def test_cases_are_compared_one_by_one() -> None:
    before = [i / 100 for i in range(100)]
    now = [value + 0.005 for value in before]
    assert difference(now, before).clear  # though the interval of each mean is ten times as wide
    with pytest.raises(ValueError, match="argument"):
        difference([1, 0], [1])


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert [quantile([30, 10, 20], share) for share in (0, 0.25, 0.5, 0.95, 1)] == pytest.approx([10, 15, 20, 29, 30])
    assert quantile([7], 0.95) == 7


def test_nothing_has_no_mean() -> None:
    for compute in (lambda: estimate([]), lambda: difference([], []), lambda: quantile([], 0.5)):
        with pytest.raises(ValueError, match="no values"):
            compute()
