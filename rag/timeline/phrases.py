"""A piece of text in, its phrases that tell a time out: "two days later", "last week", "the third quarter". Pure.

Plain dates are read by `rag.facts.dates`; what tells how long or how often ("for two weeks") is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rag.schema import Dates
from rag.timeline.spans import FEASTS, SEASONS, Part, Unit, around, in_year


@dataclass(frozen=True, slots=True)
class Stated:
    """A time that is said whole: "May 2023", "the 1990s"."""

    span: Dates


@dataclass(frozen=True, slots=True)
class Yearly:
    """What returns each year, named as `spans.in_year` takes it: "May 11", "last summer", "the third quarter"."""

    period: str
    step: int | None = None  # -1 is the last one, 0 this one, 1 the next
    years: int | None = None  # of which year, counted from that of publication: -1 in "May last year"


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, Monday being 0, or several from it on: a weekend."""

    weekday: int
    step: int | None = None
    days: int = 1


@dataclass(frozen=True, slots=True)
class Away:
    """A time so many units away from another: from publication, or from what the text spoke of before."""

    unit: Unit
    first: int
    last: int
    points_back: bool = False


Meaning = Stated | Yearly | Weekday | Away


@dataclass(frozen=True, slots=True)
class Expression:
    """The words `text[start:end]` tell a time."""

    start: int
    end: int
    meaning: Meaning
    part: Part = Part.WHOLE
    until: Meaning | None = None  # the last of what lasted
    approximate: bool = False


YEAR = r"(?:1[5-9]|20)\d\d"
DAYTIME = r"(?:morning|afternoon|evening|night)"
STEPS = {"last": -1, "this": 0, "next": 1}
STEP = rf"(?P<step>{'|'.join(STEPS)})"
PARTS = {
    "early": Part.EARLY,
    "beginning": Part.EARLY,
    "start": Part.EARLY,
    "mid": Part.MID,
    "middle": Part.MID,
    "late": Part.LATE,
    "end": Part.LATE,
    "close": Part.LATE,
    "earlier": Part.SO_FAR,
    "later": Part.TO_COME,
}
PART = (
    r"(?:the\s)?\b(?P<part>(?:early|mid|late|earlier|later)(?=[\s-])|(?:beginning|start|middle|end|close)(?=\sof\s|-))"
    r"(?:\s(?:in|of))?[\s-](?:the\s)?"
)

_NUMBERS = {"a": 1, "an": 1} | {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}  # fmt: skip
_VAGUE = {"a couple of": (2, 2), "a few": (2, 7), "several": (2, 7)}
_DECADE = r"(?:1[5-9]|20)\d0"
_FEAST = "|".join(FEASTS).replace("'", "['’]")
_N = rf"(?P<n>\d{{1,3}}|{'|'.join([*_VAGUE, *_NUMBERS])})"
_ABOUT = r"(?:(?:about|around|some|roughly|nearly|almost|more\sthan|over|at\sleast)\s)?"
_UNIT = rf"(?P<unit>{DAYTIME}|{'|'.join(Unit)})"
_UNITS = rf"(?P<unit>nights?|centuries|(?:{'|'.join(Unit)})s?)"
_YEARS = rf"(?P<years>{'|'.join(STEPS)})\syear"
_OF_YEAR = rf"(?:(?:,|\sof)?\s(?P<year>{YEAR})(?:[-–/](?P<short>\d\d)\b)?|(?:\sof)?\s{_YEARS})"
_SEASON = rf"(?P<season>{'|'.join(SEASONS)}|fall)"

