"""The catalogue: what it tells is what is there, however it came there, and none of it is counted anew."""

from __future__ import annotations

import math
import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import StoreError
from rag.facts.names import name_key
from rag.ingest.prepared import Prepared
from rag.language.words import stem, words
from rag.schema import Dates, Filters, Passage
from rag.store import catalogue as module
from rag.store.catalogue import Catalogue
from rag.store.embeddings import Vectors
from rag.store.filters import keeps, outlets_of
from rag.store.record import Record
from rag.store.searchable import heading, searchable
from rag.store.words import Worded, Words
from tests.store.processes import started
from tests.store.samples import WordVectors, prepared, source

DAYS = ("2023-11", "2024-02-29", "2024-03-01", "2024", "")
OUTLETS = ("The Harbour Gazette", "Coast Weekly", "Gazette", "")
WORDS = ("pier", "Pier", "quay", "old", "Sören", "ferries")
EVERY_FILTER = [
    Filters(since=since, until=until, as_of=as_of, outlets=outlets)
    for since in (None, Dates.parse("2024-03"))
    for until in (None, Dates.parse("2024-02"))
    for as_of in (None, Dates.parse("2024-02-29"))
    for outlets in ((), ("gazette",), ("weekly", "Harbour"), ("quay.example",), ("",))
]


@dataclass(frozen=True)
class Told:
    """What a writer or Chroma tells a catalogue."""

    number: int
    records: Mapping[str, Record | None]
    version: str = ""
    complete: bool = False


def vectors_of(passages: Sequence[Passage]) -> Vectors:
    return WordVectors().encode([searchable(passage) for passage in passages])


def tell(catalogue: Catalogue, *articles: Prepared, gone: Collection[str] = (), number: int = 0) -> None:
    """Replace these articles, and remove those."""
    cut = {each.article.source.document: each.passages for each in articles}
    records = {name: Record.of(each.article, each.passages, each.provenance) for name, each in named(articles).items()}
    number = number or catalogue.number() + 1
    catalogue.catch_up(
        Told(number, {**records, **dict.fromkeys(gone)}, f"version {number}"),
        lambda record: cut[record.source.document],
        lambda record: vectors_of(cut[record.source.document]),
    )


def named(articles: Sequence[Prepared]) -> dict[str, Prepared]:
    return {each.article.source.document: each for each in articles}


def tales(catalogue: Catalogue) -> dict[str, object]:
    """Write down everything that a catalogue tells, by names, for its numbers depend on what was there before."""
    there = catalogue.passages_numbered(catalogue.numbers())
    stems = {stem(form) for form, _, _ in catalogue.forms()} | {"gazett", "2024"}
    return {
        "articles": {source.document: catalogue.laid_out(source.document) for source, _ in catalogue.sources()},
        "records": catalogue.records(),
        "counts": (catalogue.article_count(), catalogue.count(), catalogue.outlets()),
        "forms": [
            (form, catalogue.form(form), catalogue.forms_with_key(name_key(form))) for form, *_ in catalogue.forms()
        ],
        "frequencies": catalogue.frequencies(stems),
        "hits": {each: {hit.key for hit in catalogue.search({each: 1.0}, 1000)} for each in stems},
        "vectors": {
            there[number].key: vector.tolist() for number, vector in zip(*catalogue.kept_vectors(), strict=True)
        },
        "means": catalogue.means(catalogue.documents()).tolist(),
        "filtered": [filtered(catalogue, filters) for filters in EVERY_FILTER],
    }


def filtered(catalogue: Catalogue, filters: Filters) -> tuple[object, ...]:
    """Write down what filters leave of a catalogue."""
    numbers, vectors = catalogue.kept_vectors(filters)
    assert sorted(numbers) == sorted(catalogue.numbers(filters))
    assert len(numbers) == len(vectors) <= catalogue.count(filters)
    return (
        {passage.key for passage in catalogue.passages_numbered(numbers).values()},
        {hit.key for hit in catalogue.search({"pier": 1.0, "old": 1.0, "quay": 1.0, "sören": 1.0}, 1000, filters)},
        catalogue.article_count(filters),
        catalogue.leads(filters),
        catalogue.leads(filters, 1),
        catalogue.newest(filters),
    )


