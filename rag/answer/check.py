"""A message in, each of its statements held against the articles out: supported, contradicted, or not in them.

No model. A sentence supports a statement if it has its like for every word, bears out its figures and names, and passes
the gate as its quote. It contradicts one that it bears out but for a single point, which it fills otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.answer.examine import Finding, lower_words, nearness
from rag.answer.extractive import NEAR, READ, Extractive, citation
from rag.answer.statements import statements
from rag.gate.differences import differences, gives_title, is_same_event, relation
from rag.gate.meaning import opposed
from rag.gate.proof import Evidence, unstated_dates, unstated_numbers
from rag.gate.verify import verified
from rag.language.sentences import sentence_spans
from rag.language.words import FUNCTION_WORDS, content_stems, stem
from rag.schema import Checked, Citation, Claim, Filters, Ruling

LOOKED_AT = 12  # sentences
# tuned on check-dev, where .965 of what is called supported is so, and all that is called contradicted
WORD_NEAR = 0.5  # cosine from which on a word of a sentence may stand for one of the statement
SENTENCE_NEAR = 0.6  # … if the sentence as a whole comes as near to the statement
SHOWN = 3  # sentences for a statement, and as many against it
# what points back opens a sentence: what it says may need the sentence before it
_LEANING = re.compile(r"(?:he|she|it|they|his|her|its|their|the|this|these|both|neither|there)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a quote does to a statement."""

    citation: Citation
    ruling: Ruling
    reason: str = ""


class Checker:
    """Checks messages against a store. Threads may share one."""

    def __init__(self, extractive: Extractive, texts: Mapping[str, str]) -> None:
        self._extractive = extractive
        self._retriever = extractive.retriever
        self._texts = texts

    def statements(self, message: str) -> tuple[str, ...]:
        """List what a message states: nothing, if it only asks or greets."""
        return statements(message, self._retriever.vocabulary)

    def checked(self, statement: str, filters: Filters) -> Checked:
        """Hold one statement against the articles. Raises EmptyStoreError when there are none."""
        query = self._retriever.understand(statement, filters=filters)
        findings = self._extractive.examined(query, self._retriever.retrieve(query, READ)).findings[:LOOKED_AT]
        together = frozenset[str]().union(*(lower_words(finding.text) for finding in findings))
        self._extractive.vectors(sorted(together - FUNCTION_WORDS))  # at once, which is faster
        bearings = [bearing for finding in findings if (bearing := self._bearing(statement, finding))]
        supporting = [bearing for bearing in bearings if bearing.ruling is Ruling.SUPPORTED]
        contradicting = [bearing for bearing in bearings if bearing.ruling is Ruling.CONTRADICTED]
        near = next((citation(finding) for finding in findings[:1] if finding.cosine >= NEAR), None)
        return Checked(
            statement,
            supporting=tuple(bearing.citation for bearing in supporting[:SHOWN]),
            contradicting=tuple(bearing.citation for bearing in contradicting[:SHOWN]),
            reason=contradicting[0].reason if contradicting else "",
            nearest=None if bearings else near,
        )

    def _bearing(self, statement: str, finding: Finding) -> Bearing | None:
        """Rule by a sentence, or failing that by it and the one before."""
        near = self._covered(statement, finding)
        if near < WORD_NEAR or (near < 1 and finding.cosine < SENTENCE_NEAR):
            return None
        own = citation(finding)
        quotes = [own, *self._with_the_one_before(own)]
        for quote in quotes:
            if self._supports(statement, quote, own):
                return Bearing(quote, Ruling.SUPPORTED)
        for quote in quotes:
            found = differences(statement, self._evidence(quote))
            if len(found) == 1 and found[0].contradicts(own.quote) and is_same_event(statement, found):
                return Bearing(quote, Ruling.CONTRADICTED, found[0].reason)
        return None

    def _covered(self, statement: str, finding: Finding) -> float:
        """Compute how near a sentence comes to the word of a statement that it is farthest from.

        Opposites are near, and what the title says is said of each sentence: "the line" is the ferry line.
        """
        title = set(content_stems(finding.passage.source.title))
        sought = [word for word in relation(statement) if not opposed(word, finding.text)]
        own = [word for word in sought if stem(word) not in title]
        if not own:
            return float(gives_title(statement) or bool(set(map(stem, sought)) & set(content_stems(finding.text))))
        return min(nearness(own, lower_words(finding.text), self._extractive.vectors))

    def _supports(self, statement: str, quote: Citation, own: Citation) -> bool:
        """Tell whether a quote bears a statement out. Of the sentence before its `own`, only names count."""
        result = verified(Claim(statement, (quote,)), self._texts, self._retriever.vocabulary.variants)
        if not isinstance(result, Claim) or differences(statement, self._evidence(quote)):
            return False
        alone = self._evidence(own)
        return not any(unstated_dates(statement, alone)) and not any(unstated_numbers(statement, alone))

    def _evidence(self, quote: Citation) -> Evidence:
        return Evidence((quote,), self._texts, self._retriever.vocabulary.variants)

    def _with_the_one_before(self, own: Citation) -> Iterator[Citation]:
        """Yield the sentence together with the one before, if it opens with a word that points back."""
        text = self._texts[own.source.document]
        spans = sentence_spans(text)
        at = bisect_left(spans, (own.start, own.end))
        if at and _LEANING.match(own.quote):
            start = spans[at - 1][0]
            yield Citation(own.source, start, own.end, text[start : own.end])
