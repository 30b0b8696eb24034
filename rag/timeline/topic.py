"""A topic in, how near it events are out: by what their articles mean, and by its words in all their spellings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.language.words import content_stems, stem
from rag.retrieve.retriever import Retriever
from rag.schema import Citation, Filters, Passage, Query
from rag.store.searchable import searchable
from rag.timeline.events import Found
from rag.timeline.happenings import Happening

# Fitted by tests/benchmarks/topics.py on 5 topics of our own among 609 news articles: precision .92, recall .93; on 6
# others .83 and .99, and of 7 topics that no article is about, nothing is near.
NEAR = 0.58  # from here on an article is near: the cosine of a passage, and WORDED if it has all words of the topic …
WORDED, UNWORDED = 0.3, 0.1  # … and UNWORDED if it has none
WHOLE = 0.4  # the cosine from which on the whole article is near, and not just an item of it
AMONG_ITS_NEAREST = 0.75  # of the cosine of the passage of an article that is nearest
ONE_BY_ONE = 120  # events whose sentences are embedded for a topic: half a second
# Tuned on topics of our own on seeds/: of an event by itself, its cosine, and WORDED if it has all words of the topic
OF_ITSELF = 0.35  # from here on it is near if its article is …
ALONE = 0.6  # … and from here on if that is not
TITLED = 0.5  # what a word in the title counts, against one in the sentence
PASSAGES = 500  # that are looked at first, and four times as many as long as further ones may be near

Relevance = Callable[[Found], float]  # from 0 to 1; 0 is off the topic


def relevance(topic: str, filters: Filters, retriever: Retriever, among: Sequence[Found] = ()) -> Relevance:
    """Tell how near events are to a topic, by meaning and by names; without a topic all are.

    Where they are few, the events `among` which it will be asked are looked at one by one.
    """
    if not topic.strip():
        return lambda found: 1.0
    query = retriever.understand(topic, filters=filters)
    words = Words.of(query, retriever)
    of_article = _of_article(query, words, retriever)
    if not among or len(among) > ONE_BY_ONE:
        return of_article
    by_itself = dict(zip(among, _by_themselves(query, words, retriever, among), strict=True))

    def is_named_in(found: Found) -> bool:
        return any(words.all_in(report.citation.quote) for report in found.reports)

    def nearness(found: Found) -> float:
        near = by_itself[found]
        return near if near >= (OF_ITSELF if of_article(found) else ALONE) or is_named_in(found) else 0.0

    return nearness


def _by_themselves(query: Query, words: Words, retriever: Retriever, among: Sequence[Found]) -> list[float]:
    """Score events by their own words and what these mean: from 0 to 1."""
    vector, _ = retriever.store.asked(query.sought)
    told = [found.reports[0] for found in among]

    def worded(cited: Citation) -> float:
        said, titled = words.share(cited.quote), words.share(cited.source.title)
        return WORDED * max(said, titled * TITLED)

    cosines = retriever.store.reader.encode([report.text for report in told]) @ vector
    return [
        min(max(float(cosine), 0.0) + worded(report.citation), 1.0)
        for report, cosine in zip(told, cosines, strict=True)
    ]


def _of_article(query: Query, words: Words, retriever: Retriever) -> Relevance:
    """Tell how near events are by the articles and passages that they stand in."""
    alike = _alike(query, retriever)
    articles = _near_articles(alike, query, words, retriever)
    whole = _near_as_a_whole(list(articles), query, retriever)
    nearest = _nearest_of_each(alike)

    def nearness(report: Happening) -> float:
        cited = report.citation
        score = articles.get(report.document, 0.0)
        is_near = score and (
            report.document in whole
            or any(each.start < cited.end and cited.start < each.end for each in nearest[report.document])
            or words.share(cited.quote)
            or words.all_in(f"{cited.source.title}\n{cited.quote}")
        )
        return score if is_near else 0.0

    return lambda found: max(map(nearness, found.reports))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a topic, each with the stems of its spellings, and how much it says by being rare."""

    weights: Mapping[frozenset[str], float]

    @classmethod
    def of(cls, query: Query, retriever: Retriever) -> Words:
        """Read the words of a topic as the articles spell them."""
        names = [tuple(map(stem, spellings)) for spellings in query.names]
        named = {each for spellings in names for each in spellings}
        words = [*names, *((each,) for each in content_stems(query.sought) if each not in named)]
        rarity = retriever.rarity([each for word in words for each in word])
        return cls({frozenset(word): min(rarity[each] for each in word) for word in words})

    def share(self, text: str) -> float:
        """Tell how much of the topic a text has in words: from 0 to 1."""
        said = set(content_stems(text))
        has = sum(weight for word, weight in self.weights.items() if word & said)
        return has / max(sum(self.weights.values()), 1e-9)

    def all_in(self, text: str) -> bool:
        """Tell whether a text has all of them."""
        said = set(content_stems(text))
        return bool(self.weights) and all(word & said for word in self.weights)


def _alike(query: Query, retriever: Retriever) -> list[Passage]:
    """List the passages that mean the like, down to those that not even all words of the topic would bring near."""
    vector, _ = retriever.store.asked(query.sought)
    looked_at, count = PASSAGES, retriever.store.count()
    found = retriever.store.nearest(vector, looked_at, query.filters)
    while found and found[-1].score + WORDED >= NEAR and looked_at < count:
        looked_at *= 4
        found = retriever.store.nearest(vector, looked_at, query.filters)
    return found


def _near_articles(alike: Iterable[Passage], query: Query, words: Words, retriever: Retriever) -> dict[str, float]:
    """Score each article by its best passage with its heading, from 0 to 1, and keep those that are near."""
    best: dict[str, float] = defaultdict(float)
    for passage in alike:
        document = passage.source.document
        if passage.score + WORDED > best[document]:
            worded = max(WORDED * words.share(searchable(passage)), UNWORDED)
            best[document] = max(best[document], passage.score + worded)
    for passage in retriever.store.search(dict.fromkeys(query.terms, 1.0), PASSAGES, query.filters):
        document = passage.source.document
        if best[document] < NEAR and words.all_in(searchable(passage)):
            best[document] = NEAR
    return {document: min(score, 1.0) for document, score in best.items() if score >= NEAR}


def _near_as_a_whole(documents: Sequence[str], query: Query, retriever: Retriever) -> frozenset[str]:
    if not documents:
        return frozenset()
    vector, _ = retriever.store.asked(query.sought)
    means = retriever.store.means(documents)
    cosines = means @ vector / np.linalg.norm(means, axis=1)
    return frozenset(document for document, cosine in zip(documents, cosines, strict=True) if cosine >= WHOLE)


def _nearest_of_each(alike: Iterable[Passage]) -> Mapping[str, list[Passage]]:
    """List the passages of each article that are about as near as its nearest."""
    of: dict[str, list[Passage]] = defaultdict(list)
    for passage in alike:  # the nearest first
        its = of[passage.source.document]
        if not its or passage.score >= AMONG_ITS_NEAREST * its[0].score:
            its.append(passage)
    return of
