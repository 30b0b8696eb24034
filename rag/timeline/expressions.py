"""Text in, the words that tell a time out, with what they mean as far as they alone say. Pure.

Plain dates ("May 11", "Sunday") are read by `rag.facts.dates`, phrases ("a day earlier") by `rag.timeline.phrases`;
here they are put together: "late 2019", "Sunday night", "from May 3 to 9". What tells no time is left out: how often
something happens ("every Friday"), and the names and numbers that look like dates.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from rag.facts.dates import LOOKALIKES, DateMention, dates_in
from rag.facts.vocabulary import FUNCTION_WORDS
from rag.schema import Dates
from rag.timeline.phrases import (
    DAYTIME,
    PART,
    PARTS,
    STEP,
    STEPS,
    Expression,
    Meaning,
    Stated,
    Weekday,
    Yearly,
    phrases,
)
from rag.timeline.spans import Part, in_year, unit_of

_CUE = re.compile(  # no time is told without one of these
    r"\d{4}|\d(?:st|nd|rd|th)\b|\d[./]\d|['’]\d0|\bq[1-4]\b|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    r"|day|night|week|month|year|decade|centur|quarter|morning|afternoon|evening|tomorrow|spring|summer|autumn|fall"
    r"|winter|christmas|easter|halloween|thanksgiving|\bon (?:mon|tue|wed|thu|fri|sat|sun)"
)
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # lower() may change a text's length
_REACH = 48  # characters to either side of a cue in which what it belongs to begins and ends

_WORD_BEFORE = re.compile(r"(\w+)[\s–—-]$")
_YEAR_FOLLOWS = FUNCTION_WORDS - {"at", "with"} | {"early", "mid", "late", "end", "circa", "year", "s"}
_OF_THING = re.compile(r"\b(?:the|an?|its|his|her|their)\s[a-z-]+\s$")  # "the famous 1987 crash", no plural behind
_THING = re.compile(r"\s[a-z-]+[a-rt-z]\b")
_YEAR_TO = re.compile(r"[-–—]\d{4}\b")
_CLOCK = re.compile(r":\d|\s?(?:GMT|UTC|BST|EST|EDT|ET|hours|hrs|local)\b")
_OFTEN = re.compile(r"\b(?:every|each|most|any|first|second|third|fourth)\s(?:other\s)?$", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:Sheffield|Bloody|Black|Super|Ash|Palm|Cyber|Ruby)\s$")
_NAMING = re.compile(r"\s(?:Times|Mirror|Mail|Telegraph|Express|Post|Herald|Tribune|Club|Addams|Night\s[A-Z])")
_SURNAME = re.compile(r"\s[A-Z][a-z]+")

_PART_BEFORE = re.compile(rf"{PART}$", re.IGNORECASE)
_STEP_BEFORE = re.compile(rf"\b{STEP}\s$", re.IGNORECASE)
_ABOUT_BEFORE = re.compile(r"\b(?:around|about|circa|ca?\.|roughly|approximately)\s$", re.IGNORECASE)
_DAYTIME_BEHIND = re.compile(rf"\s{DAYTIME}\b", re.IGNORECASE)
_YEAR_BEHIND = re.compile(rf"(?:\sof)?\s{STEP}\syear\b", re.IGNORECASE)

_SHORT_WEEKDAY = re.compile(r"(?<=\bon )(?:(Mon)|(Tues?)|(Weds?)|(Thu(?:rs?)?)|(Fri)|(Sat)|(Sun))\b(?=\W)")
_OPENING = re.compile(r"\b(?:from|(?P<between>between))\s(?:the\s)?$", re.IGNORECASE)
_TO_WORD = r"\s(?:to|until|till|through|(?P<and>and))\s(?:the\s)?"
_BARE_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_TO = re.compile(rf"\s?[-–—]\s?|{_TO_WORD}")
_TO_DAY = re.compile(rf"{_TO_WORD}{_BARE_DAY}\b(?![.:,/-]?\d|\s?%|\s(?:per|million|[a-z]+s\b)|\s(?:of\s)?[A-Z])")
_DAY_TO = re.compile(rf"\b{_BARE_DAY}{_TO_WORD}$")


def expressions(text: str) -> list[Expression]:
    """Find the words that tell a time, in order; none overlap."""
    text = text.translate(LOOKALIKES)
    found = (
        replace(each, start=each.start + at, end=each.end + at)
        for at, piece in _pieces(text)
        for each in _joined(piece, _longest([*_plain(piece), *phrases(piece)]))
    )
    return sorted(found, key=lambda each: each.start)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut out what stands around cues: most of a text tells no time, and to read all of it takes twice as long."""
    begin = end = 0
    for cue in _CUE.finditer(text.translate(_SMALL)):
        if cue.start() - _REACH > end:
            yield from [(begin, text[begin:end])] if end else []
            begin = _gap(text, cue.start() - _REACH)
        end = _gap(text, cue.end() + _REACH)
    yield from [(begin, text[begin:end])] if end else []


