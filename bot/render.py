"""Answers and their like in, cards within Discord's limits out. Pure: no clock, no Discord, no store.

Every text that is not ours passes `markdown.escaped`. A marker such as ² is resolved in the very message it stands in:
each card ends with the sources that its own claims cite, and with no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.card import Attachment, Block, Card, Colour, Text
from bot.markdown import SUPERSCRIPTS, fitting, length, line, link, superscript
from rag.answer.wording import (
    EXTRACT_NOTE,
    NOT_ANSWERED,
    not_covered,
    outlet,
    outlet_and_date,
    pointed_out,
    published,
    remarks,
    sides,
    spread,
    stated,
)
from rag.schema import Answer, Citation, Claim, Conflict, Mode, Source

# In characters of escaped text. The greatest claim with its sources is a page, and a page with all that may stand above
# and below it is within the 4000 that Discord takes in one message.
PAGE_LIMIT = 3000
CLAIM_LIMIT, ABOUT_LIMIT, SAYS_LIMIT = 900, 150, 300  # a sentence has about 150
QUESTION_LIMIT, NOTE_LIMIT = 300, 500
OUTLET_LIMIT, TITLE_LIMIT = 80, 120
MOST_CITED = 4  # citations of one claim; the attached file has all
MOST_PAGES = 5  # messages; the attached file has all
TEXTS_LIMIT = 18  # on a page; with a line between each two they are 36 of the 40 components that a message can have
READING = "-# Reading on …"
REST = "The rest is in the attached file."
FILE = "answer.md"

Numbers = Mapping[Citation, int]


@dataclass(frozen=True, slots=True)
class Item:
    """What must not be divided between two messages: a claim with its markers, or one side of a disagreement."""

    markdown: str
    citations: tuple[Citation, ...] = ()
    whole: bool = True  # nothing of it had to be cut


def answer_cards(answer: Answer, question: str = "") -> tuple[Card, ...]:
    """Render an answer, in as many cards as it takes. `question` is shown above it if given.

    What is too long for chat comes as a Markdown file with the first card as well.
    """
    if answer.abstained:
        return (abstention_card(answer, question),)
    numbers = numbered(answer.citations)
    items = list(said(answer, numbers))
    pages = list(divided(items, numbers))
    texts = [page_texts(page, numbers) for page in pages[:MOST_PAGES]]
    texts[0] = (*heading(answer), *question_text(question), *texts[0])
    texts[-1] = (*texts[-1], *notes(answer, cut=len(pages) > MOST_PAGES))
    cards = [Card(counted(part, number, len(texts)), colour(answer)) for number, part in enumerate(texts, start=1)]
    if len(pages) > 1 or not all(item.whole for item in items):
        cards[0] = replace(cards[0], attachment=Attachment(FILE, document(answer)))
    return tuple(cards)


def growing_card(claims: Sequence[Claim], question: str = "") -> Card:
    """Render what has been said so far: the first card of the answer to be, as far as it has come."""
    numbers = numbered(dict.fromkeys(citation for claim in claims for citation in claim.citations))
    page = next(divided([claim_item(claim, numbers) for claim in claims], numbers))
    return Card((*question_text(question), *page_texts(page, numbers), Text(Block.NOTE, READING)), Colour.PLAIN)


def abstention_card(answer: Answer, question: str = "") -> Card:
    """Say that the articles do not answer, with the nearest thing they do say."""
    texts = [
        Text(Block.HEADING, "∅ **Not in the articles**"),
        *question_text(question),
        Text(Block.CLAIMS, NOT_ANSWERED),
    ]
    if answer.nearest is not None:
        nearest = f"> {short(answer.nearest.quote, 400)}\n-# {source_line(answer.nearest.source)}"
        texts.append(Text(Block.SOURCES, f"The nearest they come to it:\n{nearest}"))
    return Card((*texts, *notes(answer)), colour(answer))


def heading(answer: Answer) -> Iterator[Text]:
    """Name a kind of answer that a reader must not take for a plain one."""
    if answer.conflicts:
        yield Text(Block.HEADING, "⇄ **The sources disagree**")
    elif answer.unanswered:
        yield Text(Block.HEADING, "◐ **Answered in part**")


def colour(answer: Answer) -> Colour:
    """Choose the accent of an answer by what kind of answer it is."""
    if answer.abstained:
        return Colour.MISSING
    if answer.conflicts:
        return Colour.DISAGREE
    if answer.unanswered:
        return Colour.PARTLY
    return Colour.EXTRACT if answer.mode is Mode.EXTRACTIVE else Colour.ANSWERED


def question_text(question: str) -> Iterator[Text]:
    if shown := short(question, QUESTION_LIMIT):
        yield Text(Block.QUESTION, f"**{shown}**")


def notes(answer: Answer, cut: bool = False) -> Iterator[Text]:
    """Say in small print what a reader should know of how the answer was made."""
    extract = EXTRACT_NOTE if answer.mode is Mode.EXTRACTIVE and not answer.abstained else ""
    more = REST if cut else ""
    if told := " ".join(filter(None, (more, remarks(answer), answer.notice, extract))):
        yield Text(Block.NOTE, f"-# {short(told, NOTE_LIMIT)}")


def counted(texts: tuple[Text, ...], number: int, parts: int) -> tuple[Text, ...]:
    """Say which part this is, if there are several."""
    return texts if parts == 1 else (*texts, Text(Block.NOTE, f"-# Part {number} of {parts}"))


# claims, sides of a disagreement, and the sources they cite


def said(answer: Answer, numbers: Numbers) -> Iterator[Item]:
    """List all that an answer says: its claims, where sources disagree, what is not covered."""
    for claim in answer.claims:
        yield claim_item(claim, numbers, spread(claim, answer))
    for conflict in (*answer.conflicts, *answer.changes):
        yield from conflict_items(conflict, numbers)
    for part in answer.unanswered:
        text = short(not_covered(part), SAYS_LIMIT)
        yield Item(f"◌ *{text}*", whole=text == line(not_covered(part)))


def numbered(citations: Iterable[Citation]) -> dict[Citation, int]:
    return {citation: number for number, citation in enumerate(citations, start=1)}


def claim_item(claim: Claim, numbers: Numbers, reported: str = "") -> Item:
    """Write a claim with its markers, and how widely it is reported: `They met in Rome.¹ ² (2 outlets)`"""
    cited = claim.citations[:MOST_CITED]
    text = short(stated(claim), CLAIM_LIMIT)
    whole = text == line(stated(claim)) and cited == claim.citations
    return Item(marked(text, cited, numbers) + reported, cited, whole)


def conflict_items(conflict: Conflict, numbers: Numbers) -> Iterator[Item]:
    """Write side by side what the sources say of a point: what it is, then each position with its outlet and date."""
    about = short(pointed_out(conflict), ABOUT_LIMIT)
    above = f"**{about}**\n"
    for said, position in sides(conflict):
        cited = position.citations[:MOST_CITED]
        says = short(said, SAYS_LIMIT)
        whole = about == line(pointed_out(conflict)) and says == line(said) and cited == position.citations
        outlets = "; ".join(dict.fromkeys(short(outlet_and_date(each.source), OUTLET_LIMIT) for each in cited))
        yield Item(f"{above}- {marked(says, cited, numbers)} ({outlets})", cited, whole)
        above = ""


def markers(citations: Iterable[Citation], numbers: Numbers) -> str:
    """Write the small numbers of some citations: `¹ ³`."""
    return " ".join(superscript(numbers[citation]) for citation in citations)


def marked(text: str, citations: Sequence[Citation], numbers: Numbers) -> str:
    """Put markers behind a text, apart from a small number of its own as in `5 km²`."""
    return f"{text}{' ' * text.endswith(SUPERSCRIPTS)}{markers(citations, numbers)}"


@lru_cache(maxsize=1024)
def source_line(source: Source) -> str:
    """Name an article: outlet, date and title, which is a link if the article has an address."""
    document = short(source.document, OUTLET_LIMIT)
    named, title = short(outlet(source), OUTLET_LIMIT) or document, short(source.title, TITLE_LIMIT) or document
    return f"**{named}**, {published(source)} · {link(title, source.url)}"


def source_lines(citations: Iterable[Citation], numbers: Numbers) -> str:
    """List an article once with the numbers of all that is quoted from it: `¹ ³ **Outlet**, 14 May 2025 · Title`."""
    cited: dict[Source, list[Citation]] = {}
    for citation in sorted(set(citations), key=numbers.__getitem__):
        cited.setdefault(citation.source, []).append(citation)
    return "\n".join(f"-# {markers(each, numbers)} {source_line(source)}" for source, each in cited.items())


# division


def divided(items: Sequence[Item], numbers: Numbers, most: int | None = None) -> Iterator[list[Item]]:
    """Divide items into pages none of which is longer than PAGE_LIMIT with its sources, or has more than `most`."""
    page: list[Item] = []
    for item in items:
        if page and (len(page) == most or page_length([*page, item], numbers) > PAGE_LIMIT):
            yield page
            page = []
        page.append(item)
    yield page


def page_length(page: Sequence[Item], numbers: Numbers) -> int:
    return sum(length(text.markdown) for text in page_texts(page, numbers))


def page_texts(page: Sequence[Item], numbers: Numbers) -> tuple[Text, ...]:
    """Put the items of a page one below another, and the sources that they cite below them."""
    claims = Text(Block.CLAIMS, "\n\n".join(item.markdown for item in page).replace("\n\n- ", "\n- "))
    sources = source_lines((citation for item in page for citation in item.citations), numbers)
    return (claims, Text(Block.SOURCES, sources)) if sources else (claims,)


# the whole as a file


def document(answer: Answer) -> str:
    """Write the whole answer as a Markdown document, with every quoted passage."""
    numbers = numbered(answer.citations)
    claims = [
        f"{line(stated(claim))}{markers(claim.citations, numbers)}{spread(claim, answer)}" for claim in answer.claims
    ]
    disputed = [
        f"- {line(pointed_out(conflict))}: {line(says)}{markers(position.citations, numbers)}"
        for conflict in (*answer.conflicts, *answer.changes)
        for says, position in sides(conflict)
    ]
    gaps = [line(not_covered(part)) for part in answer.unanswered]
    quoted = [
        f"{number}. {source_line(citation.source)}\n\n   > {line(citation.quote)}"
        for citation, number in numbers.items()
    ]
    return "\n\n".join([f"# {line(answer.query.question)}", *claims, *disputed, *gaps, "## Sources", *quoted]) + "\n"


def in_cards(texts: Sequence[str], block: Block, colour: Colour, file: str) -> list[Card]:
    """Put texts one below another, none divided, in cards; the first of several has all of them as a file."""
    pages: list[list[str]] = [[]]
    for text in texts:
        if pages[-1] and (sum(map(length, (*pages[-1], text))) > PAGE_LIMIT or len(pages[-1]) == TEXTS_LIMIT):
            pages.append([])
        pages[-1].append(text)
    rest = [[f"-# {REST}"]] if len(pages) > MOST_PAGES else []
    shown = [*pages[: MOST_PAGES - len(rest)], *rest]
    cards = [Card(tuple(Text(block, text) for text in page), colour) for page in shown]
    if len(pages) > 1:
        cards[0] = replace(cards[0], attachment=Attachment(file, "\n\n".join(texts) + "\n"))
    return cards


def short(text: str, limit: int) -> str:
    """Escape a text for one line, cut as far as it must be for that."""
    return fitting(" ".join(text.split()), limit)
