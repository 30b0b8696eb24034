"""A question as typed, with the conversation before it, in; a Query that can be searched for out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from rag.facts.places import country_of
from rag.facts.vocabulary import CALENDAR, ROLES
from rag.language.words import FUNCTION_WORDS, stem, words
from rag.retrieve.outlets import Outlets, is_of_a_name
from rag.retrieve.spelling import Vocabulary
from rag.retrieve.when import When, meant, moments
from rag.schema import Filters, Query, Turn

LONGEST = 2000  # characters of a question that are read
NO_OUTLETS = Outlets({})

LEAD = re.compile(r"^(?:and|but|so|ok(?:ay)?|then|also|or|plus)\b[\s,]*|^(?:what|how) about\b\s*", re.IGNORECASE)
PERSON_PRONOUN = re.compile(r"\b(he|him|his|she|her|hers)\b", re.IGNORECASE)
PRONOUN = re.compile(
    r"\b(?:he|him|his|she|hers?|they|them|theirs?|it|its|that|this|those|these|there|ones?|same)\b", re.IGNORECASE
)
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth last next".split()
ORDINAL = re.compile(
    rf"\b(?:{'|'.join(ORDINALS)})\b(?!\s+(?:night|weekend|(?:day|week|month|year)s?)\b)", re.IGNORECASE
)
QUESTION = re.compile(
    r"(?:\w+ )?(?:who|whom|whose|what|which|when|where|why|how)\b"
    r"|(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would)\b",
    re.IGNORECASE,
)
PARTICLE = re.compile(r"[\s-]+(?:(?:al|el|bin|ibn|ben|von|van|de|der|da|di)[\s-]+)?", re.IGNORECASE)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def understood(
    question: str,
    history: Sequence[Turn],
    filters: Filters,
    vocabulary: Vocabulary,
    outlets: Outlets = NO_OUTLETS,
    today: date | None = None,
) -> Query:
    """Read a question: what it asks by itself, its names as the corpus spells them, the outlets and time it mentions.

    `today` is what "last week" is understood by; without it no time is.
    """
    asked = folded(question)
    own, context = standing_alone(respelled(asked, vocabulary), history, vocabulary)
    standalone = f"{own} ({context})" if context else own
    mentioned = outlets.mentioned(asked)
    when = meant(standalone, today) if today else When()
    query = Query(
        question=question,
        standalone=standalone,
        context_from=len(own) if context else None,
        filters=filters,
        outlets=mentioned,
        asked_on=today,
        period=when.period,
        newest=when.newest,
        clock_words=when.words,
    )
    return replace(
        query,
        terms=tuple(dict.fromkeys(terms(query.sought, vocabulary))),
        names=tuple(dict.fromkeys(names(query.sought[: len(own)], vocabulary, except_in=mentioned))),
    )


def folded(question: str) -> str:
    readable = question.encode("utf-8", "replace").decode("utf-8")  # a stray byte of another encoding is no letter
    return " ".join(readable.split())[:LONGEST]


def respelled(text: str, vocabulary: Vocabulary) -> str:
    """Replace each word that the corpus does not use by the spelling that it does, if it has one."""

    def replacement(match: re.Match[str]) -> str:
        typed = match.group()
        known = vocabulary.spellings(typed)
        if not known or typed.lower() in known:
            return typed
        return known[0].capitalize() if vocabulary.is_name(known[0]) else known[0]

    return re.sub(r"[^\W_]+", replacement, text)


def standing_alone(question: str, history: Sequence[Turn], vocabulary: Vocabulary) -> tuple[str, str]:
    """Write a follow-up so that it can be understood without the conversation: a question, and the one it leans on.

    A fragment takes the place of its like in the question before ("and the second one?"), and a personal pronoun
    becomes the person spoken of. Where neither is possible, the question before comes along as the second part.
    """
    turns = [turn for turn in history if turn.content.strip()]
    asked = [number for number, turn in enumerate(turns) if turn.role == "user"]
    bare = LEAD.sub("", LEAD.sub("", question)).strip(" ?.!")
    if not asked or not leans(question, bare, vocabulary):
        return question, ""
    last = asked[-1]
    before, context = standing_alone(respelled(folded(turns[last].content), vocabulary), turns[:last], vocabulary)
    reply = turns[last + 1].content if last + 1 < len(turns) else ""
    if is_fragment(bare) and (swapped := put_in_place(bare, before, vocabulary)):
        return swapped, context
    person = person_spoken_of(before, reply, vocabulary)
    if person and PERSON_PRONOUN.search(bare):
        return PERSON_PRONOUN.sub(person, f"{bare}?", count=1), ""
    return f"{bare}?", before.strip(" ?.!")


def put_in_place(fragment: str, before: str, vocabulary: Vocabulary) -> str:
    """Put a fragment where its like stands in a question: a time, an ordinal, a year, a country or a person."""
    if time := time_alone(fragment):
        return at_time(before, time)
    for like in (ORDINAL.finditer, YEAR.finditer, countries, partial(people, vocabulary=vocabulary)):
        new, old = next(iter(like(fragment)), None), next(iter(like(before)), None)
        if new and old:
            return before[: old.start()] + new.group() + before[old.end() :]
    return ""


def time_alone(fragment: str) -> str:
    """Return the fragment if it says nothing but when: `last week`, `since Monday`."""
    if re.match(r"since\b", fragment, re.IGNORECASE):
        return fragment
    rest = fragment
    for match, _ in moments(fragment):
        rest = rest.replace(match.group(), "")
    says_more = any(match.group().lower() not in FUNCTION_WORDS for match in words(rest))
    return "" if says_more or rest == fragment else fragment


def at_time(question: str, time: str) -> str:
    """Ask a question about another time, or about a time at all."""
    old = next((match for match, _ in moments(question)), None)
    if old:
        return question[: old.start()] + time + question[old.end() :]
    return f"{question.strip(' ?.!')} {time}?"


def countries(text: str) -> Iterator[re.Match[str]]:
    return (match for match in words(text) if country_of(match.group()))


def people(text: str, vocabulary: Vocabulary) -> Iterator[re.Match[str]]:
    """Find the names in a text that are no ordinary words: places and offices mostly are, people mostly are not."""
    for match in words(text):
        name = match.group()
        if vocabulary.is_name(name.lower()) and not vocabulary.is_english(name.lower()) and not acronym(name):
            yield match


def acronym(word: str) -> bool:
    return word.isupper() and len(word) > 1


def leans(question: str, bare: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a question needs the one before it: it says so, points back, or names nothing."""
    return (
        LEAD.match(question) is not None
        or PRONOUN.search(bare) is not None
        or next(names(bare, vocabulary), None) is None
    )


