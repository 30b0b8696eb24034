"""A question is understood by itself: names as the corpus spells them, outlets, and what a follow-up leaves out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.outlets import Outlets
from rag.retrieve.query import LONGEST, understood
from rag.schema import Filters, Query, Turn
from tests.retrieve.corpus import vocabulary

CORPUS = vocabulary()
TODAY = date(2025, 3, 19)  # a Wednesday
LAST_WEEK = "2025-03-10/2025-03-16"
NAMES = ("Coast Courier", "Shoreline News", "The Tarn Observer", "harbourpost.com")
OUTLETS = Outlets.of(NAMES)


def read(question: str, *conversation: str) -> Query:
    """Understand a question after a conversation, in which user and assistant take turns."""
    roles = ("user", "assistant") * len(conversation)
    turns = [Turn(role, content) for role, content in zip(roles, conversation, strict=False)]
    return understood(question, turns, Filters(), CORPUS, OUTLETS, TODAY)


def test_a_question_is_read_whole() -> None:
    filters = Filters(outlets=("Coast Courier",))
    assert understood("  Who met\nGhazzali in Osekl? ", (), filters, CORPUS, OUTLETS) == Query(
        question="  Who met\nGhazzali in Osekl? ",
        standalone="Who met Ghazali in Oskel?",
        filters=filters,
        terms=("met", "ghazali", "qazali", "oskel"),
        names=(("ghazali", "qazali"), ("oskel",)),
    )


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("who is lindquist", [("lindqvist",)]),
        ("WHERE IS SOLVANG?", [("solvang",)]),
        ("Is Mona Vale in Norway?", [("mona",), ("vale",), ("norway",)]),
        ("When did Minister Solvang speak in March?", [("solvang",)]),  # neither offices nor months are names
        ("Ferries: are they small?", []),
        ("Who spoke? Nobody knows.", []),
    ],
)
def test_names_are_found_in_a_question(question: str, names: list[tuple[str, ...]]) -> None:
    assert list(read(question).names) == names


@pytest.mark.parametrize(
    ("question", "outlets"),
    [
        ("What did the Coast Courier say?", ["Coast Courier"]),
        ("according to shoreline, who left?", ["Shoreline News"]),
        ("What does Shoreline News say that the Tarn Observer does not?", ["Shoreline News", "The Tarn Observer"]),
        ("What did HarbourPost.com write?", ["harbourpost.com"]),
        ("what did the harbour post write?", ["harbourpost.com"]),
        ("Which courier walks along the coast?", []),
        ("Is there any news?", []),
    ],
)
def test_outlets_that_a_question_mentions_are_found_and_are_no_names(question: str, outlets: list[str]) -> None:
    query = read(question)
    assert list(query.outlets) == outlets
    assert query.names == ()


@pytest.mark.parametrize(
    ("before", "reply", "question", "standalone"),
    [
        # an ordinal, a year, a country or a person in the place of another
        ("When was the second round held?", "In March.", "And the first one?", "When was the first round held?"),
        ("How many ferries sailed in 2022?", "Twelve.", "and in 2023", "How many ferries sailed in 2023?"),
        ("Who spoke for Norway?", "Kaja Lindqvist.", "And for Denmark?", "Who spoke for Denmark?"),
        ("What did Lindqvist praise?", "Ferries.", "What about Solvang?", "What did Solvang praise?"),
        # a pronoun for the person asked about, or for the one whom the answer to a `who` question names
        ("What did Solvang open?", "The talks.", "When did he open it?", "When did Solvang open it?"),
        ("Who praised the ferries?", "Kaja Lindqvist did.", "What did she say?", "What did Kaja Lindqvist say?"),
        # where nothing can be put in place, the question before comes along
        ("Who opened the talks?", "Solvang did.", "Why?", "Why? (Who opened the talks)"),
        ("What quota did Iceland ask for?", "A small one.", "When was that?",
         "When was that? (What quota did Iceland ask for)"),
        # a question of its own
        ("Who opened the talks?", "Solvang did.", "Where is Oskel?", "Where is Oskel?"),
    ],
)  # fmt: skip
def test_a_follow_up_becomes_a_question_of_its_own(before: str, reply: str, question: str, standalone: str) -> None:
    assert read(question, before, reply).standalone == standalone


def test_a_follow_up_leans_on_follow_ups() -> None:
    query = read("And for Iceland?", "Who spoke for Norway?", "Lindqvist.", "And for Denmark?", "Nobody.")
    assert query.standalone == "Who spoke for Iceland?"


@pytest.mark.parametrize(
    ("before", "question", "standalone", "period", "newest"),
    [
        ("Who praised the ferries?", "And last week?", "Who praised the ferries last week?", LAST_WEEK, False),
        ("Who spoke yesterday in Oskel?", "and last week?", "Who spoke last week in Oskel?", LAST_WEEK, False),
        ("Who praised the first ferry?", "What about last week?", "Who praised the first ferry last week?", LAST_WEEK,
         False),
        ("Who spoke last week?", "And since Monday?", "Who spoke since Monday?", "2025-03-17/2025-03-19", False),
        ("Who spoke last week for Norway?", "And for Denmark?", "Who spoke last week for Denmark?", LAST_WEEK, False),
        ("Who praised the ferries last week?", "Why?", "Why? (Who praised the ferries last week)", LAST_WEEK, False),
        ("Who praised the ferries last week?", "and who does now?", "who does now? (Who praised the ferries last week)",
         LAST_WEEK, True),
        ("What happened last week?", "And in the first?", "in the first? (What happened last week)", LAST_WEEK, False),
    ],
)  # fmt: skip
def test_a_follow_up_has_a_time_of_its_own_or_that_of_the_question_before(
    before: str, question: str, standalone: str, period: str, newest: bool
) -> None:
    query = read(question, before, "Nobody knows.")
    assert (query.standalone, str(query.period), query.newest) == (standalone, period, newest)


def test_words_that_need_a_clock_are_not_looked_for() -> None:
    query = read("Who praised the ferries of Oskel last week, and who does now?")
    assert query.sought == "Who praised the ferries of Oskel          , and who does    ?"
    assert (query.terms, query.names) == (("prais", "ferri", "oskel"), (("oskel",),))
    assert (str(query.period), query.newest, query.asked_on) == (LAST_WEEK, True, TODAY)


def test_without_a_clock_no_time_is_read() -> None:
    query = understood("Who spoke last week?", (), Filters(), CORPUS)
    assert (query.period, query.newest, query.sought) == (None, False, "Who spoke last week?")


def test_the_context_of_a_follow_up_begins_where_the_query_says() -> None:
    query = read("Why?", "Who opened the talks with Iceland?", "Solvang did.")
    assert query.standalone[: query.context_from] == "Why?"
    assert query.names == ()  # it is about the context only
    assert "iceland" in query.terms  # which is looked for nevertheless
    assert read("Why did Solvang warn Norway?").context_from is None


def test_a_pronoun_stands_for_a_whole_name_with_a_particle() -> None:
    query = read("What did he warn of?", "What did Yusuf al-Harithi say?", "He spoke of the ferries.")
    assert ("harithi",) in query.names


def test_a_mistyped_name_takes_the_place_of_another() -> None:
    assert (
        read("What about solvagn?", "What did Lindqvist praise?", "Ferries.").standalone == "What did Solvang praise?"
    )


def test_a_conversation_without_a_question_changes_nothing() -> None:
    query = understood("And why?", [Turn("assistant", "Hello."), Turn("user", "  ")], Filters(), CORPUS)
    assert query.standalone == "And why?"


def test_a_very_long_question_is_cut() -> None:
    assert len(read("Where is Oskel? " * 1000).standalone) <= LONGEST


ANY = st.text(max_size=80) | st.sampled_from(["and the first?", "(", "What about", "he?", "?", "Norway", "2023 \x00"])


@given(question=ANY, conversation=st.lists(ANY, max_size=5))
def test_any_text_is_understood(question: str, conversation: list[str]) -> None:
    query = read(question, *conversation)
    assert query.question == question
    assert set(query.outlets) <= set(NAMES)
    assert all(all(name) and name for name in query.names)
    assert len(set(query.terms)) == len(query.terms)
    assert query.context_from is None or 0 <= query.context_from < len(query.standalone)
