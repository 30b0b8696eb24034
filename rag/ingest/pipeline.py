"""Files, folders and web addresses in, a store in line with them out, and a report of what that took.

A folder named is the whole truth: an article that came from a file and is in no named place any more is taken out of
the store. Where only files and addresses are named, their articles are added or replaced and all others stay. Articles
from the web always stay. So do those of a file that was there before and cannot be read now.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar

from rag.errors import UnreadableError, UsageError
from rag.ingest.passages import passages_of
from rag.ingest.prepared import Prepared, Provenance
from rag.ingest.reader import Unreadable, article_files, document_names, fetch_article, read_articles
from rag.schema import Article, Passage

PASSAGES_AT_ONCE = 1024  # are embedded and written together: some 20 seconds' work, which is what a kill can cost

T = TypeVar("T")
Cut = Callable[[Article], Sequence[Passage]]
Progress = Callable[[int, int], None]  # articles done, articles found so far


class Known(Protocol):
    """What a store remembers of an article."""

    @property
    def revision(self) -> str: ...
    @property
    def passages(self) -> int: ...
    @property
    def provenance(self) -> Provenance: ...


class Writer(Protocol):
    """What writes into a store, article by article, while nothing else does."""

    @property
    def known(self) -> Mapping[str, Known]: ...
    def put(self, articles: Sequence[Prepared]) -> None: ...
    def amend(self, provenances: Mapping[str, Provenance]) -> None: ...
    def remove(self, documents: Collection[str]) -> None: ...


class Store(Protocol):
    """Where the articles go."""

    def writing(self) -> AbstractContextManager[Writer]: ...


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingestion did, in numbers of articles, and what the store holds now."""

    added: int
    updated: int
    unchanged: int
    removed: int
    failed: tuple[Unreadable, ...]
    articles: int
    passages: int
    seconds: float


def ingest(
    paths: Sequence[str],
    store: Store,
    progress: Progress = lambda done, found: None,
    cut: Cut = passages_of,
) -> Report:
    """Bring the store in line with the paths, which are files, folders or web addresses.

    What cannot be read is reported, and the rest goes in. It may be stopped at any moment: each article is then as it
    was or as it is to be, and the same call goes on from there.
    """
    begun = time.perf_counter()
    places = [Path(path) for path in paths if not is_address(path)]
    addresses = [path for path in paths if is_address(path)]
    names = document_names(list(article_files(places)))
    with store.writing() as writer:
        run = _Run(writer, progress, cut, found=len(names) + len(addresses))
        for file, name in names.items():
            run.read(file, name)
        for address in addresses:
            run.fetch(address)
        run.flush()
        run.remove_gone(everything=any(place.is_dir() for place in places))
        return run.report(time.perf_counter() - begun)


def remove(document: str, store: Store) -> Provenance:
    """Take one article out of the store, and tell where it came from. Raises UsageError if there is none."""
    with store.writing() as writer:
        known = writer.known.get(document)
        if known is None:
            raise UsageError(f"There is no article {document!r}.")
        writer.remove([document])
        return known.provenance


def is_address(path: str) -> bool:
    """Tell a web address from a path."""
    return path.lower().startswith(("http://", "https://"))


