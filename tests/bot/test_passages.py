"""Quotes are shown in bold within their article's own words, and what the article no longer has is said to be gone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import TEXT_LIMIT, Card
from bot.layout import layout
from bot.markdown import length, superscript
from bot.passages import CHANGED, passage_cards
from rag.schema import Citation, Source
from tests.bot.discord_markdown import read, seen
from tests.bot.samples import Author, authors, says_something, wild

ECHO = Source("mill.md", "The mill", "Valley Echo")
TEXT = "The old mill burned down in 1921. Its owner rebuilt it.\n\nIt is a museum now, and open on Sundays."
REBUILT = "Its owner rebuilt it."
LINE = "¹ **Valley Echo**, date unknown · The mill\n"


def citation(quote: str, text: str = TEXT) -> Citation:
    start = text.index(quote)
    return Citation(ECHO, start, start + len(quote), quote)


def told(cards: list[Card]) -> list[str]:
    return [text.markdown for card in cards for text in card.texts]


def test_a_quote_is_bold_and_its_context_is_not() -> None:
    assert told(passage_cards([citation(REBUILT)], {"mill.md": TEXT})) == [
        f"{LINE}> The old mill burned down in 1921. **Its owner rebuilt it.**\n> \n"
        "> It is a museum now, and open on Sundays."
    ]


def test_a_long_context_is_cut_at_words() -> None:
    text = f"{'before ' * 60}{REBUILT}{' after' * 60}"
    (shown,) = told(passage_cards([citation(REBUILT, text)], {"mill.md": text}))
    runs = read(shown.split("\n", 1)[1])
    assert [("bold" in run.kinds, set(run.text.split())) for run in runs] == [
        (False, {"…", "before"}),
        (True, set(REBUILT.split())),
        (False, {"…", "after"}),
    ]


def test_a_quote_that_moved_is_found() -> None:
    moved = Citation(ECHO, 0, len(REBUILT), REBUILT)
    assert told(passage_cards([moved], {"mill.md": TEXT})) == told(
        passage_cards([citation(REBUILT)], {"mill.md": TEXT})
    )


def test_an_article_that_changed_or_is_gone_is_said_to_have_changed() -> None:
    for now in ({"mill.md": "The mill is closed."}, {}):
        assert told(passage_cards([citation(REBUILT)], now)) == [f"{LINE}> **{REBUILT}**\n{CHANGED}"]


def test_what_stands_before_a_quote_does_not_make_it_a_list_or_a_heading() -> None:
    for mark in ("-", "1.", "#", ">", "-#"):
        text = f"Before.\n\n{mark} {REBUILT}"
        (shown,) = told(passage_cards([citation(REBUILT, text)], {"mill.md": text}))
        kinds = {kind for run in read(shown) for kind in run.kinds}
        assert kinds == {"bold", "quote"}, shown


def test_quotes_that_stand_close_together_are_shown_in_one_excerpt() -> None:
    burned, museum = "The old mill burned down in 1921.", "It is a museum now"
    (shown,) = told(passage_cards([citation(museum), citation(burned)], {"mill.md": TEXT}))
    assert shown == (
        f"¹ ² {LINE.removeprefix('¹ ')}> **{burned}** Its owner rebuilt it.\n> \n> **{museum}**, and open on Sundays."
    )


def test_quotes_that_stand_far_apart_are_shown_each_by_itself() -> None:
    text = f"{REBUILT} {'and so on ' * 40}It is a museum."
    shown = told(passage_cards([citation(REBUILT, text), citation("It is a museum.", text)], {"mill.md": text}))
    assert [passage.partition(" ")[0] for passage in shown] == ["¹", "²"]


@given(st.lists(wild.filter(says_something), min_size=1, max_size=12), st.data())
@settings(max_examples=100, deadline=None)
def test_every_quote_of_an_article_is_shown_once(sentences: list[str], data: st.DataObject) -> None:
    starts = [len("\n".join(sentences[:number])) + bool(number) for number in range(len(sentences))]
    quotes = [Citation(ECHO, start, start + len(quote), quote) for start, quote in zip(starts, sentences, strict=True)]
    chosen = data.draw(st.lists(st.sampled_from(quotes), min_size=1, unique_by=lambda quote: quote.start))
    cards = passage_cards(chosen, {"mill.md": "\n".join(sentences)})
    numbers = [number for passage in told(cards) for number in passage.partition(" **")[0].split()]
    assert sorted(numbers) == sorted(superscript(number) for number in range(1, len(chosen) + 1))
    for card in cards:
        assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT


def quoted(author: Author) -> tuple[Citation, str, str]:
    """Make a quote with what stands before and after it."""
    return author.citation(author.sources()), author.text(), author.text()


@given(st.lists(authors.map(quoted), min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_passages_are_within_the_limits_and_only_their_quotes_are_bold(
    drawn: list[tuple[Citation, str, str]],
) -> None:
    drawn = [
        (replace(each, source=replace(each.source, document=f"{number}.md")), before, after)
        for number, (each, before, after) in enumerate(drawn)
    ]
    articles = {each.source.document: f"{before}{each.quote}{after}" for each, before, after in drawn[::2]}
    cards = passage_cards([each for each, _, _ in drawn], articles)
    for card in cards:
        assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
        assert layout(card).total_children_count <= 40
    for text, (each, _, _) in zip(told(cards), drawn, strict=False):
        _, in_context = text.split("\n", 1)
        runs = read(in_context.removesuffix(CHANGED).rstrip("\n"))
        assert all(run.kinds <= {"bold", "quote"} for run in runs)
        bold = seen(" ".join(run.text for run in runs if "bold" in run.kinds))
        assert seen(each.quote).replace(" ", "").startswith(bold.removesuffix("…").replace(" ", ""))


@given(wild, wild.filter(says_something), wild)
@settings(max_examples=200, deadline=None)
def test_a_context_is_the_articles_own(before: str, quote: str, after: str) -> None:
    text = f"{before}{quote}{after}"
    found = Citation(ECHO, len(before), len(before) + len(quote), quote)
    (shown,) = told(passage_cards([found], {"mill.md": text}))
    own = seen(text).replace(" ", "")
    for run in read(shown.split("\n", 1)[1]):
        for piece in run.text.split("…"):
            assert seen(piece).replace(" ", "") in own


def test_many_short_passages_do_not_overfill_a_message() -> None:
    cards = passage_cards([Citation(ECHO, start, start + 2, "It") for start in range(90)], {})
    assert len(told(cards)) > 30
    assert all(layout(card).total_children_count <= 40 for card in cards)
    assert cards[0].attachment is not None
    assert cards[0].attachment.content.count("**It**") == 90


def test_a_quote_of_many_lines_fits() -> None:
    poem = "a\n\n" * 700 + "a"
    (card,) = passage_cards([Citation(ECHO, 0, len(poem), poem)], {"mill.md": poem})
    assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
