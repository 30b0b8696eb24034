"""Dates are resolved as readers of an article resolve them, and never said finer, or later, than can be known."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Basis, Dates, Precision, Source
from rag.timeline.dates import Anchor, dated, within
from tests.benchmarks.dates import HALVES, meant, measured, scores

FRIDAY = Anchor(Dates.parse("2024-05-17"), Basis.STATED)

# words that tell times, and words that change what they mean
WORDS = """
on in by since until from to between and the a of for last next this early mid- late end before after ago later earlier
will was said is expected day days week weeks weekend month months year years decades century quarter first third
Sunday Monday Tuesday's May March June 3 9 11 31 2023 1999 29 February Feb. 0 99 yesterday tomorrow today overnight
summer winter Christmas Easter recent several two thirty " “ ” . , - – ( ) '80s 1990s 18th 12/05/2023 2024-02-30 that
following previous same morning night Updated year-end Q3 fiscal İ\n
""".split(" ")
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([word.strip(" ") for word in WORDS]), max_size=30).map(" ".join),
)
DAYS = st.one_of(st.dates(), st.dates(date(1995, 1, 1), date(2030, 1, 1)))
ANCHORS = st.builds(
    Anchor,
    st.one_of(
        st.none(),
        DAYS.map(lambda day: Dates(day, day)),
        DAYS.map(lambda day: Dates.parse(day.isoformat()[:7])),
        DAYS.map(lambda day: Dates.parse(day.isoformat()[:4])),
    ),
    st.sampled_from(Basis),
    st.none() | DAYS,
    st.none() | DAYS,
)
AHEAD = re.compile(r"will|expected|next|tomorrow|\bis\b|\bwas to\b", re.IGNORECASE)


def told(text: str, anchor: Anchor = FRIDAY) -> list[str]:
    """Read a text and write what is found in the notation of the planted texts."""
    return [meant(each) for each in dated(text, anchor)]


@given(TEXTS, ANCHORS)
def test_any_text_gives_expressions_that_stand_in_it_in_order(text: str, anchor: Anchor) -> None:
    found = dated(text, anchor)
    assert all(text[each.start : each.end] == each.when.expression != "" for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(TEXTS, ANCHORS)
def test_any_date_is_a_day_a_month_or_a_year_within_its_bounds(text: str, anchor: Anchor) -> None:
    for when in (each.when for each in dated(text, anchor)):
        assert (when.dates is None) == (when.precision is Precision.UNKNOWN)
        assert when.until is None or (when.dates is not None and when.until >= when.dates)
        bounds = (when.not_before or date.min, when.not_after or date.max)
        assert bounds[0] <= bounds[1]
        if when.dates:
            assert when.dates.first <= max(bounds[0], when.dates.first) <= when.dates.last
            assert when.dates.first <= min(bounds[1], when.dates.last) <= when.dates.last


@given(TEXTS, ANCHORS)
def test_nothing_is_later_than_its_article_unless_it_is_to_come_or_has_its_year(text: str, anchor: Anchor) -> None:
    if AHEAD.search(text) or re.search(r"\d{4}|['’]\d0|\d(?:st|nd|rd|th)", text):
        return
    for each in dated(text, anchor):
        window = each.when.window
        assert window is None or window.first <= anchor.written.last, text


@given(TEXTS)
def test_the_year_of_an_article_without_a_date_is_never_made_up(text: str) -> None:
    if not re.search(r"\d{4}|['’]\d0|\d(?:st|nd|rd|th)|1|century", text):
        assert [each.when.dates for each in dated(text, Anchor()) if each.when.dates] == []


@given(st.sampled_from(["Sunday", "yesterday", "last week", "May 3", "last year", "in April"]), DAYS)
def test_what_rests_on_an_inferred_date_is_approximate(words: str, day: date) -> None:
    for each in dated(f"The mill burned {words}.", Anchor(Dates(day, day), Basis.INFERRED)):
        assert each.when.approximate


@pytest.mark.parametrize("half", HALVES)
def test_the_planted_expressions_are_read_rightly(half: str) -> None:
    assert scores(measured(half)).f1 >= 0.92


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mill burned on Sunday.", ["2024-05-12"]),
        ("The mill will open on Sunday.", ["2024-05-19"]),
        ("He said on Monday that the mill will close in June.", ["2024-05-13", "2024-06"]),
        ("The mill burned in June.", ["2023-06"]),
        ("The inquest was postponed to Tuesday.", ["2024-05-21"]),
        ("Nobody was hurt. On Thursday it rained. It will rain again.", ["2024-05-16"]),
    ],
)
def test_the_tense_tells_which_of_the_days_is_meant(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_a_date_that_points_back_is_counted_from_the_one_before_it() -> None:
    text = (
        "The king fell ill on 3 May 1911. A day earlier he had hunted. The next month he died, and that year his heir."
    )
    assert told(text) == ["1911-05-03", "1911-05-02", "1911-06", "1911"]


def test_a_date_that_points_ahead_of_its_article_is_not_believed() -> None:
    assert told("The pump broke on Thursday. Three days later it ran.") == ["2024-05-16", "- ..2024-05-17 ~"]


def test_a_thing_with_a_date_is_not_what_others_are_counted_from() -> None:
    assert told("It closed on Monday under the 3 May 2009 treaty. The next day it burned.") == [
        "2024-05-13",
        "2009-05-03 thing",
        "2024-05-14",
    ]


def test_a_year_is_taken_over_within_a_sentence_only() -> None:
    assert told("It opened on 4 June 2009 and burned on 3 August.") == ["2009-06-04", "2009-08-03"]
    assert told("It opened on 4 June 2009. It burned on 3 August.") == ["2009-06-04", "2023-08-03"]


def test_what_has_not_ended_ends_with_its_article() -> None:
    assert told("The mill burned in May.") == ["2024-05 ..2024-05-17"]
    assert told("The mill will burn in May.") == ["2024-05"]


def test_words_such_as_around_make_a_date_approximate() -> None:
    assert told("It burned around 5 April, or about two years ago.") == ["2024-04-05 ~", "2022 ~"]


def test_what_is_quoted_is_counted_from_when_it_was_said() -> None:
    assert told("“I leave tomorrow,” she said on Monday.") == ["2024-05-14", "2024-05-13"]
    assert told("“I leave tomorrow,” she said. On Monday it rained.") == ["2024-05-18", "2024-05-13"]


def test_an_inferred_year_leaves_days_unknown() -> None:
    year = Anchor(Dates.parse("2024"), Basis.INFERRED, not_before=date(2024, 10, 23))
    assert told("It burned on Sunday, yesterday, on October 26 and last year.", year) == [
        "2024 2024-10-23.. ~",
        "2024 2024-10-23.. ~",
        "2024-10-26 ~",
        "2023 ~",
    ]


def test_no_part_is_told_of_a_time_that_is_not_known() -> None:
    year = Anchor(Dates.parse("2024"), Basis.INFERRED)
    assert told("It burned late last month, and late last year.", year) == ["2024 ~", "2023 2023-09-01.. ~"]
    assert told("It burned late last year.", Anchor(not_before=date(2024, 3, 1))) == ["- 2023-01-01.."]


def test_an_undated_article_tells_what_it_states_and_no_more() -> None:
    assert told("It burned on Sunday. In 1998 it had burned, and on May 3.", Anchor()) == ["-", "1998", "-"]


def test_an_undated_article_takes_the_year_from_the_day_before_in_its_paragraph() -> None:
    assert told("He fell on 4 June 1995. On 12 June he died.", Anchor()) == ["1995-06-04", "1995-06-12 ~"]
    assert told("He fell on 4 June 1995.\n\nOn 12 June he died.", Anchor()) == ["1995-06-04", "-"]


def test_what_an_undated_article_is_later_than_bounds_its_dates() -> None:
    assert told("It burned last year.", Anchor(not_before=date(2024, 3, 1))) == ["- 2023-01-01.."]


def test_bounds_that_contradict_the_publication_are_not_believed() -> None:
    late = Anchor(Dates.parse("2024-05-17"), Basis.STATED, not_before=date(2025, 1, 1))
    assert told("It burned on Sunday.", late) == ["2024-05-12"]


@given(st.dates(date.min + timedelta(366), date.max - timedelta(366)))
def test_yesterday_and_tomorrow_are_next_to_publication(day: date) -> None:
    found = dated("It burned yesterday. It opens tomorrow.", Anchor(Dates(day, day), Basis.STATED))
    assert [each.when.dates for each in found] == [Dates(day + timedelta(n), day + timedelta(n)) for n in (-1, 1)]


def test_dates_within_a_sentence_are_those_that_stand_in_it() -> None:
    text = "It sank on Monday. It rose on Tuesday."
    found = dated(text, FRIDAY)
    assert within(found, 0, 18) == found[:1]
    assert within(found, 18, len(text)) == found[1:]


def test_an_anchor_is_made_of_what_is_known_of_an_article() -> None:
    source = Source("mill.md", published=Dates.parse("2024-05"), basis=Basis.INFERRED)
    assert Anchor.of(source) == Anchor(Dates.parse("2024-05"), Basis.INFERRED)
    assert Anchor.of(Source("mill.md"), date(2024, 3, 1)).written == Dates(date(2024, 3, 1), date.max)


@pytest.mark.parametrize(
    "text",
    [
        "Under the 2023 pact, fishing ends.",
        "They recalled the June storm.",
        "The coup of 1961 was long ago.",
        "Sunday's vote changed little.",
        "(Updated Oct. 22) The bridge is shut.",
        "OSLO, May 3 (Wire) - A ferry ran aground.",
        "The quay at dusk. (Jon Ask/Pressbild, 3 May 2024)",
        "The 12 May ceasefire deal holds.",
        "BREKKE (May 14) – A ferry ran aground.",
        "The envoy in Tarn, May 3, 2024. (photo: Jon Ask)",
        "The pact signed in Brekke in March 2023 is void.",
    ],
)
def test_a_date_may_belong_to_a_thing(text: str) -> None:
    assert [each.modifies for each in dated(text, FRIDAY)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "On the morning of May 3 it sank.",
        "It sank in 2023.",
        "On 12 May fishing ended.",
        "It sank in the summer of 2022.",
    ],
)
def test_a_date_of_what_happens_belongs_to_no_thing(text: str) -> None:
    assert [each.modifies for each in dated(text, FRIDAY)] == [False]


def test_letters_that_look_like_others_break_nothing() -> None:
    assert told("It sank on 3 aprıl 2020 and two weekſ ago.") == ["2020-04-03", "2024 2024-04-29..2024-05-05"]


def test_a_found_date_says_the_words_that_tell_it() -> None:
    (found,) = dated("It sank early on Monday.", FRIDAY)
    assert found.when.expression == "Monday"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Orr will be sentenced on 29 November.", "2011-11-29"),
        ("The concert takes place in Mirren on 8 October.", "2011-10-08"),
        ("The trial, due to begin on 20 September, was expected to last for weeks.", "2011-09-20"),
        ("Tickets go on sale on 5 August.", "2011-08-05"),
        ("Orr was sentenced on 29 November.", "2010-11-29"),
    ],
)
def test_a_day_without_a_year_is_the_next_one_where_the_text_speaks_of_what_is_to_come(text: str, day: str) -> None:
    [found] = dated(text, Anchor(Dates.parse("2011-07-26"), Basis.STATED))
    assert str(found.when.dates) == day


@pytest.mark.parametrize(
    "stamp",
    [
        "Page last updated at 14:47 GMT, Wednesday, 28 September 2011 15:47 UK",
        "24 June 2010 Last updated at 14:59 GMT Help",
        "12th August 2011 - 23:07 This comment was removed by a moderator.",
        "At 15:45 25th Mar 2010, marsh_hen wrote: what a night",
    ],
)
def test_a_stamp_of_a_page_is_no_date_of_what_it_tells(stamp: str) -> None:
    assert all(found.modifies for found in dated(stamp, FRIDAY))


def test_a_time_of_day_beside_a_date_in_a_sentence_makes_no_stamp_of_it() -> None:
    [found] = dated("The quake struck at 16:53 on 12 January 2010.", FRIDAY)
    assert not found.modifies
