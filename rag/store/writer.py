"""Articles that are ready in, a store that holds them out, each as a whole or not at all, while others write too.

An article is claimed before it is embedded, so that it is embedded once; the lease, which keeps all others out, is held
only for claiming and for writing. What a writer that died was at work on is known from its claims: the next one
publishes what it wrote of articles, and deletes what it wrote of passages that are part of none.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import StoreError
from rag.ingest.prepared import Fate, Prepared
from rag.schema import Passage
from rag.store.claims import Claim, Claims
from rag.store.embeddings import Vectors
from rag.store.index import Changes
from rag.store.lease import TAKEN_OVER
from rag.store.record import Record

if TYPE_CHECKING:
    from rag.store.store import Store

PATIENCE = 600.0  # seconds to wait for others that are at work on the same articles
LOOK = 0.1  # seconds between two looks whether they are done


@contextmanager
def writing(store: Store) -> Iterator[Writer]:
    """Clear away what writers that died have left, and write."""
    claims = store.index.claims()
    with claims.living():
        if any(map(claims.is_dead, claims.all())):
            with Writer(store, claims).alone():
                pass
        yield Writer(store, claims)  # who begins after that: what the dead have left is nothing written meanwhile


class Writer:
    """Writes articles into a store. Others may do so at the same time, but each article is written by one."""

    def __init__(self, store: Store, claims: Claims) -> None:
        self._store = store
        self._index = store.index
        self._catalogue = store.catalogue
        self._claims = claims
        self._written: set[str] = set()
        store.catch_up()
        self._began = self._catalogue.number()

    # What is there

    def known(self, document: str) -> Record | None:
        """Look up the record of an article."""
        return self._catalogue.record(document)

    def from_file(self, file: str) -> dict[str, Record]:
        """Look up the records of the articles that were read from a file, by document."""
        return self._catalogue.from_file(file)

    def everything(self) -> dict[str, Record]:
        """Look up the records of all articles, by document."""
        return self._catalogue.records()

    def totals(self) -> tuple[int, int]:
        """Count the articles and the passages."""
        return self._catalogue.article_count(), self._catalogue.count()

    # What is to be there

    def put(self, articles: Sequence[Prepared], patience: float = PATIENCE) -> dict[str, Fate]:
        """Embed articles and put them in, in place of what is there under the same names; tell the fate of each.

        What is there already is not embedded again. Those that another ingest is at work on are waited for, so many
        seconds: then they turn out to be there, or are taken over.
        """
        give_up = time.monotonic() + patience
        fates = self._put(articles)
        while left := [each for each in articles if fates[each.article.source.document] is Fate.CLAIMED]:
            if not self._can_claim({each.article.source.document for each in left}, give_up):
                break
            fates |= self._put(left)
        return fates

    def remove(self, documents: Collection[str]) -> list[str]:
        """Take articles out, and list those that it took.

        What others are at work on, or have written since this writer began, stays.
        """
        with self.alone() as claimed:
            kept = claimed.keys() | (self._index.changed(self._began) - self._written)
            there = self._catalogue.records(documents)
            gone = {document: record for document, record in there.items() if document not in kept}
            if gone:
                self._claims.make({document: [record] for document, record in gone.items()})
                self._index.forget(list(gone))
                self._publish(dict.fromkeys(gone), gone.values())
        return list(gone)

    @contextmanager
    def alone(self) -> Iterator[dict[str, Claim]]:
        """Keep other writers out, and know all that they did. Yields what the living ones claim, by document."""
        with self._index.writing():
            claims = [claim for claim in self._claims.all() if claim.owner != self._claims.owner]
            dead = [claim for claim in claims if self._claims.is_dead(claim)]
            self._store.catch_up()
            if dead:
                self._bury(dead)
            yield {claim.document: claim for claim in claims if claim not in dead}

    def _can_claim(self, documents: Set[str], give_up: float) -> bool:
        """Wait until one of these is claimed by nobody who lives."""
        while time.monotonic() < give_up:
            if not documents <= {claim.document for claim in self._claims.all() if not self._claims.is_dead(claim)}:
                return True
            time.sleep(LOOK)
        return False

    def _put(self, articles: Sequence[Prepared]) -> dict[str, Fate]:
        fates = self._claimed(articles)
        new = [each for each in articles if fates[each.article.source.document] in (Fate.ADDED, Fate.UPDATED)]
        if new:
            self._write(new)
        return fates

    def _claimed(self, articles: Sequence[Prepared]) -> dict[str, Fate]:
        """Claim what is new or changed and free; of what is there as it is, keep where it comes from now."""
        fates: dict[str, Fate] = {}
        records = {each.article.source.document: _record(each) for each in articles}
        with self.alone() as claimed:
            there = self._catalogue.records(records)
            to_claim: dict[str, list[Record]] = {}
            moved: dict[str, Record] = {}
            for document, record in records.items():
                old = there.get(document)
                if document in claimed:
                    fates[document] = Fate.CLAIMED
                elif old and old.revision == record.revision:
                    fates[document] = Fate.UNCHANGED
                    if old.provenance != record.provenance:
                        moved[document] = replace(old, provenance=record.provenance)
                else:
                    fates[document] = Fate.UPDATED if old else Fate.ADDED
                    to_claim[document] = [record, old] if old else [record]
            if to_claim:
                self._claims.make(to_claim)
            if moved:
                self._index.amend(list(moved.values()))
                self._publish(moved)
        return fates

    def _write(self, articles: Sequence[Prepared]) -> None:
        """Embed articles that are claimed, and put them in."""
        passages = [passage for each in articles for passage in each.passages]
        records = {each.article.source.document: _record(each) for each in articles}
        vectors, pieces = self._store.encode(passages)
        with self.alone():
            if not self._claims.has(records):
                raise StoreError(TAKEN_OVER)
            replaced = self._catalogue.records(records).values()
            self._index.add(list(records.values()), passages, vectors)
            self._index.put(list(records.values()), means(vectors, [record.passages for record in records.values()]))
            cut = {each.article.source.document: each.passages for each in articles}
            own = dict(zip(records, split(vectors, [record.passages for record in records.values()]), strict=True))
            self._publish(records, replaced, cut, own)
        self._catalogue.keep_pieces(pieces)

    def _publish(
        self,
        changes: Mapping[str, Record | None],
        replaced: Iterable[Record] = (),
        cut: Mapping[str, Sequence[Passage]] | None = None,
        vectors: Mapping[str, Vectors] | None = None,
    ) -> None:
        """Let readers see the changes, and only then delete what these replace."""
        number, version = self._index.publish(changes)
        self._catalogue.catch_up(
            Changes(number, version, changes),
            lambda record: (cut or {})[record.source.document],
            lambda record: (vectors or {})[record.source.document],
        )
        self._index.discard([identity for record in replaced for identity in record.passage_ids])
        self._claims.release(list(changes))
        self._written.update(changes)

    def _bury(self, dead: Sequence[Claim]) -> None:
        """Publish what writers that died have changed, and delete what is part of no article."""
        self._index.take_in()  # they may have written what they have not published
        documents = {claim.document for claim in dead}
        self._index.publish(documents)
        self._store.catch_up()
        left = {identity for claim in dead for identity in claim.passage_ids}
        kept = {identity for record in self._index.records(documents).values() for identity in record.passage_ids}
        self._index.discard(sorted(left - kept))
        self._claims.release(documents)


def means(vectors: Vectors, counts: Sequence[int]) -> Vectors:
    """Average the first so many rows, then the next so many, and so on."""
    return np.stack([rows.mean(axis=0) for rows in split(vectors, counts)])


def split(vectors: Vectors, counts: Sequence[int]) -> list[Vectors]:
    """Cut off the first so many rows, then the next so many, and so on."""
    return np.split(vectors, np.cumsum(counts)[:-1])


def _record(article: Prepared) -> Record:
    return Record.of(article.article, article.passages, article.provenance)
