"""A question's premise is stated, never gone along with: corrected, confirmed, or left open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.engine import Engine, open_engine
from rag.answer.premise import NOTHING, Premise, premise
from rag.schema import Answer
from rag.settings import Settings
from tests.gazette import open_gazette

STATED = {
    "Why was the ferry line closed in May?": Premise("The ferry line closed in May.", is_asked=False),
    "Did Marit Solvang refuse to open the line?": Premise("Marit Solvang refused to open the line.", is_asked=True),
    "Didn't Marit Solvang open the line?": Premise("Marit Solvang did not open the line.", is_asked=True),
    "is it true that the fire destroyed two schools?": Premise("The fire destroyed two schools.", is_asked=True),
    "When did Oslo host the herring talks?": Premise("The herring talks held in Oslo.", is_asked=False),
    "What did Kaja Lindqvist promise the fishermen?": Premise("Kaja Lindqvist promised the fishermen.", is_asked=False),
    "Was anybody hurt in the fire?": NOTHING,
    "Was the roof red or blue?": NOTHING,
    "Who won?": NOTHING,
    "Did Norway pay?": NOTHING,  # of so little much may be true
}
CORRECTED = {
    "Why did the second round of the herring talks end in Prague?": "Vienna",
    "Did Norway and Denmark pay 58 million euros for the ferry line?": "48 million",
    "Why did the fire destroy five thousand books in the city library of Tarn?": "four thousand",
    "Did the second round of the herring talks end with a deal?": "without a deal",
}
TRUE = (
    "Where was the first round of the herring talks held?",
    "When will the ferry line between Oskel and Brenhaven open?",
    "How many books did the fire in the library of Tarn destroy?",
    "Who spoke for Norway at the ceremony?",
    "What did Sigrun Halldorsdottir warn of?",
    "Whom did Denmark send to the ceremony?",
)


@pytest.fixture(scope="module")
def engine(gazette: Path) -> Iterator[Engine]:
    with open_gazette(gazette) as store:
        yield open_engine(Settings.model_construct(), store)


def said(answer: Answer) -> list[str]:
    return [claim.text for claim in answer.claims]


@pytest.mark.parametrize(("question", "stated"), STATED.items())
def test_the_statement_in_a_question_is_told_by_its_form(question: str, stated: Premise) -> None:
    assert premise(question) == stated


@given(st.text(max_size=80))
def test_anything_may_be_asked(question: str) -> None:
    assert premise(question) == NOTHING or premise(question).statement.endswith(".")


@pytest.mark.parametrize(("question", "instead"), CORRECTED.items())
async def test_a_false_premise_is_corrected_with_the_passage(engine: Engine, question: str, instead: str) -> None:
    answer = await engine.answer(question)
    [claim] = answer.claims
    assert claim.text == f"No: {claim.citations[0].quote}"
    assert instead in claim.text
    assert answer.rejections == ()


@pytest.mark.parametrize("question", TRUE)
async def test_a_true_premise_is_not_corrected(engine: Engine, question: str) -> None:
    answer = await engine.answer(question)
    assert said(answer)
    assert not any(text.startswith("No: ") for text in said(answer))


async def test_what_is_so_is_confirmed(engine: Engine) -> None:
    answer = await engine.answer("Did a fire destroy four thousand books in the city library of Tarn?")
    assert said(answer)[0] == (
        "Yes: A fire destroyed four thousand books in the city library of Tarn on Wednesday night."
    )


async def test_another_word_for_it_is_not_confirmed(engine: Engine) -> None:
    answer = await engine.answer("Did the fire burn four thousand books in the city library of Tarn?")
    assert not any(text.startswith("Yes: ") for text in said(answer))
