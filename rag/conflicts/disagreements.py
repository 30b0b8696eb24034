"""A store in, the points on which its articles say different things out: in all, on a topic, or about some claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from rag.conflicts.asked import bears_on
from rag.conflicts.grouping import Difference, differences
from rag.conflicts.points import points
from rag.conflicts.statements import Statement, latest_day, statements
from rag.errors import EmptyStoreError
from rag.language.words import content_stems
from rag.retrieve.retriever import Retriever
from rag.schema import Citation, Claim, Conflict, Filters, Passage, Query, Relation
from rag.store.filters import keeps

NO_FILTERS = Filters()
NEAR = 24  # passages that are held against the cited sentences
ON_TOPIC = 20  # passages that make out a topic
LISTED = 2  # sentences of an article for each side of a difference
ARTICLES_REMEMBERED = 1000
STATEMENTS_REMEMBERED = 50_000


class Disagreements:
    """Finds where articles disagree. Threads may share one."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._store = retriever.store
        self._statements_of = lru_cache(ARTICLES_REMEMBERED)(self._read)
        self._dated_by = lru_cache(ARTICLES_REMEMBERED)(self._not_before)
        self._points_of = lru_cache(STATEMENTS_REMEMBERED)(points)

    def find(self, topic: str = "", filters: Filters = NO_FILTERS) -> tuple[Conflict, ...]:
        """List the points on which the articles say different things, what matters most first; of a topic if given.

        Raises EmptyStoreError when there is nothing to read.
        """
        documents = self._documents(topic, filters)
        return tuple(each.conflict(LISTED) for each in self._differences(self._statements(documents)))

    def touching(self, query: Query, claims: Sequence[Claim]) -> tuple[Conflict, ...]:
        """List those points that the claims of an answer touch and that bear on the question.

        The cited sentences are held against the passages that share most words with them.
        """
        cited = [citation for claim in claims for citation in claim.citations]
        stems = dict.fromkeys((stem for citation in cited for stem in content_stems(citation.quote)), 1.0)
        read: list[Citation | Passage] = [*cited, *self._store.search(stems, NEAR, query.filters)]
        documents = dict.fromkeys(each.source.document for each in read)
        near = [each for each in self._statements(documents) if overlaps(each, read)]
        return tuple(
            each.conflict(per_article=1)
            for each in self._differences(near)
            if each.relation is not Relation.COARSER
            and bears_on(query, each)
            and any(overlaps(point.statement, cited) for point in each.points)
        )

    def _documents(self, topic: str, filters: Filters) -> Iterable[str]:
        if not self._store.article_count():
            raise EmptyStoreError("No articles yet. Run `dateline ingest` first.")
        if not topic:
            return [source.document for source, _ in self._store.sources() if keeps(filters, source)]
        query = self._retriever.understand(topic, filters=filters)
        return dict.fromkeys(passage.source.document for passage in self._retriever.retrieve(query, ON_TOPIC))

    def _statements(self, documents: Iterable[str]) -> list[Statement]:
        return [statement for document in documents for statement in self._of(document)]

    def _of(self, document: str) -> tuple[Statement, ...]:
        """Read an article, which is read again when it has changed, or what dates it if it is undated."""
        source, revision = self._store.source(document), self._store.revision(document)
        undated = source is not None and source.published is None
        since = self._dated_by(document, self._store.version()) if undated else None
        return self._statements_of(document, revision, since)

    def _differences(self, among: Iterable[Statement]) -> list[Difference]:
        return differences([point for statement in among for point in self._points_of(statement)])

    def _read(self, document: str, revision: str | None, since: date | None) -> tuple[Statement, ...]:
        return tuple(statements(self._store.article(document), since))

    def _not_before(self, document: str, version: str) -> date | None:
        """Tell before which day an undated article was not written, by the days that it and its original name."""
        days = (latest_day(self._store.article(each).text) for each in self._retriever.origins.report(document))
        return max(filter(None, days), default=None)


def overlaps(statement: Statement, read: Sequence[Citation | Passage]) -> bool:
    """Tell whether a statement stands in one of these pieces of articles."""
    own = statement.citation
    return any(
        each.source.document == own.source.document and each.start < own.end and own.start < each.end for each in read
    )
