"""A query and passages in, their sentences held against it out, the best first. What it reads again it remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from rag.answer.decision import Examination, examination
from rag.answer.examine import Backdrop, Examiner, Finding, backdrop, inquiry, own_words
from rag.answer.sourcing import sourcing
from rag.answer.timing import openings
from rag.language.words import content_stems
from rag.retrieve.credits import credited
from rag.retrieve.outlets import calls
from rag.retrieve.retriever import Retriever
from rag.retrieve.timely import is_open
from rag.schema import Citation, Filters, Passage, Query, Source
from rag.store.embeddings import Remembered

READ = 8  # passages; later ones seldom hold the answer
REMEMBERED = 20_000  # vectors of words and sentences: 30 MB
ARTICLES_REMEMBERED = 1000
OUTLETS_REMEMBERED = 1000
CONSIDERED = 15  # sentences; those that answer are nearly always among them
NEAR = 0.3  # cosine from which on a sentence that does not answer is worth showing instead


class Reading:
    """Reads passages of a store closely. Threads may share one."""

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever
        self.vectors = Remembered(retriever.store.reader.encode, REMEMBERED)
        self._backdrop_of = lru_cache(ARTICLES_REMEMBERED)(self._read_backdrop)
        self._has_articles = lru_cache(OUTLETS_REMEMBERED)(self._look_for_articles)

    def examined(self, query: Query, passages: Sequence[Passage], whole: Query | None = None) -> Examination:
        """Hold the sentences of the first passages against a question, or part of a `whole`; the best comes first."""
        read = passages[:READ]
        rarity = self.retriever.rarity(content_stems(query.sought))
        asking = inquiry(query, rarity.__getitem__, whole)
        examiner = Examiner(
            asking,
            self.retriever.weigh(query),
            self.vectors([query.sought])[0],
            self.vectors,
            lambda source: self._backdrop_of(source, self.retriever.store.version()),
            lambda name: self._has_articles(name, self.retriever.store.version()),
        )
        return examination(examiner, examiner.examine(read, self.retriever.store.pieces(read), CONSIDERED))

    def seen_from(self, statement: str, findings: Sequence[Finding]) -> list[Finding]:
        """Compare sentences with a statement instead of the question that they were found for."""
        cosines = self.vectors([finding.text for finding in findings]) @ self.vectors([statement])[0]
        return [replace(finding, cosine=float(cosine)) for finding, cosine in zip(findings, cosines, strict=True)]

    def nearest(self, query: Query, passages: Sequence[Passage]) -> Citation | None:
        """Return the sentence that comes nearest to an answer, if it comes near; the newest to a time and no topic."""
        if is_open(query):
            return next(iter(openings(replace(query, period=None), passages)), None)
        return nearest(self.examined(query, self.retriever.found(query, passages)).findings)

    def absent(self, query: Query, passages: Sequence[Passage]) -> tuple[str, ...]:
        """Name the sources of a question that no article is by."""
        version = self.retriever.store.version()
        given = credited(own_words(query))
        return sourcing(given, passages, lambda name: self._has_articles(name, version)).absent

    def _look_for_articles(self, name: str, version: str) -> bool:
        called = self.retriever.outlets.called
        return (
            any(map(called.__contains__, calls(name)))
            or self.retriever.store.article_count(Filters(outlets=(name,))) > 0
        )

    def _read_backdrop(self, source: Source, version: str) -> Backdrop:
        return backdrop(self.retriever.store.article(source.document))


def nearest(findings: Sequence[Finding]) -> Citation | None:
    """Cite the first of the sentences, if it comes near."""
    return next((citation(finding) for finding in findings[:1] if finding.cosine >= NEAR), None)


def citation(finding: Finding) -> Citation:
    """Cite the whole sentence."""
    return Citation(finding.passage.source, finding.start, finding.end, finding.text)
