"""A timeline in, sheets out: where each line of text and each mark stands. Pure.

A sheet is a stack of blocks, each as high as what it holds, so that nothing can overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from rag.answer.wording import counted, outlet, stated
from rag.schema import Dates, Event, Precision, Timeline, When
from rag.timeline.chart.lettering import Style, wrapped
from rag.timeline.wording import (
    NOT_GIVEN,
    disputed_in_words,
    from_to,
    grouped,
    note,
    period,
    reported,
    subject,
    summary,
    told,
    when_in_words,
)

Box = tuple[int, int, int, int]  # left, top, right, bottom

WIDTH = 1080  # pixels, which a phone shows 390 points wide
HEIGHT = 1920  # pixels that a phone shows at once
MOST_DRAWN = 80  # events; more can make a picture higher than the 32,767 pixels that many programs open
MARGIN = 56
SPINE = 74  # where the spine stands
TEXT = 122  # where the words begin

BACKGROUND = "#313338"  # Discord's own when it is dark
INK, SOFT = "#F2F3F5", "#B9BEC6"
PAST, AHEAD, DISPUTED = "#8AB4FF", "#63D2A1", "#FFAB5C"

TITLE = Style(54, INK, bold=True)
SUBTITLE = Style(30, SOFT)
HEADING = Style(44, INK, bold=True)
WORDS = Style(34, INK)
SMALL = Style(28, SOFT)
DATES = {colour: Style(32, colour, bold=True) for colour in (PAST, AHEAD, DISPUTED)}

LONG = timedelta(days=60)  # a time without events that is shown as such, if it is also
LONG_SHARE = 10  # this part of the whole: then there are never more of them


class Shape(StrEnum):
    """What marks a date, by how exactly it is known; the value explains it to readers."""

    DAY = "a day"
    MONTH = "a month"
    YEAR = "a year"
    LASTING = "from … to …"
    BOUNDED = "not known exactly"


SIZES = {Shape.DAY: 26, Shape.MONTH: 60, Shape.YEAR: 112, Shape.LASTING: 112, Shape.BOUNDED: 26}  # along the spine
THICKNESS = 26  # across it
KEY, LEGEND_ROW, LEGEND_SCALE = 30, 74, 0.6  # from a mark to its meaning, a row of them, the size of marks in it
SHAPES = {Precision.DAY: Shape.DAY, Precision.MONTH: Shape.MONTH, Precision.YEAR: Shape.YEAR}


class Spine(StrEnum):
    """How the spine runs past a block."""

    NONE = "none"
    WHOLE = "whole"
    BROKEN = "broken"  # much time lies between


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its upper left corner."""

    left: int
    top: int
    text: str
    style: Style

    @property
    def box(self) -> Box:
        """Bound it."""
        left, right = self.style.reach(self.text)
        return (self.left + left, self.top, self.left + right, self.top + self.style.line_height)


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands for a date, and its upper left corner; it is hollow if the date is approximate."""

    shape: Shape
    colour: str
    hollow: bool = False
    left: int = SPINE - THICKNESS // 2
    top: int = 0
    scale: float = 1.0

    @property
    def box(self) -> Box:
        """Bound it."""
        across, along = round(THICKNESS * self.scale), round(SIZES[self.shape] * self.scale)
        return (self.left, self.top, self.left + across, self.top + along)


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together, in pixels from the top of the block."""

    height: int
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    spine: Spine = Spine.NONE
    top: int = 0

    def at(self, top: int) -> Block:
        """Place it on a sheet."""
        lines = tuple(replace(line, top=line.top + top) for line in self.lines)
        marks = tuple(replace(mark, top=mark.top + top) for mark in self.marks)
        return Block(self.height, lines, marks, self.spine, top)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture before it is painted; the blocks lie one below the other."""

    blocks: tuple[Block, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An event's place in a timeline: the heading it stands under, a pause before it if there is one, and itself."""

    heading: str
    pause: tuple[Block, ...]
    blocks: tuple[Block, ...]


def sheet(timeline: Timeline, today: date | None = None) -> Sheet:
    """Lay all of a timeline out on one sheet, as high as it needs; without events, it says so.

    What happens after `today` is set apart as still ahead.
    """
    shown = most_important(timeline)
    return whole(shown, list(laid_out(shown, today)))


def sheets(timeline: Timeline, per_sheet: int, today: date | None = None) -> list[Sheet]:
    """Lay a timeline out as `sheet` does, on sheets that a phone shows at once, of at most `per_sheet` events."""
    shown = most_important(timeline)
    entries = list(laid_out(shown, today))
    room = HEIGHT - whole(shown, entries, "1 of 2").height + sum(block.height for block in body(entries))
    runs = evenly(entries, per_sheet, room)
    pages = [f"{number} of {len(runs)}" for number in range(1, len(runs) + 1)] if len(runs) > 1 else [""]
    return [whole(shown, run, page) for run, page in zip(runs, pages, strict=True)]


