"""A timeline tells what the articles tell now, each thing with its quote, and reads no article twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag.answer.waiting import in_thread
from rag.errors import EmptyStoreError
from rag.retrieve.retriever import Retriever
from rag.schema import Article, Dates, Filters, Timeline
from rag.store.store import Store
from rag.timeline.cache import Cache
from rag.timeline.events import Found, events
from rag.timeline.happenings import Happening, happenings
from rag.timeline.timelines import READER, Timelines
from rag.timeline.topic import Relevance, relevance
from tests.store.chroma_server import ChromaServer
from tests.store.samples import open_small_store, prepared, put, remove, source

OPENED = "The lighthouse of Oskel was opened to visitors on 3 June 2024."
BOUGHT = "Brenhaven bought two ferries from the Karo yard on 14 August 2024."
STRIKE = "Dockers in Tarn began a strike on 20 January 2025."
AGREED = "The dockers of Tarn signed an agreement with Karo on 2 February 2025."

LIGHTHOUSE = prepared(source("lighthouse.md", "2024-06-04", publisher="Coast Courier"), OPENED)
FERRIES = prepared(source("ferries.md", "2024-08-15", publisher="Brenhaven Post"), BOUGHT)
DOCKERS = prepared(source("dockers.md", "2025-02-03", publisher="Coast Courier"), f"{STRIKE} {AGREED}")
COPY = prepared(source("copy.html", "2024-06-05", publisher="Daily Reprint", origin="Coast Courier"), OPENED)

Read = list[str]


def made(of: Timelines, topic: str = "", filters: Filters = Filters(), **wanted: Any) -> Timeline:  # noqa: B008  # frozen
    return asyncio.run(of.timeline(topic, filters, **wanted))


def told(timeline: Timeline) -> list[tuple[str, str]]:
    return [(str(each.when.dates), each.claim.text) for each in timeline.events]


LIGHTHOUSE_TOLD, FERRIES_TOLD = ("2024-06-03", OPENED), ("2024-08-14", BOUGHT)
STRIKE_TOLD, AGREED_TOLD = ("2025-01-20", STRIKE), ("2025-02-02", AGREED)
EVERYTHING = [LIGHTHOUSE_TOLD, FERRIES_TOLD, STRIKE_TOLD, AGREED_TOLD]


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that is not to be written to."""
    with open_small_store(tmp_path_factory.mktemp("harbours")) as store:
        put(store, LIGHTHOUSE, FERRIES, DOCKERS)
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_small_store(tmp_path / "store") as store:
        yield store


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """List the articles that are read, as they are."""
    documents: Read = []

    def noted(article: Article, *others: Any) -> object:
        documents.append(article.source.document)
        return happenings(article, *others)

    monkeypatch.setattr("rag.timeline.timelines.happenings", noted)
    return documents


def test_everything_is_told_in_the_order_of_the_dates(harbours: Store) -> None:
    timeline = made(Timelines(Retriever(harbours)))
    assert told(timeline) == EVERYTHING
    assert timeline.found == 4
    for each in timeline.citations:
        assert harbours.article(each.source.document).text[each.start : each.end] == each.quote


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(as_of=Dates.parse("2024-08-15")), [LIGHTHOUSE_TOLD, FERRIES_TOLD]),
        (Filters(as_of=Dates.parse("2024-08-14")), [LIGHTHOUSE_TOLD]),
        (Filters(as_of=Dates.parse("2020")), []),
        (Filters(outlets=("Brenhaven Post",)), [FERRIES_TOLD]),
        (Filters(outlets=("Nobody",)), []),
        (Filters(since=Dates.parse("2024-08"), until=Dates.parse("2024-12")), [FERRIES_TOLD]),
    ],
)
def test_only_articles_that_filters_keep_are_read(
    harbours: Store, read: Read, filters: Filters, expected: list[tuple[str, str]]
) -> None:
    timeline = made(Timelines(Retriever(harbours)), filters=filters)
    assert (told(timeline), timeline.filters) == (expected, filters)
    assert len(read) == len(expected)


