"""Articles go in, are found by meaning and by words, and go out without a trace."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import EmptyStoreError, StoreError
from rag.language.words import stem
from rag.schema import Dates, Filters, Passage
from rag.settings import Settings
from rag.store.embeddings import Vectors
from rag.store.index import collection_name
from rag.store.store import Store, open_store
from tests.store.samples import WordVectors, contents, open_small_store, prepared, put, remove, source

PIER = prepared(
    source("pier.md", "2024-03-05", title="Pier to close", publisher="The Harbour Gazette", author="Ida Holm"),
    "The council votes to close the old pier.",
    "Ferries will leave from the new quay, said Sören Brückner.",
)
FAIR = prepared(
    source("fair.txt", "2023-11", title="Autumn fair", publisher="Coast Weekly", origin="quaynews.example"),
    "The fair drew nine hundred visitors.",
    "A ferris wheel stood on the pier.",
    "It rained on Sunday.",
)
UNDATED = prepared(source("note.txt"), "The pier is older than the town hall.")


def found(passages: list[Passage]) -> list[tuple[str, int]]:
    return [(passage.source.document, passage.start) for passage in passages]


def vector(text: str) -> Vectors:
    return np.asarray(WordVectors().encode([text])[0])


def test_passages_are_found_by_meaning_with_their_cosine(store: Store) -> None:
    put(store, PIER, FAIR)
    nearest = store.nearest(vector("ferris wheel stood on the pier"), 2)
    assert found(nearest) == [("fair.txt", FAIR.passages[1].start), ("pier.md", 0)]
    assert nearest[0].text == "A ferris wheel stood on the pier."
    assert nearest[0].source == FAIR.article.source
    texts = ["Autumn fair\nCoast Weekly, November 2023\nA ferris wheel stood on the pier.", encoded(store)[0]]
    cosines = WordVectors().encode(texts) @ vector("ferris wheel stood on the pier")
    assert np.allclose([passage.score for passage in nearest], cosines, atol=1e-4)


def test_passages_are_found_by_words_in_any_form(store: Store) -> None:
    put(store, PIER, FAIR)
    assert found(store.search({stem("Quays"): 1.0, stem("raining"): 0.1}, 5)) == [
        ("pier.md", PIER.passages[1].start),
        ("fair.txt", FAIR.passages[2].start),
    ]
    assert found(store.search({stem("bruckner"): 1.0}, 5)) == [("pier.md", PIER.passages[1].start)]
    assert store.search({}, 5) == []


def test_a_heavier_word_comes_first(store: Store) -> None:
    put(store, PIER, FAIR)
    for heavy, light, first in (("rain", "visitor", "It rained"), ("visitor", "rain", "The fair")):
        assert store.search({heavy: 2.0, light: 1.0}, 5)[0].text.startswith(first)


def test_title_outlet_and_date_are_searched_but_not_quoted(store: Store) -> None:
    put(store, PIER, FAIR)
    for word in ("gazette", "March", "2024"):
        assert found(store.search({stem(word): 1.0}, 5)) == [("pier.md", p.start) for p in PIER.passages]
    assert store.search({stem("gazette"): 1.0}, 1)[0].text == PIER.passages[0].text
    assert "Pier to close\nThe Harbour Gazette, 5 March 2024\nThe council" in "\n".join(encoded(store))


def encoded(store: Store) -> list[str]:
    assert isinstance(store.embedder, WordVectors)
    return store.embedder.encoded


def test_what_a_query_says_is_never_taken_for_search_syntax(store: Store) -> None:
    put(store, PIER)
    for hostile in (
        '"',
        "AND",
        "pie*",
        "(",
        "body : council",
        '"council" OR "x',
        "\x00",
        " ",
        "",
        "-council",
        "old council",
        "x" * 70_000,
    ):
        assert store.search({hostile: 1.0}, 5) == []


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (Filters(), {"pier.md", "fair.txt", "note.txt"}),
        (Filters(since=Dates.parse("2024")), {"pier.md"}),
        (Filters(since=Dates.parse("2023-11-15")), {"pier.md", "fair.txt"}),
        (Filters(until=Dates.parse("2023-11-15")), {"fair.txt"}),
        (Filters(as_of=Dates.parse("2023-11-15")), set()),
        (Filters(as_of=Dates.parse("2023-11")), {"fair.txt"}),
        (Filters(as_of=Dates.parse("2024-03-05")), {"pier.md", "fair.txt"}),
        (Filters(outlets=("harbour gazette",)), {"pier.md"}),
        (Filters(outlets=("HARBOUR", "quaynews.example")), {"pier.md", "fair.txt"}),
        (Filters(outlets=("arbour", "The Gazette", "")), set()),
        (Filters(since=Dates.parse("2024"), outlets=("Coast Weekly",)), set()),
    ],
)
def test_filters_keep_what_they_say(store: Store, filters: Filters, documents: set[str]) -> None:
    put(store, PIER, FAIR, UNDATED)
    assert {hit.source.document for hit in store.nearest(vector("pier"), 10, filters)} == documents
    assert {hit.source.document for hit in store.search({"pier": 1.0}, 10, filters)} == documents


def test_an_article_comes_back_character_by_character(store: Store) -> None:
    put(store, PIER, FAIR)
    assert store.article("pier.md") == PIER.article
    assert store.article("fair.txt") == FAIR.article
    with pytest.raises(StoreError, match=r"no article 'peer.md'. The nearest: pier.md"):
        store.article("peer.md")


def test_a_file_is_held_while_any_of_its_articles_is(store: Store) -> None:
    put(store, prepared("a.jsonl#2", "The pier is old."), prepared("b.txt", "The quay is new."))
    asked = ("a.jsonl", "b.txt", "b.tx", "a", "b.txt#", "")
    assert [name for name in asked if store.holds(name)] == ["a.jsonl", "b.txt"]
    remove(store, "a.jsonl#2")
    assert not store.holds("a.jsonl")


def test_sources_are_listed_with_their_number_of_passages(store: Store) -> None:
    put(store, PIER, FAIR)
    assert store.sources() == ((FAIR.article.source, 3), (PIER.article.source, 2))


def test_word_forms_are_counted_with_their_capitals(store: Store) -> None:
    put(store, PIER, FAIR, UNDATED)
    counts = {form: (uses, capitalised) for form, uses, capitalised in store.forms()}
    assert counts["the"] == (7, 3)
    assert counts["pier"] == (3, 0)
    assert counts["brückner"] == (1, 1)
    assert "gazette" not in counts
    assert store.frequencies(["pier", "gazett", "nowhere"]) == {"pier": 4, "gazett": 2}


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    assert store.sources() == ()
    with pytest.raises(EmptyStoreError, match="Run `dateline ingest` first"):
        store.nearest(vector("pier"), 3)
    with pytest.raises(EmptyStoreError, match="Run `dateline ingest` first"):
        store.search({"pier": 1.0}, 3)


def test_adding_an_article_again_replaces_it(store: Store) -> None:
    put(store, prepared("a.txt", "One.", "Two.", "Three."), UNDATED)
    put(store, prepared("a.txt", "Two.", "Four."))
    assert store.article("a.txt").text == "Two.\n\nFour."
    assert sorted(p.text for p in store.nearest(vector("two"), 10)) == ["Four.", UNDATED.passages[0].text, "Two."]
    assert [store.search({stem(word): 1.0}, 5) for word in ("one", "three")] == [[], []]
    assert store.index.collection.count() == 3


def test_removing_an_article_leaves_nothing_behind(store: Store) -> None:
    put(store, UNDATED)
    before = contents(store)
    put(store, PIER, FAIR)
    remove(store, "pier.md", "fair.txt")
    assert contents(store) == before


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_an_interrupted_writer_left_behind_is_passed_over_and_then_cleared_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, UNDATED)
    monkeypatch.setattr(store.index, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put(store, prepared("new.txt", *(f"Pier {number}" for number in range(9))))
    assert store.index.collection.count() == 10
    assert found(store.nearest(vector("Pier 3"), 1)) == [("note.txt", 0)]
    with store.writing():
        pass
    assert store.index.collection.count() == 1


def test_what_an_interrupted_writer_took_out_is_out_after_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, UNDATED, FAIR)
    with monkeypatch.context() as patch:
        patch.setattr(store.index, "publish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            remove(store, "fair.txt")
    with store.writing():
        pass
    assert [source.document for source, _ in store.sources()] == ["note.txt"]
    assert store.index.collection.count() == 1


def test_word_pieces_are_those_of_the_text_that_is_there(store: Store) -> None:
    before, after = prepared("a.txt", "The pier is old."), prepared("a.txt", "The quay is new.")
    put(store, before)
    put(store, after)
    outdated, kept = store.pieces(before.passages), store.pieces(after.passages)
    assert [pieces.spans.tolist() for pieces in outdated + kept] == [
        [[-6, -5], [-4, -1], [0, 3], [4, 8], [9, 11], [12, 15]]
    ] * 2
    assert np.allclose(kept[0].vectors, store.asked("a.txt\nThe quay is new.")[1].vectors, atol=0.02)
    assert np.allclose(store.pieces(after.passages)[0].vectors, kept[0].vectors)


def test_no_other_model_or_cut_shares_a_collection(tmp_path: Path) -> None:
    names = [collection_name(*shape) for shape in (("a", "b"), ("a", "c"), ("b", "a"), ("ab", ""), ("a", "b", ""))]
    assert len(set(names)) == len(names)
    assert names[0] == collection_name("a", "b")


def test_a_lost_catalogue_is_built_again_just_the_same(open_again: Callable[[], Store], tmp_path: Path) -> None:
    store = open_again()
    put(store, PIER, FAIR)
    put(store, prepared("fair.txt", "Only the wheel is left."), UNDATED)
    before = contents(store)
    store.close()
    shutil.rmtree(tmp_path / "catalogue")
    assert contents(open_again()) == before


def test_a_damaged_catalogue_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "catalogue.sqlite").write_bytes(b"not a database, only bytes " * 200)
    with pytest.raises(StoreError, match=r"catalogue.sqlite .* Delete"):
        open_small_store(tmp_path)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"Cannot use the folder .*file .* Choose another with --data."):
        open_store(Settings.model_construct(data=tmp_path / "file"))


def test_a_very_long_article_goes_in_and_comes_back(store: Store) -> None:
    paragraphs = [f"Paragraph {number} of a report on tides and timetables. " * 8 for number in range(2500)]
    long = prepared("long.txt", *map(str.strip, paragraphs))
    put(store, long)
    assert store.article("long.txt") == long.article
    assert store.search({"2499": 1.0}, 3)[0].start == long.passages[2499].start


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paragraphs=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80), min_size=1, max_size=4
    ),
    title=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_any_text_goes_in_and_comes_back(store: Store, paragraphs: list[str], title: str) -> None:
    article = prepared(source("any.txt", title=title), *paragraphs)
    put(store, article)
    assert store.article("any.txt") == article.article
    assert sorted(p.text for p in store.nearest(vector(paragraphs[0]), 10)) == sorted(paragraphs)


def test_threads_read_whole_articles_while_another_writes(open_again: Callable[[], Store]) -> None:
    store, writing = open_again(), open_again()
    versions = [prepared("a.txt", *(f"Edition {n}, paragraph {i} on the pier." for i in range(4))) for n in range(12)]
    put(writing, versions[0], UNDATED)
    done, wrong = threading.Event(), list[object]()

    def read() -> None:
        while not done.is_set():
            try:
                texts = [hit.text for hit in store.search({"edit": 1.0}, 10)]
                if len({text.split(",")[0] for text in texts}) != 1 or len(texts) != 4:
                    wrong.append(texts)
                hits = store.nearest(vector("the pier"), 10)
                if not {hit.source.document for hit in hits} >= {"note.txt"}:
                    wrong.append(hits)
                if store.article("a.txt") not in [version.article for version in versions]:
                    wrong.append("torn")
            except BaseException as error:
                wrong.append(error)
                raise

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in versions[1:]:
        put(writing, version)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert store.article("a.txt") == versions[-1].article
    assert len(store.nearest(vector("the pier"), 10)) == 5
