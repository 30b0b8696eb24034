"""A SQLite file in, connections to it out, for several threads and processes at once, and safe against being killed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from rag.errors import StoreError

PATIENCE = 60  # seconds to wait while another process writes


class Database:
    """A SQLite file with tables of one version. Threads may share one; each gets a connection of its own."""

    def __init__(self, path: Path, tables: str, remedy: str, version: int = 0) -> None:
        """Open the file, with its folder and tables if it is new.

        Raises StoreError if it cannot be used. If that is because it is damaged, or its tables are of another version,
        `remedy` says what to do with it.
        """
        self._path = path
        self._remedy = remedy
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"Cannot use the folder {path.parent} ({error}). Choose another with --data.") from error
        self._set_up(tables, version)

    def close(self) -> None:
        """Close every thread's connection."""
        while self._connections:
            self._connections.pop().close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of the thread that asks."""
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = self._connected()
            self._connections.append(connection)
        return connection

    def read(self, select: str, *values: object) -> list[Any]:
        """Return the rows of a selection. Raises StoreError."""
        try:
            return self.connection.execute(select, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Keep other writers out; what is written takes effect at the end, all of it or, after an error, nothing."""
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"Cannot write {self._path} ({error}). Try again.") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def wipe(self) -> None:
        """Overwrite what is left in the file of rows that were deleted or replaced."""
        try:
            self.connection.execute("VACUUM")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise StoreError(f"Cannot write {self._path} ({error}). Try again.") from error

    def _set_up(self, tables: str, version: int) -> None:
        with self.writing() as connection:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in filter(str.strip, tables.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version}")
            elif found != version:
                raise self._unusable(f"its tables are of version {found}, not {version}")

    def _connected(self) -> sqlite3.Connection:
        try:
            return _connected(self._path)
        except sqlite3.OperationalError as error:
            raise StoreError(f"Cannot open {self._path} ({error}). Choose another folder with --data.") from error
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def _unusable(self, reason: object) -> StoreError:
        return StoreError(f"Cannot use {self._path} ({reason}). {self._remedy}")


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


# SQLite waits by itself for others that write, but not where two are the first to open a file
@retry(retry=retry_if_exception(_is_busy), wait=wait_random(0, 0.05), stop=stop_after_delay(PATIENCE), reraise=True)
def _connected(path: Path) -> sqlite3.Connection:
    # check_same_thread: each thread uses its own, but `close` closes them all
    # uri: a path may be SQLite's name of a database in memory
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=True)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
