"""Ingestion brings a store in line with files, reads and embeds only what changed, and loses nothing it cannot read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rag.ingest import pipeline
from rag.ingest.pipeline import Report, ingest
from rag.ingest.reader import Unreadable
from rag.schema import Article, Source
from rag.store.store import Store
from tests.store.samples import WordVectors, contents, open_small_store

PIER = "The old pier will close in May, the council decided.\n\nFerries move to the new quay.\n"
FAIR = "The autumn fair drew nine hundred visitors to the harbour.\n"
MILL = "A fire damaged the paper mill on Tuesday night.\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_small_store(tmp_path / "store") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in {"pier.txt": PIER, "fair.txt": FAIR}.items():
        (folder / name).write_text(text)
    return folder


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed


def documents(store: Store) -> list[str]:
    return [source.document for source, _ in store.sources()]


def embedded(store: Store) -> list[str]:
    """Return what was embedded since the last call."""
    assert isinstance(store.embedder, WordVectors)
    texts = store.embedder.encoded.copy()
    store.embedder.encoded.clear()
    return texts


def test_a_folder_goes_in_and_is_reported(store: Store, folder: Path) -> None:
    report = ingest([str(folder)], store)
    assert asdict(replace(report, seconds=0)) == {
        "added": 2,
        "updated": 0,
        "unchanged": 0,
        "removed": 0,
        "failed": (),
        "articles": 2,
        "passages": 2,
        "seconds": 0,
    }
    assert report.seconds > 0
    assert store.article("fair.txt").text == FAIR.strip()


def test_an_unchanged_folder_is_neither_read_nor_embedded(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "more.jsonl").write_text("\n".join(json.dumps({"body": text}) for text in (MILL, PIER, FAIR)))
    assert counts(ingest([str(folder)], store)) == (5, 0, 0, 0)
    before, version = contents(store), store.version()
    embedded(store)
    monkeypatch.setattr(pipeline, "read_articles", None)
    assert counts(ingest([str(folder)], store)) == (0, 0, 5, 0)
    assert embedded(store) == []
    assert (contents(store), store.version()) == (before, version)


def test_a_touched_or_moved_file_is_not_embedded_again(store: Store, folder: Path) -> None:
    ingest([str(folder)], store)
    embedded(store)
    os.utime(folder / "pier.txt", (0, 0))
    moved = folder.rename(folder.with_name("elsewhere"))
    assert counts(ingest([str(moved)], store)) == (0, 0, 2, 0)
    assert embedded(store) == []


def test_when_the_code_that_reads_changes_files_are_read_again(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([str(folder)], store)

    def shouted(path: Path, document: str) -> Iterator[Article]:
        yield Article(Source(document), path.read_text().strip().upper())

    monkeypatch.setattr(pipeline, "reading_code", lambda: "changed")
    monkeypatch.setattr(pipeline, "read_articles", shouted)
    assert counts(ingest([str(folder)], store)) == (0, 2, 0, 0)
    assert store.article("fair.txt").text == FAIR.strip().upper()


def test_new_changed_and_removed_files_are_told_apart(store: Store, folder: Path) -> None:
    ingest([str(folder)], store)
    embedded(store)
    (folder / "pier.txt").write_text("The old pier stays open after all, the council now says.\n")
    (folder / "fair.txt").unlink()
    (folder / "mill.txt").write_text(MILL)
    assert counts(ingest([str(folder)], store)) == (1, 1, 0, 1)
    assert documents(store) == ["mill.txt", "pier.txt"]
    assert store.index.collection.count() == len(embedded(store)) == 2


def test_ingesting_in_steps_ends_where_ingesting_at_once_does(store: Store, folder: Path, tmp_path: Path) -> None:
    ingest([str(folder)], store)
    (folder / "pier.txt").write_text(MILL)
    ingest([str(folder)], store)
    (folder / "pier.txt").write_text(PIER)
    ingest([str(folder)], store)
    with open_small_store(tmp_path / "other") as other:
        ingest([str(folder)], other)
        assert contents(store) == contents(other)


def test_a_folder_named_is_the_whole_truth_and_a_file_named_is_not(store: Store, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mill.txt").write_text(MILL)
    ingest([str(folder)], store)
    assert counts(ingest([str(other / "mill.txt")], store)) == (1, 0, 0, 0)
    assert documents(store) == ["fair.txt", "mill.txt", "pier.txt"]
    assert counts(ingest([str(other)], store)) == (0, 0, 1, 2)
    assert documents(store) == ["mill.txt"]
    assert counts(ingest([str(folder), str(other)], store)) == (2, 0, 1, 0)


def test_lines_that_leave_a_file_leave_the_store(store: Store, tmp_path: Path) -> None:
    lines = [json.dumps({"body": text}) for text in (MILL, PIER, FAIR)]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(lines))
    ingest([str(file)], store)
    file.write_text("\n".join(lines[:2]))
    assert counts(ingest([str(file)], store)) == (0, 0, 2, 1)
    assert documents(store) == ["news.jsonl#1", "news.jsonl#2"]
    assert counts(ingest([str(file)], store)) == (0, 0, 2, 0)


def test_what_cannot_be_read_is_reported_each_time_and_the_rest_goes_in(store: Store, folder: Path) -> None:
    (folder / "empty.txt").write_text("")
    (folder / "news.jsonl").write_text(json.dumps({"body": MILL}) + "\n{broken\n")
    for expected in ((3, 0, 0, 0), (0, 0, 3, 0)):
        report = ingest([str(folder)], store)
        assert counts(report) == expected
        assert [failure.path for failure in report.failed] == [
            str(folder / "empty.txt"),
            str(folder / "news.jsonl") + "#2",
        ]
    assert documents(store) == ["fair.txt", "news.jsonl#1", "pier.txt"]


def test_a_file_that_becomes_unreadable_keeps_its_article(store: Store, folder: Path) -> None:
    (folder / "news.jsonl").write_text("\n".join(json.dumps({"body": text}) for text in (MILL, FAIR)))
    ingest([str(folder)], store)
    (folder / "pier.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "news.jsonl").write_text(json.dumps({"body": MILL}) + "\n{broken\n")
    report = ingest([str(folder)], store)
    assert counts(report) == (0, 0, 2, 0)
    assert len(report.failed) == 2
    assert documents(store) == ["fair.txt", "news.jsonl#1", "news.jsonl#2", "pier.txt"]
    assert store.article("pier.txt").text == PIER.strip()


def test_a_path_that_does_not_exist_is_reported_and_removes_nothing(store: Store, folder: Path) -> None:
    ingest([str(folder)], store)
    report = ingest([str(folder.with_name("nowhere"))], store)
    assert counts(report) == (0, 0, 0, 0)
    assert [failure.path for failure in report.failed] == [str(folder.with_name("nowhere"))]
    assert report.articles == 2


def test_articles_from_the_web_stay_when_folders_change(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://news.example/mill"
    monkeypatch.setattr(pipeline, "fetch_article", lambda url: Article(Source(url, url=url), MILL.strip()))
    assert counts(ingest([address], store)) == (1, 0, 0, 0)
    assert counts(ingest([str(folder)], store)) == (2, 0, 0, 0)
    assert counts(ingest([str(folder), address], store)) == (0, 0, 3, 0)
    assert documents(store) == ["fair.txt", address, "pier.txt"]


def test_files_of_the_same_name_are_different_articles(store: Store, folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "pier.txt").write_text(MILL)
    ingest([str(folder)], store)
    assert documents(store) == ["articles/pier.txt", "fair.txt", "old/pier.txt"]
    assert store.article("old/pier.txt").text == MILL.strip()


def test_an_article_read_twice_goes_in_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "fetch_article", lambda url: Article(Source("https://news.example/"), MILL.strip()))
    report = ingest(["https://news.example/", "https://news.example/?"], store)
    assert counts(report) == (1, 0, 0, 0)
    error = "Another article was read as https://news.example/: name it only once."
    assert report.failed == (Unreadable("https://news.example/?", error),)


def test_progress_counts_up_to_what_was_found(store: Store, folder: Path) -> None:
    (folder / "news.jsonl").write_text("\n".join(json.dumps({"body": text}) for text in (MILL, FAIR)))
    (folder / "empty.txt").write_text("")
    seen: list[tuple[int, int]] = []
    for _ in range(2):
        ingest([str(folder)], store, lambda done, found: seen.append((done, found)))
        assert seen == sorted(seen)
        assert seen[-1][0] == seen[-1][1] >= 4
        seen.clear()


def test_stopping_keeps_every_article_whole(
    store: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([str(folder)], store)
    for name in ("pier.txt", "fair.txt", "mill.txt"):
        (folder / name).write_text(f"News of {name} on Monday.\n")
    monkeypatch.setattr(pipeline, "PASSAGES_AT_ONCE", 1)

    def stop(done: int, found: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([str(folder)], store, stop)
    texts = {name: store.article(name).text for name in documents(store)}
    assert texts == {
        "fair.txt": "News of fair.txt on Monday.",
        "mill.txt": "News of mill.txt on Monday.",
        "pier.txt": PIER.strip(),
    }
    ingest([str(folder)], store)
    with open_small_store(tmp_path / "other") as other:
        ingest([str(folder)], other)
        assert contents(store) == contents(other)
