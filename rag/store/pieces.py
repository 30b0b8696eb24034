"""The word pieces of a text with a vector each: as a model reads them, and in a seventh of the space to be kept.

What is kept of a vector is how much of it points the way of the text's mean vector, and of the rest only the signs of
its parts, with the factor that makes a product with them right on average (the estimator of RaBitQ, Gao & Long 2024,
arXiv 2405.12497; a code of residuals as in ColBERTv2, Santhanam et al. 2022, arXiv 2112.01488, with the text itself as
the only centroid). MiniLM's parts are so evenly spread that no rotation is needed before.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
TINY = 1e-9


class Code(Protocol):
    """The vectors of some pieces, exactly or nearly."""

    @property
    def vectors(self) -> Matrix:
        """The unit vectors, one a row, up to what the code loses."""
        ...

    def likeness(self, vectors: Matrix) -> Matrix:
        """Compare unit vectors with each piece: cosines (vectors, pieces)."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Exact:
    """The vectors themselves."""

    vectors: Matrix

    def likeness(self, vectors: Matrix) -> Matrix:
        found: Matrix = vectors @ self.vectors.T
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Signs:
    """What is kept: of each piece its `part` of the text's mean direction, and the signs of the rest, packed."""

    mean: NDArray[np.float16]  # (width), of length one
    parts: NDArray[np.float16]  # (pieces)
    factors: NDArray[np.float16]  # (pieces), of the signs
    bits: NDArray[np.uint8]  # (pieces, width / 8), 1 for plus

    @classmethod
    def of(cls, vectors: Matrix) -> Signs:
        """Code unit vectors, whose width is a multiple of 8."""
        mean = unit(vectors.sum(axis=0, keepdims=True)).astype(np.float16)[0]
        parts = (vectors @ mean.astype(np.float32)).astype(np.float16)
        rest = vectors - np.outer(parts, mean).astype(np.float32)
        factors = (rest * rest).sum(axis=1) / np.abs(rest).sum(axis=1).clip(min=TINY)
        return cls(mean, parts, factors.astype(np.float16), np.packbits(rest >= 0, axis=1))

    @property
    def vectors(self) -> Matrix:
        signs = 2 * np.unpackbits(self.bits, axis=1).astype(np.float32) - 1
        found: Matrix = signs * self.factors[:, None] + np.outer(self.parts, self.mean)
        return found

    def likeness(self, vectors: Matrix) -> Matrix:
        """Compare without decoding: the products with +1 and -1 are twice those with 1 and 0, less the sum of all."""
        signs = 2 * (vectors @ np.unpackbits(self.bits, axis=1).astype(np.float32).T) - vectors.sum(axis=1)[:, None]
        found: Matrix = signs * self.factors + np.outer(vectors @ self.mean.astype(np.float32), self.parts)
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Joined:
    """The codes of texts that follow one another, of each the pieces from the one given on."""

    codes: Sequence[tuple[Code, int]]

    @property
    def vectors(self) -> Matrix:
        found: Matrix = np.concatenate([code.vectors[first:] for code, first in self.codes])
        return found

    def likeness(self, vectors: Matrix) -> Matrix:
        found: Matrix = np.concatenate([code.likeness(vectors)[:, first:] for code, first in self.codes], axis=1)
        return found


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of a text, and the spans (pieces, 2) of the text that they stand for, in order."""

    code: Code
    spans: NDArray[np.int32]

    @classmethod
    def of(cls, vectors: Matrix, spans: Sequence[tuple[int, int]]) -> Pieces:
        """Put together what an encoder returns for a text, vectors of any length."""
        return cls(Exact(unit(vectors)), np.array(spans, np.int32).reshape(-1, 2))

    @classmethod
    def joined(cls, starts: Sequence[int], several: Sequence[Pieces]) -> Pieces:
        """Put together those of texts that stand at `starts` of a longer one, under the heading of the first."""
        firsts = [int(np.searchsorted(pieces.spans[:, 0], 0)) if number else 0 for number, pieces in enumerate(several)]
        spans = [
            pieces.spans[first:] + np.int32(start) for first, start, pieces in zip(firsts, starts, several, strict=True)
        ]
        return cls(
            Joined([(pieces.code, first) for pieces, first in zip(several, firsts, strict=True)]), np.concatenate(spans)
        )

    @property
    def vectors(self) -> Matrix:
        """The unit vectors, up to what is lost where they were kept."""
        return self.code.vectors

    def likeness(self, question: Pieces) -> Matrix:
        """Compare each piece of a question with each of these: cosines (pieces of the question, these)."""
        return self.code.likeness(question.vectors)

    def within(self, start: int, end: int) -> slice:
        """Select the pieces that lie in a span of the text."""
        first, last = np.searchsorted(self.spans[:, 0], start), np.searchsorted(self.spans[:, 1], end, "right")
        return slice(int(first), int(last))

    def shifted(self, by: int) -> Pieces:
        """Count the spans from another beginning."""
        return replace(self, spans=self.spans + np.int32(by))

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Write vectors, of which a seventh of their bytes is kept, and spans."""
        code = self.code if isinstance(self.code, Signs) else Signs.of(self.code.vectors)
        arrays = (code.mean, code.parts, code.factors, code.bits)
        # the steps from end to start to end are small and much alike: two bytes a piece are left of eight
        steps = np.diff(self.spans.ravel(), prepend=np.int32(0))
        return b"".join(array.tobytes() for array in arrays), zlib.compress(steps.tobytes(), 1)

    @classmethod
    def from_bytes(cls, code: bytes, spans: bytes) -> Pieces:
        """Undo `to_bytes`."""
        found = np.cumsum(np.frombuffer(zlib.decompress(spans), np.int32), dtype=np.int32).reshape(-1, 2)
        count = len(found)
        width = (len(code) - 4 * count) * 8 // (16 + count)  # 2 bytes a part of the mean, a bit a part of each piece
        halves = np.frombuffer(code, np.float16, width + 2 * count)
        mean, parts, factors = np.split(halves, (width, width + count))
        bits = np.frombuffer(code, np.uint8, offset=halves.nbytes).reshape(count, width // 8)
        return cls(Signs(mean, parts, factors, bits), found)


def unit(vectors: Matrix) -> Matrix:
    scaled: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=TINY)
    return scaled
