"""A lock between processes that ends with its holder, however it ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from rag.errors import StoreError


@contextmanager
def exclusive(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock `path`, waiting up to `patience` seconds for it. Raises StoreError if it stays taken.

    SQLite does the locking: it does so on every system, and the operating system lets go when a process dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        # SQLite's own waiting cannot be interrupted with Ctrl-C
        attempts = Retrying(
            retry=retry_if_exception_type(sqlite3.OperationalError),
            wait=wait_fixed(0.05),
            stop=stop_after_delay(patience),
        )
        try:
            attempts(connection.execute, "BEGIN EXCLUSIVE")
        except RetryError:
            raise StoreError(f"Another process is using {path.parent}. Try again when it is done.") from None
        yield


def is_held(path: Path) -> bool:
    """Tell whether some process holds the lock `path`. One that nobody holds is taken away: locks are made for once."""
    if not path.exists():
        return False
    try:
        with exclusive(path, 0):
            pass
    except StoreError:
        return True
    path.unlink(missing_ok=True)
    return False
