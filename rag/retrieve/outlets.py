"""The names of outlets in, those that a question mentions out. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.language.words import words

LONGEST = 5  # words that are read as one name
NAMES_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Outlets:
    """The outlets of a corpus, under what people call them: a question is looked up in them, however many they are."""

    called: Mapping[str, Sequence[tuple[int, str]]]  # by `calls`: outlets, each with its place among all

    @classmethod
    def of(cls, names: Iterable[str]) -> Outlets:
        """Take up the names of outlets; those that were taken up last are not taken up again."""
        return _taken_up(tuple(names))

    def mentioned(self, question: str) -> tuple[str, ...]:
        """List those that a question names: `the Jerusalem Post`, `jerusalempost.com`, `Shafaq` for Shafaq News."""
        said = [match.group().lower() for match in words(question)]
        runs = {"".join(said[i:j]) for i in range(len(said)) for j in range(i + 1, min(i + LONGEST, len(said)) + 1)}
        found = {outlet for run in runs for outlet in self.called.get(run, ())}
        return tuple(name for _, name in sorted(found))


@lru_cache(maxsize=4)  # most articles come from an outlet that is known
def _taken_up(names: tuple[str, ...]) -> Outlets:
    called = defaultdict(list)
    for place, name in enumerate(names):
        for call in calls(name):
            called[call].append((place, name))
    return Outlets(dict(called))


@lru_cache(NAMES_REMEMBERED)
def calls(outlet: str) -> frozenset[str]:
    """Give what people call an outlet, in lower case and one word: its whole name, and the part that is its own."""
    name = re.sub(r"^www\.|\.\w{2,4}(?:\.\w{2})?$|^the\s+", "", outlet.strip(), flags=re.IGNORECASE)
    own = re.sub(r"\s+(?:news|agency|newspaper|online|media)\b", "", name, flags=re.IGNORECASE)
    return frozenset(filter(None, map(squeezed, (name, own))))


def is_of_a_name(word: str, outlets: Iterable[str]) -> bool:
    """Tell whether a word in a question that mentions these outlets belongs to the name of one."""
    return any(word.lower() in call for outlet in outlets for call in calls(outlet))


def squeezed(name: str) -> str:
    return "".join(match.group().lower() for match in words(name))
