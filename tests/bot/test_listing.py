"""What there is to read is listed page by page, each within what a message can hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import TEXT_LIMIT, Button, Card
from bot.layout import layout
from bot.library import listed
from bot.listing import ON_PAGE, article_card, code, lead, progress_card, report_card, sources_card
from bot.markdown import length
from rag.ingest.pipeline import Report
from rag.ingest.reader import Unreadable
from rag.schema import Article, Dates, Source
from rag.store.store import Store
from tests.bot.discord_markdown import read, seen
from tests.bot.samples import sources, texts

TRAM = Source("tram.md", "Tram reaches the harbour", "Olmst Post", "Ida Lund", "https://olmst.example/tram")
REPORT = Report(1, 0, 2, 0, (), 3, 40, 0.5)
TOLD = "The first tram reached the harbour on Monday morning. Mayor Ines Falk rode in it with two hundred children."


@dataclass(frozen=True)
class Shelf:
    """Articles to be listed, as a store lists them."""

    articles: Sequence[tuple[Source, int]]

    def article_count(self) -> int:
        return len(self.articles)

    def page(self, first: int, k: int) -> Sequence[tuple[Source, int]]:
        return self.articles[first : first + k]


def card(articles: Sequence[tuple[Source, int]], page: int) -> Card:
    return sources_card(listed(cast(Store, Shelf(articles)), page))


def told(card: Card) -> str:
    return "\n".join(text.markdown for text in card.texts)


def check(card: Card) -> None:
    assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
    assert all(text.markdown.strip() for text in card.texts)
    assert layout(card).total_children_count <= 40
    for text in card.texts:
        read(text.markdown)


def test_articles_are_listed_with_their_passages() -> None:
    assert told(card([(TRAM, 1), (replace(TRAM, document="b_c.md", url=""), 12)], 0)) == (
        "**2 articles**\n"
        "**Olmst Post**, date unknown · [Tram reaches the harbour](<https://olmst.example/tram>)\n"
        "-# `tram.md` · 1 passage\n\n"
        "**Olmst Post**, date unknown · Tram reaches the harbour\n"
        "-# `b_c.md` · 12 passages"
    )


def test_every_article_is_on_one_page() -> None:
    articles = [(replace(TRAM, document=f"{number:02}.md"), number) for number in range(3 * ON_PAGE + 1)]
    pages = [card(articles, page) for page in range(4)]
    found = re.findall(r"`(\d\d)\.md`", "\n".join(map(told, pages)))
    assert found == [f"{number:02}" for number in range(len(articles))]
    assert [[button.disabled for row in page.buttons for button in row] for page in pages] == [
        [True, False], [False, False], [False, False], [False, True]
    ]  # fmt: skip
    assert pages[1].buttons == ((Button("sources", "0", "Back"), Button("sources", "2", "Next")),)
    assert told(pages[1]).startswith("**19 articles** · page 2 of 4\n")


@pytest.mark.parametrize("page", [-5, 99])
def test_a_page_that_is_not_there_is_the_nearest(page: int) -> None:
    articles = [(TRAM, 1)] * (ON_PAGE + 1)
    assert card(articles, page) == card(articles, 0 if page < 0 else 1)


def test_no_articles_are_said_to_be_none() -> None:
    empty = card([], 0)
    assert told(empty).startswith("There are no articles yet.")
    assert not empty.buttons


@given(st.lists(st.tuples(sources, st.integers(0, 10**6)), max_size=20), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_any_list_is_within_the_limits(articles: list[tuple[Source, int]], page: int) -> None:
    check(card(articles, page))


def test_the_longest_list_is_within_the_limits() -> None:
    dates = Dates.parse("2024-09-30")
    longest = replace(
        TRAM, document="d" * 300, title="t" * 300, publisher="p" * 300, url="https://x.example/" + "u" * 238,
        published=Dates(dates.first, Dates.parse("2025-09-30").last),
    )  # fmt: skip
    check(card([(longest, 999_999)] * 1000, 50))


@given(sources, texts, texts)
@settings(max_examples=150, deadline=None)
def test_the_card_of_any_article_is_within_the_limits(source: Source, text: str, author: str) -> None:
    clean = text.encode("utf-8", "ignore").decode()  # an article that was stored has no halves of characters
    check(article_card(Article(replace(source, author=author), clean or "x"), 3))


def test_an_article_is_shown_with_what_is_known_and_its_lead() -> None:
    assert told(article_card(Article(TRAM, f"Olmst Post\n\n{TOLD}"), 3)) == (
        "### [Tram reaches the harbour](<https://olmst.example/tram>)\n"
        "**Outlet** Olmst Post\n**By** Ida Lund\n**Published** date unknown\n**Passages** 3\n**File** `tram.md`\n"
        f"> {TOLD}"
    )


def test_a_lead_leaves_out_headline_and_byline_and_is_short() -> None:
    title = "Tram reaches the harbour of Olmst after nine years of work"
    text = f"{title}\n\nBy Ida Lund\n\n{TOLD}\n\n{TOLD} {TOLD}"
    assert lead(Article(replace(TRAM, title=title), text)).startswith(TOLD)
    assert len(lead(Article(TRAM, "It rang and rang and rang all day, the driver said. " * 40))) <= 500
    assert lead(Article(TRAM, "Short.")) == "Short."


def test_a_report_says_what_was_done_and_what_was_refused() -> None:
    assert told(report_card(REPORT)) == "**1** added · **2** unchanged\n-# There are now 3 articles with 40 passages."
    failed = tuple(Unreadable(f"folder/{number}.pdf", "not an *article*") for number in range(10))
    shown = told(report_card(replace(REPORT, added=0, unchanged=0, failed=failed))).split("\n")
    assert shown[:3] == ["Nothing was added.", "**Refused**", r"- 0.pdf: not an \*article\*"]
    assert shown[-2:] == ["- and 2 more", "-# There are now 3 articles with 40 passages."]


@given(st.lists(st.builds(Unreadable, texts.map("{}.pdf".format), texts), max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_report_is_within_the_limits(failed: list[Unreadable]) -> None:
    check(report_card(replace(REPORT, failed=tuple(failed))))


def test_progress_is_told_once_it_is_known() -> None:
    assert [told(progress_card(*each)) for each in ((0, 0), (3, 9))] == [
        "Reading articles …",
        "Reading articles … 3 of 9",
    ]


@given(texts.filter(lambda text: seen(code(text))))
@settings(deadline=None)
def test_a_name_as_code_is_shown_as_it_is(name: str) -> None:
    (run,) = read(f"`{code(name)}`")
    assert run.kinds == {"code"}
    assert "\\" not in run.text
    if len(name) < 40 and not set(name) & set("\\`"):
        assert seen(run.text) == seen(name)
