"""An article in, what its sentences tell of that happened out: who, where, what, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.conflicts.statements import Statement, statements
from rag.schema import Article, Citation, When
from rag.timeline.dates import Anchor, Dated, dated, within


@dataclass(frozen=True, eq=False)
class Happening:
    """A sentence of an article, or a part of it, that tells of something that happened, or is to happen."""

    clauses: tuple[Statement, ...]
    citation: Citation  # of the whole sentence
    text: str  # the sentence, perhaps cut
    when: When
    place: int  # of the sentence in its article, the first being 0


def happenings(article: Article, not_before: date | None = None) -> list[Happening]:
    """Read an article; `not_before` is the day before which it was not written, if it is undated."""
    dates = dated(article.text, Anchor.of(article.source, not_before))
    sentences: dict[Citation, list[Statement]] = {}
    for clause in statements(article, not_before):
        sentences.setdefault(clause.citation, []).append(clause)
    return [
        Happening(tuple(clauses), citation, citation.quote, when_of(found), place)
        for place, (citation, clauses) in enumerate(sentences.items())
        if (found := [each for each in within(dates, citation.start, citation.end) if not each.modifies])
    ]


def when_of(found: Sequence[Dated]) -> When:
    """Choose the date of what a sentence tells among those in it."""
    return next((each.when for each in found if each.when.dates), found[0].when)
