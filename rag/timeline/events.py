"""Happenings of many articles in, events out: several reports of one event are one, with all their passages. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from rag.conflicts.events import compatible_places, overlap
from rag.conflicts.grouping import Difference, differences
from rag.conflicts.points import Slot, points
from rag.conflicts.statements import Who
from rag.conflicts.vocabulary import ANOTHER, ORDINAL
from rag.schema import Citation, Claim, Dates, Dating, Event, Precision, When
from rag.timeline.deeds import GATHERING
from rag.timeline.happenings import TOLD, Happening

OriginOf = Callable[[str], str]  # from a document to the document of the original report

# tuned on tests/benchmarks/planted/timelines/dev
ALIKE = 0.4  # how much of two happenings must be the same, from 0 to 1
ALIKE_ON_A_DAY = 0.3  # … if both are known to be of one day
ALIKE_UNDATED = 0.5  # … if the date of one is not known
NEIGHBOURS = 40  # events on one name and deed, the last ones, that a happening is compared with
PAIR = 2  # people who met
NAME, PLACE, COUNTRY, DEED = 3.0, 2.0, 1.0, 2.0  # what something shared weighs against a word
_EXACTNESS = (Precision.UNKNOWN, Precision.YEAR, Precision.MONTH, Precision.DAY)


@dataclass(frozen=True, eq=False)
class Found:
    """An event and the reports of it, the one it is worded after first."""

    reports: tuple[Happening, ...]
    when: When
    disputed: tuple[Dating, ...] = ()

    @cached_property
    def documents(self) -> frozenset[str]:
        return frozenset(each.document for each in self.reports)

    def event(self, origin_of: OriginOf, importance: float = 0.0) -> Event:
        """Show it with one passage of each article."""
        cited = {each.document: each.citation for each in reversed(self.reports)}
        first = self.reports[0].citation
        others = [citation for document, citation in reversed(cited.items()) if document != first.source.document]
        claim = Claim(self.reports[0].text, (first, *others))
        return Event(claim, self.when, len({origin_of(document) for document in cited}), self.disputed, importance)


@dataclass(eq=False)
class Gathering:
    """Reports that have been found to be of one event so far."""

    reports: list[Happening] = field(default_factory=list)

    def takes(self, happening: Happening) -> bool:
        """Tell whether a happening is the same event as the reports that say most of it."""
        return all(is_compatible(each, happening) for each in self.reports[:NEIGHBOURS]) and any(
            is_same_event(each, happening) for each in self.reports[:NEIGHBOURS]
        )


def events(among: Iterable[Happening]) -> list[Found]:
    """Put together what is one event, in the order of the dates."""
    told = sorted((each for each in among if each.telling >= TOLD), key=_precedence)
    gatherings = _disputed(_gathered(told))
    return sorted((_found(each) for each in gatherings), key=lambda found: in_order(found.when))


def _precedence(happening: Happening) -> tuple[int, bool, int, int]:
    """Order happenings for putting together: those that say most exactly when, and whom, first."""
    return (-exactness(happening.when), not happening.is_dated, -len(happening.people), happening.place)


def exactness(when: When) -> int:
    """Rank by how exactly something is dated: 0 is not at all."""
    return 2 * _EXACTNESS.index(when.precision) - when.approximate


def _gathered(told: Sequence[Happening]) -> list[Gathering]:
    shelves: dict[tuple[str, str], list[Gathering]] = defaultdict(list)
    gatherings: list[Gathering] = []
    for happening in told:
        keys = [(deed, key) for deed in happening.deeds for key in {who.key for who in happening.names}]
        near = dict.fromkeys(each for key in keys for each in shelves[key][-NEIGHBOURS:])
        own = next((each for each in near if each.takes(happening)), None)
        if own is None:
            own = Gathering()
            gatherings.append(own)
        own.reports.append(happening)
        for key in keys:
            if own not in shelves[key][-NEIGHBOURS:]:
                shelves[key].append(own)
    return gatherings


def is_same_event(one: Happening, other: Happening) -> bool:
    """Tell whether two sentences tell of one event: nothing speaks against it, and enough for it."""
    if not is_compatible(one, other):
        return False
    if GATHERING in one.deeds & other.deeds and _matches(one.people, other.people) >= PAIR:
        return True
    dates = one.when.dates, other.when.dates
    if dates[0] is None or dates[1] is None:
        needed = ALIKE_UNDATED
    else:
        needed = ALIKE_ON_A_DAY if dates[0] == dates[1] and one.when.precision is Precision.DAY else ALIKE
    return likeness(one, other) >= needed


def is_compatible(one: Happening, other: Happening) -> bool:
    """Tell whether nothing speaks against two sentences telling of one event."""
    return (
        not _apart_in_time(one, other)
        and not _elsewhere(one, other)
        and not _set_apart(one, other)
        and not (GATHERING in one.deeds & other.deeds and _rivals(one, other))
    )


def likeness(one: Happening, other: Happening) -> float:
    """Compute how much of two happenings is the same: a weighted Dice's coefficient, from 0 to 1."""
    shared = weight = 0.0
    for worth, ours, theirs in (
        (NAME, one.people, other.people),
        (PLACE, one.places, other.places),
        (COUNTRY, _countries(one), _countries(other)),
    ):
        shared += worth * _matches(ours, theirs)
        weight += worth * (len(ours) + len(theirs)) / 2
    for each, mine, its in ((DEED, one.deeds, other.deeds), (1.0, one.tokens - one.deeds, other.tokens - other.deeds)):
        shared += each * len(mine & its)
        weight += each * (len(mine) + len(its)) / 2
    return shared / max(weight, 1.0)


