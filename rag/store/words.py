"""The stems of passages in, the passages that fit given stems best out, ranked by BM25: a tantivy index in a folder.

It holds what it was last told to, on disk and not in memory. Several processes may read while one writes; what a killed
writer had not committed is forgotten. Which passages are part of the store is for the catalogue to say.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import FieldType, Index, IndexWriter, Occur, Query, Searcher
from tenacity import RetryError, Retrying, retry_if_exception_message, stop_after_delay, wait_fixed

from rag.errors import StoreError
from rag.store.filters import Limits

HEAP = 32_000_000  # bytes for words that are not on disk yet: some 20,000 passages
PATIENCE = 60.0  # seconds to wait while another process merges what it has written
MOST_STEMS = 400  # of one search
# What is above a passage counts half as much as what is in it, which stands in the index so often. Of the evidence for
# 341 questions of MultiHop-RAG's development part, .683 is among the first 24 passages; with once .671, with three
# times .673, with two fields, whose scores tantivy adds, .660; SQLite's bm25, which weighs as BM25F does, finds .681.
BODY = 2


def _schema() -> tantivy.Schema:
    made = tantivy.SchemaBuilder()
    made.add_text_field("stems", tokenizer_name="whitespace", index_option="freq")
    made.add_unsigned_field("number", fast=True)
    made.add_unsigned_field("article", indexed=True, fast=True)
    made.add_unsigned_field("first", fast=True)
    made.add_unsigned_field("last", fast=True)
    made.add_unsigned_field("outlet", indexed=True)
    return made.build()


SCHEMA = _schema()


@dataclass(frozen=True, slots=True)
class Worded:
    """A passage as it is searched: its stems and those above it, each with a space between, and what filters need."""

    number: int
    article: int
    heading: str
    body: str
    days: tuple[int, int] | None = None  # of publication, the first and the last
    outlets: tuple[int, ...] = ()

    def document(self) -> tantivy.Document:
        """Write it as tantivy takes it."""
        made = tantivy.Document()
        made.add_unsigned("number", self.number)
        made.add_unsigned("article", self.article)
        made.add_text("stems", " ".join((self.heading, *([self.body] * BODY))))
        for name, day in zip(("first", "last"), self.days or (), strict=False):
            made.add_unsigned(name, day)
        for outlet in self.outlets:
            made.add_unsigned("outlet", outlet)
        return made


class Words:
    """The index in a folder, made if it is not there. Threads may share one; `change` is for one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._merging: threading.Thread | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = Index(SCHEMA, str(folder))
            self._index.config_reader("manual")  # else a thread looks for changes twice a second
        except (OSError, ValueError) as error:
            raise self._unusable(error) from error

    @staticmethod
    def are_in(folder: Path) -> bool:
        """Tell whether a folder has an index in it."""
        return folder.is_dir() and Index.exists(str(folder))

    def close(self) -> None:
        """Wait until what was written is in order; merging again what another has merged would cost as much."""
        if self._merging:
            self._merging.join()

    def stamp(self) -> int:
        """Tell what `change` returned last, in whatever process."""
        try:
            return int(json.loads((self._folder / "meta.json").read_text())["opstamp"])
        except (OSError, ValueError, KeyError) as error:
            raise self._unusable(error) from error

    def searcher(self) -> Searcher:
        """Take the index as it is now, for searches that must not see what is changed meanwhile."""
        self._index.reload()
        return self._index.searcher()

    def articles(self) -> set[int]:
        """List the numbers of the articles whose passages are in the index."""
        searcher = self.searcher()
        found = searcher.search(Query.all_query(), max(searcher.num_docs, 1), count=False)
        numbers = searcher.fast_field_values("article", [address for _, address in found.hits])
        return {int(number) for number in numbers if number is not None}

    def change(self, added: Iterable[Worded], dropped: Iterable[int]) -> int:
        """Add passages, drop those of the articles with these numbers, all at once, and return a stamp of the state.

        It takes as long as what is added: segments are merged behind its back, each passage again with every eighth
        part of the index that there comes to be, and the next change waits for that. Raises StoreError.
        """
        self.close()
        writer = self._writer()
        try:
            for article in dropped:  # `delete_documents_by_term` finds none: it takes the number for a signed one
                writer.delete_documents_by_query(Query.term_query(SCHEMA, "article", article))
            for each in added:
                writer.add_document(each.document())
            stamp = writer.commit()
        except BaseException:
            writer.rollback()
            writer.wait_merging_threads()  # which lets go of the lock
            raise
        self._merging = threading.Thread(target=writer.wait_merging_threads, name="dateline-words")
        self._merging.start()
        return stamp

    def _writer(self) -> IndexWriter:
        """Take tantivy's lock, which ends with its holder."""
        attempts = Retrying(
            retry=retry_if_exception_message(match=".*LockBusy"), wait=wait_fixed(0.02), stop=stop_after_delay(PATIENCE)
        )
        try:
            return attempts(self._index.writer, HEAP, 1)
        except RetryError:
            raise StoreError(f"Another process is using {self._folder}. Try again when it is done.") from None

    def _unusable(self, reason: object) -> StoreError:
        return StoreError(f"Cannot use {self._folder} ({reason}). Delete it: it is built again by itself.")


