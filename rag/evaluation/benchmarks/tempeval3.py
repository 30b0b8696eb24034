"""TempEval-3 (UzZaman et al. 2013): are the time expressions of news found, and read as TimeML has them?

`*.tml` files, each an article with its creation time and its expressions marked up as TIMEX3. Dateline reads dates
only: durations, sets and "now" have no value of the calendar, so they count in the figures of all expressions alone. F1
is the mean of hits over what is expected and what is found, which is the harmonic mean of precision and recall.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import accumulate
from pathlib import Path
from xml.etree import ElementTree

from rag.errors import UsageError
from rag.evaluation.benchmarks.benchmark import Advance, Asking, Benchmark, Beside, Figure
from rag.records import Record
from rag.schema import Basis, Dates, When
from rag.settings import Settings
from rag.timeline.dates import Anchor, dated

DOCUMENTS = "*.tml"
PUBLISHED = {"HeidelTime": {"relaxed": 0.903, "strict": 0.813, "value": 0.776}}  # the best of the task, all expressions
LABELS = {
    "value": "found with its value (value F1)",
    "relaxed": "found, if not in the same words (relaxed F1)",
    "strict": "found in exactly the same words (strict F1)",
}
_NO_CALENDAR = re.compile(r"(?:PAST|PRESENT|FUTURE)_REF")
_DAYTIMES = {"morning": "MO", "afternoon": "AF", "evening": "EV", "night": "NI"}
_SEASONS = {"spring": "SP", "summer": "SU", "autumn": "FA", "fall": "FA", "winter": "WI"}
_BETWEEN = re.compile(
    r"^(?:from|between)\s(?:the\s)?|\s?[-–—]\s?|\s(?:to|and|until|till|through)\s(?:the\s)?", re.IGNORECASE
)


def read(own: Path) -> list[Record]:
    return [_document(file) for file in sorted(own.glob(DOCUMENTS))]


def _document(file: Path) -> Record:
    try:
        root = ElementTree.parse(file).getroot()  # noqa: S314  # whoever measures has chosen it
        created = next(
            each.attrib["value"][:10]
            for each in root.iter("TIMEX3")
            if each.get("functionInDocument") in ("CREATION_TIME", "PUBLICATION_TIME")
        )
        Dates.parse(created)
        pieces = list(_pieces(next(root.iter("TEXT"))))
    except (ElementTree.ParseError, OSError, KeyError, StopIteration, ValueError) as error:
        raise UsageError(f"{file} is no TimeML with a creation time: {error!r}. Get the benchmark anew.") from None
    starts = accumulate((len(piece) for piece, _ in pieces), initial=0)
    expected = [
        _timex(start, start + len(piece), timex.get("type", ""), timex.get("value", ""))
        for start, (piece, timex) in zip(starts, pieces, strict=False)
        if timex is not None and piece
    ]
    return {"created": created, "text": "".join(piece for piece, _ in pieces), "expected": expected}


def _pieces(element: ElementTree.Element) -> Iterator[tuple[str, ElementTree.Element | None]]:
    """Yield a text piece by piece, those that are time expressions with their marks."""
    if element.tag == "TIMEX3":
        yield "".join(element.itertext()), element
        return
    yield element.text or "", None
    for child in element:
        yield from _pieces(child)
        yield child.tail or "", None


def _timex(start: int, end: int, kind: str, value: str) -> Record:
    return {"start": start, "end": end, "kind": kind, "value": value}


@contextmanager
def opened(own: Path, settings: Settings, advance: Advance) -> Iterator[Asking]:
    yield Asking(asked, {})


async def asked(document: Record) -> Record:
    text, found = document["text"], []
    for each in dated(text, Anchor(Dates.parse(document["created"]), Basis.STATED)):
        for start, end, days in _ends(text, each.start, each.end, each.when):
            found.append(_timex(start, end, "DATE", timeml(days, text[start:end])))
    return {"expected": document["expected"], "found": found}


def _ends(text: str, start: int, end: int, when: When) -> list[tuple[int, int, When]]:
    """Give both ends of what lasted, which TimeML marks up each by itself."""
    if when.until is None:
        return [(start, end, when)]
    cuts = list(_BETWEEN.finditer(text[start:end]))
    begin = cuts[0].end() if cuts and cuts[0].start() == 0 else 0
    to = next((cut for cut in cuts if cut.start() > begin), None)
    if to is None:
        return [(start, end, when)]
    return [(start + begin, start + to.start(), When(when.dates)), (start + to.end(), end, When(when.until))]


def timeml(when: When, words: str) -> str:
    """Write a date as TimeML does: "1989-Q3", "1989-W34", "198" for the eighties; "" if nothing is known."""
    days, said = when.window, words.lower()
    if days is None:
        return ""
    year, last = f"{days.first.year:04d}", days.last.year
    if "quarter" in said or re.match(r"q\d", said):
        return f"{year}-Q{(days.first.month + 2) // 3}"
    if "weekend" in said:
        return f"{_week(days.first)}-WE"
    if "week" in said:
        return _week(days.first)
    if season := next((code for name, code in _SEASONS.items() if name in said), ""):
        return f"{year}-{season}"
    if days.first == date(days.first.year, 1, 1) and last > days.first.year:
        return year[:2] if last - days.first.year > 10 else year[:3]
    daytime = next((f"T{code}" for name, code in _DAYTIMES.items() if name in said), "")
    return f"{when.dates}{daytime}" if when.dates else ""


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def figures(outcomes: Sequence[Record]) -> Iterator[Figure]:
    documents = [(outcome["expected"], outcome["found"]) for outcome in outcomes]
    dates = [_only(is_date, *document) for document in documents]
    yield from scored([_only(is_of_calendar, *document) for document in documents], "")
    yield from scored(dates, "all dates, now and then included")
    yield from scored(documents, "all expressions", beside=True)


def is_date(timex: Record) -> bool:
    return bool(timex["kind"] == "DATE")


def is_of_calendar(timex: Record) -> bool:
    return is_date(timex) and not _NO_CALENDAR.match(timex["value"])


def _only(
    counts: Callable[[Record], bool], expected: Sequence[Record], found: Sequence[Record]
) -> tuple[list[Record], list[Record]]:
    """Leave out the expressions that do not count, with what is found at their places."""
    others = [each for each in expected if not counts(each)]
    left = [each for each in found if not any(overlap(each, other) for other in others)]
    return [each for each in expected if counts(each)], left


def overlap(one: Record, other: Record) -> bool:
    return bool(one["start"] < other["end"] and other["start"] < one["end"])


def scored(
    documents: Sequence[tuple[list[Record], list[Record]]], group: str, *, beside: bool = False
) -> Iterator[Figure]:
    pairs = [pair for expected, found in documents for pair in paired(expected, found)]
    for name, label in LABELS.items():
        published = [Beside(who, values[name]) for who, values in PUBLISHED.items() if beside]
        right = [agree(name, *pair) for pair in pairs]
        sides = [float(hit) for hit, pair in zip(right, pairs, strict=True) for side in pair if side]
        yield Figure(name, label, sides, published, group)


def paired(expected: Sequence[Record], found: Sequence[Record]) -> list[tuple[Record | None, Record | None]]:
    """Put what is expected beside the first that is found at its place, and either beside nothing if there is none."""
    left, pairs = list(found), []
    for each in expected:
        hit = next((other for other in left if overlap(each, other)), None)
        left = [other for other in left if other is not hit]
        pairs.append((each, hit))
    return [*pairs, *((None, other) for other in left)]


def agree(name: str, expected: Record | None, found: Record | None) -> bool:
    if expected is None or found is None:
        return False
    if name == "strict":
        return bool((expected["start"], expected["end"]) == (found["start"], found["end"]))
    day = found["value"].partition("T")[0]  # "Sunday night" is marked up as a day by some
    return name == "relaxed" or expected["value"] in (found["value"], day)


TEMPEVAL3 = Benchmark(
    name="tempeval3",
    original="TempEval-3 by UzZaman et al. (2013), the platinum set te3-platinum of the task's site",
    files=(DOCUMENTS,),
    read=read,
    opened=opened,
    figures=figures,
    with_model=False,
)
