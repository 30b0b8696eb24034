"""A statement and what a quote says in, the points out in which the quote does not bear the statement out. Pure.

A point that the quote fills otherwise, another year for this one, is what a contradiction is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from rag.facts import DateMention, Number, dates_in, names_in, numbers_in, quantities
from rag.facts.names import WORD
from rag.facts.vocabulary import CALENDAR
from rag.facts.vocabulary import FUNCTION_WORDS as SMALL_WORDS
from rag.gate.amounts import unstated_numbers
from rag.gate.clauses import clauses, content_stems, stems
from rag.gate.denials import denied
from rag.gate.evidence import Evidence
from rag.gate.meaning import turned_round
from rag.gate.naming import lies_in, same_name, unstated_names
from rag.gate.positions import (
    BEFORE,
    BEHIND,
    BY_PREPOSITION,
    IN,
    REPEATABLE,
    agents,
    beside,
    opens_with_verb,
    positions,
    share_role,
    stands_behind,
)
from rag.gate.proof import unstated_dates
from rag.language.words import FUNCTION_WORDS, stem, words

# who says so is no part of what is said, and that something is held or takes place says no more than that it is
_UNSAID = frozenset(
    """
    according article held hold holds place report reported reports said say saying says take taken takes told took
    """.split()
)
_LITTLE = FUNCTION_WORDS | SMALL_WORDS | CALENDAR | _UNSAID
_EXTENT = re.compile(
    r"\b(?:all|most|half|only|solely|alone|entire|whole|always|nobody|everybody|everyone|first|last)\b", re.I
)
_BOUND = re.compile(
    r"\b(?:more than|less than|fewer than|over|under|at least|at most|up to|nearly|almost)\s*[$€£]?$", re.I
)
_ORDINAL = re.compile(
    r"\b(?:first|second|third|(?:four|fif|six|seven|eigh|nin|ten|\w+teen|\w+tie)th|\d+(?:st|nd|rd|th))\b", re.IGNORECASE
)
_IS = re.compile(r"\s+(?:is|was|are|were)\s+(?:now\s+|still\s+)?(?:(a|the)n?\s+|(?=[A-Z]))")
_TITLE_END = re.compile(r"[.,;]|\s(?:of|for|to|in|at|on|who|which|that|and|from|with|by)\s|$")


class Kind(Enum):
    """What a statement and a quote differ in."""

    DATE = auto()
    NUMBER = auto()
    NAME = auto()
    EXTENT = auto()
    SENSE = auto()


@dataclass(frozen=True, slots=True)
class Difference:
    """A point of a statement that a quote does not bear out, and what it has `instead`: "" if nothing."""

    kind: Kind
    said: str
    instead: str = ""

    @property
    def reason(self) -> str:
        """Say what the article says, in a few words."""
        return f"the article says {self.instead}" + (f", not {self.said}" if self.said else "")

    def contradicts(self, sentence: str) -> bool:
        """Tell whether it is a sentence itself that fills the point otherwise, and not what stands before it."""
        return self.instead != "" and (self.kind is Kind.SENSE or self.instead in sentence)


def differences(statement: str, evidence: Evidence) -> tuple[Difference, ...]:
    """Find the points of a statement that the evidence does not bear out, each once, as far as they can be compared."""
    found: dict[tuple[Kind, str], Difference] = {}
    for difference in _differences(statement, evidence):
        known = found.setdefault((difference.kind, difference.said), difference)
        found[known.kind, known.said] = known if known.instead else difference
    return tuple(found.values())


def _differences(statement: str, evidence: Evidence) -> Iterator[Difference]:
    for date in unstated_dates(statement, evidence):
        yield Difference(Kind.DATE, _cut(statement, date), _other_date(date, evidence))
    yield from _relative_dates(statement, evidence)
    for number in unstated_numbers(statement, evidence):
        yield Difference(Kind.NUMBER, _cut(statement, number), _other_number(statement, number, evidence))
    if clause := _clause_spoken_of(statement, evidence):
        yield from _misplaced(statement, clause)
    yield from _names(statement, evidence)
    yield from _titles(statement, evidence)
    yield from _extents(statement, evidence)
    if turned_round(statement, evidence.quotes):
        speaks_of_it = denied(evidence.text) <= set(content_stems(statement))
        yield Difference(Kind.SENSE, "", "the opposite" if speaks_of_it else "")


def _cut(text: str, part: DateMention | Number) -> str:
    return text[part.start : part.end]


def _clause_spoken_of(statement: str, evidence: Evidence) -> Evidence | None:
    """Give the one clause of the quotes that shares more words with a statement than the others do."""
    ordinals = [match[0] for match in _ORDINAL.finditer(statement)]
    wanted = set(map(stem, [*relation(statement), *ordinals]))
    ranked = sorted(((len(wanted & set(stems(clause))), clause) for clause in clauses(evidence.quotes)), reverse=True)
    if len(ranked) < 2 or ranked[0][0] == ranked[1][0]:
        return None
    return evidence.limited_to(ranked[0][1])


def _misplaced(statement: str, clause: Evidence) -> Iterator[Difference]:
    """Find dates, numbers and places for which the clause spoken of has others, though the quotes give them too."""
    for date in unstated_dates(statement, clause):
        if other := _other_date(date, clause):
            yield Difference(Kind.DATE, _cut(statement, date), other)
    for number in unstated_numbers(statement, clause):
        if other := _other_number(statement, number, clause):
            yield Difference(Kind.NUMBER, _cut(statement, number), other)
    towns = [name for place, name in positions(clause.text, clause.names) if place == IN]
    for place, name in positions(statement, names_in(statement)):
        known = lies_in(name, clause.names) or any(same_name(name, other) for other in clause.names)
        if towns and place == IN and not known:
            yield Difference(Kind.NAME, name.text, towns[0].text)


# dates


def _other_date(date: DateMention, evidence: Evidence) -> str:
    """Give the date of the quotes that excludes this one, if each of them does."""
    given = [
        (_cut(quote, mention), mention.seen_from(source.published) if source.published else mention)
        for quote, source in zip(evidence.quotes, evidence.sources, strict=True)
        for mention in dates_in(quote)
    ]
    if date.relative or not given or not all(_exclude(date, other) for _, other in given):
        return ""
    return max(given, key=lambda found: _parts_shared(date, found[1]))[0]


def _relative_dates(statement: str, evidence: Evidence) -> Iterator[Difference]:
    """Find "today" and its like: a statement's is another day than the article's, unless it repeats the article."""
    if statement.rstrip(".") not in evidence.text:
        yield from (Difference(Kind.DATE, _cut(statement, date)) for date in dates_in(statement) if date.relative)


def _exclude(one: DateMention, other: DateMention) -> bool:
    """Tell whether two dates cannot be the same day: they differ in a part that both state."""
    parts = zip(_parts(one), _parts(other), strict=True)
    return any(None not in (part, its) and part != its for part, its in parts)


def _parts_shared(one: DateMention, other: DateMention) -> int:
    return sum(part is not None and part == its for part, its in zip(_parts(one), _parts(other), strict=True))


def _parts(date: DateMention) -> tuple[int | None, ...]:
    return (date.year, date.month, date.day, date.weekday)


# numbers


def _other_number(statement: str, number: Number, evidence: Evidence) -> str:
    """Give the number that the quotes have in the place of this one: of the same unit, or of the same things."""
    if _BOUND.search(statement[: number.start]) or any(other.states(number) for other in evidence.numbers):
        return ""
    own, counted = numbers_in(statement), _next_word(statement, number)
    given = [
        other
        for other in quantities(evidence.text)
        if not any(other.states(mine) for mine in own)
        and not _BOUND.search(evidence.text[: other.start])
        and (number.unit == other.unit != "" or counted == _next_word(evidence.text, other) != "")
    ]
    around = _around(statement, number.start)
    best = max(given, key=lambda other: len(around & _around(evidence.text, other.start)), default=None)
    return _cut(evidence.text, best) if best else ""


def _next_word(text: str, number: Number) -> str:
    match = WORD.match(text, number.end + 1)
    return stem(match[0]) if match else ""


def _around(text: str, at: int) -> set[str]:
    return {stem(match.group()) for match in words(text[max(0, at - 40) : at])}


# names


def _names(statement: str, evidence: Evidence) -> Iterator[Difference]:
    """Find the names that the quotes do not mention, and those that they have another one in the place of."""
    own = names_in(statement)
    here, there = positions(statement, own), positions(evidence.text, evidence.names)
    strange = list(dict.fromkeys(name for name, _ in unstated_names(statement, evidence)))
    for name in strange:
        free = [other for other in evidence.names if not any(same_name(other, mine) for mine in own if mine != name)]
        places = {place for place, holder in here if holder == name}
        rivals = [other for place, other in there if place in places and other in free]
        rivals += [other for other in free if share_role(name, other)]
        yield Difference(Kind.NAME, name.text, rivals[0].text if rivals else "")
    for place in dict.fromkeys(place for place, _ in here if place[0] not in (BEHIND, BY_PREPOSITION)):
        mine = [name for its, name in here if its == place]
        theirs = [name for its, name in there if its == place]
        shared = any(same_name(name, other) or lies_in(name, [other]) for name in mine for other in theirs)
        theirs_too = [name for its, name in there if its == (BEHIND, place[1])]  # "council head X": X heads the council
        shared = shared or any(same_name(name, other) for name in mine for other in theirs_too)
        excused = any(name in strange or stands_behind(theirs, name, evidence) for name in mine)
        if theirs and not shared and not excused:
            yield Difference(Kind.NAME, mine[0].text, theirs[0].text)
        elif place[0] == BEFORE and not shared and not excused and opens_with_verb(statement, mine[0]):
            doing = agents(place[1], evidence)
            if doing and not any(same_name(name, other) for name in mine for other in doing):
                yield Difference(Kind.NAME, mine[0].text)


def displaced(statement: str, evidence: Evidence) -> str:
    """Say which name a statement puts where its quotes have another: "signed in Tehran" for "signed in Baghdad"."""
    found = (each for each in (*_names(statement, evidence), *_titles(statement, evidence)) if each.instead)
    found = (each for each in found if each.said in evidence.text or not all(map(evidence.may_mean, each.said.split())))
    return next((f"names {each.said!r} where its quotes name {each.instead!r}" for each in found), "")


def _titles(statement: str, evidence: Evidence) -> Iterator[Difference]:
    """Find who is said to be what ("Diallo is the mayor") though no such title stands beside the name in the quotes."""
    for name in names_in(statement):
        if is_ := _IS.match(statement, name.end):
            end = _TITLE_END.search(statement, is_.end())
            title = WORD.findall(statement[is_.end() : end.start() if end else None])[-1:]
            holders = [other for other in evidence.names if title and beside(title[0], other, evidence.text)]
            if title and not any(same_name(name, holder) for holder in holders):
                others = [holder for holder in holders if not any(map(statement.__contains__, holder.words))]
                yield Difference(Kind.NAME, name.text, others[0].text if others and is_[1] != "a" else "")


# the rest


def _extents(statement: str, evidence: Evidence) -> Iterator[Difference]:
    """Find words that say of how many it is true, which the quotes do not."""
    given = {match[0].casefold() for match in _EXTENT.finditer(evidence.text)}
    for match in _EXTENT.finditer(statement):
        if match[0].casefold() not in given:
            yield Difference(Kind.EXTENT, match[0])


def is_same_event(statement: str, found: Sequence[Difference]) -> bool:
    """Tell whether a statement that differs from a quote must still be of the same event.

    A pact is signed once; but of meetings there are many, so it takes a date or "the second round" that both give.
    """
    if not REPEATABLE & set(map(stem, relation(statement))):
        return True
    differing = {difference.kind for difference in found}
    dated = any(date.month for date in dates_in(statement)) and Kind.DATE not in differing
    numbered = _ORDINAL.search(statement) is not None
    return dated or numbered or not differing.isdisjoint({Kind.NUMBER, Kind.SENSE})


def gives_title(statement: str) -> bool:
    """Tell whether a statement says who somebody is."""
    return any(_IS.match(statement, name.end) for name in names_in(statement))


@lru_cache(maxsize=512)
def relation(statement: str) -> tuple[str, ...]:
    """List the words of a statement that carry meaning and are no part of a name, a date or a number."""
    spans = [(name.start, name.end) for name in names_in(statement)]
    spans += [(date.start, date.end) for date in dates_in(statement)]
    for number in numbers_in(statement):
        unit = WORD.match(statement, number.end + 1) if number.unit else None
        spans.append((number.start, unit.end() if unit else number.end))
    return tuple(
        dict.fromkeys(
            match.group().lower()
            for match in words(statement)
            if not any(start <= match.start() < end for start, end in spans) and match.group().lower() not in _LITTLE
        )
    )
