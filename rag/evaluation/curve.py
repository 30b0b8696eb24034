"""How sure each answer is and whether it is right in, the risk-coverage curve out (El-Yaniv & Wiener 2010)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it would be given if Dateline never abstained."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would do: the share of all questions that is answered, and the share of wrong ones in these."""

    threshold: float
    coverage: float
    risk: float


def curve(answers: Sequence[Answered]) -> list[Point]:
    """Try each confidence as the threshold, the highest first."""
    points = []
    for threshold in sorted({answer.confidence for answer in answers}, reverse=True):
        given = [answer for answer in answers if answer.confidence >= threshold]
        wrong = sum(not answer.right for answer in given)
        points.append(Point(threshold, round(len(given) / len(answers), 6), round(wrong / len(given), 6)))
    return points
