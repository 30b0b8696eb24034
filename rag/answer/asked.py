"""A question in; the kind of thing it asks for, and whether a sentence has such a thing to offer, out. Pure."""

from __future__ import annotations

import re
from enum import Enum, auto

from rag.facts import Number, dates_in, names_in, numbers_in
from rag.language.words import words


class Asked(Enum):
    """The kind of thing that a question asks for."""

    AGE = auto()
    AMOUNT = auto()
    COUNT = auto()
    DATE = auto()
    PLACE = auto()
    PERSON = auto()
    REASON = auto()
    TERMS = auto()  # what a pact, a law or an order lays down
    STATEMENT = auto()
    OTHER = auto()


# in this order: "how old" before "how", "which city" before "which"
SIGNS = tuple(
    (asked, re.compile(rf"\b(?:{pattern})", re.IGNORECASE))
    for asked, pattern in (
        (
            Asked.AGE,
            r"how old|(?:what|which) age|whose age|age of|when (?:was|were) .{1,60} born|(?:date|year) of birth",
        ),
        (Asked.COUNT, r"how many|(?:the |what |total )number of"),
        (
            Asked.AMOUNT,
            r"how (?:much|far|big|large|tall|high|heavy|long)|(?:in|many) (?:dollars|euros|km|kilomet|miles|percent)",
        ),
        (
            Asked.AMOUNT,
            r"(?:what|which) (?:percent|share|price|sum|amount|length|size|value)"
            r"|(?:price|cost|value|length|volume) of",
        ),
        (Asked.DATE, r"when\b|(?:what|which) (?:date|day|month|year|time)|since when|date of|on (?:what|which) "),
        (Asked.PLACE, r"where\b|(?:what|which) (?:city|capital|country|town|place|venue)"),
        (Asked.PERSON, r"who\b|whom\b|whose\b"),
        (Asked.REASON, r"why\b|how come|what for\b|(?:what|which) (?:\w+ ){0,3}(?:reason|purpose|goal|aim|motive)"),
        (
            Asked.TERMS,
            r"(?:requir|stipulat|oblig|entail|prescrib|lay down|laid down|calls? for|provides? for)\w*\b"
            r"|(?:terms|provisions?|conditions|obligations?|requirements?|clauses?|measures)\b"
            r"|(?:have|has|had|need|needs|supposed|bound) to do\b",
        ),
        (
            Asked.STATEMENT,
            r"(?:say|said|says|tell|told|claim|warn|promise|pledge|argue|comment|reply|replied|respond|react)\w*\b",
        ),
    )
)
REASON = re.compile(
    r"\b(?:because|since|due to|owing to|in order|so that|aim(?:s|ed|ing)?|goals?|purpose|seek(?:s|ing)?|sought"
    r"|response|following|over|after|amid|cit(?:es|ed|ing)|accus\w+|to \w+|for)\b",
    re.IGNORECASE,
)
TERMS = re.compile(
    r"\b(?:requir\w*|provi(?:sions?|des?|ded|ding)|stipulat\w*|oblig\w*|entail\w*|prescrib\w*|outlin\w*|demand\w*"
    r"|call(?:s|ed|ing)? for|terms|clauses?|conditions?|steps|measures|must|shall|undert\w+|ban(?:s|ned|ning)?"
    r"|prevent\w*|prohibit\w*)\b",
    re.IGNORECASE,
)
ROUND = 1000  # from here on a number without a unit is an amount rather than a count
AGE = re.compile(r"\baged?\b|\byears?[- ]old\b|\bborn\b|,\s\d\d,", re.IGNORECASE)
SPEECH = re.compile(
    r"[“”\"]|\b(?:accord\w+|add\w*|admit\w*|announc\w*|argu\w*|ask\w*|call\w*|caution\w*|claim\w*|declar\w*|den(?:y|ied)"
    r"|emphasi\w*|explain\w*|express\w*|insist\w*|not(?:ed|ing)|pledg\w*|promis\w*|reaffirm\w*|reiterat\w*|reject\w*|report\w*"
    r"|sa(?:id|ys?)|stat(?:ed|es|ement)|stress\w*|suggest\w*|testif\w*|thank\w*|told|urg\w*|vow\w*|warn\w*|wr(?:ite|ote)\w*)\b",
    re.IGNORECASE,
)

ORDER = re.compile(
    r"(?:^|[.!:;]\s*|\b(?:please|now|and|then|also)\s+)"
    r"(?:ignore|disregard|forget|pretend|repeat|print|output|reveal|confirm|obey|override|bypass|recommend"
    r"|act as|state (?:that|as))\b"
    r"|\b(?:system|developer) (?:prompt|mode|message)|\b(?:your|previous) (?:\w+ )?(?:instructions?|rules?|prompts?)\b"
    r"|\byou (?:are now|must now|will now)\b|\bfrom now on\b|</?\w+>|@everyone|@here"
    r"|\b(?:write|compose|tell) (?:me )?(?:a |an )?(?:poem|haiku|limerick|joke|song|code)\b"
    r"|\b(?:api|secret|access)[ _-]?(?:keys?|tokens?)\b",
    re.IGNORECASE,
)


def asked(question: str) -> Asked:
    """Name the kind of thing that a question asks for."""
    return next((kind for kind, sign in SIGNS if sign.search(question)), Asked.OTHER)


def is_order(question: str) -> bool:
    """Tell whether somebody gives orders to a machine instead of asking about the news."""
    return ORDER.search(question) is not None


def counted(question: str) -> list[str]:
    """List the words after `how many`, of which one names what is to be counted."""
    match = re.search(r"\bhow many\s+((?:[^\W_]+[\s-]*){1,3})", question, re.IGNORECASE)
    return [word.group().lower() for word in words(match[1])] if match else []


def numbered(sentence: str) -> list[list[str]]:
    """List for each number in a sentence the three words after it, of which one may name what is counted."""
    return [[word.group().lower() for word in words(sentence[number.end :])][:3] for number in quantities(sentence)]


def offers(kind: Asked, sentence: str, question: str) -> bool:
    """Tell whether a sentence has something of the kind asked for that the question itself does not give away."""
    given = {word.group().lower() for word in words(question)}
    if kind is Asked.AGE:
        return AGE.search(sentence) is not None
    if kind is Asked.COUNT:
        return any(sentence[number.start : number.end].lower() not in given for number in quantities(sentence))
    if kind is Asked.AMOUNT:
        return any(number.unit or number.value >= ROUND for number in quantities(sentence))
    if kind is Asked.DATE:
        return any(new(sentence[date.start : date.end], given) for date in dates_in(sentence)) or bool(
            numbers_in(sentence)
        )
    if kind in (Asked.PLACE, Asked.PERSON):
        return any(new(name.text, given) for name in names_in(sentence))
    if kind is Asked.TERMS:
        return TERMS.search(sentence) is not None
    if kind is Asked.REASON:
        return REASON.search(sentence) is not None
    return kind is not Asked.STATEMENT or SPEECH.search(sentence) is not None


def quantities(sentence: str) -> list[Number]:
    """List the numbers of a sentence that are no part of a date."""
    dates = dates_in(sentence)
    return [
        number
        for number in numbers_in(sentence)
        if not any(date.start <= number.start < date.end for date in dates) and not number.implied
    ]


def new(text: str, given: set[str]) -> bool:
    return any(word.group().lower() not in given for word in words(text))
