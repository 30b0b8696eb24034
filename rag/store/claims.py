"""Articles that somebody is at work on in, who that is out, and what they leave behind should they die of it.

A claim is a row in a collection. All are made, taken over and given up by whoever holds the lease, so that no article
is claimed twice; a sign of life is given without it.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import StoreError
from rag.store import lease
from rag.store.chroma import Chroma, row_id
from rag.store.lock import exclusive, is_held
from rag.store.record import Record


@dataclass(frozen=True, slots=True)
class Claim:
    """An article, who is at work on it until when, and the ids of the passages it has, had or is to have."""

    document: str
    owner: str
    expires: float
    passage_ids: tuple[str, ...]


class Claims:
    """The claims on articles in the collections `name`, and those of one ingestion, which is alive while `living`."""

    def __init__(self, chroma: Chroma, name: str, folder: Path) -> None:
        self._chroma = chroma
        self._rows = chroma.collection(f"{name}-claims")
        self._folder = folder
        self._machine = f"{socket.gethostname()}:{folder.resolve()}"
        self._token = f"{name}-{uuid.uuid4().hex[:12]}"
        self._mine: set[str] = set()

    @property
    def owner(self) -> str:
        return f"{self._machine}:{self._token}"

    @contextmanager
    def living(self) -> Iterator[None]:
        """Be alive, for others on this machine by a lock, and for those on others by renewing what is claimed."""
        lock = self._lock(self._token)
        try:
            with exclusive(lock, 0), lease.beating(self._renew) if self._chroma.remote else nullcontext():
                yield
        except StoreError:
            raise  # the server may be away: others will see that this one is dead
        except BaseException:
            self._abandon()
            raise
        finally:
            lock.unlink(missing_ok=True)

    def all(self) -> list[Claim]:
        """List all claims, of the dead too."""
        return list(map(_claim, self._chroma.metadatas(self._rows)))

    def is_dead(self, claim: Claim) -> bool:
        """Tell whether nobody is at work any more on what was claimed."""
        machine, _, token = claim.owner.rpartition(":")
        return not is_held(self._lock(token)) if machine == self._machine else claim.expires < time.time()

    def make(self, articles: Mapping[str, Sequence[Record]]) -> None:
        """Claim articles, by document, that will have, or have, one of these records. Needs the lease."""
        self._mine.update(articles)
        for batch in self._chroma.batches(list(articles.items())):
            self._chroma.call(
                self._rows.upsert,
                ids=[row_id(document) for document, _ in batch],
                embeddings=[[1.0, 0.0]] * len(batch),  # Chroma wants one
                metadatas=[self._metadata(*each) for each in batch],
            )

    def has(self, documents: Collection[str]) -> bool:
        """Tell whether all these are still claimed by this ingestion. Needs the lease."""
        found = map(_claim, self._chroma.metadatas(self._rows, [row_id(document) for document in documents]))
        return {claim.document for claim in found if claim.owner == self.owner} == set(documents)

    def release(self, documents: Collection[str]) -> None:
        """Give claims up. Needs the lease."""
        self._mine.difference_update(documents)
        for batch in self._chroma.batches([row_id(document) for document in documents]):
            self._chroma.call(self._rows.delete, ids=batch)

    def _abandon(self) -> None:
        """Let others take over at once what this ingestion has claimed and will not do."""
        if self._chroma.remote:
            with suppress(StoreError):  # then they will wait
                self._set_expiry(0.0)

    def _renew(self) -> None:
        self._set_expiry(time.time() + lease.EXPIRY)

    def _set_expiry(self, expires: float) -> None:
        for batch in self._chroma.batches([row_id(document) for document in self._mine.copy()]):
            # should one have been taken over meanwhile, its new owner is only taken for alive a little longer
            self._chroma.call(self._rows.update, ids=batch, metadatas=[{"expires": expires}] * len(batch))

    def _metadata(self, document: str, records: Sequence[Record]) -> dict[str, str | float]:
        passages = " ".join(f"{record.revision}:{record.passages}" for record in records)
        expires = time.time() + lease.EXPIRY
        return {"document": document, "owner": self.owner, "expires": expires, "passages": passages}

    def _lock(self, token: str) -> Path:
        return self._folder / f"{token}.lock"


def _claim(metadata: Mapping[str, Any]) -> Claim:
    revisions = (each.rpartition(":") for each in metadata["passages"].split())
    ids = (f"{revision}:{number}" for revision, _, count in revisions for number in range(int(count)))
    return Claim(metadata["document"], metadata["owner"], metadata["expires"], tuple(ids))
