"""A question in, the passages that bear on it out: found by meaning and by words, ranked by late interaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from rag.language.words import content_stems
from rag.retrieve.interaction import WeighedQuestion, inverse_document_frequency, relevances, weighed
from rag.retrieve.query import understood
from rag.retrieve.spelling import Vocabulary
from rag.schema import Filters, Passage, Query, Turn
from rag.store.filters import is_of
from rag.store.store import Store

CANDIDATES = 24  # of each search
SAME_REPORT = 0.7  # of all the words in two passages, the share in both from which on they are one report printed twice
OUTLET_BONUS = 0.1  # for a passage of an outlet that the question names
HEADING_WEIGHT = 0.5  # of a word in title, outlet or date, against one in the passage
NO_FILTERS = Filters()


class Retriever:
    """Finds passages in a store. Threads may share one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._vocabulary_of = lru_cache(maxsize=1)(self._read_vocabulary)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of all articles as they are now."""
        return self._vocabulary_of(self.store.version())

    def understand(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS, today: date | None = None
    ) -> Query:
        """Read a question in the light of the conversation and of the words of the articles, on the day it is asked."""
        outlets = {name for source, _ in self.store.sources() for name in (source.publisher, source.origin) if name}
        return understood(question, history, filters, self.vocabulary, sorted(outlets))

    def retrieve(self, query: Query, k: int) -> list[Passage]:
        """Return the `k` passages that bear on a query most, of reprints only the best. Raises EmptyStoreError."""
        found, question = self._candidates(query), self.weigh(query)
        scores = relevances(question, found, self.store.pieces(found))
        scored = [
            replace(passage, score=score + bonus(query, passage)) for passage, score in zip(found, scores, strict=True)
        ]
        return without_reprints(sorted(scored, key=lambda passage: (-passage.score, passage.key)), k)

    def weigh(self, query: Query) -> WeighedQuestion:
        """Encode a query for late interaction, its words weighed by how rare they are in the store."""
        _, pieces = self.store.asked(query.standalone)
        return weighed(
            query.standalone, pieces, self.rarity(content_stems(query.standalone)).__getitem__, query.context_from
        )

    def rarity(self, stems: Sequence[str]) -> dict[str, float]:
        """Compute the inverse document frequency of stems over the passages of the store."""
        counts, passages = self.store.frequencies(stems), self.store.count()
        return {stem: inverse_document_frequency(passages, counts.get(stem, 0)) for stem in stems}

    def _candidates(self, query: Query) -> list[Passage]:
        vector, _ = self.store.asked(query.standalone)
        near = self.store.nearest(vector, CANDIDATES, query.filters)
        worded = self.store.search(dict.fromkeys(query.terms, 1.0), CANDIDATES, query.filters, HEADING_WEIGHT)
        return list({passage.key: passage for passage in (*near, *worded)}.values())

    def _read_vocabulary(self, version: str) -> Vocabulary:
        forms = self.store.forms()
        return Vocabulary(
            uses={form: uses for form, uses, _ in forms},
            capitalised={form: capitalised for form, _, capitalised in forms},
            is_english=self.store.is_english,
        )


def bonus(query: Query, passage: Passage) -> float:
    """Prefer the outlets that a question names: `what did WANA report …`."""
    return OUTLET_BONUS if any(is_of(outlet, passage.source) for outlet in query.outlets) else 0.0


def without_reprints(ranked: Sequence[Passage], k: int) -> list[Passage]:
    """Keep the best `k`, leaving out what another article prints in nearly the same words."""
    kept: list[Passage] = []
    stems: list[frozenset[str]] = []
    for passage in ranked:
        own = stems_of(passage.text)
        if any(reprinted(own, other) for other in stems):
            continue
        kept.append(passage)
        stems.append(own)
        if len(kept) == k:
            break
    return kept


@lru_cache(maxsize=4096)
def stems_of(text: str) -> frozenset[str]:
    return frozenset(content_stems(text))


def reprinted(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell by Jaccard's index of their words whether two passages are one report; another figure makes another."""
    return len(one & other) >= SAME_REPORT * len(one | other) > 0 and not any(map(has_digit, one ^ other))


def has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
