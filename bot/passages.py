"""Citations and the articles they are from in, cards that show each quote where it stands out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.card import Block, Card, Colour
from bot.markdown import fitting, superscript
from bot.render import in_cards, source_line
from rag.schema import Citation

CONTEXT = 260  # characters shown on either side of a quote
CONTEXT_LIMIT, QUOTE_LIMIT = 400, 1600  # the same and the quote, escaped
MOST_LINES = 30  # in a quote or beside it; each is marked as quoted and bold, which counts
CHANGED = "-# The article has changed since, and no longer has this passage."


def passage_cards(citations: Sequence[Citation], texts: Mapping[str, str]) -> list[Card]:
    """Show each quote in bold in its context. `texts` are the articles as they are now, as far as they are there."""
    passages = [
        f"{superscript(number)} {source_line(citation.source)}\n{in_context(citation, texts)}"
        for number, citation in enumerate(citations, start=1)
    ]
    return in_cards(passages, Block.SOURCES, Colour.PLAIN, "passages.md")


def in_context(citation: Citation, texts: Mapping[str, str]) -> str:
    """Write a quote as a block quotation in bold, with what stands before and after it."""
    text = texts.get(citation.source.document, "")
    start = placed(citation, text)
    if start < 0:
        return f"{quoted(bold(citation.quote))}\n{CHANGED}"
    before = beginning_at_word(text[:start])
    after = ending_at_word(text[start + len(citation.quote) :])
    around = (fitting(lined(before), CONTEXT_LIMIT), bold(citation.quote), fitting(lined(after), CONTEXT_LIMIT))
    gaps = (gap(text[:start][-1:]), gap(text[start + len(citation.quote) :][:1]))
    return quoted(f"{around[0]}{gaps[0]}{around[1]}{gaps[1]}{around[2]}")


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


def bold(quote: str) -> str:
    return "\n".join(f"**{line}**" if line else "" for line in fitting(lined(quote), QUOTE_LIMIT).split("\n"))


def quoted(markdown: str) -> str:
    return "\n".join(f"> {line}" for line in markdown.split("\n"))
