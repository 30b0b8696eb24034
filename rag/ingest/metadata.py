"""What a file says of its article and the page's text in, the article's source out. Pure functions of values.

What is given as such (front matter, JSON, HTML metadata) wins; the text fills in the rest: a headline, an outlet that
names itself, a time stamp. The date of an event or of a photo is never taken for the date of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from rag.ingest.cleaning import is_sentence, paragraphs
from rag.ingest.furniture import CREDITED_SITE
from rag.schema import Basis, Dates, Source


def stated_source(document: str, fields: Mapping[Any, object]) -> Source:
    """Read what a file or page states of itself, under any of the usual names; what it does not state stays empty."""
    named = {str(name).strip().casefold().replace("-", "_"): value for name, value in fields.items()}
    line = {noun: next(filter(None, map(_line, map(named.get, names))), "") for noun, names in _FIELDS.items()}
    published = next(filter(None, map(_dates, map(named.get, _PUBLISHED))), None)
    if line["publisher"].startswith(_WEB):  # `source: https://…`
        line["url"], line["publisher"] = line["url"] or line["publisher"], ""
    basis = Basis.INFERRED if line["basis"].casefold() == Basis.INFERRED else Basis.STATED
    return Source(
        document=document,
        title=line["title"],
        publisher=line["publisher"],
        author=line["author"],
        url=line["url"] if line["url"].startswith(_WEB) else "",  # people click on it
        published=published,
        basis=basis if published else Basis.UNKNOWN,
        origin=site_of(line["origin"]) or line["origin"],
    )


def source_of(known: Source, page: str, text: str) -> Source:
    """Fill in what is not known of an article from its page as it was found and from its clean text."""
    lines = paragraphs(page)
    title, suffix = _without_site(known.title or _headline(text) or _slug(known.document))
    origin = known.origin or _origin(lines)
    publisher = known.publisher or _own_name(lines) or suffix
    agency = _agency(lines)
    if not publisher and not origin:  # nobody else is named, so the dateline names the outlet
        publisher = agency or site_of(known.url)
    published, basis = known.published, known.basis
    if published is None:
        published, basis = _publication(lines, known)
    return replace(
        known,
        title=title,
        publisher=publisher,
        author=known.author or _author(lines),
        published=published,
        basis=basis,
        origin=origin or ("" if _same_outlet(agency, publisher) else agency),
    )


def site_of(address: str) -> str:
    """Return the site of a web address without `www.`, or an empty string if it is not one."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:  # an unfinished IPv6 address
        return ""
    host = host.removeprefix("www.")
    return host if re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", host) else ""


# --- stated fields ----------------------------------------------------------------------------------------------------

_FIELDS = {  # what people and sites call the same thing
    "title": ("title", "headline"),
    "publisher": ("publisher", "outlet", "publication", "site", "site_name", "sitename", "source"),
    "author": ("author", "authors", "byline", "creator"),
    "url": ("url", "link", "permalink", "canonical"),
    "basis": ("published_basis", "basis"),
    "origin": ("origin", "original_source", "via"),
}
_WEB = ("http://", "https://")
_PUBLISHED = ("published", "date", "published_at", "publication_date", "pubdate", "datepublished")
_LONGEST_VALUE = 2000  # characters; some addresses are long


def _line(value: object) -> str:
    """Return a field's value as one line; of a list, its items."""
    items = value[:20] if isinstance(value, list | tuple) else [value]
    names = [item.get("name") if isinstance(item, Mapping) else item for item in items]
    plain = (str(name)[:_LONGEST_VALUE] for name in names if isinstance(name, str | int | float))
    return " ".join(paragraphs(", ".join(plain)))[:_LONGEST_VALUE]


def _dates(value: object) -> Dates | None:
    """Read a date as YAML, JSON or a person writes it: a date, a number (year, YYYYMMDD, Unix time) or text."""
    if isinstance(value, date):  # a datetime is one too
        return Dates.parse(value.isoformat()[:10])
    if isinstance(value, int | float) and value > _UNIX_TIME:
        with suppress(ValueError, OverflowError, OSError):
            seconds = value / 1000 if value > _UNIX_TIME * 1000 else value
            return Dates.parse(datetime.fromtimestamp(seconds, UTC).date().isoformat())
    text = str(value).strip() if isinstance(value, str | int) else ""
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    with suppress(ValueError):
        return Dates.parse(text)
    return next((found for found, _, _ in _full_dates(text[:_LONGEST_VALUE])), None) or _month(text)


_UNIX_TIME = 100_000_000  # seconds, in 1973; smaller numbers are a year or YYYYMMDD


