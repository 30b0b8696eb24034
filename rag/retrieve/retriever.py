"""A question in, the passages that bear on it out.

They are found by meaning and by words, in all articles and in those of the outlets and the time that a question names;
ordered by late interaction, and so that the first few have all that it names; and widened by what stands around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import accumulate, chain, zip_longest

import numpy as np

from rag.language.sentences import Span
from rag.language.words import content_stems
from rag.retrieve import timely
from rag.retrieve.aspects import Aspects
from rag.retrieve.coverage import covering
from rag.retrieve.interaction import WeighedQuestion, relevances, weighed
from rag.retrieve.origins import Origins
from rag.retrieve.outlets import Outlets
from rag.retrieve.query import understood
from rag.retrieve.reprints import without_reprints
from rag.retrieve.spelling import Vocabulary
from rag.retrieve.widening import widened
from rag.schema import Dates, Filters, Passage, Query, Turn
from rag.store.past import Past, published_by
from rag.store.pieces import Matrix
from rag.store.store import Store
from rag.store.words import inverse_document_frequency

CANDIDATES = 24  # of each search
LOOKED_AT = 32  # of the candidates, by late interaction; with all of them .01 more of the evidence is found
NEARNESS = 0.33  # of a cosine, in units of late interaction, while that is not known
OUTLETS = 4  # that are searched by themselves, of those that a question names
LEADS = 100  # beginnings of articles, of which the reprints are left out, for a question that names a time only
NEWEST_SHARE = 4  # one of so many articles is searched by itself for a question that asks for the newest
PASTS_REMEMBERED = 4  # each with the words and vectors of its articles in memory
SPARE = 2  # passages are ranked for each that is wanted, since neighbours are joined
RANKINGS_REMEMBERED = 16
NO_FILTERS = Filters()

Key = tuple[str, int, int]


class Retriever:
    """Finds passages in a store. Threads may share one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.origins = Origins(store)
        self._vocabulary_of = lru_cache(maxsize=1)(self._read_vocabulary)
        self._outlets_of = lru_cache(maxsize=1)(self._read_outlets)
        self._ranking = lru_cache(RANKINGS_REMEMBERED)(self._ranked)
        self._past = lru_cache(PASTS_REMEMBERED)(self._went_back)
        self._published = lru_cache(PASTS_REMEMBERED)(lambda version, day: published_by(day, self.store))

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of all articles as they are now."""
        return self._vocabulary_of(self.store.version())

    @property
    def outlets(self) -> Outlets:
        """The outlets of all articles as they are now."""
        return self._outlets_of(self.store.version())

    def as_of(self, day: Dates | None) -> Retriever:
        """Go back to the end of a day: what was published later is neither found nor counted nor known by name.

        The first time after a change takes about as long as counting the words of those articles anew.
        """
        if day is None:
            return self
        if self.store.article_count(Filters(as_of=day)) == self.store.article_count():
            return self
        version = self.store.version()
        return self._past(version, self._published(version, day))

    def understand(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS, today: date | None = None
    ) -> Query:
        """Read a question in the light of the conversation and of the words of the articles, on the day it is asked."""
        day = filters.as_of.last if filters.as_of else today
        return understood(question, history, filters, self.vocabulary, self.outlets, day)

    def retrieve(self, query: Query, k: int) -> list[Passage]:
        """Return the `k` passages that bear on a query most, of reprints only the best. Raises EmptyStoreError.

        Each is as long as what an encoder reads at a time, so it may be several of the store's.
        """
        if timely.is_open(query):
            return without_reprints(self._newest(query), k, self.origins.are_one)
        return widened(self.ranked(query, SPARE * k), k, self._around, self.store.word_pieces)

    def found(self, query: Query, passages: Sequence[Passage]) -> list[Passage]:
        """Return what was found within passages that were retrieved, the best first, and those in which nothing was."""
        own = self.ranked(query, SPARE * len(passages))
        inside = [each for each in own if any(is_within(each, passage) for passage in passages)]
        return inside + [passage for passage in passages if not any(is_within(each, passage) for each in own)]

    def ranked(self, query: Query, k: int) -> list[Passage]:
        """Return the store's own passages in the order in which they add to what is known: the `k` first.

        Where a query has parts, each of them and the whole have their turns, each part as a question of its own.
        """
        if not query.parts:
            return list(self._ranking(self.store.version(), query, k))
        parts = [self.understand(part, (), query.filters, query.asked_on) for part in query.parts]
        rankings = [self.ranked(each, k) for each in (*parts, replace(query, parts=()))]
        first: dict[Key, Passage] = {}
        for passage in filter(None, chain.from_iterable(zip_longest(*rankings))):
            first.setdefault(passage.key, passage)
        scores = accumulate((passage.score for passage in first.values()), min)
        turns = [replace(passage, score=score) for passage, score in zip(first.values(), scores, strict=True)]
        return without_reprints(turns, k, self.origins.are_one)

    def _ranked(self, version: str, query: Query, k: int) -> list[Passage]:
        found, aspects = self._candidates(query)
        near = np.array([NEARNESS * passage.score for passage in found], np.float32)
        rows = [row for row, _ in covering(near, aspects, max(LOOKED_AT, k))]
        seen = [found[row] for row in rows]
        worth = relevances(self.weigh(query), seen, self.store.pieces(seen))
        timed = np.array([each + timely.bonus(query, passage) for each, passage in zip(worth, seen, strict=True)])
        order = covering(timed, aspects[rows], len(seen))
        return without_reprints([replace(seen[row], score=score) for row, score in order], k, self.origins.are_one)

    def weigh(self, query: Query) -> WeighedQuestion:
        """Encode a query for late interaction, its words weighed by how rare they are in the store."""
        _, pieces = self.store.asked(query.sought)
        return weighed(query.sought, pieces, self.rarity(content_stems(query.sought)).__getitem__, query.context_from)

    def rarity(self, stems: Sequence[str]) -> dict[str, float]:
        """Compute the inverse document frequency of stems over the passages of the store."""
        return dict.fromkeys(stems, inverse_document_frequency(self.store.count(), 0)) | self._rarity_here(stems)

    def _rarity_here(self, stems: Sequence[str]) -> dict[str, float]:
        """Compute it of those that stand in any passage."""
        counts, passages = self.store.frequencies(stems), self.store.count()
        return {stem: inverse_document_frequency(passages, count) for stem, count in counts.items()}

    def _aspects(self, query: Query) -> Aspects:
        rarity = self._rarity_here(query.terms)
        return Aspects.of(query, self.vocabulary.spellings, lambda stem: rarity.get(stem, 0.0))

    def _candidates(self, query: Query) -> tuple[list[Passage], Matrix]:
        """Find what is near in words or in meaning, with what each passage has of what the query names.

        The score is the cosine, or the least one where it is not known.
        """
        among = (query.filters, *self._narrower(query))
        stems = dict.fromkeys(query.terms, 1.0)
        with ThreadPoolExecutor(1) as thread:  # to encode takes one core, and what needs no vector is done meanwhile
            encoding = thread.submit(self.store.asked, query.sought)
            worded = {each.key: each for filters in among for each in self.store.search(stems, CANDIDATES, filters)}
            aspects = self._aspects(query)
            of_worded = aspects.matrix(list(worded.values()))
            vector, _ = encoding.result()
        near = {each.key: each for filters in among for each in self.store.nearest(vector, CANDIDATES, filters)}
        least = min((passage.score for passage in near.values()), default=0.0)
        others = [each for key, each in near.items() if key not in worded]
        found = [*(near.get(key) or replace(each, score=least) for key, each in worded.items()), *others]
        having = np.concatenate((of_worded, aspects.matrix(others)))
        # the first of two that are worth the same is the first by name, not the one that came or was found first
        rows = sorted(range(len(found)), key=lambda row: found[row].key)
        return [found[row] for row in rows], having[rows]

    def _newest(self, query: Query) -> list[Passage]:
        """Return how the articles of the time asked about begin; of all articles if none is of that time."""
        within = self.store.leads(narrowed(query.filters, query.period), LEADS) if query.period else []
        return within or self.store.leads(query.filters, LEADS)

    def _narrower(self, query: Query) -> Iterator[Filters]:
        """Yield filters that keep only the articles of the time asked about, the newest, or those of an outlet."""
        if query.period:
            yield narrowed(query.filters, query.period)
        if query.newest and (days := self.store.newest_days(NEWEST_SHARE)):
            yield narrowed(query.filters, days)
        if not query.filters.outlets:
            yield from (replace(query.filters, outlets=(outlet,)) for outlet in query.outlets[:OUTLETS])

    def _around(self, document: str) -> tuple[str, list[Span]]:
        article, passages = self.store.laid_out(document)
        return article.text, [(passage.start, passage.end) for passage in passages]

    def _went_back(self, version: str, documents: frozenset[str]) -> Retriever:
        return Retriever(Past(self.store, documents))

    def _read_vocabulary(self, version: str) -> Vocabulary:
        return Vocabulary(self.store, self.store.is_english)

    def _read_outlets(self, version: str) -> Outlets:
        return Outlets.of(self.store.outlets())


def is_within(passage: Passage, other: Passage) -> bool:
    """Tell whether a passage is the other or a part of it."""
    return (
        passage.source.document == other.source.document and other.start <= passage.start and passage.end <= other.end
    )


def narrowed(filters: Filters, period: Dates) -> Filters:
    """Keep of what filters keep only what was published in a period."""
    since = max(filter(None, (filters.since, period)), key=lambda dates: dates.first)
    until = min(filter(None, (filters.until, period)), key=lambda dates: dates.last)
    return replace(filters, since=since, until=until)
