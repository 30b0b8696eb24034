"""What was made of the articles of a store in, the same out as long as they are the same: in memory and in a file.

All of it is derived. Whatever cannot be read is made again from the articles, and the file may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rag.database import Database
from rag.errors import StoreError
from rag.schema import Citation, Claim, Dates, Dating, Event, Source, When
from rag.store.embeddings import Vectors
from rag.timeline.events import Found
from rag.timeline.happenings import Happening
from rag.versions import code_digest

log = logging.getLogger(__name__)

TABLES = "CREATE TABLE corpora (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kept BLOB NOT NULL);"
VERSION = 1  # of the tables: raise it when they change, so that older files are made again
KEPT = 20  # corpora in the file: 1 MB each, if they have 600 articles
REMEDY = "Delete it: it is made again by itself."
REMEMBERED = 4  # corpora in memory: 20 MB each
AT_ONCE = 512  # sentences that are embedded together
SENTENCES_REMEMBERED = 20_000  # with their vectors: 30 MB

EMBEDDING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dateline-embedding")
Encode = Callable[[Sequence[str]], Vectors]
Sources = Mapping[str, Source]  # by document
Row = list[Any]


@dataclass(frozen=True, slots=True)
class Harvest:
    """What was made of articles: in the order of the dates, each event that was found, as it passed the gate."""

    events: Mapping[Found, Event]
    originals: Mapping[str, str]  # of the documents that are rewrites

    def origin_of(self, document: str) -> str:
        """Name the original of what an article reports: another article, or itself."""
        return self.originals.get(document, document)


def corpus_key(read: Iterable[str], there: Iterable[str]) -> str:
    """Name what becomes of articles: by their revisions, by those of all that are there, and by the code that reads."""
    return hashlib.sha256(repr((code_digest(), sorted(read), sorted(there))).encode()).hexdigest()


class Meanings:
    """Sentences in, their vectors out, one a row: each sentence is embedded once, unless there are too many."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._known: dict[str, Vectors] = {}
        self._expected: list[str] = []
        self._begun: list[Future[None]] = []

    def expect(self, sentences: Iterable[str]) -> None:
        """Embed sentences in the background that are going to be asked for."""
        self._expected += sentences
        if len(self._expected) >= AT_ONCE:
            self._begun.append(EMBEDDING.submit(self._learn, tuple(self._expected)))
            self._expected.clear()

    def __call__(self, sentences: Sequence[str]) -> Vectors:
        while self._begun:
            self._begun.pop().result()
        self._expected.clear()
        self._learn(sentences)
        known = self._known
        if len(known) > SENTENCES_REMEMBERED:
            self._known = {each: known[each] for each in sentences}
        return np.stack([known[each] for each in sentences])

    def _learn(self, sentences: Sequence[str]) -> None:
        if new := [each for each in dict.fromkeys(sentences) if each not in self._known]:
            self._known |= dict(zip(new, self._encode(new), strict=True))


