"""The store as the rest of Dateline sees it: articles go in through one writer, are found by meaning and by words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from rag.errors import EmptyStoreError, StoreError
from rag.ingest.passages import SHAPE
from rag.schema import Article, Filters, Passage, Source
from rag.settings import Settings
from rag.store.embeddings import Embedder, MiniLM, Reader, Vectors, embedder
from rag.store.filters import EVERYTHING, keeps
from rag.store.index import Index, collection_name
from rag.store.lexical import FORMAT, Lexical
from rag.store.pieces import Pieces
from rag.store.record import Record
from rag.store.searchable import TEMPLATE, searchable
from rag.store.writer import Writer

PIECES_REMEMBERED = 500  # passages' word pieces: 30 MB


def open_store(settings: Settings) -> Store:
    """Open the store that the settings name. Close it after use, or use it in a `with` statement."""
    chosen = embedder(settings)
    name = collection_name(chosen.name, SHAPE, TEMPLATE)
    reader = chosen if isinstance(chosen, MiniLM) else MiniLM(settings.cache)
    try:
        index = Index(name, settings.data, settings.chroma_url)
        lexical = Lexical(settings.data / f"{name}-{FORMAT}.sqlite")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"Cannot use the folder {settings.data} ({error}). Choose another with --data.") from error
    return Store(chosen, reader, index, lexical)


class Store:
    """Vectors in Chroma and words in SQLite, of the same articles. Threads may share one.

    What another process has written is seen by the next call of a reading method.
    """

    def __init__(self, embedder: Embedder, reader: Reader, index: Index, lexical: Lexical) -> None:
        self.embedder = embedder
        self.reader = reader
        self.index = index
        self.lexical = lexical
        self._pieces: dict[tuple[tuple[str, int, int], str], Pieces] = {}
        self._asked = lru_cache(maxsize=256)(self._encode_question)
        self._refreshing = threading.Lock()
        if index.version() != lexical.version():
            self._rebuild()
        self._state = self._read()

    def close(self) -> None:
        """Let go of files and connections."""
        self.lexical.close()
        self.index.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def version(self) -> str:
        """Name the state of the store: it changes whenever anything in the store does."""
        return self.state().version

    def sources(self) -> tuple[tuple[Source, int], ...]:
        """List what is known of each article, and the number of its passages, in alphabetical order of documents."""
        return tuple((record.source, record.passages) for record in self.state().records.values())

    def article(self, document: str) -> Article:
        """Return an article with its clean text. Raises StoreError that names the nearest ones if there is none."""
        records = self.state().records
        article = self.lexical.article(document)
        if article is None:
            near = ", ".join(get_close_matches(document, records, n=3)) or "none like it; see `dateline sources`"
            raise StoreError(f"There is no article {document!r}. The nearest: {near}.")
        return article

    def nearest(self, vector: Vectors, k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages nearest to a unit vector; their score is the cosine. Raises EmptyStoreError."""
        documents = self._kept(filters)
        if documents == []:
            return []
        asked = k
        while True:
            hits = self.index.nearest(vector, asked, documents)
            found = self.lexical.passages(identity for identity, _ in hits)
            nearest = [replace(found[identity], score=cosine) for identity, cosine in hits if identity in found]
            if len(nearest) >= k or len(hits) < asked:
                return nearest[:k]
            asked *= 2  # an interrupted ingest left passages behind, which are not part of the store

    def search(
        self, stems: Mapping[str, float], k: int, filters: Filters = EVERYTHING, heading_weight: float = 1.0
    ) -> list[Passage]:
        """Return the `k` passages that fit the weighted stems best; see `Lexical.search`. Raises EmptyStoreError."""
        return self.lexical.search(stems, k, self._kept(filters), heading_weight)

    def leads(self, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the first passage of each article, the newest article first, those of unknown date last."""
        records, kept = self.state().records, self._kept(filters)
        ids = [record.passage_ids[0] for name, record in records.items() if kept is None or name in kept]
        found = self.lexical.passages(ids)
        return sorted((found[each] for each in ids if each in found), key=_age)

    def vectors(self, passages: Sequence[Passage]) -> Vectors:
        """Return the stored vectors of passages, one a row."""
        return self.index.vectors(self.lexical.ids(passages))

    def means(self, documents: Sequence[str]) -> Vectors:
        """Return the mean vector of each article's passages, one a row."""
        return self.index.means(documents)

    def passages(self, document: str) -> list[Passage]:
        """List an article's passages in order; none if there is no such article."""
        record = self.state().records.get(document)
        ids = record.passage_ids if record else []
        found = self.lexical.passages(ids)
        return [found[identity] for identity in ids if identity in found]

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Count the passages in or above whose text each stem stands."""
        return self.lexical.frequencies(stems)

    def count(self) -> int:
        """Count the passages."""
        return self.lexical.count()

    def asked(self, text: str) -> tuple[Vectors, Pieces]:
        """Encode a question: its vector, as the passages have theirs, and its word pieces."""
        return self._asked(text)

    def pieces(self, passages: Sequence[Passage]) -> list[Pieces]:
        """Return the word pieces of passages, with those of the heading before 0; what is not kept is read and kept."""
        known = self._pieces
        if missing := [passage for passage in passages if (passage.key, passage.text) not in known]:
            known = known if len(known) + len(missing) <= PIECES_REMEMBERED else {}
            missing = [passage for passage in passages if (passage.key, passage.text) not in known]
            known = known | {(passage.key, passage.text): pieces for passage, pieces in self._kept_pieces(missing)}
            self._pieces = known
        return [known[passage.key, passage.text] for passage in passages]

    def _kept_pieces(self, passages: Sequence[Passage]) -> Iterator[tuple[Passage, Pieces]]:
        unread = []
        for passage, pieces in zip(passages, self.lexical.pieces(passages), strict=True):
            if pieces:
                yield passage, pieces
            else:
                unread.append(passage)
        read = [(unread[number], pieces) for number, _, pieces in self._encoded(unread)]
        if read:
            self.lexical.keep_pieces({passage: pieces.to_bytes() for passage, pieces in read})
        yield from read

    def is_english(self, word: str) -> bool:
        """Tell whether a word in lower case is an ordinary English one."""
        return self.reader.is_word(word)

    def forms(self) -> list[tuple[str, int, int]]:
        """List the words of all passages in lower case, how often each is used, and how often with a capital."""
        return self.lexical.forms()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Keep all other writers out, clean up after an interrupted one, and write."""
        with self.index.writing() as interrupted:
            if interrupted:
                self.index.publish()  # something may have been changed last and not been published
            self._rebuild()
            known = self.lexical.records()
            if interrupted:
                self.index.sweep(known)
            yield Writer(self, known)

    def encode(self, passages: Sequence[Passage]) -> tuple[Vectors, dict[Passage, tuple[bytes, bytes]]]:
        """Encode passages: their vectors, one a row, and what `Lexical.keep_pieces` takes."""
        vectors: dict[int, Vectors] = {}
        kept = {}
        for number, vector, pieces in self._encoded(passages):
            vectors[number] = vector
            kept[passages[number]] = pieces.to_bytes()
        if self.embedder is not self.reader:
            return self.embedder.encode([searchable(passage) for passage in passages]), kept
        return np.stack([vectors[number] for number in range(len(passages))]), kept

    def _encoded(self, passages: Sequence[Passage]) -> Iterator[tuple[int, Vectors, Pieces]]:
        texts = [searchable(passage) for passage in passages]
        for number, vector, pieces in self.reader.read(texts):
            yield number, vector, pieces.shifted(len(passages[number].text) - len(texts[number]))

    def _encode_question(self, text: str) -> tuple[Vectors, Pieces]:
        [(_, vector, pieces)] = self.reader.read([text])
        return vector if self.embedder is self.reader else self.embedder.encode([text])[0], pieces

    def _kept(self, filters: Filters) -> list[str] | None:
        """List the documents that the filters keep, or None for all."""
        records = self.state().records
        if not records:
            raise EmptyStoreError("No articles yet. Run `dateline ingest` first.")
        if filters == EVERYTHING:
            return None
        return [document for document, record in records.items() if keeps(filters, record.source)]

    def state(self) -> State:
        """Tell what the store holds now."""
        # In a folder the lexical index changes last, and asking it costs a hundredth of asking Chroma. On a server
        # another machine may have written, whose lexical index is not ours.
        version = self.index.version() if self.index.remote else self.lexical.version()
        if version != self._state.version:
            with self._refreshing:
                if version != self._state.version:
                    self._refresh()
        return self._state

    def _refresh(self) -> None:
        if self.index.remote:
            self._rebuild()
        state = self._read()
        if not self.index.remote:
            self.index.reopen()
        self._state = state

    def _read(self) -> State:
        return State(self.lexical.version(), self.lexical.records())

    def _rebuild(self) -> None:
        self.lexical.rebuild(lambda: (self.index.version(), self.index.records()), self.index.passages_of)


@dataclass(frozen=True, slots=True)
class State:
    """What the store held at one moment."""

    version: str
    records: Mapping[str, Record]


def _age(passage: Passage) -> int:
    return -passage.source.published.last.toordinal() if passage.source.published else 0
