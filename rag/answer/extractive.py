"""A question and passages in, the fewest of their sentences that answer it out: no model, each claim is its quote.

Each part of a question is answered by itself, and what it takes for granted is held against the sentences first.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from rag.answer.check import Checker
from rag.answer.decision import THRESHOLD, Examination, probability, signs
from rag.answer.examine import Finding
from rag.answer.parts import Part, parts_of
from rag.answer.premise import Premise, premise
from rag.answer.reading import Reading, citation
from rag.answer.selection import selected
from rag.answer.synthesis import Assignment, Finished, Said, Unanswered
from rag.answer.timing import openings, timely
from rag.answer.waiting import in_thread
from rag.language.words import content_stems
from rag.retrieve.query import PERSON_PRONOUN
from rag.retrieve.timely import is_open
from rag.schema import Checked, Citation, Claim, Passage, Query, Ruling, Turn

SURE = 0.98  # share of what the check calls contradicted that is so; docs/measurements.md, held out
# How much the word that matters most may be missed (see `Signs`) in a part that leans on another: it is so short that
# likeness says little. Tuned on the planted questions (dev).
MISSING = 0.44


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a question or to a part of it, nothing if it is likelier that nothing answers it."""

    to: str
    claims: tuple[Claim, ...]
    confidence: float


class Extractive:
    """Answers with the articles' own sentences. Threads may share one."""

    def __init__(self, reading: Reading, checker: Checker, threshold: float = THRESHOLD) -> None:
        self._reading = reading
        self._checker = checker
        self._threshold = threshold

    async def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        """Yield the sentences that answer, and the parts of the question that none does. The query has the history."""
        replies = await in_thread(self._replies, assignment.query, assignment.passages)
        for claim in {claim.citations: claim for reply in replies for claim in reply.claims}.values():
            yield claim
        for reply in replies:
            if not reply.claims:
                yield Unanswered(reply.to)
        yield Finished(confidence=max(reply.confidence for reply in replies))

    def _replies(self, query: Query, passages: Sequence[Passage]) -> list[Reply]:
        """Reply to the whole of a question, or to each part by itself if not all are answered."""
        parts = parts_of(query.standalone[: query.context_from])
        found = passages if is_open(query) else self._reading.retriever.found(query, passages)
        whole = self._reply(query.standalone, query, found)
        if len(parts) == 1:
            return [whole]
        apart = list(self._replies_apart(parts, query, found))
        if whole.claims and all(reply.claims for reply in apart):
            return [whole, *apart]
        if any(reply.claims for reply in apart):
            return apart
        return [self._reply(query.standalone, query, found, strictly=True), *apart[1:]]

    def _replies_apart(self, parts: Sequence[Part], query: Query, passages: Sequence[Passage]) -> Iterator[Reply]:
        """Ask each part by itself, the later ones as follow-ups on the first."""
        context = query.standalone[query.context_from :].strip(" ()") if query.context_from is not None else ""
        before = [Turn("user", context)] if context else []
        near = passages
        for part in parts:
            asked = self._reading.retriever.understand(part.question, before, query.filters, query.asked_on)
            leans = part.leans and (not asked.names or PERSON_PRONOUN.search(part.question) is not None)
            reply = self._reply(part.named, asked, near if leans else passages, leans, whole=query)
            if leans and not reply.claims:
                reply = self._reply(part.named, asked, passages, leans, whole=query)
            if part is parts[0]:
                before = [*before, Turn("user", part.question)]
                near = from_articles_of(reply, passages)
            yield reply

    def _reply(
        self, to: str, query: Query, passages: Sequence[Passage], strictly: bool = False, whole: Query | None = None
    ) -> Reply:
        """Answer if that is likely to be right, and `strictly` only if no word that matters much is missed."""
        if is_open(query):
            news = tuple(Claim(each.quote, (each,)) for each in openings(query, passages))
            return Reply(to, news, float(bool(news)))
        examined = self._reading.examined(query, passages, whole)
        stated, checked = self._premise(query, examined)
        if checked.ruling is Ruling.CONTRADICTED:
            return Reply(to, (answering("No", checked.contradicting[0]),), SURE)
        yes = [answering("Yes", checked.supporting[0])] if agrees(stated, checked) else []
        confidence = SURE if yes else probability(examined)
        lacks = not examined.findings or (strictly and signs(examined).missing > MISSING)
        if confidence < self._threshold or lacks:
            return Reply(to, (), confidence)
        told = [claim for claim in self._told(query, examined) if not any(claim.text in other.text for other in yes)]
        return Reply(to, (*yes, *told), confidence)

    def _premise(self, query: Query, examined: Examination) -> tuple[Premise, Checked]:
        """Hold what a question asks about or takes for granted against the sentences found for it."""
        stated = premise(query.standalone[: query.context_from])
        if not stated.statement:
            return stated, Checked("")
        findings = self._reading.seen_from(stated.statement, examined.findings)
        return stated, self._checker.ruled(stated.statement, findings)

    def _told(self, query: Query, examined: Examination) -> list[Claim]:
        weighed = self._reading.retriever.weigh(query)
        taken = selected(examined.asking, weighed, timely(query, examined.findings), self._reading.vectors)
        return [Claim(each.text, (citation(each),)) for each in in_reading_order(taken)]


def from_articles_of(reply: Reply, passages: Sequence[Passage]) -> Sequence[Passage]:
    """Keep the passages of the articles that a reply cites; all of them, if it cites none."""
    cited = {citation.source.document for claim in reply.claims for citation in claim.citations}
    return [passage for passage in passages if passage.source.document in cited] or passages


def agrees(stated: Premise, checked: Checked) -> bool:
    """Tell whether a sentence that bears out what is asked has all its words: "beat" for "won" may be of the other."""
    if not stated.is_asked or checked.disputed or checked.ruling is not Ruling.SUPPORTED:
        return False
    return set(content_stems(stated.statement)) <= set(content_stems(checked.supporting[0].quote))


def answering(word: str, quote: Citation) -> Claim:
    """Answer with yes or no and the sentence that says so."""
    return Claim(f"{word}: {quote.quote}", (quote,))


def in_reading_order(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the article of the best sentence first, and within an article the order of its text."""
    articles = list(dict.fromkeys(finding.passage.source.document for finding in findings))
    return sorted(findings, key=lambda finding: (articles.index(finding.passage.source.document), finding.start))
