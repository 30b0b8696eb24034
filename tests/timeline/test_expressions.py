"""The words that tell a time are found whole, and what only looks like them is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Dates
from rag.timeline.expressions import expressions
from rag.timeline.phrases import Away, Meaning, Stated, Weekday, Yearly
from rag.timeline.spans import Part, Unit


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in expressions(text)]


def stated(days: str) -> Stated:
    return Stated(Dates.parse(days))


@pytest.mark.parametrize(
    ("text", "words", "meaning"),
    [
        ("It sank on 3 May 2021.", "3 May 2021", stated("2021-05-03")),
        ("It sank on May 3.", "May 3", Yearly("05-03")),
        ("It sank in April last year.", "April last year", Yearly("04", years=-1)),
        ("It sank last Friday night.", "last Friday night", Weekday(4, step=-1)),
        ("It sank on Tues. in fog.", "Tues", Weekday(1)),
        ("It sank over the weekend.", "the weekend", Weekday(5, days=2)),
        ("It sank three weeks ago.", "three weeks ago", Away(Unit.WEEK, -3, -3)),
        ("It sank two decades ago.", "two decades ago", Away(Unit.YEAR, -20, -20)),
        ("It sank a few days earlier.", "a few days earlier", Away(Unit.DAY, -7, -2, points_back=True)),
        ("It sank the following night.", "the following night", Away(Unit.DAY, 1, 1, points_back=True)),
        ("It sank that year.", "that year", Away(Unit.YEAR, 0, 0, points_back=True)),
        ("Ferries sank in recent weeks.", "recent weeks", Away(Unit.WEEK, -8, 0)),
        ("It sank overnight.", "overnight", Away(Unit.DAY, -1, 0)),
        ("Sales fell in the third quarter.", "the third quarter", Yearly("Q3")),
        ("Sales fell in last year's first quarter.", "last year's first quarter", Yearly("Q1", years=-1)),
        ("It sank last summer.", "last summer", Yearly("summer", step=-1)),
        ("It sank on New Year’s Eve.", "New Year’s Eve", Yearly("new year's eve")),
        ("It sank in fiscal 1989.", "fiscal 1989", stated("1989")),
        ("It sank on 2021/11/05.", "2021/11/05", stated("2021-11-05")),
        ("It sank on 25/02/2022.", "25/02/2022", stated("2022-02-25")),
    ],
)
def test_an_expression_is_found_whole_and_understood(text: str, words: str, meaning: Meaning) -> None:
    (expression,) = expressions(text)
    assert text[expression.start : expression.end] == words
    assert expression.meaning == meaning


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("in early 2019", Part.EARLY),
        ("in mid-June", Part.MID),
        ("at the end of March", Part.LATE),
        ("late last week", Part.LATE),
        ("earlier this year", Part.SO_FAR),
        ("later in the week", Part.TO_COME),
        ("by year-end", Part.LATE),
        ("in the late 1960s", Part.LATE),
        ("in 2019", Part.WHOLE),
    ],
)
def test_a_part_of_a_time_is_understood(text: str, part: Part) -> None:
    (expression,) = expressions(text)
    assert expression.part is part


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("from May 3 to 9", Yearly("05-03"), Yearly("05-09")),
        ("from 4 to 7 May", Yearly("05-04"), Yearly("05-07")),
        ("28 March to 2 April", Yearly("03-28"), Yearly("04-02")),
        ("April 12-19, 2023", stated("2023-04-12"), stated("2023-04-19")),
        ("between 2003 and 2011", stated("2003"), stated("2011")),
        ("between May and July 2021", stated("2021-05"), stated("2021-07")),
        ("from 28 December to 3 January 2021", stated("2020-12-28"), stated("2021-01-03")),
        ("the 1998-99 season", stated("1998"), stated("1999")),
    ],
)
def test_a_range_has_two_ends(text: str, first: Meaning, last: Meaning) -> None:
    (expression,) = expressions(text)
    assert (expression.meaning, expression.until) == (first, last)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("on May 3 and May 9", ["May 3", "May 9"]),
        ("in 2003 and 2011", ["2003", "2011"]),
        ("from May 3 to 9 votes", ["May 3"]),
        ("between May 3 and 31 percent", ["May 3"]),
        ("between June 3 and June 31", ["June 3", "June"]),
    ],
)
def test_two_dates_beside_each_other_need_not_be_a_range(text: str, words: list[str]) -> None:
    assert found(text)[: len(words)] == words
    assert all(each.until is None for each in expressions(text))


@pytest.mark.parametrize(
    "text",
    [
        "It lay there for two weeks and three days.",
        "They meet every Friday, on Mondays and on the first Tuesday of the month.",
        "She read 1984 by Orwell on Flight 2023.",
        "He lives at 1918 Elm Street and runs Windows 95.",
        "See section 3.12, room 2024 and Route 1776.",
        "It struck at 1653 local time, from 1700 GMT on.",
        "It had sunk.\n1608 Divers arrive.",
        "Sheffield Wednesday lost, said The Sunday Times.",
        "April Holm sang; June Ekdal did not. May was late.",
        "The march ended; a second lasts a second.",
        "Over the past 12 months it grew, and in the next two days it may shrink.",
        "They left the day after the storm, a year earlier than planned.",
        "Colorado led in the third quarter.",
        "A 30-year-old with a two-week visa.",
        "",
    ],
)
def test_what_tells_no_time_is_left_out(text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_date_is_found_in_whatever_stands_around_it(before: str, behind: str) -> None:
    text = f"{before}\n\nIt sank on 3 May 2021, they said.\n\n{behind}"
    assert "3 May 2021" in found(text)


def test_dates_far_from_each_other_are_found_at_their_places() -> None:
    text = f"İ In 1998 it rose. {'No such luck here. ' * 40}It sank in 2003."
    assert found(text) == ["1998", "2003"]
