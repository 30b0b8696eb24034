"""The nearest passages are found with the graph or without, whoever added them, and never one that is not there."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Dates, Filters, Passage, Source
from rag.store import nearest
from rag.store.embeddings import Vectors
from rag.store.filters import EVERYTHING, keeps
from rag.store.nearest import Nearest, graph_cost, to_ask
from rag.store.searchable import searchable
from rag.store.store import Store
from tests.store.samples import WordVectors, open_small_store, prepared, put, remove, source

K = 5
PLACES = [f"place{number}" for number in range(300)]
THIS_YEAR = Filters(since=Dates.parse("2024"), until=Dates.parse("2024"))


def vector(text: str) -> Vectors:
    return np.asarray(WordVectors().encode([text])[0])


def paragraphs(seed: int, of: Sequence[str] = PLACES, count: int = 20) -> list[str]:
    chance = random.Random(seed)
    return [f"{' '.join(chance.sample(of, 6))} {seed} {number}." for number in range(count)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large")


@pytest.fixture(scope="module")
def large(folder: Path) -> Iterator[Store]:
    """Open a store large enough for the graph to pay: 70 articles of 2024, of two outlets, and 20 of other years."""
    with open_small_store(folder) as store:
        with store.writing() as writer:
            writer.put(
                [
                    prepared(
                        source(
                            f"{seed}.md",
                            "2024-05-01" if seed < 70 else f"{2000 + seed - 70}",
                            publisher=f"Outlet {seed % 2}",
                        ),
                        *paragraphs(seed),
                    )
                    for seed in range(90)
                ]
            )
        yield store


@pytest.fixture
def reopened(large: Store, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note each time that the graph is opened again."""
    noted: list[bool] = []
    reopen = large.index.reopen

    def noting() -> None:
        noted.append(True)
        reopen()

    monkeypatch.setattr(large.index, "reopen", noting)
    return noted


def compared(store: Store, filters: Filters) -> list[tuple[float, tuple[str, int, int]]]:
    """Compare a question with all passages that filters keep: cosine and key, the nearest first."""
    passages = [
        each for found, _ in store.sources() if keeps(filters, found) for each in store.passages(found.document)
    ]
    cosines = WordVectors().encode([searchable(each) for each in passages]) @ QUESTION
    return sorted(((float(cosine), each.key) for cosine, each in zip(cosines, passages, strict=True)), reverse=True)


QUESTION = vector("place1 place2 place3 place5 place8 place13")


@pytest.mark.parametrize(
    "filters", [EVERYTHING, THIS_YEAR, Filters(outlets=("Outlet 1",)), Filters(until=Dates.parse("2003"))]
)
def test_what_filters_keep_is_found_nearest_first_with_its_cosine(large: Store, filters: Filters) -> None:
    found = large.nearest(QUESTION, K, filters)
    expected = compared(large, filters)[:K]
    assert [each.score for each in found] == pytest.approx([cosine for cosine, _ in expected], abs=2e-3)
    assert all(keeps(filters, each.source) for each in found)
    assert len({each.key for each in found}) == K


