"""A store in, timelines of its articles out: on all or on a topic, of a period, with the most important events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from rag.answer.waiting import in_thread
from rag.conflicts.statements import latest_day
from rag.errors import EmptyStoreError
from rag.gate.verify import verified
from rag.retrieve.retriever import Retriever
from rag.schema import Claim, Dates, Event, Filters, Timeline
from rag.store.filters import keeps
from rag.timeline.choice import chosen, importances, relevance
from rag.timeline.events import Found, events, in_period
from rag.timeline.happenings import Happening, happenings

NO_FILTERS = Filters()
Advance = Callable[[int, int], None]  # how many articles have been read, of how many


class Timelines:
    """Makes timelines from a store. Threads may share one."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    async def timeline(
        self,
        topic: str = "",
        filters: Filters = NO_FILTERS,
        since: Dates | None = None,
        until: Dates | None = None,
        limit: int | None = None,
        advance: Advance = lambda done, of: None,
    ) -> Timeline:
        """Tell what happened when. `since` and `until` bound the events' dates, `filters` the articles that are read.

        With a `limit` the most important events are kept. Raises EmptyStoreError when there is nothing to read.
        """
        return await in_thread(self._made, topic, filters, since, until, limit, advance)

    def _made(
        self,
        topic: str,
        filters: Filters,
        since: Dates | None,
        until: Dates | None,
        limit: int | None,
        advance: Advance,
    ) -> Timeline:
        retriever = self._retriever.as_of(filters.as_of)
        found = in_period(self._found(retriever, filters, advance), since, until)
        weighed = zip(found, importances(found, relevance(topic, filters, retriever)), strict=True)
        relevant = [(each, importance) for each, importance in weighed if importance > 0]
        shown = [self._event(each, importance, retriever) for each, importance in chosen(relevant, limit)]
        kept = tuple(event for event in shown if event)
        return Timeline(topic, kept, found=len(relevant), filters=filters, since=since, until=until)

    def _found(self, retriever: Retriever, filters: Filters, advance: Advance) -> Sequence[Found]:
        documents = [source.document for source, _ in retriever.store.sources() if keeps(filters, source)]
        if not retriever.store.sources():
            raise EmptyStoreError("No articles yet. Run `dateline ingest` first.")
        read: list[Happening] = []
        for done, document in enumerate(documents, start=1):
            read += self._read(document, retriever)
            advance(done, len(documents))
        return events(read)

    def _read(self, document: str, retriever: Retriever) -> list[Happening]:
        article = retriever.store.article(document)
        return happenings(article, None if article.source.published else self._not_before(document, retriever))

    def _not_before(self, document: str, retriever: Retriever) -> date | None:
        """Tell before which day an undated article was not written, by the days that it and its original name."""
        days = (latest_day(retriever.store.article(each).text) for each in retriever.origins.report(document))
        return max(filter(None, days), default=None)

    def _event(self, found: Found, importance: float, retriever: Retriever) -> Event | None:
        event = found.event(retriever.origins.of, importance)
        texts = {
            each.source.document: retriever.store.article(each.source.document).text for each in event.claim.citations
        }
        passed = verified(event.claim, texts, retriever.vocabulary.variants)
        return replace(event, claim=passed) if isinstance(passed, Claim) else None
