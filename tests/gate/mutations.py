"""An honest claim in, claims with one fact altered out. Deterministic, so that a measured figure stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag.facts import dates_in, names_in, numbers_in

STRANGERS = ("Tomas Berggren", "Nadia Okonkwo", "Karim Halabi", "Viktor Sobolev", "Chen Guowei")
PLACES = ("Reykjavik", "Bolivia", "Marrakesh", "Osaka", "Montevideo", "Tashkent", "Namibia")
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WORDS = {
    "one": "two",
    "two": "three",
    "three": "five",
    "four": "six",
    "five": "seven",
    "six": "nine",
    "seven": "four",
    "nine": "eight",
    "eleven": "twelve",
    "seventeen": "nineteen",
    "twenty": "thirty",
    "first": "third",
    "second": "fourth",
    "third": "fourth",
    "fourth": "fifth",
    "ninth": "tenth",
}
_UNITS = {
    "percent": "percentage points",
    "%": " kilometres",
    "kilometres": "miles",
    "km": "miles",
    "metres": "feet",
    "tonnes": "barrels",
    "minutes": "hours",
    "days": "weeks",
    "weeks": "months",
    "months": "years",
    "years": "months",
    "euros": "dollars",
    "dollars": "pounds",
    "pounds": "euros",
    "€": "$",
    "$": "£",
    "£": "€",
}
_COMPARATIVES = {
    "more than": "less than",
    "less than": "more than",
    "over": "under",
    "at least": "at most",
    "up to": "at least",
    "below": "above",
}
_SUPERLATIVES = {"higher": "lower", "highest": "lowest", "largest": "smallest", "before": "after"}
_SHIFTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("|".join(_MONTHS), lambda word: _MONTHS[(_MONTHS.index(word) + 5) % 12]),
    ("|".join(_DAYS), lambda word: _DAYS[(_DAYS.index(word) + 2) % 7]),
    (r"\b\d{1,2}\b", lambda day: str((int(day) + 8) % 28 + 1)),
    (r"\b\d{4}\b", lambda year: str(int(year) - 1)),
)
_AUXILIARY = re.compile(r"\b(was|were|is|are|has|have|had|will|would|could|may|might|should)\b(?! (?:not|no)\b)")
_NOT = re.compile(r" not\b| never\b|\bno (?=\w)")


def altered(claim: str) -> Iterator[tuple[str, str]]:
    """Yield the claim with one fact altered, each with the kind of that fact."""
    for kind, alter in _ALTERATIONS.items():
        yield from ((kind, text) for text in alter(claim) if text != claim)


def _numbers(claim: str) -> Iterator[str]:
    dates = dates_in(claim)
    for number in numbers_in(claim):
        if not any(date.start < number.end and number.start < date.end for date in dates) and not number.implied:
            old = claim[number.start : number.end]
            new = _WORDS.get(old.lower()) or re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 9 + 1), old, count=1)
            yield claim[: number.start] + new + claim[number.end :]


def _units(claim: str) -> Iterator[str]:
    for unit, other in _UNITS.items():
        yield re.sub(rf"(?<=\d) ?{re.escape(unit)}(?!\w)", other if other[0] == " " else f" {other}", claim, count=1)
        if unit in "€$£":
            yield claim.replace(unit, other, 1)


def _dates(claim: str) -> Iterator[str]:
    for date in dates_in(claim):
        old = claim[date.start : date.end]
        for pattern, shift in _SHIFTS:
            if match := re.search(pattern, old):
                new = old[: match.start()] + shift(match[0]) + old[match.end() :]
                yield claim[: date.start] + new + claim[date.end :]


def _names(claim: str) -> Iterator[str]:
    for index, name in enumerate(names_in(claim)):
        yield claim[: name.start] + STRANGERS[(index + len(claim)) % len(STRANGERS)] + claim[name.end :]


def _places(claim: str) -> Iterator[str]:
    for index, match in enumerate(re.finditer(r"(?<= in | at | to )[A-Z]\w+(?: [A-Z]\w+)*|(?<= from )[A-Z]\w+", claim)):
        yield claim[: match.start()] + PLACES[(index + len(claim)) % len(PLACES)] + claim[match.end() :]


def _polarity(claim: str) -> Iterator[str]:
    if _NOT.search(claim):
        yield _NOT.sub("", claim)
    elif auxiliary := _AUXILIARY.search(claim):
        yield f"{claim[: auxiliary.end()]} not{claim[auxiliary.end() :]}"


def _comparatives(claim: str) -> Iterator[str]:
    for word, opposite in _COMPARATIVES.items():
        yield re.sub(rf"(?i)\b{word}(?= [$€£]?\d)(?! \d+ (?:months|years))", opposite, claim, count=1)
    for word, opposite in _SUPERLATIVES.items():
        yield re.sub(rf"(?i)\b{word}\b", opposite, claim, count=1)


_ALTERATIONS = {
    "number": _numbers,
    "unit": _units,
    "date": _dates,
    "name": _names,
    "place": _places,
    "polarity": _polarity,
    "comparative": _comparatives,
}
