"""Text in, its words out: with their place, their stem, and whether they carry meaning of their own."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+")

# English words that say how a sentence is built rather than what it is about, and the words that make it a question.
FUNCTION_WORDS = frozenset(
    """
    a about after again all also am an and any anyone anything are as at be been before being but by can could
    did do does doing done during each else ever every for from get give given go got had has have he her here
    him his how i if in into is it its just let like ll many may me might more most much must my no nor not of
    off on one ones only or other others our out over own per please re s same shall she should since so some
    such t tell than that the their them then there these they thing things this those through to too under
    until up us ve very was we were what whatever when where whether which while who whom whose why will with
    within would yes yet you your
    """.split()
)


def words(text: str) -> Iterator[re.Match[str]]:
    """Find the words of a text, letters and digits only: `al-Araji's` is three."""
    return WORD.finditer(text)


_stemming = threading.Lock()  # a Snowball stemmer keeps the word it works on in itself


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Reduce a word to what its forms share: lower case, no accents, no English ending (Snowball)."""
    plain = unicodedata.normalize("NFKD", word.lower())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    with _stemming:
        return str(_stemmer().stemWord(bare))


@lru_cache(maxsize=8192)
def stems_in(text: str) -> frozenset[str]:
    """Collect the stems of all words of a text."""
    return frozenset(map(stem, set(WORD.findall(text.lower()))))


def content_stems(text: str) -> list[str]:
    """List the stems of the words that carry meaning, in order, repetitions included."""
    return [stem(match.group()) for match in words(text) if match.group().lower() not in FUNCTION_WORDS]


@cache
def _stemmer():  # type: ignore[no-untyped-def]  # PyStemmer has no types
    import Stemmer

    return Stemmer.Stemmer("english")
