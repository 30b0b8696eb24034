"""What people read of a timeline: dates as they are known, headings, what is disputed, what is left out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.wording import EXTRACT_NOTE
from rag.schema import Claim, Dates, Dating, Event, Filters, Mode, Timeline, When
from rag.timeline.events import in_order
from rag.timeline.wording import (
    disputed_in_words,
    grouped,
    note,
    otherwise_dated,
    period,
    reported,
    subject,
    summary,
    told,
    when_in_words,
)
from tests.timeline.samples import COURIER, OBSERVER, cited, event, timelines, whens


def when(dates: str = "", after: str = "", before: str = "", until: str = "", about: bool = False) -> When:
    return When(
        Dates.parse(dates) if dates else None,
        date.fromisoformat(after) if after else None,
        date.fromisoformat(before) if before else None,
        Dates.parse(until) if until else None,
        about,
    )


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (when("2023-03-19"), "19 March 2023"),
        (when("2023-03"), "March 2023"),
        (when("2024"), "2024"),
        (when("2024", about=True), "about 2024"),
        (when("2024-05-02", about=True), "about 2 May 2024"),
        (when("2025-04-12", until="2025-04-19"), "12 to 19 April 2025"),
        (when("2025-04-28", until="2025-05-03"), "28 April to 3 May 2025"),
        (when("2024-12-30", until="2025-01-02"), "30 December 2024 to 2 January 2025"),
        (when("2025-03", until="2025-05"), "March to May 2025"),
        (when("2024-05", until="2025-05"), "May 2024 to May 2025"),
        (when("2003", until="2011"), "2003 to 2011"),
        (when("2003", until="2011-05"), "2003 to May 2011"),
        (when("2025-04-12", until="2025-04-12"), "12 April 2025"),
        (when("2025-03", until="2025-05", about=True), "about March to May 2025"),
        (when("2024-10", after="2024-10-07", before="2024-10-13"), "between 7 and 13 October 2024"),
        (when(after="2024-10-07", before="2024-10-13"), "between 7 and 13 October 2024"),
        (when(after="2024-09-30", before="2024-10-06"), "between 30 September and 6 October 2024"),
        (when(after="2024-10-07", before="2024-10-13", about=True), "about 7 to 13 October 2024"),
        (when("2024", after="2024-08-26"), "between 26 August and 31 December 2024"),
        (when(after="2024-10-01", before="2024-10-31"), "October 2024"),
        (when(after="2024-10-07", before="2024-10-07"), "7 October 2024"),
        (when(after="2024-08-26"), "26 August 2024 or later"),
        (when(before="2024-08-26"), "26 August 2024 or before"),
        (when(before="2024-08-26", about=True), "about 26 August 2024 or before"),
        (when(before="2024-12-31"), "2024 or before"),
        (when(before="2024-12-01"), "1 December 2024 or before"),
        (when(after="2024-08-01"), "August 2024 or later"),
        (when(), "date not given"),
        (when(about=True), "date not given"),
    ],
)  # fmt: skip
def test_a_date_is_written_as_exactly_as_it_is_known(known: When, words: str) -> None:
    assert when_in_words(known) == words


@given(whens)
def test_whatever_is_known_of_a_date_can_be_written_on_one_line(known: When) -> None:
    words = when_in_words(known)
    assert words == " ".join(words.split())
    if known.dates is None and known.not_before is None and known.not_after is None:
        assert words == "date not given"


CLOSE = [When(Dates.parse(each)) for each in ("2023", "2024", "2024-05", "2024-05-02", "2024-06-03", "2025-01-01")]


def headed(*dates: str | When) -> list[tuple[str, int]]:
    """Return the headings over events, and how many stand under each."""
    return [(heading, len(under)) for heading, under in grouped([event(each) for each in dates])]


@pytest.mark.parametrize(
    ("dates", "headings"),
    [
        ((), []),
        (("2024-05-02",), [("2024", 1)]),
        (("2024-05-02", "2024-05-09"), [("May 2024", 2)]),
        (("2023-02", "2023-07-01", "2024-05-02", "2024-11-09"), [("2023", 2), ("2024", 2)]),
        (("2024-05-02", "2024-05-09", "2024-06-01", "2024-06-03"), [("May 2024", 2), ("June 2024", 2)]),
        (("2024-05-02", "2024-05-09", "2024-06-01", "2024-07-03", "2024-07-04", "2024-07-05"),
         [("May 2024", 2), ("June to July 2024", 4)]),
        (("2024-05-02", "2024-05-03", "2024-05-09", "2024-06-01"), [("May to June 2024", 4)]),
        (("2003", "2024-05-02", "2024-11-09"), [("2003 to 2024", 3)]),
        (("2023-02", "2023-07-01", "2024"), [("2023 to 2024", 3)]),
        (("2003", "2011", "2024"), [("2003", 1), ("2011", 1), ("2024", 1)]),
        (("2024-05-02", "2024-05-09", When()), [("May 2024", 2), ("Date not given", 1)]),
        ((when(after="2024-08-26"), "2024-09-01", "2024-09-03"), [("September 2024", 2), ("Date not given", 1)]),
        (("2024", "2024-03-01", "2024-03-04", "2024-03-05"), [("2024", 4)]),
        ((when("2024-12-30", until="2025-01-02"), "2024-12-31"), [("December 2024", 2)]),
    ],
)  # fmt: skip
def test_headings_are_years_or_months_that_hold_several_events(
    dates: tuple[str | When, ...], headings: list[tuple[str, int]]
) -> None:
    assert headed(*dates) == headings


@settings(deadline=None)
@given(st.lists(whens | st.sampled_from(CLOSE), max_size=12).map(lambda them: sorted(them, key=in_order)))
def test_each_event_stands_under_one_heading_and_none_stands_alone_unless_all_do(them: list[When]) -> None:
    listed = [event(each, f"It rained ({number}).") for number, each in enumerate(them)]
    groups = grouped(listed)
    dated = [each for heading, under in groups for each in under if heading != "Date not given"]
    undated = [each for heading, under in groups for each in under if heading == "Date not given"]
    assert [each for _, under in groups for each in under] == dated + undated
    assert [each for each in listed if each in undated] == undated
    assert [each for each in listed if each not in undated] == dated
    sizes = {len(under) == 1 for heading, under in groups if heading != "Date not given"}
    assert len(sizes) <= 1


def test_a_heading_is_never_finer_than_what_is_known() -> None:
    vague = when(after="2024-09-30", before="2024-10-06")
    assert headed(vague, "2024-10-07", "2024-10-08", "2024-10-09") == [("September to October 2024", 4)]


def test_a_disputed_date_is_named_with_its_outlets() -> None:
    disputed = Event(
        event().claim,
        event().when,
        disputed=(
            Dating("early 2025", (cited("In 2025.", OBSERVER),)),
            Dating("2024-05", (cited("In May.", OBSERVER), cited("Last month.", COURIER), cited("May.", OBSERVER))),
        ),
    )
    assert (
        disputed_in_words(disputed) == "also given: early 2025 (Tarn Observer); May 2024 (Tarn Observer; Coast Courier)"
    )
    numbers = {citation: number for number, citation in enumerate(Timeline("", (disputed,)).citations, start=1)}
    assert otherwise_dated(disputed, numbers) == (
        "early 2025 [2] (Tarn Observer); May 2024 [3][4][5] (Tarn Observer; Coast Courier)"
    )
    assert disputed_in_words(event()) == ""


def test_how_widely_it_is_reported_is_said_only_of_several_reports() -> None:
    assert reported(event()) == ""
    assert reported(event("2024", "It opened.", cited("Opened it was."))) == ""  # the same article twice
    twice = event("2024", "It opened.", cited("Opened.", OBSERVER))
    assert reported(twice) == "2 reports, 2 origins"
    assert reported(Event(twice.claim, twice.when, origins=1)) == "2 reports, 1 origin"


def test_a_summary_says_what_is_shown_and_left_out() -> None:
    one = Timeline("ferries", (event(),), found=1)
    assert (subject(one), period(one), summary(one)) == ("ferries", "", "1 event")
    some = Timeline("", (event(), event("2025")), found=16, since=Dates.parse("2024-03"), until=Dates.parse("2025"))
    assert (subject(some), period(some), summary(some)) == (
        "All articles", "March 2024 to 2025", "2 events, 14 of 16 left out"
    )  # fmt: skip
    assert period(Timeline("", (), since=Dates.parse("2024"))) == "since 2024"
    assert period(Timeline("", (), until=Dates.parse("2024-05-03"))) == "until 3 May 2024"


@pytest.mark.parametrize(
    ("timeline", "says"),
    [
        (Timeline("", ()), "No events found. Try other articles."),
        (Timeline("heat pumps", ()), "No events found on “heat pumps”. Try another topic."),
        (Timeline("", (), until=Dates.parse("1999")), "No events found (until 1999). Try a longer period."),
        (Timeline("tax", (), since=Dates.parse("2024"), until=Dates.parse("2024"), filters=Filters(outlets=("A",))),
         "No events found on “tax” (2024). Try another topic or a longer period or fewer filters."),
    ],
)  # fmt: skip
def test_a_timeline_of_nothing_says_of_what_and_what_to_do(timeline: Timeline, says: str) -> None:
    assert summary(timeline) == says
    assert note(timeline) == ""


def test_a_note_says_how_it_was_made() -> None:
    assert note(Timeline("", (event(),))) == EXTRACT_NOTE
    assert note(Timeline("", (event(),), notice="The model is down.")) == f"The model is down. {EXTRACT_NOTE}"
    assert note(Timeline("", (event(),), Mode.OPENAI)) == ""


@settings(deadline=None, max_examples=50)
@given(timelines)
def test_any_timeline_can_be_put_into_words(timeline: Timeline) -> None:
    assert summary(timeline)
    assert subject(timeline)
    for each in timeline.events:
        assert disputed_in_words(each).startswith("also given: ") == bool(each.disputed)
        assert bool(reported(each)) == (len({one.source.document for one in each.claim.citations}) > 1)


def test_a_sentence_that_is_shown_in_part_has_an_ellipsis_where_it_goes_on() -> None:
    quote = "The first test was held in Orvale on 2 April, and the second test was held in Mirren on 9 April."
    first, second = "The first test was held in Orvale on 2 April", "the second test was held in Mirren on 9 April."
    shown = [told(Event(Claim(text, (cited(quote),)), When())).text for text in (first, second, quote, "A test.")]
    assert shown == [f"{first} …", f"… {second}", quote, "A test."]
