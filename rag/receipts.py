"""Answers given in, the same answers out by an unguessable id, for 90 days: a SQLite file beside the store.

A receipt has all that it takes to show an answer again and to explain it. Not the texts of the passages that were read
for it, which are most of it and stand in the store; and not who asked, which nothing here needs to know.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rag.database import Database
from rag.records import Record, answer_of, answer_record, asked_record, filters_of, history_of
from rag.schema import Answer, Filters, Turn
from rag.settings import Settings
from rag.versions import versions

if TYPE_CHECKING:
    from rag.store.store import State

TABLES = """
CREATE TABLE receipts (
    id TEXT PRIMARY KEY, moment REAL NOT NULL, entry TEXT NOT NULL, channel INTEGER, message INTEGER,
    store TEXT NOT NULL, seen INTEGER NOT NULL
);
CREATE INDEX receipts_by_time ON receipts (moment);
CREATE INDEX receipts_by_store ON receipts (store);
CREATE TABLE effects (
    receipt TEXT NOT NULL, document TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, moment REAL NOT NULL,
    noted INTEGER NOT NULL, PRIMARY KEY (receipt, document, kind)
);
"""
EFFECTS = "SELECT receipt, document, kind, reason, moment FROM effects"
KEPT_FOR = timedelta(days=90)
PRUNED_EVERY = timedelta(days=1)
ID_BYTES = 16  # 22 characters of base 64: nobody guesses one, and it leaves room in a button's 100 characters
NO_FILTERS = Filters()
WHERE_ASKED = ("server", "private", "repeated", "threaded")


@dataclass(frozen=True, slots=True)
class Place:
    """The message in Discord that shows an answer, or the first of several."""

    channel: int
    message: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how it was asked. Not by whom."""

    question: str
    server: int | None = None  # None: in direct messages, or on the command line
    private: bool = False
    history: tuple[Turn, ...] = ()
    filters: Filters = NO_FILTERS
    repeated: bool = False  # whether the answer repeats the question, because nobody else could see it
    threaded: bool = False  # whether a thread can be opened on the answer


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer that was given, and to what."""

    when: datetime  # aware
    asked: Asked
    record: Record  # as `rag.records.answer_record` makes it, without the texts of passages
    versions: Mapping[str, str]  # as `rag.versions.versions` names them
    revisions: Mapping[str, str]  # of each document that is cited
    threshold: float | None = None  # of confidence, to give an answer without a model
    place: Place | None = None  # unknown for answers that only one person can see

    @property
    def answer(self) -> Answer:
        """The answer, whose passages have no text."""
        return answer_of(self.record)


class Kind(StrEnum):
    """What can become of what an answer rests on."""

    REMOVED = "removed"
    EDITED = "edited"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of something that an answer rests on, in words that complete "A source of it changed: …"."""

    receipt: str  # its id
    document: str  # that was removed or edited, or that contradicts it
    kind: Kind
    reason: str
    when: datetime  # aware; when it was found


def new_identity() -> str:
    """Draw the id of a receipt. It has no dash: the command line would take one that leads it for an option."""
    return secrets.token_urlsafe(ID_BYTES).replace("-", "_")


def receipt_of(answer: Answer, asked: Asked, settings: Settings, state: State, when: datetime) -> Receipt:
    """Write the receipt of an answer. `state` is what the store held before the question was put."""
    from rag.answer.decision import THRESHOLD  # which brings numpy

    cited = sorted({citation.source.document for citation in answer.citations})
    return Receipt(
        when=when,
        asked=asked,
        record=without_texts(answer_record(answer)),
        versions=versions(settings, state.version),
        revisions={document: record.revision for document in cited if (record := state.records.get(document))},
        threshold=None if answer.confidence is None else THRESHOLD,
    )


def without_texts(record: Record) -> Record:
    """Leave out the texts of the passages of an answer."""
    passages = [{name: value for name, value in each.items() if name != "text"} for each in record["passages"]]
    return record | {"passages": passages}


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def open_receipts(settings: Settings) -> Receipts:
    """Open the receipts of answers from the store that the settings name. Close them, or use a `with` statement."""
    return Receipts(settings.data / "receipts.sqlite3")


