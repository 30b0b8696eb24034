"""What each server's managers chose in, where and how much the bot answers there out."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, TypedDict, Unpack

from rag.database import Database
from rag.errors import UsageError
from rag.spending import Budget

MOST_OPEN = 20  # questions of one person at a time; more than anyone asks who waits for answers
MOST_AN_HOUR = 1000
MOST_USD = 100_000.0


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the bot behaves on one server. The defaults also hold for direct messages."""

    channels: frozenset[int] = frozenset()  # it may answer in; empty for all
    open_questions: int = 3  # of one person at a time
    questions_per_hour: int = 0  # of one person; 0 for no limit
    mention_in_threads: bool = False  # whether it waits to be mentioned even in threads of its own
    daily_usd: float = 0.0  # what the model may cost on a day, of UTC; 0 for no limit
    monthly_usd: float = 0.0
    note_changes: bool = False  # whether an answer gets a note when a source of it has changed

    def __post_init__(self) -> None:
        """Raise UsageError, in words for whoever chose, for what makes no sense."""
        if not 1 <= self.open_questions <= MOST_OPEN:
            raise UsageError(f"Questions at a time must be from 1 to {MOST_OPEN}, not {self.open_questions}.")
        if not 0 <= self.questions_per_hour <= MOST_AN_HOUR:
            limit = f"from 1 to {MOST_AN_HOUR}, or 0 for no limit"
            raise UsageError(f"Questions an hour must be {limit}, not {self.questions_per_hour}.")
        if not all(0 <= usd <= MOST_USD for usd in (self.daily_usd, self.monthly_usd)):
            raise UsageError(f"What the model may cost must be from 0 to {MOST_USD:.0f} USD; 0 for no limit.")
        if any(channel <= 0 for channel in self.channels):
            raise UsageError("That is not a channel. Choose channels of this server.")


class Changes(TypedDict, total=False):
    """What a manager may change."""

    channels: Collection[int]
    open_questions: int
    questions_per_hour: int
    mention_in_threads: bool
    daily_usd: float
    monthly_usd: float
    note_changes: bool


DEFAULT = Preferences()


class PreferenceBook:
    """The preferences of every server. Threads may share one; every call is short, blocks, and may raise StoreError.

    `server` is a server's id, or None for direct messages. Reading takes about 10 µs, hardly more than asking SQLite
    whether something changed, so nothing is cached and what another process changes counts at once.
    """

    def __init__(self, memory: Database) -> None:
        self._memory = memory

    def of(self, server: int | None) -> Preferences:
        """Return what a server prefers; the defaults if it never said."""
        rows = self._memory.read("SELECT entry FROM preferences WHERE server = ?", server)
        return _preferences(json.loads(rows[0][0])) if rows else DEFAULT

    def budget_of(self, account: str) -> Budget:
        """Return what a server lets the model cost; its account is its id, and "" for direct messages."""
        preferences = self.of(int(account)) if account else DEFAULT
        return Budget(preferences.daily_usd, preferences.monthly_usd)

    def change(self, server: int | None, **changes: Unpack[Changes]) -> Preferences:
        """Change some of a server's preferences and return them all. Raises UsageError for what makes no sense."""
        if server is None:
            raise UsageError("Direct messages have no settings. Use this on a server.")
        with self._memory.writing() as connection:
            changed = _preferences(asdict(self.of(server)) | dict(changes))
            replacing = "INSERT OR REPLACE INTO preferences (server, entry) VALUES (?, ?)"
            connection.execute(replacing, (server, json.dumps(_entry(changed))))
        return changed


def _entry(preferences: Preferences) -> dict[str, Any]:
    return asdict(preferences) | {"channels": sorted(preferences.channels)}


def _preferences(entry: dict[str, Any]) -> Preferences:
    return Preferences(**entry | {"channels": frozenset(entry["channels"])})