class _Run:
    """One ingestion under way."""

    def __init__(self, writer: Writer, progress: Progress, cut: Cut, found: int) -> None:
        self.writer = writer
        self.progress = progress
        self.cut = cut
        self.done, self.found = 0, found
        self.added = self.updated = self.unchanged = self.removed = 0
        self.failed: list[Unreadable] = []
        self.read_files: set[str] = set()
        self.unreadable: set[str] = set()  # of these, the ones that could not be read, or not to the end
        self.seen: set[str] = set()  # documents
        self.waiting: list[Prepared] = []
        self.amended: dict[str, Provenance] = {}
        self.from_file: dict[str, list[str]] = defaultdict(list)
        for document, known in writer.known.items():
            self.from_file[known.provenance.file].append(document)

    def read(self, file: Path, name: str) -> None:
        """Take in a file's articles, unless the file is as it was when they were taken in."""
        location = str(file.absolute())
        self.read_files.add(location)
        digest = file_digest(file)
        if digest and self.has(location, name, digest):
            self.seen.update(self.from_file[location])
            self.unchanged += len(self.from_file[location])
            self.advance(1)
            return
        articles = self.readable(read_articles(file, name), location)
        count = 0
        # only the last article bears the digest: it is written after the others, so where it is they are
        for count, (article, is_last) in enumerate(with_last(articles), start=1):
            self.found += count > 1
            whole = is_last and location not in self.unreadable
            self.take(article, Provenance(location, digest, count) if whole else Provenance(location))

    def fetch(self, address: str) -> None:
        """Take in the article at a web address."""
        try:
            self.take(fetch_article(address), Provenance(address))
        except UnreadableError as error:
            self.fail(address, str(error))

    def has(self, location: str, name: str, digest: str) -> bool:
        """Tell whether the store has all articles of a file with this digest, under this name."""
        documents = self.from_file[location]
        provenances = [self.writer.known[document].provenance for document in documents]
        return any(known.digest == digest and known.articles == len(documents) for known in provenances) and all(
            document == name or document.startswith(f"{name}#") for document in documents
        )

    def readable(self, items: Iterable[Article | Unreadable], location: str) -> Iterator[Article]:
        """Yield the articles among the items and report the others."""
        for item in items:
            if isinstance(item, Unreadable):
                self.unreadable.add(location)
                self.fail(item.path, item.error)
            else:
                yield item

    def take(self, article: Article, provenance: Provenance) -> None:
        """Sort out what is to be done with an article: nothing if the store has it."""
        document = article.source.document
        if document in self.seen:
            self.fail(provenance.file, f"Another article was read as {document}: name it only once.")
            return
        self.seen.add(document)
        known = self.writer.known.get(document)
        if known and known.revision == article.revision:
            self.unchanged += 1
            self.advance(1)
            if known.provenance != provenance:
                self.amended[document] = provenance
            return
        self.updated += known is not None
        self.added += known is None
        self.waiting.append(Prepared(article, tuple(self.cut(article)), provenance))
        if sum(len(each.passages) for each in self.waiting) >= PASSAGES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting to be written."""
        if self.waiting:
            self.writer.put(self.waiting)
            self.advance(len(self.waiting))
            self.waiting = []
        if self.amended:
            self.writer.amend(self.amended)
            self.amended = {}

    def remove_gone(self, everything: bool) -> None:
        """Take out articles that their files no longer hold, and if `everything` was named, those of other files."""
        gone = [
            document
            for document, known in self.writer.known.items()
            if document not in self.seen and self.is_gone(known.provenance.file, everything)
        ]
        if gone:
            self.writer.remove(gone)
        self.removed = len(gone)

    def is_gone(self, file: str, everything: bool) -> bool:
        lost = any(Path(file).is_relative_to(unreadable) for unreadable in self.unreadable)  # it may be a folder
        return (file in self.read_files or everything) and not lost and not is_address(file)

    def fail(self, path: str, error: str) -> None:
        self.failed.append(Unreadable(path, error))
        self.advance(1)

    def advance(self, articles: int) -> None:
        self.done += articles
        self.found = max(self.found, self.done)
        self.progress(self.done, self.found)

    def report(self, seconds: float) -> Report:
        known = self.writer.known.values()
        return Report(
            self.added,
            self.updated,
            self.unchanged,
            self.removed,
            tuple(self.failed),
            articles=len(known),
            passages=sum(each.passages for each in known),
            seconds=round(seconds, 2),
        )


def with_last(items: Iterable[T]) -> Iterator[tuple[T, bool]]:
    """Yield each item with whether it is the last, which is known only once the next has been asked for."""
    held: list[T] = []
    for item in items:
        if held:
            yield held.pop(), False
        held.append(item)
    if held:
        yield held.pop(), True


def file_digest(file: Path) -> str:
    """Hash a file's bytes together with the code that reads them; empty for what cannot be read as a file."""
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as opened:
            return f"{hashlib.file_digest(opened, 'sha256').hexdigest()[:32]}-{reading_code()}"
    except OSError:
        return ""


@cache
def reading_code() -> str:
    """Hash the code that makes articles of files: when it changes, every file is read again."""
    rag = Path(__file__).parent.parent
    code = (source.read_bytes() for room in ("ingest", "language") for source in sorted((rag / room).glob("*.py")))
    return hashlib.sha256(b"".join(code)).hexdigest()[:16]