def _gap(text: str, at: int) -> int:
    """Move on to where no word is cut."""
    space = re.compile(r"\s|$").search(text, max(at, 0))
    return space.end() if space and at > 0 else 0


def _plain(text: str) -> Iterator[Expression]:
    """Read the dates of a text with the words around them that change what they mean."""
    dates = (mention for mention in dates_in(text) if not mention.relative)  # which are phrases
    for (start, end), mentions in groupby(dates, key=lambda mention: (mention.start, mention.end)):
        first, *rest = (_meaning(mention) for mention in mentions)
        found = Expression(start, end, first, until=rest[0] if rest else None)
        if _tells_time(text, found):
            yield _widened(text, found)
    for match in _SHORT_WEEKDAY.finditer(text):
        yield Expression(*match.span(), Weekday((match.lastindex or 1) - 1))


def _meaning(mention: DateMention) -> Meaning:
    if mention.dates:
        return Stated(mention.dates)
    if mention.month:
        return Yearly(f"{mention.month:02d}" + (f"-{mention.day:02d}" if mention.day else ""))
    return Weekday(mention.weekday or 0)


def _tells_time(text: str, found: Expression) -> bool:
    """Tell dates from names, from figures, and from what happens often."""
    before, said, behind = _before(text, found.start), text[found.start : found.end], text[found.end :][:_REACH]
    match found.meaning:
        case Stated() if said.isdigit():
            return _is_year(before, behind)
        case Weekday():
            often = said.endswith("s") or _OFTEN.search(before)
            return not (often or said[0].islower() or _NAMED.search(before) or _NAMING.match(behind))
        case Yearly(period) if len(period) == len("MM") and _SURNAME.match(behind):
            word = _WORD_BEFORE.search(before)
            return bool(word and word[1].islower())
    return True


def _is_year(before: str, behind: str) -> bool:
    """Tell by what stands around a number whether it is a year."""
    if _CLOCK.match(behind) or (before.endswith("\n") and behind[1:2].isupper()):  # the hour of an entry of a live blog
        return False
    word = _WORD_BEFORE.search(before)
    if not word or word[1].isdigit() or word[1].lower() in _YEAR_FOLLOWS:
        return True
    return bool(_YEAR_TO.match(behind) or (_OF_THING.search(before) and _THING.match(behind)))


def _before(text: str, at: int) -> str:
    return text[max(0, at - _REACH) : at]


def _widened(text: str, found: Expression) -> Expression:
    """Take in the words around a date that change what it means: "late 2019", "last Friday night", "around May 3"."""
    meaning, start, end, part = found.meaning, found.start, found.end, Part.WHOLE
    if isinstance(meaning, Yearly | Weekday) and (step := _STEP_BEFORE.search(_before(text, start))):
        meaning, start = replace(meaning, step=STEPS[step["step"].lower()]), start - len(step[0])
    elif isinstance(meaning, Yearly) and (years := _YEAR_BEHIND.match(text, end)):
        meaning, end = replace(meaning, years=STEPS[years["step"].lower()]), years.end()
    if named := _PART_BEFORE.search(_before(text, start)):
        part, start = PARTS[named["part"].lower()], start - len(named[0])
    if daytime := _DAYTIME_BEHIND.match(text, end):
        end = daytime.end()
    if about := _ABOUT_BEFORE.search(_before(text, start)):
        start -= len(about[0])
    return replace(found, start=start, end=end, meaning=meaning, part=part, approximate=bool(about))


