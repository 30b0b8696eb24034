"""A question and passages in, the fewest of their sentences that answer it out: no model, each claim is its quote."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import lru_cache

import numpy as np

from rag.answer.decision import THRESHOLD, Examination, examination, probability
from rag.answer.examine import Backdrop, Examiner, Finding, backdrop, inquiry
from rag.answer.synthesis import Finished, Said, Unanswered
from rag.answer.waiting import in_thread
from rag.language.words import content_stems
from rag.retrieve.retriever import Retriever
from rag.schema import Citation, Claim, Passage, Query, Source, Turn
from rag.store.embeddings import Remembered
from rag.store.pieces import Matrix

READ = 8  # passages; later ones seldom hold the answer
REMEMBERED = 20_000  # vectors of words and sentences: 30 MB
ARTICLES_REMEMBERED = 1000
MOST = 3  # sentences in an answer
CONSIDERED = 15  # sentences; the best is among them, and so are the second and third
# On pact-1 and pact-2: right .76 and .73 of the time in 358 characters; without the gain .73 and .70 in 295.
GAIN = 2.0  # worth of reaching, with what is asked for, parts of the question that the sentences before do not reach
MARGIN = 0.05  # how much worse than the best sentence a further one may score
ALIKE = 0.9  # cosine from which on two sentences say the same
NEAR = 0.3  # cosine from which on a sentence that does not answer is worth showing instead


class Extractive:
    """Answers with the articles' own sentences. Threads may share one."""

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever
        self.vectors = Remembered(retriever.store.reader.encode, REMEMBERED)
        self._backdrop_of = lru_cache(ARTICLES_REMEMBERED)(self._read_backdrop)

    async def synthesize(
        self, query: Query, passages: Sequence[Passage], history: Sequence[Turn] = ()
    ) -> AsyncGenerator[Said, None]:
        """Yield the sentences that answer, in reading order, or that nothing does. The conversation is in the query."""
        chosen = await in_thread(self.chosen, query, passages)
        for finding in chosen:
            yield Claim(finding.text, (citation(finding),))
        if not chosen:
            yield Unanswered(query.standalone)
        yield Finished()

    def chosen(self, query: Query, passages: Sequence[Passage]) -> list[Finding]:
        """Choose the sentences that answer: none if it is likelier that they do not."""
        examined = self.examined(query, passages)
        if probability(examined) < THRESHOLD:
            return []
        return in_reading_order(self._selected(examined.findings, self.retriever.weigh(query).weights))

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

    def _selected(self, findings: Sequence[Finding], weights: Matrix) -> list[Finding]:
        """Take the best sentence, then those that add the most of what is asked."""
        selected = [findings[0]]
        reached = findings[0].reached
        while len(selected) < MOST:
            worth = {
                finding.score
                + GAIN * finding.offers * float(weights @ (np.maximum(reached, finding.reached) - reached)): finding
                for finding in findings
                if not self._repeats(finding, selected)
            }
            if not worth or max(worth) < findings[0].score - MARGIN:
                break
            selected.append(worth[max(worth)])
            reached = np.maximum(reached, selected[-1].reached)
        return selected

    def _repeats(self, finding: Finding, selected: Sequence[Finding]) -> bool:
        texts = [finding.text, *(other.text for other in selected)]
        vector, *others = self.vectors(texts)
        return finding in selected or any(float(vector @ other) > ALIKE for other in others)

    def _read_backdrop(self, source: Source, version: str) -> Backdrop:
        return backdrop(self.retriever.store.article(source.document))


def citation(finding: Finding) -> Citation:
    """Cite the whole sentence."""
    return Citation(finding.passage.source, finding.start, finding.end, finding.text)


def in_reading_order(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the article of the best sentence first, and within an article the order of its text."""
    articles = list(dict.fromkeys(finding.passage.source.document for finding in findings))
    return sorted(findings, key=lambda finding: (articles.index(finding.passage.source.document), finding.start))