def _countries(happening: Happening) -> tuple[Who, ...]:
    countries = {who.country: who for who in happening.names if who.country}
    return tuple(countries.values())


def _matches(names: Sequence[Who], others: Sequence[Who]) -> int:
    return sum(any(map(name.is_same, others)) for name in names)


def _apart_in_time(one: Happening, other: Happening) -> bool:
    windows = one.when.window, other.when.window
    if windows[0] and windows[1] and not overlap(windows[0], windows[1]):
        return True
    weekdays = [{date.weekday for clause in each.clauses for date in clause.dates} - {None} for each in (one, other)]
    undated = one.when.precision is not Precision.DAY or other.when.precision is not Precision.DAY
    return undated and bool(weekdays[0] and weekdays[1]) and weekdays[0].isdisjoint(weekdays[1])


def _elsewhere(one: Happening, other: Happening) -> bool:
    return bool(one.places and other.places) and not any(
        compatible_places(ours, theirs) for ours in one.places for theirs in other.places
    )


def _set_apart(one: Happening, other: Happening) -> bool:
    """Tell whether their words say that they speak of two: "the second round" and "the third", "another meeting"."""
    rows = [{match[0].lower() for match in ORDINAL.finditer(each.text)} for each in (one, other)]
    if rows[0] and rows[1] and rows[0].isdisjoint(rows[1]):
        return True
    return one.document == other.document and (ANOTHER.search(one.text) is None) != (ANOTHER.search(other.text) is None)


def _rivals(one: Happening, other: Happening) -> bool:
    """Tell whether each names somebody in whom the other has no part: with whom one met, and with whom another."""
    return all(
        any(not any(map(who.is_same, (*its.names, *_context(its)))) for who in each.people)
        for each, its in ((one, other), (other, one))
    )


def _context(happening: Happening) -> Iterator[Who]:
    for clause in happening.clauses:
        yield from clause.context


def _disputed(gatherings: Sequence[Gathering]) -> list[Gathering]:
    """Put together what is one event but for its date."""
    of = {clause: each for each in gatherings for report in each.reports for clause in report.clauses}
    for difference in _differences(gatherings):
        first, *others = dict.fromkeys(of[point.statement] for point in difference.points)
        for other in others:
            first.reports += other.reports
            of |= {clause: first for report in other.reports for clause in report.clauses}
    return list(dict.fromkeys(of.values()))


def _differences(gatherings: Sequence[Gathering]) -> Iterator[Difference]:
    clauses = [clause for each in gatherings for report in each.reports for clause in report.clauses]
    dated = [point for clause in clauses for point in points(clause) if point.slot is Slot.DATE]
    return (each for each in differences(dated) if each.relation.value in ("contradiction", "correction"))


def _found(gathering: Gathering) -> Found:
    """Say when an event was: as the most say, and of these the most exact; what cannot also be true is disputed."""
    reports = sorted(gathering.reports, key=lambda each: (-_support(each, gathering.reports), *_precedence(each)))
    first = reports[0]
    against: dict[str, dict[str, Citation]] = defaultdict(dict)
    for report in reports[1:]:
        if _differ(first.when, report.when):
            against[str(report.when.dates)].setdefault(report.document, report.citation)
    disputed = tuple(Dating(says, tuple(citations.values())) for says, citations in against.items())
    agreeing = [each for each in reports if not _differ(first.when, each.when)]
    return Found(tuple(agreeing), first.when, disputed)


def _support(report: Happening, reports: Sequence[Happening]) -> int:
    """Count the articles that do not speak against the date of a report."""
    if report.when.dates is None:
        return 0
    return len({each.document for each in reports if each.when.dates and not _differ(report.when, each.when)})


def _differ(one: When, other: When) -> bool:
    windows = one.window, other.window
    return bool(windows[0] and windows[1] and other.dates and not overlap(windows[0], windows[1]))


def in_order(when: When) -> tuple[date, date]:
    """Order by when something may have begun; what is known least exactly comes last among its like."""
    window = when.window or Dates(date.max, date.max)
    return (window.first if window.first > date.min else window.last, window.last)


def in_period(found: Sequence[Found], since: Dates | None, until: Dates | None) -> list[Found]:
    """Keep what can have happened in a period; of what is not dated at all, nothing if there is one."""
    if since is None and until is None:
        return list(found)
    return [each for each in found if each.when.window and _may_lie(each.when.window, since, until)]


def _may_lie(window: Dates, since: Dates | None, until: Dates | None) -> bool:
    known = window.first > date.min and window.last < date.max
    return known and not (since and window.last < since.first) and not (until and window.first > until.last)
