"""A word or a text in, the spellings that a name in it may have elsewhere out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.facts.names import WORD, bare, is_plain, name_key


def visible(text: str) -> str:
    """Leave out control and invisible characters, and fold white space."""
    return " ".join("".join(letter for letter in text if letter.isspace() or letter.isprintable()).split())


def spellings(text: str) -> frozenset[str]:
    """Fold every word of a text, and the parts of its compounds."""
    words = {bare(word).casefold() for word in WORD.findall(text)}
    return frozenset(words.union(*(compounded(word) for word in words)))


def compounded(word: str) -> list[str]:
    return re.split(r"[-‐‑]", word)


@lru_cache(maxsize=20_000)
def keys_of(word: str) -> frozenset[str]:
    """Give the keys of a name's word and of the parts it is joined from; one-letter keys meet too easily."""
    folded = unicodedata.normalize("NFC", word)
    return frozenset(
        key for part in (folded, *compounded(folded)) if len(key := name_key(part)) > 1 and not is_plain(part)
    )


def initials(words: Sequence[str]) -> frozenset[str]:
    """Give every acronym of two letters or more that neighbouring words can be shortened to."""
    letters = "".join(word.lstrip("-")[0].upper() for word in words)
    return frozenset(
        letters[i:j]
        for i in range(len(letters))
        for j in range(i + 2, len(letters) + 1)
        if j - i == len(words) or j - i > 2
    )


def phrases(words: Sequence[str], around: int | None = None) -> Iterator[str]:
    """Give the runs of one to three words, all of them or those that contain one place."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + 3, len(words)) + 1):
            if around is None or start <= around < end:
                yield " ".join(words[start:end])
                if end == start + 1:
                    yield from compounded(words[start])