def whole(timeline: Timeline, entries: Sequence[Entry], page: str = "") -> Sheet:
    """Put entries between what is said above and below them."""
    return stacked([*head(timeline, entries, page), *body(entries), *foot(timeline)])


def most_important(timeline: Timeline) -> Timeline:
    """Leave out what no picture could hold."""
    events = timeline.events
    ranked = sorted(range(len(events)), key=lambda place: -events[place].importance)[:MOST_DRAWN]
    kept = tuple(events[place] for place in sorted(ranked))
    return replace(timeline, events=kept, found=max(timeline.found, len(events)))


def laid_out(timeline: Timeline, today: date | None) -> Iterator[Entry]:
    """Lay out each event, in order."""
    much = long_pause(timeline.events)
    ahead = [event for event in timeline.events if today and is_ahead(event.when, today)]
    last = date.max
    for under, events in grouped(timeline.events):
        for event in events:
            span = known(event.when)
            pauses = (pause(span.first - last),) if span and span.first - last >= much else ()
            dividers = (divider(today),) if today and ahead and event is ahead[0] else ()
            yield Entry(under, pauses, (*dividers, row(event, event in ahead)))
            if span:
                last = span.last if last == date.max else max(last, span.last)


def known(when: When) -> Dates | None:
    """Give the days between which something certainly began and ended, or None if it has no place on the spine."""
    window = when.window
    if window is None or window.first == date.min or window.last == date.max:
        return None
    return Dates(window.first, max(window.last, when.until.last)) if when.until else window


def is_ahead(when: When, today: date) -> bool:
    span = known(when)
    return span is not None and span.first > today


def long_pause(events: Sequence[Event]) -> timedelta:
    """Tell from which length on a time without events is shown."""
    spans = [span for event in events if (span := known(event.when))]
    length = max(span.last for span in spans) - min(span.first for span in spans) if spans else LONG
    return max(LONG, length / LONG_SHARE)


def in_months(time: timedelta) -> str:
    """Say how long a time is: `14 months`, `3 years`."""
    months = round(time / timedelta(days=30.44))
    return counted(months, "month") if months < 24 else f"{round(months / 12)} years"


def row(event: Event, ahead: bool) -> Block:
    """Lay out one event: when, what, and who reports it."""
    colour = DISPUTED if event.disputed else AHEAD if ahead else PAST
    when = when_in_words(event.when)
    said = [
        ("" if when == NOT_GIVEN else when, DATES[colour], 2),
        (stated(told(event)), WORDS, 4),
        (reporters(event), SMALL, 1),
        (disputed_in_words(event), replace(SMALL, colour=DISPUTED), 2),
    ]
    lines, height = column(said)
    spine = Spine.WHOLE if known(event.when) else Spine.NONE
    beside = replace(mark_for(event.when, colour), top=8)
    return Block(max(height, beside.box[3]) + 34, lines, (beside,), spine)


def reporters(event: Event) -> str:
    """Name the outlets that report an event, and how independent they are."""
    outlets = dict.fromkeys(outlet(citation.source) for citation in event.claim.citations)
    return " · ".join(filter(None, (reported(event), ", ".join(outlets))))


def mark_for(when: When, colour: str) -> Mark:
    """Choose what marks a date."""
    shape = Shape.LASTING if when.dates and when.until else SHAPES.get(when.precision, Shape.BOUNDED)
    return Mark(shape, colour, when.approximate or shape is Shape.BOUNDED)


def column(said: Sequence[tuple[str, Style, int]], left: int = TEXT, top: int = 0) -> tuple[tuple[Line, ...], int]:
    """Set texts below each other, each in at most so many lines; say where they end, too."""
    lines: list[Line] = []
    for text, style, most in said:
        for line in wrapped(text, style, WIDTH - MARGIN - left, most):
            lines.append(Line(left, top, line, style))
            top += style.line_height
    return tuple(lines), top


def pause(time: timedelta) -> Block:
    """Show that much time lies between two events."""
    return Block(92, (Line(TEXT, 12, f"{in_months(time)} later", SMALL),), spine=Spine.BROKEN)


def divider(today: date) -> Block:
    """Set what is still ahead apart from what has happened."""
    text = f"Still ahead on {Dates(today, today).in_words()}"
    return Block(60, (Line(TEXT, 0, text, replace(SMALL, colour=AHEAD)),), spine=Spine.WHOLE)


