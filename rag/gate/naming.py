"""A text and the evidence in, the names that the evidence does not mention out; and which names may be one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.facts.names import WORD, Name, is_acronym, is_plain, name_key, names_in
from rag.facts.places import country_around, country_of
from rag.gate.evidence import Evidence
from rag.gate.spelling import compounded, initials, keys_of, phrases, spellings
from rag.language.words import stem

_PEOPLE = re.compile(r"(\w{5,}?)(?:i?ans?|ese|ish)$")  # "Ligurian" of Liguria
_REPORTING = re.compile(
    r"\b(?:according to|report(?:s|ed|ing)?|sa(?:ys|id)|calls?|gives?|names?|puts?|describes?|dates|mentions?|states?"
    r"|writes|wrote|published|quote[sd]|cite[sd]|note[sd]|speaks? of|spoke of|told|article|as per|via)\b",
    re.IGNORECASE,
)
_SITE = re.compile(r"(\w{4,})\.[a-z]{2,}")  # "coastdaily.example", which people call Coast Daily
_RELATION = re.compile(rf"({WORD.pattern})\s+(in|at|near|to|from|into|by|with|for|of|against|between)\s+(?:the\s+)?$")
AND = {"and", ",", ", and", "or", "&", "–", "-", "(", "/"}
_GOES_ON = AND | {"'s", "’s", "'", "’"}  # "according to Iran's IRNA" is according to both
_LIST_GOES_ON = re.compile(r"\s*(?:[,.;)(]|and\b|or\b|$)")  # not "in Bonn, Ann said"


def unstated_names(text: str, evidence: Evidence) -> Iterator[tuple[Name, int]]:
    """Find the names of a text that the evidence does not mention, each with the index of the word that is strange."""
    attributed = bool(evidence.speakers) or _REPORTING.search(text) is not None
    for name in names_in(text):
        for index in range(len(name.words)):
            if not _named(name, index, evidence) and not (attributed and _is_credited(name, evidence)):
                yield name, index


def _named(name: Name, index: int, evidence: Evidence) -> bool:
    word = name.words[index]
    if not is_acronym(word) and (is_plain(word) or _spelled(word, evidence)):
        return True
    if word.replace(".", "") in evidence.acronyms | evidence.initials or initials(name.words) & evidence.acronyms:
        return True
    if any(country in evidence.countries for part in phrases(name.words, index) if (country := country_of(part))):
        return True
    if name.opens and index == 0 and _is_common(word, evidence):
        return True
    known = any(_spelled(part, evidence) for part in name.words[index + 1 :] if not is_plain(part))
    return known and _full_name(name, evidence.articles)


def _spelled(word: str, evidence: Evidence) -> bool:
    """Tell whether the quotes spell a word, or the parts of a compound, in any of its ways."""
    lower = word.casefold()
    if lower in evidence.words or not keys_of(word).isdisjoint(evidence.keys):
        return True
    if any(other.casefold() in evidence.words for other in evidence.variants.get(lower, ())):
        return True
    people = _PEOPLE.match(lower)
    if people and not country_of(word) and any(other.startswith(people[1]) for other in evidence.words):
        return True
    parts = compounded(word)
    return len(parts) > 1 and all(
        is_plain(part) or _spelled(part, evidence) or country_of(part) in evidence.countries for part in parts
    )


def _is_credited(name: Name, evidence: Evidence) -> bool:
    """Tell whether a name is a speaker's or a source's: its outlet, the origin it credits, its author, its site."""
    sources = (f"{source.publisher} {source.origin} {source.author}" for source in evidence.sources)
    credited = " ".join((evidence.speakers, *sources))
    known = spellings(credited)
    sites = {label.casefold() for label in _SITE.findall(credited)}
    return all(word.casefold() in known for word in name.words) or "".join(name.words).casefold() in sites


def _full_name(name: Name, articles: Sequence[str]) -> bool:
    """Tell whether an article has these words in one name: its quote says "Araghchi", but it knows "Abbas Araghchi"."""
    wanted = {name_key(word) for word in name.words if not is_plain(word)}
    return any(wanted <= {name_key(word) for word in other.words} for text in articles for other in names_of(text))


def _is_common(word: str, evidence: Evidence) -> bool:
    """Tell whether a word that opens a sentence is written small in the article, or begins alike in the quotes."""
    if all(stem(part) in evidence.stems for part in compounded(word)):
        return True
    if len(word) > 5 and re.search(rf"\b{re.escape(word[:6].lower())}", evidence.text):
        return True
    return any(re.search(rf"\b{re.escape(word.lower())}\b", text) for text in evidence.articles)


def relations(text: str, names: Sequence[Name]) -> list[tuple[tuple[str, str], Name]]:
    """List each name that a preposition ties to a word before it: (("sign", "in"), Baghdad)."""
    found: list[tuple[tuple[str, str], Name]] = []
    for index, name in enumerate(names):
        joint = text[found[-1][1].end : name.start].strip() if found and found[-1][1] is names[index - 1] else ""
        if match := _RELATION.search(text[max(0, name.start - 40) : name.start]):
            word = found[-1][0][0] if found and match[1] in AND else stem(match[1])  # "with Ann and with Bob"
            found.append(((word, match[2]), name))
        elif joint in _GOES_ON and (joint != "," or _LIST_GOES_ON.match(text, name.end)):
            found.append((found[-1][0], name))
    return found


def same_name(one: Name, other: Name) -> bool:
    """Tell whether two names may be one: they share a word in some spelling, or one is short for the other."""
    keys, others = ({key for word in name.words for key in keys_of(word)} for name in (one, other))
    words, other_words = ({word.casefold() for word in name.words} for name in (one, other))
    return (
        not keys.isdisjoint(others)
        or not words.isdisjoint(other_words)
        or bool(initials(one.words) & set(other.words) | initials(other.words) & set(one.words))
    )


def lies_in(name: Name, others: Sequence[Name]) -> bool:
    """Tell whether a name is that of a country in which one of the others lies, or which one of them stands for."""
    countries = {country_of(part) for part in phrases(name.words)} - {""}
    return any(country_around(part) in countries for other in others for part in phrases(other.words))


@lru_cache(maxsize=64)
def names_of(text: str) -> tuple[Name, ...]:
    return names_in(text)
