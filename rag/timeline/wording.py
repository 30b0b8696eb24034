"""A timeline in, the words that people read out: the same in the terminal, in chat and in the picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from rag.answer.wording import EXTRACT_NOTE, counted, markers, outlet
from rag.schema import Citation, Claim, Dates, Dating, Event, Filters, Mode, Timeline, When

NOT_GIVEN = "date not given"
ALL_ARTICLES = "All articles"
YEAR, MONTH, DAY = 4, 7, 10  # characters that name it in ISO 8601
NO_NUMBERS: Mapping[Citation, int] = {}


def when_in_words(when: When) -> str:
    """Write when something happened, never finer than it is known: `19 March 2023`, `about 2024`, `date not given`.

    Bounds are said where they tell more than the date: `between 7 and 13 October 2024`, `26 August 2024 or later`.
    """
    about = "about " if when.approximate else ""
    window = when.window
    if when.dates and when.until:
        return about + from_to(when.dates, when.until)
    if window is None:
        return NOT_GIVEN
    if window.last == date.max:
        return f"{about}{_beginning(window.first).in_words()} or later"
    if window.first == date.min:
        return f"{about}{_ending(window.last).in_words()} or before"
    if "/" not in str(window):
        return about + window.in_words()
    if when.approximate:
        return about + from_to(on(window.first), on(window.last))
    return f"between {from_to(on(window.first), on(window.last), 'and')}"


def from_to(first: Dates, last: Dates, joint: str = "to") -> str:
    """Write from when to when, with what both have in common once: `12 to 19 April 2025`, `March to May 2025`."""
    whole = Dates(first.first, last.last)
    if "/" not in str(whole):
        return whole.in_words()
    begins, ends = first.in_words().split(), last.in_words().split()
    if len(begins) == len(ends):
        while len(begins) > 1 and begins[-1] == ends[len(begins) - 1]:
            begins.pop()
    return f"{' '.join(begins)} {joint} {' '.join(ends)}"


def told(event: Event) -> Claim:
    """Give what is told of an event, with an ellipsis where the sentence that it is taken from goes on."""
    text, sentence = event.claim.text, event.claim.citations[0].quote
    before, found, behind = sentence.partition(text) if text else (sentence, "", "")
    opened = "… " if found and before.strip() and text[:1].islower() else ""
    closed = " …" if found and behind.strip(' .!?”"’') else ""
    return replace(event.claim, text=f"{opened}{text}{closed}")


def grouped(events: Sequence[Event]) -> list[tuple[str, list[Event]]]:
    """Divide events, which are in the order of their dates, under headings: `2023`, `March 2024`, `May to June 2025`.

    Each year is a group, and divided into months if these have two events on average. A group of one event joins the
    next, unless every year has only one. What is not dated on both sides stands at the end, under `Date not given`.
    """
    dated = [event for event in events if is_dated(event.when)]
    undated = [event for event in events if not is_dated(event.when)]
    groups = [group for year in _joined(_runs(dated, YEAR)) for group in _divided(year)]
    return groups + [(NOT_GIVEN.capitalize(), undated)] * bool(undated)


def disputed_in_words(event: Event, numbers: Mapping[Citation, int] = NO_NUMBERS) -> str:
    """Say what others give as the date: `also given: 2024 (The Outlet)`; nothing if no one does.

    With the numbers of the citations, their markers stand behind each date: `also given: 2024 [3] (The Outlet)`.
    """
    others = otherwise_dated(event, numbers)
    return f"also given: {others}" if others else ""


def otherwise_dated(event: Event, numbers: Mapping[Citation, int] = NO_NUMBERS) -> str:
    """List the other dates that are given for an event: `2024 (The Outlet)`."""
    return "; ".join(_given(dating, numbers) for dating in event.disputed)


def reported(event: Event) -> str:
    """Say how widely an event is reported: `3 reports, 2 origins`; nothing if only one article has it."""
    reports = len({citation.source.document for citation in event.claim.citations})
    return f"{counted(reports, 'report')}, {counted(event.origins, 'origin')}" if reports > 1 else ""


def subject(timeline: Timeline) -> str:
    """Name what a timeline is about."""
    return " ".join(timeline.topic.split()) or ALL_ARTICLES


def period(timeline: Timeline) -> str:
    """Say which time it is limited to: `March to May 2025`, `since 2024`; nothing if it is not."""
    if timeline.since and timeline.until:
        return from_to(timeline.since, timeline.until)
    if timeline.since:
        return f"since {timeline.since.in_words()}"
    return f"until {timeline.until.in_words()}" if timeline.until else ""


def summary(timeline: Timeline) -> str:
    """Say how much a timeline shows: `12 events, 4 of 16 left out`; if nothing, of what, and what to do."""
    shown = len(timeline.events)
    if not shown:
        return nothing_found(timeline)
    left_out = timeline.found - shown
    return counted(shown, "event") + (f", {left_out} of {timeline.found} left out" if left_out > 0 else "")


def nothing_found(timeline: Timeline) -> str:
    """Say what the articles tell no event of, and what to ask for instead."""
    topic = f" on “{subject(timeline)}”" if timeline.topic.strip() else ""
    limited = {
        "another topic": timeline.topic.strip(),
        "a longer period": timeline.since or timeline.until,
        "fewer filters": timeline.filters != Filters(),
    }
    instead = " or ".join(change for change, limits in limited.items() if limits) or "other articles"
    of_period = f" ({period(timeline)})" if period(timeline) else ""
    return f"No events found{topic}{of_period}. Try {instead}."


def note(timeline: Timeline) -> str:
    """Say what a reader should know of how it was made."""
    extract = EXTRACT_NOTE if timeline.mode is Mode.EXTRACTIVE and timeline.events else ""
    return " ".join(filter(None, (timeline.notice, extract)))


def _given(dating: Dating, numbers: Mapping[Citation, int]) -> str:
    try:
        says = Dates.parse(dating.says).in_words()
    except ValueError:  # it is in words
        says = dating.says
    marked = f" {markers(dating, numbers)}" if numbers else ""
    outlets = dict.fromkeys(outlet(citation.source) for citation in dating.citations)
    return f"{says}{marked} ({'; '.join(outlets)})"


def is_dated(when: When) -> bool:
    """Tell whether it is known both after what and before what something happened."""
    window = when.window
    return window is not None and date.min < window.first and window.last < date.max


def _divided(year: list[Event]) -> list[tuple[str, list[Event]]]:
    """Divide the events of a year into months, if that is worth it."""
    months = _runs(year, MONTH)
    if len(year) < 2 * len(months):
        return [(_heading(year, YEAR), year)]
    return [(_heading(month, MONTH), month) for month in _joined(months)]


def _runs(events: Sequence[Event], unit: int) -> list[list[Event]]:
    """Divide events wherever the next one is of another month or year."""
    return [list(run) for _, run in groupby(events, key=lambda event: _span(event, unit))]


def _joined(runs: Sequence[list[Event]]) -> list[list[Event]]:
    """Join each event that stands alone with the next run, the last with the one before it, unless all do."""
    if all(len(run) == 1 for run in runs):
        return list(runs)
    joined: list[list[Event]] = []
    for number, run in enumerate(runs, start=1):
        if joined and (len(joined[-1]) == 1 or (number == len(runs) and len(run) == 1)):
            joined[-1] = joined[-1] + run
        else:
            joined.append(run)
    return joined


def _heading(events: Sequence[Event], unit: int) -> str:
    """Name the months or years that hold all of some events."""
    firsts, lasts = zip(*(_span(event, unit) for event in events), strict=True)
    return from_to(Dates.parse(min(firsts)), Dates.parse(max(lasts)))


def _span(event: Event, unit: int) -> tuple[str, str]:
    """Name the first and the last month or year in which an event can have begun, as ISO 8601 does."""
    window = event.when.window or Dates(date.min, date.max)
    return window.first.isoformat()[:unit], window.last.isoformat()[:unit]


def _beginning(day: date) -> Dates:
    """Give the year, month or day that begins with a day, the longest of them."""
    return next(span for span in _around(day) if span.first == day)


def _ending(day: date) -> Dates:
    return next(span for span in _around(day) if span.last == day)


def _around(day: date) -> Iterator[Dates]:
    return (Dates.parse(day.isoformat()[:unit]) for unit in (YEAR, MONTH, DAY))


def on(day: date) -> Dates:
    """Make a day a span of days."""
    return Dates(day, day)
