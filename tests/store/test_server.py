"""The store on a real Chroma server, shared between machines: each has a lexical index of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.errors import StoreError
from rag.store import index
from rag.store.embeddings import Vectors
from rag.store.store import Store
from tests.store.chroma_server import ChromaServer
from tests.store.samples import WordVectors, contents, open_small_store, prepared, put, remove, words_of

# chromadb's client for servers has no way to close its connections
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

PIER = prepared("pier.md", "The council votes to close the old pier.", "Ferries will leave from the new quay.")
FAIR = prepared("fair.txt", "The fair drew nine hundred visitors.")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    with ChromaServer(tmp_path / "server") as server:
        yield server


@pytest.fixture
def here(server: ChromaServer, tmp_path: Path) -> Iterator[Store]:
    with open_small_store(tmp_path / "here", server.url) as store:
        yield store


@pytest.fixture
def there(server: ChromaServer, tmp_path: Path) -> Iterator[Store]:
    with open_small_store(tmp_path / "there", server.url) as store:
        yield store


def test_a_server_holds_what_a_folder_would(here: Store, tmp_path: Path) -> None:
    put(here, PIER, FAIR)
    put(here, prepared("pier.md", "The pier stays."))
    with open_small_store(tmp_path / "embedded") as embedded:
        put(embedded, prepared("pier.md", "The pier stays."), FAIR)
        assert contents(here) == contents(embedded)


def test_another_machine_sees_what_is_added_and_removed(here: Store, there: Store) -> None:
    assert there.sources() == ()
    put(here, PIER, FAIR)
    assert [hit.source.document for hit in there.search({"quay": 1.0}, 5)] == ["pier.md"]
    assert len(there.nearest(there.embedder.encode(["quay"])[0], 5)) == 3
    remove(here, "pier.md")
    assert there.search({"quay": 1.0}, 5) == []
    assert words_of(there) == words_of(here)


def test_a_restart_in_the_middle_is_waited_out(here: Store, server: ChromaServer, tmp_path: Path) -> None:
    put(here, FAIR)

    class Restarting(WordVectors):
        def encode(self, texts: Sequence[str]) -> Vectors:
            server.kill()
            server.start()
            return super().encode(texts)

    here.embedder = here.reader = Restarting()
    put(here, PIER, prepared("fair.txt", "The fair is over."))
    server.kill()
    server.start()
    assert [hit.text for hit in here.nearest(WordVectors().encode(["the fair is over"])[0], 1)] == ["The fair is over."]
    with open_small_store(tmp_path / "embedded") as embedded:
        put(embedded, PIER, prepared("fair.txt", "The fair is over."))
        assert contents(here) == contents(embedded)


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"^No Chroma server answers at http://127.0.0.1:9. Start it, or correct CHROMA_URL.$"
    ):
        open_small_store(tmp_path, "http://127.0.0.1:9", restart=0.1)


def test_two_machines_take_turns_at_writing(here: Store, there: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "WRITERS_PATIENCE", 0.3)
    with here.writing(), pytest.raises(StoreError, match="Another ingest is running"):
        put(there, FAIR)
    monkeypatch.setattr(index, "WRITERS_PATIENCE", 30)
    with here.writing() as writer:
        waiting = threading.Thread(target=put, args=(there, FAIR))
        waiting.start()
        writer.put([PIER])
        assert [source.document for source, _ in here.sources()] == ["pier.md"]
    waiting.join()
    assert {source.document for source, _ in here.sources()} == {"pier.md", "fair.txt"}


def test_what_a_dead_machine_left_behind_is_cleared_away(
    here: Store, there: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "LEASE", 0.2)
    monkeypatch.setattr(here.index, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put(here, PIER)
    assert here.index.collection.count() == 2
    put(there, FAIR)
    assert there.index.collection.count() == 1
    assert [source.document for source, _ in there.sources()] == ["fair.txt"]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt
