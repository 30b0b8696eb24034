"""Words of news sorted by what they do when two reports of one event are compared. All in small letters."""

from __future__ import annotations

import re
from functools import cache

from rag.gate.positions import REPEATABLE as MEETINGS
from rag.language.words import stem

# each line: words that name one thing or one act, under the first of them
_SAME = """
meet met meeting meetings talks talk discussions discussion discuss discussed summit contact
sign signed signing conclude concluded ratify ratified
pact agreement deal accord treaty memorandum mou contract
kill killed kills die died dead death deaths toll fatalities perished
injure injured wounded hurt
start started starting begin began begun launch launched broke-out
finish finished complete completed
open opened opening inaugurate inaugurated
steal stole stolen theft
arrest arrested detain detained
buy bought purchase purchased acquire acquired
sentence sentenced
beat win won defeat defeated victory
attack attacks attacked strike strikes assault raid cyberattack cyberattacks
sabotage
fire blaze
flood floods flooding
people person persons
spectator spectators fans
cost costs price priced
firm company
pupil student
fee fare
build built building construct constructed
choose elected elect chosen
employ employs employed
lead led leads leading
wage wages pay
"""
# acts that happen again and again, so that another day means another event
REPEATABLE = MEETINGS | frozenset(
    map(stem, "beat play score attack arrest vote protest warn arrive fly fall rise travel attend miss".split())
)
# acts that one person or body does, where a crowd does not do the same
DONE_BY_ONE = frozenset(
    map(stem, "lead cut chair design found head host mediate read referee invent discover pilot".split())
)
# verbs in the past that do not end in -ed
_IRREGULAR = frozenset(
    """
    met won lost led built fell sent beat left paid sold bought broke began rose stole stolen cut read struck shot hit
    ran drew found fought wrote chose grew caught spent sank died cost
    """.split()
)
REPORTING = (
    r"(?:sa(?:id|ys?)|told|report(?:s|ed)|recalled|announced|added|noted|stated|wrote|confirmed|explained|admitted"
    r"|conceded)"
)
PACT = re.compile(
    r"\b(?:pacts?|agreements?|deals?|accords?|treat(?:y|ies)|memorand(?:um|a)|mou|contracts?|mergers?|bills?)\b", re.I
)
PENDING = re.compile(
    r"\b(?:work(?:s|ed|ing)? (?:towards?|on)|negotiat\w+|yet to (?:be )?(?:sign|conclude|agree|ratif|approv)\w*"
    r"|(?:discussions?|talks) (?:(?:now )?(?:under ?way|ongoing) )?(?:about|on|over|towards?)|ongoing discussions about"
    r"|(?:still|not yet|has not|have not|had not|never|un)[ -]?(?:been )?(?:sign|conclud|agreed|ratif|debat|discuss)\w*"
    r"|draft(?:ing|s)?|hop(?:es?|ing) to (?:sign|reach|conclude))\b",
    re.I,
)
DONE = re.compile(
    r"\b(?:sign(?:ed|ing)|conclud(?:ed|ing)|in force|ratified|implement\w*|put into practice|came into effect|approved"
    r"|adopted|struck|reached|sealed|passed|oversee\w*|commit(?:ted|ment)? to|cut|sign)\b",
    re.I,
)
CLAIMED = re.compile(r"\b(?:claim(?:s|ed|ing)?|alleg(?:e|es|ed|ing|edly))\b", re.I)
TOGETHER = re.compile(
    r"\b(?:(?:to)?gether with|along with|alongside|accompanied by|joined by|in the presence of)\s", re.I
)
APART = re.compile(
    r"\b(?:separate(?:ly)?|as well|on (?:his|her|their) own|another meeting|also|too|meanwhile|afterwards|without)\b"
    r"|^after\b",
    re.I,
)
CORRECTING = re.compile(
    r"\b(?:correct(?:s|ed|ing|ion)\b.{0,40}\b(?:report|article|version|error|figure)|(?:as|than) (?:first |earlier |"
    r"previously |wrongly )?(?:reported|stated)|an earlier (?:version|report|article)|wrongly (?:said|reported))",
    re.I,
)
REPLACED = re.compile(r"\b(?:not|rather than|instead of)\s+(?:the\s+|to\s+|in\s+|on\s+)?$", re.I)
CHANGED = re.compile(
    r"\b(?:now|has (?:since )?(?:risen|climbed|grown|fallen|dropped)|have (?:risen|climbed)|since then)\b", re.I
)
STATE = re.compile(r"\b(?:is|are|costs|stands at|employs|has|have|carries|charges|numbers|totals)\b", re.I)
DENIAL = re.compile(r"(?:\b(?:not|never|cannot|neither)|n['’]t)\s(?:\w+\s){0,2}$", re.I)
DENIES = re.compile(r"\b(?:den(?:y|ies|ied)|denying)\b", re.I)
ANOTHER = re.compile(r"\b(?:another|second|other|a (?:new|further|similar))\b", re.I)
ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th))\b", re.I
)
# in hours after midnight
HOURS = {
    "dawn": (4, 8), "morning": (5, 12), "noon": (11, 13), "midday": (11, 13), "lunchtime": (11, 14),
    "afternoon": (12, 17), "evening": (18, 23), "night": (19, 29), "tonight": (18, 29), "midnight": (23, 25),
}  # fmt: skip
HOUR = re.compile(rf"\b(?:{'|'.join(HOURS)})\b", re.I)
CROWDS = {"dozens": (24, 99), "scores": (40, 99), "hundreds": (100, 999), "thousands": (1000, 9999)}
CROWD = re.compile(rf"\b({'|'.join(CROWDS)}) of\b", re.I)
# each line: words for one kind of office, under the first of them
_OFFICES = """
head director chief chairman chairwoman chairperson chair boss secretary leader ceo speaker
president
premier
minister
mayor mayoress
coach manager
governor
commander
captain
ambassador
king
queen
chancellor
adviser advisor
"""
ROLES = {role: line.split()[0] for line in _OFFICES.strip().splitlines() for role in line.split()}
ROLE_WORDS = frozenset(ROLES) | {"judge", "former", "new"}


def canonical(word: str) -> str:
    """Give the stem under which a word and those that say the same meet."""
    found = stem(word)
    return _groups().get(found, found)


def is_act(word: str) -> bool:
    """Tell whether a word says what was done: a verb in the past, or one of the acts and events above."""
    lower = word.lower()
    return lower.endswith("ed") or lower in _IRREGULAR or canonical(lower) in _acts()


@cache
def _groups() -> dict[str, str]:
    lines = (line.split() for line in _SAME.strip().splitlines())
    return {stem(word): stem(line[0]) for line in lines for word in line}


@cache
def _acts() -> frozenset[str]:
    return frozenset(map(stem, "meet sign kill injure start finish open steal arrest buy sentence beat attack".split()))