def test_a_topic_is_looked_for_in_what_had_been_published(harbours: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    known: set[str] = set()

    def noted(topic: str, filters: Filters, retriever: Retriever, among: Sequence[Found]) -> Relevance:
        known.update(each.document for each, _ in retriever.store.sources())
        return relevance(topic, filters, retriever, among)

    monkeypatch.setattr("rag.timeline.timelines.relevance", noted)
    made(Timelines(Retriever(harbours)), "ferries", Filters(as_of=Dates.parse("2024-08-15")))
    assert known == {"lighthouse.md", "ferries.md"}


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (Dates.parse("2025"), None, [STRIKE_TOLD, AGREED_TOLD]),
        (None, Dates.parse("2024-07"), [LIGHTHOUSE_TOLD]),
        (Dates.parse("2024-07"), Dates.parse("2025-01"), [FERRIES_TOLD, STRIKE_TOLD]),
    ],
)
def test_a_period_bounds_the_events(
    harbours: Store, since: Dates | None, until: Dates | None, expected: list[tuple[str, str]]
) -> None:
    assert told(made(Timelines(Retriever(harbours)), since=since, until=until)) == expected


def test_topic_period_and_limit_read_nothing_anew(harbours: Store, read: Read) -> None:
    of = Timelines(Retriever(harbours))
    made(of)
    assert len(read) == 3
    assert STRIKE_TOLD in told(made(of, "strike of the dockers in Tarn"))
    assert told(made(of, since=Dates.parse("2025"))) == [STRIKE_TOLD, AGREED_TOLD]
    limited = made(of, limit=2)
    assert (len(limited.events), limited.found) == (2, 4)
    assert len(read) == 3


def test_progress_is_told_while_articles_are_read(harbours: Store) -> None:
    of, steps = Timelines(Retriever(harbours)), []
    made(of, advance=lambda done, all_: steps.append((done, all_)))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    made(of, advance=lambda done, all_: steps.append((done, all_)))
    assert len(steps) == 3


def test_an_added_article_is_the_only_one_read(store: Store, read: Read) -> None:
    of = Timelines(Retriever(store))
    put(store, LIGHTHOUSE, FERRIES)
    made(of)
    put(store, DOCKERS)
    assert told(made(of)) == EVERYTHING
    assert sorted(read) == ["dockers.md", "ferries.md", "lighthouse.md"]


def test_a_change_is_seen_at_once(store: Store) -> None:
    of = Timelines(Retriever(store))
    put(store, LIGHTHOUSE, FERRIES)
    made(of)
    later = BOUGHT.replace("14 August", "16 August")
    put(store, prepared(FERRIES.article.source, later))
    assert told(made(of)) == [LIGHTHOUSE_TOLD, ("2024-08-16", later)]
    remove(store, "lighthouse.md")
    assert told(made(of)) == [("2024-08-16", later)]


def test_what_another_process_adds_is_told(store: Store, tmp_path: Path) -> None:
    of = Timelines(Retriever(store))
    put(store, LIGHTHOUSE, FERRIES)
    made(of)
    with open_small_store(tmp_path / "store") as other:
        put(other, DOCKERS)
    assert told(made(of)) == EVERYTHING


# chromadb's client for servers has no way to close its connections
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_what_another_machine_adds_is_told(tmp_path: Path) -> None:
    with (
        ChromaServer(tmp_path / "server") as server,
        open_small_store(tmp_path / "here", server.url) as here,
        open_small_store(tmp_path / "there", server.url) as there,
    ):
        of = Timelines(Retriever(here))
        put(there, LIGHTHOUSE, FERRIES)
        assert told(made(of)) == [LIGHTHOUSE_TOLD, FERRIES_TOLD]
        put(there, DOCKERS)
        assert told(made(of)) == EVERYTHING


def test_what_was_read_is_kept_for_the_next_process(harbours: Store, read: Read, tmp_path: Path) -> None:
    for _ in range(2):
        with Timelines(Retriever(harbours), Cache(tmp_path / "timelines.sqlite3")) as of:
            assert told(made(of)) == EVERYTHING
    assert len(read) == 3


