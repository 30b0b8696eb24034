"""Several processes use one store, and die in the middle of it."""

from __future__ import annotations

import multiprocessing
import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from rag.ingest import pipeline
from rag.store.searchable import searchable
from tests.store.processes import answer, ingest, ingest_when_told, started
from tests.store.samples import by_paragraph, contents, open_small_store, prepared, put

BEFORE = {
    "pier.txt": "The old pier will close in May.\n\nFerries move to the new quay.\n\nAnglers are not pleased.",
    "fair.txt": "The fair drew nine hundred visitors.",
    "mill.txt": "A fire damaged the paper mill on Tuesday night.",
}
AFTER = {
    "pier.txt": "The old pier will close in June.",
    "fair.txt": "The fair drew nine hundred visitors.",
    "lock.txt": "The canal lock is open again after repairs.\n\nBarges had waited for a week.",
    "bells.txt": "The church bells were recast by a foundry in the north.",
}
QUARTERS = 4  # of the requests, each a test


@pytest.fixture(autouse=True)
def two_passages_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PASSAGES_AT_ONCE", 2)


def folder_of(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def change(folder: Path, files: dict[str, str]) -> None:
    shutil.rmtree(folder)
    folder_of(folder, files)


def contents_after_ingesting(data: Path, folder: Path) -> dict[str, object]:
    with open_small_store(data) as store:
        pipeline.ingest([str(folder)], store, cut=by_paragraph)
        return contents(store)


@pytest.mark.parametrize("first", range(1, QUARTERS + 1))
def test_killed_anywhere_and_run_again_it_ends_in_the_same_store(tmp_path: Path, first: int) -> None:
    folder = folder_of(tmp_path / "articles", BEFORE)
    contents_after_ingesting(tmp_path / "before", folder)
    change(folder, AFTER)
    shutil.copytree(tmp_path / "before", tmp_path / "whole")
    counting, counted = multiprocessing.Pipe()
    whole = started(ingest, tmp_path / "whole", folder, 1, 0, counted)
    requests = counting.recv()
    whole.join()
    expected = contents_after_ingesting(tmp_path / "whole", folder)
    assert requests > 15
    for request in range(first, requests + 1, QUARTERS):
        data = tmp_path / str(request)
        shutil.copytree(tmp_path / "before", data)
        killed = started(ingest, data, folder, 1, request)
        killed.join()
        assert killed.exitcode == -9
        assert contents_after_ingesting(data, folder) == expected, f"killed at request {request} of {requests}"


def test_readers_of_a_half_finished_store_see_whole_articles(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "articles", BEFORE)
    contents_after_ingesting(tmp_path / "before", folder)
    change(folder, AFTER)
    for request in range(6, 19, 3):
        data = tmp_path / str(request)
        shutil.copytree(tmp_path / "before", data)
        killed = started(ingest, data, folder, 1, request)
        killed.join()
        assert killed.exitcode == -9
        with open_small_store(data) as store:
            texts = {source.document: store.article(source.document).text for source, _ in store.sources()}
            assert all(text in (BEFORE.get(document), AFTER.get(document)) for document, text in texts.items())
            paragraphs = sorted(paragraph for text in texts.values() for paragraph in text.split("\n\n"))
            assert sorted(hit.text for hit in store.nearest(store.embedder.encode(["pier"])[0], 50)) == paragraphs


def test_two_that_ingest_different_folders_at_once_leave_whole_articles_of_both(tmp_path: Path) -> None:
    first, second = folder_of(tmp_path / "first", BEFORE), folder_of(tmp_path / "second", AFTER)
    both = [started(ingest, tmp_path / "data", folder, 3) for folder in (first, second)]
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    with open_small_store(tmp_path / "data") as store:
        texts = {source.document: store.article(source.document).text for source, _ in store.sources()}
        assert texts
        assert all(text in (BEFORE.get(document), AFTER.get(document)) for document, text in texts.items())
        paragraphs = sorted(paragraph for text in texts.values() for paragraph in text.split("\n\n"))
        assert sorted(hit.text for hit in store.nearest(store.embedder.encode(["pier"])[0], 50)) == paragraphs
    assert contents_after_ingesting(tmp_path / "data", first) == contents_after_ingesting(tmp_path / "clean", first)


def test_two_that_ingest_one_folder_at_once_embed_each_article_once(tmp_path: Path) -> None:
    files = {f"{number}.txt": f"Report {number} on the pier.\n\nIt stands." for number in range(12)}
    folder = folder_of(tmp_path / "articles", files)
    ends = []
    for _ in range(2):
        ours, theirs = multiprocessing.Pipe()
        started(ingest_when_told, tmp_path / "data", folder, "", theirs)
        assert ours.recv() == "ready"
        ends.append(ours)
    for end in ends:
        end.send(True)
    results = [end.recv() for end in ends]
    for end in ends:
        end.send(False)
    assert sorted(text for embedded, _ in results for text in embedded) == sorted(
        f"{name}\n{paragraph}" for name, text in files.items() for paragraph in text.split("\n\n")
    )
    assert sum(report.added for _, report in results) == 12
    assert [report.added + report.unchanged for _, report in results] == [12, 12]
    assert contents_after_ingesting(tmp_path / "data", folder) == contents_after_ingesting(tmp_path / "clean", folder)


@pytest.mark.parametrize("killed", [False, True])
def test_one_that_has_been_running_for_long_overwrites_nothing_that_others_added(
    tmp_path: Path, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Chroma writes its graph of vectors to its files after each thousand, as it remembers it
    words = random.Random(5)
    many = [
        prepared(f"{number}.txt", *(f"{' '.join(str(words.random()) for _ in range(8))}." for _ in range(520)))
        for number in range(3)
    ]
    with open_small_store(tmp_path) as running:
        put(running, many[0])
        with open_small_store(tmp_path) as other, suppress(KeyboardInterrupt):
            if killed:
                monkeypatch.setattr(other.index, "publish", interrupted)
            put(other, many[1])
        put(running, many[2])
    with open_small_store(tmp_path) as store:
        for article in many:
            for passage in article.passages[::100]:
                [(found, cosine)] = store.index.nearest(store.embedder.encode([searchable(passage)])[0], 1)
                assert found.partition(":")[0] == article.article.revision
                assert cosine > 0.999


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_running_process_sees_what_another_adds_and_removes(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "articles", BEFORE)
    contents_after_ingesting(tmp_path / "data", folder)
    asking, asked = multiprocessing.Pipe()
    reader = started(answer, tmp_path / "data", asked)

    def answers(word: str) -> tuple[set[str], set[str], str]:
        asking.send(word)
        by_word, by_vector, version = asking.recv()
        return by_word, by_vector, version

    *before, version = answers("fire")
    assert before == [{"mill.txt"}, set(BEFORE)]
    change(folder, AFTER)
    contents_after_ingesting(tmp_path / "data", folder)
    *after, changed = answers("fire")
    assert after == [set(), set(AFTER)]
    assert answers("barg") == ({"lock.txt"}, set(AFTER), changed)
    assert changed != version
    asking.send("")
    reader.join()
    assert reader.exitcode == 0
