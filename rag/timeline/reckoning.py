"""What an expression means and the days it is counted from in, the days it stands for out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag.schema import Dates
from rag.timeline.phrases import Away, Meaning, Stated, Weekday, Yearly
from rag.timeline.spans import Part, Unit, away, covering, in_year, is_open, part_of, shifted, unit_of

_UNITS = tuple(Unit)
_LEAP_YEARS = 8  # the most years from one 29 February to the next


def reckoned(meaning: Meaning, now: Dates, *, to_come: bool) -> Dates | None:
    """Count what is meant from now, which may be some days of many; None if they are too many to say anything finer.

    What is not to come is the latest that may have begun by now, as in "on Sunday", "in May".
    """
    match meaning:
        case Stated(span):
            return span
        case Away(unit, first, last):
            if _is_shorter(unit, now):
                return None
            return Dates(away(now, unit, first).first, away(now, unit, last).last)
        case Weekday():
            return _weekday(meaning, now, to_come=to_come) if now.first == now.last else None
        case Yearly():
            return _yearly(meaning, now, to_come=to_come)


def _is_shorter(unit: Unit, now: Dates) -> bool:
    """Tell whether a unit gets lost in what is not known of now. Years are counted even if only one end is known."""
    known = Unit.YEAR if is_open(now) else unit_of(now)
    return _UNITS.index(unit) < min(_UNITS.index(known), _UNITS.index(Unit.YEAR))


def _weekday(meant: Weekday, now: Dates, *, to_come: bool) -> Dates:
    since = (now.first.weekday() - meant.weekday) % 7
    if meant.step == 1:
        days = 7 + meant.weekday - now.first.weekday()  # in the week after this one
    elif meant.step == -1:
        days = -since if since >= meant.days else -since - 7
    else:
        days = -since % 7 if to_come else -since
    first = shifted(now.first, Unit.DAY, days)
    return Dates(first, shifted(first, Unit.DAY, meant.days - 1))


def _yearly(meant: Yearly, now: Dates, *, to_come: bool) -> Dates | None:
    if meant.years is not None:
        year = away(now, Unit.YEAR, meant.years)
        return (in_year(meant.period, year.first.year) if covering(year) else None) or year
    if is_open(now):
        return None
    forward = _spans(meant.period, range(now.first.year - 1, now.last.year + _LEAP_YEARS + 1))
    backward = _spans(meant.period, range(now.last.year, now.first.year - _LEAP_YEARS - 1, -1))
    if meant.step == -1:
        return next((span for span in backward if span.last < now.first), None)
    if meant.step == 1:
        return next((span for span in forward if span.first > now.last), None)
    if to_come:
        return next((span for span in forward if span.last >= now.first), None)
    return next((span for span in backward if span.first <= now.last), None)


def _spans(period: str, years: Iterable[int]) -> Iterator[Dates]:
    return (span for year in years if (span := in_year(period, year)))


def limited(span: Dates, part: Part, now: Dates, *, to_come: bool) -> Dates:
    """Keep the part of a span that is meant, and of what is not to come what may have been by now."""
    if part is Part.TO_COME:
        return Dates(max(span.first, min(now.first, span.last)), span.last)
    kept = part_of(span, part)
    if to_come or not kept.first <= now.last < kept.last:
        return kept
    return Dates(kept.first, now.last)
