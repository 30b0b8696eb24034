"""Text in, the dates it states out: each with the parts it gives, no finer, and its place."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from rag.schema import Dates

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH_NUMBERS = _MONTHS | {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}

_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})"
_MONTH = r"(?P<month>" + "|".join(_MONTHS) + r"|(?:jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_TO = r"(?:\s?[-–—]\s?(?P<last>\d{1,2})(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d{2})"
_BEFORE, _AFTER = r"(?<![\w/.-])", r"(?![\w/]|[.,-]\d)"

_PATTERNS = tuple(
    re.compile(_BEFORE + pattern + _AFTER, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month_number>\d{2})-(?P<day>\d{2})(?:T\d{2}:\d{2}[\d:.+Z-]*)?",
        r"(?P<day>\d{1,2})\.(?P<month_number>\d{1,2})\.(?P<year>\d{4})",
        rf"(?:{_WEEKDAY},?\s+)?(?:the\s+)?{_DAY}{_TO}\s+(?:of\s+)?{_MONTH}(?:,?\s*{_YEAR})?",
        rf"(?:{_WEEKDAY},?\s+)?{_MONTH}\s?(?:the\s+)?{_DAY}{_TO}(?:,?\s*{_YEAR})?",
        rf"{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        r"(?P<year>\d{4})-(?P<month_number>0[1-9]|1[0-2])",
        _WEEKDAY + r"s?",
        r"(?P<relative>today|tonight|yesterday|tomorrow|(?:last|next|(?:earlier |later )?this) (?:week|month|year))",
    )
)
# months that are words too count alone only where a month is expected, and with a capital
_MONTH_ALONE = re.compile(
    r"(?<!\w)(?:(?i:(?:in|since|until|till|by|of|last|next|this|early|mid|late|through|from|to|between|and|for|during"
    r"|before|after|around|throughout|each|every)[ -])"
    rf"(?P<after>{'|'.join(name.title() for name in _MONTHS)})"
    rf"|(?P<month>{'|'.join(name.title() for name in _MONTHS if name not in ('march', 'may', 'august'))}))(?!\w)"
)
_YEAR_ALONE = re.compile(
    rf"(?<![\w$€£/.,]){_YEAR}(?:(?!\w|,\d|\.\d|-\d\d?\b|\s?(?:%|percent|per cent|km|people|million|billion)))"
)
_YEAR_SPAN = re.compile(rf"(?<![\w$€£/.,-]){_YEAR}[-–—/](?P<short>\d{{2}})(?![\w-])")

LOOKALIKES = str.maketrans("İıſ\u212a", "IisK")  # which match letters that they are not, where case is ignored

_BEFORE_IT = re.compile(
    r"\b(?:before|by|until|(?:no|not) later than|prior to|ahead of)\s+(?:at least\s|the\s)?$", re.IGNORECASE
)
_AT_LATEST = re.compile(r"\s+(?:at the latest|or (?:earlier|before))\b", re.IGNORECASE)
_AFTER_IT = re.compile(
    r"\b(?:(?<!not )after|since|(?:no|not) earlier than|later than|following)\s+(?:the\s)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date at `text[start:end]` with the parts it states. `relative` holds words such as "yesterday", lower case."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None  # Monday is 0
    relative: str = ""

    @property
    def dates(self) -> Dates | None:
        """Give the days meant, or None when the year is not stated."""
        if self.year is None or (self.day and not self.month):
            return None
        return Dates.parse("-".join([f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]))

    @property
    def precision(self) -> str:
        """Name the finest part that fixes a date: `day`, `month`, `year` or `unknown`."""
        if self.day or self.weekday is not None or self.relative in _DAYS_AWAY:
            return "day"
        return "month" if self.month else "year" if self.year else "unknown"

    def states(self, other: DateMention) -> bool:
        """Tell whether this date of a source supports that `other`, which may be coarser, of a claim."""
        weekday = self.weekday
        if weekday is None and self.year and self.month and self.day:
            weekday = date(self.year, self.month, self.day).weekday()
        return (
            other.year in (None, self.year)
            and other.month in (None, self.month)
            and other.day in (None, self.day)
            and other.weekday in (None, weekday)
            and other.relative in ("", self.relative)
        )

    def seen_from(self, published: Dates) -> DateMention:
        """Fill in what a reader on the day of publication understands: the year of "May 14", the day of "Sunday".

        Years are taken to be the nearest, week days to be the latest up to publication. What cannot be known stays out.
        """
        if published.first != published.last:
            return self
        today = published.first
        if self.relative in _DAYS_AWAY:
            return _on(self, today + timedelta(_DAYS_AWAY[self.relative]))
        if self.year or self.relative:
            return self
        if self.month and self.day:
            near = [day for year in (-1, 0, 1) if (day := _day(today.year + year, self.month, self.day))]
            return _on(self, min(near, key=lambda day: abs(day - today))) if near else self
        if self.weekday is not None:
            return _on(self, today - timedelta((today.weekday() - self.weekday) % 7))
        return replace(self, year=today.year) if self.month and self.month <= today.month else self

    def coming_after(self, published: Dates) -> DateMention:
        """Fill in what a reader on the day of publication understands if it is still to come: "will open in May"."""
        today = published.first
        if published.first != published.last or self.year or self.relative:
            return self
        if self.month:
            return replace(self, year=today.year + ((self.month, self.day or 31) < (today.month, today.day)))
        return self if self.weekday is None else _on(self, today + timedelta((self.weekday - today.weekday()) % 7))


_DAYS_AWAY = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}


@lru_cache(maxsize=512)
def dates_in(text: str) -> tuple[DateMention, ...]:
    """Find the dates of a text in order, the longest reading first; impossible days ("June 31") are left out."""
    found: list[DateMention] = []
    taken = bytearray(len(text))
    for mention in _candidates(text.translate(LOOKALIKES)):
        if not any(taken[mention.start : mention.end]) or (found and _same_span(found[-1], mention)):
            taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
            found.append(mention)
    return tuple(sorted(found, key=lambda mention: mention.start))


def side_of(text: str, date: DateMention) -> int:
    """Tell whether a text speaks of what is before a date, -1, or after it, 1; 0 if it says neither."""
    before = text[max(0, date.start - 24) : date.start]
    behind = text[date.end : date.end + 16]
    return -1 if _BEFORE_IT.search(before) or _AT_LATEST.match(behind) else 1 if _AFTER_IT.search(before) else 0


def _candidates(text: str) -> Iterator[DateMention]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield from _mentions(match)
    for match in _MONTH_ALONE.finditer(text):
        group = "after" if match["after"] else "month"
        yield DateMention(*match.span(group), month=_MONTHS[match[group].lower()])
    for match in _YEAR_SPAN.finditer(text):
        first = int(match["year"])
        if (last := first // 100 * 100 + int(match["short"])) > first:
            yield DateMention(*match.span(), year=first)
            yield DateMention(*match.span(), year=last)
    for match in _YEAR_ALONE.finditer(text):
        yield DateMention(*match.span(), year=int(match["year"]))


def _mentions(match: re.Match[str]) -> Iterator[DateMention]:
    parts = match.groupdict()
    month = parts.get("month")
    number = int(parts.get("month_number") or 0) or (_MONTH_NUMBERS[month.lower().rstrip(".")] if month else None)
    mention = DateMention(
        *match.span(),
        year=int(parts["year"]) if parts.get("year") else None,
        month=number,
        weekday=_WEEKDAYS[parts["weekday"].lower()] if parts.get("weekday") else None,
        relative=(parts.get("relative") or "").lower(),
    )
    days = [int(day) for day in (parts.get("day"), parts.get("last")) if day]
    if not days and (number is None or number <= 12) and mention.year != 0:
        yield mention
    for day in days:
        if number and _day(mention.year if mention.year is not None else 2000, number, day):  # 2000 has a 29 February
            yield replace(mention, day=day)


def _same_span(one: DateMention, other: DateMention) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _on(mention: DateMention, day: date) -> DateMention:
    return replace(mention, year=day.year, month=day.month, day=day.day, weekday=day.weekday(), relative="")
