"""What sentences tell of that happened, and what they only say, want or describe."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Article, Basis, Dates, Source
from rag.timeline.happenings import Happening, happenings
from rag.timeline.telling import TOLD

PUBLISHED = Dates.parse("2031-05-15")


def article(*paragraphs: str, published: Dates | None = PUBLISHED, title: str = "News from Orvale") -> Article:
    basis = Basis.STATED if published else Basis.UNKNOWN
    return Article(Source("orvale.md", title, "Orvale Post", published=published, basis=basis), "\n\n".join(paragraphs))


def told(*paragraphs: str, published: Dates | None = PUBLISHED) -> list[Happening]:
    return [each for each in happenings(article(*paragraphs, published=published)) if each.telling >= TOLD]


@pytest.mark.parametrize(
    "sentence",
    [
        "The harbour bridge of Orvale was closed on 3 May 2031.",
        "Mayor Lena Brisk met the engineer Tom Farrow in Orvale on Tuesday.",
        "A fire destroyed the old granary on 9 May.",
        "The council will vote on the bridge on 2 June 2031.",
        "Brisk announced on Monday that the bridge would be torn down.",
        "The granary was the tallest house in Orvale until it burned down in 2029.",
    ],
)
def test_a_dated_deed_is_an_event(sentence: str) -> None:
    assert [each.text for each in told(sentence)] == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Lena Brisk said on Tuesday that the bridge was dear to her.",
        "In a statement on Wednesday the council said that it regretted the noise.",
        "The bridge has four lanes and two towers.",
        "Brisk stressed the importance of the bridge.",
        "The rules allow lorries of up to nine tons.",
        "Orvale has been in the hands of the Greens since 2022.",
        "“We want the bridge back,” Farrow said.",
        "By Ina Holt, Orvale, 14 May 2031",
        "This report was updated on 14 May 2031 at 10:20.",
    ],
)
def test_what_is_said_wanted_or_always_so_is_no_event(sentence: str) -> None:
    assert told(sentence) == []


def test_an_undated_deed_of_people_is_an_event_of_the_days_before_the_report() -> None:
    [event] = told("Lena Brisk also met the engineer Tom Farrow to speak of the towers.")
    assert (event.when.dates, event.when.approximate) == (Dates.parse("2031-05"), True)
    assert (event.when.not_before, event.when.not_after) == (date(2031, 5, 8), date(2031, 5, 15))
    assert not event.is_dated


def test_an_undated_deed_in_an_undated_article_has_no_date() -> None:
    [event] = told("Lena Brisk also met the engineer Tom Farrow to speak of the towers.", published=None)
    assert event.when.dates is None
    assert event.when.window is None


def test_a_sentence_that_tells_two_dated_things_is_two_events_each_with_its_own_words() -> None:
    first, second = told(
        "The first test was held in Orvale on 2 April 2031, and the second test took place in Mirren on 9 April 2031."
    )
    assert (first.text, str(first.when.dates)) == ("The first test was held in Orvale on 2 April 2031", "2031-04-02")
    assert (second.text, str(second.when.dates)) == (
        "the second test took place in Mirren on 9 April 2031.",
        "2031-04-09",
    )
    assert first.citation == second.citation


def test_a_dateline_is_not_shown_and_its_date_is_not_when_it_happened() -> None:
    [event] = told("ORVALE (May 14) – Workers found a bomb of 1944 under the bridge on Monday.")
    assert event.text == "Workers found a bomb of 1944 under the bridge on Monday."
    assert str(event.when.dates) == "2031-05-12"


def test_a_post_is_dated_by_its_signature() -> None:
    [event] = told("“Orvale has banned lorries from the bridge of Mirren\n— Orvale Town (@orvaletown) May 2, 2031”")
    assert event.when.window is not None
    assert event.when.window.last == date(2031, 5, 2)


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "On 3 May",
                "yesterday",
                "Lena Brisk met Tom Farrow",
                "in Orvale",
                "said",
                ", and",
                ". ",
                "\n\n",
                "“",
                "2031",
            ]
        ),
    ),
    max_size=25,
).map(" ".join)


@given(TEXTS, st.one_of(st.none(), st.dates(date(1, 1, 1), date(9999, 12, 31))))
def test_any_text_is_read_and_each_event_is_a_piece_of_it(text: str, day: date | None) -> None:
    published = Dates(day, day) if day else None
    for event in happenings(article(text, published=published)):
        assert event.text
        assert event.text in event.citation.quote
        assert text[event.citation.start : event.citation.end] == event.citation.quote
        assert 0 < event.telling <= 1


@pytest.mark.parametrize(
    ("sentence", "dates"),
    [
        (
            "Lena Brisk met Tom Farrow on 4 April 2031 in Elvik, on 11 April in Mo and on 2 May 2031 in Orvale.",
            ["2031-04-04", "2031-04-11", "2031-05-02"],
        ),
        ("The bridge was bought by Orvale in 1931 and sold to Mirren in 1958.", ["1931", "1958"]),
        ("The bridge was open from 4 to 9 May 2031.", ["2031-05-04"]),
    ],
)
def test_a_sentence_with_a_list_of_dates_is_an_event_for_each(sentence: str, dates: list[str]) -> None:
    events = told(sentence)
    assert [str(event.when.dates) for event in events] == dates
    assert {event.text for event in events} == {sentence}


def test_the_items_of_a_list_have_their_own_places() -> None:
    first, second = told("Lena Brisk met Tom Farrow on 4 April 2031 in Elvik and on 11 April 2031 in Mirren.")
    assert [[who.text for who in each.places] for each in (first, second)] == [["Elvik"], ["Mirren"]]


def test_an_entry_of_a_timeline_in_the_present_tense_is_an_event() -> None:
    [event] = told("28 June 2029 – Orvale police search the house of Tom Farrow.")
    assert str(event.when.dates) == "2029-06-28"


def test_what_a_photo_shows_may_have_been_long_before_the_report() -> None:
    [event] = told("The photo shows Lena Brisk as she met Tom Farrow in Orvale.")
    assert (event.when.dates, event.when.not_after) == (None, date(2031, 5, 15))
