"""A clause in, whether it tells of something that happened out: by its words. Pure."""

from __future__ import annotations

import re
from functools import cache

from rag.conflicts.vocabulary import canonical
from rag.language.words import stem

# what is done at a time and place, in the forms of news prose
_DEEDS = """
met visited arrived returned left departed travelled traveled flew landed received welcomed hosted briefed summoned held
sign signed signs agreed reached concluded ratified approved passed adopted rejected vetoed voted elected chosen
appointed named nominated sworn inaugurated resigned quit dismissed sacked fired ousted replaced succeeded became
announced declared launched opened reopened closed shut began begun started ended finished suspended halted resumed
cancelled canceled postponed delayed extended banned ordered issued imposed lifted unveiled introduced published
released filed sued charged indicted arrested detained jailed freed sentenced convicted acquitted ruled fined raided
attacked struck bombed shelled shot hit killed injured wounded died drowned crashed collapsed exploded erupted broke
burned burnt burst flooded sank sunk derailed invaded captured seized withdrew withdrawn deployed sent breached crossed
stole stolen robbed found discovered recovered rescued evacuated fled protested marched demonstrated gathered rallied
won lost beat defeated drew scored merged bought sold acquired transferred moved joined completed installed delivered
handed unearthed restored hired founded formed expelled recalled severed pleaded appeared testified confirmed diagnosed
infected quarantined detected identified surrendered overthrown toppled buried married born raised cut fell rose spread
blocked boarded docked sailed paid attended retaliated intercepted triggered targeted damaged destroyed carried mediated
vanished disappeared escaped bans wins dies kills opens closes meets visits arrives resigns launches
"""
_NOUNS = """
earthquake quake storm hurricane flood flooding fire blaze explosion blast crash collapse attack assault strike
airstrike raid war ceasefire truce election vote referendum summit meeting talks negotiations signing ceremony funeral
trial verdict hearing protest demonstration rally march launch opening outbreak theft robbery arrest death birth wedding
match final game derby round session visit walkout debate auction merger eruption landslide shooting bombing invasion
coup conference congress inauguration
"""
# deeds in more than a word
_PHRASE = re.compile(
    r"\b(?:took place|spoke (?:with|to)|h[eo]lds? (?:\w+ ){0,3}?(?:talks|meetings?|discussions)"
    r"|had (?:\w+ ){0,3}?(?:talks|meetings?|discussions) with"
    r"|discuss(?:ed|es)(?= .*\b(?:with|alongside)\b)|(?<!the )(?<!a )(?<!this )meeting with"
    r"|(?:during|in|at) (?:an? |the |his |her |their |its |another )(?:\w+ ){0,2}?(?:meeting|talks) with)\b",
    re.I,
)
GATHERING = canonical("met")
_SPEECH = re.compile(
    r"\b(?:sa(?:id|ys?)|told|tells|added|adds|noted|notes|stress(?:ed|es)|emphasi[sz](?:ed|es)|highlight(?:ed|s)|stated"
    r"|reiterat(?:ed|es)|reaffirm(?:ed|s)|affirm(?:ed|s)|express(?:ed|es)|describ(?:ed|es)|argu(?:ed|es)|believ(?:ed|es)"
    r"|hop(?:ed|es)|caution(?:ed|s)|warn(?:ed|s)|point(?:ed|s) out|suggest(?:ed|s)|underlin(?:ed|es)|underscor(?:ed|es)"
    r"|explain(?:ed|s)|insist(?:ed|s)|pledg(?:ed|es)|prais(?:ed|es)|thank(?:ed|s)|commend(?:ed|s)|urg(?:ed|es)"
    r"|called (?:for|on|it|the)|calls (?:for|on)|extended (?:\w+[’']s )?(?:gratitude|thanks|condolences)|voiced|wants?"
    r"|welcomed (?:the|a|an|any)|think|thought|expects?|expected|predict(?:ed|s)|doubt(?:ed|s)?|fear(?:ed|s)?"
    r"|finds? that|regret(?:ted|s)|estimat(?:ed|es)|according to)\b",
    re.I,
)
# what is no deed of that time although such a word is in it
_OPEN = re.compile(
    r"\b(?:would|could|should|might|may(?= \w)|can|must|if|whether|hardly|unless|plans? to|planned to|hopes? to|aims?"
    r"|aimed|seeks?|wants?|ready to|likely|unlikely|called? for|calls for|need(?:s|ed)? to|not yet|yet to)\b"
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|went|came|got|made|gave|saw|stood|ran|knew|told|spent|grew|stayed|[a-z]{2,}ed)\b"
)
_LASTING = re.compile(
    r"\b(?:ha(?:s|ve) been (?:in|at|on|a|an|the|his|her|its|their)|ha(?:s|ve) (?:long|always|often|repeatedly|never)"
    r"|in recent (?:years|decades)|for (?:more than |over |about )?(?:\w+|\d+) (?:years|decades|centuries)"
    r"|over the (?:past|last)|in the past|usually|often|every|each|typically|regularly|traditionally"
    r"|once again faces|continues? to|remains?|tends? to)\b",
    re.I,
)
_OF_THE_ARTICLE = re.compile(
    r"\W*(?:it|this|(?:this|the) (?:\w+ )?(?:report|article|story|page|post|version))"
    r" (?:was|has been|is) (?:\w+ )?(?:updated|published|posted|corrected|amended|written|printed)\b",
    re.I,
)
_TO_COME = re.compile(
    r"\b(?:will|shall|is to|are to|(?:is|are|was|were) (?:due|set|scheduled|expected|planned|slated) (?:to|for)"
    r"|scheduled for|deadline|takes effect|take effect|begins|opens|starts|is due)\b",
    re.I,
)
_INFINITIVE = re.compile(r"\b(?:to|of|for|by|in|from|at|about|on|against|without)\s+(?:\w+ly\s+)?$", re.I)
_WOULD_BE = re.compile(r"\b(?:will|would|to|could|should|can|must|may|might) be\s+$", re.I)
_PASSIVE = re.compile(r"\b(?:was|were|had|did|been|has|have)\b")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")


