"""Values of a metric in, their mean with an interval out, and whether two runs differ. Pure, and the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENOUGH = 15  # cases; on fewer, no difference is claimed
RESAMPLES = 2000
LEVEL = 0.95
_SEED = 20_250_101


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` cases, with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a run is above another on the same cases. `clear`: enough cases, and 0 is outside of the interval."""

    value: float
    low: float
    high: float
    n: int
    clear: bool


def estimate(values: Sequence[float]) -> Estimate:
    """Estimate a mean with the percentile bootstrap (Efron 1979) over cases. Raises ValueError without values."""
    low, high = _interval(values)
    return Estimate(float(np.mean(values)), low, high, len(values))


def difference(now: Sequence[float], before: Sequence[float]) -> Difference:
    """Compare two runs case by case, with a paired bootstrap. Raises ValueError unless there are as many of both."""
    steps = [new - old for new, old in zip(now, before, strict=True)]
    low, high = _interval(steps)
    clear = len(steps) >= ENOUGH and not low <= 0 <= high
    return Difference(float(np.mean(steps)), low, high, len(steps), clear)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies. Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    return float(np.quantile(values, share))


def _interval(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        raise ValueError("no values")
    found: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(_SEED).integers(len(found), size=(RESAMPLES, len(found)))
    low, high = np.quantile(found[chosen].mean(axis=1), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
