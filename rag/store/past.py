"""A store and a day in, the store as it would be had nothing been published later out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from uuid import uuid4

import numpy as np

from rag.schema import Dates, Filters, Passage
from rag.store.embeddings import Vectors
from rag.store.filters import EVERYTHING, keeps
from rag.store.lexical import Lexical
from rag.store.pieces import Pieces
from rag.store.record import Record
from rag.store.store import State, Store


def published_by(day: Dates, store: Store) -> frozenset[str]:
    """List the documents that had been published at the end of a day; none whose date is unknown."""
    as_of = Filters(as_of=day)
    return frozenset(source.document for source, _ in store.sources() if keeps(as_of, source))


class Past(Store):
    """Some articles of a store, to be read only: words are counted and vectors compared among these alone.

    It does not change when the store does. Its words are kept in memory.
    """

    def __init__(self, store: Store, documents: Collection[str]) -> None:
        self.embedder, self.reader, self.index = store.embedder, store.reader, store.index
        self.lexical = Lexical(Path(f"file:{uuid4().hex}?mode=memory&cache=shared"))
        self._present = store
        present = store.state()
        records = {document: record for document, record in present.records.items() if document in documents}
        self._state = State(present.version, records)
        self.lexical.apply(records, present.version, self._passages_of)

    def state(self) -> State:
        """Tell what it holds."""
        return self._state

    def nearest(self, vector: Vectors, k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages nearest to a unit vector, all compared: Chroma's way to them may lead past others."""
        if not (kept := set(self._kept(filters))):
            return []
        passages, vectors = self._compared
        cosines = vectors @ vector
        ranked = (replace(passages[number], score=float(cosines[number])) for number in np.argsort(-cosines))
        return list(islice((passage for passage in ranked if passage.source.document in kept), k))

    def asked(self, text: str) -> tuple[Vectors, Pieces]:
        """Encode a question as the store does."""
        return self._present.asked(text)

    def pieces(self, passages: Sequence[Passage]) -> list[Pieces]:
        """Return the word pieces of passages, which the store keeps."""
        return self._present.pieces(passages)

    def _kept(self, filters: Filters) -> list[str]:
        return [document for document, record in self._state.records.items() if keeps(filters, record.source)]

    @cached_property
    def _compared(self) -> tuple[list[Passage], Vectors]:
        ids = [identity for record in self._state.records.values() for identity in record.passage_ids]
        found = self.lexical.passages(ids)
        return list(found.values()), self.index.vectors(list(found))

    def _passages_of(self, record: Record) -> list[Passage]:
        found = self._present.lexical.passages(record.passage_ids)
        return [found[identity] for identity in record.passage_ids if identity in found]