# --- dates in text ----------------------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"\b(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?<![\d:])(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)(?!\d)"
_DAY_MONTH = re.compile(rf"{_DAY}(?: of)?[ -]{_MONTH}", re.I)
_MONTH_DAY = re.compile(rf"{_MONTH} ?{_DAY}(?![\d:])", re.I)
_FULL = (
    re.compile(rf"{_DAY_MONTH.pattern},?[ -]{_YEAR}", re.I),
    re.compile(rf"{_MONTH_DAY.pattern},? {_YEAR}", re.I),
    re.compile(rf"(?<!\d){_YEAR}[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})(?!\d)日?"),
    re.compile(rf"(?<![\d./-])(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})(?P=mark){_YEAR}"),
)
_MONTH_YEAR = re.compile(rf"{_MONTH},? {_YEAR}", re.I)

Found = tuple[Dates, int, int]  # a date and where in the text it stands


def _full_dates(text: str) -> list[Found]:
    """Return the dates with a year in the order of the text."""
    found = ((_full_date(match), *match.span()) for form in _FULL for match in form.finditer(text))
    return sorted(((dates, start, end) for dates, start, end in found if dates), key=lambda each: each[1])


def _full_date(match: re.Match[str]) -> Dates | None:
    part = match.groupdict()
    year = int(part["year"])
    if "first" not in part:
        return _day(year, _month_number(part["month"]), int(part["day"]))
    first, second = int(part["first"]), int(part["second"])
    readings = {_day(year, second, first), _day(year, first, second)} - {None}
    if len(readings) == 1:
        return readings.pop()
    return Dates.parse(str(year)) if readings else None  # 05/06/2025: no telling which is the month


def _day(year: int, month: int, day: int) -> Dates | None:
    try:
        return Dates(date(year, month, day), date(year, month, day))
    except ValueError:
        return None


def _month_number(month: str) -> int:
    return int(month) if month.isdecimal() else _MONTHS.index(month[:3].casefold()) + 1


def _month(text: str) -> Dates | None:
    match = _MONTH_YEAR.fullmatch(text)
    return Dates.parse(f"{match['year']}-{_month_number(match['month']):02}") if match else None


@dataclass(frozen=True, slots=True)
class _Times:
    """What a page's dates say of when it was written: the latest full date, and the latest year at all."""

    day: date | None
    year: int

    @classmethod
    def of(cls, page: str) -> _Times:
        years = (int(year) for year in re.findall(r"(?<![\d,.])20\d\d(?![\d,])", page))
        return cls(max((dates.last for dates, _, _ in _full_dates(page)), default=None), max(years, default=0))


def _date_in(text: str, times: _Times) -> tuple[Found, Basis] | None:
    """Return the date in a piece of text; one without a year takes it from the page's latest full date, if near."""
    for full in _full_dates(text):
        return full, Basis.STATED
    match = _MONTH_DAY.search(text) or _DAY_MONTH.search(text)
    if match is None or times.day is None:
        return None
    for year in (times.day.year, times.day.year + 1, times.day.year - 1):
        day = _day(year, _month_number(match["month"]), int(match["day"]))
        if day and abs(day.first - times.day) <= _NEAR and times.year <= year:
            return (day, *match.span()), Basis.INFERRED
    return None


_NEAR = timedelta(days=60)  # news rarely gives the full date of something older and of nothing more recent


# --- date of publication ----------------------------------------------------------------------------------------------

_HEAD = 3  # paragraphs of running text; below them dates belong to events
_RUNNING_TEXT = 12  # words
_MOST_HEAD_LINES = 40
_PHOTO = re.compile(r"\b(?:photo\w*|image|picture|pictured|credit|file|getty|caption|handout|taken)\b", re.I)
_LABEL = re.compile(r"\b(?:published|posted|issued|released|dated?)\b", re.I)
_UPDATE = re.compile(r"\b(?:updated|modified|edited)\b", re.I)
_BESIDE = re.compile(  # what may stand in one piece with a date that dates the article
    r"first|last|originally|published|posted|issued|released|dated?|on|at|updated|modified|edited|by|time|local|min|read"
    r"|[ap]\.?m\.?|gmt|utc|(?:e|c|m|p|b|i)[sde]?t|cest|t?[\d:.+z-]+"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?",
    re.I,
)
_PIECES = re.compile(r"\s*[|·•,()–—]\s*|\s+[-/]+\s+|\s+by\s+")
_NOT_A_PLACE = frozenset(("On", "In", "Since", "By", "From", "Until", "The", "After", "Before", "At", "A", "As", "For"))


