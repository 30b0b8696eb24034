"""A message in, each of its statements held against the articles out: supported, contradicted, or not in them.

No model. A sentence supports a statement if it has its like for every word, bears out its figures and names, and passes
the gate as its quote. It contradicts one that it bears out but for a single point, which it fills otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.answer.examine import Finding, lower_words, nearness
from rag.answer.reading import READ, Reading, citation, nearest
from rag.answer.statements import statements
from rag.gate.amounts import unstated_numbers
from rag.gate.attribution import attribution
from rag.gate.differences import Difference, Kind, differences, gives_title, is_same_event, relation
from rag.gate.directions import opposed
from rag.gate.evidence import Evidence
from rag.gate.proof import unstated_dates
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
_UNWILLING = re.compile(r"\b(?:refus|declin|fail)\w*\s+to\b", re.IGNORECASE)
_UNDONE = re.compile(
    rf"(?:\b(?:not|never|no|nobody|none|without)\b|n['’]t\b|{_UNWILLING.pattern})\s+"
    r"(?:(?:a|an|the|any|be|been|was|were|is|are|has|have|had)\s+)*([a-z]+)",
    re.IGNORECASE,
)
_DIRECTION = re.compile(r"\b(from|to)\s+(?:the\s+)?([A-Z]\w+)")
_ORDINAL = re.compile(r"\w+(?:st|nd|rd|th)|\d+(?:st|nd|rd|th)", re.IGNORECASE)
# what many people do in turn, so that another's doing it says nothing against one's
_SPEECH = frozenset(map(stem, "say said tell told warn ask call thank praise urge demand stress accuse".split()))
_OPPOSITE = Difference(Kind.SENSE, "", "the opposite")


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a quote does to a statement."""

    citation: Citation
    ruling: Ruling
    reason: str = ""


class Checker:
    """Checks messages against a store. Threads may share one."""

    def __init__(self, reading: Reading, texts: Mapping[str, str]) -> None:
        self._reading = reading
        self._retriever = reading.retriever
        self._texts = texts

    def statements(self, message: str) -> tuple[str, ...]:
        """List what a message states: nothing, if it only asks or greets."""
        return statements(message, self._retriever.vocabulary)

    def checked(self, statement: str, filters: Filters) -> Checked:
        """Hold one statement against the articles. Raises EmptyStoreError when there are none."""
        query = self._retriever.understand(statement, filters=filters)
        return self.ruled(statement, self._reading.examined(query, self._retriever.ranked(query, READ)).findings)

    def ruled(self, statement: str, findings: Sequence[Finding]) -> Checked:
        """Hold a statement against sentences, of which those most like it come first."""
        read = findings[:LOOKED_AT]
        together = frozenset[str]().union(*(lower_words(finding.text) for finding in read))
        self._reading.vectors(sorted(together - FUNCTION_WORDS))  # at once, which is faster
        bearings = [bearing for finding in read if (bearing := self._bearing(statement, finding))]
        supporting = [bearing for bearing in bearings if bearing.ruling is Ruling.SUPPORTED]
        contradicting = [bearing for bearing in bearings if bearing.ruling is Ruling.CONTRADICTED]
        return Checked(
            statement,
            supporting=tuple(bearing.citation for bearing in supporting[:SHOWN]),
            contradicting=tuple(bearing.citation for bearing in contradicting[:SHOWN]),
            reason=contradicting[0].reason if contradicting else "",
            nearest=None if bearings else nearest(read),
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
            found = self._differences(statement, quote)
            if len(found) == 1 and found[0].contradicts(own.quote) and is_of_same(statement, found[0], own.quote):
                return Bearing(quote, Ruling.CONTRADICTED, found[0].reason)
        return None

    def _covered(self, statement: str, finding: Finding) -> float:
        """Compute how near a sentence comes to the word of a statement that it is farthest from.

        Opposites are near, and what the title says is said of each sentence: "the line" is the ferry line.
        """
        title = set(content_stems(finding.passage.source.title))
        words = relation(_UNWILLING.sub("", statement))
        sought = [word for word in words if not opposed(word, finding.text)]
        own = [word for word in sought if stem(word) not in title]
        if words and not sought:
            return WORD_NEAR
        if not own:
            return float(gives_title(statement) or bool(set(map(stem, sought)) & set(content_stems(finding.text))))
        return min(nearness(own, lower_words(finding.text), self._reading.vectors))

    def _supports(self, statement: str, quote: Citation, own: Citation) -> bool:
        """Tell whether a quote bears a statement out. Of the sentence before its `own`, only names count."""
        said_by = attribution(statement, (quote,), self._texts)  # which a statement may leave out: the quote is shown
        result = verified(Claim(statement, (quote,), said_by), self._texts, self._retriever.vocabulary.variants)
        if not isinstance(result, Claim) or self._differences(statement, quote):
            return False
        alone = self._evidence(own)
        return not any(unstated_dates(statement, alone)) and not any(unstated_numbers(statement, alone))

    def _differences(self, statement: str, quote: Citation) -> tuple[Difference, ...]:
        found = differences(statement, self._evidence(quote))
        if not turned(statement, quote.quote):
            return found
        return (*(each for each in found if each.kind is not Kind.SENSE), _OPPOSITE)

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


def is_of_same(statement: str, difference: Difference, sentence: str) -> bool:
    """Tell whether what a sentence says otherwise is of the same thing: not of another round, or another speaker.

    The opposite is said by words that point the other way, not by words that are missing.
    """
    if difference.kind is Kind.NAME:
        return is_same_event(statement, [difference]) and _SPEECH.isdisjoint(content_stems(statement))
    if difference.kind is Kind.SENSE:
        return turned(statement, sentence) or any(opposed(word, sentence) for word in relation(statement))
    return not _ORDINAL.fullmatch(difference.said)


def turned(statement: str, quote: str) -> bool:
    """Tell whether one says done what the other says was not, or from where the other says to where."""
    here, there = undone(statement), undone(quote)
    said, quoted = content_stems(statement), content_stems(quote)
    if any(quoted.count(word) == 1 for word in here - there) or any(said.count(word) == 1 for word in there - here):
        return True
    goes, went = (frozenset(_DIRECTION.findall(text)) for text in (statement, quote))
    return any(place in {name for _, name in went - goes} for way, place in goes - went)


def undone(text: str) -> frozenset[str]:
    """List the stems of what a text says that somebody did not do, or refused to."""
    return frozenset(stem(match[1]) for match in _UNDONE.finditer(text))
