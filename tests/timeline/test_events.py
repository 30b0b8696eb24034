"""Several reports of one event are one entry; two events are two, however alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.schema import Article, Basis, Dates, Source
from rag.settings import Settings
from rag.store.embeddings import MiniLM
from rag.timeline.events import Found, events, in_period
from rag.timeline.happenings import happenings

LATE = "2031-05-15"
MINILM = MiniLM(Settings.model_construct().cache)


def articles(*texts: str | tuple[str, str]) -> Iterator[Article]:
    """Make an article of each text; a pair has its day of publication first."""
    for number, text in enumerate(texts):
        day, body = text if isinstance(text, tuple) else (LATE, text)
        source = Source(f"{number}.md", "Orvale", f"Paper {number}", published=Dates.parse(day), basis=Basis.STATED)
        yield Article(source, body)


def found(*texts: str | tuple[str, str]) -> list[Found]:
    told = [happening for article in articles(*texts) for happening in happenings(article)]
    return events(told, MINILM.encode)


def dates(events: list[Found]) -> list[str]:
    return [str(event.when.dates) for event in events]


def test_reports_in_other_words_and_spellings_are_one_event_with_all_their_passages() -> None:
    [event] = found(
        "The ministers Qasim Darwish and Ilya Chernov met in Mirren on 3 May 2031.",
        ("2031-05-04", "Kassem Darwish held talks with Ilya Tschernow in Mirren on Saturday."),
    )
    assert dates([event]) == ["2031-05-03"]
    assert {report.document for report in event.reports} == {"0.md", "1.md"}


def test_the_same_two_people_in_two_cities_are_two_events() -> None:
    both = found(
        "Qasim Darwish and Ilya Chernov met in Mirren in May 2031.",
        "Qasim Darwish and Ilya Chernov met in Tallow in May 2031.",
    )
    assert len(both) == 2


def test_one_of_two_met_with_somebody_else_is_another_event() -> None:
    both = found(
        "Qasim Darwish met Ilya Chernov on 3 May 2031.",
        "Qasim Darwish met Lena Brisk on 3 May 2031.",
    )
    assert len(both) == 2


def test_rounds_of_a_series_are_events_of_their_own() -> None:
    rounds = found(
        "The first round of the talks was held in Mirren on 2 April 2031. "
        "The second round of the talks was held in Mirren on 9 April 2031. "
        "The third round of the talks was held in Mirren in April 2031."
    )
    assert len(rounds) == 3


def test_a_statement_of_the_day_is_no_second_meeting() -> None:
    [event] = found(
        "Qasim Darwish and Ilya Chernov met in Mirren on 3 May 2031. "
        "In a statement on 3 May 2031 the ministry said that the two had spoken of the border."
    )
    assert dates([event]) == ["2031-05-03"]


def test_the_most_exact_date_that_most_support_is_shown() -> None:
    [event] = found(
        "Vardia and Ostmark signed a border treaty in Lisk in March 2031.",
        "On 12 March 2031 Vardia and Ostmark signed the border treaty in Lisk.",
    )
    assert dates([event]) == ["2031-03-12"]
    assert event.disputed == ()


def test_another_date_of_one_deed_is_shown_as_disputed_with_its_passage() -> None:
    [event] = found(
        "Vardia and Ostmark signed the border treaty in Lisk on 12 March 2031.",
        "The border treaty of Vardia and Ostmark was signed in Lisk on 12 March 2031.",
        "Vardia and Ostmark signed the border treaty in Lisk on 14 March 2031.",
    )
    assert dates([event]) == ["2031-03-12"]
    [dating] = event.disputed
    assert dating.says == "2031-03-14"
    assert [citation.source.document for citation in dating.citations] == ["2.md"]


def test_an_article_that_gives_two_dates_means_two_things_and_disputes_nothing() -> None:
    shown = found(
        "Vardia and Ostmark signed the border treaty in Lisk on 12 March 2031. "
        "Vardia and Ostmark signed the treaty's annex in Lisk on 14 March 2031.",
    )
    assert [event.disputed for event in shown] == [()] * len(shown)


def test_an_event_cites_each_article_once_the_one_it_is_worded_after_first() -> None:
    [event] = found(
        "Vardia and Ostmark signed the border treaty in Lisk on 12 March 2031. "
        "The treaty, signed in Lisk on 12 March 2031 by Vardia and Ostmark, has nine pages.",
        "On 12 March 2031 Vardia and Ostmark signed the border treaty in Lisk.",
    )
    shown = event.event(origin_of=lambda document: "0.md")
    assert len(shown.claim.citations) == 2
    assert shown.claim.text in shown.claim.citations[0].quote
    assert shown.origins == 1


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2031-05", None, ["2031-05-03"]),
        (None, "2031-04", ["2029", "2031-04-09"]),
        ("2031-04-09", "2031-04-09", ["2031-04-09"]),
        ("2029-06", "2029-07", ["2029"]),  # it may have been then
        (None, None, ["2029", "2031-04-09", "2031-05-03"]),
    ],
)
def test_a_period_keeps_what_can_lie_in_it(since: str | None, until: str | None, expected: list[str]) -> None:
    all_of_them = found(
        "The granary of Orvale burned down in 2029. The bridge of Mirren collapsed on 9 April 2031. "
        "Lena Brisk resigned as mayor on 3 May 2031."
    )
    kept = in_period(all_of_them, since and Dates.parse(since), until and Dates.parse(until))  # type: ignore[arg-type]
    assert dates(kept) == expected


def test_events_come_in_the_order_of_their_dates_and_those_without_one_last() -> None:
    shown = found(
        "Lena Brisk resigned as mayor on 3 May 2031. The granary of Orvale burned down in 2029. "
        "The bridge of Mirren collapsed in April 2031. Tom Farrow opened a new bridge in Mirren on 1 April 2031.",
    )
    assert dates(shown) == ["2029", "2031-04-01", "2031-04", "2031-05-03"]
