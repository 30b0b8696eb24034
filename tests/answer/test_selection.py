"""An answer has the sentence that answers, or one for each thing that is asked, and none that says the same again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.engine import open_engine
from rag.answer.examine import Finding, inquiry
from rag.answer.reading import Reading
from rag.answer.selection import MOST, parts, selected
from rag.language.words import content_stems
from rag.retrieve.interaction import WeighedQuestion
from rag.retrieve.retriever import Retriever
from rag.schema import Query, Turn
from rag.settings import Settings
from rag.store.pieces import Matrix, Pieces
from tests.gazette import open_gazette

Found = Callable[..., Finding]

NORWAY = "Transport minister Kaja Lindqvist spoke for Norway at the ceremony."
DENMARK = "Denmark sent its ambassador, Jens Holmgaard."
CARRIES = "A ferry carries 240 people."
EMPLOYS = "The slate quarry above Tarn employs 310 people."
LISBON = "The first round was held in Lisbon in February."
VIENNA = "The second round of the herring talks ended in Vienna on 18 March without a deal, negotiators said."


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        ("Who spoke for Norway, and whom did Denmark send?", {NORWAY, DENMARK}),
        ("How many people does a ferry carry, and how many does the slate quarry employ?", {CARRIES, EMPLOYS}),
        ("Which round of the herring talks was held in Lisbon and which in Vienna?", {LISBON, VIENNA}),
        ("Where was the first round of the herring talks held?", {LISBON}),
        ("How many people does a ferry carry?", {CARRIES}),
    ],
)
async def test_an_answer_has_a_sentence_for_each_thing_asked(gazette: Path, question: str, sentences: set[str]) -> None:
    with open_gazette(gazette) as store:
        answer = await open_engine(Settings.model_construct(), store).answer(question)
    assert {claim.text for claim in answer.claims} == sentences


async def test_a_follow_up_is_answered_and_not_only_what_it_leans_on(gazette: Path) -> None:
    before = (Turn("user", "How long have they waited for the ferry in Oskel?"), Turn("assistant", "Eleven years."))
    with open_gazette(gazette) as store:
        answer = await open_engine(Settings.model_construct(), store).answer(
            "And how many people does it carry?", before
        )
    assert CARRIES in {claim.text for claim in answer.claims}


@pytest.fixture(scope="module")
def example(gazette: Path) -> Finding:
    """A sentence of which the tests below change what matters."""
    with open_gazette(gazette) as store:
        reading = Reading(Retriever(store))
        query = reading.retriever.understand("What does a ferry carry?")
        return reading.examined(query, reading.retriever.retrieve(query, 1)).findings[0]


@pytest.fixture(scope="module")
def found(example: Finding) -> Found:
    def finding(text: str, similarity: float, reached: Sequence[float] = (0.5, 0.5)) -> Finding:
        return replace(example, text=text, similarity=similarity, reached=np.array(reached, np.float32), offers=True)

    return finding


def taken(question: str, *findings: Finding) -> list[str]:
    """Select from sentences of which those with the same first letter mean the same."""

    def vectors(texts: Sequence[str]) -> Matrix:
        return np.eye(128, dtype=np.float32)[[ord(text[0]) % 128 for text in texts]]

    pieces = Pieces.of(np.zeros((2, 1), np.float32), [(0, 3), (4, 8)])
    weighed = WeighedQuestion(pieces, np.array([0.5, 0.5], np.float32))
    asking = inquiry(Query(question, question), lambda stem: 1.0)
    return [finding.text for finding in selected(asking, weighed, findings, vectors)]


def test_a_sentence_far_worse_than_the_best_is_left_out(found: Found) -> None:
    assert taken("what cost", found("a b", 0.8), found("c d", 0.79), found("e f", 0.5)) == ["a b", "c d"]


def test_a_worse_sentence_is_taken_if_it_reaches_what_the_best_does_not(found: Found) -> None:
    best, other = found("a b", 0.8, (0.9, 0.1)), found("c d", 0.6, (0.1, 0.9))
    assert taken("what cost", best, other) == ["a b", "c d"]
    assert taken("what cost", best, found("c d", 0.6, (0.9, 0.1))) == ["a b"]


def test_a_question_that_asks_for_several_things_has_more_sentences(found: Found) -> None:
    findings = [found("a b", 0.8), found("c d", 0.74), found("e f", 0.73)]
    assert taken("what cost", *findings) == ["a b"]
    assert taken("what and where", *findings) == ["a b", "c d", "e f"]
    assert taken("what are the terms", *findings) == ["a b", "c d", "e f"]


def test_who_is_answered_by_a_full_name_that_the_question_does_not_give(found: Found) -> None:
    town, mayor = found("The bridge was paid for by the town.", 0.8), found("Mayor Ida Holm paid for it.", 0.75)
    assert taken("who paid", town, mayor)[0] == mayor.text
    assert taken("who but Ida Holm paid", town, mayor)[0] == town.text
    assert taken("what paid for it", town, mayor)[0] == town.text


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), st.floats(0, 1)), min_size=1, max_size=12))
def test_the_best_comes_first_and_nothing_comes_twice(found: Found, drawn: list[tuple[str, float]]) -> None:
    findings = [found(text, similarity) for text, similarity in drawn]
    texts = taken("both, each and all", *findings)
    assert texts[0] == max(findings, key=lambda finding: finding.score).text
    assert len({text[0] for text in texts}) == len(texts) <= MOST


@given(st.lists(st.sampled_from(["who", "paid", "and", "when", "Oskel", ", ", "? ", "; ", " "])).map(" ".join))
def test_parts_are_in_order_and_leave_out_nothing_that_means_anything(question: str) -> None:
    spans = list(parts(question))
    assert sorted(spans) == spans
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    kept = [stem for start, end in spans for stem in content_stems(question[start:end])]
    assert set(kept) == set(content_stems(question))


def test_a_question_is_divided_where_another_begins() -> None:
    question = "When was the bridge opened, and by which mayor? The mayor and the priest were there; what did they say?"
    assert [question[start:end] for start, end in parts(question)] == [
        "When was the bridge opened",
        "by which mayor",
        "The mayor and the priest were there",
        "what did they say?",
    ]
