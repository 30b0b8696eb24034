"""The word pieces of a text with a vector each, as values and as bytes that can be kept in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
FINEST = 127  # steps from 0 to the largest part of a vector; ranking is the same as with all 24 bits, measured


@dataclass(frozen=True, eq=False)
class Pieces:
    """Unit vectors (pieces, width) and, in the order of the text, the spans (pieces, 2) that they stand for."""

    vectors: Matrix
    spans: NDArray[np.int32]

    def within(self, start: int, end: int) -> slice:
        """Select the pieces that lie in a span of the text."""
        return slice(
            int(np.searchsorted(self.spans[:, 0], start)), int(np.searchsorted(self.spans[:, 1], end, "right"))
        )

    def shifted(self, by: int) -> Pieces:
        """Count the spans from another beginning."""
        return Pieces(self.vectors, self.spans + np.int32(by))

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Write vectors and spans compactly: a byte for each part of a vector."""
        steps = FINEST / np.abs(self.vectors).max(axis=1, keepdims=True, initial=1e-9)
        return np.rint(self.vectors * steps).astype(np.int8).tobytes(), self.spans.astype(np.int32).tobytes()

    @classmethod
    def from_bytes(cls, vectors: bytes, spans: bytes) -> Pieces:
        """Undo `to_bytes`, but for the rounding."""
        found = np.frombuffer(spans, np.int32).reshape(-1, 2)
        rounded = np.frombuffer(vectors, np.int8).reshape(len(found), -1).astype(np.float32)
        return cls(rounded / np.linalg.norm(rounded, axis=1, keepdims=True).clip(min=1e-9), found)


def pieces_of(vectors: Matrix, spans: Sequence[tuple[int, int]]) -> Pieces:
    """Put together what an encoder returns for a text."""
    return Pieces(vectors, np.array(spans, np.int32).reshape(-1, 2))