ARTICLES = st.builds(
    lambda name, day, outlet, origin, paragraphs: prepared(
        source(f"{name}.md", day, title=f"{outlet} {name}", publisher=outlet, origin=origin), *paragraphs
    ),
    name=st.sampled_from("abcd"),
    day=st.sampled_from(DAYS),
    outlet=st.sampled_from(OUTLETS),
    origin=st.sampled_from(("quay.example", "Coast Weekly", "")),
    paragraphs=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=3),
)
STEPS = st.tuples(st.lists(ARTICLES, max_size=3), st.sets(st.sampled_from(["a.md", "b.md", "c.md"]), max_size=2))


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue")
    yield opened
    opened.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=6))
def test_whatever_came_and_went_it_tells_what_one_made_anew_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[Prepared], set[str]]]
) -> None:
    folder, there = tmp_path_factory.mktemp("catalogue"), dict[str, Prepared]()
    changed, anew = Catalogue(folder / "changed"), Catalogue(folder / "anew")
    for articles, gone in steps:
        tell(changed, *named(articles).values(), gone=gone - named(articles).keys())
        there = {name: each for name, each in there.items() if name not in gone} | named(articles)
    tell(anew, *there.values())
    assert tales(changed) == tales(anew) | {"records": changed.records()}
    assert changed.records().keys() == there.keys()
    changed.close()
    anew.close()


@settings(max_examples=15)
@given(articles=st.lists(ARTICLES, min_size=1, max_size=8))
def test_filters_leave_in_every_table_what_they_are_to_keep(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Prepared]
) -> None:
    catalogue = Catalogue(tmp_path_factory.mktemp("catalogue"))
    tell(catalogue, *named(articles).values())
    for filters in EVERY_FILTER:
        kept = [each for _, each in sorted(named(articles).items()) if keeps(filters, each.article.source)]
        by_age = sorted(kept, key=last_day, reverse=True)
        dated = [each.article.source for each in by_age if each.article.source.published]
        leads = [each.passages[0] for each in by_age]
        found, hits, count, *rest = filtered(catalogue, filters)
        assert found == {passage.key for each in kept for passage in each.passages}
        assert isinstance(hits, set)
        assert hits <= found
        assert (count, *rest) == (len(kept), leads, leads[:1], dated[0] if dated else None)
    for each in named(articles).values():
        assert catalogue.named(each.article.source.document.upper()) == each.article.source
        assert catalogue.like(each.article.source.document[0], 1)
    assert catalogue.outlets() == tuple(
        sorted({name for each in named(articles).values() for name in outlets_of(each.article.source)})
    )
    catalogue.close()


def last_day(article: Prepared) -> int:
    published = article.article.source.published
    return published.last.toordinal() if published else 0


PIER = prepared(source("pier.md", "2024-03-05", title="Pier"), "The old pier.", "A pier is a pier.", "Ferries go.")
QUAY = prepared(source("quay.md", "2024-02"), "The quay is new.", "The pier is not.")


def test_a_passage_has_the_score_that_bm25_gives_it(catalogue: Catalogue) -> None:
    more = [prepared(f"{number}.txt", "Nothing happened.") for number in range(5)]
    tell(catalogue, PIER, QUAY, *more)
    passages = [*PIER.passages, *QUAY.passages, *(passage for each in more for passage in each.passages)]
    weighed = [Counter(stemmed(heading(each.source)) + 2 * stemmed(each.text)) for each in passages]
    length = sum(count.total() for count in weighed) / len(weighed)
    standing = sum("pier" in count for count in weighed)
    rarity = math.log(1 + (len(weighed) - standing + 0.5) / (standing + 0.5))
    expected = {
        passage.key: 3 * rarity * 2.2 * (uses := count["pier"]) / (uses + 1.2 * (0.25 + 0.75 * count.total() / length))
        for passage, count in zip(passages, weighed, strict=True)
        if "pier" in count
    }
    found = catalogue.search({"pier": 3.0}, 10)
    assert {hit.key: hit.score for hit in found} == pytest.approx(expected, rel=1e-5)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def stemmed(text: str) -> list[str]:
    return [stem(match.group()) for match in words(text)]


