"""The word pieces of a text with a vector each: a byte for each part of a vector, in memory and in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
STEPS = 254  # of a vector's part from 0 to 1; hardly any is above 0.5, and rounding moves a cosine by some 0.001


@dataclass(frozen=True, eq=False)
class Pieces:
    """Unit vectors (pieces, width), in steps, and the spans (pieces, 2) of the text that they stand for, in order."""

    steps: NDArray[np.int8]
    spans: NDArray[np.int32]

    @classmethod
    def of(cls, vectors: Matrix, spans: Sequence[tuple[int, int]]) -> Pieces:
        """Put together what an encoder returns for a text, vectors of any length."""
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-9)
        steps = np.rint(unit * STEPS).clip(-127, 127).astype(np.int8)
        return cls(steps, np.array(spans, np.int32).reshape(-1, 2))

    @property
    def vectors(self) -> Matrix:
        """The unit vectors, up to rounding."""
        return self.steps.astype(np.float32) / np.float32(STEPS)

    def within(self, start: int, end: int) -> slice:
        """Select the pieces that lie in a span of the text."""
        first, last = np.searchsorted(self.spans[:, 0], start), np.searchsorted(self.spans[:, 1], end, "right")
        return slice(int(first), int(last))

    def shifted(self, by: int) -> Pieces:
        """Count the spans from another beginning."""
        return Pieces(self.steps, self.spans + np.int32(by))

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Write vectors and spans."""
        return self.steps.tobytes(), self.spans.tobytes()

    @classmethod
    def from_bytes(cls, steps: bytes, spans: bytes) -> Pieces:
        """Undo `to_bytes`."""
        found = np.frombuffer(spans, np.int32).reshape(-1, 2)
        return cls(np.frombuffer(steps, np.int8).reshape(len(found), -1), found)
