"""A question in, whom it says to have something from out: "a Herald article", "according to the Courier". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.facts import Name, names_in
from rag.facts.places import country_of

NEAR = 80  # characters before a name that tell whether it is a source's

# what only a publication prints; anybody may have written a report, and "the Holt interview" is of Holt
_PRINTED = r"(?:articles?|blogs?|columns?|editorials?|newsletters?|op-eds?|pieces?|podcasts?)"
_WRITTEN = rf"(?:{_PRINTED}|coverage|reports?|reporting|reviews?|story|stories)"
_TOLD_IN = rf"(?:{_WRITTEN}|analys[ei]s|broadcasts?|features?|headlines?|interviews?|posts?)"
_TOLD = (
    "(?:aired|broadcast|carried|covered|described|detailed|discussed|featured|highlighted|mentioned|noted|outlined"
    "|provided|reported|revealed)"
)
_SHOWN = "(?:aired|broadcast|discussed|featured|mentioned)"
_QUOTES = "[\"'“”‘’«»]*"
_THE = rf"\s(?:both\s)?(?:an?\s|the\s)?{_QUOTES}$"
_LITTLE = r"(?:an?|about|and|by|for|from|in|is|of|on|or|that|the|to|was|with)\b"
_OWN = rf"{_QUOTES}s?{_QUOTES}(?:\s(?!{_LITTLE})(?-i:[a-z-]+)){{0,2}}?\s"  # "the Herald's long first …"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_PRINTED_BY = _pattern(
    rf"\b(?:(?:{_PRINTED}|story|stories)\s(?:\w+ed\s)?(?:by|from|in)|(?:printed|published)\s(?:by|in)){_THE}"
)
_TOLD_BY = _pattern(
    rf"\b(?:{_TOLD_IN}\s(?:\w+ed\s)?(?:by|from|in)|(?:another|one)\s(?:by|from)|{_TOLD}\s(?:\w+ly\s)?(?:by|in)|{_SHOWN}\son"
    rf"|according to|as per|sources (?:like|such as|including)){_THE}"
)
_PRINTED_OWN = _pattern(rf"{_OWN}{_PRINTED}\b")
_TOLD_OWN = _pattern(
    rf"{_OWN}{_WRITTEN}\b"
    rf"|{_QUOTES}\s(?:also\s|has\s|have\s|had\s)?(?:reports?|reported|(?:writes|wrote)\sthat)\b(?!\s(?:by|from|in)\b)"
)
_AND = _pattern(rf"{_QUOTES},?\s(?:and|as well as|or)\s(?:another\s|one\s)?(?:by\s|from\s|in\s)?(?:the\s)?{_QUOTES}")
_OPENING = _pattern(r"^.*\s(?:an?|the)\s")


@dataclass(frozen=True, slots=True)
class Credit:
    """A name that a question gives as a source, without "the"."""

    name: str
    prints: bool  # it can only be a publication's; of others it may be a person's

    @classmethod
    def of(cls, question: str, name: Name) -> Credit:
        """Credit a name in a question. The word that opens the sentence is none of it: "Given the Herald"."""
        called = _OPENING.sub("", name.text) if name.opens else name.text
        before = question[max(0, name.start - NEAR) : name.start]
        return cls(called, bool(_PRINTED_BY.search(before) or _PRINTED_OWN.match(question, name.end)))


@lru_cache(maxsize=512)  # each part of a question asks for those of the whole
def credited(question: str) -> tuple[Credit, ...]:
    """List the names that stand where a source is named, each once. Countries are none."""
    names = [name for name in names_in(question) if not country_of(name.text)]
    found = [is_source(question, name) for name in names]
    for one, other in joined(question, names):  # "a report by the Herald and the Courier"
        found[other] |= found[one]
    for one, other in reversed([*joined(question, names)]):  # "the Herald and the Courier reported"
        found[one] |= found[other]
    given: dict[str, Credit] = {}
    for credit in (Credit.of(question, name) for name, is_one in zip(names, found, strict=True) if is_one):
        if credit.prints or credit.name not in given:
            given[credit.name] = credit
    return tuple(given.values())


def is_source(question: str, name: Name) -> bool:
    """Tell whether the words around a name say that something is told there."""
    before = question[max(0, name.start - NEAR) : name.start]
    return any(sign.search(before) for sign in (_PRINTED_BY, _TOLD_BY)) or bool(_TOLD_OWN.match(question, name.end))


def joined(question: str, names: list[Name]) -> Iterator[tuple[int, int]]:
    """Yield the places of names that nothing but "and" or "or" stands between."""
    for one, (name, following) in enumerate(pairwise(names)):
        if _AND.fullmatch(question, name.end, following.start):
            yield one, one + 1