@cache
def _deeds() -> frozenset[str]:
    return frozenset(_DEEDS.split())


@cache
def _nouns() -> frozenset[str]:
    return frozenset(map(stem, _NOUNS.split()))


def deeds(text: str) -> list[tuple[int, str]]:
    """List what a text says was done, each with its place, under a stem that words for the same share."""
    words = [
        (match.start(), canonical(match[0]))
        for match in _WORD.finditer(text)
        if match[0].lower() in _deeds() and _is_done(text, match)
    ]
    return sorted(words + [(match.start(), GATHERING) for match in _PHRASE.finditer(text)])


def _is_done(text: str, match: re.Match[str]) -> bool:
    """Tell a deed from what is wanted or only describes a thing: "to sign", "statements released by both"."""
    before = text[: match.start()][-24:]
    if _WOULD_BE.search(before):
        return False
    describes = text[match.end() : match.end() + 4] == " by " and not _PASSIVE.search(before)
    return not describes and not _INFINITIVE.search(before)


def occasions(text: str) -> list[tuple[int, str]]:
    """List the nouns for things that happen: "the blaze", "talks"."""
    return [(match.start(), canonical(match[0])) for match in _WORD.finditer(text) if stem(match[0]) in _nouns()]


def is_said(text: str, before: int) -> bool:
    """Tell whether a word for saying something stands before a place in a text: what follows is what somebody says."""
    found = _SPEECH.search(text)
    return found is not None and found.start() < before


def has_verb(text: str) -> bool:
    """Tell whether a text tells of what was or is to be, as far as its words show, and is no byline or state."""
    return _PAST.search(text) is not None or is_to_come(text)


def is_open(text: str) -> bool:
    """Tell whether what a clause tells did not happen, or not for sure: "would", "if", "called for"."""
    return _OPEN.search(text) is not None


def is_about_the_article(text: str) -> bool:
    """Tell whether a sentence says when a report was written or changed."""
    return _OF_THE_ARTICLE.match(text) is not None


def is_lasting(text: str) -> bool:
    """Tell whether a clause speaks of what goes on or happens again and again."""
    return _LASTING.search(text) is not None


def is_to_come(text: str) -> bool:
    """Tell whether a clause speaks of what is planned."""
    return _TO_COME.search(text) is not None
