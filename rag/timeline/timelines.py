"""A store in, timelines of its articles out: on all or on a topic, of a period, with the most important events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.answer.waiting import in_thread
from rag.conflicts.statements import latest_day
from rag.errors import EmptyStoreError, StoreError
from rag.gate.verify import verified
from rag.retrieve.retriever import Retriever
from rag.schema import Article, Claim, Dates, Filters, Timeline
from rag.settings import Settings
from rag.spending import BudgetOf
from rag.store.filters import keeps
from rag.store.store import Store
from rag.timeline.cache import Cache, Harvest, Meanings, Sources, corpus_key
from rag.timeline.choice import chosen, importances
from rag.timeline.events import MEANT, Found, events, in_period
from rag.timeline.happenings import Happening, happenings
from rag.timeline.telling import TOLD
from rag.timeline.topic import relevance

if TYPE_CHECKING:
    from rag.timeline.summaries import Summariser

NO_FILTERS = Filters()
ARTICLES_REMEMBERED = 1000  # with their clauses

# Hundreds of articles take up to a minute: not on the threads that answer questions, and one timeline after the other,
# so that what has been read for one is not read for the next.
READER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dateline-timeline")

Advance = Callable[[int, int], None]  # how many articles have been read, of how many; called in another thread


def open_timelines(
    settings: Settings, store: Store, budget_of: BudgetOf | None = None, *, keep: bool = True
) -> Timelines:
    """Make timelines of a store, in a model's lines if there is one.

    What they are made of is kept in the folder of the settings, unless `keep` is false: for a store of another place.
    `budget_of` says what each account may spend on the model. Raises SettingsError for a cap without prices.
    """
    retriever, kept = Retriever(store), Cache(settings.data / "timelines.sqlite3" if keep else None)
    if not settings.has_model:
        return Timelines(retriever, kept)
    from rag.answer.chat_model import open_model
    from rag.timeline.summaries import Summariser

    return Timelines(retriever, kept, Summariser(open_model(settings, budget_of)))


@dataclass(frozen=True, slots=True)
class Corpus:
    """The articles that a timeline is made of, as they are at one moment."""

    retriever: Retriever
    sources: Sources
    revisions: tuple[str, ...]  # of these articles
    there: tuple[str, ...]  # the revisions of all that are in the store: one that is undated may be dated by another

    @classmethod
    def kept(cls, filters: Filters, retriever: Retriever) -> Corpus:
        """Take the articles that filters keep."""
        records = retriever.store.state().records
        kept = [each for each in records.values() if keeps(filters, each.source)]
        return cls(
            retriever,
            {each.source.document: each.source for each in kept},
            tuple(each.revision for each in kept),
            tuple(each.revision for each in records.values()),
        )

    @property
    def key(self) -> str:
        """Name what becomes of them."""
        return corpus_key(self.revisions, self.there)

    def article(self, document: str) -> Article | None:
        """Return an article as it is now, if it is still there."""
        try:
            return self.retriever.store.article(document)
        except StoreError:
            return None

    def not_before(self, article: Article) -> date | None:
        """Tell before which day an undated article was not written, by the days that it and its original name."""
        if article.source.published:
            return None
        report = self.retriever.origins.report(article.source.document)
        days = (latest_day(each.text) for each in filter(None, map(self.article, report)))
        return max(filter(None, days), default=None)


class Timelines:
    """Makes timelines from a store. Threads may share one."""

    def __init__(self, retriever: Retriever, kept: Cache | None = None, summariser: Summariser | None = None) -> None:
        self._retriever = retriever
        self._cache = kept or Cache()
        self._summariser = summariser
        self._meaning = Meanings(retriever.store.reader.encode)
        self._happenings = lru_cache(ARTICLES_REMEMBERED)(happenings)

    def close(self) -> None:
        """Let go of the file that what was read is kept in."""
        self._cache.close()

    def __enter__(self) -> Timelines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def timeline(
        self,
        topic: str = "",
        filters: Filters = NO_FILTERS,
        since: Dates | None = None,
        until: Dates | None = None,
        limit: int | None = None,
        advance: Advance = lambda done, of: None,
        account: str = "",
    ) -> Timeline:
        """Tell what happened when. `since` and `until` bound the events' dates, `filters` the articles that are read.

        With a `limit` the most important events are kept. Articles are read once, and again when they change; until
        they are, `advance` is told. The `account` pays for a model. Raises EmptyStoreError when there is nothing to
        read.
        """
        corpus = await in_thread(self._corpus, filters)
        read = await in_thread(self._cache.get, corpus.key, corpus.sources) or await self._reading(corpus, advance)
        timeline = await in_thread(self._timeline, corpus, read, topic, filters, since, until, limit)
        return await self._summariser.worded(timeline, corpus.retriever, account) if self._summariser else timeline

    def _corpus(self, filters: Filters) -> Corpus:
        if not self._retriever.store.article_count():
            raise EmptyStoreError("No articles yet. Run `dateline ingest` first.")
        return Corpus.kept(filters, self._retriever.as_of(filters.as_of))

    async def _reading(self, corpus: Corpus, advance: Advance) -> Harvest:
        """Read in line with others; who no longer waits does not hold them up."""
        given_up = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(READER, self._read, corpus, advance, given_up)
        finally:
            given_up.set()

    def _read(self, corpus: Corpus, advance: Advance, given_up: threading.Event) -> Harvest:
        if earlier := self._cache.get(corpus.key, corpus.sources):  # read while this one was in line
            return earlier
        articles = [each for document in corpus.sources if (each := corpus.article(document))]
        read: list[Happening] = []
        for done, article in enumerate(articles, start=1):
            if given_up.is_set():
                raise CancelledError
            told = self._happenings(article, corpus.not_before(article))
            self._meaning.expect(each.in_context[:MEANT] for each in told if each.telling >= TOLD)
            read += told
            advance(done, len(articles))
        key = corpus_key([each.revision for each in articles], corpus.there)
        return self._cache.put(key, harvested(events(read, self._meaning), articles, corpus.retriever))

    def _timeline(
        self,
        corpus: Corpus,
        read: Harvest,
        topic: str,
        filters: Filters,
        since: Dates | None,
        until: Dates | None,
        limit: int | None,
    ) -> Timeline:
        among = in_period(list(read.events), since, until)
        weights = (
            importances(among, relevance(topic, filters, corpus.retriever, among), read.origin_of) if among else []
        )
        relevant = [weighed for weighed in zip(among, weights, strict=True) if weighed[1] > 0]
        shown = [replace(read.events[found], importance=weight) for found, weight in chosen(relevant, limit)]
        return Timeline(topic, tuple(shown), found=len(relevant), filters=filters, since=since, until=until)


def harvested(found: Sequence[Found], articles: Sequence[Article], retriever: Retriever) -> Harvest:
    """Hold events against their articles; those whose claim does not pass the gate are left out."""
    texts = {article.source.document: article.text for article in articles}
    originals = retriever.origins.among(
        document for each in found if len(each.documents) > 1 for document in each.documents
    )
    variants = retriever.vocabulary.variants
    passed = {}
    for each in sorted(found, key=lambda each: each.reports[0].document):  # article by article, as the gate reads them
        event = each.event(lambda document: originals.get(document, document))
        claim = verified(event.claim, texts, variants)
        if isinstance(claim, Claim):
            passed[each] = replace(event, claim=claim)
    return Harvest({each: passed[each] for each in found if each in passed}, originals)
