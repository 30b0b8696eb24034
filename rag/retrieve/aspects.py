"""A question in, what passages can have of it out: each of its words, the outlets and the days that it names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from rag.facts import dates_in
from rag.language.words import FUNCTION_WORDS, stem, stems_in, words
from rag.retrieve.interaction import CONTEXT_WEIGHT
from rag.retrieve.timely import is_from, length
from rag.schema import Dates, Passage, Query, Source
from rag.store.filters import is_of
from rag.store.pieces import Matrix
from rag.store.searchable import heading

# In units of late interaction, of which a passage has 0 to 2. Tuned on half of MultiHop-RAG's development queries: half
# or double of each finds .01 to .02 less of the evidence.
WORDS = 1.33  # all of the question's words together, if they are MANY
FEW, MANY = 6, 16  # words; a question of few asks for one thing, and likeness alone ranks better there (canned)
HEADING = 0.5  # of a word, if it stands above the passage and not in it
OUTLET = 0.67
DAY = 0.33
LONGEST = 31  # days that count as a date of publication; who names a year seldom means that

Spellings = Callable[[str], Sequence[str]]  # those that the corpus has for a word, none if it has nothing like it
Stems = frozenset[str]


@dataclass(frozen=True)
class Aspects:
    """What a question names."""

    words: Mapping[Stems, float]  # the stems of each word's spellings, and what it counts
    outlets: tuple[str, ...]
    days: tuple[Dates, ...]

    @classmethod
    def of(cls, query: Query, spellings: Spellings, rarity: Callable[[str], float]) -> Aspects:
        """Read a question. `rarity` is a stem's inverse document frequency, 0 where no passage has it."""
        worth: dict[Stems, float] = {}
        for start, stems in _words(query.sought, spellings):
            discount = 1.0 if query.context_from is None or start < query.context_from else CONTEXT_WEIGHT
            known = [found for each in stems if (found := rarity(each))]
            worth.setdefault(stems, discount * min(known, default=0.0))
        total = sum(worth.values()) or 1.0
        together = WORDS * min(max((len(worth) - FEW) / (MANY - FEW), 0.0), 1.0)
        stated = (mention.dates for mention in dates_in(query.sought))
        days = dict.fromkeys(dates for dates in stated if dates and length(dates.first, dates.last) <= LONGEST)
        return cls({stems: together * each / total for stems, each in worth.items()}, query.outlets, tuple(days))

    def matrix(self, passages: Sequence[Passage]) -> Matrix:
        """Tell what each passage has of them: (passages, words and outlets and days), 0 to what the aspect counts."""
        rows = [[*self._words(passage), *self._named(passage.source)] for passage in passages]
        return np.array(rows, np.float32).reshape(len(passages), len(self.words) + len(self.outlets) + len(self.days))

    def _words(self, passage: Passage) -> list[float]:
        """Look for each word by its stems, in the passage rather than above it."""
        having = [0.0] * len(self.words)
        for share, there in ((HEADING, _heading(passage.source)), (1.0, stems_in(passage.text))):
            for each in there & self._columns.keys():
                for column, worth in self._columns[each]:
                    having[column] = share * worth
        return having

    @cached_property
    def _columns(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """For each stem the words that have it among theirs: their columns, and what they count."""
        columns: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for column, (stems, worth) in enumerate(self.words.items()):
            for each in stems:
                columns[each].append((column, worth))
        return dict(columns)

    def _named(self, source: Source) -> Iterator[float]:
        for outlet in self.outlets:
            yield OUTLET * is_of(outlet, source)
        for day in self.days:
            yield DAY * is_from(day, source)


def _words(text: str, spellings: Spellings) -> Iterator[tuple[int, Stems]]:
    """Yield where each word that carries meaning begins, and the stems of its spellings."""
    for match in words(text):
        word = match.group().lower()
        if word not in FUNCTION_WORDS:
            yield match.start(), frozenset(map(stem, spellings(word) or (word,)))


@lru_cache(maxsize=4096)
def _heading(source: Source) -> Stems:
    return stems_in(heading(source))