def test_words_are_found_by_how_they_sound_begin_and_end(catalogue: Catalogue) -> None:
    tell(catalogue, prepared("a.txt", "Ghazali met Qazali, and Ghazali left the quays."))
    assert catalogue.form("ghazali") == (2, 2)
    assert catalogue.form("Ghazali") is None
    assert catalogue.forms_with_key(name_key("ghazali")) == [("ghazali", 2, 2), ("qazali", 1, 1)]
    assert sorted(catalogue.forms_resembling("qua", "zali", 5, 7)) == ["ghazali", "qazali", "quays"]
    assert catalogue.forms_resembling("qua", "zali", 7, 9) == ["ghazali"]


def test_the_newest_days_hold_a_share_of_the_articles_that_have_a_date(catalogue: Catalogue) -> None:
    dated = [prepared(source(f"{day}.md", f"2024-03-0{day}"), "News.") for day in range(1, 9)]
    tell(catalogue, *dated, prepared("undated.md", "News."))
    assert str(catalogue.newest_days(4)) == "2024-03-07/2024-03-08"
    assert str(catalogue.newest_days(100)) == "2024-03-08"


def test_what_came_after_a_change_is_told_in_order(catalogue: Catalogue) -> None:
    tell(catalogue, PIER, number=10)
    tell(catalogue, QUAY, number=20)
    moved = replace(PIER, provenance=replace(PIER.provenance, file="/elsewhere"))
    tell(catalogue, moved, number=30)
    assert catalogue.changed_since(0) == [(name, catalogue.revision(name)) for name in ("pier.md", "quay.md")]
    assert catalogue.changed_since(10) == [("quay.md", QUAY.article.revision)]
    assert list(catalogue.from_file("/elsewhere")) == ["pier.md"]


def test_older_changes_do_not_undo_newer_ones(catalogue: Catalogue) -> None:
    tell(catalogue, PIER, QUAY, number=7)
    tell(catalogue, prepared("pier.md", "There is no pier."), gone=["quay.md"], number=6)
    assert catalogue.documents() == ["pier.md", "quay.md"]
    assert (catalogue.number(), catalogue.version()) == (7, "version 7")


