"""A timeline becomes pages within Discord's limits: every event is on one, with its date, its sources, and disputes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import count, cycle

from hypothesis import given, settings

from bot.card import TEXT_LIMIT, Attachment, Block, Card, Colour, Picture
from bot.layout import files, layout
from bot.markdown import length
from bot.timeline import NOTHING, ON_PAGE, description, pages
from rag.schema import Citation, Claim, Dates, Dating, Event, Filters, Mode, Source, Timeline, When
from tests.bot.discord_markdown import read
from tests.bot.samples import Author, authors
from tests.discord_server.limits import check_message
from tests.discord_server.reading import MEDIA_GALLERY

SMALL = "⁰¹²³⁴⁵⁶⁷⁸⁹"
DIGITS = str.maketrans(SMALL, "0123456789")
KEY = "k" * 22
WHENS = (
    When(Dates.parse("2024-02-29")),
    When(Dates.parse("2024-03")),
    When(Dates.parse("2023"), approximate=True),
    When(Dates.parse("2024-04-02"), until=Dates.parse("2024-04-09")),
    When(not_before=date(2022, 5, 1), not_after=date(2022, 5, 20)),
    When(not_after=date(2021, 1, 1)),
    When(),
)
DRAWN = Picture("timeline-1.png", b"\x89PNG", "a picture")
LONGEST = Source(
    "d" * 300, "A title that goes on and on " * 9, "Outlet with a name " * 9, url=f"https://x.example/{'a' * 238}",
    published=Dates(date(2023, 12, 30), date(2024, 1, 30)),
)  # fmt: skip
ECHO, POST = Source("mill.md", "The mill", "Valley Echo"), Source("tram.md", "Trams", "Olmst Post")


def timeline_by(author: Author, most: int = 60) -> Timeline:
    """Make a timeline of what could break a message."""
    sources, numbers, whens = author.sources(), count(), cycle(author.some(lambda: WHENS[0], 1) + WHENS)

    def citations() -> tuple[Citation, ...]:
        return author.some(lambda: author.citation(sources), 1, 1, 2, 3, 12)

    def event() -> Event:
        disputed = author.some(lambda: Dating(author.said(), citations()), 0, 0, 0, 1, 4)
        return Event(Claim(f"{next(numbers)}: {author.said()}", citations()), next(whens), 3, disputed)

    events = author.some(event, 1, 2, 10, 11, most)
    filters = Filters(as_of=Dates.parse("2025"), outlets=author.some(author.text, 0, 1))
    return Timeline(author.text(), events, found=70, filters=filters, since=Dates.parse("2020"), notice=author.text())


def event(says: str, day: str, *cited: Source, disputed: tuple[Dating, ...] = ()) -> Event:
    citations = tuple(Citation(source, 0, len(says), says) for source in cited or (ECHO,))
    return Event(Claim(says, citations), When(Dates.parse(day)), len(citations), disputed)


def check(card: Card) -> None:
    """Check a card against Discord's documented limits; raises Refused."""
    components = layout(card).to_components()  # type: ignore[no-untyped-call]
    check_message("", [], components, {file.filename for file in files(card)}, True)
    assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT


def block(card: Card, wanted: Block) -> str:
    return "\n".join(text.markdown for text in card.texts if text.block is wanted)


def used(text: str) -> list[int]:
    """Read the small numbers in a text, in their order."""
    return [int(number.translate(DIGITS)) for number in re.findall(f"[{SMALL}]+", text)]


timelines = authors.map(timeline_by)


@given(timelines)
@settings(max_examples=60, deadline=None)
async def test_discord_takes_every_page(timeline: Timeline) -> None:
    for page in pages(timeline, KEY, Attachment("timeline.csv", "x")):
        check(replace(page.card, picture=DRAWN))
        runs = [run for text in page.card.texts for run in read(text.markdown)]
        assert {kind for run in runs for kind in run.kinds} <= {"bold", "heading", "small", "link"}


async def test_sixty_long_events_are_all_told_within_the_limits() -> None:
    cited = [Citation(replace(LONGEST, title=f"{n} {LONGEST.title}"), n, n + 9, "w" * 300) for n in range(9)]
    disputed = (Dating("between 30 September 2023 and 30 October 2024 " * 9, tuple(cited[4:])),)
    whens = [When(Dates.parse(f"{1950 + number}-09-28")) for number in range(60)]
    events = tuple(
        Event(Claim(f"{n}: {'long words ' * 99}", tuple(cited)), when, 9, disputed) for n, when in enumerate(whens)
    )
    shown = pages(Timeline("topic " * 40, events, found=999, notice="It was so. " * 50), KEY)
    for page in shown:
        check(replace(page.card, picture=DRAWN))
        assert page.card.texts[-1].block is Block.NOTE
    told = "\n".join(block(page.card, Block.CLAIMS) for page in shown)
    assert [int(number) for number in re.findall(r"(?m)^\*\*28 September \d{4}\*\* · (\d+):", told)] == list(range(60))


async def test_events_stand_under_their_time_with_their_date_and_their_sources_below() -> None:
    events = (
        event("The tram reached the harbour.", "2023-05-02", POST),
        event("The mill was sold.", "2023-11", ECHO, POST),
        event("The mill burned down.", "2024-02-01"),
        event("Its owner was fined.", "2024"),
    )
    (page,) = pages(Timeline("the mill", events, found=9, since=Dates.parse("2023")))
    assert [text.markdown for text in page.card.texts] == [
        "### the mill",
        "-# since 2023 · 4 events, 5 of 9 left out",
        "### 2023\n"
        "**2 May 2023** · The tram reached the harbour.¹\n\n"
        "**November 2023** · The mill was sold.² ³ (2 reports, 2 origins)\n\n"
        "### 2024\n"
        "**1 February 2024** · The mill burned down.⁴\n\n"
        "**2024** · Its owner was fined.⁵",
        "-# ¹ ³ **Olmst Post**, date unknown · Trams\n-# ² ⁴ ⁵ **Valley Echo**, date unknown · The mill",
        "-# In the articles' own sentences, chosen without a language model.",
    ]
    assert (page.card.colour, page.card.buttons) == (Colour.EXTRACT, ())


