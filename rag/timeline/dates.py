"""A text and the date of its article in, the dates it speaks of out: resolved, and never finer than the text. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.schema import Basis, Dates, Source, When
from rag.timeline.context import around_quotes, belongs_to_a_thing, is_one_sentence, is_to_come
from rag.timeline.expressions import expressions
from rag.timeline.phrases import Away, Expression, Meaning, Stated, Weekday, Yearly
from rag.timeline.reckoning import limited, reckoned
from rag.timeline.spans import ALWAYS, Part, Unit, around, covering, is_open, unit_of

_LOOKED_BACK = 400  # characters before a date that points back within which that stands which it points to


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

    @property
    def written(self) -> Dates:
        """Give the days on which the article may have been written."""
        known = self.published or ALWAYS
        first, last = max(known.first, self.not_before or date.min), min(known.last, self.not_after or date.max)
        return Dates(first, last) if first <= last else known


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that a text speaks of: `text[start:end]` are the words that tell it."""

    start: int
    end: int
    when: When
    modifies: bool = False  # it belongs to a thing and not to what happens: "the 2023 pact", "the June war"


@dataclass(frozen=True, slots=True)
class _Origin:
    """The days from which a date is counted, and whether they are sure."""

    days: Dates
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """An expression as readers understand it: the days it stands for, and of what lasted those in which it ended."""

    expression: Expression
    span: Dates
    until: Dates | None = None
    approximate: bool = False
    modifies: bool = False


def dated(text: str, anchor: Anchor) -> list[Dated]:
    """Find the dates that a text speaks of, in order, and resolve them as the article's readers do.

    `text` is an article's clean text or any piece of it; a date that points back ("a day earlier") is counted from one
    before it.
    """
    found: list[_Read] = []
    for expression in expressions(text):
        found.append(_read(text, expression, anchor, found))
    return [_dated(text, each) for each in _as_quoted(text, found)]


def within(found: Sequence[Dated], start: int, end: int) -> list[Dated]:
    """Keep the dates that stand in `text[start:end]`."""
    return [each for each in found if start <= each.start and each.end <= end]


def _read(text: str, found: Expression, anchor: Anchor, before: Sequence[_Read]) -> _Read:
    """Understand an expression. Only what is spoken of as to come, or stated with its year, is after the article."""
    written, to_come = anchor.written, is_to_come(text, found.start, found.end)
    modifies = belongs_to_a_thing(text, found.start, found.end)
    for origin in (*_told(text, found, anchor, before), _Origin(written, anchor.basis is Basis.INFERRED)):
        read = _counted(found, origin, to_come=to_come and origin.days == written)
        span = limited(read.span, read.expression.part, written, to_come=to_come)
        if to_come or span.first <= written.last or _looks_ahead(found.meaning):
            return replace(read, span=span, modifies=modifies)
    return _Read(found, Dates(date.min, written.last), approximate=True, modifies=modifies)


def _counted(found: Expression, origin: _Origin, *, to_come: bool) -> _Read:
    until = reckoned(found.until, origin.days, to_come=to_come) if found.until else None
    span = reckoned(found.meaning, until or origin.days, to_come=to_come and not until)
    if span is None:  # the day of the week is not known where that of publication is not
        span = ALWAYS if isinstance(found.meaning, Yearly) else origin.days
        return _Read(replace(found, part=Part.WHOLE), span, approximate=True)
    if isinstance(found.meaning, Away) and unit_of(span) is not found.meaning.unit:  # one of several weeks or years
        found = replace(found, part=Part.WHOLE)
    is_range = until is not None and span < until
    rough = found.approximate or (origin.approximate and not isinstance(found.meaning, Stated))
    return _Read(found, span, until if is_range else None, rough)


def _looks_ahead(meaning: Meaning) -> bool:
    match meaning:
        case Stated():
            return True
        case Away():
            return meaning.last > 0 and not meaning.points_back
        case Weekday():
            return meaning.step == 1
        case Yearly():
            return 1 in (meaning.step, meaning.years)


def _told(text: str, found: Expression, anchor: Anchor, before: Sequence[_Read]) -> Iterator[_Origin]:
    """Yield the date that stands before one that points back to it, or has the year that one leaves out."""
    last = next((each for each in reversed(before) if not each.modifies and not is_open(each.span)), None)
    if last is None:
        return
    match found.meaning:
        case Away(points_back=True):
            if found.start - last.expression.end < _LOOKED_BACK:
                yield _Origin(last.span, last.approximate)
        case Yearly(step=None, years=None):
            between = text[last.expression.end - 1 : found.start]
            is_stated = isinstance(last.expression.meaning, Stated) and is_one_sentence(between)
            is_guess = not is_stated and anchor.published is None and "\n" not in between
            if unit_of(last.span) in (Unit.DAY, Unit.MONTH) and (is_stated or is_guess):
                end_of_year = around(last.span.first, Unit.YEAR).last
                yield _Origin(Dates(end_of_year, end_of_year), last.approximate or is_guess)


def _as_quoted(text: str, found: Sequence[_Read]) -> list[_Read]:
    """Count "tomorrow" from the day on which somebody said it, if the sentence that quotes it tells."""
    spoken = list(found)
    for quote, sentence in around_quotes(text):
        said = [number for number in _within(quote, found) if _is_counted_in_days(found[number].expression.meaning)]
        days = [found[number] for part in sentence for number in _within(part, found) if _is_day(found[number])]
        for number in said if days else ():
            read = _counted(found[number].expression, _Origin(days[0].span, days[0].approximate), to_come=True)
            spoken[number] = replace(read, modifies=found[number].modifies)
    return spoken


def _within(part: range, found: Sequence[_Read]) -> range:
    """Tell which expressions begin in a part of the text, by their numbers."""
    first, last = (bisect_left(found, at, key=lambda each: each.expression.start) for at in (part.start, part.stop))
    return range(first, last)


def _is_day(read: _Read) -> bool:
    return unit_of(read.span) is Unit.DAY and not isinstance(read.expression.meaning, Away)


def _is_counted_in_days(meaning: Meaning) -> bool:
    return isinstance(meaning, Away) and meaning.unit is Unit.DAY and not meaning.points_back


def _dated(text: str, read: _Read) -> Dated:
    start, end, dates = read.expression.start, read.expression.end, covering(read.span)
    whole = dates or ALWAYS
    when = When(
        dates,
        not_before=read.span.first if read.span.first > whole.first else None,
        not_after=read.span.last if read.span.last < whole.last else None,
        until=covering(read.until) if read.until else None,
        approximate=read.approximate and read.span != ALWAYS,
        expression=text[start:end],
    )
    return Dated(start, end, when, read.modifies)
