"""Passages with their vectors in, the passages nearest to a vector out: Chroma, which is the only source of truth.

Two collections belong together, named for everything that shaped them. One holds the passages as llama-index writes
them, the other a record of each article. An article's record is written after its passages and bears their revision:
passages whose revision no record bears are not part of the store, whatever was interrupted when.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection as ChromaCollection
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from rag.errors import StoreError
from rag.schema import Passage
from rag.store.lock import exclusive
from rag.store.record import Record, passage_of, record_metadata, record_of

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Vectors = NDArray[np.float32]

RESTART = 20.0  # seconds within which a Chroma server may come back
WRITERS_PATIENCE = 600.0  # seconds to wait for another ingest to end
LEASE = 60.0  # seconds after which a writer on another machine that gives no sign of life is taken for dead
BATCH = 1000  # passages in one request: with their vectors about 10 MB, and a Chroma server takes 40

_opening = threading.Lock()


def collection_name(*shaped_by: str) -> str:
    """Name a collection for everything that shaped what is in it, so that what does not belong together never mixes."""
    return f"dateline-{hashlib.sha256(repr(shaped_by).encode()).hexdigest()[:16]}"


class Index:
    """The two collections `name`, in the folder `path` or, if there is a `url`, on that Chroma server.

    Threads may share one. What another process writes into a folder is found after `reopen`, as `version` tells.
    """

    def __init__(self, name: str, path: Path, url: str = "", restart: float = RESTART) -> None:
        self.name = name
        self.remote = bool(url)
        self._path = path
        self._url = url
        self._restart = restart
        self._lost = threading.Event()
        self._client: Any  # chromadb's own types refuse much of what it takes
        self.collection: Any
        self._records: Any
        self.reopen()

    def reopen(self) -> None:
        """Look at the collections anew. Readers that are not done yet finish with what they began with."""
        self._client = self._retried(self._connected)
        self.collection = self._collection(self.name)
        self._records = self._collection(f"{self.name}-articles")
        gc.collect()  # a client refers to itself in circles; without this its vectors would stay in memory for long

    def close(self) -> None:
        """Let go of the collections."""
        self._client = self.collection = self._records = None
        gc.collect()

    # What readers read

    def version(self) -> str:
        """Name the state of the store, which `publish` changes; empty before the first time."""
        collection = self._retried(self._client.get_collection, self.name, embedding_function=None)
        return str((collection.metadata or {}).get("version", ""))

    def nearest(self, vector: Vectors, k: int, documents: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Return the ids of the `k` passages nearest to a vector, of the `documents` given, and their cosine."""
        found = self._retried(
            self.collection.query,
            query_embeddings=vector[None],
            n_results=k,
            where=None if documents is None else {"document": {"$in": list(documents)}},
            include=["distances"],
        )
        distances = found["distances"] or [[]]
        return [(identity, 1 - distance) for identity, distance in zip(found["ids"][0], distances[0], strict=True)]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Return the vectors of passages, one a row. Raises StoreError if one is not there."""
        return self._vectors(self.collection, ids)

    def means(self, documents: Sequence[str]) -> Vectors:
        """Return the mean vector of each article's passages, one a row. Raises StoreError if one is not there."""
        return self._vectors(self._records, documents)

    def _vectors(self, collection: Any, ids: Sequence[str]) -> Vectors:
        found: dict[str, Any] = {}
        for batch in batches(list(dict.fromkeys(ids))):
            result = self._retried(collection.get, ids=batch, include=["embeddings"])
            found |= zip(result["ids"], result["embeddings"], strict=True)
        if found.keys() != set(ids):
            raise StoreError("The articles have just changed. Ask again.")
        return np.array([found[identity] for identity in ids], np.float32).reshape(len(ids), -1)

    def records(self) -> dict[str, Record]:
        """Return the record of every article by document."""
        metadatas = self._retried(self._records.get, include=["metadatas"])["metadatas"] or []
        return {record.source.document: record for record in map(record_of, metadatas)}

    def passages_of(self, record: Record) -> list[Passage]:
        """Return an article's passages in order, as far as they are there."""
        found: dict[str, Passage] = {}
        for batch in batches(record.passage_ids):
            result = self._retried(self.collection.get, ids=batch, include=["metadatas", "documents"])
            rows = zip(result["ids"], result["metadatas"], result["documents"], strict=True)
            found |= {identity: passage_of(metadata, text) for identity, metadata, text in rows}
        return [found[identity] for identity in record.passage_ids if identity in found]

    # What the one writer writes

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """Keep all other writers out. Yields whether the last one was interrupted and may have left something behind.

        Raises StoreError if another writer does not end in ten minutes.
        """
        with exclusive(self._path / f"{self.name}.lock", WRITERS_PATIENCE):
            lease, interrupted = self._lease()
            self._lost.clear()
            done = threading.Event()
            heart = threading.Thread(target=self._renew, args=(lease, done), daemon=True)
            heart.start()
            try:
                yield interrupted
            finally:
                done.set()
                heart.join()
            # only when all went well: a lease that is left behind tells the next writer to clean up
            self._retried(self._client.delete_collection, lease.name)

    def add(self, records: Sequence[Record], passages: Sequence[Passage], vectors: Vectors) -> None:
        """Add the passages of articles, one article's after the other's. They become part of the store with `put`."""
        from rag.store.llama_index import add_nodes  # takes a second to import, and only writers need it

        ids = [(identity, record.revision) for record in records for identity in record.passage_ids]
        for batch in batches(list(zip(ids, passages, vectors, strict=True))):
            self._retried(add_nodes, self.collection, batch)

    def put(self, records: Sequence[Record], means: Vectors) -> None:
        """Make articles part of the store for what they replace, each with its passages' mean vector."""
        if self._lost.is_set():
            raise StoreError("Another ingest has taken over. Run this one again.")
        for batch in batches(list(zip(records, means, strict=True))):
            self._retried(
                self._records.upsert,
                ids=[record.source.document for record, _ in batch],
                embeddings=np.stack([mean for _, mean in batch]),
                metadatas=[record_metadata(record) for record, _ in batch],
            )

    def amend(self, records: Sequence[Record]) -> None:
        """Change the records of articles whose text stays as it is."""
        for batch in batches(records):
            ids = [record.source.document for record in batch]
            self._retried(self._records.update, ids=ids, metadatas=[record_metadata(record) for record in batch])

    def forget(self, documents: Sequence[str]) -> None:
        """Take articles out of the store; their passages stay behind for `discard`."""
        for batch in batches(documents):
            self._retried(self._records.delete, ids=batch)

    def publish(self) -> str:
        """Tell readers that the store has changed: give it a new version and return that."""
        version = uuid.uuid4().hex
        self._retried(self.collection.modify, metadata={"version": version})
        return version

    def discard(self, records: Sequence[Record]) -> None:
        """Delete the passages of articles that are no longer part of the store."""
        for batch in batches([identity for record in records for identity in record.passage_ids]):
            self._retried(self.collection.delete, ids=batch)

    def sweep(self, live: Mapping[str, Record]) -> None:
        """Delete whatever does not belong to these articles."""
        kept = {identity for record in live.values() for identity in record.passage_ids}
        found = self._retried(self.collection.get, include=[])["ids"]
        for batch in batches([identity for identity in found if identity not in kept]):
            self._retried(self.collection.delete, ids=batch)
        self.forget([document for document in self.records() if document not in live])

    def _lease(self) -> tuple[ChromaCollection, bool]:
        """Take the lease, a collection: of several processes that create one on a server, only one succeeds."""
        name, interrupted = f"{self.name}-writing", False
        give_up = time.monotonic() + WRITERS_PATIENCE
        while time.monotonic() < give_up:
            try:
                create = self._client.create_collection
                return self._retried(create, name, metadata=self._claim(), embedding_function=None), interrupted
            except StoreError:
                if self._retried(self._is_dead, name):
                    self._retried(self._client.delete_collection, name)
                    interrupted = True
                else:
                    time.sleep(0.1)
        raise StoreError("Another ingest is running on the Chroma server. Try again when it is done.")

    def _claim(self) -> dict[str, str | float]:
        return {"owner": self._owner, "expires": time.time() + LEASE}

    @property
    def _owner(self) -> str:
        return f"{socket.gethostname()}:{self._path.resolve()}"  # of which the file lock lets only one live

    def _is_dead(self, lease: str) -> bool:
        try:
            claim = self._client.get_collection(lease, embedding_function=None).metadata or {}
        except NotFoundError:
            return False  # released this moment
        return claim.get("owner") == self._owner or float(claim.get("expires", 0)) < time.time()

    def _renew(self, lease: ChromaCollection, done: threading.Event) -> None:
        while not done.wait(LEASE / 4):
            try:
                self._retried(lease.modify, metadata=self._claim())
            except StoreError:
                log.warning("lost the lease on %s", self.name, exc_info=True)
                self._lost.set()
                return

    def _collection(self, name: str) -> Any:
        # without an embedding function Chroma never downloads its own model
        cosine: Any = {"hnsw": {"space": "cosine"}}
        create = self._client.get_or_create_collection
        return self._retried(create, name, embedding_function=None, configuration=cosine)

    def _connected(self) -> ClientAPI:
        settings = Settings(anonymized_telemetry=False)
        if self._url:
            return _server(self._url, settings)
        with _opening, exclusive(self._path / "opening.lock", RESTART):
            try:
                return chromadb.PersistentClient(self._path / "chroma", settings)
            finally:
                # Chroma hands out what a process has opened before; this makes the next client open the folder again
                SharedSystemClient.clear_system_cache()

    def _retried(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call Chroma, wait out the restart of a server, and translate what remains of its errors."""
        attempts = Retrying(
            retry=retry_if_exception_type(httpx.TransportError),
            wait=wait_random_exponential(multiplier=0.05, max=1),
            stop=stop_after_delay(self._restart),
            reraise=True,
        )
        try:
            return attempts(call, *args, **kwargs)
        except httpx.HTTPError as error:
            raise StoreError(f"No Chroma server answers at {self._url}. Start it, or correct CHROMA_URL.") from error
        except ChromaError as error:
            raise StoreError(f"Chroma cannot do that: {str(error).splitlines()[0]}") from error


def _server(url: str, settings: Settings) -> ClientAPI:
    parts = urlsplit(url if "//" in url else f"http://{url}")
    ssl = parts.scheme == "https"
    try:
        return chromadb.HttpClient(parts.hostname or "", parts.port or (443 if ssl else 8000), ssl, settings=settings)
    except ValueError as error:
        raise httpx.ConnectError(str(error)) from None


def batches(items: Sequence[T]) -> Iterator[list[T]]:
    """Cut a sequence into what Chroma takes at a time."""
    for start in range(0, len(items), BATCH):
        yield list(items[start : start + BATCH])