def test_what_was_kept_is_told_as_it_was_the_first_time(store: Store, tmp_path: Path) -> None:
    put(store, LIGHTHOUSE, COPY, DOCKERS)
    file = tmp_path / "timelines.sqlite3"
    with Timelines(Retriever(store), Cache(file)) as first, Timelines(Retriever(store), Cache(file)) as second:
        assert made(first) == made(second)


def test_a_reprint_is_no_second_report(store: Store) -> None:
    put(store, LIGHTHOUSE, COPY)
    (event,) = made(Timelines(Retriever(store))).events
    assert {each.source.document for each in event.claim.citations} == {"lighthouse.md", "copy.html"}
    assert event.origins == 1


def test_an_undated_article_is_later_than_the_days_that_its_copies_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, LIGHTHOUSE, prepared("undated.txt", OPENED))
    after: dict[str, date | None] = {}

    def noted(article: Article, not_before: date | None) -> list[object]:
        after[article.source.document] = not_before
        return []

    monkeypatch.setattr("rag.timeline.timelines.happenings", noted)
    made(Timelines(Retriever(store)))
    assert after == {"lighthouse.md": None, "undated.txt": date(2024, 6, 3)}


def test_what_does_not_pass_the_gate_is_not_told(harbours: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def misread(article: Article, *others: Any) -> list[Happening]:
        return [replace(each, text=each.text.replace("3 June", "5 June")) for each in happenings(article, *others)]

    monkeypatch.setattr("rag.timeline.timelines.happenings", misread)
    timeline = made(Timelines(Retriever(harbours)), limit=3)
    assert (told(timeline), timeline.found) == ([FERRIES_TOLD, STRIKE_TOLD, AGREED_TOLD], 3)


def test_two_at_once_read_each_article_once(harbours: Store, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    merged: list[int] = []

    def noted(among: list[Happening], *others: Any) -> list[Found]:
        merged.append(len(among))
        return events(among, *others)

    monkeypatch.setattr("rag.timeline.timelines.events", noted)
    of = Timelines(Retriever(harbours))
    with ThreadPoolExecutor(3) as threads:
        found = [each.result() for each in [threads.submit(made, of) for _ in range(3)]]
    assert list(map(told, found)) == [EVERYTHING] * 3
    assert (len(read), len(merged)) == (3, 1)


def test_questions_are_answered_while_articles_are_read(harbours: Store) -> None:
    answered = threading.Event()

    async def ask() -> list[Timeline]:
        loop, reading = asyncio.get_running_loop(), asyncio.Event()

        def wait(*_: object) -> None:
            loop.call_soon_threadsafe(reading.set)
            assert answered.wait(30)

        asked = [asyncio.ensure_future(Timelines(Retriever(harbours)).timeline(advance=wait)) for _ in range(3)]
        await reading.wait()
        await asyncio.gather(*(in_thread(str, number) for number in range(4)))
        answered.set()
        return await asyncio.gather(*asked)

    assert list(map(told, asyncio.run(ask()))) == [EVERYTHING] * 3


def test_who_gives_up_stops_the_reading(harbours: Store, read: Read) -> None:
    of, over = Timelines(Retriever(harbours)), threading.Event()

    async def give_up() -> None:
        loop = asyncio.get_running_loop()

        def leave(*_: object) -> None:
            loop.call_soon_threadsafe(asked.cancel)
            assert over.wait(30)

        asked = asyncio.ensure_future(of.timeline(advance=leave))
        asked.add_done_callback(lambda _: over.set())
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(give_up())
    READER.submit(int).result(30)  # whatever is read has been read
    assert len(read) == 1
    assert told(made(of)) == EVERYTHING


def test_there_is_nothing_to_tell_without_articles(store: Store) -> None:
    with pytest.raises(EmptyStoreError, match="ingest"):
        made(Timelines(Retriever(store)))