async def test_every_marker_is_resolved_on_its_own_page_and_every_source_is_used_there() -> None:
    sources = [Source(f"{number}.md", f"Title {number}", f"Outlet {number}") for number in range(7)]
    cited = [sources[number % 7 :][: 1 + number % 3] for number in range(45)]
    events = tuple(event(f"Thing {n} happened.", f"{1960 + n}", *among) for n, among in enumerate(cited))
    shown = pages(Timeline("", events, found=45))
    assert [len(page.timeline.events) for page in shown] == [ON_PAGE] * 7 + [45 - 7 * ON_PAGE]
    for page in shown:
        markers = used(block(page.card, Block.CLAIMS))
        assert sorted(set(markers)) == sorted(used(block(page.card, Block.SOURCES)))
        assert [page.numbers[citation] for citation in page.citations] == sorted(set(markers))
    told = "".join(block(page.card, Block.CLAIMS) for page in shown)
    assert re.findall(r"Thing (\d+) happened", told) == [str(number) for number in range(45)]


async def test_a_disputed_date_is_shown_with_its_source_and_in_the_colour_of_its_page() -> None:
    other = Dating("2 February 2024", (Citation(POST, 5, 9, "then"),))
    burned = event("The mill burned down.", "2024-02-01", disputed=(other,))
    before = (event(f"Thing {n} happened.", f"{1960 + n}") for n in range(ON_PAGE))
    events = (*before, burned, event("The roof was rebuilt.", "2025"))
    first, second = pages(Timeline("", events, Mode.OPENAI, found=len(events)))
    assert "**1 February 2024** · The mill burned down.⁷\n⇄ also given: 2 February 2024 (Olmst Post)⁸" in block(
        second.card, Block.CLAIMS
    )
    assert (first.card.colour, second.card.colour) == (Colour.ANSWERED, Colour.DISAGREE)


async def test_all_who_report_an_event_or_another_date_are_marked_if_they_fit() -> None:
    papers = [Source(f"{number}.md", f"Title {number}", f"Outlet {number}") for number in range(8)]
    others = tuple(Citation(source, 0, 4, "then") for source in papers[4:])
    burned = event("The mill burned down.", "2024", *papers[:4], disputed=(Dating("2023", others),))
    (page,) = pages(Timeline("", (burned,), found=1))
    assert used(block(page.card, Block.CLAIMS)) == used(block(page.card, Block.SOURCES)) == list(range(1, 9))


async def test_what_is_known_of_a_date_is_said_and_no_more() -> None:
    events = tuple(Event(Claim("It rained.", (Citation(ECHO, 0, 10, "It rained."),)), when) for when in WHENS)
    told = "\n".join(block(page.card, Block.CLAIMS) for page in pages(Timeline("", events, found=7)))
    assert re.findall(r"(?m)^\*\*(.+)\*\* ·", told) == [
        "29 February 2024", "March 2024", "about 2023", "2 to 9 April 2024", "between 1 and 20 May 2022",
        "1 January 2021 or before", "date not given",
    ]  # fmt: skip


async def test_pages_turn_by_buttons_that_end_at_the_first_and_the_last() -> None:
    events = tuple(event(f"Thing {n} happened.", f"{1960 + n}") for n in range(15))
    shown = [page.card.buttons for page in pages(Timeline("", events, found=15), KEY)]
    assert [[(each.label, each.key, each.disabled) for each in row] for (row,) in shown] == [
        [("Back", f"{KEY}:-1", True), ("Next", f"{KEY}:1", False), ("Passages", f"{KEY}:0", False)],
        [("Back", f"{KEY}:0", False), ("Next", f"{KEY}:2", False), ("Passages", f"{KEY}:1", False)],
        [("Back", f"{KEY}:1", False), ("Next", f"{KEY}:3", True), ("Passages", f"{KEY}:2", False)],
    ]
    (alone,) = pages(Timeline("", events[:1], found=1), KEY)
    assert [button.label for row in alone.card.buttons for button in row] == ["Passages"]


async def test_nothing_found_is_said_with_what_to_do() -> None:
    (page,) = pages(Timeline("*volcanoes*", ()), KEY, Attachment("timeline.csv", "x"))
    assert [text.markdown for text in page.card.texts] == [
        NOTHING, "No events found on “\\*volcanoes\\*”. Try another topic."
    ]  # fmt: skip
    assert (page.card.colour, page.card.buttons, page.card.attachment) == (Colour.MISSING, (), None)


async def test_a_picture_stands_above_the_events_and_is_described() -> None:
    (page,) = pages(Timeline("", (event("The mill\nburned down.", "2024-02-01"),), found=1))
    drawn = replace(page.card, picture=replace(DRAWN, description=description(page.timeline)))
    (container,) = layout(drawn).to_components()  # type: ignore[no-untyped-call]
    kinds = [each["type"] for each in container["components"]]
    gallery = container["components"][kinds.index(MEDIA_GALLERY)]
    assert kinds.index(MEDIA_GALLERY) == 2, "below the topic and the number of events"
    assert gallery["items"] == [
        {"media": {"url": "attachment://timeline-1.png"}, "description": "1 February 2024: The mill burned down.",
         "spoiler": False}
    ]  # fmt: skip
    assert [(file.filename, file.fp.read()) for file in files(drawn)] == [("timeline-1.png", b"\x89PNG")]
