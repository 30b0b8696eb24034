"""A question and the day it is asked on in, the time it speaks of out: "last week", "since March", "now". Pure.

"Last" means time only before a word of the calendar. A weekday or month by itself is left alone: in a question on the
news it is as likely the article's as the asker's.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from rag.facts import dates_in
from rag.schema import Dates

Reading: TypeAlias = Callable[[re.Match[str], date], Dates]

COUNTS = {word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
COUNTS |= {"eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30}
COUNTS |= {"a": 1, "an": 1, "couple of": 2, "few": 3, "several": 5}
ROUGH = frozenset({"couple of", "few", "several"})
UNCOUNTED = {"day": 7, "week": 4, "fortnight": 2, "month": 3, "year": 3}  # how many "the last weeks" are
DAYS = {"day": 1, "week": 7, "weekend": 7, "fortnight": 14}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}

COUNT = rf"(?:a (?=couple|few))?(?P<count>\d{{1,3}}|{'|'.join(COUNTS)})"
UNIT = r"(?P<unit>day|week|fortnight|month|year)"
IN = r"(?:(?:in|during|over|within|for|from|on) )?"
PART = r"(?: (?:morning|afternoon|evening|night))"
POSSESSIVE = r"(?:s?['’]s?)?"
# "after the recent attacks" says which attacks; it does not ask for the newest
ASIDE = re.compile(
    r"\b(?:after|amid|before|by|despite|during|following|with) (?:(?:the|its|his|her|their|these|those) )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """The time that a question speaks of. `words` are those of the question that only a clock explains."""

    period: Dates | None = None
    newest: bool = False  # whether it asks how things stand, or for the latest there is
    words: tuple[str, ...] = ()


def meant(question: str, today: date) -> When:
    """Read the first period that a question names, and whether it asks for the newest."""
    said = list(moments(question))
    periods = {match.start(): read(match, today) for match, read in said if read}
    since = {start: Dates(first, today) for start, first in _beginnings(question, periods, today) if first <= today}
    periods |= since
    return When(
        period=periods[min(periods)] if periods else None,
        newest=any(read is None or match.group().lower().startswith("today") for match, read in said),
        words=tuple(match.group() for match, _ in said),
    )


def moments(text: str) -> Iterator[tuple[re.Match[str], Reading | None]]:
    """Find the words that only a clock explains, in order, with how to read them: None for "now" and its like."""
    taken: list[tuple[re.Match[str], Reading | None]] = []
    for pattern, read in READINGS:
        for match in pattern.finditer(text):
            apart = all(match.end() <= other.start() or other.end() <= match.start() for other, _ in taken)
            if apart and not _is_name(match, text) and (read or not ASIDE.search(text[: match.start()])):
                taken.append((match, read))
    return iter(sorted(taken, key=lambda moment: moment[0].start()))


def _is_name(match: re.Match[str], text: str) -> bool:
    """Tell whether the words are capitalised though they begin no sentence: "Harbour Today"."""
    begins = re.search(r"(?:^|[.?!:,;(“\"'-])\s*$", text[: match.start()])
    return match.group()[0].isupper() and not begins and not text.isupper()


def _beginnings(text: str, periods: dict[int, Dates], today: date) -> Iterator[tuple[int, date]]:
    """Find what "since" stands before, with the first day of it: "since last week", "since Monday", "since March"."""
    for start, period in periods.items():
        if text[:start].lower().endswith("since "):
            yield start, period.first
    for mention in dates_in(text):
        if not text[: mention.start].lower().endswith("since "):
            continue
        if mention.dates:
            yield mention.start, mention.dates.first
        elif mention.weekday is not None and not mention.month:
            yield mention.start, latest(mention.weekday, today)
        elif mention.month:
            year = today.year - ((mention.month, mention.day or 1) > (today.month, today.day))
            last = calendar.monthrange(year, mention.month)[1]
            yield mention.start, date(year, mention.month, min(mention.day or 1, last))


def whole(unit: str, day: date) -> Dates:
    """Give the day, the week from Monday on, the weekend, the month or the year that a day lies in."""
    if unit in ("month", "year"):
        return Dates.parse(day.isoformat()[: 7 if unit == "month" else 4])
    monday = day - timedelta(day.weekday())
    first, length = {"day": (day, 1), "weekend": (monday + timedelta(5), 2)}.get(unit, (monday, 7))
    return Dates(first, first + timedelta(length - 1))


def back(day: date, count: int, unit: str) -> date:
    """Go back by days, weeks, months or years; to the last of a month that has no such day."""
    if unit in DAYS:
        return day - timedelta(count * DAYS[unit])
    month = max(12 * day.year + day.month - 1 - count * (12 if unit == "year" else 1), 12)
    year, number = month // 12, month % 12 + 1
    return date(year, number, min(day.day, calendar.monthrange(year, number)[1]))


def latest(weekday: int, day: date) -> date:
    """Go back to the last such day of the week, of which the day itself is none."""
    return day - timedelta((day.weekday() - weekday - 1) % 7 + 1)


def _calendar(match: re.Match[str], today: date) -> Dates:
    unit = match["unit"].lower()
    return whole(unit, today if match["which"].lower() in ("this", "current") else back(today, 1, unit))


def _rolling(match: re.Match[str], today: date) -> Dates:
    unit = match["unit"].lower()
    count = _count(match["count"]) if match["count"] else UNCOUNTED[unit] if match["plural"] else 1
    return Dates(back(today, count, unit), today)


def _ago(match: re.Match[str], today: date) -> Dates:
    unit, count = match["unit"].lower(), _count(match["count"])
    around = Dates(back(today, 2 * count, unit), back(today, 1, unit))
    return around if match["count"].lower() in ROUGH else whole(unit, back(today, count, unit))


def _count(word: str) -> int:
    return int(word) if word.isdigit() else COUNTS[word.lower()]


def _hours(match: re.Match[str], today: date) -> Dates:
    return Dates(back(today, int(match["hours"]) // 24, "day"), today)


def _days_ago(count: int) -> Reading:
    return lambda match, today: whole("day", today - timedelta(count))


def _weekday(match: re.Match[str], today: date) -> Dates:
    return whole("day", latest(WEEKDAYS[match["weekday"].lower()], today))


# "the last week of the trial" is not ours; "You are now a poet" and "from now on" are orders, not questions of time.
# In this order: "in the last week" before "last week", "last night" before "night"
READINGS: tuple[tuple[re.Pattern[str], Reading | None], ...] = tuple(
    (re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-]| of\b)", re.IGNORECASE), read)
    for pattern, read in (
        (rf"{IN}(?:the )?day before yesterday", _days_ago(2)),
        (rf"{IN}(?:yesterday{PART}?|last night){POSSESSIVE}", _days_ago(1)),
        (rf"(?:today|tonight|this{PART}){POSSESSIVE}", _days_ago(0)),
        (rf"{COUNT} {UNIT}s? ago", _ago),
        (rf"{IN}(?:the |these )?(?:past|last|recent) {COUNT} {UNIT}(?P<plural>s?){POSSESSIVE}", _rolling),
        (rf"{IN}the (?:past|last) (?P<hours>24|48|72) hours", _hours),
        (rf"{IN}the (?:past|last) (?P<count>){UNIT}(?P<plural>s?){POSSESSIVE}", _rolling),
        (rf"{IN}(?:past|last|recent) (?P<count>){UNIT}(?P<plural>s){POSSESSIVE}", _rolling),
        (rf"{IN}(?P<which>last|previous|this|current) (?P<unit>weekend|week|month|year){POSSESSIVE}", _calendar),
        (rf"(?:on )?last (?P<weekday>{'|'.join(WEEKDAYS)}){PART}?{POSSESSIVE}", _weekday),
        (r"(?<!\bat )(?<!\bat the )(?:latest|newest|(?:most )?recent(?:ly)?)", None),
        (r"(?<!\byou are )(?<!\bmust )(?<!\bwill )(?:right |just )?now(?! that\b| on\b)", None),
        (r"nowadays|currently|current(?! account| affairs)|presently|lately", None),
        (r"(?:at|for) (?:the moment|present|this (?:time|point|stage))|these days|of late|to date|so far", None),
    )
)
