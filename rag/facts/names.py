"""Text in, the names it mentions out; and a key under which the spellings of one name meet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.facts.vocabulary import CALENDAR, FUNCTION_WORDS, OPENERS, ROLES

_ARTICLE = r"(?:[AEUaeu][lLdDrRnNsStTzZ]|[Aa]sh|[Aa]th)[-‐‑]"  # al-, el-, ul- and how they sound before some letters
_APOSTROPHES = "'’‘ʼʿʾ`´"
WORD = re.compile(rf"(?:[^\W\d_]\.){{2,}}[^\W\d_]?(?!\w)|[^\W\d_][^\W_]*(?:[{_APOSTROPHES}\-‐‑][^\W_]+)*")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}][sS]$|(?<=[sS])[{_APOSTROPHES}]$")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\W*\s|\n|[“\"«‘])\W*$")
_CONNECTOR = re.compile(
    r"\s(?:(?:of|for|the|bin|ibn|ben|bint|al|el|de|la|le|van|von|der|den|du|da|di|dos)\s){1,2}|\s|\.\s"
)

_NEVER_FIRST = FUNCTION_WORDS | CALENDAR
_PLAIN = _NEVER_FIRST | OPENERS | ROLES


@dataclass(frozen=True, slots=True)
class Name:
    """A name at `text[start:end]`, such as "Qasim al-Araji"; `words` are its parts without possessives."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]
    opens: bool  # it opens a sentence, so that its capital proves little


@lru_cache(maxsize=512)  # a gate asks for those of one quote again and again
def names_in(text: str) -> tuple[Name, ...]:
    """Find runs of capitalised words in order, leaving out plain words that only open a sentence."""
    return tuple(_names(text))


def is_plain(word: str) -> bool:
    """Tell whether a capitalised word names nobody by itself: a common word, a role, a month or a day."""
    lower = word.casefold().rstrip(".")
    if is_acronym(word) and lower not in ROLES:
        return False
    return lower in _PLAIN or (len(lower) == 1 and lower.isascii())


def _names(text: str) -> Iterator[Name]:
    run: list[re.Match[str]] = []
    for match in filter(lambda match: _is_capitalised(match[0]), WORD.finditer(text)):
        if run and not _continues(text, run[-1], match):
            yield from _name(text, run)
            run = []
        run.append(match)
    yield from _name(text, run)


def _continues(text: str, before: re.Match[str], match: re.Match[str]) -> bool:
    between = text[before.end() : match.start()]
    if between.startswith(".") and not (before[0].casefold() in {*ROLES, "st", "jr"} or len(before[0]) == 1):
        return False
    return not _POSSESSIVE.search(before[0]) and _CONNECTOR.fullmatch(between) is not None


def _name(text: str, run: list[re.Match[str]]) -> Iterator[Name]:
    opens = bool(run) and _SENTENCE_START.search(text[max(0, run[0].start() - 12) : run[0].start()]) is not None
    words = run
    while words and words[0][0].casefold() in _NEVER_FIRST and not is_acronym(words[0][0]):
        words = words[1:]
    if words and not (len(words) == 1 and opens and is_plain(words[0][0])):
        start, end = words[0].start(), words[-1].end()
        end -= len(words[-1][0]) - len(bare(words[-1][0]))
        yield Name(start, end, text[start:end], tuple(bare(word[0]) for word in words), opens and words[0] is run[0])


def bare(word: str) -> str:
    """Drop a possessive ending: "Iran's" is "Iran"."""
    return _POSSESSIVE.sub("", word)


def is_acronym(word: str) -> bool:
    """Tell whether a word is set in capitals and short enough to stand for others: IRGC, U.S., G7."""
    letters = word.replace(".", "")
    return 2 <= len(letters) <= 6 and letters[0].isalpha() and letters.upper() == letters and not letters[1:].islower()


def _is_capitalised(word: str) -> bool:
    return re.sub(rf"^{_ARTICLE}", "", word)[:1].isupper() or word[:1].isupper()


_FOLDS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"^{_ARTICLE}", ""),
        (r"t?sch|tch", "C"),
        (r"shch", "SC"),
        (r"ch", "C"),
        (r"sh", "S"),
        (r"zh|dj", "j"),
        (r"ph", "f"),
        (r"^x", "s"),
        (r"x", "ks"),
        (r"([kgdt])h", r"\1"),
        (r"ck|c(?![eiy])|q|g", "k"),
        (r"c", "s"),
        (r"w", "v"),
        (r"eh$", "a"),
        (r"(?<=[aeiouy])h$", ""),
        (r"([^\Waeiouy\d])\1+", r"\1"),
    )
)
_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_VOWELS = re.compile(r"[aeiouy]+")


@lru_cache(maxsize=20_000)
def name_key(name: str) -> str:
    """Reduce a name to what survives transliteration: its consonants, its first and its last vowel sound.

    Each word is reduced by itself and words are joined by a space. Acronyms stay as they are.
    """
    return " ".join(key for word in name.split() if (key := _word_key(bare(word))))


def _word_key(word: str) -> str:
    if is_acronym(word):
        return word.replace(".", "")
    folded = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    folded = "".join(
        letter for letter in folded if letter in "-‐‑" or (letter.isalnum() and letter not in _APOSTROPHES)
    )
    for pattern, replacement in _FOLDS:
        folded = pattern.sub(replacement, folded)
    folded = re.sub(r"[-‐‑]", "", folded)
    runs = list(_VOWELS.finditer(folded))
    if not runs:
        return folded
    first, last = runs[0], runs[-1]
    tail = _sound(last[0]) if last.end() == len(folded) and last is not first and last[0] != "e" else ""
    return folded[: first.start()] + _sound(first[0]) + _VOWELS.sub("", folded[first.end() :]) + tail


def _sound(vowels: str) -> str:
    """Name the vowel that spellings of a sound share: o and u are one, e, i and y another, ai and ei a third."""
    if "o" in vowels or "u" in vowels:
        return "u"
    if "a" in vowels:
        return "a" if set(vowels) == {"a"} else "E"
    return "E" if vowels in {"ei", "ey"} else "i"
