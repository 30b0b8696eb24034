"""Whose word a claim is stands in front of it, in the terminal, in JSON and in chat, unless it says so itself."""

from __future__ import annotations

import pytest

from bot.markdown import unescaped
from bot.render import answer_cards, document
from rag.answer.wording import outlet_and_date, spoken, stated
from rag.schema import Answer, Citation, Claim, Mode, Query, Source
from rag.terminal import show_answer

TUG = Source("tug.md", "Tug sinks", "The Brekke Post")
SAYING = "She also blamed the pilot."
CLAIM = Claim(SAYING, (Citation(TUG, 0, len(SAYING), SAYING),), "Captain Mia Holt")
LED = "According to Captain Mia Holt: She also blamed the pilot."


@pytest.mark.parametrize(
    ("text", "attribution", "shown"),
    [
        (SAYING, "Captain Mia Holt", LED),
        (SAYING, "", SAYING),
        ("The hull was thin, the yard said.", "the yard", "The hull was thin, the yard said."),
        (
            "“It leaked,” Vos said.",
            "Vos, according to Norda",
            "According to Vos, as reported by Norda: “It leaked,” Vos said.",
        ),
        ("No: She swam.", "Mia Holt", "No, according to Mia Holt: She swam."),
        ("Norda said Vos saw it.", "Vos, according to Norda", "Norda said Vos saw it."),
    ],
)
def test_a_claim_is_led_by_whose_word_it_is_if_it_does_not_say_so(text: str, attribution: str, shown: str) -> None:
    assert stated(Claim(text, CLAIM.citations, attribution)) == shown


def test_every_reader_is_told_whose_word_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(Query("Who is to blame?", "Who is to blame?"), Mode.EXTRACTIVE, (CLAIM,))
    show_answer(answer)
    cards = "\n".join(text.markdown for card in answer_cards(answer) for text in card.texts)
    for shown in (spoken(answer), capsys.readouterr().out, unescaped(cards), unescaped(document(answer))):
        assert shown.count(LED) == 1


@pytest.mark.parametrize("claims", [(), (CLAIM,)])
def test_every_reader_is_told_which_source_is_not_here(
    claims: tuple[Claim, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "Who is to blame, according to the Herald?"
    answer = Answer(Query(asked, asked), Mode.EXTRACTIVE, claims, absent=("Herald",))
    show_answer(answer)
    cards = "\n".join(text.markdown for card in answer_cards(answer) for text in card.texts)
    for shown in (spoken(answer), " ".join(capsys.readouterr().out.split()), unescaped(cards)):
        assert shown.count("No article here is by Herald.") == 1


def test_a_rewrite_is_named_after_its_origin() -> None:
    assert outlet_and_date(Source("a.md", origin="brekkepost.example")) == "after brekkepost.example, date unknown"
    assert outlet_and_date(Source("a.md", publisher="Norda", origin="brekkepost.example")) == "Norda, date unknown"