def heading(text: str, spine: Spine) -> Block:
    lines, height = column([(text, HEADING, 1)], top=12)
    return Block(height + 18, lines, spine=spine)


def head(timeline: Timeline, entries: Sequence[Entry], page: str) -> list[Block]:
    """Say what a sheet shows, and explain its marks."""
    facts = (period(timeline) or extent(timeline.events), as_of(timeline), summary(timeline), page)
    said = [(subject(timeline), TITLE, 3), (" · ".join(filter(None, facts)), SUBTITLE, 4)]
    lines, height = column(said, MARGIN)
    title = Block(height + 24, lines)
    return [title, *legend([mark for entry in entries for block in entry.blocks for mark in block.marks])]


def extent(events: Sequence[Event]) -> str:
    """Name the months from the first to the last event, or the years, if those months are not known."""
    spans = [span for event in events if (span := known(event.when))]
    if not spans:
        return ""
    first, last = min(spans), max(spans, key=lambda span: span.last)
    length = len("YYYY-MM") if all(is_of_one_month(span) for span in (first, last)) else len("YYYY")
    return from_to(Dates.parse(first.first.isoformat()[:length]), Dates.parse(last.last.isoformat()[:length]))


def is_of_one_month(span: Dates) -> bool:
    return (span.first.year, span.first.month) == (span.last.year, span.last.month)


def as_of(timeline: Timeline) -> str:
    until = timeline.filters.as_of
    return f"as of {until.in_words()}" if until else ""


def legend(marks: Sequence[Mark]) -> list[Block]:
    """Explain the marks that occur."""
    lines, keys, left, top = [], [], MARGIN, 0
    for mark, meaning in explained(marks):
        width = SMALL.width(meaning)
        if left + KEY + width > WIDTH - MARGIN:
            left, top = MARGIN, top + LEGEND_ROW
        key = replace(mark, left=left, scale=LEGEND_SCALE)
        keys.append(replace(key, top=top + (LEGEND_ROW - key.box[3]) // 2))
        lines.append(Line(left + KEY, top + (LEGEND_ROW - SMALL.line_height) // 2, meaning, SMALL))
        left += KEY + width + 36
    return [Block(top + LEGEND_ROW + 24, tuple(lines), tuple(keys))] * bool(keys)


def explained(marks: Sequence[Mark]) -> Iterator[tuple[Mark, str]]:
    """Say what each kind of mark among some means."""
    for shape in Shape:
        if any(mark.shape is shape for mark in marks):
            yield Mark(shape, PAST, hollow=shape is Shape.BOUNDED), shape.value
    if any(mark.hollow and mark.shape is not Shape.BOUNDED for mark in marks):
        yield Mark(Shape.DAY, PAST, hollow=True), "approximate"
    for colour, meaning in ((DISPUTED, "date disputed"), (AHEAD, "still ahead")):
        if any(mark.colour == colour for mark in marks):
            yield Mark(Shape.DAY, colour), meaning


def body(entries: Sequence[Entry]) -> Iterator[Block]:
    """Stack entries under their headings."""
    under = ""
    for entry in entries:
        if under:
            yield from entry.pause
        if entry.heading != under:
            yield heading(entry.heading, entry.blocks[-1].spine if under else Spine.NONE)
        yield from entry.blocks
        under = entry.heading


def foot(timeline: Timeline) -> list[Block]:
    """Say how the timeline was made."""
    lines, height = column([(note(timeline), SMALL, 4)], MARGIN, top=24)
    return [Block(height, lines)] * bool(lines)


def evenly(entries: Sequence[Entry], most: int, height: int) -> list[list[Entry]]:
    """Divide entries into as few runs as can be, and those into equally high ones, more or less."""
    runs = divided(entries, most, height)
    for lower in range(height, 0, -40):
        if len(others := divided(entries, most, lower)) > len(runs):
            break
        runs = others
    return runs


def divided(entries: Sequence[Entry], most: int, height: int) -> list[list[Entry]]:
    """Fill one run after the other."""
    runs: list[list[Entry]] = [[]]
    for entry in entries:
        longer = [*runs[-1], entry]
        if runs[-1] and (len(longer) > most or sum(block.height for block in body(longer)) > height):
            runs.append([entry])
        else:
            runs[-1] = longer
    return runs


def stacked(blocks: Sequence[Block]) -> Sheet:
    """Put blocks on a sheet."""
    placed, top = [], MARGIN
    for block in blocks:
        placed.append(block.at(top))
        top += block.height
    return Sheet(tuple(placed), top + MARGIN)
