"""What a question is about is found, within its filters, each report once, from whatever the store holds now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import EmptyStoreError
from rag.retrieve.reprints import without_reprints
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
    """Rank the passages as they were stored, before they are widened."""
    return retriever.ranked(retriever.understand(question, filters=filters), k)


def test_the_passage_that_a_question_is_about_comes_first(retriever: Retriever) -> None:
    ranked = found(retriever, "What did the fire in the paper mill damage?")
    assert ranked[0].text == MILL
    assert [passage.score for passage in ranked] == sorted((passage.score for passage in ranked), reverse=True)
    assert all(passage.text == retriever.store.article(passage.source.document).text[passage.start : passage.end]
               for passage in ranked)  # fmt: skip


def test_k_passages_are_returned_as_far_as_there_are_any(retriever: Retriever) -> None:
    assert [len(found(retriever, "pier of Oskel", k)) for k in (1, 3, 50)] == [1, 3, 5]


def test_of_passages_that_say_as_much_the_first_does_not_depend_on_which_came_first(tmp_path: Path) -> None:
    mayors = ("Ghazali", "Qazali", "Solvang", "Brandt", "Ekholm")
    articles = [
        prepared(source(f"{number}.md"), f"Mayor {mayor} opened the pier of Oskel.", *[FAIR, MILL][: number % 3])
        for number, mayor in enumerate(mayors)
    ]
    rankings = []
    for number, order in enumerate((articles, articles[::-1], articles[2:] + articles[:2])):
        with open_small_store(tmp_path / str(number)) as store:
            for article in order:
                put(store, article)
            rankings.append([passage.key for passage in found(Retriever(store), "Who opened the pier of Oskel?")])
    assert rankings[0] == rankings[1] == rankings[2]


def test_a_passage_comes_with_what_stands_around_it(retriever: Retriever) -> None:
    article = retriever.store.article("courier.md")
    first, *others = retriever.retrieve(retriever.understand("What did the fire in the paper mill damage?"), 10)
    assert (first.source, first.start, first.end, first.text) == (COURIER, 0, len(article.text), article.text)
    assert {passage.source.document for passage in others} == {"star.md", "later.md"}
    [pieces] = retriever.store.pieces([first])
    passages = retriever.store.passages("courier.md")
    assert len(pieces.spans) == sum(
        len(each.spans) - (number > 0) * int((each.spans[:, 0] < 0).sum())
        for number, each in enumerate(retriever.store.pieces(passages))
    )
    assert [first.text[slice(*span)] for span in pieces.spans if span[0] >= 0] == [
        passage.text[slice(*span)]
        for passage in passages
        for span in retriever.store.pieces([passage])[0].spans
        if span[0] >= 0
    ]


def test_all_that_a_question_names_is_found_before_more_of_the_same(store: Store) -> None:
    mills = [
        prepared(source(f"mill{number}.md"), f"The paper mill of Tarn burned for {number} days and {number} nights.")
        for number in range(30, 42)
    ]
    put(store, prepared("ferry.md", "A new ferry sails to Kvalsund."), *mills)
    asked = (
        "How many days and nights did the great paper mill of Tarn burn last winter, according to the fire brigade, "
        "and to which harbour does the new ferry of the county sail?"
    )
    ranked = found(Retriever(store), asked, 3)
    assert "ferry.md" in {passage.source.document for passage in ranked}


def test_each_outlet_that_a_question_names_has_its_turn(store: Store) -> None:
    star = [
        prepared(
            source(f"star{number}.md", publisher="Northern Star"), f"Pier {number} of Oskel will close, said Solvang."
        )
        for number in range(12)
    ]
    put(store, *star, prepared(COURIER, "On the pier of Oskel the Courier has 40 lines."))
    asked = "Do the Northern Star and the Coast Courier agree that the pier of Oskel will close, as Solvang said?"
    assert "courier.md" in {passage.source.document for passage in found(Retriever(store), asked, 2)}


def test_each_part_of_a_query_has_its_turn(store: Store) -> None:
    mills = [
        prepared(source(f"mill{number}.md"), f"The paper mill of Tarn burned for {number} days.")
        for number in range(40)
    ]
    put(store, *mills, prepared("ferry.md", "A new ferry sails to Kvalsund."))
    retriever = Retriever(store)
    query = retriever.understand("How long did the paper mill of Tarn burn?")
    assert "ferry.md" not in {passage.source.document for passage in retriever.ranked(query, 4)}
    ranked = retriever.ranked(replace(query, parts=("a ferry to Kvalsund",)), 4)
    assert {passage.source.document for passage in ranked} >= {"ferry.md"}
    assert [passage.score for passage in ranked] == sorted((passage.score for passage in ranked), reverse=True)


def test_an_article_of_the_day_that_a_question_names_is_preferred(store: Store) -> None:
    days = [f"2024-03-{day:02}" for day in range(1, 11)]
    put(
        store, *(prepared(source(f"{day}.md", day), f"The council of Oskel met about pier {day[-2:]}.") for day in days)
    )
    ranked = found(Retriever(store), "What did the article of March 7, 2024 say about the council of Oskel?")
    assert ranked[0].source.document == "2024-03-07.md"


def test_of_a_reprint_only_one_is_returned_but_another_figure_makes_another_report(retriever: Retriever) -> None:
    texts = [passage.text for passage in found(retriever, "What of the old pier of Oskel?")]
    assert len({PIER, REPRINT} & set(texts)) == 1
    assert {COSTS, OTHER_COSTS} <= set(texts)


def rewritten(store: Store, *sentences: str) -> Retriever:
    """Store a report and, cut otherwise, a rewrite of it that says these sentences besides."""
    report = (
        "Oskel will close its old pier in May because storms have broken nine of its pillars, Marit Solvang said.",
        "Divers from Brenhaven found cracks of three metres in January. The builder Aasen begins with repairs in June.",
        "The pact with Brenhaven on boats for the islands was signed in 2023, and Jonas Breivik wants it changed.",
    )
    again = (
        "The old pier of Oskel will be closed in May, because nine of its pillars are broken by storms, said Solvang."
        " Divers from Brenhaven found three metres of cracks in January.",
        "In June the builder Aasen begins with the repairs.",
    )
    put(store, prepared(COURIER, *report), prepared(STAR, *again, *sentences), prepared(LATER, FAIR))
    return Retriever(store)


def test_what_a_rewrite_says_again_takes_no_place(store: Store) -> None:
    are_one = rewritten(store).origins.are_one
    report, rewrite = store.passages("courier.md"), store.passages("star.md")
    assert without_reprints([*report, *rewrite], 10, are_one) == report
    assert without_reprints([*report[1:], *rewrite], 10, are_one) == [*report[1:], rewrite[0]]
    assert without_reprints([*report, *rewrite], 10, lambda one, other: False) == [*report, *rewrite]


@pytest.mark.parametrize(
    "differing",
    [
        "The pact with Brenhaven on boats for the islands was signed in 2021, and Jonas Breivik wants it changed.",
        "The pact with Brenhaven on boats for the islands was signed earlier this year, and Jonas Breivik is angry.",
        "The pact with Brenhaven on boats for the islands was never signed, and Jonas Breivik wants it changed.",
        "The pact with Lowen on boats for the islands was signed in 2023, and Jonas Breivik wants it changed.",
        "The pact with Brenhaven on boats for the islands was signed in 2023, and eleven fishermen want it changed.",
    ],
)
def test_what_a_rewrite_says_otherwise_is_found(store: Store, differing: str) -> None:
    retriever = rewritten(store, differing)
    assert retriever.origins.of("star.md") == "courier.md"
    texts = [passage.text for passage in found(retriever, "When was the pact with Brenhaven on boats signed?")]
    assert differing in texts
    assert any("signed in 2023, and Jonas Breivik" in text and text != differing for text in texts)


def test_reports_of_their_own_are_both_found_though_they_say_the_same(store: Store) -> None:
    shared = "Oskel will close its old pier in May because storms have broken nine of its pillars."
    longer = f"{shared} Tove Lunde, who runs the Café Anker, weeps."
    own = ("Fishmonger Pia Holm lost 300 crowns a day.", "Her cousin Emil sells 12 boats in Tarn to Mats Berg.")
    other = (
        "Priest Olav Krag blessed 41 ships of Kvalsund.",
        "His choir of 19 sang a hymn by Grieg for Ida.",
    )
    put(store, prepared(COURIER, longer, *own), prepared(STAR, shared, *other))
    documents = {passage.source.document for passage in found(Retriever(store), "Will the old pier of Oskel close?")}
    assert documents == {"courier.md", "star.md"}


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
    named = {passage.key: passage for passage in retriever.ranked(query, 10)}
    for passage in retriever.ranked(replace(query, outlets=()), 10):
        is_preferred = named[passage.key].score > passage.score
        assert is_preferred == (passage.source.publisher == "Northern Star")


@pytest.mark.parametrize(
    ("question", "found_in"),
    [
        ("What happened this week?", ["star.md"]),  # which has what the Courier begins with
        ("any news from yesterday?", ["star.md"]),
        ("What is the latest news?", ["later.md", "star.md"]),
        ("What happened last week?", ["later.md", "star.md"]),  # nothing, and this is the newest there is
    ],
)
def test_a_question_of_nothing_but_a_time_finds_how_its_articles_begin_the_newest_first(
    retriever: Retriever, question: str, found_in: list[str]
) -> None:
    passages = retriever.retrieve(retriever.understand(question, today=date(2024, 3, 15)), 10)
    assert [passage.source.document for passage in passages] == found_in


def test_what_is_of_the_time_asked_about_is_preferred_and_all_else_is_found_too(retriever: Retriever) -> None:
    asked = "What does the council of Oskel say of pier, mill and fair since June?"
    query = retriever.understand(asked, today=date(2024, 6, 30))
    timed = {passage.key: passage for passage in retriever.ranked(query, 10)}
    untimed = {passage.key: passage for passage in retriever.ranked(replace(query, period=None), 10)}
    assert timed.keys() == untimed.keys()
    for key, passage in timed.items():
        assert (passage.score > untimed[key].score) == (passage.source == LATER)


def test_a_mistyped_name_finds_what_the_right_one_finds(retriever: Retriever) -> None:
    query = retriever.understand("What drew visitors to the fair in Oskle?")
    assert query.standalone == "What drew visitors to the fair in Oskel?"
    assert retriever.ranked(query, 1)[0].text == FAIR


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