def _longest(found: Iterable[Expression]) -> list[Expression]:
    """Keep the longer one of two that overlap, in order."""
    kept: list[Expression] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or kept[-1].end <= each.start:
            kept.append(each)
        elif each.end - each.start > kept[-1].end - kept[-1].start:
            kept[-1] = each
    return kept


def _joined(text: str, found: Iterable[Expression]) -> Iterator[Expression]:
    """Make one of the two ends of what lasted: "between 2003 and 2011", "from May 3 to 9"."""
    ranges: list[Expression] = []
    for each in found:
        if ranges and (both := _range(text, ranges[-1], each)):
            ranges[-1] = both
        else:
            ranges.append(each)
    end = 0
    for each in ranges:
        whole = _with_bare_day(text, each, end)
        end = whole.end
        yield whole


def _range(text: str, first: Expression, last: Expression) -> Expression | None:
    """Make a range of two expressions if the words between them say that it is one."""
    to = _TO.fullmatch(text, first.end, last.start)
    begin = _with_year(first.meaning, last.meaning)
    if not to or first.until or last.until or not begin:
        return None
    return _opened(text, replace(first, end=last.end, meaning=begin, until=last.meaning), to)


def _with_bare_day(text: str, found: Expression, after: int) -> Expression:
    """Take in the other end of a range where it is a day without its month; what stands `after` is not taken yet."""
    if found.until or found.part:
        return found
    if (to := _TO_DAY.match(text, found.end)) and (last := _on_day(found.meaning, int(to["day"]))):
        return _opened(text, replace(found, end=to.end(), until=last), to) or found
    before = _before(text, found.start)[-max(found.start - after, 1) :]
    if (to := _DAY_TO.search(before)) and (first := _on_day(found.meaning, int(to["day"]))):
        start = found.start - len(to[0])
        return _opened(text, replace(found, start=start, meaning=first, until=found.meaning), to) or found
    return found


def _opened(text: str, found: Expression, to: re.Match[str]) -> Expression | None:
    """Take in the word that opens a range. One with "and" must be opened by "between", or is no range but two."""
    opening = _OPENING.search(_before(text, found.start))
    if to["and"] and not (opening and opening["between"]):
        return None
    return replace(found, start=found.start - len(opening[0])) if opening else found


def _with_year(first: Meaning, last: Meaning) -> Meaning | None:
    """Give the first end of a range the year that only the last one states; None if the two are no range."""
    match first, last:
        case (Stated(), Stated()) if unit_of(first.span) is unit_of(last.span) and first.span < last.span:
            return first
        case (Yearly(period), Stated(span)):
            years = (in_year(period, year) for year in (span.first.year, span.first.year - 1))
            begun = next((each for each in years if each and each < span), None)
            return Stated(begun) if begun and unit_of(begun) is unit_of(span) else None
        case (Yearly(), Yearly()) if len(first.period) == len(last.period):
            return first
        case (Weekday(), Weekday()):
            return first
    return None


def _on_day(meaning: Meaning, day: int) -> Meaning | None:
    """Give another day of the month in which a day lies."""
    match meaning:
        case Yearly(period) if len(period) == len("MM-DD"):
            return (
                replace(meaning, period=f"{period[:2]}-{day:02d}") if in_year(f"{period[:2]}-{day:02d}", 2000) else None
            )
        case Stated(Dates(first, last)) if first == last:
            other = in_year(f"{first.month:02d}-{day:02d}", first.year)
            return Stated(other) if other else None
    return None
