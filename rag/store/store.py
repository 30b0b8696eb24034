"""The store as the rest of Dateline sees it: articles go in through one writer, are found by meaning and by words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from rag.errors import EmptyStoreError, StoreError
from rag.ingest.passages import SHAPE
from rag.schema import Article, Dates, Filters, Passage, Source
from rag.settings import Settings
from rag.store.catalogue import FORMAT, Catalogue
from rag.store.chroma import Login
from rag.store.embeddings import Embedder, MiniLM, Reader, Vectors, embedder
from rag.store.filters import EVERYTHING
from rag.store.index import Index, collection_name
from rag.store.nearest import Nearest
from rag.store.pieces import Pieces
from rag.store.record import Record
from rag.store.searchable import TEMPLATE, searchable
from rag.store.writer import Writer, writing

PIECES_REMEMBERED = 2000  # passages' word pieces: 54 MB
NEWS = 0.3  # seconds until a server is asked again whether the store has changed, which a question needs to know often


def open_store(settings: Settings) -> Store:
    """Open the store that the settings name. Close it after use, or use it in a `with` statement."""
    chosen = embedder(settings)
    name = collection_name(chosen.name, SHAPE, TEMPLATE)
    reader = chosen if isinstance(chosen, MiniLM) else MiniLM(settings.cache)
    try:
        login = Login(settings.chroma_token.get_secret_value(), settings.chroma_tenant, settings.chroma_database)
        index = Index(name, settings.data, settings.chroma_url, login=login)
        catalogue = Catalogue(settings.data / f"{name}-{FORMAT}")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"Cannot use the folder {settings.data} ({error}). Choose another with --data.") from error
    return Store(chosen, reader, index, catalogue)


class Store:
    """Vectors in Chroma, and all that is derived from it in a catalogue. Threads may share one.

    What another process has written into a folder is seen by the next call of a reading method; what has been written
    to a server, within `news` seconds.
    """

    def __init__(
        self, embedder: Embedder, reader: Reader, index: Index, catalogue: Catalogue, news: float = NEWS
    ) -> None:
        self.embedder = embedder
        self.reader = reader
        self.index = index
        self.catalogue = catalogue
        self._news = news
        self._heard = -news
        self._pieces: dict[tuple[tuple[str, int, int], str], Pieces] = {}
        self._asked = lru_cache(maxsize=256)(self._encode_question)
        self._word_pieces = lru_cache(maxsize=4096)(reader.word_pieces)
        self.catch_up()
        self._nearest = Nearest(index, catalogue)

    def close(self) -> None:
        """Let go of files and connections."""
        self.catalogue.close()
        self.index.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What there is

    def version(self) -> str:
        """Name the state of the store: it changes whenever anything in the store does."""
        self._listen()
        return self.catalogue.version()

    def state(self) -> State:
        """Tell what the store holds now."""
        return State(self.version(), self.catalogue.number(), Records(self.catalogue))

    def catch_up(self) -> None:
        """Bring the catalogue in line with Chroma."""
        heard = time.monotonic()
        if self.index.version() != self.catalogue.version():
            since = self.catalogue.number()
            changes = self.index.changes(since)
            if changes.number < since:  # what is in Chroma now is older: a copy was put back
                self.catalogue.clear()
                changes = self.index.changes(0)
            self.catalogue.catch_up(changes, self.index.passages_of, self.index.vectors_of)
        self._heard = heard

    def change(self) -> int:
        """Tell the number of the last change that is part of the store; it grows with each."""
        self._listen()
        return self.catalogue.number()

    def changed_since(self, change: int) -> list[tuple[str, str]]:
        """List the documents and revisions of the articles that came or were replaced after a change, in that order."""
        self._listen()
        return self.catalogue.changed_since(change)

    def count(self) -> int:
        """Count the passages."""
        self._listen()
        return self.catalogue.count()

    def article_count(self, filters: Filters = EVERYTHING) -> int:
        """Count the articles that filters keep."""
        self._listen()
        return self.catalogue.article_count(filters)

    def outlets(self) -> tuple[str, ...]:
        """List the names of those that articles are by or taken from, in alphabetical order."""
        self._listen()
        return self.catalogue.outlets()

    # Articles

    def sources(self) -> tuple[tuple[Source, int], ...]:
        """List what is known of each article, and the number of its passages, in alphabetical order of documents."""
        self._listen()
        return tuple(self.catalogue.sources())

    def page(self, first: int, k: int) -> list[tuple[Source, int]]:
        """List a part of `sources`: `k` of them, from the one at `first` on."""
        self._listen()
        return self.catalogue.sources(first, k)

    def source(self, document: str) -> Source | None:
        """Look up what is known of an article, if it is there."""
        self._listen()
        return self.catalogue.source(document)

    def revision(self, document: str) -> str | None:
        """Look up the revision of an article, if it is there."""
        self._listen()
        return self.catalogue.revision(document)

    def named(self, name: str) -> Source | None:
        """Find the article whose document or, if there is none, whose title this is, whatever the case."""
        self._listen()
        return self.catalogue.named(name)

    def holds(self, name: str) -> bool:
        """Tell whether there are articles from a file of this name."""
        self._listen()
        return self.catalogue.holds(name)

    def like(self, typed: str, k: int) -> list[Source]:
        """Find `k` articles whose document, title or outlet has in it what was typed, those by document first."""
        self._listen()
        return self.catalogue.like(typed, k)

    def newest(self, filters: Filters = EVERYTHING) -> Source | None:
        """Find the article that was published last of those that filters keep; None if none has a date."""
        self._listen()
        return self.catalogue.newest(filters)

    def newest_days(self, share: int) -> Dates | None:
        """Find the days on which the newest one of so many articles were published, of those that have a date."""
        self._listen()
        return self.catalogue.newest_days(share)

    def article(self, document: str) -> Article:
        """Return an article with its clean text. Raises StoreError that names the nearest ones if there is none."""
        return self.laid_out(document)[0]

    def laid_out(self, document: str) -> tuple[Article, list[Passage]]:
        """Return an article and its passages in order, as they are at one moment. Raises StoreError as `article`."""
        self._listen()
        found = self.catalogue.laid_out(document)
        if found is None:
            documents = self.catalogue.documents()
            near = ", ".join(get_close_matches(document, documents, n=3)) or "none like it; see `dateline sources`"
            raise StoreError(f"There is no article {document!r}. The nearest: {near}.")
        return found

    def passages(self, document: str) -> list[Passage]:
        """List an article's passages in order; none if there is no such article."""
        self._listen()
        return self.catalogue.passages_of(document)

    def means(self, documents: Sequence[str]) -> Vectors:
        """Return the mean vector of each article's passages, one a row."""
        return self.catalogue.means(documents)

    # Searches

    def nearest(self, vector: Vectors, k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages nearest to a unit vector; their score is the cosine. Raises EmptyStoreError."""
        self._be_filled()
        return self._nearest.find(vector, k, filters)

    def search(self, stems: Mapping[str, float], k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages that fit the weighted stems best; see `Catalogue.search`. Raises EmptyStoreError."""
        self._be_filled()
        return self.catalogue.search(stems, k, filters)

    def leads(self, filters: Filters = EVERYTHING, k: int = -1) -> list[Passage]:
        """Return the first passages of the `k` newest articles, or of all, the newest first, the undated last."""
        self._be_filled()
        return self.catalogue.leads(filters, k)

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

    def word_pieces(self, text: str) -> int:
        """Count the word pieces of a text, to its end."""
        return self._word_pieces(text)

    # Words

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Count the passages in or above whose text each stem stands."""
        self._listen()
        return self.catalogue.frequencies(stems)

    def is_english(self, word: str) -> bool:
        """Tell whether a word in lower case is an ordinary English one."""
        return self.reader.is_word(word)

    def form(self, word: str) -> tuple[int, int] | None:
        """Tell how often a word in lower case is used, and how often with a capital; None if never."""
        return self.catalogue.form(word)

    def forms(self) -> list[tuple[str, int, int]]:
        """List the words of all passages in lower case, how often each is used, and how often with a capital."""
        self._listen()
        return self.catalogue.forms()

    def forms_with_key(self, key: str) -> list[tuple[str, int, int]]:
        """List the words, as `forms` does, that have this `rag.facts.names.name_key`, the most used first."""
        return self.catalogue.forms_with_key(key)

    def forms_resembling(self, begins: str, ends: str, shortest: int, longest: int) -> list[str]:
        """List the words of these lengths that begin with `begins` or end with `ends`, neither of them empty."""
        return self.catalogue.forms_resembling(begins, ends, shortest, longest)

    # What writers need

    def writing(self) -> AbstractContextManager[Writer]:
        """Write; see `rag.store.writer.writing`."""
        return writing(self)

    def encode(self, passages: Sequence[Passage]) -> tuple[Vectors, dict[Passage, tuple[bytes, bytes]]]:
        """Encode passages: their vectors, one a row, and what `Catalogue.keep_pieces` takes."""
        vectors: dict[int, Vectors] = {}
        kept = {}
        for number, vector, pieces in self._encoded(passages):
            vectors[number] = vector
            kept[passages[number]] = pieces.to_bytes()
        if self.embedder is not self.reader:
            return self.embedder.encode([searchable(passage) for passage in passages]), kept
        return np.stack([vectors[number] for number in range(len(passages))]), kept

    def _kept_pieces(self, passages: Sequence[Passage]) -> Iterator[tuple[Passage, Pieces]]:
        unread = []
        for passage, pieces in zip(passages, self.catalogue.pieces(passages), strict=True):
            if pieces:
                yield passage, pieces
            elif parts := self._parts(passage):
                starts = [part.start - passage.start for part in parts]
                yield passage, Pieces.joined(starts, self.pieces(parts))
            else:
                unread.append(passage)
        read = {unread[number]: pieces.to_bytes() for number, _, pieces in self._encoded(unread)}
        if read:
            self.catalogue.keep_pieces(read)
        # as they were kept, so that the first answer is the same as the next
        yield from ((passage, Pieces.from_bytes(*blobs)) for passage, blobs in read.items())

    def _parts(self, passage: Passage) -> list[Passage]:
        """List the passages of the store that one consists of, if it is not one of them itself."""
        own = self.catalogue.passages_of(passage.source.document)
        parts = [each for each in own if passage.start <= each.start and each.end <= passage.end]
        return parts if len(parts) > 1 else []

    def _encoded(self, passages: Sequence[Passage]) -> Iterator[tuple[int, Vectors, Pieces]]:
        texts = [searchable(passage) for passage in passages]
        for number, vector, pieces in self.reader.read(texts):
            yield number, vector, pieces.shifted(len(passages[number].text) - len(texts[number]))

    def _encode_question(self, text: str) -> tuple[Vectors, Pieces]:
        [(_, vector, pieces)] = self.reader.read([text])
        return vector if self.embedder is self.reader else self.embedder.encode([text])[0], pieces

    def _listen(self) -> None:
        """Catch up with what others may have written on a server; in a folder the catalogue is theirs, too."""
        if self.index.remote and time.monotonic() - self._heard >= self._news:
            self.catch_up()

    def _be_filled(self) -> None:
        self._listen()
        if not self.catalogue.article_count():
            raise EmptyStoreError("No articles yet. Run `dateline ingest` first.")


class Records(Mapping[str, Record]):
    """The records of all articles by document, in alphabetical order, each read when it is asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __getitem__(self, document: str) -> Record:
        record = self._catalogue.record(document)
        if record is None:
            raise KeyError(document)
        return record

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.documents())

    def __len__(self) -> int:
        return self._catalogue.article_count()

    def items(self) -> ItemsView[str, Record]:
        """List all of them, read at once."""
        return self._catalogue.records().items()


@dataclass(frozen=True, slots=True)
class State:
    """What the store holds: its version at one moment, and its records, of which later ones may be read."""

    version: str
    number: int  # of the last change before
    records: Mapping[str, Record]