def best(searcher: Searcher, weights: Mapping[str, float], k: int, limits: Limits) -> list[tuple[int, float]]:
    """Return the numbers of the `k` passages with the highest BM25, and that, the best first.

    b = 0.75, and k1 = 1.2, or 0.6 in terms of the passage, of which the index has each stem twice. The weight of a stem
    stands in the place of its rarity.
    """
    heaviest = sorted(weights, key=lambda stem: -weights[stem])[:MOST_STEMS]
    terms = [(Occur.Should, term) for stem in heaviest for term in _term(searcher, stem, weights[stem])]
    if not terms:
        return []
    asked = Query.boolean_query(terms)
    if kept := list(_kept(limits)):
        asked = Query.boolean_query([(Occur.Must, each) for each in (asked, *kept)])
    hits = searcher.search(asked, k, count=False).hits
    numbers = searcher.fast_field_values("number", [address for _, address in hits])
    scored = ((int(number or 0), float(score)) for (score, _), number in zip(hits, numbers, strict=True))
    return sorted(scored, key=lambda each: (-each[1], each[0]))


def inverse_document_frequency(passages: int, standing: int) -> float:
    """Weigh a stem by how few of the passages it stands in, as BM25 does (Robertson & Zaragoza 2009): above 0."""
    return math.log(1 + (passages - standing + 0.5) / (standing + 0.5))


def _term(searcher: Searcher, stem: str, weight: float) -> Iterator[Query]:
    """Look for a stem, if it stands anywhere, with this weight in the place of tantivy's rarity."""
    standing = searcher.doc_freq("stems", stem)
    if standing and weight > 0:
        # of what was dropped and not merged away tantivy still knows; so close to 1 it makes no difference
        own = inverse_document_frequency(max(searcher.num_docs, standing), standing)
        yield Query.boost_query(Query.term_query(SCHEMA, "stems", stem, index_option="freq"), weight / own)


def _kept(limits: Limits) -> Iterator[Query]:
    """Write limits as queries that add nothing to a score."""
    days = FieldType.Unsigned
    if limits.last_from is not None or limits.last_to is not None:
        span = Query.range_query(SCHEMA, "last", days, limits.last_from, limits.last_to)
        yield Query.const_score_query(span, 0.0)
    if limits.first_to is not None:
        yield Query.const_score_query(Query.range_query(SCHEMA, "first", days, None, limits.first_to), 0.0)
    if limits.outlets is not None:
        yield Query.const_score_query(Query.term_set_query(SCHEMA, "outlet", limits.outlets), 0.0)