class Cache:
    """What was made of some collections of articles, of each under its `corpus_key`.

    Threads may share one, and processes a file. Without a file they are remembered for as long as the process lives.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._database = _opened(path) if path else None
        self._remembered: dict[str, Harvest] = {}
        self._remembering = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        if self._database:
            self._database.close()

    def get(self, key: str, sources: Sources) -> Harvest | None:
        """Return what was put under a key, if it is still there; `sources` are those of its articles."""
        if kept := self._remembered.get(key):
            return kept
        kept = self._read(key, sources)
        return kept and self._remember(key, kept)

    def put(self, key: str, harvest: Harvest) -> Harvest:
        """Keep what was made, and return it as `get` will. It is remembered even if the file cannot be written.

        The clauses of reports are left out: it takes them to put events together, but not to choose and show them.
        """
        kept = Harvest({without_clauses(found): event for found, event in harvest.events.items()}, harvest.originals)
        self._write(key, packed(kept))
        return self._remember(key, kept)

    def _remember(self, key: str, harvest: Harvest) -> Harvest:
        with self._remembering:
            others = [(other, its) for other, its in self._remembered.items() if other != key]
            self._remembered = dict([*others[1 - REMEMBERED :], (key, harvest)])
        return harvest

    def _read(self, key: str, sources: Sources) -> Harvest | None:
        if self._database is None:
            return None
        try:
            rows = self._database.read("SELECT kept FROM corpora WHERE key = ?", key)
            return unpacked(rows[0][0], sources) if rows else None
        except (StoreError, zlib.error, ValueError, TypeError, LookupError) as error:
            log.warning("The events kept of the articles cannot be read, which are read again: %s", error)
            return None

    def _write(self, key: str, kept: bytes) -> None:
        if self._database is None:
            return
        try:
            with self._database.writing() as connection:
                connection.execute("INSERT OR REPLACE INTO corpora (key, kept) VALUES (?, ?)", (key, kept))
                newest = "SELECT number FROM corpora ORDER BY number DESC LIMIT ?"
                connection.execute(f"DELETE FROM corpora WHERE number NOT IN ({newest})", (KEPT,))  # noqa: S608  # constant
        except StoreError as error:
            log.warning("The events of the articles are not kept: %s", error)


def _opened(path: Path) -> Database | None:
    """Open the file, in the place of a damaged one if need be; None if there cannot be one."""
    try:
        try:
            return Database(path, TABLES, REMEDY, VERSION)
        except StoreError:
            for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                file.unlink(missing_ok=True)
            return Database(path, TABLES, REMEDY, VERSION)
    except (StoreError, OSError) as error:
        log.warning("The events of the articles are not kept: %s", error)
        return None


def without_clauses(found: Found) -> Found:
    return replace(found, reports=tuple(replace(each, clauses=()) for each in found.reports))


def packed(harvest: Harvest) -> bytes:
    """Write what was made of articles, compressed so that damage shows. The clauses of reports are left out."""
    rows = [_event_row(found, event) for found, event in harvest.events.items()]
    return zlib.compress(json.dumps([rows, dict(harvest.originals)], separators=(",", ":")).encode("ascii"))


def unpacked(data: bytes, sources: Sources) -> Harvest:
    """Undo `packed`. Raises ValueError, LookupError, TypeError or zlib.error for anything else."""
    rows, originals = json.loads(zlib.decompress(data))
    return Harvest(dict(_event(row, sources) for row in rows), originals)


def _event_row(found: Found, event: Event) -> Row:
    reports, claim = found.reports, event.claim
    cited = [[each.citation for each in reports].index(citation) for citation in claim.citations]
    told = [
        _when_row(found.when),
        [_report_row(each) for each in reports],
        [_dating_row(each) for each in found.disputed],
    ]
    return [*told, claim.text, cited, claim.attribution, event.origins]


def _event(row: Row, sources: Sources) -> tuple[Found, Event]:
    when, reports, disputed, text, cited, attribution, origins = row
    found = Found(
        tuple(_report(each, sources) for each in reports),
        _when(when),
        tuple(Dating(says, tuple(_citation(each, sources) for each in citations)) for says, citations in disputed),
    )
    claim = Claim(text, tuple(found.reports[number].citation for number in cited), attribution)
    return found, Event(claim, found.when, origins, found.disputed)


def _report_row(one: Happening) -> Row:
    return [_citation_row(one.citation), one.text, _when_row(one.when), one.place, one.telling, one.is_dated]


def _report(row: Row, sources: Sources) -> Happening:
    citation, text, when, *others = row
    return Happening((), _citation(citation, sources), text, _when(when), *others)


def _dating_row(dating: Dating) -> Row:
    return [dating.says, [_citation_row(each) for each in dating.citations]]


def _citation_row(citation: Citation) -> Row:
    return [citation.source.document, citation.start, citation.end, citation.quote]


def _citation(row: Row, sources: Sources) -> Citation:
    return Citation(sources[row[0]], *row[1:])


def _when_row(when: When) -> Row:
    spans = [[span.first.toordinal(), span.last.toordinal()] if span else None for span in (when.dates, when.until)]
    bounds = [day.toordinal() if day else None for day in (when.not_before, when.not_after)]
    return [*spans, *bounds, when.approximate, when.expression]


def _when(row: Row) -> When:
    dates, until, not_before, not_after, approximate, expression = row
    return When(_span(dates), _day(not_before), _day(not_after), _span(until), approximate, expression)


def _span(days: Sequence[int] | None) -> Dates | None:
    return Dates(*map(date.fromordinal, days)) if days else None


def _day(number: int | None) -> date | None:
    return date.fromordinal(number) if number else None
