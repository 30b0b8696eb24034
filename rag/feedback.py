"""What people say of answers in, kept in a SQLite file beside the store, draft evaluation cases out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from rag.database import Database
from rag.records import Record, asked_record, filters_of, history_of
from rag.schema import Filters, Turn
from rag.settings import Settings

TABLES = """
CREATE TABLE feedback (
    number INTEGER PRIMARY KEY AUTOINCREMENT, answer TEXT NOT NULL, person TEXT NOT NULL, server TEXT NOT NULL,
    verdict TEXT NOT NULL, moment REAL NOT NULL, entry TEXT NOT NULL, UNIQUE (answer, person)
);
CREATE INDEX feedback_by_time ON feedback (moment);
"""
NO_FILTERS = Filters()


class Verdict(StrEnum):
    """What a reader thinks of an answer."""

    GOOD = "good"
    WRONG = "wrong"
    UNSUPPORTED = "unsupported"  # a citation does not support what it is cited for


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person says of one answer, with what was asked and answered."""

    when: datetime  # aware
    verdict: Verdict
    person: str  # an id that means nothing here
    question: str
    answer: Record  # as `rag.records.answer_record` makes it
    versions: Mapping[str, str]  # as `rag.versions.versions` names them
    server: str = ""  # empty for direct messages
    comment: str = ""
    citation: int | None = None  # the number of the one complained about
    history: tuple[Turn, ...] = ()
    filters: Filters = NO_FILTERS


def open_feedback(settings: Settings) -> FeedbackLog:
    """Open the feedback on answers from the store that the settings name. Close it, or use it in a `with` statement."""
    return FeedbackLog(settings.data / "feedback.sqlite3")


class FeedbackLog:
    """The feedback in one file. Threads may share one, several processes may use the file at once; every call blocks.

    All methods raise StoreError if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, TABLES, "Move it away to begin a new one, or update Dateline.", version=1)

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    def __enter__(self) -> FeedbackLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, answer: str, feedback: Feedback) -> None:
        """Keep feedback on the answer of this id, in place of what the same person said of it before."""
        insert = """
            INSERT INTO feedback (answer, person, server, verdict, moment, entry) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (answer, person) DO UPDATE SET
            server = excluded.server, verdict = excluded.verdict, moment = excluded.moment, entry = excluded.entry
        """
        keys = (key(answer), key(feedback.person), key(feedback.server), feedback.verdict.value)
        with self._database.writing() as connection:
            connection.execute(insert, (*keys, feedback.when.timestamp(), json.dumps(_entry(feedback))))

    def read(self, verdict: Verdict | None = None, server: str | None = None) -> dict[int, Feedback]:
        """Return feedback, the newest first, by the number that each keeps for good."""
        rows = self._database.read(
            """
            SELECT number, entry FROM feedback WHERE verdict = ifnull(?, verdict) AND server = ifnull(?, server)
            ORDER BY moment DESC, number DESC
            """,
            verdict and verdict.value,
            server if server is None else key(server),
        )
        return {number: _feedback(json.loads(entry)) for number, entry in rows}

    def forget(self, person: str) -> int:
        """Delete what a person gave, leaving no trace in the file. Return how much it was."""
        with self._database.writing() as connection:
            deleted = connection.execute("DELETE FROM feedback WHERE person = ?", (key(person),)).rowcount
        self._database.wipe()
        return deleted


def case_record(number: int, feedback: Feedback, *, identify: bool = False) -> Record:
    """Draft an evaluation case, with what was answered and what is said of it; `dateline ask --batch` takes it, too.

    What is right is for a person to fill in. Who gave it, and on which server, is left out unless `identify`.
    """
    who = {"person": feedback.person, "server": feedback.server or None} if identify else {}
    said = {
        "when": feedback.when.isoformat(),
        "verdict": feedback.verdict.value,
        "comment": feedback.comment or None,
        "citation": complained_of(feedback),
        **who,
    }
    asked = asked_record(feedback.question, feedback.history, feedback.filters)
    right = {"draft": True, "answerable": True, "answers": [], "wrong": [], "support": []}
    given = {"answer": feedback.answer, "versions": dict(feedback.versions)}
    return {"id": f"feedback-{number}", "type": "feedback", **asked, **right, "feedback": said, **given}


def complained_of(feedback: Feedback) -> Record | None:
    """Return the record of the citation complained about; only its number if the answer has no such citation."""
    if feedback.citation is None:
        return None
    citations: dict[int, Record] = {citation["number"]: citation for citation in feedback.answer.get("citations", ())}
    return citations.get(feedback.citation, {"number": feedback.citation})


def key(text: str) -> str:
    """Write a text so that SQLite takes it: half a character, as people may type, becomes an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _entry(feedback: Feedback) -> Record:
    return asked_record(feedback.question, feedback.history, feedback.filters) | {
        "when": feedback.when.isoformat(),
        "verdict": feedback.verdict.value,
        "person": feedback.person,
        "server": feedback.server,
        "comment": feedback.comment,
        "citation": feedback.citation,
        "answer": feedback.answer,
        "versions": dict(feedback.versions),
    }


def _feedback(entry: Record) -> Feedback:
    return Feedback(
        when=datetime.fromisoformat(entry["when"]),
        verdict=Verdict(entry["verdict"]),
        history=history_of(entry),
        filters=filters_of(entry, NO_FILTERS),
        **{name: entry[name] for name in ("person", "server", "question", "comment", "citation", "answer", "versions")},
    )
