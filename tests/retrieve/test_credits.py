"""Whom a question says to have something from is known by the words around the name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.credits import Credit, credited

PRINTS, TELLS = True, False


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("Which quay does an article by Oskel Herald describe?", {"Oskel Herald": PRINTS}),
        ("Given the Oskel Herald's long article on eels, who fishes?", {"Oskel Herald": PRINTS}),
        ("In a “Herald” opinion piece, who is blamed?", {"Herald": PRINTS}),
        ("What did an article published in the Courier of Brenhaven say?", {"Courier of Brenhaven": PRINTS}),
        ("When did the ferry sink, according to Marit Solvang?", {"Marit Solvang": TELLS}),
        ("As reported by the Herald, who fishes?", {"Herald": TELLS}),
        ("What does the Herald report say of Kaja Lindqvist?", {"Herald": TELLS}),
        ("After the Herald reported on Solvang, did she resign?", {"Herald": TELLS}),
        ("What was mentioned on Nordlys about Solvang?", {"Nordlys": TELLS}),
        ("Did the Herald and the Courier report a storm?", {"Herald": TELLS, "Courier": TELLS}),
        (
            "Who fishes, in an article from the Herald and another from the Courier?",
            {"Herald": PRINTS, "Courier": TELLS},
        ),
        ("As told in reports by both the Herald and Nordlys, who fishes?", {"Herald": TELLS, "Nordlys": TELLS}),
        ("Who fishes, in an article in the Herald and another in the Courier?", {"Herald": PRINTS, "Courier": TELLS}),
        ("As noted by the Herald, what does the Herald's column ask?", {"Herald": PRINTS}),
    ],
)
def test_a_name_is_a_source_where_something_is_told(question: str, sources: dict[str, bool]) -> None:
    assert credited(question) == tuple(Credit(name, prints) for name, prints in sources.items())


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Who opened the line between Oskel and Brenhaven?",
        "What did Marit Solvang say about the Herald?",
        "Which article is about Oskel?",
        "What was decided in a report on Brenhaven?",
        "Is there an article from Norway?",
        "Why did the talks fail, the round in Oskel or the one in Brenhaven?",
        "Did Solvang write a book?",
        "What was Solvang asked when Lindqvist was in Oskel and the Herald was on strike?",
    ],
)
def test_other_names_are_no_sources(question: str) -> None:
    assert credited(question) == ()


@given(st.text(alphabet="Ab ’'\",.“”andthe\n", max_size=200), st.sampled_from(["article by ", "according to the ", ""]))
def test_any_text_gives_names_that_it_has(text: str, told: str) -> None:
    for credit in credited(told + text):
        assert credit.name
        assert credit.name in told + text
