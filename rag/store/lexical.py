"""Passages in, passages that contain given words out, ranked by BM25: a SQLite file beside the Chroma store.

Everything in it is derived from Chroma and can be built again. It also is what readers read: the texts and sources of
the passages that are part of the store, each article as a whole or not at all. Several processes may use it at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from rag.database import Database
from rag.errors import StoreError
from rag.language.words import stem, words
from rag.schema import Article, Passage, Source
from rag.store.pieces import Pieces
from rag.store.record import Record, record_metadata, record_of, source_metadata, source_of, whole_text
from rag.store.searchable import heading

FORMAT = 3  # of the tables and of the words in them: raise it with any change, so that older files are built again
MOST_STEMS = 400  # of one search; SQLite unites at most 500 selections
ONLY_THESE = "WHERE rowid IN (SELECT number FROM passages WHERE document IN (SELECT value FROM json_each(?)))"
THIS_ONE = "WHERE document = ? AND start = ? AND text = ?"  # the text, because an article may have been replaced

TABLES = """
CREATE TABLE state (version TEXT NOT NULL);
INSERT INTO state VALUES ('');
CREATE TABLE articles (
    document TEXT PRIMARY KEY, revision TEXT NOT NULL, source TEXT NOT NULL, record TEXT NOT NULL
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE UNIQUE INDEX passages_by_place ON passages (document, start);
CREATE TABLE pieces (number INTEGER PRIMARY KEY, vectors BLOB NOT NULL, spans BLOB NOT NULL);
CREATE VIRTUAL TABLE stems USING fts5 (heading, body, content = '', tokenize = 'ascii');
CREATE VIRTUAL TABLE stem_counts USING fts5vocab (stems, row);
CREATE TABLE forms (form TEXT PRIMARY KEY, uses INTEGER NOT NULL, capitalised INTEGER NOT NULL) WITHOUT ROWID;
"""

PassagesOf = Callable[[Record], Sequence[Passage]]


class Lexical:
    """The lexical index in one file. Threads may share one."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, TABLES, "Delete it: it is built again by itself.")

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    # What readers read

    def version(self) -> str:
        """Name the state of the store that this index reflects; empty before the first."""
        (version,) = self._connection.execute("SELECT version FROM state").fetchone()
        return str(version)

    def search(
        self,
        stems: Mapping[str, float],
        k: int,
        documents: Collection[str] | None = None,
        heading_weight: float = 1.0,
    ) -> list[Passage]:
        """Return the `k` passages with the highest BM25, in which each stem's part is multiplied by its weight.

        The parameters are SQLite's: k1 = 1.2, b = 0.75. What stands in the article's title, outlet or date counts
        `heading_weight` times. `documents`, if given, are the only ones searched.
        """
        heaviest = sorted(stems, key=lambda stem: -stems[stem])[:MOST_STEMS]
        if not heaviest:
            return []
        one_stem = "SELECT rowid, ? * bm25(stems, ?, 1.0) AS score FROM stems WHERE stems MATCH ?"
        rows = self._connection.execute(
            f"""
            WITH hits AS MATERIALIZED ({" UNION ALL ".join([one_stem] * len(heaviest))}),
            best AS (
                SELECT rowid AS number, -sum(score) AS score FROM hits
                {"" if documents is None else ONLY_THESE} GROUP BY rowid ORDER BY 2 DESC, 1 LIMIT ?
            )
            SELECT source, start, "end", text, score
            FROM best JOIN passages USING (number) JOIN articles USING (document) ORDER BY score DESC, number
            """,  # noqa: S608  # put together from constants
            (
                *(value for stem in heaviest for value in (stems[stem], heading_weight, quoted(stem))),
                *(() if documents is None else (json.dumps(list(documents)),)),
                k,
            ),
        )
        return [Passage(_source(source), *values) for source, *values in rows]

    def passages(self, ids: Iterable[str]) -> dict[str, Passage]:
        """Look up passages by id. Those that are not, or no longer, part of the store are left out."""
        rows = self._connection.execute(
            """
            SELECT id, source, start, "end", text FROM passages JOIN articles USING (document)
            WHERE id IN (SELECT value FROM json_each(?))
            """,
            (json.dumps(list(ids)),),
        )
        return {identity: Passage(_source(source), *values) for identity, source, *values in rows}

    def ids(self, passages: Iterable[Passage]) -> list[str]:
        """Look up the ids of passages, in order. Raises StoreError for one that is not, or no longer, in the store."""
        select = "SELECT id FROM passages WHERE document = ? AND start = ?"
        found = [self._connection.execute(select, passage.key[:2]).fetchone() for passage in passages]
        if None in found:
            raise StoreError("The articles have just changed. Ask again.")
        return [identity for (identity,) in found]

    def pieces(self, passages: Iterable[Passage]) -> list[Pieces | None]:
        """Look up the word pieces of passages, in order; None where none are kept."""
        select = f"SELECT vectors, spans FROM passages JOIN pieces USING (number) {THIS_ONE}"  # noqa: S608  # constants
        rows = (self._connection.execute(select, _place(passage)).fetchone() for passage in passages)
        return [Pieces.from_bytes(*row) if row else None for row in rows]

    def records(self) -> dict[str, Record]:
        """Return the record of every article, by document, in alphabetical order."""
        rows = self._connection.execute("SELECT document, record FROM articles ORDER BY document")
        return {document: record_of(json.loads(record)) for document, record in rows}

    def article(self, document: str) -> Article | None:
        """Put an article together again, if it is there."""
        rows = self._connection.execute(
            """
            SELECT source, start, "end", text, record FROM articles JOIN passages USING (document)
            WHERE document = ? ORDER BY start
            """,
            (document,),
        ).fetchall()
        if not rows:
            return None
        passages = [Passage(_source(source), *values) for source, *values, _ in rows]
        return Article(passages[0].source, whole_text(passages, record_of(json.loads(rows[0][-1])).gaps))

    def count(self) -> int:
        """Count the passages."""
        (count,) = self._connection.execute("SELECT count(*) FROM passages").fetchone()
        return int(count)

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Count the passages in or above whose text each stem stands; stems that stand nowhere are left out."""
        select = "SELECT term, doc FROM stem_counts WHERE term IN (SELECT value FROM json_each(?))"
        return dict(self._connection.execute(select, (json.dumps(list(stems)),)).fetchall())

    def forms(self) -> list[tuple[str, int, int]]:
        """List the words of the passages' texts in lower case, how often each is used, and how often with a capital."""
        return self._connection.execute("SELECT form, uses, capitalised FROM forms ORDER BY form").fetchall()

    # What the store writes

    def rebuild(self, read: Callable[[], tuple[str, Mapping[str, Record]]], passages_of: PassagesOf) -> None:
        """Bring the index in line with Chroma: `read` tells its version and records, `passages_of` a record's passages.

        Chroma is read while no other process can write here, so that an older state never replaces a newer one. An
        article of which Chroma does not have every passage is not part of the store.
        """
        with self._database.writing() as connection:
            version, records = read()
            kept = dict(connection.execute("SELECT document, record FROM articles"))
            changes: dict[str, Record | None] = dict.fromkeys(kept.keys() - records.keys())
            changes |= {name: record for name, record in records.items() if kept.get(name) != _json(record)}
            _apply(connection, changes, passages_of)
            connection.execute("UPDATE state SET version = ?", (version,))

    def apply(self, changes: Mapping[str, Record | None], version: str, passages_of: PassagesOf) -> None:
        """Replace or, where there is no record, remove the articles named, all at once."""
        with self._database.writing() as connection:
            _apply(connection, changes, passages_of)
            connection.execute("UPDATE state SET version = ?", (version,))

    def keep_pieces(self, pieces: Mapping[Passage, tuple[bytes, bytes]]) -> None:
        """Keep the word pieces of passages, which are `Pieces.to_bytes`, for as long as the passages are here."""
        insert = f"INSERT OR REPLACE INTO pieces SELECT number, ?, ? FROM passages {THIS_ONE}"  # noqa: S608  # constants
        with self._database.writing() as connection:
            connection.executemany(insert, [(*blobs, *_place(passage)) for passage, blobs in pieces.items()])

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._database.connection


def _apply(connection: sqlite3.Connection, changes: Mapping[str, Record | None], passages_of: PassagesOf) -> None:
    for document, record in changes.items():
        row = connection.execute("SELECT revision FROM articles WHERE document = ?", (document,)).fetchone()
        if record and row == (record.revision,):  # read from another file: the text is the same
            connection.execute("UPDATE articles SET record = ? WHERE document = ?", (_json(record), document))
            continue
        if row:
            _remove(connection, document)
        if record and len(passages := passages_of(record)) == record.passages:
            _insert(connection, record, passages)


def _insert(connection: sqlite3.Connection, record: Record, passages: Sequence[Passage]) -> None:
    document = record.source.document
    source = json.dumps(source_metadata(record.source))
    row = (document, record.revision, source, _json(record))
    connection.execute("INSERT INTO articles (document, revision, source, record) VALUES (?, ?, ?, ?)", row)
    for identity, passage in zip(record.passage_ids, passages, strict=True):
        insert = 'INSERT INTO passages (id, document, start, "end", text) VALUES (?, ?, ?, ?, ?)'
        values = (identity, document, passage.start, passage.end, passage.text)
        number = connection.execute(insert, values).lastrowid
        connection.execute("INSERT INTO stems (rowid, heading, body) VALUES (?, ?, ?)", (number, *_stems(passage)))
    _count(connection, passages, 1)


def _remove(connection: sqlite3.Connection, document: str) -> None:
    select = 'SELECT source, start, "end", text, number FROM articles JOIN passages USING (document) WHERE document = ?'
    rows = connection.execute(select, (document,)).fetchall()
    passages = [Passage(_source(source), *values) for source, *values, _ in rows]
    for passage, row in zip(passages, rows, strict=True):
        delete = "INSERT INTO stems (stems, rowid, heading, body) VALUES ('delete', ?, ?, ?)"
        connection.execute(delete, (row[-1], *_stems(passage)))
    _count(connection, passages, -1)
    select = "SELECT number FROM passages WHERE document = ?"
    connection.execute(f"DELETE FROM pieces WHERE number IN ({select})", (document,))  # noqa: S608  # constants
    connection.execute("DELETE FROM passages WHERE document = ?", (document,))
    connection.execute("DELETE FROM articles WHERE document = ?", (document,))


def _count(connection: sqlite3.Connection, passages: Iterable[Passage], step: int) -> None:
    """Add the words of these passages to the counts of word forms, or take them away."""
    used = [match.group() for passage in passages for match in words(passage.text)]
    uses = Counter(word.lower() for word in used)
    capitalised = Counter(word.lower() for word in used if word[0].isupper())
    connection.executemany(
        """
        INSERT INTO forms VALUES (?, ?, ?) ON CONFLICT (form)
        DO UPDATE SET uses = uses + excluded.uses, capitalised = capitalised + excluded.capitalised
        """,
        [(form, step * count, step * capitalised[form]) for form, count in uses.items()],
    )
    if step < 0:
        connection.execute("DELETE FROM forms WHERE uses = 0")


def _place(passage: Passage) -> tuple[str, int, str]:
    return passage.source.document, passage.start, passage.text


def _stems(passage: Passage) -> tuple[str, str]:
    return stemmed(heading(passage.source)), stemmed(passage.text)


def stemmed(text: str) -> str:
    return " ".join(stem(match.group()) for match in words(text))


def quoted(stem: str) -> str:
    """Write a stem so that SQLite takes nothing in it for an operator."""
    return '"' + stem.replace('"', '""').replace("\0", " ") + '"'


def _json(record: Record) -> str:
    return json.dumps(record_metadata(record))


@lru_cache(maxsize=4096)
def _source(metadata: str) -> Source:
    return source_of(json.loads(metadata))
