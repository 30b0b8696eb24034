"""The word pieces of a text with a vector each: as a model reads them, and in a fifth of the space to be kept.

What is kept of a vector is how much of it points the way of the text's mean vector, and of each part of the rest
whether it is well above 0, well below or neither, with the factor that makes a product with it right on average (the
estimator of RaBitQ, Gao & Long 2024, arXiv 2405.12497; a code of residuals as in ColBERTv2, Santhanam et al. 2022,
arXiv 2112.01488, with the text itself as the only centroid). MiniLM's parts are spread so evenly that no rotation has
to come first. docs/performance.md says what was tried and what it cost.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
TINY = 1e-9
NEAR_ZERO = 0.612  # of the root mean square: the bounds of the best three values for a normal distribution (Max 1960)
PLACES = np.array([81, 27, 9, 3, 1], np.float32)
UNPACKED: Matrix = np.array(list(product((-1, 0, 1), repeat=len(PLACES))), np.float32)  # by byte


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
    """What is kept: of each piece its `part` of the text's mean direction, and of the rest the signs, five a byte."""

    mean: NDArray[np.float16]  # (width), of length one
    parts: NDArray[np.float16]  # (pieces)
    factors: NDArray[np.float16]  # (pieces), of the signs
    packed: NDArray[np.uint8]  # (pieces, width / 5)

    @classmethod
    def of(cls, vectors: Matrix) -> Signs:
        """Code unit vectors."""
        mean = unit(vectors.sum(axis=0, keepdims=True))[0]
        parts = vectors @ mean
        rest = vectors - np.outer(parts, mean)
        squares = np.einsum("ij,ij->i", rest, rest)
        least = NEAR_ZERO * np.sqrt(squares / rest.shape[1])[:, None]
        signs = (rest > least).astype(np.float32) - (rest < -least)
        factors = squares / np.einsum("ij,ij->i", rest, signs).clip(min=TINY)
        count, width = rest.shape
        digits = np.ones((count, bytes_of(width) * len(PLACES)), np.float32)
        digits[:, :width] += signs
        packed = digits.reshape(count, bytes_of(width), len(PLACES)) @ PLACES
        return cls(halved(mean), halved(parts), halved(factors), packed.astype(np.uint8))

    @property
    def signs(self) -> Matrix:
        """Unpack: -1, 0 or 1 a part (pieces, width)."""
        count, in_bytes = self.packed.shape
        unpacked: Matrix = np.take(UNPACKED, self.packed, axis=0).reshape(count, in_bytes * len(PLACES))
        return unpacked[:, : len(self.mean)]

    @property
    def vectors(self) -> Matrix:
        found: Matrix = self.signs * self.factors[:, None]
        return found + np.outer(self.parts.astype(np.float32), self.mean.astype(np.float32))

    def likeness(self, vectors: Matrix) -> Matrix:
        """Compare without decoding more than the signs."""
        found: Matrix = vectors @ self.signs.T * self.factors
        return found + np.outer(vectors @ self.mean.astype(np.float32), self.parts)

    def to_bytes(self) -> bytes:
        """Write everything one after another, the width of the vectors first."""
        width = np.array([len(self.mean)], "<u2")
        return b"".join(array.tobytes() for array in (width, self.mean, self.parts, self.factors, self.packed))

    @classmethod
    def from_bytes(cls, code: bytes, count: int) -> Signs:
        """Undo `to_bytes` for so many pieces."""
        width = int.from_bytes(code[:2], "little")
        halves = np.frombuffer(code, np.float16, width + 2 * count, offset=2)
        mean, parts, factors = np.split(halves, (width, width + count))
        packed = np.frombuffer(code, np.uint8, offset=2 + halves.nbytes).reshape(count, bytes_of(width))
        return cls(mean, parts, factors, packed)


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
        """Write vectors, of which a fifth is kept, and spans."""
        code = self.code if isinstance(self.code, Signs) else Signs.of(self.code.vectors)
        # the steps from end to start to end are small and much alike: two bytes a piece are left of eight
        return code.to_bytes(), zlib.compress(np.diff(self.spans.ravel(), prepend=np.int32(0)).tobytes(), 1)

    @classmethod
    def from_bytes(cls, code: bytes, spans: bytes) -> Pieces:
        """Undo `to_bytes`."""
        found = np.cumsum(np.frombuffer(zlib.decompress(spans), np.int32), dtype=np.int32).reshape(-1, 2)
        return cls(Signs.from_bytes(code, len(found)), found)


def unit(vectors: Matrix) -> Matrix:
    scaled: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=TINY)
    return scaled


def bytes_of(width: int) -> int:
    """Count the bytes that the signs of so many parts take."""
    return -(-width // len(PLACES))


def halved(values: Matrix) -> NDArray[np.float16]:
    return values.astype(np.float16)
