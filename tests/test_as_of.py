"""As of a day, all is as if nothing later had been published: words, names, outlets, counts, passages and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.engine import Engine
from rag.ingest.prepared import Prepared
from rag.records import Record, answer_record, check_record, search_record
from rag.retrieve.retriever import Retriever
from rag.schema import Basis, Dates, Filters, Source
from rag.store.filters import keeps
from rag.store.store import Store
from tests.benchmarks import as_of as benchmark
from tests.store.samples import open_small_store, prepared, put, remove

# each tells the same otherwise: with another name, another spelling, another figure, or in other words
TEXTS: Mapping[str, tuple[str, ...]] = {
    "Coast Courier": ("Mayor Ghazali opened the pier of Oskel.", "The pier of Oskel cost 48 million crowns."),
    "Northern Star": ("Mayor Qazali opened the pier of Oskell.", "The pier of Oskell cost 52 million crowns."),
    "Tarn Observer": ("Mayor Solvang closed the pier of Oskel.", "Solvang is the mayor now."),
    "Shore Post": ("The pier, the pier and again the pier: Oskel spoke of nothing else.", "Storms broke a mill."),
    "Island Wire": ("Mayor Brandt never opened the pier of Oskel.", "Brandt said that the peir cost nothing."),
}
QUESTIONS = (
    "Who opened the pier of Oskel?",
    "what did the peir cost, says the Northern Star?",
    "Did Qhazali or Brand open the pier in Osklel?",
    "Who is the mayor now?",
    "What happened last month?",
)
DAYS = tuple(map(Dates.parse, ("2023-05-01", "2024-02-28", "2024-02", "2024-03-01", "2024", "2025-07-30")))
MILL = prepared(
    Source("mill.md", publisher="Coast Courier", published=Dates.parse("2020"), basis=Basis.STATED),
    "A storm broke the mill of Tarn.",
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_small_store(tmp_path_factory.mktemp("full")) as store:
        yield store


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_small_store(tmp_path_factory.mktemp("partial")) as store:
        yield store


def reading(store: Store, *articles: Prepared) -> Engine:
    """Fill a store with these articles and no others; its engine answers whatever is asked."""
    put(store, *articles)
    documents = {each.article.source.document for each in articles}
    remove(store, *(source.document for source, _ in store.sources() if source.document not in documents))
    return Engine(Retriever(store), threshold=0.0, today=lambda: date(2026, 1, 15))


def everything_said(engine: Engine, filters: Filters) -> list[Record]:
    return asyncio.run(_everything_said(engine, filters))


async def _everything_said(engine: Engine, filters: Filters) -> list[Record]:
    answers = [await engine.answer(question, filters=filters) for question in QUESTIONS]
    searches = [await engine.search(question, 50, filters=filters) for question in QUESTIONS[:2]]
    checked = [check_record(text, await engine.check(text, filters)) for (text, *_) in list(TEXTS.values())[:2]]
    return [
        *(answer_record(replace(answer, timings_ms={})) | {"query": answer.query} for answer in answers),
        *(search_record(*search) for search in searches),
        *checked,
    ]


@settings(max_examples=4, deadline=None)
@given(
    days=st.lists(st.sampled_from([*DAYS, None]), min_size=len(TEXTS), max_size=len(TEXTS)),
    basis=st.sampled_from([Basis.STATED, Basis.INFERRED]),
    as_of=st.sampled_from(DAYS),
    outlets=st.sampled_from([(), ("Coast Courier", "Island Wire")]),
)
def test_as_of_a_day_all_is_as_in_a_store_of_what_was_published_by_then(
    full: Store,
    partial: Store,
    days: list[Dates | None],
    basis: Basis,
    as_of: Dates,
    outlets: tuple[str, ...],
) -> None:
    filters = Filters(as_of=as_of, outlets=outlets)
    articles = [
        prepared(Source(f"{outlet}.md", publisher=outlet, published=day, basis=basis if day else Basis.UNKNOWN), *texts)
        for (outlet, texts), day in zip(TEXTS.items(), days, strict=True)
    ]
    published = [each for each in articles if keeps(Filters(as_of=as_of), each.article.source)]
    now, then = reading(full, *articles, MILL), reading(partial, *published, MILL)
    assert everything_said(now, filters) == everything_said(then, filters)


@pytest.mark.parametrize(
    ("published", "as_of", "read"),
    [
        ("2024-03-01", "2024-03-01", True),
        ("2024-03-02", "2024-03-01", False),
        ("2024-02", "2024-02-28", False),  # it may be of the 29th
        ("2024-02", "2024-02", True),
        ("", "2030", False),  # it may be of any day
    ],
)
async def test_what_may_be_of_a_later_day_is_not_read(full: Store, published: str, as_of: str, read: bool) -> None:
    day = Dates.parse(published) if published else None
    pier = prepared(Source("pier.md", published=day), "Mayor Ghazali opened the pier of Oskel.")
    engine = reading(full, MILL, pier)
    _, passages = await engine.search("Who opened the pier of Oskel?", 10, filters=Filters(as_of=Dates.parse(as_of)))
    assert ("pier.md" in {passage.source.document for passage in passages}) == read


async def test_before_anything_was_published_nothing_is_found(full: Store) -> None:
    filters = Filters(as_of=Dates.parse("1999"))
    _, passages = await reading(full, MILL).search("Which storm broke the mill?", 10, filters=filters)
    assert passages == []


async def test_the_past_changes_when_the_store_does(full: Store) -> None:
    asked, filters = "Who opened the harbour of Osklel?", Filters(as_of=Dates.parse("2025"))
    pier = prepared(Source("pier.md", published=DAYS[0]), "Mayor Ghazali opened the harbour of Oskel.")
    later = prepared(Source("later.md", published=Dates.parse("2026")), "Nothing happened.")
    engine = reading(full, MILL, later)
    before, _ = await engine.search(asked, 10, filters=filters)
    put(full, pier)
    after, found = await engine.search(asked, 10, filters=filters)
    remove(full, "pier.md")
    again, _ = await engine.search(asked, 10, filters=filters)
    assert [query.standalone for query in (before, after, again)] == [
        asked, "Who opened the harbour of Oskel?", asked
    ]  # fmt: skip
    assert found[0].source.document == "pier.md"


def test_the_planted_questions_are_answered_from_the_right_article_and_nothing_leaks() -> None:
    articles = benchmark.read("held-out-articles.jsonl")
    asked = [benchmark.Asked.of(record) for record in benchmark.read("held-out-questions.jsonl")]
    pairs = list(zip(asked, benchmark.outcomes(articles, asked), strict=True))
    assert sum(benchmark.understood(*pair) for pair in pairs) >= 30  # of 32
    assert sum(benchmark.right(*pair) for pair in pairs if pair[0].speaks_of_time) >= 24  # of 25 to be answered
    assert benchmark.leaking(articles, asked[:6], [Dates.parse("2024-08-30")]) == (6, [])
