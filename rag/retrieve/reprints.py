"""Ranked passages in, those out that say something which a better one has not said. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.language.sentences import sentence_spans
from rag.language.words import FUNCTION_WORDS, stem, stems_in, words
from rag.schema import Passage, Source

SAME_WORDS = 0.7  # of all the words in two passages, the share in both from which on they are one text printed twice
SAID_AGAIN = 0.7  # of a sentence's words, the share from which on a passage of the same report says the sentence too

# Words that change what a sentence says however few they are, besides names and figures.
SUBSTANCE = frozenset(
    """
    zero one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million billion trillion
    half third quarter fifth tenth twice double triple once first second fourth last next previous
    ago earlier later before after since until now still already yet again recently soon today yesterday tomorrow
    tonight morning afternoon evening night hour day week weekend month year decade century spring summer autumn winter
    no not never none nobody nothing neither nor without hardly barely only except unless instead
    may might could would should perhaps possibly reportedly allegedly apparently unclear unconfirmed likely unlikely
    more less fewer most least above below under over
    """.split()
)


@dataclass(frozen=True, slots=True)
class Words:
    """The stems of a text's words, of those that carry meaning, and of those that change it."""

    all: frozenset[str]
    meaning: frozenset[str]
    substance: frozenset[str]  # names, figures, SUBSTANCE


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    found = {match.group() for match in words(text)}
    meaning = (word for word in found if word.lower() not in FUNCTION_WORDS)
    weighty = filter(is_substance, found)
    return Words(stems_in(text), frozenset(map(stem, meaning)), frozenset(map(stem, weighty)))


def is_substance(word: str) -> bool:
    return word.lower() in SUBSTANCE or not (word.islower() or word.lower() in FUNCTION_WORDS)


def without_reprints(
    ranked: Sequence[Passage], k: int, are_one_report: Callable[[Source, Source], bool]
) -> list[Passage]:
    """Keep the best `k` passages, leaving out what another article prints again, or what its rewrite says again."""
    kept: list[Passage] = []
    for passage in ranked:
        if len(kept) == k:
            break
        if not is_printed(passage, kept) and not is_retold(passage, kept, are_one_report):
            kept.append(passage)
    return kept


def is_printed(passage: Passage, others: Sequence[Passage]) -> bool:
    """Tell by Jaccard's index of their words whether passages are one text; another name or figure makes another."""
    own = words_of(passage.text)
    said = (words_of(other.text) for other in others)
    return any(own.substance <= there.all and is_alike(own.meaning, there.meaning) for there in said)


def is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_WORDS * len(one | other) > 0


def is_retold(passage: Passage, others: Sequence[Passage], are_one_report: Callable[[Source, Source], bool]) -> bool:
    """Tell whether other articles on the same report say each sentence of a passage, with all that is in it."""
    own = passage.source
    elsewhere = [other for other in others if other.source.document != own.document]
    if not is_said(passage.text, elsewhere):
        return False
    # to compare articles takes long the first time, so it is done only with those that say some of it
    said = list(_said(passage.text))
    saying = [other for other in elsewhere if any(is_within(each, words_of(other.text)) for each in said)]
    return is_said(passage.text, [other for other in saying if are_one_report(own, other.source)])


def _said(text: str) -> Iterator[Words]:
    return (words_of(text[start:end]) for start, end in sentence_spans(text))


def is_said(text: str, passages: Sequence[Passage]) -> bool:
    """Tell whether each sentence of a text is in one of the passages, though perhaps in other words."""
    said = [words_of(passage.text) for passage in passages]
    return bool(sentence_spans(text)) and all(_is_in_one(own, said) for own in _said(text))


def _is_in_one(own: Words, said: Sequence[Words]) -> bool:
    return any(is_within(own, there) for there in said)


def is_within(own: Words, there: Words) -> bool:
    return own.substance <= there.all and len(own.meaning & there.meaning) >= SAID_AGAIN * len(own.meaning)
