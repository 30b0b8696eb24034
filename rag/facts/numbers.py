"""Text in, the numbers it states out: figures or words, scaled ("1.5 million"), ordinal, ranged, with their units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rag.facts.dates import dates_in

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_SMALL = {word: value for value, word in enumerate(_ONES)} | {word: 10 * (n + 2) for n, word in enumerate(_TENS)}
_ORDINAL = {word: value for value, word in enumerate(_ORDINALS)} | {
    word[:-1] + "ieth": 10 * (n + 2) for n, word in enumerate(_TENS)
}
_SCALE = {
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
}
_MULTIPLES = {"dozen": 12, "twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3}
# words that say how many without being asked
_IMPLIED = {
    "single": 1,
    "sole": 1,
    "lone": 1,
    "both": 2,
    "either": 2,
    "neither": 2,
    "pair": 2,
    "duo": 2,
    "bilateral": 2,
} | {
    "trio": 3,
    "trilateral": 3,
}
_UNITS = {
    "percent": r"%|per\s?cent\b|percent\b|pct\b",
    "point": r"percentage points?\b",
    "dollar": r"(?:us |u\.s\. )?dollars?\b|usd\b",
    "euro": r"euros?\b|eur\b",
    "pound": r"pounds?\b|gbp\b",
    "second": r"seconds\b",
    "minute": r"minutes?\b",
    "hour": r"hours?\b|hourly\b",
    "day": r"days?\b",
    "week": r"weeks?\b",
    "month": r"months?\b",
    "year": r"years?\b|yrs?\b",
    "decade": r"decades?\b",
    "century": r"centur(?:y|ies)\b",
    "kilometre": r"km\b|kilomet(?:er|re)s?\b",
    "mile": r"miles?\b",
    "metre": r"met(?:er|re)s?\b",
    "foot": r"feet\b|foot\b|ft\b",
    "kilogram": r"kg\b|kilo(?:gram)?s?\b",
    "tonne": r"tons?\b|tonnes?\b",
    "barrel": r"barrels?\b",
    "litre": r"lit(?:er|re)s?\b",
    "degree": r"degrees?\b|°",
    "hectare": r"hectares?\b",
    "acre": r"acres?\b",
}
_CURRENCY = {"$": "dollar", "€": "euro", "£": "pound"}
_UNIT = re.compile("[ \u00a0-]?(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items()) + ")", re.I)

_SPELLED = "|".join(
    sorted({*_SMALL, *_ORDINAL, "hundred", "thousand", "million", "billion", "trillion"}, key=len)[::-1]
)
_FIGURE = re.compile(
    r"(?<![\w.,])(?<![A-Z]-)(?P<currency>[$€£])?"
    r"(?:(?P<clock>\d{1,2}:\d{2})(?::\d{2})?(?!\w)"
    r"|(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<era>s)\b|"
    r"[ \u00a0-]?(?P<scale>(?:hundred|thousand|million|billion|trillion|mn|bn|tn|k|m|b)\b))?"
    r"(?![^\W\d_]*\d))",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"\b(?:(?P<dozens>(?:{'|'.join(_ONES[2:10])}) dozen)"
    rf"|(?P<spelled>(?:{_SPELLED})(?:(?:[ -]| and )(?:{_SPELLED}))*)"
    rf"|(?P<multiple>{'|'.join(_MULTIPLES)})|(?P<implied>{'|'.join(_IMPLIED)}))\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"[ -](?!(?:of|another|and|or|but|to|for|in|on|at|by|with|from|that|who|which|is|was|has|had|can|may|day|side)"
    r"\b)[a-z]"
)
_PRONOUN = re.compile(r"\b(?:no|any|every|each|some|this|that|the|which)[ -]$", re.IGNORECASE)
_LONGEST = 40  # digits; what is longer is not a number that anybody reports


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `text[start:end]`. `unit` is "" when the text names none that we know."""

    start: int
    end: int
    value: Decimal
    unit: str = ""
    implied: bool = False  # by a word such as "both", which says more than the number

    def states(self, other: Number) -> bool:
        """Tell whether this number of a source supports that `other` of a claim."""
        if self.value != other.value:
            return False
        strict = {self.unit, other.unit} & {"percent", "point", "era", "clock"}
        return self.unit == other.unit or (not strict and "" in (self.unit, other.unit))


def numbers_in(text: str) -> tuple[Number, ...]:
    """Find the numbers of a text in order. "One" counts only before what it counts ("one week")."""
    figures = list(_figures(text))
    scaled = {figure.end for figure in figures}  # the "million" of "1.5 million" is no number of its own
    words = [number for number in _words(text) if number.end not in scaled]
    return tuple(sorted((*figures, *words), key=lambda number: number.start))


def quantities(sentence: str) -> list[Number]:
    """List the numbers of a sentence that are no part of a date."""
    dates = dates_in(sentence)
    return [
        number
        for number in numbers_in(sentence)
        if not any(date.start <= number.start < date.end for date in dates) and not number.implied
    ]


def _figures(text: str) -> Iterator[Number]:
    for match in _FIGURE.finditer(text):
        if match["clock"]:
            hours, minutes = match["clock"].split(":")
            yield Number(match.start(), match.end(), Decimal(int(hours) * 60 + int(minutes)), "clock")
        elif len(match["figure"]) <= _LONGEST:
            value = Decimal(match["figure"].replace(",", "")) * _SCALE.get((match["scale"] or "").lower(), 1)
            unit = "era" if match["era"] else _unit(text, match.end()) or _CURRENCY.get(match["currency"] or "", "")
            yield Number(match.start(), match.end(), value, unit)


def _words(text: str) -> Iterator[Number]:
    for match in _WORDS.finditer(text):
        unit = _unit(text, match.end())
        if match["dozens"]:
            yield Number(match.start(), match.end(), Decimal(12 * _SMALL[match["dozens"].lower().split()[0]]), unit)
        elif match["multiple"]:
            yield Number(match.start(), match.end(), Decimal(_MULTIPLES[match["multiple"].lower()]), unit)
        elif match["implied"]:
            yield Number(match.start(), match.end(), Decimal(_IMPLIED[match["implied"].lower()]), unit, implied=True)
        elif match["spelled"].lower() != "one" or _counts(text, match):
            for value in _spelled(re.split(r"[ -]", match["spelled"].lower())):
                yield Number(match.start(), match.end(), Decimal(value), unit)


def _spelled(words: list[str]) -> Iterator[int]:
    """Add up spelled-out numbers: a word that cannot continue the number before it starts the next one."""
    total, group, last = 0, 0, 0  # `last` is the smallest place filled in the group, 0 when it is empty
    for word in words:
        value = _SMALL.get(word, _ORDINAL.get(word))
        if value is None and word == "hundred":
            group, last = (group or 1) * 100, 100
        elif value is None and word in _SCALE:
            total, group, last = total + (group or (0 if total else 1)) * _SCALE[word], 0, 1000
        elif value is not None:
            if last and value >= (last if last < 100 else 100):
                yield total + group
                total, group = 0, 0
            group, last = group + value, 1 if value < 10 else 10
            if value >= 10 and value % 10:
                last = 1
    yield total + group


def _counts(text: str, one: re.Match[str]) -> bool:
    """Tell the number from the pronoun ("one of them", "no one")."""
    return _COUNTED.match(text, one.end()) is not None and _PRONOUN.search(text[: one.start()][-7:]) is None


def _unit(text: str, position: int) -> str:
    match = _UNIT.match(text, position)
    return match.lastgroup or "" if match else ""
