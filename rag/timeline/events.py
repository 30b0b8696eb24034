"""Happenings of many articles in, events out: several reports of one event are one, with all their passages. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from rag.conflicts.events import compatible_places, overlap
from rag.conflicts.grouping import differences
from rag.conflicts.points import Slot, points
from rag.conflicts.statements import Statement, Who
from rag.conflicts.vocabulary import ANOTHER, ORDINAL, REPEATABLE, canonical
from rag.schema import Citation, Claim, Dates, Dating, Event, Precision, Relation, When
from rag.store.embeddings import Vectors
from rag.timeline.deeds import GATHERING
from rag.timeline.happenings import Happening
from rag.timeline.telling import TOLD

OriginOf = Callable[[str], str]  # from a document to the document of the original report

Meaning = Callable[[Sequence[str]], Vectors]  # from sentences to unit vectors, one a row

# tuned on tests/benchmarks/planted/timelines/dev
ALIKE = 0.35  # how much of two happenings must be the same, from 0 to 1
ALIKE_ON_A_DAY = 0.32  # … if both are known to be of one day
ALIKE_UNDATED = 0.55  # … if the date of one is not known
ALIKE_BUT_FOR_THE_DATE = 0.45
ALIKE_IN_OTHER_WORDS = 0.52  # … if they do not name the same deed
CLOSE = 2  # sentences
PAIR = 2  # people who met
NEIGHBOURS = 30  # happenings that mean the like, with which one is compared
MEANT = 140  # characters of a happening from which its meaning is taken; more are no better
BLOCK = 256  # rows that are compared at a time
NEAREST = 0.3  # cosine
NAME, PLACE, COUNTRY, DEED = 3.0, 2.0, 1.0, 2.0  # what something shared weighs against a word
LENT = 0.5  # what a word counts that only what is pointed back to has
MEANS = 0.6  # what likeness of meaning counts, against likeness of words and names
# between two dates that sources can give for one event, by how exact they are
NEAR = {Precision.DAY: timedelta(8), Precision.MONTH: timedelta(62), Precision.YEAR: timedelta(800)}
_BEFORE_THAT = re.compile(r"\b(?:previously|earlier|before that|again|once more|last met)\b", re.I)
_EXACTNESS = (Precision.UNKNOWN, Precision.YEAR, Precision.MONTH, Precision.DAY)
_REPEATED = REPEATABLE | frozenset(map(canonical, "killed struck shelled fired said won lost".split()))


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


class Merger:
    """Puts together what is one event, by words, names and meaning."""

    def __init__(self, told: Iterable[Happening], meaning: Meaning) -> None:
        self._told = sorted(told, key=_precedence)
        self._number = {happening: number for number, happening in enumerate(self._told)}
        sentences = [each.in_context[:MEANT] for each in self._told]
        self._vectors = meaning(sentences) if sentences else np.empty((0, 1), np.float32)
        self._nearest = nearest(self._vectors)

    def gathered(self) -> list[Gathering]:
        """Put each happening to the first event that it is a report of, those that say most going first."""
        of: list[Gathering] = []
        for happening in self._told:
            near = dict.fromkeys(of[number] for number in self._nearest[len(of)])
            own = next((each for each in near if self._takes(each, happening)), None) or Gathering()
            own.reports.append(happening)
            of.append(own)
        return list(dict.fromkeys(of))

    def disputed(self, gatherings: Sequence[Gathering]) -> list[Gathering]:
        """Put together what is one event but for its date."""
        of = {clause: each for each in gatherings for report in each.reports for clause in report.clauses}
        pairs = [(of[one], of[other]) for one, other in (*_dates_differ(of), *self._near_misses(gatherings))]
        for one, other in pairs:
            first, second = of[one.reports[0].clauses[0]], of[other.reports[0].clauses[0]]
            if first is not second:
                first.reports += second.reports
                of |= {clause: first for report in second.reports for clause in report.clauses}
        return list(dict.fromkeys(of.values()))

    def likeness(self, one: Happening, other: Happening) -> float:
        """Compute how much of two happenings is the same, from 0 to 1, by words and names and by what they mean."""
        meant = float(self._vectors[self._number[one]] @ self._vectors[self._number[other]])
        return (1 - MEANS) * likeness(one, other) + MEANS * max(meant, 0.0)

    def _takes(self, gathering: Gathering, happening: Happening) -> bool:
        reports = gathering.reports[:NEIGHBOURS]
        return all(is_compatible(each, happening) for each in reports) and any(
            self._is_same(each, happening) for each in reports
        )

    def _is_same(self, one: Happening, other: Happening) -> bool:
        """Tell whether enough speaks for two compatible sentences telling of one event."""
        if GATHERING in one.deeds & other.deeds and _matches(one.persons, other.persons) >= PAIR:
            return True
        if _elaborates(one, other):
            return True
        dates = one.when.dates, other.when.dates
        needed = ALIKE
        if dates[0] is None or dates[1] is None:
            needed = ALIKE_UNDATED
        elif dates[0] == dates[1] and one.when.precision is Precision.DAY:
            needed = ALIKE_ON_A_DAY
        return self.likeness(one, other) >= needed

    def _near_misses(self, gatherings: Sequence[Gathering]) -> Iterator[tuple[Statement, Statement]]:
        """Find what articles tell alike of deeds that are done once, with dates close to each other."""
        firsts = dict.fromkeys(gathering.reports[0] for gathering in gatherings)
        for one in firsts:
            for number in self._nearest[self._number[one]]:
                other = self._told[number]
                if other in firsts and self._differ_in_date(one, other):
                    yield one.clauses[0], other.clauses[0]

    def _differ_in_date(self, one: Happening, other: Happening) -> bool:
        dates = one.when.dates, other.when.dates
        if not (dates[0] and dates[1]) or one.when.precision is not other.when.precision:
            return False
        apart = abs(dates[0].first - dates[1].first)
        return (
            timedelta(0) < apart <= NEAR[one.when.precision]
            and one.document != other.document
            and not one.deeds & other.deeds & _REPEATED
            and not _elsewhere(one, other)
            and not _set_apart(one, other)
            and not _rivals(one, other)
            and self.likeness(one, other) >= (ALIKE_BUT_FOR_THE_DATE if one.done & other.done else ALIKE_IN_OTHER_WORDS)
        )


def nearest(vectors: Vectors) -> list[list[int]]:
    """List for each row those before it that mean the like, the nearest first."""
    found = []
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors[: start + BLOCK].T
        for number, row in enumerate(cosines, start):
            near = np.flatnonzero(row[:number] >= NEAREST)
            found.append(near[np.argsort(-row[near])[:NEIGHBOURS]].tolist())
    return found


def events(among: Iterable[Happening], meaning: Meaning) -> list[Found]:
    """Put together what is one event, in the order of the dates."""
    merger = Merger((each for each in among if each.telling >= TOLD), meaning)
    gatherings = merger.disputed(merger.gathered())
    return sorted((_found(each) for each in gatherings), key=lambda found: in_order(found.when))


def _precedence(happening: Happening) -> tuple[int, bool, int, int]:
    """Order happenings for putting together: those that say most exactly when, and whom, first."""
    return (-exactness(happening.when), not happening.is_dated, -len(happening.people), happening.place)


def exactness(when: When) -> int:
    """Rank by how exactly something is dated: 0 is not at all."""
    return 2 * _EXACTNESS.index(when.precision) - when.approximate


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
    for worth, mine, its in ((DEED, one.deeds, other.deeds), (1.0, one.tokens - one.deeds, other.tokens - other.deeds)):
        shared += worth * len(mine & its)
        weight += worth * (len(mine) + len(its)) / 2
    shared += LENT * (len(one.lent & other.tokens) + len(one.tokens & other.lent))
    return min(shared / max(weight, 1.0), 1.0)


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
    places = [each.places or (each.home if each.deeds & {GATHERING} else ()) for each in (one, other)]
    return all(places) and not any(compatible_places(ours, theirs) for ours in places[0] for theirs in places[1])


def _set_apart(one: Happening, other: Happening) -> bool:
    """Tell whether their words say that they speak of two: "the second round" and "the third", "another meeting"."""
    rows = [{match[0].lower() for match in ORDINAL.finditer(each.text)} for each in (one, other)]
    if rows[0] and rows[1] and rows[0].isdisjoint(rows[1]):
        return True
    if one.document != other.document:
        return False
    if one.is_dated and other.is_dated and not (one.when.window and other.when.window):
        return one.when.expression.casefold() != other.when.expression.casefold()
    return any((cue.search(one.text) is None) != (cue.search(other.text) is None) for cue in (ANOTHER, _BEFORE_THAT))


def _elaborates(one: Happening, other: Happening) -> bool:
    """Tell whether the second of two sentences close by tells more of the first's deed, without a date or new names."""
    if one.document != other.document or one.is_dated == other.is_dated:
        return False
    told, more = (one, other) if one.is_dated else (other, one)
    known = (*told.names, *_context(more))
    return (
        0 < more.place - told.place <= CLOSE
        and bool(told.done & more.done)
        and not any(not any(map(who.is_same, known)) for who in more.people)
    )


