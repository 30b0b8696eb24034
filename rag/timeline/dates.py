"""A text and the date of its article in, the dates it speaks of out: resolved, and never finer than the text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.facts import dates_in
from rag.schema import Basis, Dates, Source, When


@dataclass(frozen=True, slots=True)
class Anchor:
    """What relative dates of an article are counted from: its publication, and failing that the day it is later than.

    `not_before` is a day before which the article was not written, `not_after` one after which it was not.
    """

    published: Dates | None = None
    basis: Basis = Basis.UNKNOWN
    not_before: date | None = None
    not_after: date | None = None

    @classmethod
    def of(cls, source: Source, not_before: date | None = None) -> Anchor:
        """Take what is known of an article's date."""
        return cls(source.published, source.basis, not_before)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that a text speaks of: `text[start:end]` are the words that tell it."""

    start: int
    end: int
    when: When
    modifies: bool = False  # it belongs to a thing and not to what happens: "the 2023 pact", "the June war"


def dated(text: str, anchor: Anchor) -> list[Dated]:
    """Find the dates that a text speaks of, in order, and resolve them as the article's readers do.

    `text` is an article's clean text or any piece of it; a date that points back ("a day earlier") is counted from one
    before it.
    """
    found = []
    for mention in dates_in(text):
        seen = mention.seen_from(anchor.published).dates if anchor.published else mention.dates
        when = When(seen, approximate=anchor.basis is Basis.INFERRED, expression=text[mention.start : mention.end])
        found.append(Dated(mention.start, mention.end, when))
    return found


def within(found: Sequence[Dated], start: int, end: int) -> list[Dated]:
    """Keep the dates that stand in `text[start:end]`."""
    return [each for each in found if start <= each.start and each.end <= end]
