"""A text and its names in, where each of them stands out: beside which word, and on which side of it. Pure.

Two texts that have different names in one place differ, even if both mention them all: "X blamed Y" and "Y blamed X".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from rag.facts import Name
from rag.facts.names import WORD, is_plain
from rag.facts.places import country_of
from rag.facts.vocabulary import FUNCTION_WORDS as SMALL_WORDS
from rag.facts.vocabulary import ROLES
from rag.gate.evidence import Evidence
from rag.gate.naming import AND, relations, same_name
from rag.language.words import FUNCTION_WORDS, stem

Place: TypeAlias = tuple[str, str]  # a stem and the preposition behind it, or one of these and a stem or preposition
BEFORE, BEHIND, BY_PREPOSITION = "before", "behind", "by preposition"
IN = (BY_PREPOSITION, "in")

# people do these again and again, and both sides do the same: on another day it is another meeting
REPEATABLE = frozenset(
    map(stem, "meet met meeting talk talks discuss discussion visit speak spoke travel hold held host call".split())
)
_BEFORE = re.compile(rf"({WORD.pattern}),?\s+(?:the\s+|a\s+)?$")
_AFTER = re.compile(rf"(?:['’]s?)?,?\s+(?:(?:has|had|have|did|does|will|would|also|later)\s+)*({WORD.pattern})")
_NOUN = re.compile(r"(?:['’]s)?\s([a-z]{4,})")
_OBLIQUE = re.compile(r"\b(?:of|in|at|near|from|to|by|with|for|against|on)\s+(?:the\s+)?$")
_VERB = re.compile(r"\w+(?:ed|s)$|(?:won|lost|led|built|fell|gave|took|sent|made|beat|left|paid|told|sold|bought)$")
_BY = re.compile(r"(?:\s\w+){0,3}\sby\s(?:the\s)?")
_PLACE = re.compile(r"\b(in|at|near|from|to)\s+(?:the\s+)?$")


def positions(text: str, names: Sequence[Name]) -> list[tuple[Place, Name]]:
    """List where names stand: tied by a preposition to a word, before a word ("X signed"), behind one ("Judge X")."""
    found = relations(text, names)
    found += [((BEFORE, verb), name) for (verb, preposition), name in found if preposition == "by"]
    following: Place | None = None
    for index, name in reversed(list(enumerate(names))):
        joined = index + 1 < len(names) and text[name.end : names[index + 1].start].strip() in AND
        if not joined:
            following = _verb(text, name)
        if following and name.words[-1].casefold() not in ROLES and not _OBLIQUE.search(text[: name.start]):
            found.append((following, name))
        if country_of(name.text) and (noun := _NOUN.match(text, name.end)):
            found.append(((stem(noun[1]), "of"), name))  # "Iraqi airspace", "Iraq's airspace": the airspace of Iraq
        match = _BEFORE.search(text[max(0, name.start - 40) : name.start])
        if match and match[1].casefold() not in FUNCTION_WORDS | SMALL_WORDS:
            found.append(((BEHIND, stem(match[1])), name))
        if match := _PLACE.search(text[max(0, name.start - 12) : name.start]):
            found.append(((BY_PREPOSITION, match[1]), name))
    return found


def _verb(text: str, name: Name) -> Place | None:
    """Give the word behind a name, or behind the commas around it, if what it says can be said of one side alone."""
    match = _AFTER.match(text, name.end)
    if match is None or match[1].casefold() in FUNCTION_WORDS or stem(match[1]) in REPEATABLE:
        return None
    embedded = text[: name.start].rstrip().endswith(",")
    passive = text.startswith(" by ", match.end())
    return None if passive or ("," in match[0] and not embedded) else (BEFORE, stem(match[1]))


def stands_behind(others: Sequence[Name], name: Name, evidence: Evidence) -> bool:
    """Tell whether a name stands right behind one of the others, as in "the Dutch firm Verhoeven"."""
    return any(
        same_name(name, mine) and re.fullmatch(r"(?:\s\w+){0,2}\s", evidence.text[other.end : mine.start])
        for mine in evidence.names
        for other in others
        if other.end < mine.start
    )


def share_role(name: Name, other: Name) -> bool:
    """Tell whether two names begin with the same office: "Judge Krol" and "Judge Vogt"."""
    return name.words[0] == other.words[0] and is_plain(name.words[0])


def opens_with_verb(text: str, name: Name) -> bool:
    """Tell whether what follows a name looks like a verb in the past or of a third person."""
    match = _AFTER.match(text, name.end)
    return match is not None and _VERB.match(match[1]) is not None


def agents(verb: str, evidence: Evidence) -> list[Name]:
    """List who does what the stem of a verb says: whom "by" names behind it, else the last subject before it.

    If the quotes do not have the verb, it may be any of their subjects.
    """
    text = evidence.text
    subjects = [
        name
        for name in evidence.names
        if not _OBLIQUE.search(text[: name.start]) and not text.startswith(("'s", "’s"), name.end)
    ]
    found = []
    for match in WORD.finditer(text):
        if stem(match[0]) == verb:
            by = _BY.match(text, match.end())
            found += [name for name in evidence.names if by and name.start == by.end()] or [
                name for name in subjects if name.end <= match.start()
            ][-1:]
    return found or subjects


def beside(title: str, name: Name, text: str) -> bool:
    """Tell whether a title stands right before a name ("Speaker X"), or between commas behind it, or in it."""
    word = rf"\b{re.escape(title[:6])}"
    before, after = text[: name.start], text[name.end :]
    return bool(
        re.search(rf"{word}[^,;]{{0,60}},?\s*$", before, re.IGNORECASE)
        or re.match(rf"(?:,|,? who (?:is|was)|,? (?:is|was))(?: [^\s,;.]+){{0,7}}? {word}", after, re.IGNORECASE)
        or re.search(word, name.text, re.IGNORECASE)
    )
