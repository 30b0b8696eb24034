"""Pictures of timelines: where things stand on a sheet, and that what is painted stands there too."""

from __future__ import annotations

import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageColor

from rag.schema import Citation, Claim, Dates, Dating, Event, Filters, Source, Timeline, When
from rag.timeline.chart import draw, pictures
from rag.timeline.chart.layout import (
    AHEAD,
    BACKGROUND,
    DISPUTED,
    HEIGHT,
    MOST_DRAWN,
    PAST,
    SMALL,
    SOFT,
    WIDTH,
    WORDS,
    Block,
    Box,
    Line,
    Mark,
    Shape,
    Sheet,
    Spine,
    sheet,
    sheets,
)
from rag.timeline.chart.lettering import Style, wrapped
from rag.timeline.chart.painting import faded, painted

TODAY = date(2025, 5, 14)


def dated(text: str) -> When:
    return When(Dates.parse(text))


def event(text: str, when: When, *outlets: str, origins: int = 1, importance: float = 0.0) -> Event:
    cited = tuple(Citation(Source(name, publisher=name), 0, len(text), text) for name in outlets or ("Harbour Post",))
    return Event(Claim(text, cited), when, origins, importance=importance)


def disputed(one: Event, says: str, outlet: str) -> Event:
    return replace(one, disputed=(Dating(says, (Citation(Source(outlet, publisher=outlet), 0, 1, "x"),)),))


LAID = event("The shipyard laid the keel of the first electric ferry.", dated("2023-03-19"), "Bay Radio", "Coast Wire")
STRIKE = event(
    "Dockers went on strike over night shifts, and two of the four piers stayed closed.",
    replace(dated("2023-04-02"), until=Dates.parse("2023-04-19")),
)
FIRE = event("A fire damaged the engine room of the old ferry.", dated("2024-06-21"), origins=1)
FINED = event("The operator was fined for late timetables.", When(None, date(2024, 11, 3), date(2025, 1, 20)))
OPENING = event("The line is to open with a crossing by the king.", dated("2026-05"))
PETITION = event("Residents collected signatures against the new pier.", When())
STORY = (LAID, STRIKE, FIRE, FINED, OPENING, PETITION)


def story(*events: Event, topic: str = "Ferries across the bay") -> Timeline:
    return Timeline(topic, events, found=len(events))


def long_story(number: int) -> Timeline:
    """Tell of many events, a fortnight apart, in one line to more than can be shown of each."""
    days = (date(2021, 1, 4) + timedelta(days=14 * place) for place in range(number))
    words = "the council heard the harbour master on the cost of the second pier and put off its vote again".split()
    return story(
        *(
            event(f"On item {place} " + " ".join(words * (1 + place % 4)), dated(day.isoformat()))
            for place, day in enumerate(days)
        )
    )


def lines(laid: Sheet) -> list[Line]:
    return [line for block in laid.blocks for line in block.lines]


def texts(laid: Sheet) -> list[str]:
    return [line.text for line in lines(laid)]


def rows(laid: Sheet) -> list[Block]:
    """Find the blocks of events: those with a mark that is not one of the legend's."""
    return [block for block in laid.blocks if any(mark.scale == 1 for mark in block.marks)]


def mark_of(one: Event, today: date | None = None) -> Mark:
    (row,) = rows(sheet(story(one), today))
    return row.marks[0]


def legend(laid: Sheet) -> list[str]:
    return [line.text for block in laid.blocks if any(mark.scale != 1 for mark in block.marks) for line in block.lines]


def opened(png: bytes) -> Image.Image:
    image = Image.open(BytesIO(png))
    image.load()
    return image


def apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


