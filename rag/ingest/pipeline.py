"""Files, folders and web addresses in, a store in line with them out, and a report of what that took.

A folder named is the whole truth: an article that came from a file and is in no named place any more is taken out of
the store. Where only files and addresses are named, their articles are added or replaced and all others stay. Articles
from the web always stay. So do those of a file that was there before and cannot be read now, and those that another
ingestion has put in meanwhile or is about to.

Several ingestions may run at once, in one process or on many machines: an article is embedded by one of them, and the
others find it unchanged.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar

from rag.errors import StoreError, UnreadableError, UsageError
from rag.ingest.passages import passages_of
from rag.ingest.prepared import Fate, Prepared, Provenance
from rag.ingest.reader import Unreadable, article_files, document_names, fetch_article, read_articles
from rag.schema import Article, Passage

PASSAGES_AT_ONCE = 1024  # are embedded and written together: some ten seconds' work, which is what a kill can cost
PATIENCE = 600.0  # seconds to wait for other ingestions that are at work on the same articles

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
    """What writes into a store, while others may do so too."""

    def known(self, document: str) -> Known | None: ...
    def from_file(self, file: str) -> Mapping[str, Known]: ...
    def everything(self) -> Mapping[str, Known]: ...
    def totals(self) -> tuple[int, int]: ...
    def put(self, articles: Sequence[Prepared], patience: float) -> Mapping[str, Fate]: ...
    def remove(self, documents: Collection[str]) -> Collection[str]: ...


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
        run.finish()
        run.remove_gone(everything=any(place.is_dir() for place in places))
        return run.report(time.perf_counter() - begun)


def remove(document: str, store: Store) -> Provenance:
    """Take one article out of the store, and tell where it came from. Raises UsageError if there is none."""
    with store.writing() as writer:
        known = writer.known(document)
        if known is None:
            raise UsageError(f"There is no article {document!r}.")
        if not writer.remove([document]):
            raise StoreError(f"Another ingest is at work on {document}. Try again when it is done.")
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
        self.passages_waiting = 0
        self.claimed: list[Prepared] = []  # by others

    def read(self, file: Path, name: str) -> None:
        """Take in a file's articles, unless the file is as it was when they were taken in."""
        location = str(file.absolute())
        self.read_files.add(location)
        digest = file_digest(file)
        known = self.writer.from_file(location)
        if digest and holds(known, name, digest):
            self.seen.update(known)
            self.unchanged += len(known)
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
        known = self.writer.known(document)
        if known and known.revision == article.revision and known.provenance == provenance:
            self.unchanged += 1
            self.advance(1)
            return
        self.waiting.append(Prepared(article, tuple(self.cut(article)), provenance))
        self.passages_waiting += len(self.waiting[-1].passages)
        if self.passages_waiting >= PASSAGES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Put in what is waiting, except for what others are at work on."""
        if self.waiting:
            self.claimed += self.put(self.waiting, 0)
            self.waiting, self.passages_waiting = [], 0

    def finish(self) -> None:
        """Put in all that is left. Raises StoreError if others do not end their work on it."""
        self.flush()
        if self.claimed and (left := self.put(self.claimed, PATIENCE)):
            raise StoreError(
                f"Another ingest is at work on {left[0].article.source.document}. Try again when it is done."
            )

    def put(self, articles: Sequence[Prepared], patience: float) -> list[Prepared]:
        """Hand over articles, and return those that others are at work on."""
        fates = self.writer.put(articles, patience)
        counted = Counter(fates.values())
        self.added += counted[Fate.ADDED]
        self.updated += counted[Fate.UPDATED]
        self.unchanged += counted[Fate.UNCHANGED]
        self.advance(len(articles) - counted[Fate.CLAIMED])
        return [each for each in articles if fates[each.article.source.document] is Fate.CLAIMED]

    def remove_gone(self, everything: bool) -> None:
        """Take out articles that their files no longer hold, and if `everything` was named, those of other files."""
        listed = [self.writer.everything()] if everything else map(self.writer.from_file, self.read_files)
        gone = [
            document
            for there in listed
            for document, known in there.items()
            if document not in self.seen and self.is_gone(known.provenance.file, everything)
        ]
        if gone:
            self.removed = len(self.writer.remove(gone))

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
        articles, passages = self.writer.totals()
        return Report(
            self.added,
            self.updated,
            self.unchanged,
            self.removed,
            tuple(self.failed),
            articles=articles,
            passages=passages,
            seconds=round(seconds, 2),
        )


def holds(known: Mapping[str, Known], name: str, digest: str) -> bool:
    """Tell whether these are all articles of a file with this digest, under this name."""
    provenances = [each.provenance for each in known.values()]
    return any(each.digest == digest and each.articles == len(known) for each in provenances) and all(
        document == name or document.startswith(f"{name}#") for document in known
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
