"""A folder or a server's address in, Chroma's collections out. The only module that knows chromadb.

It opens, waits out the restart of a server, and translates what remains of Chroma's errors.
"""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, Settings
from chromadb.errors import ChromaError, NotFoundError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from rag.errors import StoreError
from rag.store.lock import exclusive

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 1000  # rows in one request: passages with their vectors are about 10 MB
REMOTE_BATCH = 300  # to a server: so many Chroma's cloud takes and gives
ROW_ID = 128  # bytes of a row's id, the same
REFUSED, AWAY = (401, 403), (502, 503, 504)  # HTTP: the key is wrong; a proxy has no server behind it
RESTART = 20.0  # seconds within which a Chroma server may come back

_opening = threading.Lock()


class MissingError(StoreError):
    """A collection is not there."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a server that several teams share asks of its users."""

    token: str = field(default="", repr=False)
    tenant: str = DEFAULT_TENANT
    database: str = DEFAULT_DATABASE


NOBODY = Login()


class Chroma:
    """Chroma in the folder `path` or, if there is a `url`, on that server. Threads may share one."""

    def __init__(self, path: Path, url: str = "", restart: float = RESTART, login: Login = NOBODY) -> None:
        self.remote = bool(url)
        self.batch = REMOTE_BATCH if url else BATCH
        self._path = path
        self._url = url
        self._login = login
        self._restart = restart
        self._client: Any  # chromadb's own types refuse much of what it takes
        self.reopen()

    def reopen(self) -> None:
        """Open the folder or the connection anew. Collections handed out before go on showing what they did."""
        self._client = self.call(self._connected)
        gc.collect()  # a client refers to itself in circles; without this its vectors would stay in memory for long

    def close(self) -> None:
        """Let go of everything."""
        self._client = None
        gc.collect()

    def collection(self, name: str) -> Any:
        """Open a collection, which is made if there is none."""
        # without an embedding function Chroma never downloads its own model
        cosine: Any = {"hnsw": {"space": "cosine"}}
        create = self._client.get_or_create_collection
        return self.call(create, name, embedding_function=None, configuration=cosine)

    def create(self, name: str, metadata: Mapping[str, Any]) -> bool:
        """Make a collection that is nothing but metadata; tell whether there was none of that name."""
        try:
            self.call(self._client.create_collection, name, metadata=dict(metadata), embedding_function=None)
        except StoreError:  # Chroma has no error of its own for a name that is taken
            return False
        return True

    def metadata(self, name: str) -> dict[str, Any]:
        """Return a collection's metadata; none if there is no such collection."""
        try:
            return dict(self.call(self._found, name).metadata or {})
        except MissingError:
            return {}

    def describe(self, name: str, metadata: Mapping[str, Any]) -> None:
        """Replace a collection's metadata."""
        self.call(lambda: self._found(name).modify(metadata=dict(metadata)))

    def delete(self, name: str) -> None:
        """Delete a collection, if it is there."""
        with suppress(MissingError):  # it may be deleted, and the server killed before it could say so
            self.call(self._client.delete_collection, name)

    def metadatas(self, collection: Any, ids: Sequence[str] | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield the metadata of these rows of a collection, as far as they are there, or of all."""
        if ids is not None:
            for batch in self.batches(ids):
                yield from self.call(collection.get, ids=batch, include=["metadatas"])["metadatas"]
            return
        read = 0
        while page := self.call(collection.get, include=["metadatas"], limit=self.batch, offset=read)["metadatas"]:
            yield from page
            read += len(page)

    def batches(self, rows: Sequence[T]) -> Iterator[list[T]]:
        """Cut a sequence into what Chroma takes at a time."""
        for start in range(0, len(rows), self.batch):
            yield list(rows[start : start + self.batch])

    def call(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call Chroma; when a server restarts, again, so the call must do no harm twice. Raises StoreError."""
        attempts = Retrying(
            retry=retry_if_exception(_is_away),
            wait=wait_random_exponential(multiplier=0.05, max=1),
            stop=stop_after_delay(self._restart),
            reraise=True,
        )
        try:
            return attempts(lambda: _answered(call, *args, **kwargs))
        except httpx.HTTPStatusError as error:
            if error.response.status_code in REFUSED:
                raise StoreError(f"The Chroma server at {self._url} refuses the key. Correct CHROMA_TOKEN.") from error
            raise StoreError(f"The Chroma server at {self._url} cannot do that ({error}). Try again.") from error
        except httpx.HTTPError as error:
            raise StoreError(f"No Chroma server answers at {self._url}. Start it, or correct CHROMA_URL.") from error
        except ChromaError as error:
            kind = MissingError if isinstance(error, NotFoundError) else StoreError
            raise kind(f"Chroma cannot do that: {str(error).splitlines()[0]}") from error

    def _found(self, name: str) -> Any:
        return self._client.get_collection(name, embedding_function=None)

    def _connected(self) -> ClientAPI:
        settings = Settings(anonymized_telemetry=False)
        if self._url:
            return _server(self._url, self._login, settings)
        with _opening, exclusive(self._path / "opening.lock", RESTART):
            try:
                return chromadb.PersistentClient(self._path / "chroma", settings)
            finally:
                # Chroma hands out what a process has opened before; this makes the next client open the folder again
                SharedSystemClient.clear_system_cache()


def _server(url: str, login: Login, settings: Settings) -> ClientAPI:
    parts = urlsplit(url if "//" in url else f"http://{url}")
    ssl = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if ssl else 8000)
    headers = {"x-chroma-token": login.token} if login.token else {}
    try:
        return chromadb.HttpClient(host, port, ssl, headers, settings, login.tenant, login.database)
    except ValueError as error:
        raise _status(error) or httpx.ConnectError(str(error)) from None


def _answered(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call, and raise what the server, or a proxy before it, answered: chromadb makes a bare Exception of that."""
    try:
        return call(*args, **kwargs)
    except (ChromaError, httpx.HTTPError):
        raise
    except Exception as error:
        if status := _status(error):
            raise status from None
        raise


def _status(error: BaseException | None) -> httpx.HTTPStatusError | None:
    """Find the status that an error was raised for."""
    while error and not isinstance(error, httpx.HTTPStatusError):
        error = error.__context__
    return error if isinstance(error, httpx.HTTPStatusError) else None


def _is_away(error: BaseException) -> bool:
    """Tell whether the server may soon be back."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in AWAY
    return isinstance(error, httpx.TransportError)


def row_id(document: str) -> str:
    """Name the row of an article: by the document, or where that is too long, by its hash."""
    return document if len(document.encode()) <= ROW_ID else hashlib.sha256(document.encode()).hexdigest()
