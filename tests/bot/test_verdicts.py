"""Statements are marked, with the passages for and against them, within what a message can hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import TEXT_LIMIT, Colour
from bot.layout import layout
from bot.markdown import length
from bot.render import REST
from bot.verdicts import verdict, verdict_cards
from rag.answer.wording import NOTHING_TO_CHECK
from rag.schema import Checked, Citation, Source
from tests.bot.discord_markdown import read, seen, shown
from tests.bot.samples import Author, authors

ECHO = Source("mill.md", "The mill", "Valley Echo")
BURNED = Citation(ECHO, 0, 33, "The old mill burned down in 1921.")
LATER = Citation(ECHO, 40, 60, "It burned in 1922.")
LINE = "-# **Valley Echo**, date unknown · The mill"
SUPPORTED = Checked("The mill burned in 1921.", (BURNED,))
CONTRADICTED = Checked("The mill burned in 1930.", (), (BURNED,), "the article says 1921, not 1930")


def test_each_ruling_has_its_mark_and_its_passages() -> None:
    assert verdict(SUPPORTED) == (
        f"✅ **Supported** · The mill burned in 1921.\n> The old mill burned down in 1921.\n{LINE}"
    )
    assert verdict(CONTRADICTED) == (
        "❌ **Contradicted** · The mill burned in 1930.\n-# The article says 1921, not 1930.\n"
        f"> The old mill burned down in 1921.\n{LINE}"
    )
    assert verdict(Checked("The mill was sold.", nearest=BURNED)) == (
        "❔ **Not in the articles** · The mill was sold.\n-# The nearest they come to it:\n"
        f"> The old mill burned down in 1921.\n{LINE}"
    )
    assert verdict(Checked("The mill was sold.")) == "❔ **Not in the articles** · The mill was sold."


def test_a_disputed_statement_shows_both_sides() -> None:
    disputed = Checked("It burned in 1921.", (BURNED,), (LATER,), "the article says 1922, not 1921")
    line = LINE.removeprefix("-# ")
    assert verdict(disputed) == (
        "⇄ **The sources disagree** · It burned in 1921.\n-# Another says 1922, not 1921.\n"
        f"> The old mill burned down in 1921.\n-# ✅ {line}\n> It burned in 1922.\n-# ❌ {line}"
    )
    assert [card.colour for card in verdict_cards([disputed, SUPPORTED])] == [Colour.DISAGREE]


def test_the_accent_is_that_of_all_statements_or_of_a_mixture() -> None:
    missing = Checked("The mill was sold.")
    accents = {
        Colour.ANSWERED: [SUPPORTED, SUPPORTED],
        Colour.PROBLEM: [CONTRADICTED],
        Colour.MISSING: [missing],
        Colour.PARTLY: [SUPPORTED, missing],
    }
    for accent, checked in accents.items():
        assert [card.colour for card in verdict_cards(checked)] == [accent]


def test_nothing_to_check_is_said() -> None:
    (card,) = verdict_cards([])
    assert [text.markdown for text in card.texts] == [NOTHING_TO_CHECK]


@given(st.lists(authors.map(Author.checked), min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_verdicts_are_within_the_limits_in_order_and_nothing_else_formats(checked: list[Checked]) -> None:
    cards = verdict_cards(checked)
    told = [text.markdown for card in cards for text in card.texts if REST not in text.markdown]
    for card in cards:
        assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
        assert layout(card).total_children_count <= 40
    for text, each in zip(told, checked, strict=False):
        first, *rest = text.split("\n")
        runs = read(first)
        assert [run.kinds for run in runs[1:2]] == [{"bold"}]
        assert all(not run.kinds for run in runs[2:])
        statement = seen(shown(runs).split("·", 1)[1])
        assert statement == seen(each.statement) or seen(each.statement).startswith(
            statement.removesuffix("…").rstrip()
        )
        assert all(line.startswith(("-# ", "> ")) and read(line) for line in rest)
    assert len(told) == len(checked) or cards[0].attachment is not None


def test_many_short_statements_do_not_overfill_a_message() -> None:
    cards = verdict_cards([Checked("x")] * 70)
    assert sum(len(card.texts) for card in cards) == 70
    assert all(layout(card).total_children_count <= 40 for card in cards)


def test_more_than_can_be_shown_is_in_the_file() -> None:
    statement = Checked("The mill burned in 1921. " * 10, (BURNED,), (LATER,))
    cards = verdict_cards([statement] * 60)
    assert cards[0].attachment is not None
    assert cards[0].attachment.content.count("The sources disagree") == 60


def test_the_longest_verdict_is_within_the_limits() -> None:
    source = Source("m" * 200, "t" * 300, "o" * 300, url="https://x.example/" + "u" * 238)
    quotes = tuple(Citation(source, start, start + 900, "q" * 900) for start in range(3))
    (card,) = verdict_cards([Checked("s" * 900, quotes, quotes, "r" * 900)])
    assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
