"""Passages with their vectors in, the passages nearest to a vector out: Chroma, which is the only source of truth.

Collections that belong together are named for everything that shaped them. One holds the passages as llama-index
writes them, one a record of each article, one the log of changes, one the claims of those who are at work. An
article's record is written after its passages and bears their revision: passages whose revision no record bears are
not part of the store, whatever was interrupted when.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.schema import Passage
from rag.store.chroma import NOBODY, RESTART, Chroma, Login, row_id
from rag.store.claims import Claims
from rag.store.lease import PATIENCE, Lease
from rag.store.lock import exclusive
from rag.store.record import Record, passage_of, record_metadata, record_of

Vectors = NDArray[np.float32]

ROOM = 4000  # characters of documents in a row of the log: Chroma's cloud takes 4,096 bytes


def collection_name(*shaped_by: str) -> str:
    """Name a collection for everything that shaped what is in it, so that what does not belong together never mixes."""
    return f"dateline-{hashlib.sha256(repr(shaped_by).encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What the changes of a store up to that number have made of the articles they touched: None where one is gone.

    Records may be newer than the number says. They come again with the number of their own change.
    """

    number: int
    version: str
    records: Mapping[str, Record | None]
    complete: bool = False  # these are all articles that there are; others that a reader knows of are gone


@dataclass(frozen=True, slots=True)
class _Published:
    """What readers may know of: the number of the last change, and of the one before the first."""

    number: int = 0
    first: int = 0
    version: str = ""


