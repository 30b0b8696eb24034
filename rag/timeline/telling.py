"""A sentence in, its parts out, each with its date, and how surely it tells of something that happened. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from rag.conflicts.statements import Statement
from rag.schema import Precision
from rag.timeline.dates import Dated
from rag.timeline.deeds import (
    GATHERING,
    deeds,
    has_verb,
    is_about_the_article,
    is_lasting,
    is_open,
    is_said,
    is_to_come,
    occasions,
)

# how surely a part of a sentence tells of something that happened, from 0 to 1
SURE, LIKELY, UNDATED, DOUBTFUL = 1.0, 0.8, 0.6, 0.3
TOLD = 0.5  # from here on it is an event
SUBJECT = 24  # characters at most between a name and what is done by it
_DATELINE = re.compile(r"^(?:[A-Z][\w.’'-]*,?\s(?:\([^)]{1,60}\)\s)?){1,5}(?:\([^)]{1,60}\)\s)?[–—-]\s")
_OFFICIAL = re.compile(  # to say so is to do something
    r"\b(?:announced|declared|ordered|ruled|decided|agreed|confirmed|confessed|admitted|resolved|proclaimed|unveiled)\b",
    re.I,
)
_ELABORATES = re.compile(
    r"^\W*(?:he|she|they|it|both|this|these|that|those|the (?:\w+ )?(?:meetings?|talks|discussions?|statement|parties"
    r"|men|sides|two|pair|visit|report)|during the (?:meeting|talks|visit))\b",
    re.I,
)
_NEXT_ITEM = re.compile(r"(?:,\s(?:and\s)?|\sand\s|;\s)")
_ITEM = re.compile(  # between two dates of a list
    r"(?:\s(?:in|at|near)\s[\w’' -]{2,30})?(?:,|,? and|;)\s(?:then\s)?(?:(?:in|at)\s[\w’' -]{2,30}\s)?"
    r"(?:on|in|at)?\s?(?:the\s)?"
)
_BEFORE_A_DATE = re.compile(r"(?:\b(?:on|in|at)\s)?(?:the\s)?$")
_FIRST_PERSON = re.compile(r"\b(?:I|we|us|our|ours|my|me)\b", re.I)


@dataclass(frozen=True)
class Part:
    """Clauses of a sentence that stand next to each other, and the dates of what they tell."""

    quote: str  # the whole sentence
    start: int  # in it
    end: int
    clauses: tuple[Statement, ...]
    dates: tuple[Dated, ...]

    @cached_property
    def text(self) -> str:
        """What it tells, with blanks in the place of who says so, unless to say so is what is done."""
        told = "".join(clause.text for clause in self.clauses)
        said = self.quote[self.start : self.end]
        if said == told:
            return told
        blank = "".join(letter if own.isspace() else " " for letter, own in zip(said, told, strict=True))
        return said if _OFFICIAL.search(blank) else told

    @cached_property
    def deeds(self) -> list[tuple[int, str]]:
        return deeds(self.text)

    @cached_property
    def telling(self) -> float:
        """How surely it tells of something that happened, or is to happen, by its words: from 0 to 1."""
        if is_about_the_article(self.quote):
            return 0.0
        return self._dated if self.dates else self._undated

    @property
    def _dated(self) -> float:
        text = self._beside_the_date
        done = deeds(text)
        if self._opens_with_a_day and not is_said(text, len(text)):
            return SURE if done else LIKELY  # an entry of a timeline, which may be in the present tense
        if not (done or occasions(text) or has_verb(text)):
            return 0.0
        if not done and (is_lasting(text) or is_said(text, len(text))):
            return DOUBTFUL
        if is_open(text) and not is_to_come(text):
            return TOLD if done else DOUBTFUL
        return SURE if done else LIKELY if occasions(text) else TOLD

    @property
    def _opens_with_a_day(self) -> bool:
        """Whether a sentence begins with a full date: "28 June 2029 Police search the house"."""
        first = self.dates[0]
        before = self.quote[: first.start].strip(" :–—-•*()[]")
        is_full = first.when.precision is Precision.DAY and re.search(r"\d{4}", first.when.expression) is not None
        return not before and is_full and not re.match(r"\s*,", self.quote[first.end :])

    @property
    def _beside_the_date(self) -> str:
        """The clause that its date stands in, if that tells anything; or else the whole."""
        at = self.dates[0].start - self.start
        clause = next((self.text[start:end] for start, end in self._spans if start <= at < end), "")
        return clause if deeds(clause) or occasions(clause) or has_verb(clause) else self.text

    @property
    def _spans(self) -> Iterator[tuple[int, int]]:
        """Yield where its clauses stand in its text."""
        start = 0
        for clause in self.clauses:
            yield start, start + len(clause.text)
            start += len(clause.text)

    @property
    def _undated(self) -> float:
        text = self.text
        if not self.deeds or is_lasting(text) or self._is_a_view:
            return 0.0
        gathers = any(word == GATHERING for _, word in self.deeds)
        if not gathers and (is_open(text) or is_to_come(text) or is_said(text, self.deeds[0][0])):
            return 0.0
        if _ELABORATES.match(text) and not self._has_subject:
            return 0.0
        named = {who.key for clause in self.clauses for who in clause.names if not who.is_modifier}
        return UNDATED if len(named) >= 2 else 0.0

    @property
    def _has_subject(self) -> bool:
        """Whether a name stands close before what is done."""
        return any(0 <= self.deeds[0][0] - who.end <= SUBJECT for who in self.clauses[0].names)

    @property
    def _is_a_view(self) -> bool:
        """Whether somebody is quoted in the first person."""
        opened = self.quote[: self.start + 2].count("“") > self.quote[: self.start].count("”")
        return opened and _FIRST_PERSON.search(self.text) is not None


def dateline(sentence: str) -> int:
    """Tell where the dateline before a sentence ends (place, perhaps a date, and a dash); 0 if there is none."""
    found = _DATELINE.match(sentence)
    return found.end() if found else 0


def parts(quote: str, clauses: Sequence[Statement], dates: Sequence[Dated]) -> list[Part]:
    """Divide a sentence so that no part tells two things of two dates. Dates are counted from the sentence's start.

    A date that stands with who says so is when it was said; one in the dateline is when it was written.
    """
    gathered: list[Part] = []
    start = 0
    for clause in clauses:
        end = start + len(clause.text)
        own = tuple(each for each in dates if max(start, dateline(quote)) <= each.start < end)
        part = Part(quote, start, end, (clause,), own)
        told = tuple(each for each in own if part.text[each.start - start : each.end - start].strip())
        part = Part(quote, start, end, (clause,), told)
        if gathered and not _stand_apart(gathered[-1], part):
            last = gathered.pop()
            part = Part(quote, last.start, end, (*last.clauses, clause), (*last.dates, *told))
        gathered.append(part)
        start = end
    return [item for part in gathered for item in _items(part)]


def _items(part: Part) -> list[Part]:
    """Take apart what is told of several dates in one clause, each with all else that stands in the clause.

    "They met on 4 May in Elvik and on 6 May in Mo." "It was found in 1931 and bought in 1958."
    """
    if len(part.clauses) > 1 or len(part.dates) == 1:
        return [part]
    [clause] = part.clauses
    joints = [_joint(part, one, other) for one, other in pairwise(part.dates)]
    if not joints or None in joints:
        return [part]
    ends = [0, *(joint for joint in joints if joint is not None), len(clause.text)]
    first = max(0, _BEFORE_A_DATE.search(clause.text[: part.dates[0].start - part.start]).start())  # type: ignore[union-attr]
    items = []
    for number, found in enumerate(part.dates):
        kept = range(ends[number], ends[number + 1])
        text = "".join(letter if place in kept or place < first else " " for place, letter in enumerate(clause.text))
        items.append(Part(part.quote, part.start, part.end, (replace(clause, text=text),), (found,)))
    return items


def _joint(part: Part, one: Dated, other: Dated) -> int | None:
    """Tell where in the text of a part the second of two dates begins another item; None if they are no list."""
    between = part.text[one.end - part.start : other.start - part.start]
    found = _NEXT_ITEM.search(between)
    if found is None:
        return None
    if not (_ITEM.fullmatch(between) or deeds(between[found.start() :])):
        return None
    return one.end - part.start + found.start()


def _stand_apart(one: Part, other: Part) -> bool:
    """Tell whether two clauses that follow each other tell two things."""
    if one.dates and other.dates:
        return all(each.deeds or has_verb(each.text) for each in (one, other))
    told = one.deeds and other.deeds and (one.dates or other.dates)
    return bool(told and one.clauses[-1].names and other.clauses[0].names)
