"""A question in, the passages that bear on it out: found by meaning and by words, ranked by late interaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from rag.language.words import content_stems
from rag.retrieve import timely
from rag.retrieve.interaction import WeighedQuestion, inverse_document_frequency, relevances, weighed
from rag.retrieve.origins import Origins
from rag.retrieve.query import understood
from rag.retrieve.reprints import without_reprints
from rag.retrieve.spelling import Vocabulary
from rag.schema import Dates, Filters, Passage, Query, Turn
from rag.store.filters import is_of
from rag.store.past import Past, published_by
from rag.store.store import Store

CANDIDATES = 24  # of each search
OUTLET_BONUS = 0.1  # for a passage of an outlet that the question names
HEADING_WEIGHT = 0.5  # of a word in title, outlet or date, against one in the passage
NEWEST_SHARE = 4  # one of so many articles is searched by itself for a question that asks for the newest
PASTS_REMEMBERED = 4  # each with the words and vectors of its articles in memory
NO_FILTERS = Filters()


class Retriever:
    """Finds passages in a store. Threads may share one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.origins = Origins(store)
        self._vocabulary_of = lru_cache(maxsize=1)(self._read_vocabulary)
        self._past = lru_cache(PASTS_REMEMBERED)(self._went_back)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of all articles as they are now."""
        return self._vocabulary_of(self.store.version())

    def as_of(self, day: Dates | None) -> Retriever:
        """Go back to the end of a day: what was published later is neither found nor counted nor known by name.

        The first time after a change takes about as long as counting the words of those articles anew.
        """
        if day is None:
            return self
        published = published_by(day, self.store)
        everything = len(published) == len(self.store.sources())
        return self if everything else self._past(self.store.version(), published)

    def understand(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS, today: date | None = None
    ) -> Query:
        """Read a question in the light of the conversation and of the words of the articles, on the day it is asked."""
        outlets = {name for source, _ in self.store.sources() for name in (source.publisher, source.origin) if name}
        day = filters.as_of.last if filters.as_of else today
        return understood(question, history, filters, self.vocabulary, sorted(outlets), day)

    def retrieve(self, query: Query, k: int) -> list[Passage]:
        """Return the `k` passages that bear on a query most, of reprints only the best. Raises EmptyStoreError."""
        if timely.is_open(query):
            return without_reprints(self._newest(query), k, self.origins.of)
        found, question = self._candidates(query), self.weigh(query)
        scores = relevances(question, found, self.store.pieces(found))
        scored = [
            replace(passage, score=score + bonus(query, passage)) for passage, score in zip(found, scores, strict=True)
        ]
        ranked = sorted(scored, key=lambda passage: (-passage.score, passage.key))
        return without_reprints(ranked, k, self.origins.of)

    def weigh(self, query: Query) -> WeighedQuestion:
        """Encode a query for late interaction, its words weighed by how rare they are in the store."""
        _, pieces = self.store.asked(query.sought)
        return weighed(query.sought, pieces, self.rarity(content_stems(query.sought)).__getitem__, query.context_from)

    def rarity(self, stems: Sequence[str]) -> dict[str, float]:
        """Compute the inverse document frequency of stems over the passages of the store."""
        counts, passages = self.store.frequencies(stems), self.store.count()
        return {stem: inverse_document_frequency(passages, counts.get(stem, 0)) for stem in stems}

    def _candidates(self, query: Query) -> list[Passage]:
        """Find what is near in meaning or in words, among all articles and among those of the time asked about."""
        vector, _ = self.store.asked(query.sought)
        stems = dict.fromkeys(query.terms, 1.0)
        found: dict[tuple[str, int, int], Passage] = {}
        for filters in (query.filters, *self._narrower(query)):
            near = self.store.nearest(vector, CANDIDATES, filters)
            worded = self.store.search(stems, CANDIDATES, filters, HEADING_WEIGHT)
            found |= {passage.key: passage for passage in (*near, *worded)}
        return list(found.values())

    def _newest(self, query: Query) -> list[Passage]:
        """Return how the articles of the time asked about begin; of all articles if none is of that time."""
        within = self.store.leads(narrowed(query.filters, query.period)) if query.period else []
        return within or self.store.leads(query.filters)

    def _narrower(self, query: Query) -> Iterator[Filters]:
        """Yield filters that keep only the articles of the time asked about, or only the newest."""
        if query.period:
            yield narrowed(query.filters, query.period)
        if query.newest:
            days = sorted(source.published.last for source, _ in self.store.sources() if source.published)
            if days:
                first = days[-max(len(days) // NEWEST_SHARE, 1)]
                yield narrowed(query.filters, Dates(first, days[-1]))

    def _went_back(self, version: str, documents: frozenset[str]) -> Retriever:
        return Retriever(Past(self.store, documents))

    def _read_vocabulary(self, version: str) -> Vocabulary:
        forms = self.store.forms()
        return Vocabulary(
            uses={form: uses for form, uses, _ in forms},
            capitalised={form: capitalised for form, _, capitalised in forms},
            is_english=self.store.is_english,
        )


def narrowed(filters: Filters, period: Dates) -> Filters:
    """Keep of what filters keep only what was published in a period."""
    since = max(filter(None, (filters.since, period)), key=lambda dates: dates.first)
    until = min(filter(None, (filters.until, period)), key=lambda dates: dates.last)
    return replace(filters, since=since, until=until)


def bonus(query: Query, passage: Passage) -> float:
    """Prefer the outlets that a question names, and the time: `what did WANA report last week?`."""
    named = any(is_of(outlet, passage.source) for outlet in query.outlets)
    return OUTLET_BONUS * named + timely.bonus(query, passage)
