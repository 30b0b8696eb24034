"""Text in, the numbers it states out: figures or words, scaled, ordinal, fractions; with unit, rate and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from rag.facts.bounds import Bound, bears_out, bound_of
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
_MULTIPLES: dict[str, Decimal | int] = {
    "halved": Decimal("0.5"),
    "dozen": 12,
    "twice": 2,
    "double": 2,
    "doubled": 2,
    "doubling": 2,
    "triple": 3,
    "tripled": 3,
    "tripling": 3,
}
# words that say how many without being asked
_IMPLIED = {"single": 1, "sole": 1, "lone": 1, "trio": 3, "trilateral": 3} | dict.fromkeys(
    ("both", "either", "neither", "pair", "duo", "bilateral"), 2
)
_PARTS = {"half": 2, "third": 3, "quarter": 4} | {word: value for word, value in _ORDINAL.items() if 4 < value <= 10}
_ERAS = {word[:-1] + "ies": value for word, value in _SMALL.items() if value >= 20}
_COINS = "peso yen yuan rupee rupiah krona krone franc rial dinar dirham lira rouble ruble shilling rand won zloty"
_UNITS = (
    {
        "percent": r"%|per\s?cent\b|percent\b|pct\b",
        "point": r"percentage points?\b",
        "basis_point": r"basis points?\b",
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
        "square_kilometre": r"(?:square|sq) (?:km\b|kilomet(?:er|re)s?\b)|km²",
        "square_metre": r"square met(?:er|re)s?\b|m²",
        "cubic_metre": r"cubic met(?:er|re)s?\b|m³",
        "kilometre": r"km\b|kilomet(?:er|re)s?\b",
        "centimetre": r"cm\b|centimet(?:er|re)s?\b",
        "millimetre": r"mm\b|millimet(?:er|re)s?\b",
        "mile": r"miles?\b",
        "metre": r"met(?:er|re)s?\b",
        "foot": r"feet\b|foot\b|ft\b",
        "kilogram": r"kg\b|kilo(?:gram)?s?\b",
        "gram": r"g\b|grams?\b",
        "milligram": r"mg\b|milligrams?\b",
        "tonne": r"tons?\b|tonnes?\b",
        "barrel": r"barrels?\b",
        "litre": r"lit(?:er|re)s?\b",
        "degree": r"degrees?\b|°",
        "hectare": r"hectares?\b",
        "acre": r"acres?\b",
        "megawatt": r"megawatts?\b|mw\b",
        "gigawatt": r"gigawatts?\b|gw\b",
        "megabyte": r"megabytes?\b|mb\b",
        "gigabyte": r"gigabytes?\b|gb\b",
        "terabyte": r"terabytes?\b|tb\b",
    }
    | {coin: rf"{coin}s?\b" for coin in _COINS.split()}
    | {"krone": r"kron(?:er?|or|a|ur)\b|crowns?\b"}
)
_MULTIPLE_OF = {  # units that are so many of another
    "decade": ("year", Decimal(10)),
    "century": ("year", Decimal(100)),
    "kilometre": ("metre", Decimal(1000)),
    "centimetre": ("metre", Decimal("0.01")),
    "millimetre": ("metre", Decimal("0.001")),
}
_CURRENCY = {"$": "dollar", "€": "euro", "£": "pound"}
_UNIT = re.compile("[ \u00a0-]?(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items()) + ")", re.I)

_SPELLED = "|".join(
    sorted({*_SMALL, *_ORDINAL, "hundred", "thousand", "million", "billion", "trillion"}, key=len)[::-1]
)
_FIGURE = re.compile(
    r"(?<![\w.,])(?:(?<![^\W\d_]-)|(?<=\bunder-)|(?<=\bover-)|(?<=\bmid-))(?P<currency>[$€£])?"
    r"(?:(?P<clock>\d{1,2}:\d{2})(?::\d{2})?(?!\w)"
    r"|(?P<figure>\d{1,3}(?:,\d{3}|[ \u00a0\u2009\u202f]\d{3}(?![\d,]))+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<era>s)\b|"
    r"[ \u00a0-]?(?P<scale>(?:hundred|thousand|million|billion|trillion|mn|bn|tn|k|m|b)\b))?"
    r"(?![^\W\d_]*\d))",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"\b(?:(?P<dozens>(?:{'|'.join(_ONES[2:10])}) dozen)"
    rf"|(?P<spelled>(?:{_SPELLED})(?:(?:[ -]|(?:(?<=hundred)|(?<=thousand)|(?<=million)) and )(?:{_SPELLED}))*)"
    rf"|(?P<era>{'|'.join(_ERAS)})"
    rf"|(?P<multiple>{'|'.join(_MULTIPLES)})|(?P<implied>{'|'.join(_IMPLIED)}))\b",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    rf"\b(?P<parts>an?|{'|'.join(_ONES[1:10])})[ -](?P<part>{'|'.join(_PARTS)})s?\b"
    r"(?!-|\s(?!(?:of|more|less|fewer|as|in|on|by|before|that|higher|lower)\b)[a-z])"  # "a third man"
    r"|(?<!first )(?<!second )(?<!other )(?<!-)\bhalf\b(?!-|\s(?:an? |time\b|hour|year|brother|sister))",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"[ -](?!(?:of|another|and|or|but|to|for|in|on|at|by|with|from|that|who|which|is|was|has|had|can|may|day|side)"
    r"\b)[a-z]"
)
OF_MANY = re.compile(
    rf" (?:in|of|out of) (?:(?:the|its|their|every|last) )*(?:\d[\d,.]*|(?:{_SPELLED}))\b", re.IGNORECASE
)
_PER = re.compile(r"\b(?:per|at) $", re.IGNORECASE)  # "per second", "at first"
_SPAN = re.compile(r"\ba (?=(decade|century)\b)", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:no|any|every|each|some|this|the|which)[ -]$", re.IGNORECASE)
_BETWEEN_ENDS = re.compile(r"\s?[-–—]\s?[$€£]?|\s(?:to|and|or)\s[$€£]?", re.IGNORECASE)
_SCALED = re.compile(r"(?P<scale>million|billion|trillion|mn|bn|tn)$", re.IGNORECASE)
_NO_RANGE = re.compile(r"\bfrom\s$|\b(?:vot\w+|rul\w+|w[io]n|lost|beat|lead|led|drew|defeat|score)\b", re.IGNORECASE)
_RATE = re.compile(
    r"[ -]?(?:[\w.]+ )??(?:an?|per|each|every)"
    r" (day|week|month|year|hour|minute|second|night|litre|kilogram|tonne|barrel|person)"
    r"\b(?! (?:ago|earlier|later|before))",
    re.I,
)
_LONGEST = 40  # digits; what is longer is not a number that anybody reports


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `text[start:end]`. `unit` and `rate` are "" when the text names none that we know."""

    start: int
    end: int
    value: Decimal
    unit: str = ""
    implied: bool = False  # by a word such as "both", which says more than the number
    rate: str = ""  # "day" in "30 barrels a day"
    bound: Bound = Bound.EXACT

    def states(self, other: Number) -> bool:
        """Tell whether this number of a source is that `other` of a claim, whatever else is said of them."""
        if self.value != other.value or (self.rate and other.rate and self.rate != other.rate):
            return False
        strict = {self.unit, other.unit} & {"percent", "point", "basis_point", "era", "clock"}
        return self.unit == other.unit or (not strict and "" in (self.unit, other.unit))

    def bears_out(self, other: Number) -> bool:
        """Tell whether the bounds of this number of a source allow those of that `other` of a claim."""
        return bears_out(self.bound, other.bound)


