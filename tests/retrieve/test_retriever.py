"""What a question is about is found, within its filters, each report once, from whatever the store holds now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import EmptyStoreError
from rag.retrieve.retriever import Retriever
from rag.schema import Dates, Filters, Passage
from rag.store.store import Store
from tests.gazette import open_gazette
from tests.store.samples import open_small_store, prepared, put, remove, source

COURIER = source("courier.md", "2024-03-12", publisher="Coast Courier")
STAR = source("star.md", "2024-03-14", publisher="Northern Star")
LATER = source("later.md", "2024-06-02", publisher="Northern Star")
PIER = "The old pier of Oskel will close in May because storms have broken its pillars, the council said."
REPRINT = "The old pier of Oskel will close in May because storms have broken its pillars, the council has said."
COSTS = "Repairs to the old pier of Oskel would cost 48 million crowns, the council said."
OTHER_COSTS = "Repairs to the old pier of Oskel would cost 52 million crowns, the council said."
MILL = "A fire damaged the paper mill of Tarn on Tuesday night."
FAIR = "The autumn fair in Oskel drew nine hundred visitors."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_small_store(tmp_path) as store:
        yield store


@pytest.fixture
def retriever(store: Store) -> Retriever:
    put(store, prepared(COURIER, PIER, COSTS, MILL), prepared(STAR, REPRINT, OTHER_COSTS), prepared(LATER, FAIR))
    return Retriever(store)


def found(retriever: Retriever, question: str, k: int = 10, filters: Filters = Filters()) -> list[Passage]:  # noqa: B008
    return retriever.retrieve(retriever.understand(question, filters=filters), k)


def test_the_passage_that_a_question_is_about_comes_first(retriever: Retriever) -> None:
    ranked = found(retriever, "What did the fire in the paper mill damage?")
    assert ranked[0].text == MILL
    assert [passage.score for passage in ranked] == sorted((passage.score for passage in ranked), reverse=True)
    assert all(passage.text == retriever.store.article(passage.source.document).text[passage.start : passage.end]
               for passage in ranked)  # fmt: skip


def test_k_passages_are_returned_as_far_as_there_are_any(retriever: Retriever) -> None:
    assert [len(found(retriever, "pier of Oskel", k)) for k in (1, 3, 50)] == [1, 3, 5]


def test_of_a_reprint_only_one_is_returned_but_another_figure_makes_another_report(retriever: Retriever) -> None:
    texts = [passage.text for passage in found(retriever, "What of the old pier of Oskel?")]
    assert len({PIER, REPRINT} & set(texts)) == 1
    assert {COSTS, OTHER_COSTS} <= set(texts)


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (Filters(), {"courier.md", "star.md", "later.md"}),
        (Filters(since=Dates.parse("2024-03-13")), {"star.md", "later.md"}),
        (Filters(until=Dates.parse("2024-03")), {"courier.md", "star.md"}),
        (Filters(as_of=Dates.parse("2024-03-13")), {"courier.md"}),
        (Filters(outlets=("northern star",)), {"star.md", "later.md"}),
        (Filters(outlets=("Northern Star",), until=Dates.parse("2024-05")), {"star.md"}),
        (Filters(as_of=Dates.parse("2020")), set()),
        (Filters(outlets=("Nobody's Gazette",)), set()),
    ],
)
def test_nothing_outside_the_filters_is_found(retriever: Retriever, filters: Filters, documents: set[str]) -> None:
    passages = found(retriever, "What does the council of Oskel say of pier, mill and fair?", filters=filters)
    assert {passage.source.document for passage in passages} == documents


def test_an_outlet_that_the_question_names_is_preferred(retriever: Retriever) -> None:
    query = retriever.understand("What would repairs cost, says the Northern Star?")
    named = {passage.key: passage for passage in retriever.retrieve(query, 10)}
    for passage in retriever.retrieve(replace(query, outlets=()), 10):
        is_preferred = named[passage.key].score > passage.score
        assert is_preferred == (passage.source.publisher == "Northern Star")


def test_a_mistyped_name_finds_what_the_right_one_finds(retriever: Retriever) -> None:
    query = retriever.understand("What drew visitors to the fair in Oskle?")
    assert query.standalone == "What drew visitors to the fair in Oskel?"
    assert retriever.retrieve(query, 1)[0].text == FAIR


def test_what_the_store_holds_now_is_what_is_found(retriever: Retriever, store: Store) -> None:
    assert found(retriever, "Zephyr's lighthouse")[0].source.document != "lighthouse.md"
    assert retriever.understand("Zehpyr").standalone == "Zehpyr"
    put(store, prepared("lighthouse.md", "The lighthouse is called Zephyr. Sailors trust Zephyr."))
    assert found(retriever, "Zephyr's lighthouse")[0].source.document == "lighthouse.md"
    assert retriever.understand("Zehpyr").standalone == "Zephyr"
    remove(store, "lighthouse.md")
    assert found(retriever, "Zephyr's lighthouse")[0].source.document != "lighthouse.md"


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    with pytest.raises(EmptyStoreError, match="Run `dateline ingest` first"):
        found(Retriever(store), "Who signed?")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.integers(1, 8))
def test_any_question_finds_distinct_passages(retriever: Retriever, question: str, k: int) -> None:
    keys = [passage.key for passage in found(retriever, question, k)]
    assert len(keys) == len(set(keys)) <= k


@pytest.mark.parametrize(
    ("question", "document", "says"),
    [
        ("How long does the boat trip last?", "ferry.md", "55 minutes"),
        ("What burned in Tarn?", "tarn.jsonl.gz#1", "library"),
        ("How many workers does the stone pit have?", "tarn.jsonl.gz#2", "310 people"),
        ("Where did the fish negotiations begin?", "herring.txt", "Lisbon"),
    ],
)
def test_a_paraphrase_is_found_by_the_real_model(gazette: Path, question: str, document: str, says: str) -> None:
    with open_gazette(gazette) as store:
        first = found(Retriever(store), question, 1)[0]
    assert first.source.document == document
    assert says in first.text
