"""Clean text in, the character spans of its paragraphs and sentences out."""

from __future__ import annotations

import re
from functools import lru_cache

import sentencex

Span = tuple[int, int]  # start and end as in `text[start:end]`

PARAGRAPH = re.compile(r"\S.*?(?=\n\s*\n|\Z)", re.DOTALL)
WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")  # such as no-break spaces: sentencex panics at "Plan B\xa0."


def paragraph_spans(text: str) -> list[Span]:
    """Find the paragraphs, which blank lines separate, without the white space around them."""
    return [trimmed(text, *match.span()) for match in PARAGRAPH.finditer(text)]


@lru_cache(maxsize=4096)
def sentence_spans(text: str) -> tuple[Span, ...]:
    """Find the sentences, none of which crosses a paragraph; a quotation stays in one piece with its sentence."""
    spans = (
        trimmed(text, start + sentence["start_index"], start + sentence["end_index"])
        for start, end in paragraph_spans(text)
        for sentence in sentencex.get_sentence_boundaries("en", WIDE_SPACE.sub(" ", text[start:end]))
    )
    return tuple((start, end) for start, end in spans if start < end)


def sentence_before(text: str, start: int) -> str:
    """Give the last sentence that ends before a place, or "" where none does."""
    earlier = [span for span in sentence_spans(text) if span[1] <= start]
    return text[slice(*earlier[-1])] if earlier else ""


def trimmed(text: str, start: int, end: int) -> Span:
    """Move both ends of a span inwards past white space."""
    piece = text[start:end]
    return (end - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))