class Receipts:
    """The receipts in one file, and what the watch over them found.

    Threads may share one, several processes may use the file at once; every call is short, blocks, and may raise
    StoreError.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = now) -> None:
        self._database = Database(path, TABLES, "Move it away to begin a new one, or update Dateline.", version=2)
        self._now = now
        self._pruned = now()
        self._prune()

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    def __enter__(self) -> Receipts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep(self, identity: str, receipt: Receipt, state: State) -> None:
        """Keep a receipt under an id of `new_identity`. `state` is that of `receipt_of`."""
        if self._now() - self._pruned >= PRUNED_EVERY:
            self._prune()
        row = (identity, receipt.when.timestamp(), json.dumps(_entry(receipt)), state.version, state.number)
        with self._database.writing() as connection:
            connection.execute("INSERT INTO receipts VALUES (?, ?, ?, NULL, NULL, ?, ?)", row)
        if receipt.place:
            self.placed(identity, receipt.place)

    def get(self, identity: str) -> Receipt | None:
        """Return the receipt of this id; None if it is too old, or never was."""
        rows = self._database.read("SELECT entry, channel, message FROM receipts WHERE id = ?", identity)
        return _receipt(*rows[0]) if rows else None

    def placed(self, identity: str, place: Place) -> None:
        """Note where an answer is shown."""
        with self._database.writing() as connection:
            update = "UPDATE receipts SET channel = ?, message = ? WHERE id = ?"
            connection.execute(update, (place.channel, place.message, identity))

    # what the watch keeps

    def unchecked(self, version: str) -> list[str]:
        """List the ids of receipts that were held against another state of the store than this one, oldest first."""
        select = "SELECT id FROM receipts WHERE store != ? ORDER BY moment"
        return [identity for (identity,) in self._database.read(select, version)]

    def seen(self, identity: str) -> int:
        """Return the number of the last change that a receipt was held against, or its answer made with."""
        rows = self._database.read("SELECT seen FROM receipts WHERE id = ?", identity)
        return int(rows[0][0]) if rows else 0

    def checked(self, identity: str, state: State, found: Iterable[Effect]) -> list[Effect]:
        """Note that a receipt was held against a state of the store; return what was found and not known before."""
        known = {(each.document, each.kind) for each in self.effects(identity)}
        new = [each for each in found if (each.document, each.kind) not in known]
        rows = [(identity, each.document, each.kind.value, each.reason, each.when.timestamp()) for each in new]
        held = (state.version, state.number, identity)
        with self._database.writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO effects VALUES (?, ?, ?, ?, ?, 0)", rows)
            connection.execute("UPDATE receipts SET store = ?, seen = ? WHERE id = ?", held)
        return new

    def effects(self, identity: str | None = None) -> list[Effect]:
        """List what was found, of all receipts or of one, the newest first."""
        select = f"{EFFECTS} WHERE receipt = ifnull(?, receipt) ORDER BY moment DESC, receipt, document"
        return [_effect(*row) for row in self._database.read(select, identity)]

    def unnoted(self) -> list[Effect]:
        """List what was found and not yet dealt with by `noted`, the oldest first."""
        return [_effect(*row) for row in self._database.read(f"{EFFECTS} WHERE NOT noted ORDER BY moment, receipt")]

    def noted(self, effects: Collection[Effect]) -> None:
        """Note that the messages of answers say so, or need not."""
        rows = [(each.receipt, each.document, each.kind.value) for each in effects]
        with self._database.writing() as connection:
            update = "UPDATE effects SET noted = 1 WHERE receipt = ? AND document = ? AND kind = ?"
            connection.executemany(update, rows)

    def _prune(self) -> None:
        self._pruned = self._now()
        with self._database.writing() as connection:
            oldest = (self._pruned - KEPT_FOR).timestamp()
            connection.execute("DELETE FROM receipts WHERE moment < ?", (oldest,))
            connection.execute("DELETE FROM effects WHERE receipt NOT IN (SELECT id FROM receipts)")


def _effect(receipt: str, document: str, kind: str, reason: str, moment: float) -> Effect:
    return Effect(receipt, document, Kind(kind), reason, datetime.fromtimestamp(moment, UTC))


def _entry(receipt: Receipt) -> Record:
    asked = receipt.asked
    return asked_record(asked.question, asked.history, asked.filters) | {
        "when": receipt.when.isoformat(),
        **{name: getattr(asked, name) for name in WHERE_ASKED},
        "record": receipt.record,
        "versions": dict(receipt.versions),
        "revisions": dict(receipt.revisions),
        "threshold": receipt.threshold,
    }


def _receipt(entry: str, channel: int | None, message: int | None) -> Receipt:
    kept = json.loads(entry)
    asked = Asked(
        question=kept["question"],
        history=history_of(kept),
        filters=filters_of(kept, NO_FILTERS),
        **{name: kept[name] for name in WHERE_ASKED},
    )
    place = Place(channel, message) if channel and message else None
    kept_as_it_is = {name: kept[name] for name in ("record", "versions", "revisions", "threshold")}
    return Receipt(when=datetime.fromisoformat(kept["when"]), asked=asked, place=place, **kept_as_it_is)
