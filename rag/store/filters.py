"""Filters and what is known of an article in, whether it may be read out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
    return any(is_named(outlet, name) for name in outlets_of(source)) or is_named(outlet, site_of(source))


def is_named(outlet: str, name: str) -> bool:
    """Tell whether a name has some words in their order."""
    wanted = spaced(outlet)
    return bool(wanted.strip()) and wanted in spaced(name)


def outlets_of(source: Source) -> tuple[str, ...]:
    """List the names of those that an article is by or taken from, as the article has them."""
    return tuple(dict.fromkeys(name for name in (source.publisher, source.origin) if name))


def site_of(source: Source) -> str:
    """Name the site that an article stands on; empty if there is none."""
    return _host(source.url)


@lru_cache(maxsize=4096)
def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # such as `http://[`
        return ""


@lru_cache(maxsize=4096)
def spaced(name: str) -> str:
    return f" {' '.join(match.group().casefold() for match in words(name))} "


@dataclass(frozen=True, slots=True)
class Limits:
    """Filters as an index compares them: days as ordinals, outlets as their numbers; None limits nothing.

    Whatever has no date passes only where no day is limited.
    """

    last_from: int | None = None  # the last day on which it may have been published is not before this one
    last_to: int | None = None  # nor after this one
    first_to: int | None = None  # and the first is not after this one
    outlets: tuple[int, ...] | None = None  # it is of one of these

    @classmethod
    def of(cls, filters: Filters, outlets: tuple[int, ...] | None) -> Limits:
        """Write filters whose outlets have these numbers."""
        return cls(
            filters.since.first.toordinal() if filters.since else None,
            filters.as_of.last.toordinal() if filters.as_of else None,
            filters.until.last.toordinal() if filters.until else None,
            outlets,
        )

    @property
    def dated(self) -> bool:
        """Whether any day is limited."""
        return (self.last_from, self.last_to, self.first_to) != (None, None, None)
