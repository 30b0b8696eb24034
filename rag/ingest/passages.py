"""An article in, its passages out: consecutive whole sentences with their exact span in the article's clean text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.language.sentences import Span, paragraph_spans, sentence_spans
from rag.schema import Article, Passage

LIMIT = 600  # characters
SHAPE = f"sentences-{LIMIT}-1"  # changes whenever the same article would be cut differently


def passages_of(article: Article) -> list[Passage]:
    """Cut an article into passages of at most `LIMIT` characters, cut at the ends of paragraphs and sentences.

    Only a sentence longer than that is cut inside, at white space where it has any. The passages do not overlap, and
    together they hold the whole text but the white space between them.
    """
    text = article.text
    spans: list[Span] = []
    for start, end in blocks(text):
        if spans and end - spans[-1][0] <= LIMIT:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [Passage(article.source, start, end, text[start:end]) for start, end in spans]


def blocks(text: str) -> Iterator[Span]:
    """Yield what passages are packed from: a paragraph if it fits, or else its sentences, cut up if need be."""
    for start, end in paragraph_spans(text):
        if end - start <= LIMIT:
            yield start, end
            continue
        for first, last in sentence_spans(text[start:end]):
            yield from pieces(text, start + first, start + last)


def pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a span that is too long at the last white space that fits, or in the middle of a word if there is none."""
    while end - start > LIMIT:
        gap = re.search(r"\s+(?=\S*\Z)", text[start : start + LIMIT + 1])
        yield start, start + (gap.start() if gap and gap.start() else LIMIT)
        start += gap.end() if gap and gap.start() else LIMIT
    yield start, end
