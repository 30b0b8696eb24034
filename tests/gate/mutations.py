"""An honest claim in, claims with one fact altered out. Deterministic, so that a measured figure stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag.facts import dates_in, names_in, numbers_in

PEOPLE = ("Tomas Berggren", "Nadia Okonkwo", "Karim Halabi", "Viktor Sobolev", "Chen Guowei")
PLACES = ("Reykjavik", "Bolivia", "Marrakesh", "Osaka", "Montevideo", "Tashkent", "Namibia")
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WORDS = {
    "two": "three",
    "three": "five",
    "four": "six",
    "five": "seven",
    "seventeen": "nineteen",
    "twenty": "thirty",
} | {
    "six": "nine",
    "eleven": "twelve",
    "fourth": "fifth",
    "third": "fourth",
    "first": "third",
    "second": "fourth",
    "one": "two",
}
_AUXILIARY = re.compile(r"\b(was|were|is|are|has|have|had|will|would|could|may|might|should)\b(?! (?:not|no)\b)")
_NOT = re.compile(r" not\b| never\b|\bNeither of |\bno (?=\w)")
_OPPOSITES = {
    "rose": "fell",
    "increase": "decrease",
    "lifted": "cut",
    "dropped": "climbed",
    "after": "before",
    "following": "before",
    "highest": "lowest",
    "died": "survived",
    "agreed": "refused",
    "reduce": "increase",
    "arrested": "released",
    "rise": "fall",
    "won": "lost",
    "opened": "closed",
    "below": "above",
    "over": "less than",
    "ratified": "rejected",
    "high": "low",
    "north": "south",
    "east": "west",
    "confirmed": "denied",
    "raise": "cut",
}
_HEDGES = (
    (re.compile(r" ?\breportedly\b,?"), ""),
    (re.compile(r",? rebels claimed"), ""),
    (re.compile(r", Foreign Minister Elena Markova said"), ""),
    (re.compile(r"\b(?:may|might|could) (?=\w)"), "did "),
    (re.compile(r"\bintends to recruit"), "recruited"),
    (re.compile(r"\bshould be\b"), "is"),
    (re.compile(r"\b(?:would|will) be\b"), "was"),
    (re.compile(r"\bwas accused by prosecutors of shifting"), "shifted"),
    (re.compile(r"\baccused (.+?) of ramming"), r"saw \1 ram"),
    (re.compile(r"\bpromised to leave"), "left"),
    (re.compile(r"\bwill (?=\w)"), "did "),
)


_SHIFTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("|".join(_MONTHS), lambda word: _MONTHS[(_MONTHS.index(word) + 5) % 12]),
    ("|".join(_DAYS), lambda word: _DAYS[(_DAYS.index(word) + 2) % 7]),
    (r"\b\d{1,2}\b", lambda day: str((int(day) + 8) % 28 + 1)),
    (r"\b\d{4}\b", lambda year: str(int(year) - 1)),
)


def altered(claim: str, kind: str) -> Iterator[str]:
    """Yield the claim with one fact of a kind altered: number, date, name, polarity or hedge."""
    yield from (text for text in _ALTERATIONS[kind](claim) if text != claim)


def _numbers(claim: str) -> Iterator[str]:
    dates = dates_in(claim)
    for number in numbers_in(claim):
        if not any(date.start < number.end and number.start < date.end for date in dates) and not number.implied:
            old = claim[number.start : number.end]
            new = _WORDS.get(old.lower()) or re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 9 + 1), old, count=1)
            yield claim[: number.start] + new + claim[number.end :]


def _dates(claim: str) -> Iterator[str]:
    for date in dates_in(claim):
        old = claim[date.start : date.end]
        for pattern, shift in _SHIFTS:
            if match := re.search(pattern, old):
                new = old[: match.start()] + shift(match[0]) + old[match.end() :]
                yield claim[: date.start] + new + claim[date.end :]


def _names(claim: str) -> Iterator[str]:
    for index, name in enumerate(names_in(claim)):
        for pool in (PEOPLE, PLACES):
            yield claim[: name.start] + pool[(index + len(claim)) % len(pool)] + claim[name.end :]


def _polarity(claim: str) -> Iterator[str]:
    if _NOT.search(claim):
        yield _NOT.sub("", claim)
    elif auxiliary := _AUXILIARY.search(claim):
        yield f"{claim[: auxiliary.end()]} not{claim[auxiliary.end() :]}"
    for word, opposite in _OPPOSITES.items():
        if re.search(rf"\b{word}\b", claim):
            yield re.sub(rf"\b{word}\b", opposite, claim, count=1)


def _hedges(claim: str) -> Iterator[str]:
    for pattern, replacement in _HEDGES:
        if pattern.search(claim):
            yield pattern.sub(replacement, claim, count=1)


_ALTERATIONS = {"number": _numbers, "date": _dates, "name": _names, "polarity": _polarity, "hedge": _hedges}