@lru_cache(maxsize=512)
def numbers_in(text: str) -> tuple[Number, ...]:
    """Find the numbers of a text in order. "One" counts only before what it counts ("one week")."""
    found = [*_figures(text), *_fractions(text), *_spans(text)]
    inside = {position for number in found for position in range(number.start, number.end)}  # "million", "one third"
    words = [number for number in _words(text) if number.start not in inside]
    return tuple(_in_ranges(text, sorted((*found, *words), key=lambda number: number.start)))


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
            yield Number(*match.span(), Decimal(int(hours) * 60 + int(minutes)), "clock")
        elif len(match["figure"]) <= _LONGEST:
            value = Decimal(re.sub(r"[,\s]", "", match["figure"])) * _SCALE.get((match["scale"] or "").lower(), 1)
            if match["era"] and value % 10 == 0:
                yield Number(*match.span(), value, "era")
            elif match["ordinal"]:
                yield replace(_measured(text, *match.span(), value), bound=Bound.EXACT)
            else:
                yield _measured(text, *match.span(), value, _CURRENCY.get(match["currency"] or "", ""))


def _fractions(text: str) -> Iterator[Number]:
    """Find the parts of a whole, as percentages: "a third", "two thirds", "half"."""
    for match in _FRACTION.finditer(text):
        parts = Decimal(_SMALL.get((match["parts"] or "one").lower(), 1))
        whole = _PARTS[(match["part"] or "half").lower()]
        yield _measured(text, *match.span(), round(100 * parts / whole, 1), "percent")


