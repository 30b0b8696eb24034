"""The word pieces of a text with a vector each: as a model reads them, and in half a byte a part to be kept.

What is kept of a vector is how much of it points the way of the text's mean vector, and each part of the rest as one of
sixteen levels, with the factor that makes a product with it right on average (the estimator of RaBitQ, Gao & Long 2024,
arXiv 2405.12497; a code of residuals as in ColBERTv2, Santhanam et al. 2022, arXiv 2112.01488, with the text itself as
the only centroid). MiniLM's parts are spread so evenly that no rotation has to come first. docs/performance.md says
what was tried and what it cost.
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
STEP = 0.335  # of the root mean square: that of the best sixteen even levels for a normal distribution (Max 1960)
LEVELS = np.arange(16, dtype=np.float32) - 7.5
UNPACKED: Matrix = np.array(list(product(LEVELS, repeat=2)), np.float32)  # by byte


class Code(Protocol):
    """The vectors of some pieces, exactly or nearly."""

    @property
    def vectors(self) -> Matrix:
        """The unit vectors, one a row, up to what the code loses."""
        ...

    def likeness(self, vectors: Matrix) -> Matrix:
        """Compare unit vectors with each piece: cosines (vectors, pieces)."""
        ...

    def without(self, first: int) -> Code:
        """Leave out the first pieces."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Exact:
    """The vectors themselves."""

    vectors: Matrix

    def likeness(self, vectors: Matrix) -> Matrix:
        found: Matrix = vectors @ self.vectors.T
        return found

    def without(self, first: int) -> Exact:
        return Exact(self.vectors[first:])


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """What is kept: of each piece its `part` of its text's mean direction, and of the rest the levels, two a byte."""

    means: NDArray[np.float16]  # (texts, width), of length one
    counts: NDArray[np.intp]  # (texts), of the pieces of each, which follow one another
    parts: NDArray[np.float16]  # (pieces)
    factors: NDArray[np.float16]  # (pieces), of the levels
    packed: NDArray[np.uint8]  # (pieces, width / 2)

    @classmethod
    def of(cls, vectors: Matrix) -> Levels:
        """Code the unit vectors of one text."""
        mean = unit(vectors.sum(axis=0, keepdims=True))
        parts = vectors @ mean[0]
        rest = vectors - np.outer(parts, mean)
        squares = np.einsum("ij,ij->i", rest, rest)
        step = STEP * np.sqrt(squares / rest.shape[1])[:, None].clip(min=TINY)
        numbers = np.floor(rest / step + 8).clip(0, 15)
        factors = squares / np.einsum("ij,ij->i", rest, numbers - 7.5).clip(min=TINY)
        even = np.pad(numbers, ((0, 0), (0, rest.shape[1] % 2)))
        packed = 16 * even[:, ::2] + even[:, 1::2]
        return cls(halved(mean), np.array([len(vectors)]), halved(parts), halved(factors), packed.astype(np.uint8))

    @classmethod
    def joined(cls, several: Sequence[Levels]) -> Levels:
        """Put together the codes of texts that follow one another."""
        values = ((each.means, each.counts, each.parts, each.factors, each.packed) for each in several)
        return cls(*map(np.concatenate, zip(*values, strict=True)))

    def without(self, first: int) -> Levels:
        """Leave out the first pieces."""
        counts = np.diff((np.cumsum(self.counts) - first).clip(min=0), prepend=0)
        return Levels(self.means, counts, self.parts[first:], self.factors[first:], self.packed[first:])

    @property
    def levels(self) -> Matrix:
        """Unpack: -7.5 to 7.5 a part (pieces, width)."""
        unpacked: Matrix = np.take(UNPACKED, self.packed, axis=0).reshape(len(self.packed), 2 * self.packed.shape[1])
        return unpacked[:, : self.means.shape[1]]

    @property
    def vectors(self) -> Matrix:
        found: Matrix = self.levels * self.factors[:, None]
        found += self.parts[:, None] * self.means.astype(np.float32).repeat(self.counts, axis=0)
        return found

    def likeness(self, vectors: Matrix) -> Matrix:
        """Compare without decoding more than the levels."""
        found: Matrix = vectors @ self.levels.T
        found *= self.factors
        found += (vectors @ self.means.astype(np.float32).T).repeat(self.counts, axis=1) * self.parts
        return found

    def to_bytes(self) -> bytes:
        """Write everything of one text one after another, the width of the vectors first."""
        width = np.array([self.means.shape[1]], "<u2")
        return b"".join(array.tobytes() for array in (width, self.means, self.parts, self.factors, self.packed))

    @classmethod
    def from_bytes(cls, code: bytes, count: int) -> Levels:
        """Undo `to_bytes` for so many pieces."""
        width = int.from_bytes(code[:2], "little")
        halves = np.frombuffer(code, np.float16, width + 2 * count, offset=2)
        mean, parts, factors = np.split(halves, (width, width + count))
        packed = np.frombuffer(code, np.uint8, offset=2 + halves.nbytes).reshape(count, -(-width // 2))
        return cls(mean[None], np.array([count]), parts, factors, packed)


def joined(codes: Sequence[Code]) -> Code:
    """Put together the codes of at least one text: as they are, or, if one is exact, what they stand for."""
    levels = [code for code in codes if isinstance(code, Levels)]
    return Levels.joined(levels) if len(levels) == len(codes) else Exact(np.concatenate([c.vectors for c in codes]))


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
        codes = [pieces.code.without(first) for first, pieces in zip(firsts, several, strict=True)]
        return cls(joined(codes), np.concatenate(spans))

    @property
    def vectors(self) -> Matrix:
        """The unit vectors, up to what is lost where they were kept."""
        return self.code.vectors

    def within(self, start: int, end: int) -> slice:
        """Select the pieces that lie in a span of the text."""
        first, last = np.searchsorted(self.spans[:, 0], start), np.searchsorted(self.spans[:, 1], end, "right")
        return slice(int(first), int(last))

    def shifted(self, by: int) -> Pieces:
        """Count the spans from another beginning."""
        return replace(self, spans=self.spans + np.int32(by))

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Write vectors, of which half a byte a part is kept, and spans."""
        code = self.code
        if not isinstance(code, Levels) or len(code.means) > 1:
            code = Levels.of(code.vectors)
        # the steps from end to start to end are small and much alike: two bytes a piece are left of eight
        return code.to_bytes(), zlib.compress(np.diff(self.spans.ravel(), prepend=np.int32(0)).tobytes(), 1)

    @classmethod
    def from_bytes(cls, code: bytes, spans: bytes) -> Pieces:
        """Undo `to_bytes`."""
        found = np.cumsum(np.frombuffer(zlib.decompress(spans), np.int32), dtype=np.int32).reshape(-1, 2)
        return cls(Levels.from_bytes(code, len(found)), found)


def likenesses(question: Pieces, several: Sequence[Pieces]) -> list[Matrix]:
    """Compare each piece of a question with each of a text's: cosines (pieces of the question, of the text), by text.

    All texts are compared in one product, which takes less time than one for each.
    """
    if not several:
        return []
    together = joined([each.code for each in several]).likeness(question.vectors)
    return np.split(together, np.cumsum([len(each.spans) for each in several])[:-1], axis=1)


def unit(vectors: Matrix) -> Matrix:
    scaled: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=TINY)
    return scaled


def halved(values: Matrix) -> NDArray[np.float16]:
    return values.astype(np.float16)
