"""A word as somebody typed it and the words of the corpus in, the spellings that the corpus uses for it out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.facts.names import name_key
from rag.language.words import FUNCTION_WORDS

NAME_SHARE = 0.8  # of a form's uses that are capitalised, from which on it is taken for a name
SHORTEST = 5  # letters; shorter words have too many neighbours to be repaired, unless the neighbour is a name
SHORTEST_NAME = 4
LITTLE_WORDS = tuple(word for word in sorted(FUNCTION_WORDS) if len(word) >= 3)
ARTICLE = re.compile(r"^[ae]l(?=[a-z]{4})")  # al-Araji typed as one word


@dataclass(frozen=True)
class Vocabulary:
    """The word forms of a corpus, in lower case, with how often each is used and how often with a capital letter."""

    uses: Mapping[str, int]
    capitalised: Mapping[str, int]
    is_english: Callable[[str], bool]  # whether a word in lower case is an ordinary one, which is not to be repaired

    @cached_property
    def names(self) -> frozenset[str]:
        """The forms that are written with a capital letter wherever they stand."""
        return frozenset(form for form, uses in self.capitalised.items() if uses >= NAME_SHARE * self.uses[form])

    @cached_property
    def names_by_key(self) -> Mapping[str, tuple[str, ...]]:
        """The names that are spellings of one another, the most used first."""
        groups = defaultdict(list)
        for name in sorted(self.names, key=lambda name: (-self.uses[name], name)):
            groups[name_key(name)].append(name)
        return {key: tuple(names) for key, names in groups.items()}

    @cached_property
    def variants(self) -> Mapping[str, tuple[str, ...]]:
        """For each name that has several, its spellings."""
        return {name: names for names in self.names_by_key.values() if len(names) > 1 for name in names}

    @cached_property
    def repairable(self) -> tuple[str, ...]:
        """The forms that a slip of the finger may have meant."""
        return tuple(form for form in self.uses if len(form) >= SHORTEST_NAME and form.isalpha())

    def spellings(self, word: str) -> tuple[str, ...]:
        """List the corpus's spellings of a word, the likeliest first; empty if the corpus has nothing like it.

        A name matches whatever sounds the same in transliteration; a word that is none, the form it was a slip of.
        """
        word = word.lower()
        sounding = self.names_by_key.get(name_key(word)) or self.names_by_key.get(name_key(ARTICLE.sub("", word)), ())
        if word in self.uses:
            return (word, *(name for name in sounding if name != word)) if word in self.names else (word,)
        if self.is_english(word):
            return ()
        nearest = tuple(sorted(sounding, key=lambda name: OSA.distance(word, name)))
        return nearest or mistyped(word) or self.repaired(word)

    def repaired(self, word: str) -> tuple[str, ...]:
        """Find the form that a mistyped word was meant to be: one slip away, or two in a long word."""
        slips = 1 if len(word) < 8 else 2
        near = process.extract(word, self.repairable, scorer=OSA.distance, score_cutoff=slips, limit=5)
        near = [found for found in near if found[0] in self.names or len(word) >= SHORTEST]
        if not near or len(word) < SHORTEST_NAME:
            return ()
        form, *_ = min(near, key=lambda found: (found[1], found[0] not in self.names, -self.uses[found[0]]))
        return self.names_by_key[name_key(form)] if form in self.names else (form,)


def mistyped(word: str) -> tuple[str, ...]:
    """Find the little word that was meant: `waht`, `teh`."""
    near = (little for little in LITTLE_WORDS if OSA.distance(word, little, score_cutoff=1) <= 1)
    return tuple(sorted(near, key=lambda little: (sorted(little) != sorted(word), little)))[:1]
