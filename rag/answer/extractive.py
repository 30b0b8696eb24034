"""A question and passages in, the fewest of their sentences that answer it out: no model, each claim is its quote."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import lru_cache

from rag.answer.decision import THRESHOLD, Examination, examination, probability
from rag.answer.examine import Backdrop, Examiner, Finding, backdrop, inquiry
from rag.answer.selection import selected
from rag.answer.synthesis import Assignment, Finished, Said, Unanswered
from rag.answer.waiting import in_thread
from rag.language.words import content_stems
from rag.retrieve.retriever import Retriever
from rag.schema import Citation, Claim, Passage, Query, Source
from rag.store.embeddings import Remembered

READ = 8  # passages; later ones seldom hold the answer
REMEMBERED = 20_000  # vectors of words and sentences: 30 MB
ARTICLES_REMEMBERED = 1000
CONSIDERED = 15  # sentences; those that answer are nearly always among them
NEAR = 0.3  # cosine from which on a sentence that does not answer is worth showing instead


class Extractive:
    """Answers with the articles' own sentences. Threads may share one."""

    def __init__(self, retriever: Retriever, threshold: float = THRESHOLD) -> None:
        self.retriever = retriever
        self._threshold = threshold
        self.vectors = Remembered(retriever.store.reader.encode, REMEMBERED)
        self._backdrop_of = lru_cache(ARTICLES_REMEMBERED)(self._read_backdrop)

    async def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        """Yield the sentences that answer, in reading order, or that nothing does. The conversation is in the query."""
        query, passages = assignment.query, assignment.passages
        chosen, confidence = await in_thread(self.chosen, query, passages)
        for finding in chosen:
            yield Claim(finding.text, (citation(finding),))
        if not chosen:
            yield Unanswered(query.standalone)
        yield Finished(confidence=confidence)

    def chosen(self, query: Query, passages: Sequence[Passage]) -> tuple[list[Finding], float]:
        """Choose the sentences that answer, none if it is likelier that they do not, and say how likely it is."""
        examined = self.examined(query, passages)
        confidence = probability(examined)
        if confidence < self._threshold or not examined.findings:
            return [], confidence
        taken = selected(examined.asking, self.retriever.weigh(query), examined.findings, self.vectors)
        return in_reading_order(taken), confidence

    def nearest(self, query: Query, passages: Sequence[Passage]) -> Citation | None:
        """Return the sentence that comes nearest to an answer, if it comes near."""
        examined = self.examined(query, passages)
        return next((citation(finding) for finding in examined.findings[:1] if finding.cosine >= NEAR), None)

    def examined(self, query: Query, passages: Sequence[Passage]) -> Examination:
        """Hold the sentences of the first passages against the question; the best comes first."""
        read = passages[:READ]
        rarity = self.retriever.rarity(content_stems(query.standalone))
        asking = inquiry(query, rarity.__getitem__)
        examiner = Examiner(
            asking,
            self.retriever.weigh(query),
            self.vectors([query.standalone])[0],
            self.vectors,
            lambda source: self._backdrop_of(source, self.retriever.store.version()),
        )
        return examination(examiner, examiner.examine(read, self.retriever.store.pieces(read), CONSIDERED))

    def _read_backdrop(self, source: Source, version: str) -> Backdrop:
        return backdrop(self.retriever.store.article(source.document))


def citation(finding: Finding) -> Citation:
    """Cite the whole sentence."""
    return Citation(finding.passage.source, finding.start, finding.end, finding.text)


def in_reading_order(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the article of the best sentence first, and within an article the order of its text."""
    articles = list(dict.fromkeys(finding.passage.source.document for finding in findings))
    return sorted(findings, key=lambda finding: (articles.index(finding.passage.source.document), finding.start))