def _rivals(one: Happening, other: Happening) -> bool:
    """Tell whether each names somebody in whom the other has no part: with whom one met, and with whom another."""
    return all(
        any(not any(map(who.is_same, (*its.names, *_context(its)))) for who in each.persons)
        for each, its in ((one, other), (other, one))
    )


def _context(happening: Happening) -> Iterator[Who]:
    for clause in happening.clauses:
        yield from clause.context


def _dates_differ(clauses: Iterable[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Find clauses that contradict each other in a date alone, as `rag.conflicts` reads them."""
    dated = [point for clause in clauses for point in points(clause) if point.slot is Slot.DATE]
    for difference in differences(dated):
        if difference.relation in (Relation.CONTRADICTION, Relation.CORRECTION):
            first, *others = (point.statement for point in difference.points)
            yield from ((first, other) for other in others)


def _found(gathering: Gathering) -> Found:
    """Say when an event was: as the most say, and of these the most exact; what cannot also be true is disputed."""
    reports = sorted(gathering.reports, key=lambda each: (-_support(each, gathering.reports), *_precedence(each)))
    first = reports[0]
    agreeing = [each for each in reports if not _differ(first.when, each.when)]
    at_one = {each.document for each in agreeing}  # an article that gives both dates means two things
    against: dict[str, dict[str, Citation]] = defaultdict(dict)
    for report in reports:
        if _differ(first.when, report.when) and report.document not in at_one:
            against[str(report.when.dates or report.when.expression)].setdefault(report.document, report.citation)
    disputed = tuple(Dating(says, tuple(citations.values())) for says, citations in against.items())
    return Found(tuple(agreeing), first.when, disputed)


def _support(report: Happening, reports: Sequence[Happening]) -> int:
    """Count the articles that do not speak against the date of a report."""
    if report.when.dates is None:
        return 0
    return len({each.document for each in reports if each.when.dates and not _differ(report.when, each.when)})


def _differ(one: When, other: When) -> bool:
    windows = one.window, other.window
    return bool(windows[0] and windows[1] and not overlap(windows[0], windows[1]))


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
