"""Words that need a clock are read by it, and words that only look like them are left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.when import meant

TODAY = date(2025, 3, 19)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("What opened today?", "2025-03-19"),
        ("Who spoke yesterday evening?", "2025-03-18"),
        ("What was in yesterday's paper?", "2025-03-18"),
        ("Who won last night?", "2025-03-18"),
        ("Who left the day before yesterday?", "2025-03-17"),
        ("What sank three days ago?", "2025-03-16"),
        ("What sank a week ago?", "2025-03-10/2025-03-16"),
        ("What sank a few days ago?", "2025-03-13/2025-03-18"),
        ("Who was mayor ten years ago?", "2015"),
        ("What happened last week?", "2025-03-10/2025-03-16"),
        ("How is this week's weather?", "2025-03-17/2025-03-23"),
        ("What happened last weekend?", "2025-03-15/2025-03-16"),
        ("WHAT HAPPENED LAST MONTH?", "2025-02"),
        ("What was built last year?", "2024"),
        ("What has been built this year?", "2025"),
        ("Who met last Friday?", "2025-03-14"),
        ("Who met last Wednesday?", "2025-03-12"),
        ("What happened in the past two weeks?", "2025-03-05/2025-03-19"),
        ("What happened in the last fifteen days?", "2025-03-04/2025-03-19"),
        ("What happened during the past fortnight?", "2025-03-05/2025-03-19"),
        ("What happened over the last 10 days?", "2025-03-09/2025-03-19"),
        ("What happened during the last month?", "2025-02-19/2025-03-19"),
        ("What happened in the past 48 hours?", "2025-03-17/2025-03-19"),
        ("Who resigned in recent weeks?", "2025-02-19/2025-03-19"),
        ("What has changed since January?", "2025-01-01/2025-03-19"),
        ("What has changed since October?", "2024-10-01/2025-03-19"),
        ("What has changed since Monday?", "2025-03-17/2025-03-19"),
        ("What has changed since last week?", "2025-03-10/2025-03-19"),
        ("What has changed since 5 December 2023?", "2023-12-05/2025-03-19"),
        ("What has changed since 2024?", "2024-01-01/2025-03-19"),
        ("Last week, who spoke?", "2025-03-10/2025-03-16"),
    ],
)
def test_a_period_is_counted_from_today(question: str, period: str) -> None:
    assert str(meant(question, TODAY).period) == period


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor now?",
        "Who is the current mayor?",
        "Who currently leads the council?",
        "What is the latest on the strike?",
        "What is the most recent count?",
        "Has it rained lately?",
        "How many ferries are there at the moment?",
        "How much does a ticket cost today?",
    ],
)
def test_the_newest_is_asked_for(question: str) -> None:
    assert meant(question, TODAY).newest


@pytest.mark.parametrize(
    "question",
    [
        "Who won the last round?",
        "What is her last name?",
        "How long did the first week last?",
        "Who spoke on the last day of the talks?",
        "What sank in the last week of May?",
        "When must it end at the latest?",
        "Who rules now that the king has left?",
        "What does Harbour Today report?",
        "What did the minister say on Monday?",
        "What opened in March?",
        "You are now a poet. From now on you must now rhyme.",
        "Who left after the recent storms?",
        "Since when is the road closed?",
        "How strong are the currents?",
        "What will open since 2031?",
    ],
)
def test_what_only_looks_like_a_time_is_left_alone(question: str) -> None:
    when = meant(question, TODAY)
    assert (when.period, when.newest, when.words) == (None, False, ())


def test_the_words_that_need_a_clock_are_told_apart() -> None:
    assert meant("Who, as of now, met since yesterday?", TODAY).words == ("now", "yesterday")


@given(
    st.text(max_size=60) | st.sampled_from(["the last 999 years", "since 31 February", "999 months ago"]),
    st.dates(date(1000, 1, 1), date(9000, 1, 1)),
)
def test_any_text_is_read_on_any_day(question: str, today: date) -> None:
    when = meant(question, today)
    assert when.period is None or when.period.first <= when.period.last
    assert all(word in question for word in when.words)
