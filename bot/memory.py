"""The bot's own SQLite file, beside the store: what each server prefers."""

from __future__ import annotations

from rag.database import Database
from rag.settings import Settings

TABLES = "CREATE TABLE preferences (server INTEGER PRIMARY KEY, entry TEXT NOT NULL)"


def open_memory(settings: Settings) -> Database:
    """Open the file of the store that the settings name. Close it after use, or use it in a `with` statement."""
    remedy = "Move it away to begin a new one, or update Dateline."
    return Database(settings.data / "bot.sqlite3", TABLES, remedy, version=1)