def test_many_changes_come_in_parts_and_a_part_is_not_taken_for_all(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    states = []

    def passages_of(record: Record) -> Sequence[Passage]:
        states.append((catalogue.number(), catalogue.version(), catalogue.documents()))
        if len(states) == 3:
            raise StoreError("The server is gone.")
        return {"pier.md": PIER, "quay.md": QUAY}.get(record.source.document, NOTE).passages

    records = {
        each.article.source.document: Record.of(each.article, each.passages, each.provenance)
        for each in (PIER, QUAY, NOTE)
    }
    told = Told(5, records, "v5")
    with pytest.raises(StoreError, match="gone"):
        catalogue.catch_up(told, passages_of, lambda record: vectors_of(passages_of(record)))
    assert [number for number, _, _ in states] == [0, 0, 0]
    assert len({version for _, version, _ in states if version}) == 1
    assert catalogue.version() != "v5"
    tell(catalogue, PIER, QUAY, NOTE, number=5)
    assert (catalogue.number(), catalogue.documents()) == (5, ["note.txt", "pier.md", "quay.md"])


NOTE = prepared("note.txt", "The pier is older than the town hall.")


def test_an_article_of_which_a_part_is_missing_is_left_out(catalogue: Catalogue) -> None:
    record = Record.of(PIER.article, PIER.passages, PIER.provenance)
    catalogue.catch_up(
        Told(1, {"pier.md": record}, "v"), lambda _: PIER.passages[:2], lambda _: vectors_of(PIER.passages[:2])
    )
    assert (catalogue.documents(), catalogue.count(), catalogue.number()) == ([], 0, 1)


def test_a_reader_finds_the_words_that_were_there_until_it_finds_the_new_ones(tmp_path: Path) -> None:
    reading, writing = Catalogue(tmp_path), Catalogue(tmp_path)
    for number in range(20):
        tell(writing, prepared("a.txt", *(f"Edition {number}, paragraph {each}." for each in range(3))))
        assert [hit.text for hit in reading.search({"edit": 1.0}, 10)] == [
            f"Edition {number}, paragraph {each}." for each in range(3)
        ]
    reading.close()
    writing.close()


def test_what_was_removed_does_not_crowd_out_what_is_there(catalogue: Catalogue) -> None:
    gone = [prepared(f"{number}.txt", "Pier pier pier.") for number in range(50)]
    tell(catalogue, NOTE, *gone)
    tell(catalogue, gone=[each.article.source.document for each in gone])
    assert [hit.source.document for hit in catalogue.search({"pier": 1.0}, 1)] == ["note.txt"]


def killed_beside_its_words(folder: Path, committed: bool) -> None:
    """Add an article, and die by kill -9 before or after its words are committed, and before anything else is."""
    change = Words.change

    def dying(self: Words, added: Iterable[Worded], dropped: Iterable[int]) -> int:
        if committed:
            change(self, added, dropped)
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    Words.change = dying  # type: ignore[method-assign]
    tell(Catalogue(folder), QUAY, prepared("pier.md", "Another pier."))


@pytest.mark.parametrize("committed", [False, True])
def test_a_writer_killed_beside_its_words_neither_loses_nor_doubles_a_passage(tmp_path: Path, committed: bool) -> None:
    catalogue, anew = Catalogue(tmp_path / "catalogue"), Catalogue(tmp_path / "anew")
    tell(catalogue, PIER, NOTE)
    before = tales(catalogue)
    killed = started(killed_beside_its_words, tmp_path / "catalogue", committed)
    killed.join()
    assert killed.exitcode == -9
    assert tales(catalogue) == before
    opened = Catalogue(tmp_path / "catalogue")
    assert tales(opened) == before
    for each in (anew, opened):
        tell(each, PIER, NOTE, QUAY)
    assert tales(opened) == tales(catalogue) == tales(anew)
    assert opened._words.searcher().num_docs == opened.count()
    for each in (catalogue, opened, anew):
        each.close()


def lose(folder: Path) -> None:
    shutil.rmtree(folder)


def put_back_what_was(folder: Path) -> None:
    lose(folder)
    shutil.copytree(folder.parent / "old", folder)


@pytest.mark.parametrize("happens", [lose, put_back_what_was])
def test_lost_or_outdated_words_are_brought_in_line(tmp_path: Path, happens: Callable[[Path], None]) -> None:
    catalogue = Catalogue(tmp_path)
    tell(catalogue, PIER, NOTE)
    catalogue.close()
    [folder] = tmp_path.glob("words-*")
    shutil.copytree(folder, tmp_path / "old")
    catalogue = Catalogue(tmp_path)
    tell(catalogue, QUAY, gone=["note.txt"])
    tell(catalogue, prepared("mill.txt", "An old mill."))
    told = tales(catalogue)
    catalogue.close()
    happens(folder)
    catalogue = Catalogue(tmp_path)
    assert tales(catalogue) == told
    catalogue.close()


def test_no_question_and_no_article_has_a_table_read_from_end_to_end(catalogue: Catalogue) -> None:
    tell(catalogue, PIER, QUAY, NOTE)
    connection = catalogue._database.connection
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    for filters in EVERY_FILTER[1:]:
        filtered(catalogue, filters)
    catalogue.leads(k=1)
    catalogue.numbers(above=catalogue.largest_number() - 1)
    catalogue.added_since(catalogue.largest_number() - 1)
    catalogue.pieces(catalogue.passages(Record.of(PIER.article, PIER.passages, PIER.provenance).passage_ids).values())
    catalogue.frequencies(["pier"])
    catalogue.form("pier")
    catalogue.forms_with_key("pir")
    catalogue.forms_resembling("pi", "er", 3, 5)
    catalogue.means(["pier.md"])
    catalogue.newest_days(4)
    catalogue.laid_out("pier.md")
    catalogue.changed_since(catalogue.number())
    catalogue.from_file("nowhere")
    tell(catalogue, prepared("pier.md", "The pier is gone."), gone=["quay.md"])
    connection.set_trace_callback(None)
    read = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE)")
    steps = {
        f"{step}: {' '.join(statement.split())}"
        for statement in filter(read.match, asked)
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        if step.startswith("SCAN") and step.split()[1] in GROWING and "LIMIT" not in statement
    }
    assert steps == set()


GROWING = (
    "articles of_outlet passages vectors means pieces stems forms".split()
)  # others have days and names of outlets
