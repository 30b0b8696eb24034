"""A passage in, the text by which it is found out: what it says, under the title, outlet and date it is said under."""

from __future__ import annotations

from rag.schema import Passage, Source

TEMPLATE = "title-outlet-date-1"  # changes whenever the same passage would be embedded as another text


def heading(source: Source) -> str:
    """Name an article as a search should find it."""
    published = source.published.in_words() if source.published else ""
    return "\n".join(part for part in (source.title, ", ".join(filter(None, (source.outlet, published)))) if part)


def searchable(passage: Passage) -> str:
    """Put the article's title, outlet and date before what the passage says. Only the passage itself is ever quoted."""
    return f"{heading(passage.source)}\n{passage.text}"
