"""A question in; the kind of thing it asks for, and where a sentence has such things, out. Pure."""

from __future__ import annotations

import re
from enum import Enum, auto

from rag.facts import Name, dates_in, names_in, quantities
from rag.facts.places import country_around, country_of
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
    NAME = auto()  # which of several, or what it is called
    STATEMENT = auto()
    OTHER = auto()


AUXILIARY = r"(?:['’]?s|did|do|does|is|are|was|were|has|have|had|can|could|will|would|should|may|might)\b"
LEAD_IN = r"(?:^|[.:;!?]|\s-)\W*(?:(?:and|but|so|ok(?:ay)?|also|then|please|pls|now|do (?:we|you) know)\b[\s,]*)*"
NAMES = r"\bnames? of\b|^\W*name the\b|\bby name\b|\bnames\b|\btitle of\b"


def opened_by(word: str) -> str:
    """Write a pattern for a word that asks, and does not join clauses as in "where was she when it sank"."""
    return rf"{LEAD_IN}{word}\b|\b{word}\s?{AUXILIARY}|\band {word}\b|\b{word}\W*$"


# in this order: "how old" before "how", "which city" before "which"
SIGNS = tuple(
    (asked, re.compile("|".join(patterns), re.IGNORECASE))
    for asked, *patterns in (
        (
            Asked.AGE,
            r"\bhow old\b|\b(?:what|which) age\b|\bwhose age\b|\bage of\b",
            r"\bwhen (?:was|were) .{1,60} born\b|\b(?:date|year) of birth\b",
        ),
        (Asked.COUNT, r"\bhow many\b|\b(?:the |what |total )number of\b"),
        (
            Asked.AMOUNT,
            r"\bhow (?:much|far|big|large|tall|high|heavy|long)\b",
            r"\b(?:in|many) (?:dollars|euros|km|kilomet\w*|miles|percent)\b",
            r"\b(?:what|which) (?:percent\w*|share|price|sum|amount|length|size|value)\b",
            r"\b(?:price|cost|value|length|volume) of\b",
        ),
        (
            Asked.DATE,
            opened_by("when"),
            r"\b(?:what|which) (?:date|day|month|year|time)\b|\bsince when\b|\bdate of\b|\bdate\W*$",
        ),
        (Asked.PLACE, opened_by("where"), r"\b(?:what|which) (?:city|capital|country|town|place|venue|building)\b"),
        (Asked.PERSON, opened_by(r"(?:by |to |with |from )?who(?:m|se)?")),
        (
            Asked.REASON,
            r"\bwhy\b|\bhow come\b|\bwhat for\b",
            r"\b(?:what|which) (?:\w+ ){0,3}(?:reason|purpose|goal|aim|motive)s?\b",
        ),
        (
            Asked.TERMS,
            r"\b(?:requir|stipulat|oblig|entail|prescrib|lay down|laid down|calls? for|provides? for)\w*\b",
            r"\b(?:terms|provisions?|conditions|obligations?|requirements?|clauses?|measures)\b",
            r"\b(?:have|has|had|need|needs|supposed|bound) to do\b",
        ),
        (Asked.NAME, NAMES, r"\bwhich\b|\blist\b|\b(?:called|named)\W*$"),
        (
            Asked.STATEMENT,
            r"\b(?:what|how)\b.*\b(?:say|said|tell|told|claim|warn|promis|pledg|argu|comment|repl[iy]|respond|react)\w*",
            r"\b(?:reactions?|responses?)\b",
        ),
    )
)
NAMED = re.compile(NAMES, re.IGNORECASE)
FURTHER = re.compile(r",? and (?:who|when|where|why|how|what|which|whom)\b|\?.*\?", re.IGNORECASE)
REASON = re.compile(
    r"\b(?:because|since|due to|owing to|in order|so that|as a result|aim(?:s|ed|ing)?|goals?|purpose|reason"
    r"|seek(?:s|ing)?|sought|response|cit(?:es|ed|ing)|accus\w+|meant|designed|hop\w+|want\w*|over|amid|after|if)\b"
    r"|\bto [a-z]{4,}",
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

# "what do the reports say about when it sank" asks when it sank
REPORTED = re.compile(
    r"^\W*(?:what|how) d(?:o|oes|id) (?:\w+ ){0,2}?(?:reports?|articles?|sources?|outlets?|papers?|coverage)"
    r" (?:say|report|tell (?:us|me)|write|state)(?: about| on| of)?"
    r"\s+(?=(?:by |to |with )?(?:who|when|where|why|how|which)\b)",
    re.IGNORECASE,
)

PHRASES = {Asked.AGE: AGE, Asked.REASON: REASON, Asked.TERMS: TERMS, Asked.STATEMENT: SPEECH}
LOCATIVE = re.compile(
    r"\b(?:in|at|near|from|to|of|into|outside|around|across|inside|within)\s+(?:the\s+|a\s+)?(?:[a-z]+\s)?$"
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
    plain = REPORTED.sub("", question)
    return next((kind for kind, sign in SIGNS if sign.search(plain)), Asked.OTHER)


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


def asks_for_names(question: str) -> bool:
    """Tell whether a question wants names in so many words."""
    return NAMED.search(question) is not None


def is_compound(question: str) -> bool:
    """Tell whether a question has a second part that asks for something else: "who … and when"."""
    return FURTHER.search(question) is not None


def things(kind: Asked, sentence: str, question: str) -> list[tuple[int, int]]:
    """Find what a sentence has of the kind asked for and the question does not give away: spans.

    Where a kind has no shape by which to know it, it is the whole sentence.
    """
    given = {word.group().lower() for word in words(question)}
    if kind is Asked.OTHER:
        return [(0, len(sentence))]
    if kind in PHRASES:
        return [match.span() for match in PHRASES[kind].finditer(sentence)]
    if kind is Asked.AMOUNT:
        return [(number.start, number.end) for number in quantities(sentence) if number.unit or number.value >= ROUND]
    return [(start, end) for start, end in mentions(kind, sentence) if new(sentence[start:end], given)]


def mentions(kind: Asked, sentence: str) -> list[tuple[int, int]]:
    """Find the numbers, the dates or the names of a sentence, by what is asked for: spans."""
    if kind is Asked.COUNT:
        return [(number.start, number.end) for number in quantities(sentence)]
    if kind is Asked.DATE:
        return [(date.start, date.end) for date in dates_in(sentence)]
    names = names_in(sentence)
    if kind is Asked.PLACE:
        names = tuple(name for name in names if is_place(name, sentence))
    elif kind is Asked.PERSON:
        names = tuple(name for name in names if not country_of(name.text))
    return [(name.start, name.end) for name in names]


def is_place(name: Name, sentence: str) -> bool:
    """Tell whether a name is a country's or a capital's, or stands where places stand: "in the port of Oskel"."""
    return bool(country_around(name.text) or LOCATIVE.search(sentence[max(0, name.start - 25) : name.start]))


def new(text: str, given: set[str]) -> bool:
    return any(word.group().lower() not in given for word in words(text))
