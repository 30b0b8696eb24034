"""Articles and an embedder to fill a store with, small and quick, and what is in a store for comparing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rag.ingest.prepared import Prepared, Provenance
from rag.language.words import stem, words
from rag.schema import Article, Basis, Dates, Passage, Source
from rag.store.catalogue import Catalogue
from rag.store.embeddings import Vectors
from rag.store.index import Index
from rag.store.pieces import Pieces
from rag.store.store import Store


@dataclass
class WordVectors:
    """A model to which texts are the nearer the more words they share. `encoded` is what it was given."""

    name: str = "words"
    encoded: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        vectors = np.full((len(texts), 96), 1e-3, np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for match in words(text.lower()):
                vector[int(hashlib.md5(match.group().encode()).hexdigest(), 16) % 96] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, Pieces]]:
        for number, (text, vector) in enumerate(zip(texts, self.encode(texts), strict=True)):
            spans = [match.span() for match in words(text)]
            yield number, vector, Pieces.of(np.tile(vector, (len(spans), 1)), spans)

    def is_word(self, text: str) -> bool:
        return False

    def word_pieces(self, text: str) -> int:
        return sum(1 for _ in words(text))


def open_small_store(data: Path, url: str = "", restart: float = 20) -> Store:
    """Open a store in a folder, or on a server with its catalogue in that folder, asking it each time for news."""
    name = "dateline-test"
    model = WordVectors()
    return Store(model, model, Index(name, data, url, restart), Catalogue(data / "catalogue"), news=0)


def source(document: str, published: str = "", **known: str) -> Source:
    dates = Dates.parse(published) if published else None
    return Source(document, published=dates, basis=Basis.STATED if dates else Basis.UNKNOWN, **known)


def prepared(source: Source | str, *paragraphs: str) -> Prepared:
    """Make an article of paragraphs, each of them a passage."""
    source = Source(source) if isinstance(source, str) else source
    article = Article(source, "\n\n".join(paragraphs))
    return Prepared(article, tuple(by_paragraph(article, paragraphs)), Provenance(f"/articles/{source.document}"))


def by_paragraph(article: Article, paragraphs: Sequence[str] = ()) -> list[Passage]:
    """Cut an article at its empty lines, or into the paragraphs it was made of."""
    passages: list[Passage] = []
    for paragraph in paragraphs or article.text.split("\n\n"):
        start = passages[-1].end + 2 if passages else 0
        passages.append(Passage(article.source, start, start + len(paragraph), paragraph))
    return passages


def put(store: Store, *articles: Prepared) -> None:
    with store.writing() as writer:
        writer.put(articles)


def remove(store: Store, *documents: str) -> None:
    with store.writing() as writer:
        writer.remove(documents)


def contents(store: Store) -> dict[str, object]:
    """List everything that is in a store, vectors included, in a form that can be compared."""
    found = store.index.collection.get(include=["documents", "metadatas", "embeddings"])
    rows = zip(found["ids"], found["documents"], found["metadatas"], found["embeddings"], strict=True)
    return {
        "passages": {
            identity: (text, metadata, np.float32(vector).tolist()) for identity, text, metadata, vector in rows
        },
        "records": store.index.records(),
        "articles": {source.document: store.article(source.document) for source, _ in store.sources()},
        **words_of(store),
    }


def words_of(store: Store) -> dict[str, object]:
    """List everything that is known of words, by searching for each there is.

    Without the scores: what was taken out counts in the average length of passages until the index forgets it.
    """
    stems = sorted({stem(form) for form, _, _ in store.forms()})
    return {
        "sources": store.sources(),
        "forms": store.forms(),
        "frequencies": store.frequencies(stems),
        "hits": {each: sorted(hit.key for hit in store.search({each: 1.0}, 1000)) for each in stems},
    }
