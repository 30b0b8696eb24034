"""A timeline in, files for other programs out: CSV for spreadsheets, JSON for TimelineJS. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html import escape
from typing import Any

from rag.answer.wording import counted, outlet, outlet_and_date, shortened, stated
from rag.records import when_record
from rag.schema import Citation, Dates, Event, Timeline, When
from rag.timeline.wording import (
    disputed_in_words,
    is_dated,
    note,
    on,
    otherwise_dated,
    period,
    reported,
    subject,
    summary,
    when_in_words,
)

COLUMNS = (
    "date", "end", "precision", "approximate", "not_before", "not_after", "date_expression", "text",
    "outlets", "quotes", "urls", "documents", "origins", "disputed",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # OWASP, CSV injection: what a spreadsheet may take for one
HEADLINE_LIMIT = 120  # characters; a longer one fills the slide

Place = dict[str, dict[str, int]]  # of a slide: its `start_date` and `end_date`


def csv_text(timeline: Timeline) -> str:
    """Write a line for each event, as RFC 4180 has it, under a line with the names of the columns.

    In `outlets`, `quotes`, `urls` and `documents` the sources of an event are in the same order, with ` | ` between
    them. What a spreadsheet could take for a formula is given a leading apostrophe.
    """
    out = io.StringIO(newline="")
    lines = csv.DictWriter(out, COLUMNS)
    lines.writeheader()
    lines.writerows({column: _cell(value) for column, value in _row(event).items()} for event in timeline.events)
    return out.getvalue()


def timelinejs(timeline: Timeline) -> dict[str, Any]:
    """Return what TimelineJS 3 takes as its JSON: a title and a slide for each event that has a place in time.

    Its texts are HTML, in which whatever comes from articles is escaped.
    """
    places = [(number, event, _place(event.when)) for number, event in enumerate(timeline.events, start=1)]
    slides = [_slide(event, number, place) for number, event, place in places if place]
    left_out = len(timeline.events) - len(slides)
    undated = f"{counted(left_out, 'event')} without a date not shown here" if left_out else ""
    told = " · ".join(filter(None, (period(timeline), summary(timeline), undated)))
    text = _paragraphs(told, note(timeline))
    title = {"unique_id": "title", "text": {"headline": escape(subject(timeline)), "text": text}, "autolink": False}
    return {"scale": "human", "title": title, "events": slides}


def _row(event: Event) -> dict[str, object]:
    citations = event.claim.citations
    return when_record(event.when) | {
        "text": stated(event.claim),
        "outlets": _listed(outlet(each.source) for each in citations),
        "quotes": _listed(each.quote for each in citations),
        "urls": _listed(each.source.url for each in citations),
        "documents": _listed(each.source.document for each in citations),
        "origins": event.origins,
        "disputed": otherwise_dated(event),
    }


def _listed(texts: Iterator[str]) -> str:
    lines = [" ".join(text.split()) for text in texts]
    return " | ".join(lines) if any(lines) else ""


def _cell(value: object) -> str:
    """Write a value so that a spreadsheet shows it, and does not calculate it."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULAS) or not text[:1].isprintable() else text


def _slide(event: Event, number: int, place: Place) -> dict[str, Any]:
    about = ", ".join(filter(None, (reported(event), disputed_in_words(event))))
    text = {
        "headline": escape(shortened(stated(event.claim), HEADLINE_LIMIT)),
        "text": "".join(map(_quoted, event.claim.citations)) + _paragraphs(about),
    }
    shown = when_in_words(event.when)
    return {"unique_id": f"event-{number}", **place, "display_date": shown, "text": text, "autolink": False}


def _place(when: When) -> Place:
    """Give where an event stands in time, never finer than it is known; from bound to bound if it has only these."""
    begins, ends = when.dates, when.until
    if begins is None and when.window and is_dated(when):
        begins, ends = on(when.window.first), on(when.window.last)
    places = {"start_date": begins, "end_date": ends if begins else None}
    return {name: _date(dates) for name, dates in places.items() if dates}


def _date(dates: Dates) -> dict[str, int]:
    return dict(zip(("year", "month", "day"), map(int, str(dates).split("/")[0].split("-")), strict=False))


def _quoted(citation: Citation) -> str:
    """Show a quote and where it is from, linked if that is a page of the web."""
    who, url = escape(outlet_and_date(citation.source)), citation.source.url
    linked = f'<a href="{escape(url)}">{who}</a>' if url.lower().startswith(("https://", "http://")) else who
    return f"<blockquote>“{escape(citation.quote)}”</blockquote><p>{linked}</p>"


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)