def is_fragment(bare: str) -> bool:
    """Tell whether a follow-up is no question of its own: a word or two, and none that asks."""
    content = sum(match.group().lower() not in FUNCTION_WORDS for match in words(bare))
    return content <= 2 and QUESTION.match(bare) is None


def person_spoken_of(before: str, reply: str, vocabulary: Vocabulary) -> str:
    """Guess whom a pronoun means: whom the question was about, or whom the answer to a `who` question named."""
    asked, answered = likely_people(before, vocabulary), likely_people(reply, vocabulary)
    answered = [name for name in answered if name not in asked]
    people = answered + asked if re.match(r"\W*who\b", before, re.IGNORECASE) else asked + answered
    return people[0] if people else ""


def likely_people(text: str, vocabulary: Vocabulary) -> list[str]:
    """List the people that a text seems to name, with names that follow one another as one."""
    found: list[str] = []
    end = -1
    for match in people(text, vocabulary):
        name, between = match.group().capitalize(), text[max(end, 0) : match.start()]
        joined = end >= 0 and PARTICLE.fullmatch(between)
        found = [*found[:-1], f"{found[-1]}{between}{name}"] if joined else [*found, name]
        end = match.end()
    return found


def terms(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the stems to look for: of each word that carries meaning, and of a name's other spellings."""
    for match in words(text):
        word = match.group().lower()
        if word not in FUNCTION_WORDS:
            yield from (stem(spelling) for spelling in vocabulary.spellings(word) or (word,))


def names(text: str, vocabulary: Vocabulary, except_in: Sequence[str] = ()) -> Iterator[tuple[str, ...]]:
    """Yield each name in a question, but the outlets it mentions, as the spellings to accept, in lower case.

    A name is what the corpus writes with a capital letter, or what the asker does though it begins no sentence.
    """
    for match in words(text):
        word = match.group()
        if word.lower() in FUNCTION_WORDS | CALENDAR | ROLES or not word[0].isalpha():
            continue
        if is_of_a_name(word, except_in):
            continue
        if vocabulary.is_name(word.lower()) or (word[0].isupper() and not begins_sentence(text, match.start())):
            yield vocabulary.spellings(word) or (word.lower(),)


def begins_sentence(text: str, at: int) -> bool:
    return re.search(r"(?:^|[.?!:]\s+|[\"“‘(]\s*)$", text[:at]) is not None
