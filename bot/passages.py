"""Citations and the articles they are from in, cards that show each quote where it stands out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.card import Block, Card, Colour
from bot.markdown import fitting, superscript
from bot.render import Numbers, in_cards, numbered, source_line
from rag.language.sentences import Span
from rag.schema import Citation

CONTEXT = 160  # characters shown on either side of a quote, and between two that are shown together
CONTEXT_LIMIT, QUOTES_LIMIT = 250, 1600  # the same and all quotes of an excerpt, escaped
MOST_TOGETHER = 3  # quotes
MOST_LINES = 30  # in a quote or beside it; each is marked as quoted and bold, which counts
CHANGED = "-# The article has changed since, and no longer has this passage."


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of an article with the quotes in it, in the order of the article; none if it does not have them now."""

    citation: Citation  # the first of them
    numbers: tuple[int, ...]
    spans: tuple[Span, ...]

    def takes(self, citation: Citation, span: Span) -> bool:
        """Tell whether a quote stands close behind or before these, and can be shown with them."""
        apart = max(self.spans[0][0] - span[1], span[0] - self.spans[-1][1]) if self.spans else -1
        same = self.citation.source.document == citation.source.document
        return same and 0 <= apart <= CONTEXT and len(self.spans) < MOST_TOGETHER


def passage_cards(
    citations: Sequence[Citation], texts: Mapping[str, str], numbers: Numbers | None = None
) -> list[Card]:
    """Show each quote in bold in its context. `texts` are the articles as they are now, as far as they are there.

    The citations are numbered in their order, unless they have `numbers` already.
    """
    passages = [
        f"{' '.join(map(superscript, excerpt.numbers))} {source_line(excerpt.citation.source)}\n"
        f"{in_context(excerpt, texts.get(excerpt.citation.source.document, ''))}"
        for excerpt in excerpts(citations, texts, numbers or numbered(citations))
    ]
    return in_cards(passages, Block.SOURCES, Colour.PLAIN, "passages.md")


def excerpts(citations: Sequence[Citation], texts: Mapping[str, str], numbers: Numbers) -> list[Excerpt]:
    """Put quotes together that stand close to each other."""
    found: list[Excerpt] = []
    for citation in citations:
        start = placed(citation, texts.get(citation.source.document, ""))
        span = (start, start + len(citation.quote))
        place = next((at for at, other in enumerate(found) if start >= 0 and other.takes(citation, span)), None)
        if place is None:
            found.append(Excerpt(citation, (numbers[citation],), (span,) if start >= 0 else ()))
        else:
            other = found[place]
            spans = tuple(sorted((*other.spans, span)))
            found[place] = replace(other, numbers=(*other.numbers, numbers[citation]), spans=spans)
    return found


def in_context(excerpt: Excerpt, text: str) -> str:
    """Write quotes as a block quotation, in bold, with what stands before, between and after them."""
    if not excerpt.spans:
        return f"{quoted(bold(excerpt.citation.quote, QUOTES_LIMIT))}\n{CHANGED}"
    starts, ends = zip(*excerpt.spans, strict=True)
    around = [
        beginning_at_word(text[: starts[0]]),
        *(text[end:start] for end, start in zip(ends, starts[1:], strict=False)),
        ending_at_word(text[ends[-1] :]),
    ]
    written = fitting(lined(around[0]), CONTEXT_LIMIT)
    for (start, end), after in zip(excerpt.spans, around[1:], strict=True):
        marked = bold(text[start:end], QUOTES_LIMIT // len(excerpt.spans))
        beside = fitting(lined(after), CONTEXT_LIMIT)
        written += f"{gap(text[:start][-1:])}{marked}{gap(text[end : end + 1])}{beside}"
    return quoted(written)


def placed(citation: Citation, text: str) -> int:
    """Find where a quote begins in the article as it is now; -1 if it does not have it any more."""
    if text[citation.start : citation.end] == citation.quote:
        return citation.start
    return text.find(citation.quote)


def beginning_at_word(text: str) -> str:
    kept = text[-CONTEXT:]
    return kept if kept == text else f"… {kept.split(' ', 1)[-1]}"


def ending_at_word(text: str) -> str:
    kept = text[:CONTEXT]
    return kept if kept == text else f"{kept.rsplit(' ', 1)[0]} …"


def gap(character: str) -> str:
    """Keep the white space beside a quote: a new paragraph, or one blank."""
    if character == "\n":
        return "\n\n"
    return " " if character.isspace() else ""


def lined(text: str) -> str:
    """Keep the lines of a text, unless they are too many."""
    return text if text.count("\n") < MOST_LINES else " ".join(text.split())


def bold(quote: str, limit: int) -> str:
    return "\n".join(f"**{line}**" if line else "" for line in fitting(lined(quote), limit).split("\n"))


def quoted(markdown: str) -> str:
    return "\n".join(f"> {line}" for line in markdown.split("\n"))
