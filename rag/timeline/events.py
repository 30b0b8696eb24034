"""Happenings of many articles in, events out: several reports of one event are one, with all their passages. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rag.schema import Claim, Dates, Dating, Event, When
from rag.timeline.happenings import Happening

OriginOf = Callable[[str], str]  # from a document to the document of the original report


@dataclass(frozen=True, eq=False)
class Found:
    """An event and the reports of it, the one it is worded after first."""

    reports: tuple[Happening, ...]
    when: When
    disputed: tuple[Dating, ...] = ()

    def event(self, origin_of: OriginOf, importance: float = 0.0) -> Event:
        """Show it with one passage of each article."""
        cited = {each.citation.source.document: each.citation for each in reversed(self.reports)}
        first = self.reports[0].citation
        others = [citation for document, citation in reversed(cited.items()) if document != first.source.document]
        claim = Claim(self.reports[0].text, (first, *others))
        return Event(claim, self.when, len({origin_of(document) for document in cited}), self.disputed, importance)


def events(among: Iterable[Happening]) -> list[Found]:
    """Put together what is one event, in the order of the dates."""
    groups: list[list[Happening]] = []
    for happening in among:
        same = next((group for group in groups if is_same_event(group[0], happening)), None)
        if same is None:
            groups.append([happening])
        else:
            same.append(happening)
    return sorted((Found(tuple(group), group[0].when) for group in groups), key=lambda found: in_order(found.when))


def in_order(when: When) -> tuple[date, date]:
    """Order by when something may have begun; what is known least exactly comes last among its like."""
    window = when.window or Dates(date.max, date.max)
    return (window.first if window.first > date.min else window.last, window.last)


def is_same_event(one: Happening, other: Happening) -> bool:
    """Tell whether two sentences tell of one event."""
    shared, least = tokens(one) & tokens(other), min(len(tokens(one)), len(tokens(other)))
    return one.when.dates == other.when.dates and len(shared) > least / 2


def tokens(happening: Happening) -> frozenset[str]:
    return frozenset().union(*(clause.tokens for clause in happening.clauses))


def in_period(found: Sequence[Found], since: Dates | None, until: Dates | None) -> list[Found]:
    """Keep what can have happened in a period; of what is not dated at all, nothing if there is one."""
    kept = []
    for each in found:
        window = each.when.window
        if (since is None and until is None) or (
            window
            and window.first > date.min
            and not (since and window.last < since.first)
            and not (until and window.first > until.last)
        ):
            kept.append(each)
    return kept
