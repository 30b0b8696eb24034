"""A vector, how many and of which articles in, the passages nearest to it out, each with its cosine.

Chroma's graph of vectors (HNSW) knows nothing of articles. Where the filters leave much, it is asked for more than is
wanted and what they exclude is dropped; where they leave little, all that they leave is compared, which is exact.

In a folder the graph lacks what others have added since this process opened it. That is compared too, until it is so
much that opening the graph again pays.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import Protocol

import numpy as np

from rag.schema import Filters, Passage
from rag.store.embeddings import Vectors
from rag.store.filters import EVERYTHING

SPARE = 2  # times as many are asked of the graph as would do if what is near were of all articles alike
WIDER = 4  # times as many the next time, at least, if that was not enough
# What the graph takes, as many times what comparing one vector from the catalogue takes: for each passage asked of it,
# and as much again as for so many, however few are asked. Measured with 324,000 passages of MiniLM's vectors, blended:
# 10 microseconds each with looking them up, and 2 milliseconds, against 1.6 microseconds. With 60,000 in articles of
# two, the cheaper way was taken for all of seven filters but where both took 13 to 14 milliseconds.
GRAPH_COST, GRAPH_START = 6, 200
ADDED_SHARE, ADDED_AT_LEAST = 0.02, 1000  # of the passages, how many the graph may lack before it is opened again


class Graph(Protocol):
    """What finds the nearest of all passages that it has, or nearly: Chroma."""

    def seen(self) -> int:
        """Return the number of the last change that it is sure to have."""
        ...

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return the ids of the `k` passages nearest to a vector, and their cosines."""
        ...

    def reopen(self) -> None:
        """Take in what others have written."""
        ...


class Catalogue(Protocol):
    """What knows which passages are part of the store, by numbers that rise and are never given twice."""

    def number(self) -> int: ...
    def largest_number(self) -> int: ...
    def count(self, filters: Filters = EVERYTHING) -> int: ...
    def numbers(self, filters: Filters = EVERYTHING, above: int = 0) -> list[int]: ...
    def numbers_of(self, ids: Iterable[str], filters: Filters = EVERYTHING) -> dict[str, int]: ...
    def kept_vectors(self, filters: Filters) -> tuple[Sequence[int], Vectors]: ...
    def added_since(self, number: int) -> tuple[list[int], Vectors]: ...
    def passages_numbered(self, numbers: Iterable[int]) -> dict[int, Passage]: ...


class Nearest:
    """Finds passages by their vectors. Threads may share one."""

    def __init__(self, graph: Graph, catalogue: Catalogue) -> None:
        self._graph = graph
        self._catalogue = catalogue
        self._added = Added(0)
        self._reopening = threading.Lock()

    def find(self, vector: Vectors, k: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the `k` passages nearest to a unit vector of those that the filters keep, the nearest first."""
        cosines = self._cosines(vector, k, filters)
        best = [number for _, number in nsmallest(k, ((-cosine, number) for number, cosine in cosines.items()))]
        found = self._catalogue.passages_numbered(best)
        return [replace(found[number], score=cosines[number]) for number in best if number in found]

    def _cosines(self, vector: Vectors, k: int, filters: Filters) -> dict[int, float]:
        """Compare the vector with the `k` nearest passages, or with more: cosines by number."""
        passages = self._catalogue.count()
        kept = min(self._catalogue.count(filters), passages)
        asked = to_ask(k, kept, passages)
        while graph_cost(asked) < kept:
            added = self._compared_with_added(vector, passages, filters)
            hits = dict(self._graph.nearest(vector, asked))
            numbers = self._catalogue.numbers_of(hits, filters)
            if len(numbers) >= k:
                return {number: hits[identity] for identity, number in numbers.items()} | added
            if len(hits) < asked:
                break  # that was all it has
            asked = max(WIDER * asked, to_ask(k, len(numbers), asked))
        return compared(vector, *self._catalogue.kept_vectors(filters))

    def _compared_with_added(self, vector: Vectors, passages: int, filters: Filters) -> dict[int, float]:
        """Compare the vector with what the graph may lack: cosines by number."""
        added = self._lacking(max(ADDED_AT_LEAST, int(ADDED_SHARE * passages)))
        if not added.numbers:
            return {}
        cosines = compared(vector, added.numbers, added.vectors)
        there = self._catalogue.numbers(filters, above=added.after)
        return {number: cosines[number] for number in there if number in cosines}

    def _lacking(self, most: int) -> Added:
        """Look up what has been added since the graph had all of the catalogue; if it is more than `most`, open it."""
        added = self._added
        largest = self._catalogue.largest_number()  # before all else: the rest may be newer, and never is older
        if self._graph.seen() >= self._catalogue.number():
            added = Added(largest)
        elif largest - added.after > most:
            with self._reopening:
                if added is self._added:  # nobody else has done so meanwhile
                    self._graph.reopen()
                    self._added = Added(largest)  # what is in the catalogue is in Chroma before
                return self._added
        elif largest > added.last:
            added = added.with_more(*self._catalogue.added_since(added.last))
        self._added = added
        return added


@dataclass(frozen=True, slots=True)
class Added:
    """Passages with numbers above `after`, in order, and their vectors, one a row."""

    after: int
    numbers: tuple[int, ...] = ()
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))

    @property
    def last(self) -> int:
        return self.numbers[-1] if self.numbers else self.after

    def with_more(self, numbers: Sequence[int], vectors: Vectors) -> Added:
        """Put more behind them."""
        if not self.numbers:
            return Added(self.after, tuple(numbers), vectors)
        return Added(self.after, (*self.numbers, *numbers), np.concatenate((self.vectors, vectors)))


def to_ask(k: int, kept: int, passages: int) -> int:
    """Say how many to ask of the graph so that `k` should be of the `kept` ones, which are so many of the passages."""
    return k if kept >= passages else SPARE * math.ceil(k * passages / max(kept, 1))


def graph_cost(asked: int) -> int:
    """Say how many vectors of the catalogue are compared in the time in which the graph finds so many passages."""
    return GRAPH_COST * (GRAPH_START + asked)


def compared(vector: Vectors, numbers: Sequence[int], vectors: Vectors) -> dict[int, float]:
    """Compare a vector with others, which have these numbers."""
    return dict(zip(numbers, (vectors @ vector).tolist(), strict=True)) if numbers else {}
