"""A claim's text and its standing quotes in, the first number, date or name that the quotes do not prove out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.facts.dates import DateMention, dates_in, side_of
from rag.gate.amounts import unstated_numbers
from rag.gate.clauses import SAYING, roots
from rag.gate.directions import NEGATION
from rag.gate.evidence import Evidence
from rag.gate.naming import unstated_names
from rag.schema import Source

# of a claim's words; all but two honest claims of tests/benchmarks/planted/gate-dev.txt share .33 and more, and half of
# those share less that are cited to another article's passage and have no strange name, number or date
LEAST_SHARED = 0.3
_PUBLISHED = re.compile(
    r"\breport(?:s|ed)?\b(?! of)|\b(?:wrote|writes|published|article|dated|edition)\b", re.IGNORECASE
)


def unproven(text: str, evidence: Evidence) -> str:
    """Say what of a claim's text the evidence does not contain, or "" when it contains everything."""
    return next(_unproven(text, evidence), "")


def _unproven(text: str, evidence: Evidence) -> Iterator[str]:
    for date in unstated_dates(text, evidence):
        yield f"gives a date that its quotes do not: {text[date.start : date.end]!r}"
    for date in misplaced_dates(text, evidence):
        yield f"puts before a date what its quotes put after it, or the reverse: {text[date.start : date.end]!r}"
    for number in unstated_numbers(text, evidence):
        yield f"gives a number that its quotes do not: {text[number.start : number.end]!r}"
    for name, word in unstated_names(text, evidence):
        if not evidence.may_mean(name.words[word]):
            yield f"names what its quotes do not: {name.words[word]!r}"
    yield from filter(None, (_unrelated(text, evidence),))


def unstated_dates(text: str, evidence: Evidence) -> Iterator[DateMention]:
    """Find the dates of a text that the evidence does not state."""
    known = [*evidence.dates, *(_publications(evidence.sources) if _PUBLISHED.search(text) else ())]
    for mention in dates_in(text):
        parts = (replace(mention, weekday=None), DateMention(0, 0, weekday=mention.weekday))
        is_number = mention.precision == "year" and any(number.value == mention.year for number in evidence.numbers)
        if not is_number and not all(any(date.states(part) for date in known) for part in parts):
            yield mention


def misplaced_dates(text: str, evidence: Evidence) -> Iterator[DateMention]:
    """Find the dates before which a text puts what the quotes put after them, or the reverse."""
    given = [(date, *_side(quote, date)) for quote in evidence.quotes for date in dates_in(quote)]
    for mention in dates_in(text):
        side, negated = _side(text, mention)
        theirs = {its for date, its, denied in given if date.states(mention) and denied == negated}
        if side and -side in theirs and side not in theirs:
            yield mention


def _side(text: str, date: DateMention) -> tuple[int, bool]:
    """Give the side of a date that a text speaks of, and whether it is denied: "not before" may be after."""
    return side_of(text, date), NEGATION.search(text[: date.start]) is not None


def _publications(sources: Sequence[Source]) -> Iterator[DateMention]:
    """Give the days of publication, which a claim may name when it says who reported something."""
    for source in sources:
        if (published := source.published) and published.first == published.last:
            day = published.first
            yield DateMention(0, 0, day.year, day.month, day.day)


def _unrelated(text: str, evidence: Evidence) -> str:
    wanted = set(roots(text)) - SAYING
    for date in dates_in(text):  # which is proven, but may be given by another word
        wanted -= set(roots(text[date.start : date.end])) - evidence.roots
    return "shares too little with its quotes" if len(wanted & evidence.roots) < LEAST_SHARED * len(wanted) else ""
