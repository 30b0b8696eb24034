"""A text and the evidence in, the numbers that the evidence does not give out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from rag.facts.bounds import Bound
from rag.facts.dates import dates_in
from rag.facts.names import WORD
from rag.facts.numbers import OF_MANY, Number, numbers_in
from rag.facts.vocabulary import FUNCTION_WORDS
from rag.gate.evidence import Evidence
from rag.gate.naming import AND
from rag.language.words import stem

_MEASURE = re.compile(r"\ban? (?:\w+ )?(?:minute|hour|day|week|month|year|decade|metre|kilometre|mile|tonne|point)\b")
_OF = re.compile(r"\s?(?:%|per ?cent|pct)? of (?:(?:the|its|their|his|her|all)\s)?([a-z]\w+)", re.IGNORECASE)
_ALL_BUT = re.compile(r"\ball (?:but|except) $", re.IGNORECASE)
_MORE = re.compile(r" (?:more|others)\b(?! than)")  # "and 12 more" are others than those before
_PARTIES = re.compile(
    r"\s(?:\w+ )?(?:sides|countries|nations|states|neighbou?rs|men|women|people|leaders|ministers|officials|presidents"
    r"|parties|teams|companies|governments|capitals|cities|clubs|firms|powers|diplomats|generals|candidates)\b",
    re.IGNORECASE,
)


def unstated_numbers(text: str, evidence: Evidence) -> Iterator[Number]:
    """Find the numbers of a text, but those of its dates, that the evidence does not give."""
    dates = dates_in(text)
    for number in numbers_in(text):
        dated = any(date.start < number.end and number.start < date.end for date in dates)
        if not (dated or number.implied or _gives(evidence, number, text)):
            yield number


def _gives(evidence: Evidence, number: Number, text: str) -> bool:
    if _PARTIES.match(text, number.end) and number.value in _parties(evidence, _counted(text, number)):
        return True
    given = [other for other in evidence.numbers if _proves(other, number)]
    if not number.unit and _counted(text, number):
        given = [other for other in given if not other.unit]  # nine stops are no nine hours
    counted_here = _part_of(text, number) or _counted(text, number)
    rivals = [
        other
        for other in evidence.numbers
        if counted_here & (_part_of(evidence.text, other) | _counted(evidence.text, other))
    ]
    if number.value in _remainders(evidence) or (number.value == 1 and _MEASURE.search(evidence.text)):
        return True
    elliptic = any(_stands_alone(evidence.text, other) for other in given)
    return bool(given) and (not rivals or elliptic or any(other in given for other in rivals))


def _parties(evidence: Evidence, counted: set[str]) -> set[int]:
    """Give how many parties the quotes name one after the other ("Iran and Oman"), unless they count such parties."""
    if any(counted & _counted(evidence.text, given) for given in evidence.numbers):
        return set()
    lengths = {2} if counted & {"side", "parti"} and re.search(r"\w (?:and|with) \w", evidence.text) else set()
    length = 1
    for name, following in pairwise(evidence.names):
        length = length + 1 if evidence.text[name.end : following.start].strip() in AND else 1
        lengths.add(length)
    return lengths


def _proves(given: Number, number: Number) -> bool:
    """Tell whether a number of the quotes is that of the claim and no less sure, or lies on the side it is said to."""
    if given.states(number):
        return given.bears_out(number)
    if number.bound is Bound.ABOUT:
        return _rounds(given, number)
    more, less = number.bound is Bound.OVER, number.bound in (Bound.UNDER, Bound.NEARLY)
    on_its_side = (more and given.value > number.value) or (less and given.value < number.value)
    return on_its_side and _rounds(given, number) and given.bound in (Bound.EXACT, Bound.ABOUT, number.bound)


def _stands_alone(text: str, number: Number) -> bool:
    """Tell whether a number does without what it counts, as in "of five mills two closed"."""
    word = WORD.match(text, number.end + 1)
    counted = _part_of if number.unit == "percent" else _counted
    counts = word and (word[0][0].isupper() or counted(text, number))
    return not (counts or _MORE.match(text, number.end))


def _remainders(evidence: Evidence) -> set[Decimal]:
    """Give how many are left where the quotes say "all but one" of six."""
    left_out = [number for number in evidence.numbers if _ALL_BUT.search(evidence.text[: number.start])]
    return {whole.value - part.value for part in left_out for whole in evidence.numbers if whole.value > part.value}


def _rounds(exact: Number, rounded: Number) -> bool:
    """Tell whether a number is another one rounded to the digits it shows, in the same unit."""
    if exact.unit != rounded.unit or not rounded.value or not exact.value:
        return False
    place = exact.value.adjusted() - (len(str(rounded.value).replace(".", "").strip("0")) - 1)
    return round(exact.value.scaleb(-place)) == rounded.value.scaleb(-place)


def _part_of(text: str, number: Number) -> set[str]:
    """Give the stem of what a number is a share of: "41 percent of children"."""
    of = _OF.match(text, number.end) if number.unit == "percent" else None
    return {stem(of[1])} if of else set()


def _counted(text: str, number: Number) -> set[str]:
    """Give the stem of the word right behind a number, which most often is what it counts, or its unit."""
    if number.unit:
        return {number.unit}
    of = OF_MANY.match(text, number.end)  # "two of the four unions" counts unions
    match = WORD.match(text, (of.end() if of else number.end) + 1)
    counts = (
        match and match[0].islower() and len(match[0]) > 3 and match[0] not in FUNCTION_WORDS and match[0][-2:] != "ed"
    )
    return {stem(match[0])} if match and counts else set()
