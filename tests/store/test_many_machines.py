"""Two processes ingest and two read, as on four machines, with one real Chroma server between them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from rag.ingest.pipeline import Report
from tests.store.chroma_server import ChromaServer
from tests.store.processes import answer, ingest_when_told, started

SECONDS = 5.0  # within which what is ingested is found everywhere


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    with ChromaServer(tmp_path / "server") as server:
        yield server


class Machine:
    """A process with a folder of its own that does what it is told."""

    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        self._ours, self._theirs = multiprocessing.Pipe()
        self._process = started(target, *(self._theirs if each is Connection else each for each in arguments))

    def told(self, what: object) -> Any:
        """Tell it something, and return what comes of it."""
        self.tell(what)
        return self.said()

    def tell(self, what: object) -> None:
        self._ours.send(what)

    def said(self) -> Any:
        assert self._ours.poll(60), "the process said nothing"
        return self._ours.recv()

    def stop(self) -> None:
        self._ours.send("")
        self._process.join()
        assert self._process.exitcode == 0


def reader(tmp_path: Path, name: str, server: ChromaServer) -> Machine:
    return Machine(answer, tmp_path / name, Connection, server.url)


def ingester(tmp_path: Path, name: str, folder: Path, server: ChromaServer) -> Machine:
    machine = Machine(ingest_when_told, tmp_path / name, folder, server.url, Connection)
    assert machine.said() == "ready"
    return machine


def test_all_see_what_two_ingest_and_each_article_is_embedded_once_though_the_server_restarts(
    server: ChromaServer, tmp_path: Path
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    readers = [reader(tmp_path, name, server) for name in ("bot", "another bot")]
    ingesters = [ingester(tmp_path, name, folder, server) for name in ("north", "south")]

    def ingested() -> list[tuple[list[str], Report]]:
        for machine in ingesters:
            machine.tell(True)
        return [machine.said() for machine in ingesters]

    def found_by_all(word: str, documents: set[str]) -> float:
        """Ask all readers until they find it by its words and by its vectors; return the seconds it took."""
        begun = time.monotonic()
        for machine in readers:
            while any(documents - found for found in machine.told(word)[:2]):
                assert time.monotonic() - begun < SECONDS
        return time.monotonic() - begun

    def write(word: str) -> set[str]:
        for number in range(6):
            (folder / f"{word}{number}.txt").write_text(f"A {word} was seen at pier {number}.\n\nIt left.")
        return {f"{word}{number}.txt" for number in range(6)}

    (folder / "first.txt").write_text("The pier opens.")
    ingested()
    for word in ("heron", "gannet"):
        documents = write(word)
        for machine in ingesters:
            machine.tell(True)
        if word == "gannet":
            server.kill()
            server.start()
        results = [machine.said() for machine in ingesters]
        embedded = sorted(text for texts, _ in results for text in texts)
        assert embedded == sorted(
            f"{document}\n{text}"
            for document in documents
            for text in (f"A {word} was seen at pier {document[len(word) : -4]}.", "It left.")
        )
        assert sum(report.added for _, report in results) == 6
        assert len({report.articles for _, report in results}) == 1
        found_by_all(word, documents)
    for file in folder.glob("heron*"):
        file.unlink()
    assert sum(report.removed for _, report in ingested()) == 6
    begun = time.monotonic()
    while any(machine.told("heron")[0] for machine in readers):
        assert time.monotonic() - begun < SECONDS
    for machine in (*readers, *ingesters):
        machine.stop()