DAYS = st.dates()
SPANS = st.one_of(
    DAYS.map(lambda day: Dates.parse(day.isoformat())),
    DAYS.map(lambda day: Dates.parse(day.isoformat()[:7])),
    DAYS.map(lambda day: Dates.parse(day.isoformat()[:4])),
)
WHENS = st.builds(
    When,
    dates=st.none() | SPANS,
    not_before=st.none() | DAYS,
    not_after=st.none() | DAYS,
    until=st.none() | SPANS,
    approximate=st.booleans(),
)
TEXTS = st.text(max_size=400) | st.sampled_from(
    ["$\\frac{1}{2}$ and $x^", "\ud800 \x00 \u202e", "🚢🔥", "x" * 300, "وزیر خارجه گفت", "e\u0301\u0302\u0303" * 50]
)
EVENTS = st.builds(
    lambda text, when, outlet, other: (
        disputed(event(text, when, outlet), other, outlet) if other else event(text, when)
    ),
    TEXTS,
    WHENS,
    TEXTS,
    st.just("") | TEXTS,
)
TIMELINES = st.builds(Timeline, TEXTS, st.lists(EVENTS, max_size=8).map(tuple), found=st.integers(0, 99))


@settings(max_examples=30, deadline=None)
@given(TIMELINES, st.none() | DAYS)
def test_nothing_on_a_sheet_overlaps_or_leaves_it(timeline: Timeline, today: date | None) -> None:
    for laid in (sheet(timeline, today), *sheets(timeline, 3, today)):
        boxes = [line.box for line in lines(laid)] + [mark.box for block in laid.blocks for mark in block.marks]
        assert [pair for pair in combinations(boxes, 2) if not apart(*pair)] == []
        assert all(
            left >= 0 and top >= 0 and right <= WIDTH and bottom <= laid.height for left, top, right, bottom in boxes
        )


@settings(max_examples=15, deadline=None)
@given(TIMELINES, st.none() | DAYS)
def test_any_timeline_becomes_a_picture_without_a_warning(timeline: Timeline, today: date | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = opened(draw(timeline, today))
    assert (image.format, image.mode, image.width) == ("PNG", "RGB", WIDTH)


@settings(max_examples=80, deadline=None)
@given(TEXTS, st.integers(60, 900), st.integers(1, 4))
def test_wrapped_lines_fit_and_lose_nothing_but_the_end(text: str, width: int, most: int) -> None:
    broken = wrapped(text, WORDS, width, most)
    assert len(broken) <= most
    assert all(WORDS.width(line) <= width for line in broken)
    shown = "".join(broken).replace(" ", "")
    whole = "".join(wrapped(text, WORDS, 1_000_000, 1)).replace(" ", "")
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


def test_a_long_text_is_cut_at_a_word() -> None:
    text = "The harbour master told the council that the second pier would cost twice as much as the first"
    first, last = wrapped(text, WORDS, 500, 2)
    assert text.startswith(f"{first} {last.removesuffix('…')} ")
    assert last.endswith("…")


def test_what_is_painted_stays_within_its_box() -> None:
    laid = sheet(story(*STORY, topic="Ágújp E\u0301\u0302\u0303\u0304\u0305 وزیر"), TODAY)
    for line in lines(laid):
        moved = replace(line, top=60)
        assert_within(moved.box, Block(200, lines=(moved,)))
    for mark in (mark for block in laid.blocks for mark in block.marks):
        lower = replace(mark, top=60)
        assert_within(lower.box, Block(200, marks=(lower,)))


def assert_within(box: Box, block: Block) -> None:
    """Assert that whatever is painted of a block lies in a box."""
    image = opened(painted(Sheet((block,), block.height)))
    inked = ImageChops.difference(image, Image.new("RGB", image.size, BACKGROUND)).getbbox()
    assert inked
    assert inked == (max(box[0], inked[0]), max(box[1], inked[1]), min(box[2], inked[2]), min(box[3], inked[3]))


def test_sixty_events_are_drawn_in_less_than_three_seconds() -> None:
    timeline = long_story(60)
    began = time.thread_time()  # what others do on the machine does not count
    image = opened(draw(timeline))
    assert time.thread_time() - began < 3
    assert image.height > 5 * HEIGHT


def test_threads_draw_the_same_bytes_at_once() -> None:
    timelines = [story(*STORY), long_story(9)]
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(draw, timelines * 4))
    assert drawn == [draw(timeline) for timeline in timelines] * 4


