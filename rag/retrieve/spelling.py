"""A word as somebody typed it and the words of the corpus in, the spellings that the corpus uses for it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.facts.names import name_key
from rag.language.words import FUNCTION_WORDS

NAME_SHARE = 0.8  # of a form's uses that are capitalised, from which on it is taken for a name
SHORTEST = 5  # letters; shorter words have too many neighbours to be repaired, unless the neighbour is a name
SHORTEST_NAME = 4
LONG = 8  # letters from which on a word may have been mistyped twice
END = 3  # letters at either end of a long word, of which one end is taken to be right
LITTLE_WORDS = tuple(word for word in sorted(FUNCTION_WORDS) if len(word) >= 3)
ARTICLE = re.compile(r"^[ae]l(?=[a-z]{4})")  # al-Araji typed as one word
WORDS_REMEMBERED = 5000


class Forms(Protocol):
    """The word forms of a corpus, in lower case, each with how often it is used and how often with a capital letter."""

    def form(self, word: str) -> tuple[int, int] | None:
        """Look up the uses of a form; None if there is none such."""

    def forms_with_key(self, key: str) -> Sequence[tuple[str, int, int]]:
        """List the forms whose `name_key` this is, with their uses."""

    def forms_resembling(self, begins: str, ends: str, shortest: int, longest: int) -> Sequence[str]:
        """List the forms of so many letters that begin, or that end, so."""

    def forms(self) -> Sequence[tuple[str, int, int]]:
        """List all, with their uses."""


class Vocabulary:
    """What the words of a corpus tell of a word. It looks up what it is asked for, and remembers that.

    Make a new one when the corpus has changed. Threads may share one.
    """

    def __init__(self, forms: Forms, is_english: Callable[[str], bool]) -> None:
        """`is_english` tells whether a word in lower case is an ordinary one, which is not to be repaired."""
        self._forms = forms
        self.is_english = is_english
        self._uses = lru_cache(WORDS_REMEMBERED)(forms.form)
        self._sounding = lru_cache(WORDS_REMEMBERED)(self._names_with_key)
        self._spellings = lru_cache(WORDS_REMEMBERED)(self._looked_up)

    def is_name(self, word: str) -> bool:
        """Tell whether a word in lower case is written with a capital letter wherever it stands."""
        uses = self._uses(word)
        return uses is not None and is_mostly_capitalised(*uses)

    @property
    def variants(self) -> Mapping[str, tuple[str, ...]]:
        """For each name that has several, its spellings."""
        return Variants(self)

    def names(self) -> Iterator[str]:
        """Go through all names of the corpus."""
        return (form for form, *uses in self._forms.forms() if is_mostly_capitalised(*uses))

    def names_like(self, name: str) -> tuple[str, ...]:
        """List the names that are spellings of one another and of this, the most used first."""
        return self._sounding(name_key(name))

    def spellings(self, word: str) -> tuple[str, ...]:
        """List the corpus's spellings of a word, the likeliest first; empty if the corpus has nothing like it.

        A name matches whatever sounds the same in transliteration; a word that is none, the form it was a slip of.
        """
        return self._spellings(word.lower())

    def _looked_up(self, word: str) -> tuple[str, ...]:
        if self._uses(word):
            return (word, *(name for name in self._alike(word) if name != word)) if self.is_name(word) else (word,)
        if self.is_english(word):
            return ()
        nearest = tuple(sorted(self._alike(word), key=lambda name: OSA.distance(word, name)))
        return nearest or mistyped(word) or self._repaired(word)

    def _alike(self, word: str) -> tuple[str, ...]:
        return self.names_like(word) or self.names_like(ARTICLE.sub("", word))

    def _repaired(self, word: str) -> tuple[str, ...]:
        """Find the form that a mistyped word was meant to be: one slip away, or two in a long word."""
        slips = 1 if len(word) < LONG else 2
        near = [found for found in self._near(word, slips) if self.is_name(found[0]) or len(word) >= SHORTEST]
        if not near:
            return ()
        form, _ = min(near, key=lambda found: (found[1], not self.is_name(found[0]), -self._used(found[0]), found[0]))
        return self.names_like(form) if self.is_name(form) else (form,)

    def _near(self, word: str, slips: int) -> list[tuple[str, int]]:
        """List the forms within so many slips, with their number.

        One slip leaves the beginning of a word as it was or its end; two in both ends of a long word are not repaired.
        """
        if len(word) < SHORTEST_NAME:
            return []
        begins, ends = (END, END) if slips > 1 else ((len(word) - 1) // 2, len(word) // 2)
        shortest = max(len(word) - slips, SHORTEST_NAME)
        forms = self._forms.forms_resembling(word[:begins], word[-ends:], shortest, len(word) + slips)
        repairable = [form for form in forms if form.isalpha()]
        found = process.extract(word, repairable, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return [(form, int(distance)) for form, distance, _ in found]

    def _used(self, word: str) -> int:
        uses = self._uses(word)
        return uses[0] if uses else 0

    def _names_with_key(self, key: str) -> tuple[str, ...]:
        found = sorted(self._forms.forms_with_key(key), key=lambda form: (-form[1], form[0]))
        return tuple(form for form, *uses in found if is_mostly_capitalised(*uses))


class Variants(Mapping[str, tuple[str, ...]]):
    """The spellings of each name that has several, looked up when they are asked for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __getitem__(self, name: str) -> tuple[str, ...]:
        spellings = self._vocabulary.names_like(name) if self._vocabulary.is_name(name) else ()
        if len(spellings) < 2:
            raise KeyError(name)
        return spellings

    def __bool__(self) -> bool:
        return True  # without counting them

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._vocabulary.names() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def is_mostly_capitalised(uses: int, capitalised: int) -> bool:
    return capitalised >= NAME_SHARE * uses


def mistyped(word: str) -> tuple[str, ...]:
    """Find the little word that was meant: `waht`, `teh`."""
    near = (little for little in LITTLE_WORDS if OSA.distance(word, little, score_cutoff=1) <= 1)
    return tuple(sorted(near, key=lambda little: (sorted(little) != sorted(word), little)))[:1]
