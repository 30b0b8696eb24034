"""Articles that are ready in, a store that holds them out, each as a whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rag.ingest.prepared import Prepared, Provenance
from rag.store.embeddings import Vectors
from rag.store.lexical import PassagesOf
from rag.store.record import Record

if TYPE_CHECKING:
    from rag.store.store import Store


class Writer:
    """Writes articles into a store, each as a whole or not at all; `known` are those that are there."""

    def __init__(self, store: Store, known: Mapping[str, Record]) -> None:
        self._store = store
        self._known = dict(known)

    @property
    def known(self) -> Mapping[str, Record]:
        return self._known

    def put(self, articles: Sequence[Prepared]) -> None:
        """Embed articles and put them in, in place of what is there under the same names."""
        index = self._store.index
        passages = [passage for each in articles for passage in each.passages]
        records = [Record.of(each.article, each.passages, each.provenance) for each in articles]
        vectors, pieces = self._store.encode(passages)
        index.add(records, passages, vectors)
        index.put(records, means(vectors, [record.passages for record in records]))
        cut = {each.article.source.document: each.passages for each in articles}
        changes = {record.source.document: record for record in records}
        self._publish(changes, lambda record: cut[record.source.document])
        self._store.lexical.keep_pieces(pieces)

    def amend(self, provenances: Mapping[str, Provenance]) -> None:
        """Change where articles come from; their text stays as it is."""
        records = [replace(self._known[document], provenance=each) for document, each in provenances.items()]
        self._store.index.amend(records)
        self._publish({record.source.document: record for record in records}, self._store.index.passages_of)

    def remove(self, documents: Collection[str]) -> None:
        """Take articles out."""
        self._store.index.forget(list(documents))
        self._publish(dict.fromkeys(documents), self._store.index.passages_of)

    def _publish(self, changes: Mapping[str, Record | None], passages_of: PassagesOf) -> None:
        """Let readers see the changes, and only then delete what these replace."""
        replaced = [
            old
            for document, new in changes.items()
            if (old := self._known.get(document)) and (new is None or new.revision != old.revision)
        ]
        self._store.lexical.apply(changes, self._store.index.publish(), passages_of)
        self._store.index.discard(replaced)
        for document, record in changes.items():
            if record:
                self._known[document] = record
            else:
                self._known.pop(document, None)


def means(vectors: Vectors, counts: Sequence[int]) -> Vectors:
    """Average the first so many rows, then the next so many, and so on."""
    ends = np.cumsum(counts)
    return np.stack([vectors[end - count : end].mean(axis=0) for end, count in zip(ends, counts, strict=True)])