class Index:
    """The collections `name`, in the folder `path` or, if there is a `url`, on that Chroma server.

    Threads may share one. What another process adds to a folder is nearest to no vector until `reopen`.
    """

    def __init__(self, name: str, path: Path, url: str = "", restart: float = RESTART, login: Login = NOBODY) -> None:
        self.name = name
        self.remote = bool(url)
        self._path = path
        self._chroma = Chroma(path, url, restart, login)
        self._lease = Lease(self._chroma, name, path)
        self._writer: int | None = None  # the thread that has the lease
        self.collection: Any
        self._records: Any
        self._log: Any
        self._open()

    def reopen(self) -> None:
        """Look at the collections anew. Readers that are not done yet finish with what they began with."""
        self._chroma.reopen()
        self._open()

    def close(self) -> None:
        """Let go of the collections."""
        self.collection = self._records = self._log = None
        self._chroma.close()

    def _open(self) -> None:
        self._read: set[int] = set()  # the ids of the collections whose files have been read
        self._records = self._chroma.collection(f"{self.name}-articles")
        self._log = self._chroma.collection(f"{self.name}-changes")
        self.collection = self._chroma.collection(self.name)
        self._seen = self._published().number

    # What readers read

    def version(self) -> str:
        """Name the state of the store, which `publish` changes; empty before the first time.

        What stands before a colon names the store itself: another would stand there if it were made anew.
        """
        return self._published().version

    def seen(self) -> int:
        """Tell the number of the last change of which `nearest` knows for sure."""
        return sys.maxsize if self.remote else self._seen

    def changes(self, since: int) -> Changes:
        """Read what has changed since the change of that number; everything if this store has had no such change."""
        now = self._published()
        if not 0 < now.first <= since <= now.number:
            return Changes(now.number, now.version, self.records(), complete=True)
        changed = self._changed(since, now.number)
        return Changes(now.number, now.version, dict.fromkeys(changed) | self.records(changed))

    def changed(self, since: int) -> set[str]:
        """Name the articles that were added, replaced or removed since the change of that number."""
        now = self._published()
        return set(self._changed(max(since, now.first), now.number))

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return the ids of the `k` passages nearest to a vector, and their cosine."""
        with self._reading(self.collection):
            found = self._chroma.call(
                self.collection.query, query_embeddings=vector[None], n_results=k, include=["distances"]
            )
        distances = found["distances"] or [[]]
        return [(identity, 1 - distance) for identity, distance in zip(found["ids"][0], distances[0], strict=True)]

    def records(self, documents: Collection[str] | None = None) -> dict[str, Record]:
        """Return the records of articles, as far as they are there, or of all, by document."""
        ids = None if documents is None else [row_id(document) for document in documents]
        records = map(record_of, self._chroma.metadatas(self._records, ids))
        return {record.source.document: record for record in records}

    def passages_of(self, record: Record) -> list[Passage]:
        """Return an article's passages in order, as far as they are there."""
        found: dict[str, Passage] = {}
        for batch in self._chroma.batches(record.passage_ids):
            result = self._chroma.call(self.collection.get, ids=batch, include=["metadatas", "documents"])
            rows = zip(result["ids"], result["metadatas"], result["documents"], strict=True)
            found |= {identity: passage_of(metadata, text) for identity, metadata, text in rows}
        return [found[identity] for identity in record.passage_ids if identity in found]

    def vectors_of(self, record: Record) -> Vectors:
        """Return the vectors of an article's passages in order, as far as they are there, one a row."""
        found: dict[str, Any] = {}
        for batch in self._chroma.batches(record.passage_ids):
            with self._reading(self.collection):
                result = self._chroma.call(self.collection.get, ids=batch, include=["embeddings"])
            found |= zip(result["ids"], result["embeddings"], strict=True)
        return np.array([found[identity] for identity in record.passage_ids if identity in found], np.float32)

    # What writers write. All of it needs the lease.

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all other writers out, for the seconds that writing takes. Raises StoreError if others do not end."""
        with self._lease.held():
            self._writer = threading.get_ident()
            try:
                if not self.remote and self._published().number != self._seen:
                    self.take_in()
                yield
            finally:
                self._writer = None

    def take_in(self) -> None:
        """Take in what others wrote into a folder: Chroma would write what it has in memory over that."""
        if not self.remote:
            self.reopen()

    def claims(self) -> Claims:
        """Begin to claim articles, for one ingestion."""
        return Claims(self._chroma, self.name, self._path)

    def add(self, records: Sequence[Record], passages: Sequence[Passage], vectors: Vectors) -> None:
        """Add the passages of articles, one article's after the other's. They become part of the store with `put`."""
        from rag.store.llama_index import add_nodes  # takes a second to import, and only writers need it

        ids = [(identity, record.revision) for record in records for identity in record.passage_ids]
        for batch in self._chroma.batches(list(zip(ids, passages, vectors, strict=True))):
            self._chroma.call(add_nodes, self.collection, batch)

    def put(self, records: Sequence[Record], means: Vectors) -> None:
        """Make articles part of the store for what they replace, each with its passages' mean vector."""
        self._lease.assure()
        for batch in self._chroma.batches(list(zip(records, means, strict=True))):
            self._chroma.call(
                self._records.upsert,
                ids=[row_id(record.source.document) for record, _ in batch],
                embeddings=np.stack([mean for _, mean in batch]),
                metadatas=[record_metadata(record) for record, _ in batch],
            )

    def amend(self, records: Sequence[Record]) -> None:
        """Change the records of articles whose text stays as it is."""
        for batch in self._chroma.batches(records):
            ids = [row_id(record.source.document) for record in batch]
            self._chroma.call(self._records.update, ids=ids, metadatas=[record_metadata(record) for record in batch])

    def forget(self, documents: Sequence[str]) -> None:
        """Take articles out of the store; their passages stay behind for `discard`."""
        for batch in self._chroma.batches([row_id(document) for document in documents]):
            self._chroma.call(self._records.delete, ids=batch)

    def publish(self, documents: Collection[str]) -> tuple[int, str]:
        """Tell readers what has changed: enter it in the log, and return the number and version of the change."""
        self._lease.assure()
        now = self._published()
        # no store that is made anew will ever come to bear the numbers of an older one
        first = now.first or int(time.time() * 1000)
        last = now.number if now.first else first
        rows = logged(documents)
        numbers = range(last + 1, last + 1 + len(rows))
        for batch in self._chroma.batches(list(zip(numbers, rows, strict=True))):
            self._chroma.call(
                self._log.upsert,
                ids=[str(number) for number, _ in batch],
                embeddings=[[math.cos(number), math.sin(number)] for number, _ in batch],  # Chroma wants one
                metadatas=[{"documents": row} for _, row in batch],
            )
        self._chroma.describe(self.name, {"first": first, "number": numbers[-1]})
        self._seen = numbers[-1]
        return numbers[-1], _version(first, numbers[-1])

    def discard(self, ids: Sequence[str]) -> None:
        """Delete passages that are no longer part of the store."""
        for batch in self._chroma.batches(ids):
            self._chroma.call(self.collection.delete, ids=batch)

    def _published(self) -> _Published:
        metadata = self._chroma.metadata(self.name)
        if "number" not in metadata:  # before the first time, or written before there was a log
            return _Published(version=str(metadata.get("version", "")))
        return _Published(metadata["number"], metadata["first"], _version(metadata["first"], metadata["number"]))

    def _changed(self, after: int, last: int) -> list[str]:
        """Read the log: the documents of the changes after one and up to another, each once."""
        rows = self._chroma.metadatas(self._log, [str(number) for number in range(after + 1, last + 1)])
        return list(dict.fromkeys(document for row in rows for document in json.loads(row["documents"])))

    @contextmanager
    def _reading(self, collection: Any) -> Iterator[None]:
        """Let nobody write while Chroma reads the files of a folder, which it does when it is first asked for vectors.

        Otherwise it crashes, or takes for whole what is half written.
        """
        if self.remote or id(collection) in self._read or self._writer == threading.get_ident():
            yield
            return
        with exclusive(self._path / f"{self.name}.lock", PATIENCE):
            yield
        self._read.add(id(collection))


def logged(documents: Iterable[str]) -> list[str]:
    """Write documents as rows of the log, at least one."""
    rows: list[list[str]] = [[]]
    room = ROOM
    for each in dict.fromkeys(documents):
        room -= len(json.dumps(each)) + 2
        if room < 0 and rows[-1]:
            rows.append([])
            room = ROOM - len(json.dumps(each)) - 2
        rows[-1].append(each)
    return [json.dumps(row) for row in rows]


def _version(first: int, number: int) -> str:
    return f"{first}:{number}"
