"""Timelines that were shown in, the same out by an unguessable id, for 90 days: a SQLite file beside the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rag.database import Database
from rag.records import timeline_of, timeline_record
from rag.schema import Timeline
from rag.settings import Settings

TABLES = """
CREATE TABLE timelines (
    id TEXT PRIMARY KEY, moment REAL NOT NULL, server INTEGER, file TEXT NOT NULL, entry TEXT NOT NULL
);
CREATE INDEX timelines_by_time ON timelines (moment);
"""
KEPT_FOR = timedelta(days=90)  # as answers are


@dataclass(frozen=True, slots=True)
class Kept:
    """A timeline that was shown, and where. Not to whom."""

    timeline: Timeline
    server: int | None = None  # None: in direct messages
    file: str = ""  # the format of the file that goes with it, if one does


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def open_kept(settings: Settings) -> KeptTimelines:
    """Open what was shown of the store that the settings name."""
    return KeptTimelines(settings.data / "shown-timelines.sqlite3")


class KeptTimelines:
    """The timelines in one file. Threads may share one; every call is short, blocks, and may raise StoreError."""

    def __init__(self, path: Path, now: Callable[[], datetime] = now) -> None:
        self._database = Database(path, TABLES, "Move it away to begin a new one, or update Dateline.", version=1)
        self._now = now

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    def keep(self, identity: str, kept: Kept) -> None:
        """Keep a timeline under an id that nobody can guess, and let go of what is too old."""
        moment = self._now()
        entry = json.dumps(timeline_record(kept.timeline))
        with self._database.writing() as connection:
            connection.execute("DELETE FROM timelines WHERE moment < ?", ((moment - KEPT_FOR).timestamp(),))
            row = (identity, moment.timestamp(), kept.server, kept.file, entry)
            connection.execute("INSERT INTO timelines VALUES (?, ?, ?, ?, ?)", row)

    def get(self, identity: str) -> Kept | None:
        """Return the timeline of this id; None if it is too old, or never was."""
        oldest = (self._now() - KEPT_FOR).timestamp()
        select = "SELECT entry, server, file FROM timelines WHERE id = ? AND moment >= ?"
        for entry, server, file in self._database.read(select, identity, oldest):
            return Kept(timeline_of(json.loads(entry)), server, file)
        return None