def _spans(text: str) -> Iterator[Number]:
    for match in _SPAN.finditer(text):
        yield _measured(text, match.start(), match.start(1), Decimal(1))


def _words(text: str) -> Iterator[Number]:
    for match in _WORDS.finditer(text):
        kind, word = match.lastgroup, match[0].lower()
        if kind == "dozens":
            yield _measured(text, *match.span(), Decimal(12 * _SMALL[word.split()[0]]))
        elif kind == "multiple":
            yield _measured(text, *match.span(), Decimal(_MULTIPLES[word]))
        elif kind == "era":
            yield Number(*match.span(), Decimal(_ERAS[word]), "era")
        elif kind == "implied":
            yield Number(*match.span(), Decimal(_IMPLIED[word]), implied=True)
        elif (word != "one" or _counts(text, match)) and not (
            word in ("first", "second") and _PER.search(text[: match.start()][-4:])
        ):
            ordinal = re.split(r"[ -]", word)[-1] in _ORDINAL
            for value in _spelled(re.split(r"[ -]", word)):
                number = _measured(text, *match.span(), Decimal(value))
                yield replace(number, bound=Bound.EXACT) if ordinal else number


def _measured(text: str, start: int, end: int, value: Decimal, unit: str = "") -> Number:
    """Read what is said of a number around it: its unit, its rate, its bounds."""
    match = _UNIT.match(text, end)
    named = unit or (match.lastgroup or "" if match else "")
    rate = _RATE.match(text, match.end() if match else end)
    base, factor = _MULTIPLE_OF.get(named, (named, Decimal(1)))
    bound = bound_of(text, start, end)
    return Number(start, end, value * factor, base, rate=rate[1].lower() if rate else "", bound=bound)


def _in_ranges(text: str, numbers: Sequence[Number]) -> list[Number]:
    """Give the ends of ranges one unit and one scale ("15 to 20 million euros"), and say which end they are."""
    found = list(numbers)
    for index, (low, high) in enumerate(pairwise(numbers)):
        if not _BETWEEN_ENDS.fullmatch(text, low.end, high.start) or not low.value < high.value:
            continue
        scaled = _SCALED.search(text[high.start : high.end])
        factor = _SCALE[scaled["scale"].lower()] if scaled else 1
        value = low.value * factor if low.value * factor < high.value else low.value
        low = replace(low, value=value, unit=low.unit or high.unit, rate=low.rate or high.rate)
        joined = "and" in text[low.end : high.start]
        before = text[max(0, low.start - 30) : low.start]
        if re.search(r"\bbetween\s[$€£]?$", before, re.I) if joined else not _NO_RANGE.search(before):
            low, high = replace(low, bound=Bound.LOW), replace(high, bound=Bound.HIGH)
        found[index : index + 2] = [low, high]
    return found


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
    of_many = OF_MANY.match(text, one.end())
    counted = _COUNTED.match(text, one.end()) and not _PRONOUN.search(text[: one.start()][-7:])
    return bool(of_many or counted)