def test_many_are_found_by_the_graph_and_few_are_compared(large: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    graph = large.index.nearest

    def noting(vector: Vectors, k: int) -> list[tuple[str, float]]:
        asked.append(k)
        return graph(vector, k)

    monkeypatch.setattr(large.index, "nearest", noting)
    large.nearest(QUESTION, K, Filters(until=Dates.parse("2003")))
    assert asked == []
    large.nearest(QUESTION, K)
    assert asked[0] == K


def test_what_is_near_but_excluded_leaves_no_gap(large: Store) -> None:
    near = prepared(source("near.md", "1999"), *[f"lighthouse keeper {number}." for number in range(200)])
    put(large, near)
    asked = vector("lighthouse keeper")
    assert all(each.source.document == "near.md" for each in large.nearest(asked, K))
    found = large.nearest(asked, K, THIS_YEAR)
    assert len(found) == K
    assert all(keeps(THIS_YEAR, each.source) for each in found)
    remove(large, "near.md")


def test_what_another_has_added_is_found_and_what_it_removed_is_not(
    large: Store, folder: Path, reopened: list[bool]
) -> None:
    large.nearest(QUESTION, K)
    with open_small_store(folder) as other:
        put(other, prepared(source("new.md", "2024-06"), "A lighthouse for sale.", "Nothing else."))
        asked = vector("a lighthouse for sale")
        assert large.nearest(asked, 1, THIS_YEAR)[0].text == "A lighthouse for sale."
        assert large.nearest(asked, 1, Filters(until=Dates.parse("2023")))[0].source.document != "new.md"
        put(other, prepared(source("new.md", "2024-06"), "A lighthouse for sale, or to let."))
        assert [each.text for each in large.nearest(asked, 2)].count("A lighthouse for sale, or to let.") == 1
        assert all(each.text != "A lighthouse for sale." for each in large.nearest(asked, K))
        remove(other, "new.md", "89.md")
    assert all(each.source.document not in ("new.md", "89.md") for each in large.nearest(asked, 1900))
    assert reopened == []


def test_the_graph_is_opened_again_when_others_have_added_much(
    large: Store, folder: Path, reopened: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    large.nearest(QUESTION, K)
    monkeypatch.setattr(nearest, "ADDED_AT_LEAST", 30)
    with open_small_store(folder) as other:
        put(other, prepared("more.md", *paragraphs(1000, count=60)))
    for _ in range(2):
        assert large.nearest(vector(paragraphs(1000)[7]), 1)[0].source.document == "more.md"
    assert reopened == [True]
    remove(large, "more.md")


@pytest.mark.parametrize(
    ("k", "kept", "passages", "asked"),
    [(10, 1000, 1000, 10), (10, 1200, 1000, 10), (10, 500, 1000, 40), (10, 1, 1000, 20000), (10, 0, 1000, 20000)],
)
def test_the_less_is_kept_the_more_is_asked_of_the_graph(k: int, kept: int, passages: int, asked: int) -> None:
    assert to_ask(k, kept, passages) == asked


def test_a_few_hundred_passages_are_compared_whatever_is_asked() -> None:
    assert graph_cost(1) > 1000


class Shelf:
    """A catalogue and a graph of numbered passages, both exact; the graph has what it saw when it was opened."""

    def __init__(self) -> None:
        self.there: dict[int, Vectors] = {}
        self.given = self.change = self.graph_at = self.opened = 0
        self.graph: dict[int, Vectors] = {}

    def put(self, vectors: Sequence[Vectors], by_others: bool) -> None:
        if not by_others:
            self.reopen()  # as a writer does before it writes
        for each in vectors:
            self.given += 1
            self.there[self.given] = each
        self.change += 1
        if not by_others:
            self.reopen()

    def drop(self, number: int) -> None:
        self.there.pop(number, None)
        self.change += 1

    # the graph

    def seen(self) -> int:
        return self.graph_at

    def reopen(self) -> None:
        self.graph, self.graph_at = dict(self.there), self.change
        self.opened += 1

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        cosines = sorted(((float(each @ vector), number) for number, each in self.graph.items()), reverse=True)
        return [(str(number), cosine) for cosine, number in cosines[:k]]

    # the catalogue

    def number(self) -> int:
        return self.change

    def largest_number(self) -> int:
        return self.given

    def count(self, filters: Filters = EVERYTHING) -> int:
        return len(self.there)

    def numbers(self, filters: Filters = EVERYTHING, above: int = 0) -> list[int]:
        return [number for number in self.there if number > above]

    def numbers_of(self, ids: Iterable[str], filters: Filters = EVERYTHING) -> dict[str, int]:
        return {each: int(each) for each in ids if int(each) in self.there}

    def kept_vectors(self, filters: Filters) -> tuple[list[int], Vectors]:
        return self.added_since(0)

    def added_since(self, number: int) -> tuple[list[int], Vectors]:
        numbers = [each for each in self.there if each > number]
        return numbers, np.array([self.there[each] for each in numbers], np.float32).reshape(-1, 2)

    def passages_numbered(self, numbers: Iterable[int]) -> dict[int, Passage]:
        return {each: Passage(Source("a"), each, each + 1, "") for each in numbers if each in self.there}


ANGLES = st.lists(st.floats(0, 6), max_size=4).map(
    lambda angles: [np.array([np.cos(each), np.sin(each)], np.float32) for each in angles]
)
STEPS = st.lists(st.tuples(ANGLES, st.booleans()) | st.integers(1, 20), max_size=12)


@given(steps=STEPS, most=st.integers(0, 5))
def test_whoever_adds_and_removes_the_nearest_of_what_is_there_are_found(
    steps: list[tuple[list[Vectors], bool] | int], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "GRAPH_COST", 0)  # so that the graph is asked
        patch.setattr(nearest, "ADDED_AT_LEAST", most)
        shelf = Shelf()
        finder = Nearest(shelf, shelf)
        for step in steps:
            if isinstance(step, int):
                shelf.drop(step)
            else:
                shelf.put(*step)
            asked = np.array([1, 0], np.float32)
            expected = sorted((float(each @ asked) for each in shelf.there.values()), reverse=True)[:3]
            assert [each.score for each in finder.find(asked, 3)] == pytest.approx(expected, abs=1e-6)


def test_what_this_process_has_written_is_not_compared_beside_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "GRAPH_COST", 0)
    shelf = Shelf()
    shelf.put([np.array([1, 0], np.float32)] * 3, by_others=False)
    monkeypatch.delattr(Shelf, "added_since")
    assert len(Nearest(shelf, shelf).find(np.array([0, 1], np.float32), 2)) == 2


def test_the_graph_is_not_opened_for_each_question_while_others_go_on_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "GRAPH_COST", 0)
    monkeypatch.setattr(nearest, "ADDED_AT_LEAST", 4)
    monkeypatch.setattr(Shelf, "seen", lambda self: -1)
    shelf = Shelf()
    finder = Nearest(shelf, shelf)
    for number in range(8):
        shelf.put([np.array([0, 1], np.float32)] * 2, by_others=True)
        assert len(finder.find(np.array([0, 1], np.float32), 20)) == 2 * (number + 1)
    assert shelf.opened == 2
