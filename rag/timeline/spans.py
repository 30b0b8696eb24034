"""Spans of days in, others out: the week around a day, the month before, early June, the summer of a year. Pure.

A span that begins with `date.min` or ends with `date.max` is open there; what would leave the calendar stops there.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from dateutil.easter import easter
from dateutil.relativedelta import MO, TH, relativedelta

from rag.schema import Dates

ALWAYS = Dates(date.min, date.max)


class Unit(StrEnum):
    """What time is counted in, from the shortest on."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"


class Part(StrEnum):
    """Which part of a span is meant."""

    WHOLE = ""
    EARLY = "early"
    MID = "mid"
    LATE = "late"
    SO_FAR = "so far"  # "earlier this year"
    TO_COME = "to come"  # "later this year"


_STEPS = {
    Unit.DAY: relativedelta(days=1),
    Unit.WEEK: relativedelta(weeks=1),
    Unit.MONTH: relativedelta(months=1),
    Unit.QUARTER: relativedelta(months=3),
    Unit.YEAR: relativedelta(years=1),
    Unit.DECADE: relativedelta(years=10),
    Unit.CENTURY: relativedelta(years=100),
}
_LENGTHS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.QUARTER: 92, Unit.YEAR: 366, Unit.DECADE: 3653}

# Where the parts of a unit begin and end, counted in a smaller one; people disagree, so early and late may meet
_PARTS = {
    Unit.WEEK: (Unit.DAY, {Part.EARLY: (0, 3), Part.MID: (1, 4), Part.LATE: (3, 7)}),
    Unit.MONTH: (Unit.DAY, {Part.EARLY: (0, 10), Part.MID: (10, 20), Part.LATE: (20, 31)}),
    Unit.QUARTER: (Unit.MONTH, {Part.EARLY: (0, 1), Part.MID: (1, 2), Part.LATE: (2, 3)}),
    Unit.YEAR: (Unit.MONTH, {Part.EARLY: (0, 4), Part.MID: (4, 8), Part.LATE: (8, 12)}),
    Unit.DECADE: (Unit.YEAR, {Part.EARLY: (0, 4), Part.MID: (4, 7), Part.LATE: (7, 10)}),
    Unit.CENTURY: (Unit.DECADE, {Part.EARLY: (0, 3), Part.MID: (3, 7), Part.LATE: (7, 10)}),
}

_SHORTEST_WITH_PARTS = 6  # days from the first to the last: a week

_FIRST_MONTHS = {  # of what returns each year, and how many it lasts; seasons are those of the north
    "spring": (3, 3),
    "summer": (6, 3),
    "autumn": (9, 3),
    "winter": (12, 3),
    "Q1": (1, 3),
    "Q2": (4, 3),
    "Q3": (7, 3),
    "Q4": (10, 3),
    "H1": (1, 6),
    "H2": (7, 6),
}
SEASONS = ("spring", "summer", "autumn", "winter")
_FIXED = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new year's day": (1, 1),
    "valentine's day": (2, 14),
    "fourth of july": (7, 4),
    "halloween": (10, 31),
}
_MOVABLE = {
    "thanksgiving": relativedelta(month=11, day=1, weekday=TH(4)),
    "labor day": relativedelta(month=9, day=1, weekday=MO(1)),
    "memorial day": relativedelta(month=5, day=31, weekday=MO(-1)),
}
_FROM_EASTER = {"good friday": -2, "easter sunday": 0, "easter monday": 1, "easter": 0}
FEASTS = (*_FIXED, *_MOVABLE, *_FROM_EASTER)


def around(day: date, unit: Unit) -> Dates:
    """Give the week, month or other unit in which a day lies. Weeks begin on Monday, centuries with the year 1."""
    first = _begin(day, unit)
    return Dates(first, _clamped(first, _STEPS[unit] - relativedelta(days=1), date.max))


def _begin(day: date, unit: Unit) -> date:
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(min(day.weekday(), (day - date.min).days))
        case Unit.MONTH:
            return day.replace(day=1)
        case Unit.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Unit.YEAR:
            return date(day.year, 1, 1)
        case Unit.DECADE:
            return date(max(day.year // 10 * 10, 1), 1, 1)
        case Unit.CENTURY:
            return date((day.year - 1) // 100 * 100 + 1, 1, 1)


def shifted(day: date, unit: Unit, count: int) -> date:
    """Count units on from a day, or back."""
    return _clamped(day, _STEPS[unit] * count, date.max if count > 0 else date.min)


def _clamped(day: date, step: relativedelta, end: date) -> date:
    try:
        return day + step
    except (ValueError, OverflowError):
        return end


def away(span: Dates, unit: Unit, count: int) -> Dates:
    """Give the units that lie so many away from those in which a span begins and ends. An open end stays open."""
    return Dates(
        date.min if span.first == date.min else around(shifted(span.first, unit, count), unit).first,
        date.max if span.last == date.max else around(shifted(span.last, unit, count), unit).last,
    )


def is_open(span: Dates) -> bool:
    """Tell whether a span has no beginning or no end."""
    return span.first == date.min or span.last == date.max


def unit_of(span: Dates) -> Unit:
    """Name the shortest unit that a span fits in by its length."""
    days = (span.last - span.first).days + 1
    return next((unit for unit, length in _LENGTHS.items() if days <= length), Unit.CENTURY)


def part_of(span: Dates, part: Part) -> Dates:
    """Give the early, middle or late part of a span; a day or a weekend has none."""
    smaller, parts = _PARTS.get(unit_of(span), (Unit.DAY, {}))
    if part not in parts or (span.last - span.first).days < _SHORTEST_WITH_PARTS:
        return span
    begin, end = (shifted(span.first, smaller, count) for count in parts[part])
    return Dates(begin, min(end - timedelta(1), span.last))


def in_year(period: str, year: int) -> Dates | None:
    """Give what returns each year in one of them, or None if it has none.

    `period` is a month, a day of one ("06", "06-11"), one of SEASONS or FEASTS, or a quarter or half ("Q3", "H1").
    """
    try:
        return _in_year(period, year)
    except (ValueError, OverflowError):
        return None


def _in_year(period: str, year: int) -> Dates:
    if period in _FIRST_MONTHS:
        month, months = _FIRST_MONTHS[period]
        first = date(year, month, 1)
        return Dates(first, shifted(first, Unit.MONTH, months) - timedelta(1))
    if period in _MOVABLE:
        day = date(year, 1, 1) + _MOVABLE[period]
    elif period in _FROM_EASTER:
        day = easter(year) + timedelta(_FROM_EASTER[period])
    elif period in _FIXED:
        day = date(year, *_FIXED[period])
    else:
        return Dates.parse(f"{year:04d}-{period}")
    return Dates(day, day)


def covering(span: Dates) -> Dates | None:
    """Give the day, month or year that a span lies in, whichever is shortest; None if it is of more than one year."""
    for unit in (Unit.DAY, Unit.MONTH, Unit.YEAR):
        if (whole := around(span.first, unit)).last >= span.last:
            return whole
    return None
