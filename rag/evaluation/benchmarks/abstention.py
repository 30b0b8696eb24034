"""How sure each answer is in, what a threshold would refuse out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decisions:
    """Confidences of the answers to questions that can be answered, and to questions that cannot."""

    answerable: Sequence[float]
    unanswerable: Sequence[float]

    def refusing(self, share: float) -> float:
        """Find the highest threshold that refuses at most this share, below 1, of what can be answered."""
        return sorted(self.answerable)[int(share * len(self.answerable))]

    def balanced(self) -> float:
        """Find the threshold at which as large a share is wrongly refused as is wrongly answered, or nearly so."""
        return min(sorted({*self.answerable, *self.unanswerable}), key=self._imbalance)

    def wrongly_refused(self, threshold: float) -> list[float]:
        return [float(confidence < threshold) for confidence in self.answerable]

    def wrongly_answered(self, threshold: float) -> list[float]:
        return [float(confidence >= threshold) for confidence in self.unanswerable]

    def _imbalance(self, threshold: float) -> float:
        refused, answered = self.wrongly_refused(threshold), self.wrongly_answered(threshold)
        return abs(sum(refused) / len(refused) - sum(answered) / len(answered))