_DAYS = {
    "the day before yesterday": (-2, -2),
    "the day after tomorrow": (2, 2),
    "yesterday": (-1, -1),
    "today": (0, 0),
    "tonight": (0, 0),
    "tomorrow": (1, 1),
    "overnight": (-1, 0),
    "last night": (-1, -1),
    "this morning": (0, 0),
    "this afternoon": (0, 0),
    "this evening": (0, 0),
}
_POINTERS = {
    "next": 1,
    "following": 1,
    "after": 1,
    "previous": -1,
    "preceding": -1,
    "before": -1,
    "earlier": -1,
    "ago": -1,
}
_COUNTED_IN_YEARS = {Unit.DECADE: (Unit.YEAR, 10), Unit.CENTURY: (Unit.YEAR, 100)}  # nobody counts whole ones
_RECENT = {Unit.DAY: 10, Unit.WEEK: 8, Unit.MONTH: 12, Unit.YEAR: 10}  # how far back "recent" reaches, at most
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_CENTURIES = {"sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20}
_MONEY = re.compile(
    r"\b(?:profit|sales|revenue|earning|income|result|loss|econom|growth|gdp|output|order|share|net|demand|dividend|export"
    r"|deficit|price|cost|percent|million|billion|fiscal|inflation|invest)|[$€£%]",
    re.IGNORECASE,
)
_END = r"(?=[.,;:)]|\s(?:and|but)\b|$)"


def _day(match: re.Match[str]) -> Meaning:
    return Away(Unit.DAY, *_DAYS[_said(match, "day")])


def _stepped(match: re.Match[str]) -> Meaning:
    step = STEPS[_said(match, "step")]
    return Away(_unit(match), step, step)


def _current(match: re.Match[str]) -> Meaning:
    return Away(_unit(match), 0, 0)


def _counted(match: re.Match[str]) -> Meaning:
    """Read "three weeks ago", "two days later"."""
    said, direction = _said(match, "n"), _said(match, "direction")
    unit, each = _COUNTED_IN_YEARS.get(_unit(match), (_unit(match), 1))
    sign = -each if direction in ("ago", "earlier", "before", "prior") else each
    first, last = sorted(sign * count for count in _VAGUE.get(said) or (_NUMBERS.get(said) or int(said),) * 2)
    return Away(unit, first, last, points_back=direction not in ("ago", "from now"))


def _pointing(match: re.Match[str]) -> Meaning:
    """Read "the next morning", "that week", "the year before"."""
    count = _POINTERS.get(_said(match, "which"), 0)
    return Away(_unit(match), count, count, points_back=True)


def _recent(match: re.Match[str]) -> Meaning:
    unit = _unit(match)
    return Away(unit, -_RECENT[unit], 0)


def _weekend(match: re.Match[str]) -> Meaning:
    return Weekday(5, STEPS.get(_said(match, "step")), days=2)


def _season(match: re.Match[str]) -> Meaning | None:
    season = _said(match, "season").replace("fall", "autumn")
    if season == "winter" and (year := _said(match, "year")) and not _said(match, "short"):
        return Stated(around(date(int(year), 1, 1), Unit.YEAR))  # at its beginning or at its end
    return _yearly(match, season)


def _quarter(match: re.Match[str]) -> Meaning | None:
    if not (_said(match, "year") or _said(match, "years") or _MONEY.search(match.string)):
        return None  # of a match
    number = _ORDINALS.get(_said(match, "ordinal")) or _said(match, "number")
    return _yearly(match, f"{_said(match, 'kind')[:1].upper()}{number}")


def _feast(match: re.Match[str]) -> Meaning | None:
    return _yearly(match, _said(match, "feast").replace("’", "'"))


def _yearly(match: re.Match[str], period: str) -> Meaning | None:
    if year := _said(match, "year"):
        span = in_year(period, int(year))
        return Stated(span) if span else None
    return Yearly(period, STEPS.get(_said(match, "step")), STEPS.get(_said(match, "years")))


def _decade(match: re.Match[str]) -> Meaning:
    return Stated(around(date(int(_said(match, "decade") or f"19{match['short']}"), 1, 1), Unit.DECADE))


def _century(match: re.Match[str]) -> Meaning | None:
    number = _CENTURIES.get(_said(match, "number")) or int(match["number"][:-2])
    return Stated(around(date(number * 100, 1, 1), Unit.CENTURY)) if number else None


def _year(match: re.Match[str]) -> Meaning:
    return Stated(around(date(int(match["year"]), 1, 1), Unit.YEAR))


def _year_first(match: re.Match[str]) -> Meaning | None:
    span = in_year(f"{match['month']}-{match['day']}", int(match["year"]))
    return Stated(span) if span else None


def _year_last(match: re.Match[str]) -> Meaning | None:
    """Read "25/02/2022" the way that makes sense; if both do, it is some day between the two."""
    one, other, year = match["one"].zfill(2), match["other"].zfill(2), int(match["year"])
    spans = sorted(filter(None, (in_year(f"{one}-{other}", year), in_year(f"{other}-{one}", year))))
    return Stated(Dates(spans[0].first, spans[-1].last)) if spans else None


def _unit(match: re.Match[str]) -> Unit:
    said = _said(match, "unit").removesuffix("s").replace("centurie", "century")
    return Unit.DAY if re.fullmatch(DAYTIME, said) else Unit(said)


def _said(match: re.Match[str], name: str) -> str:
    """Give what a part of a phrase says, in small letters; "" if the phrase has no such part."""
    return " ".join((match.groupdict().get(name) or "").lower().split())


_PHRASES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Meaning | None]], ...] = tuple(
    (re.compile(rf"(?<![\w-])(?<!\d[.,]){pattern}(?!\w|-\w)", re.IGNORECASE), meaning)
    for pattern, meaning in (
        (rf"(?:(?:earlier|early|late)\s)?(?P<day>{'|'.join(_DAYS)})(?:\s{DAYTIME})?", _day),
        (rf"(?:{PART})?(?<!the\s){STEP}\s(?P<unit>week|month|quarter|year|decade|century)", _stepped),
        (rf"{PART}(?P<unit>week|month|quarter|year|decade)", _current),
        (r"(?:the\s)?(?P<unit>year)-(?P<part>end)", _current),
        (r"(?P<unit>year)-(?P<which>earlier|ago)", _pointing),
        (rf"(?<!half\s){_ABOUT}{_N}\s{_UNITS}\s(?P<direction>ago|from\snow)", _counted),
        (rf"{_ABOUT}{_N}\s{_UNITS}\s(?P<direction>earlier|later)(?!\s(?:than|this|in)\b)", _counted),
        (rf"{_ABOUT}{_N}\s{_UNITS}\s(?P<direction>before|after|prior){_END}", _counted),
        (
            r"(?<!in\s)(?<!for\s)(?<!over\s)(?<!within\s)(?<!during\s)"
            rf"the\s(?:very\s)?(?P<which>next|following|previous|preceding|same)\s{_UNIT}",
            _pointing,
        ),
        (rf"that\s(?:same\s)?{_UNIT}", _pointing),
        (rf"the\s{_UNIT}\s(?P<which>before|after){_END}", _pointing),
        (r"(?:(?<=\bin\s)|(?<=\bover\s)|(?<=\bduring\s))recent\s(?P<unit>days|weeks|months|years)", _recent),
        (rf"(?:{PART})?(?:the\s|{STEP}\s)weekend", _weekend),
        (rf"(?:{PART})?{STEP}\s{_SEASON}", _season),
        (rf"(?:{PART})?(?:the\s)?{_SEASON}{_OF_YEAR}", _season),
        (rf"(?<=\bin\s)(?:{PART})?(?:the\s)?(?P<season>{'|'.join(SEASONS)})", _season),
        (rf"(?:the\s)?(?P<ordinal>{'|'.join(_ORDINALS)})[\s-](?P<kind>quarter)(?:{_OF_YEAR})?", _quarter),
        (rf"{_YEARS}['’]s\s(?P<ordinal>{'|'.join(_ORDINALS)})[\s-](?P<kind>quarter)", _quarter),
        (rf"(?:the\s)?(?P<ordinal>first|second)[\s-](?P<kind>half){_OF_YEAR}", _quarter),
        (rf"(?P<kind>Q)(?P<number>[1-4])(?:{_OF_YEAR})?(?!\sQ)", _quarter),
        (rf"(?:{STEP}\s)?(?P<feast>{_FEAST})(?:{_OF_YEAR})?", _feast),
        (rf"(?:{PART}|the\s)?(?P<decade>{_DECADE})['’]?s", _decade),
        (r"(?:the\s)?(?:(?P<part>early|mid|late)[\s-])?['’](?P<short>[1-9]0)['’]?s", _decade),
        (rf"(?:{PART}|the\s)(?P<number>\d\d?(?:st|nd|rd|th)|{'|'.join(_CENTURIES)})[\s-]century", _century),
        (rf"(?:fiscal|financial)\s(?:year\s)?(?P<year>{YEAR})", _year),
        (rf"(?:in|around|circa)\s(?P<year>1[0-4]\d\d){_END}", _year),
        (rf"(?P<year>{YEAR})/(?P<month>[01]\d)/(?P<day>[0-3]\d)", _year_first),
        (rf"(?P<one>\d\d?)[/-](?P<other>\d\d?)[/-](?P<year>{YEAR})", _year_last),
    )
)
_ROUGH = re.compile(
    r"^(?:about|around|circa|some|roughly|nearly|almost|more than|over|at least)\b"
    rf"|\b(?:a couple|a few|several|recent|decades?|fiscal|financial|{'|'.join(SEASONS)}|fall)\b",
    re.IGNORECASE,
)


def phrases(text: str) -> Iterator[Expression]:
    """Yield the phrases of a piece of text that tell a time. Where they overlap, the longest is the one meant."""
    for pattern, meaning in _PHRASES:
        for match in pattern.finditer(text):
            if meant := meaning(match):
                part = PARTS.get(_said(match, "part"), Part.WHOLE)
                yield Expression(*match.span(), meant, part, approximate=bool(_ROUGH.search(match[0])))
