"""Articles in, rows in the catalogue's tables out; and out of them again, with nothing of them left in any count.

The counts are kept as articles come and go, so that none is ever taken anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rag.facts.names import name_key
from rag.language.words import stem, words
from rag.schema import Passage, Source
from rag.store.embeddings import Vectors
from rag.store.filters import outlets_of, site_of, spaced
from rag.store.record import Record, record_metadata, record_of, source_metadata, source_of
from rag.store.searchable import heading
from rag.store.words import Worded

STEPS = 32767  # of a vector's part from 0 to 1

# An article's passages have numbers in a row, from `passage` on; no number of either is ever used again. Days are
# ordinals, 0 if unknown.
TABLES = """
CREATE TABLE state (
    version TEXT NOT NULL, number INTEGER NOT NULL, reaching INTEGER NOT NULL, turn INTEGER NOT NULL,
    articles INTEGER NOT NULL, passages INTEGER NOT NULL, last_article INTEGER NOT NULL, last_passage INTEGER NOT NULL,
    words TEXT NOT NULL, stamp INTEGER NOT NULL
);
INSERT INTO state VALUES ('', 0, 0, 0, 0, 0, 0, 0, 'words-' || lower(hex(randomblob(8))), 0);
CREATE TABLE articles (
    article INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE, revision TEXT NOT NULL, change INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, passage INTEGER NOT NULL, passages INTEGER NOT NULL,
    file TEXT NOT NULL, called TEXT NOT NULL, source TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX articles_by_revision ON articles (revision);
CREATE INDEX articles_by_change ON articles (change);
CREATE INDEX articles_by_file ON articles (file);
CREATE INDEX articles_by_last ON articles (last DESC, document);
CREATE TABLE days (
    last INTEGER NOT NULL, first INTEGER NOT NULL, articles INTEGER NOT NULL, passages INTEGER NOT NULL,
    PRIMARY KEY (last, first)
) WITHOUT ROWID;
CREATE TABLE outlets (
    outlet INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, spaced TEXT NOT NULL,
    named INTEGER NOT NULL, articles INTEGER NOT NULL, passages INTEGER NOT NULL
);
CREATE TABLE of_outlet (
    outlet INTEGER NOT NULL, last INTEGER NOT NULL, document TEXT NOT NULL, first INTEGER NOT NULL,
    article INTEGER NOT NULL, PRIMARY KEY (outlet, last DESC, document)
) WITHOUT ROWID;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, article INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE UNIQUE INDEX passages_by_place ON passages (article, start);
CREATE TABLE vectors (article INTEGER PRIMARY KEY, vectors BLOB NOT NULL);
CREATE TABLE means (article INTEGER PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE pieces (number INTEGER PRIMARY KEY, vectors BLOB NOT NULL, spans BLOB NOT NULL);
CREATE TABLE stems (stem TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE forms (
    form TEXT PRIMARY KEY, uses INTEGER NOT NULL, capitalised INTEGER NOT NULL,
    key TEXT NOT NULL, length INTEGER NOT NULL, backwards TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX forms_by_key ON forms (key, uses DESC);
CREATE INDEX forms_backwards ON forms (backwards, length);
CREATE TABLE dropped (article INTEGER PRIMARY KEY)
"""


@dataclass(frozen=True, slots=True)
class Whole:
    """An article to be entered: its record, its passages and their vectors, one a row."""

    record: Record
    passages: Sequence[Passage]
    vectors: Vectors


class Tables:
    """The tables, open for writing, in one transaction; `close` completes the counts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._uses: Counter[str] = Counter()
        self._capitalised: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()
        self._days: Counter[tuple[int, int]] = Counter()
        self._passages_of_days: Counter[tuple[int, int]] = Counter()

    def enter(self, each: Whole, change: int) -> list[Worded]:
        """Enter an article that is not there; returns how its passages are to be searched."""
        record, source = each.record, each.record.source
        article, number = self._numbered(len(each.passages))
        days = days_of(source)
        self._connection.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article, source.document, record.revision, change, *days, number, len(each.passages),
                record.provenance.file, called(source), json.dumps(source_metadata(source)), rest_of(record),
            ),
        )  # fmt: skip
        numbered = list(enumerate(each.passages, start=number))
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
            [(each_number, article, passage.start, passage.end, passage.text) for each_number, passage in numbered],
        )
        if numbered:
            self._connection.execute("INSERT INTO vectors VALUES (?, ?)", (article, packed(each.vectors)))
            mean = np.asarray(each.vectors, np.float32).mean(axis=0)
            self._connection.execute("INSERT INTO means VALUES (?, ?)", (article, packed(mean)))
        outlets = self._outlets(source, article, len(numbered), 1)
        above, within = self._count(source, each.passages, 1)
        return list(worded(article, number, source, above, within, outlets))

    def strike(self, document: str) -> None:
        """Strike out an article that is there, with all that was counted of it."""
        select = "SELECT article, passage, passages, source FROM articles WHERE document = ?"
        article, number, count, written = self._connection.execute(select, (document,)).fetchone()
        source = source_from(written)
        select = 'SELECT start, "end", text FROM passages WHERE article = ?'
        passages = [Passage(source, *row) for row in self._connection.execute(select, (article,))]
        self._count(source, passages, -1)
        self._outlets(source, article, count, -1)
        for table in ("passages", "pieces"):
            delete = f"DELETE FROM {table} WHERE number BETWEEN ? AND ?"  # noqa: S608  # constants
            self._connection.execute(delete, (number, number + count - 1))
        for table in ("vectors", "means", "articles"):
            self._connection.execute(f"DELETE FROM {table} WHERE article = ?", (article,))  # noqa: S608  # constants
        self._connection.execute("INSERT INTO dropped VALUES (?)", (article,))

    def amend(self, record: Record) -> None:
        """Change what is known of an article besides its text and its source."""
        update = "UPDATE articles SET file = ?, record = ? WHERE document = ?"
        self._connection.execute(update, (record.provenance.file, rest_of(record), record.source.document))

    def close(self) -> None:
        """Add what came and take away what went."""
        self._write_stems()
        self._write_forms()
        self._write_days()

    def _numbered(self, passages: int) -> tuple[int, int]:
        """Take the next numbers, and return the article's and its first passage's."""
        update = "UPDATE state SET last_article = last_article + 1, last_passage = last_passage + ?"
        self._connection.execute(update, (passages,))
        select = "SELECT last_article, last_passage FROM state"
        article, last = self._connection.execute(select).fetchone()
        return article, last - passages + 1

    def _outlets(self, source: Source, article: int, passages: int, step: int) -> tuple[int, ...]:
        """Count an article for its outlets and its site, and return their numbers."""
        named = outlets_of(source)
        first, last = days_of(source)
        numbers = []
        for name in dict.fromkeys((*named, site_of(source))):
            if not name:
                continue
            self._connection.execute(
                """
                INSERT INTO outlets (name, spaced, named, articles, passages) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET named = named + excluded.named,
                    articles = articles + excluded.articles, passages = passages + excluded.passages
                """,
                (name, spaced(name), step * (name in named), step, step * passages),
            )
            (number,) = self._connection.execute("SELECT outlet FROM outlets WHERE name = ?", (name,)).fetchone()
            numbers.append(number)
            if step > 0:
                row = (number, last, source.document, first, article)
                self._connection.execute("INSERT INTO of_outlet VALUES (?, ?, ?, ?, ?)", row)
            else:
                delete = "DELETE FROM of_outlet WHERE outlet = ? AND last = ? AND document = ?"
                self._connection.execute(delete, (number, last, source.document))
                self._connection.execute("DELETE FROM outlets WHERE outlet = ? AND articles = 0", (number,))
        return tuple(numbers)

    def _count(self, source: Source, passages: Sequence[Passage], step: int) -> tuple[str, list[str]]:
        """Count an article, its words and its day; returns its heading's stems and those of each passage."""
        above = stems_of(word_list(heading(source)))
        within = []
        for passage in passages:
            used = word_list(passage.text)
            stems = stems_of(used)
            within.append(" ".join(stems))
            for found in {*above, *stems}:
                self._stems[found] += step
            for word in used:
                form = word.lower()
                self._uses[form] += step
                self._capitalised[form] += step * word[0].isupper()
        first, last = days_of(source)
        self._days[last, first] += step
        self._passages_of_days[last, first] += step * len(passages)
        update = "UPDATE state SET articles = articles + ?, passages = passages + ?"
        self._connection.execute(update, (step, step * len(passages)))
        return " ".join(above), within

    def _write_stems(self) -> None:
        upsert = """
            INSERT INTO stems VALUES (?, ?) ON CONFLICT (stem) DO UPDATE SET passages = passages + excluded.passages
        """
        self._connection.executemany(upsert, [(each, step) for each, step in self._stems.items() if step])
        gone = [(each,) for each, step in self._stems.items() if step < 0]
        self._connection.executemany("DELETE FROM stems WHERE stem = ? AND passages = 0", gone)

    def _write_forms(self) -> None:
        select = "SELECT form FROM forms WHERE form IN (SELECT value FROM json_each(?))"
        known = {form for (form,) in self._connection.execute(select, (json.dumps(list(self._uses)),))}
        self._connection.executemany(
            "UPDATE forms SET uses = uses + ?, capitalised = capitalised + ? WHERE form = ?",
            [(step, self._capitalised[form], form) for form, step in self._uses.items() if form in known],
        )
        self._connection.executemany(
            "INSERT INTO forms VALUES (?, ?, ?, ?, ?, ?)",
            [
                (form, uses, self._capitalised[form], name_key(form), len(form), form[::-1])
                for form, uses in self._uses.items()
                if uses and form not in known
            ],
        )
        gone = [(form,) for form, step in self._uses.items() if step < 0]
        self._connection.executemany("DELETE FROM forms WHERE form = ? AND uses = 0", gone)

    def _write_days(self) -> None:
        self._connection.executemany(
            """
            INSERT INTO days VALUES (?, ?, ?, ?) ON CONFLICT (last, first)
            DO UPDATE SET articles = articles + excluded.articles, passages = passages + excluded.passages
            """,
            [(*days, step, self._passages_of_days[days]) for days, step in self._days.items()],
        )
        self._connection.executemany("DELETE FROM days WHERE last = ? AND first = ? AND articles = 0", list(self._days))


def worded(
    article: int, number: int, source: Source, above: str, within: Iterable[str], outlets: tuple[int, ...]
) -> Iterator[Worded]:
    """Tell how passages are to be searched, whose numbers begin with this one and whose stems are `within`."""
    first, last = days_of(source)
    for each, body in enumerate(within, start=number):
        yield Worded(each, article, above, body, (first, last) if last else None, outlets)


def called(source: Source) -> str:
    """Write the names that somebody may know an article by, a line each, the document first."""
    return "\n".join(" ".join(name.casefold().split()) for name in (source.document, source.title, source.outlet))


def word_list(text: str) -> list[str]:
    return [match.group() for match in words(text)]


def stems_of(used: Iterable[str]) -> list[str]:
    return [stem(word) for word in used]


def stemmed(text: str) -> str:
    """Write the stems of a text with a space between."""
    return " ".join(stems_of(word_list(text)))


def days_of(source: Source) -> tuple[int, int]:
    """Return the first and the last day of publication, both 0 if unknown."""
    published = source.published
    return (published.first.toordinal(), published.last.toordinal()) if published else (0, 0)


def packed(vectors: Vectors) -> bytes:
    """Write vectors of length 1 at most with 16 bits a part, which moves a cosine by less than 0.0001."""
    return np.rint(np.asarray(vectors) * STEPS).clip(-STEPS, STEPS).astype(np.int16).tobytes()


def unpacked(blobs: Sequence[bytes], vectors: int) -> Vectors:
    """Undo `packed`: so many vectors, one a row. Steps are read five times faster than halved floats."""
    steps = np.frombuffer(b"".join(blobs), np.int16).reshape(vectors, -1) if vectors else np.empty((0, 0))
    return np.asarray(steps.astype(np.float32) / np.float32(STEPS))


def rest_of(record: Record) -> str:
    """Write what a record has besides its source."""
    return json.dumps({name: value for name, value in record_metadata(record).items() if name not in SOURCE})


SOURCE = frozenset(source_metadata(Source("")))


def record_from(source: str, rest: str) -> Record:
    """Undo `rest_of`."""
    return record_of(json.loads(source) | json.loads(rest))


@lru_cache(maxsize=4096)
def source_from(metadata: str) -> Source:
    """Read what is known of an article."""
    return source_of(json.loads(metadata))