def _publication(lines: Sequence[str], known: Source) -> tuple[Dates | None, Basis]:
    """Return when the article says it was published, else when its address or file name does, else nothing."""
    ranked = sorted(_dated_lines(lines), key=lambda each: (each[1] is not Basis.STATED, each[0]))
    for _, basis, dates in ranked:
        return dates, basis
    slash = re.search(r"/(\d{4})/(\d{1,2})/(\d{1,2})/", known.url)
    name = re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", PurePath(known.document).name)
    for match in filter(None, (slash, name)):
        if day := _day(int(match[1]), int(match[2]), int(match[3])):
            return day, Basis.INFERRED
    return None, Basis.UNKNOWN


def _dated_lines(lines: Sequence[str]) -> Iterator[tuple[int, Basis, Dates]]:
    """Yield rank, basis and date of each line that dates the article; the lowest rank is the best."""
    times = _Times.of("\n".join(lines))
    for line in _head(lines):
        dateline = _dateline(line)
        if _PHOTO.search(dateline or line) or not (found := _date_in(dateline or line, times)):
            continue
        (dates, start, end), basis = found
        if dateline:
            yield 3, basis, dates
        elif _dates_article(line[:start], line[end:]):
            yield 0 if _LABEL.search(line) else 2 if _UPDATE.search(line) else 1, basis, dates


def _head(lines: Sequence[str]) -> Iterator[str]:
    running = 0
    for line in lines[:_MOST_HEAD_LINES]:
        running += is_sentence(line) and len(line.split()) >= _RUNNING_TEXT
        yield line
        if running == _HEAD:
            return


def _dates_article(before: str, after: str) -> bool:
    """Tell whether a line is about a date and not an event's: nothing else stands in the same piece of it."""
    if len(before.split()) + len(after.split()) > _RUNNING_TEXT:
        return False
    piece = f"{_PIECES.split(before)[-1]} {_PIECES.split(after)[0]}"
    return bool(_byline(before)) or all(
        _BESIDE.fullmatch(word.strip(".:;")) for word in piece.split() if word.strip(".:;")
    )


def _dateline(line: str) -> str:
    """Return what stands before the dash in `BAGHDAD, May 14 (Xinhua) -- …`, or an empty string."""
    match = re.match(r"(.{3,70}?) ?(?: -|–|—|--) ?(?=\S.{30})", line)
    words = re.findall(r"[^\W\d_]+", match[1]) if match else []
    if not words or words[0] in _NOT_A_PLACE or not all(word[0].isupper() for word in words):
        return ""
    return match[1] if match else ""


# --- names ------------------------------------------------------------------------------------------------------------

_WORD = r"[A-Z0-9@][\w&'’-]*(?:\.\w+)*"
_NAME = rf"{_WORD}(?: (?:of|and|the|for|&|de|{_WORD})){{0,5}}"
_OUTLET = re.compile(
    r"(?:.*\b(?:News|Times|Post|Herald|Tribune|Guardian|Gazette|Journal|Daily|Telegraph|Today|Press|Agency|Observer"
    r"|Chronicle|Mail|Star|Standard|Independent|Radio|TV|Television|Magazine|Review|Monitor|Mirror|Globe|Courier|Inquirer"
    r"|Examiner|Dispatch|Bulletin|Wire|Newswire|PRNewswire|Media|Network|Online|Weekly|Economist|Express|Insider|Jazeera)"
    r"|(?:The )?(?:Radio|Daily|Voice of|Times of) .+"
    r"|Reuters|AP|AFP|UPI|Xinhua|TASS|IRNA|ISNA|MNA|KUNA|WAM|SPA|SANA|ANSA|EFE|DPA|dpa|PTI|ANI|Kyodo|Yonhap|Bernama|Antara"
    r"|Anadolu|AA|CNN|BBC|NPR|CBS|NBC|ABC|DW|RFE/RL|Bloomberg)"
)
_CREDITED = rf"(?-i:{_NAME}|[\w-]+(?:\.[\w-]+)+)"
_CREDITS = re.compile(
    rf"(?:this|the) (?:article|story|report|piece|post)\b.{{0,200}}?\b(?:published|appeared|posted)(?: first)?"
    rf" (?:on|in|by|at) (?P<first>{_CREDITED})"
    rf"|(?:re(?:published|printed|posted)|adapted) (?:from|with permission (?:of|from)) (?P<second>{_CREDITED})"
    rf"|(?:original source|source|via):? (?P<third>{_CREDITED})\.?$",
    re.I,
)
_LONGEST_HEADLINE = 300  # characters
_TAIL = 12  # lines


def _headline(text: str) -> str:
    """Return the first line above the running text that is long enough for a headline."""
    above: list[str] = []
    for line in text.split("\n\n", 5)[:5]:
        if line.endswith((".", "…", ":")) or len(line) > _LONGEST_HEADLINE:
            break
        above.append(line)
    fit = (line for line in above if len(line.split()) > 3 and not _byline(line) and not _full_dates(line))
    return next(fit, above[0] if above else "")


