"""A question of several parts is answered part by part, and what no article covers is named and cites nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.engine import Engine, open_engine
from rag.answer.parts import parts_of
from rag.answer.wording import spoken
from rag.settings import Settings
from tests.gazette import open_gazette

NAMED = {
    "When was it signed, by whom, and what did it cost?": ["when it was signed", "by whom", "what it cost"],
    "Did Solvang stop the ferry, and will she resign?": [
        "whether Solvang stopped the ferry",
        "whether she will resign",
    ],
    "Who paid and how long does it last?": ["who paid", "how long it lasts"],
    "What did Solvang and Lindqvist say about the line?": [
        "what Solvang said about the line",
        "what Lindqvist said about the line",
    ],
    "What did Norway and Denmark sign?": ["what Norway and Denmark signed"],  # together
    "Did the ferry sink or did it burn?": ["did the ferry sink or did it burn"],  # one of two
    "Who lit the fire?": ["who lit the fire"],
}
ASKED = {
    "Where was the first round held, and where the second?": "where was the second round held",
    "When was the pact signed and by whom?": "by whom was the pact signed",
    "How much cod may they catch, and how much herring?": "how much herring may they catch",
    "Who won, and who paid?": "who paid",
}


@pytest.fixture(scope="module")
def engine(gazette: Path) -> Iterator[Engine]:
    with open_gazette(gazette) as store:
        yield open_engine(Settings.model_construct(), store)


@pytest.mark.parametrize(("question", "names"), NAMED.items())
def test_the_parts_of_a_question_are_named_as_people_would(question: str, names: list[str]) -> None:
    assert [part.named for part in parts_of(question)] == names


@pytest.mark.parametrize(("question", "second"), ASKED.items())
def test_a_part_is_asked_with_what_it_leaves_out(question: str, second: str) -> None:
    assert [part.question for part in parts_of(question)][1] == second


@given(st.text(alphabet="whoen aditbf,?.and", max_size=60))
def test_every_question_has_a_part(question: str) -> None:
    assert parts_of(question)


@pytest.mark.parametrize(
    ("question", "covered", "uncovered"),
    [
        ("Who blamed an old heater, and which insurer pays for the books?", "Yusuf al-Harithi", "insurer"),
        ("When will the ferry line between Oskel and Brenhaven open, and who painted the ships?", "3 June", "painted"),
        ("Where was the first round of the herring talks held, and who cooked for the guests?", "Lisbon", "cooked"),
    ],
)
async def test_an_uncovered_part_is_named_without_a_citation(
    engine: Engine, question: str, covered: str, uncovered: str
) -> None:
    answer = await engine.answer(question)
    assert any(covered in claim.text for claim in answer.claims)
    [named] = answer.unanswered
    assert uncovered in named
    assert spoken(answer).endswith(f"Not in the articles: {named}.")


async def test_a_question_that_is_covered_in_no_part_is_not_answered(engine: Engine) -> None:
    answer = await engine.answer("How is sourdough bread baked, and which telescope saw the comet?")
    assert answer.abstained
    assert answer.citations == ()


async def test_a_question_that_is_covered_in_all_parts_leaves_nothing_open(engine: Engine) -> None:
    answer = await engine.answer("What did the ferry line cost, and how many people does a ferry carry?")
    assert {"48 million", "240 people"} == {
        figure for figure in ("48 million", "240 people") for claim in answer.claims if figure in claim.text
    }
    assert answer.unanswered == ()


def test_what_only_leads_in_is_no_part_and_what_stands_by_itself_before_a_question_is() -> None:
    assert len(parts_of("According to the mayor, what does the lease require?")) == 1
    assert len(parts_of("Holt runs the pier. Who is her deputy?")) == 2
