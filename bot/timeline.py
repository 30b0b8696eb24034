"""A timeline in, its pages out: cards, each with the sources of its own events. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from bot.card import Attachment, Block, Button, Card, Colour, Text
from bot.markdown import shortened, visible
from bot.render import (
    MOST_CITED,
    PAGE_LIMIT,
    Item,
    Numbers,
    claim_item,
    divided,
    marked,
    numbered,
    page_length,
    page_texts,
    short,
)
from rag.schema import Citation, Event, Mode, Timeline, distinct
from rag.timeline import wording
from rag.timeline.formats import csv_text, timelinejs

ON_PAGE = 6  # events; the picture of more is higher than a phone's screen
LINE_LIMIT, DISPUTED_LIMIT, NOTE_LIMIT = 150, 200, 300  # characters, escaped
DESCRIPTION_LIMIT = 1000  # characters; Discord takes 1024 for an item of a gallery
NOTHING = "∅ **Not in the articles**"


@dataclass(frozen=True, slots=True)
class Page:
    """Some events of a timeline, and the card that shows them."""

    number: int  # the first being 0
    timeline: Timeline  # of these events only
    numbers: Numbers  # of all that the whole timeline cites
    card: Card

    @property
    def citations(self) -> list[Citation]:
        """List what is cited on the page, in the order of the numbers."""
        return sorted(self.timeline.citations, key=self.numbers.__getitem__)


def pages(timeline: Timeline, key: str = "", file: Attachment | None = None) -> list[Page]:
    """Divide a timeline into pages, which go with a file if given, and turn by buttons that have a key if given.

    A timeline without events has one page, which says so.
    """
    if not timeline.events:
        return [Page(0, timeline, {}, nothing_card(timeline))]
    ordered = replace(timeline, events=tuple(chain(*(events for _, events in wording.grouped(timeline.events)))))
    numbers = numbered(ordered.citations)
    parts = list(divisions(ordered, numbers))
    shown = []
    for number, part in enumerate(parts):
        texts = (*heading(timeline, number, len(parts)), *page_texts(list(told(part, numbers)), numbers))
        card = Card((*texts, *notes(timeline)), colour(part), attachment=file)
        turning = buttons(key, number, len(parts)) if key else ()
        shown.append(Page(number, part, numbers, card.with_buttons(turning)))
    return shown


def nothing_card(timeline: Timeline) -> Card:
    """Say that the articles tell of no such event, and what to ask for instead."""
    found = Text(Block.NOTE, short(wording.summary(timeline), NOTE_LIMIT))
    return Card((Text(Block.HEADING, NOTHING), found, *notes(timeline)), Colour.MISSING)


def divisions(timeline: Timeline, numbers: Numbers) -> Iterator[Timeline]:
    """Divide the events so that each part fits into a message, and on a picture."""
    left = iter(timeline.events)
    for items in divided([event_item(event, numbers) for event in timeline.events], numbers, ON_PAGE):
        yield replace(timeline, events=tuple(islice(left, len(items))), found=len(items))


def heading(timeline: Timeline, number: int, of: int) -> Iterator[Text]:
    """Say what the timeline is about, what it is limited to, and how much of it a page shows."""
    yield Text(Block.HEADING, f"### {short(wording.subject(timeline), LINE_LIMIT)}")
    page = f"page {number + 1} of {of}" if of > 1 else ""
    limits = short(" · ".join(filter(None, (wording.period(timeline), *limited(timeline)))), LINE_LIMIT)
    yield Text(Block.NOTE, f"-# {' · '.join(filter(None, (limits, wording.summary(timeline), page)))}")


def limited(timeline: Timeline) -> Iterator[str]:
    """Say which articles only were read."""
    filters = timeline.filters
    if filters.as_of:
        yield f"as of {filters.as_of.in_words()}"
    yield from filters.outlets


def told(timeline: Timeline, numbers: Numbers) -> Iterator[Item]:
    """Write events one below the other, grouped by time."""
    for time, events in wording.grouped(timeline.events):
        above = f"### {time}\n"
        for event in events:
            item = event_item(event, numbers)
            yield replace(item, markdown=f"{above}{item.markdown}")
            above = ""


def event_item(event: Event, numbers: Numbers) -> Item:
    """Write an event, with fewer of its sources if they have titles and addresses of the greatest length."""
    item = dated_item(event, numbers, MOST_CITED)
    return item if page_length([item], numbers) <= PAGE_LIMIT else dated_item(event, numbers, MOST_CITED // 2)


def dated_item(event: Event, numbers: Numbers, most: int) -> Item:
    """Write an event with its date and its markers, and below it the dates that others give, with so many at most."""
    own = event.claim.citations[:most]
    others = distinct(citation for dating in event.disputed for citation in dating.citations)[:most]
    reported = f" ({spread})" if (spread := wording.reported(event)) else ""
    item = claim_item(replace(wording.told(event), citations=own), numbers, reported)
    markdown = f"**{wording.when_in_words(event.when)}** · {item.markdown}"
    if disputed := short(wording.disputed_in_words(event), DISPUTED_LIMIT):
        markdown += f"\n⇄ {marked(disputed, others, numbers)}"
    return Item(markdown, distinct((*own, *others)))


def colour(timeline: Timeline) -> Colour:
    """Choose the accent: whether sources disagree on a date, and if not, by who worded the events."""
    if any(event.disputed for event in timeline.events):
        return Colour.DISAGREE
    return Colour.EXTRACT if timeline.mode is Mode.EXTRACTIVE else Colour.ANSWERED


def notes(timeline: Timeline) -> Iterator[Text]:
    """Say in small print what a reader should know of how the timeline was made."""
    if said := short(wording.note(timeline), NOTE_LIMIT):
        yield Text(Block.NOTE, f"-# {said}")


def buttons(key: str, number: int, of: int) -> Sequence[Button]:
    """Choose the buttons under a page, the first being 0."""
    back = Button("page", f"{key}:{number - 1}", "Back", disabled=number == 0)
    forward = Button("page", f"{key}:{number + 1}", "Next", disabled=number == of - 1)
    passages = Button("page-passages", f"{key}:{number}", "Passages", "📄")
    return (back, forward, passages) if of > 1 else (passages,)


def attachment(timeline: Timeline, form: str) -> Attachment:
    """Write a timeline as a file: `csv` or `timelinejs`."""
    if form == "csv":
        return Attachment("timeline.csv", csv_text(timeline))
    return Attachment("timeline.json", json.dumps(timelinejs(timeline), ensure_ascii=False, indent=1) + "\n")


def description(timeline: Timeline) -> str:
    """Describe the picture of some events to those who cannot see it: when, and what."""
    events = (f"{wording.when_in_words(event.when)}: {event.claim.text}" for event in timeline.events)
    return shortened(visible(" ".join(" · ".join(events).split())), DESCRIPTION_LIMIT)
