"""A question is looked up in the names of outlets: what it finds is what going through all of them would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.language.words import words
from rag.retrieve.outlets import LONGEST, Outlets, calls

PARTS = ("the", "The", "Coast", "Shoreline", "news", "News", "agency", "post", "post.com", "www.harbour", "Ö", "5", "-")
texts = st.lists(st.sampled_from(PARTS), max_size=7).map(" ".join)


@given(texts, st.lists(texts, unique=True, max_size=6))
def test_the_outlets_that_a_question_mentions_are_found(question: str, names: list[str]) -> None:
    said = [match.group().lower() for match in words(question)]
    runs = ["".join(said[i : i + length]) for i in range(len(said)) for length in range(1, LONGEST + 1)]
    mentioned = tuple(name for name in names if not calls(name).isdisjoint(runs))
    assert Outlets.of(names).mentioned(question) == mentioned


def test_outlets_that_are_called_the_same_are_all_mentioned_in_their_order() -> None:
    outlets = Outlets.of(["Shoreline News", "The Shoreline", "shoreline.com", "Shore"])
    assert outlets.mentioned("What did Shoreline say?") == ("Shoreline News", "The Shoreline", "shoreline.com")


def test_a_name_of_signs_is_mentioned_by_nothing() -> None:
    assert Outlets.of(["", "--", " . "]).mentioned("Who? -- the") == ()
