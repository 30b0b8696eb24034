"""Filters and what is known of an article in, whether it may be read out. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from rag.language.words import words
from rag.schema import Filters, Source

EVERYTHING = Filters()


def keeps(filters: Filters, source: Source) -> bool:
    """Tell whether an article passes. One whose date is unknown passes no filter on dates: it may be of any day."""
    return keeps_date(filters, source) and (
        not filters.outlets or any(is_of(outlet, source) for outlet in filters.outlets)
    )


def keeps_date(filters: Filters, source: Source) -> bool:
    """Compare so that no article is lost that may have been published in time, and none read from after `as_of`."""
    if filters.since is filters.until is filters.as_of is None:
        return True
    return source.published is not None and (
        (filters.since is None or source.published.last >= filters.since.first)
        and (filters.until is None or source.published.first <= filters.until.last)
        and (filters.as_of is None or source.published.last <= filters.as_of.last)
    )


def is_of(outlet: str, source: Source) -> bool:
    """Tell whether an article is by, or taken from, an outlet: some words of its name in their order, or its site."""
    wanted = spaced(outlet)
    names = (source.publisher, source.origin, urlsplit(source.url).hostname or "")
    return bool(wanted.strip()) and any(wanted in spaced(name) for name in names)


def spaced(name: str) -> str:
    return f" {' '.join(match.group().casefold() for match in words(name))} "