def test_pictures_show_every_event_once_and_fit_a_phone() -> None:
    timeline = long_story(20)
    laid = sheets(timeline, 5)
    shown = [text.split()[2] for each in laid for text in texts(each) if text.startswith("On item")]
    assert shown == [str(number) for number in range(20)]
    assert all(1 < len(rows(each)) <= 5 for each in laid)
    drawn = [opened(picture) for picture in pictures(timeline, 5)]
    assert [image.height for image in drawn] == [each.height for each in laid]
    assert all(image.width == WIDTH and image.height <= HEIGHT for image in drawn)


def test_pictures_are_about_equally_full() -> None:
    heights = [laid.height for laid in sheets(long_story(22), 12)]
    assert len(heights) > 2
    assert min(heights) > 0.7 * max(heights)


def test_each_picture_says_which_it_is() -> None:
    laid = sheets(story(*STORY), 2)
    assert [texts(each)[1].rpartition(" · ")[2] for each in laid] == ["1 of 3", "2 of 3", "3 of 3"]
    (alone,) = sheets(story(*STORY), 6)
    assert "1 of" not in texts(alone)[1]


@pytest.mark.parametrize(
    ("when", "shape", "hollow"),
    [
        (dated("2023-03-19"), Shape.DAY, False),
        (dated("2023-03"), Shape.MONTH, False),
        (dated("2023"), Shape.YEAR, False),
        (replace(dated("2023-03-19"), approximate=True), Shape.DAY, True),
        (replace(dated("2023"), approximate=True), Shape.YEAR, True),
        (replace(dated("2023-03-19"), until=Dates.parse("2023-03-24")), Shape.LASTING, False),
        (When(None, date(2023, 3, 1), date(2023, 3, 9)), Shape.BOUNDED, True),
        (When(), Shape.BOUNDED, True),
    ],
)
def test_a_mark_is_as_long_as_its_date_is_inexact(when: When, shape: Shape, hollow: bool) -> None:
    mark = mark_of(event("The council met.", when))
    assert (mark.shape, mark.hollow, mark.colour) == (shape, hollow, PAST)


def test_marks_of_different_kinds_look_different() -> None:
    seen = {
        painted(Sheet((Block(140, marks=(Mark(shape, PAST, hollow),)),), 140))
        for shape in Shape
        for hollow in (False, True)
    }
    assert len(seen) == 2 * len(Shape)


