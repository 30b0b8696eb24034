"""A text and the place of a number in it in, how the words around it limit the number out. Pure."""

from __future__ import annotations

import re
from enum import StrEnum


class Bound(StrEnum):
    """What a text says of a number besides its value."""

    EXACT = ""
    ABOUT = "about"
    NEARLY = "nearly"
    WITHIN = "within"  # "within 90 days" may be in 90 days, but not in more
    OVER = "over"  # "more than", "at least": nobody keeps the two apart
    UNDER = "under"
    LOW = "low"  # the lower end of a range
    HIGH = "high"
    FROM = "from"  # what it was before it became another
    TO = "to"


LARGER = r"more|greater|higher|larger|bigger|older|longer|heavier|taller|deeper|wider|farther|further|faster|better"
SMALLER = r"less|fewer|lower|smaller|younger|shorter|lighter|shallower|cheaper|narrower|sooner|nearer|slower"
_WORDS = (
    (
        Bound.UNDER,
        rf"(?:no|not)(?: \w+){{0,3}}? (?:{LARGER}|later) than|at (?:the )?most|up to|as (?:many|much|high|long) as",
    ),
    (
        Bound.OVER,
        rf"(?:no|not)(?: \w+){{0,3}}? (?:{SMALLER}|earlier) than|start(?:s|ed|ing)? (?:at|from)|at (?:the )?least"
        r"|a minimum of|minimum|upwards of",
    ),
    (Bound.UNDER, rf"(?:{SMALLER}) than|under|below|a maximum of|not even|maximum|limited to"),
    (Bound.OVER, rf"(?:{LARGER}) than|over|above|exceed(?:s|ed|ing)?|in excess of|beyond|past"),
    (Bound.NEARLY, r"nearly|almost|close to|just short of|not quite|approaching"),
    (Bound.WITHIN, r"within|inside|only|just|merely"),
    (Bound.ABOUT, r"about|around|roughly|some|approximately|circa|an? estimated|or so|in the region of"),
    (Bound.FROM, r"from"),
    (Bound.TO, r"to|at"),
)
_MEASURE = r"(?: (?:price|level|total|sum|cost|rate|speed|height|age|value) of)?"
_FRONT = tuple(
    (bound, re.compile(rf"\b(?:{words})(?: an?| about|-)?{_MEASURE}\s*[$€£]?$", re.IGNORECASE))
    for bound, words in _WORDS
)
_THINGS = r"[ -]?(?:%|\w+)?(?: \w+)?"  # "eleven days or more", "12 percent of them or less"
_BEHIND = (
    (Bound.OVER, re.compile(rf"{_THINGS} (?:or|and) (?:more|longer|over|above|older|later|higher|greater)\b", re.I)),
    (Bound.UNDER, re.compile(rf"{_THINGS} (?:or|and) (?:less|fewer|shorter|under|below|younger|lower)\b", re.I)),
    (Bound.OVER, re.compile(rf"{_THINGS} at (?:the )?least\b", re.I)),
    (Bound.UNDER, re.compile(rf"{_THINGS} at (?:the )?most\b", re.I)),
)
_EXTENT = re.compile(
    r"[ -]?(?:minutes|hours|days|weeks|months|years|decades|km|kilomet\w+|miles)\b(?! (?:per|an)\b)", re.I
)
_OVER = re.compile(r"\bover\s+$", re.IGNORECASE)  # "over 18 months" may be in the course of them

# what a source says of a number | what a claim may say of it
_BORNE_OUT = {
    Bound.EXACT: {Bound.EXACT, Bound.ABOUT, Bound.FROM, Bound.TO, Bound.WITHIN},
    Bound.ABOUT: {Bound.EXACT, Bound.ABOUT, Bound.FROM, Bound.TO},
    Bound.WITHIN: {Bound.WITHIN, Bound.UNDER, Bound.NEARLY, Bound.ABOUT, Bound.EXACT, Bound.TO},
    Bound.NEARLY: {Bound.NEARLY, Bound.UNDER, Bound.ABOUT, Bound.EXACT, Bound.TO},
    Bound.OVER: {Bound.OVER, Bound.ABOUT},
    Bound.UNDER: {Bound.UNDER, Bound.NEARLY, Bound.WITHIN, Bound.ABOUT},
    Bound.LOW: {Bound.LOW, Bound.OVER, Bound.FROM},
    Bound.HIGH: {Bound.HIGH, Bound.UNDER, Bound.TO},
    Bound.FROM: {Bound.FROM, Bound.EXACT, Bound.ABOUT, Bound.LOW},
    Bound.TO: {Bound.TO, Bound.EXACT, Bound.ABOUT, Bound.HIGH},
}


def bound_of(text: str, start: int, end: int) -> Bound:
    """Tell how the words around `text[start:end]` limit it; the ends of ranges are for the caller to know."""
    before = text[max(0, start - 36) : start]
    if _OVER.search(before) and _EXTENT.match(text, end):
        return Bound.EXACT
    front = next((bound for bound, words in _FRONT if words.search(before)), Bound.EXACT)
    behind = next((bound for bound, words in _BEHIND if words.match(text, end)), Bound.EXACT)
    return behind or front


def bears_out(given: Bound, claimed: Bound) -> bool:
    """Tell whether what a source says of a number allows what a claim says of the same number."""
    return claimed in _BORNE_OUT[given]
