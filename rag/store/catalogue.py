"""What Chroma holds in, what is asked of it out: articles, passages, words and counts, in files beside the store.

Everything in it is derived from Chroma and can be built again. It also is what readers read: the texts and sources of
the articles that are part of the store, each as a whole or not at all. Several processes may use it at once. SQLite
decides what is there, and the words are searched by tantivy: what is there is in its index before it is there, and
what is not there any more is passed over until it is out of the index, which is with the next change.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tantivy import Searcher

from rag.database import Database
from rag.errors import StoreError
from rag.schema import Article, Dates, Filters, Passage, Source
from rag.store.embeddings import Vectors
from rag.store.filters import EVERYTHING, Limits, keeps, outlets_of, site_of, spaced
from rag.store.pieces import Pieces
from rag.store.record import Record, whole_text
from rag.store.searchable import heading
from rag.store.tables import TABLES, Tables, Whole, record_from, source_from, stemmed, unpacked, worded
from rag.store.words import Worded, Words, best, inverse_document_frequency

FORMAT = 7  # of the tables and of the words in them: raise it with any change, so that older files are built again
AT_ONCE = 1000  # passages: are entered together, with their texts, vectors and words in memory
FARTHEST = "\U0010ffff"  # behind whatever else may follow

PassagesOf = Callable[[Record], Sequence[Passage]]
VectorsOf = Callable[[Record], Vectors]


class Changes(Protocol):
    """What became of the store up to the change with this number; None for the record of an article that is gone."""

    @property
    def number(self) -> int: ...
    @property
    def version(self) -> str: ...
    @property
    def records(self) -> Mapping[str, Record | None]: ...
    @property
    def complete(self) -> bool:
        """Whether these are all there are: every other article is gone."""
        ...


@dataclass(frozen=True, slots=True)
class _Now:
    """The row that says where the catalogue stands; `turn` counts everything that was written."""

    version: str
    number: int
    reaching: int  # the number of the changes of which a part is there
    turn: int
    articles: int
    passages: int
    last_article: int
    last_passage: int
    words: str
    stamp: int


class Catalogue:
    """The catalogue in a folder. Threads may share one."""

    def __init__(self, folder: Path) -> None:
        remedy = "Delete its folder: it is built again by itself."
        self._folder = folder
        self._database = Database(folder / "catalogue.sqlite", TABLES, remedy)
        now = self._now()
        with nullcontext() if Words.are_in(folder / now.words) else self._database.writing():  # only one makes them
            self._words = Words(folder / now.words)
        self._pinned: tuple[int, Searcher] | None = None
        self._outlets_named = lru_cache(maxsize=64)(self._looked_up)
        self._outlets_there = lru_cache(maxsize=1)(self._listed_outlets)
        if self._words.stamp() != now.stamp:
            with self._writing():  # which brings the words in line
                pass

    def close(self) -> None:
        """Close every thread's connection."""
        self._words.close()
        self._database.close()

    # Where it stands

    def version(self) -> str:
        """Name the state of the store that is here; empty before the first."""
        return self._now().version

    def number(self) -> int:
        """Tell the number of the last change that is here."""
        return self._now().number

    def largest_number(self) -> int:
        """Tell the largest number that a passage has, or had: none will have it again."""
        return self._now().last_passage

    def count(self, filters: Filters = EVERYTHING) -> int:
        """Count the passages that filters keep, or somewhat more of them: from counts by day and by outlet."""
        if filters == EVERYTHING:
            return self._now().passages
        with self._reading() as connection:
            limits = self._limits(filters)
            where, values = _days_within(limits)
            select = f"SELECT coalesce(sum(passages), 0) FROM days WHERE {where}"  # noqa: S608  # constants
            (count,) = connection.execute(select, values).fetchone()
            if limits.outlets is not None:
                select = (
                    "SELECT coalesce(sum(passages), 0) FROM outlets WHERE outlet IN (SELECT value FROM json_each(?))"
                )
                (of_these,) = connection.execute(select, (_listed(limits.outlets),)).fetchone()
                count = min(count, of_these)
        return int(count)

    def article_count(self, filters: Filters = EVERYTHING) -> int:
        """Count the articles that filters keep."""
        if filters == EVERYTHING:
            return self._now().articles
        with self._reading() as connection:
            limits = self._limits(filters)
            where, values = _days_within(limits)
            if limits.outlets is None:
                select = f"SELECT coalesce(sum(articles), 0) FROM days WHERE {where}"  # noqa: S608  # constants
            else:
                select = f"""
                    SELECT count(DISTINCT article) FROM of_outlet
                    WHERE outlet IN (SELECT value FROM json_each(?)) AND {where}
                """  # noqa: S608  # constants
                values = [_listed(limits.outlets), *values]
            return int(connection.execute(select, values).fetchone()[0])

    # Articles

    def record(self, document: str) -> Record | None:
        """Look up the record of an article, if it is there."""
        return self.records([document]).get(document)

    def records(self, documents: Iterable[str] | None = None) -> dict[str, Record]:
        """Look up the records of articles, as far as they are there, or of all, in alphabetical order."""
        if documents is None:
            rows = self._rows("SELECT document, source, record FROM articles ORDER BY document")
        else:
            select = """
                SELECT document, source, record FROM articles WHERE document IN (SELECT value FROM json_each(?))
            """
            rows = self._rows(select, _listed(documents))
        return {document: record_from(source, rest) for document, source, rest in rows}

    def from_file(self, file: str) -> dict[str, Record]:
        """Look up the records of the articles that were read from a file."""
        rows = self._rows("SELECT document, source, record FROM articles WHERE file = ? ORDER BY document", file)
        return {document: record_from(source, rest) for document, source, rest in rows}

    def documents(self) -> list[str]:
        """List the documents, in alphabetical order."""
        return [document for (document,) in self._rows("SELECT document FROM articles ORDER BY document")]

    def sources(self, first: int = 0, k: int = -1) -> list[tuple[Source, int]]:
        """List `k` articles with the number of their passages, or all, from the one at `first` in the alphabet on."""
        rows = self._rows("SELECT source, passages FROM articles ORDER BY document LIMIT ? OFFSET ?", k, first)
        return [(source_from(source), passages) for source, passages in rows]

    def source(self, document: str) -> Source | None:
        """Look up what is known of an article, if it is there."""
        rows = self._rows("SELECT source FROM articles WHERE document = ?", document)
        return source_from(rows[0][0]) if rows else None

    def revision(self, document: str) -> str | None:
        """Look up the revision of an article, if it is there."""
        rows = self._rows("SELECT revision FROM articles WHERE document = ?", document)
        return str(rows[0][0]) if rows else None

    def changed_since(self, number: int) -> list[tuple[str, str]]:
        """List the documents and revisions of articles that came or were replaced after a change, the first first."""
        return self._rows("SELECT document, revision FROM articles WHERE change > ? ORDER BY change, article", number)

    def named(self, name: str) -> Source | None:
        """Find the article whose document or, if there is none, whose title this is, whatever the case."""
        rows = self._rows(
            """
            SELECT source FROM articles
            WHERE instr(called, ?1 || char(10)) = 1 OR instr(called, char(10) || ?1 || char(10))
            ORDER BY instr(called, ?1 || char(10)) = 1 DESC, document LIMIT 1
            """,
            name.casefold(),
        )
        return source_from(rows[0][0]) if rows else None

    def holds(self, name: str) -> bool:
        """Tell whether there are articles from a file of this name: `name`, or `name#` and a number."""
        select = "SELECT 1 FROM articles WHERE document = ?1 OR (document > ?1 || '#' AND document < ?1 || '$') LIMIT 1"
        return bool(self._rows(select, name))

    def like(self, typed: str, k: int) -> list[Source]:
        """Find `k` articles whose document, title or outlet has what was typed in it, by document first."""
        rows = self._rows(
            """
            SELECT source FROM articles WHERE instr(called, ?1)
            ORDER BY instr(called, ?1) < instr(called, char(10)) DESC, document LIMIT ?2
            """,
            typed.casefold(),
            k,
        )
        return [source_from(source) for (source,) in rows]

    def laid_out(self, document: str) -> tuple[Article, list[Passage]] | None:
        """Put an article together again, if it is there, and list its passages in order."""
        with self._reading():
            passages = self.passages_of(document)
            record = self.record(document)
        return (Article(record.source, whole_text(passages, record.gaps)), passages) if record else None

    def newest(self, filters: Filters = EVERYTHING) -> Source | None:
        """Find the article that was published last of those that filters keep; None if none has a date."""
        found = next(iter(self._newest(filters, 1, "source, last")), None)
        return source_from(found[0]) if found and found[1] else None

    def newest_days(self, share: int) -> Dates | None:
        """Find the days on which the newest of so many of the articles with a date were published, at least one."""
        rows = self._rows("SELECT last, sum(articles) FROM days WHERE last > 0 GROUP BY last ORDER BY last DESC")
        sought = max(sum(articles for _, articles in rows) // share, 1)
        for last, articles in rows:
            sought -= articles
            if sought <= 0:
                return Dates(_day(last), _day(rows[0][0]))
        return None

    def leads(self, filters: Filters = EVERYTHING, k: int = -1) -> list[Passage]:
        """Return the first passages of the `k` newest articles, the newest first, those of unknown date last."""
        with self._reading():
            firsts = [number for number, passages in self._newest(filters, k, "passage, passages") if passages]
            found = self.passages_numbered(firsts)
        return [found[number] for number in firsts]

    def means(self, documents: Sequence[str]) -> Vectors:
        """Return the mean vector of each article's passages, one a row. Raises StoreError if one is not there."""
        select = """
            SELECT document, vector FROM articles JOIN means USING (article)
            WHERE document IN (SELECT value FROM json_each(?))
        """
        found = dict(self._rows(select, _listed(documents)))
        if found.keys() != set(documents):
            raise StoreError("The articles have just changed. Ask again.")
        return unpacked([found[document] for document in documents], len(documents))

    # Outlets

    def outlets(self) -> tuple[str, ...]:
        """List the names of those that articles are by or taken from, in alphabetical order."""
        return self._outlets_there(self._now().turn)

    def _listed_outlets(self, turn: int) -> tuple[str, ...]:
        return tuple(name for (name,) in self._rows("SELECT name FROM outlets WHERE named > 0 ORDER BY name"))

    def _limits(self, filters: Filters) -> Limits:
        return Limits.of(filters, self._outlets_named(filters.outlets, self._now().turn) if filters.outlets else None)

    def _within(self, filters: Filters) -> tuple[str, list[object]]:
        """Write filters as a condition on the columns `first` and `last`, whose index then leads to what they keep."""
        limits = self._limits(replace(filters, outlets=()))
        where, values = _days_within(limits)
        if limits.first_to is not None:
            select = "SELECT max(last) FROM days WHERE last > 0 AND first <= ?"
            [(latest,)] = self._rows(select, limits.first_to)
            where, values = f"{where} AND last <= ?", [*values, latest or 0]
        return where, values

    def _kept(self, filters: Filters) -> tuple[str, list[object]]:
        """Write filters as a condition on articles."""
        where, values = self._within(filters)
        if not filters.outlets:
            return where, values
        of_these = "SELECT article FROM of_outlet WHERE outlet IN (SELECT value FROM json_each(?))"
        return f"article IN ({of_these} AND {where})", [_listed(self._limits(filters).outlets or ()), *values]

    def _newest(self, filters: Filters, k: int, columns: str) -> list[Any]:
        """Return these columns of the `k` articles published last, those of one day in alphabetical order."""
        where, values = self._within(filters)
        if not filters.outlets:
            select = f"SELECT {columns} FROM articles WHERE {where} ORDER BY last DESC, document LIMIT ?"  # noqa: S608
            return self._rows(select, *values, k)
        select = f"""
            SELECT last, document FROM of_outlet WHERE outlet = ? AND {where} ORDER BY last DESC, document LIMIT ?
        """  # noqa: S608  # constants
        found = {
            row for outlet in self._limits(filters).outlets or () for row in self._rows(select, outlet, *values, k)
        }
        ranked = sorted(found, key=lambda row: (-row[0], row[1]))[: k if k >= 0 else None]
        select = f"SELECT {columns} FROM articles WHERE document = ?"  # noqa: S608  # constants
        return [row for _, document in ranked for row in self._rows(select, document)]

    def _looked_up(self, outlets: tuple[str, ...], turn: int) -> tuple[int, ...]:
        """Find the numbers of all names that have the words of one of these in them; see `filters.is_named`."""
        wanted = [spaced(outlet) for outlet in outlets if spaced(outlet).strip()]
        select = "SELECT outlet FROM outlets JOIN json_each(?) ON instr(spaced, value) ORDER BY outlet"
        return tuple(dict.fromkeys(outlet for (outlet,) in self._rows(select, json.dumps(wanted))))

    # Passages

    def search(self, stems: Mapping[str, float], k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages with the highest BM25, in which each stem's part is multiplied by its weight.

        What stands in the article's title, outlet or date counts half as much as what stands in the passage; see
        `words.best`. How rare a stem is, is counted over the passages that are there.
        """
        while True:
            with self._reading():
                now, pinned = self._now(), self._pinned
                if pinned and pinned[0] == now.turn:
                    return self._found(pinned[1], stems, k, filters, now.passages)
            self._pin()

    def _found(
        self, searcher: Searcher, stems: Mapping[str, float], k: int, filters: Filters, passages: int
    ) -> list[Passage]:
        limits, standing, asked = self._limits(filters), self.frequencies(stems), k
        weights = {each: stems[each] * inverse_document_frequency(passages, count) for each, count in standing.items()}
        while True:
            hits = best(searcher, weights, asked, limits)
            found = self.passages_numbered(number for number, _ in hits)
            scored = [replace(found[number], score=score) for number, score in hits if number in found]
            if len(scored) >= k or len(hits) < asked:
                return scored[:k]
            asked *= 2  # there are words of passages that were replaced, or are about to come

    def passages(self, ids: Iterable[str]) -> dict[str, Passage]:
        """Look up passages by id. Those that are not, or no longer, part of the store are left out."""
        with self._reading():
            numbers = self.numbers_of(ids)
            found = self.passages_numbered(numbers.values())
        return {identity: found[number] for identity, number in numbers.items()}

    def numbers_of(self, ids: Iterable[str], filters: Filters = EVERYTHING) -> dict[str, int]:
        """Look up the numbers of passages by id, of those that are part of the store and that filters keep."""
        named = {identity: identity.rpartition(":") for identity in ids}
        select = """
            SELECT revision, passage, passages, source FROM articles
            WHERE revision IN (SELECT value FROM json_each(?))
        """
        rows = self._rows(select, _listed({revision for revision, _, _ in named.values()}))
        there = {
            revision: range(first, first + count)
            for revision, first, count, source in rows
            if keeps(filters, source_from(source))
        }
        return {
            identity: there[revision][int(place)]
            for identity, (revision, _, place) in named.items()
            if revision in there and int(place) < len(there[revision])
        }

    def passages_numbered(self, numbers: Iterable[int]) -> dict[int, Passage]:
        """Look up passages by number. Those that are not, or no longer, part of the store are left out."""
        rows = self._rows(
            """
            SELECT number, source, start, "end", text FROM passages JOIN articles USING (article)
            WHERE number IN (SELECT value FROM json_each(?))
            """,
            _listed(numbers),
        )
        return {number: Passage(source_from(source), *values) for number, source, *values in rows}

    def passages_of(self, document: str) -> list[Passage]:
        """List an article's passages in order; none if there is no such article."""
        rows = self._rows(
            """
            SELECT source, start, "end", text FROM articles JOIN passages USING (article)
            WHERE document = ? ORDER BY number
            """,
            document,
        )
        return [Passage(source_from(source), *values) for source, *values in rows]

    def numbers(self, filters: Filters = EVERYTHING, above: int = 0) -> list[int]:
        """List the numbers of the passages that filters keep, of those with a greater number than `above`."""
        if above:
            select = "SELECT number, source FROM passages JOIN articles USING (article) WHERE number > ?"
            return [number for number, source in self._rows(select, above) if keeps(filters, source_from(source))]
        with self._reading():
            where, values = self._kept(filters)
            rows = self._rows(f"SELECT passage, passages FROM articles WHERE {where}", *values)  # noqa: S608  # constants
        return [number for first, count in rows for number in range(first, first + count)]

    def numbers_at(self, passages: Iterable[Passage]) -> list[int | None]:
        """Look up the numbers of passages, in order; None for one that is not, or no longer, part of the store."""
        # the text, because an article may have been replaced
        select = """
            SELECT number FROM articles JOIN passages USING (article) WHERE document = ? AND start = ? AND text = ?
        """
        found = (self._rows(select, each.source.document, each.start, each.text) for each in passages)
        return [rows[0][0] if rows else None for rows in found]

    def vectors(self, numbers: Iterable[int]) -> tuple[list[int], Vectors]:
        """Look up the vectors of passages by number: which of these there are, and their vectors, one a row."""
        wanted = list(numbers)
        found, vectors = self._vectors(
            "article IN (SELECT article FROM passages WHERE number IN (SELECT value FROM json_each(?)))",
            _listed(wanted),
        )
        rows = np.flatnonzero(np.isin(found, wanted))
        return [found[row] for row in rows], vectors[rows]

    def kept_vectors(self, filters: Filters = EVERYTHING) -> tuple[list[int], Vectors]:
        """Look up the vectors of all passages that filters keep: their numbers, and their vectors, one a row."""
        with self._reading():
            where, values = self._kept(filters)
            return self._vectors(where, *values)

    def added_since(self, number: int) -> tuple[list[int], Vectors]:
        """Look up the vectors of all passages with a greater number: their numbers, and their vectors, one a row."""
        # later articles have greater numbers, as their passages have
        return self._vectors(
            "article >= (SELECT article FROM passages WHERE number > ? ORDER BY number LIMIT 1)", number
        )

    def _vectors(self, where: str, *values: object) -> tuple[list[int], Vectors]:
        """Look up the vectors of the passages of some articles."""
        select = f"SELECT passage, passages, vectors FROM articles JOIN vectors USING (article) WHERE {where}"  # noqa: S608
        rows = sorted(self._rows(select, *values))  # to ask for an order leads SQLite past the index of days
        numbers = [number for first, count, _ in rows for number in range(first, first + count)]
        return numbers, unpacked([blob for _, _, blob in rows], len(numbers))

    def pieces(self, passages: Iterable[Passage]) -> list[Pieces | None]:
        """Look up the word pieces of passages, in order; None where none are kept."""
        with self._reading():
            numbers = self.numbers_at(passages)
            select = "SELECT number, vectors, spans FROM pieces WHERE number IN (SELECT value FROM json_each(?))"
            rows = self._rows(select, _listed(number for number in numbers if number))
        found = {number: Pieces.from_bytes(*blobs) for number, *blobs in rows}
        return [found.get(number) if number else None for number in numbers]

    def keep_pieces(self, pieces: Mapping[Passage, tuple[bytes, bytes]]) -> None:
        """Keep the word pieces of passages, which are `Pieces.to_bytes`, for as long as the passages are here."""
        with self._database.writing() as connection:
            numbers = self.numbers_at(pieces)
            rows = [(number, *blobs) for number, blobs in zip(numbers, pieces.values(), strict=True) if number]
            connection.executemany("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?)", rows)

    # Words

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Count the passages in or above whose text each stem stands; stems that stand nowhere are left out."""
        select = "SELECT stem, passages FROM stems WHERE stem IN (SELECT value FROM json_each(?))"
        return dict(self._rows(select, _listed(stems)))

    def forms(self) -> list[tuple[str, int, int]]:
        """List the words of the passages' texts in lower case, how often each is used, and how often with a capital."""
        return self._rows("SELECT form, uses, capitalised FROM forms ORDER BY form")

    def form(self, word: str) -> tuple[int, int] | None:
        """Tell how often a word in lower case is used, and how often with a capital; None if never."""
        rows = self._rows("SELECT uses, capitalised FROM forms WHERE form = ?", word)
        return rows[0] if rows else None

    def forms_with_key(self, key: str) -> list[tuple[str, int, int]]:
        """List the words, as `forms` does, that have this `name_key`, the most used first."""
        return self._rows("SELECT form, uses, capitalised FROM forms WHERE key = ? ORDER BY uses DESC, form", key)

    def forms_resembling(self, begins: str, ends: str, shortest: int, longest: int) -> list[str]:
        """List the words of these lengths that begin with `begins` or end with `ends`, neither of them empty."""
        back = ends[::-1]
        rows = self._rows(
            """
            SELECT form FROM forms WHERE form >= ?1 AND form < ?2 AND length BETWEEN ?5 AND ?6
            UNION SELECT form FROM forms WHERE backwards >= ?3 AND backwards < ?4 AND length BETWEEN ?5 AND ?6
            """,
            *(begins, begins + FARTHEST, back, back + FARTHEST, shortest, longest),
        )
        return [form for (form,) in rows]

    # What writers write

    def catch_up(self, changes: Changes, passages_of: PassagesOf, vectors_of: VectorsOf) -> None:
        """Bring the catalogue in line: replace or, where there is no record, remove the articles that are named.

        Of many only so many at a time: who reads meanwhile finds a part of them. Changes older than those that are
        here, or partly here, change nothing. An article that is not there with every passage is left out.
        """
        gone = set(self.documents()) - changes.records.keys() if changes.complete else ()
        batches = list(_batches({**dict.fromkeys(gone), **changes.records}))
        for batch in batches:
            wanted = {
                name: record for name, record in batch.items() if record and self.revision(name) != record.revision
            }
            fetched = [Whole(record, passages_of(record), vectors_of(record)) for record in wanted.values()]
            complete = {
                each.record.source.document: each
                for each in fetched
                if len(each.passages) == len(each.vectors) == each.record.passages
            }
            with self._writing() as (now, connection, added):
                if changes.number < now.reaching or (changes.number, changes.version) == (now.number, now.version):
                    return
                tables = Tables(connection)
                for document, record in batch.items():
                    row = connection.execute("SELECT revision FROM articles WHERE document = ?", (document,)).fetchone()
                    if record and row == (record.revision,):
                        tables.amend(record)
                        continue
                    if row:
                        tables.strike(document)
                    if document in complete:
                        added += tables.enter(complete[document], changes.number)
                tables.close()
                done = batch is batches[-1]
                connection.execute(
                    "UPDATE state SET version = ?, number = ?, reaching = ?",
                    (changes.version, changes.number, changes.number)
                    if done
                    else (f"{changes.version} {now.turn}", now.number, changes.number),
                )

    def clear(self) -> None:
        """Forget everything, because what is in Chroma now is another store."""
        with self._writing() as (_, connection, _):
            tables = Tables(connection)
            for document in self.documents():
                tables.strike(document)
            tables.close()
            connection.execute("UPDATE state SET version = '', number = 0, reaching = 0")

    @contextmanager
    def _writing(self) -> Iterator[tuple[_Now, sqlite3.Connection, list[Worded]]]:
        """Keep other writers out; what is put on the list is in the words before the rest takes effect.

        If a writer was killed between the one and the other, or if files were lost, the words are brought in line.
        """
        with self._database.writing() as connection:
            before = self._now()
            connection.execute("UPDATE state SET turn = turn + 1")
            gone = {article for (article,) in connection.execute("SELECT article FROM dropped")}
            dropped, missing = gone, set[int]()
            if lost := self._words.stamp() != before.stamp:
                there = {article for (article,) in connection.execute("SELECT article FROM articles")}
                indexed = self._words.articles()
                dropped, missing = indexed - there, there - indexed
            added: list[Worded] = []
            yield before, connection, added
            if lost or added or dropped:
                stamp = self._words.change(chain(self._worded(missing), added), dropped)
                connection.execute("UPDATE state SET stamp = ?", (stamp,))
                connection.executemany("DELETE FROM dropped WHERE article = ?", [(article,) for article in gone])

    def _worded(self, articles: Iterable[int]) -> Iterator[Worded]:
        """Yield how the passages of articles are to be searched, of those that are there."""
        for article in sorted(articles):
            for document, number in self._rows("SELECT document, passage FROM articles WHERE article = ?", article):
                passages = self.passages_of(document)
                source = passages[0].source
                select = "SELECT outlet FROM outlets WHERE name IN (SELECT value FROM json_each(?))"
                outlets = self._rows(select, _listed((*outlets_of(source), site_of(source))))
                within = (stemmed(passage.text) for passage in passages)
                yield from worded(
                    article, number, source, stemmed(heading(source)), within, tuple(outlet for (outlet,) in outlets)
                )

    # How it reads

    def _now(self) -> _Now:
        return _Now(*self._rows("SELECT * FROM state")[0])

    def _rows(self, select: str, *values: object) -> list[Any]:
        return self._database.read(select, *values)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Read what there is at one moment, whatever others write meanwhile."""
        connection = self._database.connection
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    def _pin(self) -> None:
        """Take the words as they are, if nothing is written meanwhile."""
        turn, searcher = self._now().turn, self._words.searcher()
        if self._now().turn == turn:
            self._pinned = turn, searcher


def _days_within(limits: Limits) -> tuple[str, list[object]]:
    """Write what limits the days as a condition on the columns `first` and `last`."""
    conditions = (
        ("last > ?", 0 if limits.dated else None),
        ("last >= ?", limits.last_from),
        ("last <= ?", limits.last_to),
        ("first <= ?", limits.first_to),
    )
    held = [(condition, value) for condition, value in conditions if value is not None]
    return " AND ".join(condition for condition, _ in held) or "TRUE", [value for _, value in held]


def _batches(records: Mapping[str, Record | None]) -> Iterator[dict[str, Record | None]]:
    """Cut what has changed into parts of about so many passages; there is at least one, if an empty one."""
    batch: dict[str, Record | None] = {}
    passages = 0
    for document, record in records.items():
        batch[document] = record
        passages += record.passages if record else 1
        if passages >= AT_ONCE:
            yield batch
            batch, passages = {}, 0
    yield batch


def _listed(values: Iterable[object]) -> str:
    return json.dumps(list(values))


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)
