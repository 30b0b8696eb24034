"""Answers given in, the same answers out by an unguessable id, so that their buttons work after a restart."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rag.database import Database
from rag.records import Record, asked_record, filters_of, history_of
from rag.schema import Filters, Turn

KEPT_FOR = timedelta(days=90)
PRUNED_EVERY = timedelta(days=1)
ID_BYTES = 16  # 22 characters of base 64: nobody guesses one, and it leaves room in a button's 100 characters
NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given, and to what. Not to whom: nothing here needs to know."""

    when: datetime  # aware
    question: str
    record: Record  # as `rag.records.answer_record` makes it
    versions: Mapping[str, str]  # as `rag.versions.versions` names them
    server: str = ""  # empty for direct messages
    private: bool = False
    history: tuple[Turn, ...] = ()
    filters: Filters = NO_FILTERS


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class Archive:
    """The answers of the last 90 days. Threads may share one; every call is short, blocks, and may raise StoreError."""

    def __init__(self, memory: Database, now: Callable[[], datetime] = now) -> None:
        self._memory = memory
        self._now = now
        self._pruned = now()
        self._prune()

    def keep(self, answer: Kept) -> str:
        """Keep an answer, without the texts of the passages that were read for it, and return its id."""
        if self._now() - self._pruned >= PRUNED_EVERY:
            self._prune()
        identity = secrets.token_urlsafe(ID_BYTES)
        with self._memory.writing() as connection:
            row = (identity, answer.when.timestamp(), json.dumps(_entry(answer)))
            connection.execute("INSERT INTO answers (id, moment, entry) VALUES (?, ?, ?)", row)
        return identity

    def get(self, identity: str) -> Kept | None:
        """Return the answer of this id; None if it is too old, or never was."""
        rows = self._memory.read("SELECT entry FROM answers WHERE id = ?", identity)
        return _kept(json.loads(rows[0][0])) if rows else None

    def _prune(self) -> None:
        self._pruned = self._now()
        with self._memory.writing() as connection:
            oldest = (self._pruned - KEPT_FOR).timestamp()
            connection.execute("DELETE FROM answers WHERE moment < ?", (oldest,))


def without_texts(record: Record) -> Record:
    """Leave out the texts of the passages of an answer: they are most of it, and stand in the store."""
    passages = [
        {name: value for name, value in passage.items() if name != "text"} for passage in record.get("passages", ())
    ]
    return record | {"passages": passages}


def _entry(answer: Kept) -> Record:
    return asked_record(answer.question, answer.history, answer.filters) | {
        "when": answer.when.isoformat(),
        "server": answer.server,
        "private": answer.private,
        "record": without_texts(answer.record),
        "versions": dict(answer.versions),
    }


def _kept(entry: Record) -> Kept:
    return Kept(
        when=datetime.fromisoformat(entry["when"]),
        history=history_of(entry),
        filters=filters_of(entry, NO_FILTERS),
        **{name: entry[name] for name in ("server", "private", "question", "record", "versions")},
    )