def _without_site(title: str) -> tuple[str, str]:
    """Split `Headline | Site` and `Headline - The Site Times`."""
    match = re.fullmatch(rf"(?P<headline>.{{12,}}) (?P<mark>[|–—-]) (?P<site>{_NAME})", title)
    if match and (match["mark"] == "|" or _OUTLET.fullmatch(match["site"]) or site_of(match["site"].lower())):
        return match["headline"], match["site"]
    return title, ""


def _slug(document: str) -> str:
    """Return a title from a telling file name: `2024-11-10-floods-in-kenya.md`."""
    if "#" in document or "//" in document:
        return ""
    words = re.sub(r"^\d{4}-?\d\d-?\d\d", "", PurePath(document).stem).replace("_", "-").strip("-").split("-")
    telling = len(words) >= 3 and all(word.isalpha() or len(word) <= 4 for word in words)
    return " ".join(words).capitalize() if telling else ""


def _own_name(lines: Sequence[str]) -> str:
    """Return the outlet that names itself in a newsletter's title or in a copyright line."""
    for line in lines:
        match = re.match(rf"(?:[Ss]ubscribe to|[Ss]ign up (?:for|to)|[Gg]et) (?P<name>{_NAME}) [Nn]ewsletter", line)
        if match and _OUTLET.fullmatch(match["name"]):
            return match["name"]
    for line in lines[-_TAIL:]:
        mark = r"(?:©|\(c\)|[Cc]opyright)(?: ?©)?"
        match = re.match(rf"{mark} ?(?:\d{{4}}(?: ?[-–] ?\d{{4}})?),? (?:by )?(?P<name>{_NAME})", line) or re.match(
            rf"(?P<name>{_NAME}) {mark} ?\d{{4}}", line
        )
        if match:
            return re.sub(r",? (?:All Rights|Ltd|LLC|Inc|Limited)\b.*", "", match["name"])
    return ""


def _agency(lines: Sequence[str]) -> str:
    """Return the outlet that a dateline names: `FNA (May 14) -`, `LONDON (Reuters) -`, `Fjord News - Bergen`."""
    for place, line in enumerate(lines[:_TAIL]):
        own = re.match(rf"(?P<name>{_NAME}) \((?P<date>[^()]*)\) ?[–—-]", line)
        wire = re.match(rf"(?P<place>[A-Z][^()/]{{1,50}})?[(/](?P<name>{_NAME})[)/] ?[–—:-]", line)
        desk = re.match(rf"(?P<name>{_NAME}?)(?:/ ?| [–—-] )(?=[A-Z])", line) if place else None
        if own and (_MONTH_DAY.search(own["date"]) or _DAY_MONTH.search(own["date"])):
            fuller = _fuller(own["name"], lines)
            if fuller or _OUTLET.fullmatch(own["name"]):
                return fuller or own["name"]
        elif wire and (_OUTLET.fullmatch(wire["name"]) or (wire["place"] or "").isupper()):
            return wire["name"]
        elif desk and _OUTLET.fullmatch(desk["name"]):
            return _fuller(desk["name"], lines) or desk["name"]
    return ""


def _fuller(name: str, lines: Sequence[str]) -> str:
    """Return the longer form of an outlet's short name that the page gives: `FNA` is `FNA News Agency`."""
    longer = re.compile(rf"\b{re.escape(name)}(?: [A-Z][a-z]+)? (?:News Agency|Agency|News|Network)\b")
    return next((match[0] for line in lines if (match := longer.search(line))), "")


def _origin(lines: Sequence[str]) -> str:
    """Return the outlet or site that the page credits with the report."""
    for line in lines:
        if match := CREDITED_SITE.fullmatch(line.rstrip(" .")):
            return match["site"].lower()
    for line in lines:
        match = _CREDITS.match(line)
        name = next(filter(None, match.groups()), "") if match else ""
        if site_of(name.lower()) or _OUTLET.fullmatch(name):
            return site_of(name.lower()) or name
    return ""


def _author(lines: Sequence[str]) -> str:
    return next(filter(None, map(_byline, _head(lines))), "")


def _byline(line: str) -> str:
    """Return the names in `By Nina Okafor and Jan de Boer | World`."""
    name = rf"(?!{_MONTH} ?\d)[A-Z][\w.'’-]+".replace("?P<month>", "?:")
    match = re.match(rf"(?:Written )?[Bb][Yy]:? ({name}(?: (?:(?:and|de|van|von|bin|al) )*{name}){{1,6}})", line)
    return match[1] if match and not is_sentence(line) and len(line.split()) <= _RUNNING_TEXT + 4 else ""


def _same_outlet(one: str, other: str) -> bool:
    return one.casefold() in other.casefold() or (bool(other) and other.casefold() in one.casefold())
