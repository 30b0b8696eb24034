"""A store and a day in, the store as it would be had nothing been published later out."""

from __future__ import annotations

import atexit
import weakref
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from rag.schema import Dates, Filters, Passage
from rag.store.catalogue import Catalogue
from rag.store.embeddings import Vectors
from rag.store.filters import EVERYTHING, keeps
from rag.store.pieces import Pieces
from rag.store.record import Record
from rag.store.store import Store


def published_by(day: Dates, store: Store) -> frozenset[str]:
    """List the documents that had been published at the end of a day; none whose date is unknown."""
    as_of = Filters(as_of=day)
    return frozenset(source.document for source, _ in store.sources() if keeps(as_of, source))


@dataclass(frozen=True, slots=True)
class _Some:
    """Some articles, as a catalogue takes them in."""

    version: str
    records: Mapping[str, Record | None]
    number: int = 1
    complete: bool = True


class Past(Store):
    """Some articles of a store, to be read only: words are counted and vectors compared among these alone.

    It does not change when the store does. To make one takes time linear in its articles, for it has a catalogue of its
    own, in a temporary folder. From the first search by vector on the vectors are in memory, 1.5 KB each, and each
    search compares them all.
    """

    def __init__(self, store: Store, documents: Collection[str]) -> None:
        self.embedder, self.reader, self.index = store.embedder, store.reader, store.index
        clear_away()
        folder = TemporaryDirectory(prefix="dateline-past-")
        self.catalogue = Catalogue(Path(folder.name))
        # the collector may run anywhere, with locks held that closing takes: so it only notes what is to be closed
        self._discarded = weakref.finalize(self, _waiting.append, (self.catalogue, folder))
        self._present = store
        some = _Some(store.version(), store.catalogue.records(documents))
        self.catalogue.catch_up(some, self._passages_of, self._vectors_of)

    def close(self) -> None:
        """Let go of what it has of its own."""
        self._discarded()
        clear_away()

    def version(self) -> str:
        """Name the state of the store that it was made of."""
        return self.catalogue.version()

    def nearest(self, vector: Vectors, k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages nearest to a unit vector, all compared: Chroma's way to them may lead past others."""
        numbers, vectors = self._compared
        kept = np.flatnonzero(np.isin(numbers, self.catalogue.numbers(filters)))
        cosines = vectors[kept] @ vector if len(kept) else np.empty(0)
        best = np.argsort(-cosines, kind="stable")[:k]
        found = self.catalogue.passages_numbered(numbers[kept[best]].tolist())
        return [replace(found[int(numbers[kept[place]])], score=float(cosines[place])) for place in best]

    def word_pieces(self, text: str) -> int:
        """Count the word pieces of a text as the store does."""
        return self._present.word_pieces(text)

    def asked(self, text: str) -> tuple[Vectors, Pieces]:
        """Encode a question as the store does."""
        return self._present.asked(text)

    def pieces(self, passages: Sequence[Passage]) -> list[Pieces]:
        """Return the word pieces of passages, which the store keeps."""
        return self._present.pieces(passages)

    @cached_property
    def _compared(self) -> tuple[NDArray[np.int64], Vectors]:
        numbers, vectors = self.catalogue.kept_vectors()
        return np.array(numbers, np.int64), vectors

    def _passages_of(self, record: Record) -> list[Passage]:
        found = self._present.catalogue.passages(record.passage_ids)
        return [found[identity] for identity in record.passage_ids if identity in found]

    def _vectors_of(self, record: Record) -> Vectors:
        numbers = self._present.catalogue.numbers_of(record.passage_ids)
        return self._present.catalogue.vectors(numbers.values())[1]

    def _be_filled(self) -> None:
        pass  # before anything was published, nothing is found


_waiting: deque[tuple[Catalogue, TemporaryDirectory[str]]] = deque()  # of stores that nobody has any more


@atexit.register
def clear_away() -> None:
    """Close and delete what stores that nobody has any more have left."""
    with suppress(IndexError):  # none is left, or another thread had the last
        while True:
            catalogue, folder = _waiting.popleft()
            catalogue.close()
            folder.cleanup()
