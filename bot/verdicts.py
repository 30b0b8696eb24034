"""Statements held against the articles in, cards that mark each one out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.card import Block, Card, Colour, note
from bot.render import in_cards, short, source_line
from rag.answer.wording import NOTHING_TO_CHECK, instead
from rag.schema import Checked, Citation, Ruling

STATEMENT_LIMIT, QUOTE_LIMIT, REASON_LIMIT = 300, 300, 200  # characters, escaped
MOST_SHOWN = 2  # passages for and as many against
MARKS = {
    Ruling.SUPPORTED: "✅ **Supported**",
    Ruling.CONTRADICTED: "❌ **Contradicted**",
    Ruling.MISSING: "❔ **Not in the articles**",
}
COLOURS = {Ruling.SUPPORTED: Colour.ANSWERED, Ruling.CONTRADICTED: Colour.PROBLEM, Ruling.MISSING: Colour.MISSING}


def verdict_cards(checked: Sequence[Checked]) -> list[Card]:
    """Mark each statement, with the passages that support or contradict it."""
    if not checked:
        return [note(NOTHING_TO_CHECK)]
    return in_cards([verdict(each) for each in checked], Block.CLAIMS, colour(checked), "checked.md")


def colour(checked: Sequence[Checked]) -> Colour:
    """Choose the accent: of what all statements are, or of a mixture."""
    if any(each.disputed for each in checked):
        return Colour.DISAGREE
    rulings = {each.ruling for each in checked}
    return COLOURS[rulings.pop()] if len(rulings) == 1 else Colour.PARTLY


def verdict(checked: Checked) -> str:
    """Write one statement with its mark and its passages."""
    return "\n".join((f"{mark(checked)} · {short(checked.statement, STATEMENT_LIMIT)}", *passages(checked)))


def mark(checked: Checked) -> str:
    if checked.disputed:
        return "⇄ **The sources disagree**"
    return MARKS[checked.ruling]


def passages(checked: Checked) -> Iterator[str]:
    if reason := instead(checked):
        yield f"-# {short(f'{reason[0].upper()}{reason[1:]}.', REASON_LIMIT)}"
    bearing_out, denying = ("✅ ", "❌ ") if checked.disputed else ("", "")
    for citation in checked.supporting[:MOST_SHOWN]:
        yield from passage(citation, bearing_out)
    for citation in checked.contradicting[:MOST_SHOWN]:
        yield from passage(citation, denying)
    if checked.ruling is Ruling.MISSING and checked.nearest:
        yield "-# The nearest they come to it:"
        yield from passage(checked.nearest)


def passage(citation: Citation, mark: str = "") -> Iterator[str]:
    yield f"> {short(citation.quote, QUOTE_LIMIT)}"
    yield f"-# {mark}{source_line(citation.source)}"
