"""The right to write in, nobody else writing out: in a folder a lock, on a server a collection with an expiry."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import StoreError
from rag.store.chroma import Chroma
from rag.store.lock import exclusive

log = logging.getLogger(__name__)

PATIENCE = 600.0  # seconds to wait for others that write
EXPIRY = 60.0  # seconds after which a process on another machine that gives no sign of life is taken for dead
TAKEN_OVER = "Another ingest has taken over. Run this one again."


class Lease:
    """Lets one process at a time write into the collections `name`. It is taken for seconds, not for a whole ingest."""

    def __init__(self, chroma: Chroma, name: str, folder: Path) -> None:
        self._chroma = chroma
        self._collection = f"{name}-writing"
        self._lock = folder / f"{name}.lock"
        self._holder = f"{socket.gethostname()}:{folder.resolve()}"  # of which the lock lets only one live

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep all other writers out. Raises StoreError if others do not end in ten minutes."""
        with exclusive(self._lock, PATIENCE):
            if not self._chroma.remote:
                yield
                return
            self._take()
            try:
                with beating(self._renew):
                    yield
            except StoreError:
                raise  # the server may be away, or the lease another's: it will expire
            except BaseException:
                self._chroma.delete(self._collection)
                raise
            self._chroma.delete(self._collection)

    def assure(self) -> None:
        """Raise StoreError if the lease has been lost, because this process stood still for too long."""
        if self._chroma.remote and self._chroma.metadata(self._collection).get("holder") != self._holder:
            raise StoreError(TAKEN_OVER)

    def _take(self) -> None:
        """Make the collection: of several processes that make one on a server, only one succeeds."""
        give_up = time.monotonic() + PATIENCE
        while not self._chroma.create(self._collection, self._claim()):
            if self._is_free():
                self._chroma.delete(self._collection)
            elif time.monotonic() > give_up:
                raise StoreError("Another ingest is running on the Chroma server. Try again when it is done.")
            else:
                time.sleep(0.05)

    def _is_free(self) -> bool:
        claim = self._chroma.metadata(self._collection)
        # without any metadata it has been released this moment
        return bool(claim) and (claim["holder"] == self._holder or claim["expires"] < time.time())

    def _renew(self) -> None:
        self.assure()
        self._chroma.describe(self._collection, self._claim())

    def _claim(self) -> dict[str, str | float]:
        return {"holder": self._holder, "expires": time.time() + EXPIRY}


@contextmanager
def beating(beat: Callable[[], None]) -> Iterator[None]:
    """Give signs of life from another thread until the block ends, or until one fails."""
    done = threading.Event()

    def beats() -> None:
        while not done.wait(EXPIRY / 4):
            try:
                beat()
            except StoreError:
                log.warning("cannot give a sign of life", exc_info=True)
                return

    heart = threading.Thread(target=beats, daemon=True)
    heart.start()
    try:
        yield
    finally:
        done.set()
        heart.join()