@pytest.mark.parametrize(("hollow", "colour"), [(False, PAST), (True, BACKGROUND)])
def test_a_hollow_mark_is_empty_inside(hollow: bool, colour: str) -> None:
    mark = Mark(Shape.MONTH, PAST, hollow)
    left, top, right, bottom = mark.box
    image = opened(painted(Sheet((Block(140, marks=(mark,)),), 140)))
    assert image.getpixel(((left + right) // 2, (top + bottom) // 2)) == ImageColor.getrgb(colour)


def test_a_disputed_date_is_marked_and_the_other_one_named() -> None:
    laid = sheet(story(disputed(LAID, "2024", "Norrvik Dagblad"), FIRE))
    first, second = rows(laid)
    assert (first.marks[0].colour, second.marks[0].colour) == (DISPUTED, PAST)
    assert first.lines[-1].text == "also given: 2024 (Norrvik Dagblad)"
    assert first.lines[-1].style.colour == DISPUTED


def test_an_event_names_its_date_words_and_outlets() -> None:
    (row,) = rows(sheet(story(replace(LAID, origins=2))))
    assert [line.text for line in row.lines] == [
        "19 March 2023",
        "The shipyard laid the keel of the first electric ferry.",
        "2 reports, 2 origins · Bay Radio, Coast Wire",
    ]


def test_what_is_after_today_is_set_apart() -> None:
    laid = sheet(story(*STORY), TODAY)
    (place,) = [place for place, text in enumerate(texts(laid)) if text == "Still ahead on 14 May 2025"]
    assert texts(laid)[place + 1] == "May 2026"
    assert [row.marks[0].colour for row in rows(laid)] == [PAST, PAST, PAST, PAST, AHEAD, PAST]
    assert not any("ahead" in text for text in texts(sheet(story(*STORY), date(2026, 5, 1))))


def test_a_long_time_without_events_breaks_the_spine() -> None:
    laid = sheet(story(*STORY))
    broken = [block.lines[0].text for block in laid.blocks if block.spine is Spine.BROKEN]
    assert broken == ["14 months later", "4 months later", "15 months later"]


def test_pauses_are_never_many() -> None:
    yearly = story(*(event("The council met.", dated(f"{year}-06-01")) for year in range(1960, 2020)))
    assert [block for block in sheet(yearly).blocks if block.spine is Spine.BROKEN] == []


def test_what_has_no_date_stands_at_the_end_beside_no_spine() -> None:
    laid = sheet(story(*STORY))
    *_, last = rows(laid)
    assert last.spine is Spine.NONE
    assert [line.text for line in last.lines] == [PETITION.claim.text, "Harbour Post"]
    assert "Date not given" in texts(laid)


def test_the_legend_explains_the_marks_that_occur_and_no_others() -> None:
    assert legend(sheet(story(LAID, FIRE))) == ["a day"]
    assert legend(sheet(story(disputed(STRIKE, "May 2023", "Bay Radio"), FINED, OPENING), TODAY)) == [
        "a month",
        "from … to …",
        "not known exactly",
        "date disputed",
        "still ahead",
    ]
    assert "approximate" in legend(sheet(story(event("It rained.", replace(dated("2023"), approximate=True)))))


def test_the_head_names_the_topic_the_time_and_what_is_left_out() -> None:
    timeline = replace(story(LAID, FIRE), found=9, filters=Filters(as_of=Dates.parse("2024-12")))
    title, *about = [line.text for line in sheet(timeline).blocks[0].lines]
    assert title == "Ferries across the bay"
    assert " ".join(about) == "March 2023 to June 2024 · as of December 2024 · 2 events, 7 of 9 left out"


def test_the_time_in_the_head_is_no_finer_than_the_dates() -> None:
    assert texts(sheet(story(event("The council met.", dated("2022")), FIRE)))[1] == "2022 to 2024 · 2 events"


def test_of_too_many_events_the_most_important_are_drawn() -> None:
    met = [event(f"Meeting {number}", dated("2023-03-19"), importance=number) for number in range(MOST_DRAWN + 30)]
    laid = sheet(story(*met))
    assert [text for text in texts(laid) if text.startswith("Meeting")] == [each.claim.text for each in met[30:]]
    assert texts(laid)[1].endswith(f"{MOST_DRAWN} events, 30 of {MOST_DRAWN + 30} left out")
    assert sheet(replace(long_story(200), topic="")).height < 32_767


def test_a_timeline_without_events_becomes_a_picture_that_says_so() -> None:
    empty = Timeline("Ferries", ())
    (laid,) = sheets(empty, 12)
    assert "No events found" in " ".join(texts(laid))
    (picture,) = pictures(empty)
    assert opened(picture).size == opened(draw(empty)).size == (WIDTH, laid.height)


def luminance(colour: str) -> float:
    """Compute the relative luminance of a colour, by WCAG 2."""
    shares = (channel / 255 for channel in ImageColor.getrgb(colour)[:3])
    linear = [share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str) -> float:
    lighter, darker = sorted((luminance(colour), luminance(BACKGROUND)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_text_and_marks_stand_out_as_wcag_aa_asks() -> None:
    laid = sheet(story(*STORY, disputed(LAID, "2024", "Bay Radio")), TODAY)
    colours = {line.style.colour for line in lines(laid)}
    assert colours > {SOFT, PAST, AHEAD, DISPUTED}
    assert [colour for colour in colours if contrast(colour) < 4.5] == []
    assert [colour for colour in (PAST, AHEAD, DISPUTED) if contrast(faded(colour)) < 3] == []


def test_words_are_large_enough_for_a_phone() -> None:
    on_a_phone = 390 / WIDTH
    assert WORDS.size * on_a_phone > 12
    assert SMALL.size * on_a_phone > 10


@pytest.mark.parametrize("bold", [False, True])
def test_the_fonts_have_the_letters_of_names_in_the_news(bold: bool) -> None:
    style = Style(34, SOFT, bold)
    box = pixels("\U0001f6a2", style)  # which is in neither of them
    assert [letter for letter in "žőİĐЖіΩςعچשŋ" if pixels(letter, style) == box] == []


def pixels(letter: str, style: Style) -> bytes:
    return painted(Sheet((Block(60, (Line(10, 5, letter, style),)),), 60))
