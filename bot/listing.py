"""Articles, reports and commands in, the cards that list them out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from bot.card import Block, Button, Card, Colour, Text, note
from bot.markdown import fitting, line, link
from bot.render import short, source_line
from rag.answer.wording import counted, published
from rag.language.sentences import sentence_spans
from rag.schema import Article, Source

if TYPE_CHECKING:
    from rag.ingest.pipeline import Report

ON_PAGE = 6  # articles; with the longest names and addresses they fill a message
LEAD_LIMIT = 500  # characters
LEAD_SENTENCES = 3
LEAST_WORDS = 8  # of a sentence that is no headline, byline or dateline
FAILURES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list of all articles, each with the number of its passages."""

    articles: Sequence[tuple[Source, int]]
    page: int = 0  # the first is 0
    of: int = 0  # articles on all pages


def pages_of(articles: int) -> int:
    """Count the pages of a list, of which there is always one."""
    return max(1, ceil(articles / ON_PAGE))


def sources_card(listed: Listed) -> Card:
    """List one page of the articles, with buttons to the others."""
    page, pages = listed.page, pages_of(listed.of)
    lines = [
        f"{source_line(source)}\n-# `{code(source.document)}` · {counted(count, 'passage')}"
        for source, count in listed.articles
    ]
    heading = f"**{counted(listed.of, 'article')}**" + (f" · page {page + 1} of {pages}" if pages > 1 else "")
    if not listed.articles:
        return note("There are no articles yet. Those who manage this server add some with `/ingest`.")
    turning = (
        Button("sources", str(page - 1), "Back", disabled=page == 0),
        Button("sources", str(page + 1), "Next", disabled=page == pages - 1),
    )
    texts = (Text(Block.HEADING, heading), Text(Block.CLAIMS, "\n\n".join(lines)))
    return Card(texts).with_buttons(turning if pages > 1 else ())


def article_card(article: Article, passages: int) -> Card:
    """Show what is known of an article, and what it says in brief: its own lead."""
    source = article.source
    facts = [
        ("Outlet", short(source.publisher, 100)),
        ("Taken from", short(source.origin, 100)),
        ("By", short(source.author, 100)),
        ("Published", published(source)),
        ("Passages", str(passages)),
        ("File", f"`{code(source.document)}`"),
    ]
    title = f"### {link(short(source.title, 250) or short(source.document, 250), source.url)}"
    known = "\n".join(f"**{name}** {value}" for name, value in facts if value)
    return Card(
        (Text(Block.HEADING, title), Text(Block.NOTE, known), Text(Block.SOURCES, f"> {short(lead(article), 1000)}"))
    )


def lead(article: Article) -> str:
    """Take an article's first sentences, without headlines and bylines above them."""
    sentences = [article.text[start:end] for start, end in sentence_spans(article.text)]
    told = [each for each in sentences if len(each.split()) >= LEAST_WORDS and each != article.source.title]
    chosen: list[str] = []
    for sentence in (told or sentences)[:LEAD_SENTENCES]:
        if chosen and len(" ".join([*chosen, sentence])) > LEAD_LIMIT:
            break
        chosen.append(sentence)
    return " ".join(chosen)


def progress_card(done: int, found: int) -> Card:
    """Say how far an ingestion has come."""
    return note(f"Reading articles … {done} of {found}" if found else "Reading articles …")


def report_card(report: Report) -> Card:
    """Say what an ingestion did, and what it could not read."""
    did = [f"**{count}** {what}" for what in ("added", "updated", "unchanged") if (count := getattr(report, what))]
    failed = [f"- {short(each.path.rsplit('/', 1)[-1], 80)}: {short(each.error, 200)}" for each in report.failed]
    more = len(failed) - FAILURES_SHOWN
    texts = [
        " · ".join(did) or "Nothing was added.",
        *(["**Refused**", *failed[:FAILURES_SHOWN]] if failed else []),
        *([f"- and {more} more"] if more > 0 else []),
        f"-# There are now {counted(report.articles, 'article')} with {counted(report.passages, 'passage')}.",
    ]
    return note("\n".join(texts), Colour.PARTLY if failed else Colour.ANSWERED)


def code(text: str) -> str:
    """Write a name as code, in which only its own mark means anything."""
    return fitting(line(text).replace("\\", "").replace("`", "'"), 100).replace("\\", "")
