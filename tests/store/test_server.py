"""The store on a real Chroma server, shared between machines: each has a catalogue of its own."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.errors import StoreError
from rag.ingest.prepared import Fate
from rag.store import lease
from rag.store.chroma import Chroma
from rag.store.embeddings import Vectors
from rag.store.store import Store
from tests.store.chroma_server import ChromaServer
from tests.store.samples import WordVectors, contents, open_small_store, prepared, put, remove, words_of

# chromadb's client for servers has no way to close its connections
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

PIER = prepared("pier.md", "The council votes to close the old pier.", "Ferries will leave from the new quay.")
FAIR = prepared("fair.txt", "The fair drew nine hundred visitors.")
MILL = prepared("mill.txt", "A fire damaged the paper mill.")


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


SLOW_START = 60.0  # seconds that a server may take to start while all tests run at once


class Counted:
    """Calls something before the request of a number to Chroma, and counts them."""

    def __init__(self, patch: pytest.MonkeyPatch, number: int = 0, act: Callable[[], None] = lambda: None) -> None:
        self.requests = 0
        call = Chroma.call

        def counted(chroma: Chroma, function: Any, *arguments: Any, **named: Any) -> Any:
            self.requests += 1
            if self.requests == number:
                act()
            return call(chroma, function, *arguments, **named)

        patch.setattr(Chroma, "call", counted)


def changed(store: Store) -> None:
    put(store, PIER, prepared("fair.txt", "The fair is over."))
    remove(store, "mill.txt")


def test_a_restart_before_any_request_is_waited_out(
    server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restart() -> None:
        server.kill()
        server.start()

    with open_small_store(tmp_path / "embedded") as embedded:
        put(embedded, FAIR, MILL)
        changed(embedded)
        expected = contents(embedded)
    with open_small_store(tmp_path / "here", server.url, restart=SLOW_START) as here:
        put(here, FAIR, MILL)
        with monkeypatch.context() as patch:
            counted = Counted(patch)
            changed(here)
        assert counted.requests > 30
        for request in sorted(random.sample(range(1, counted.requests + 1), 4)):
            remove(here, "pier.md", "fair.txt")
            put(here, FAIR, MILL)
            with monkeypatch.context() as patch:
                Counted(patch, request, restart)
                changed(here)
            assert contents(here) == expected, f"restarted before request {request} of {counted.requests}"
            restart()
            found = here.nearest(WordVectors().encode(["the fair is over"])[0], 1)
            assert [hit.text for hit in found] == ["The fair is over."]


def test_a_server_that_stays_away_is_named_and_the_same_call_goes_on_when_it_is_back(
    server: ChromaServer, tmp_path: Path
) -> None:
    with open_small_store(tmp_path / "here", server.url, restart=0.5) as here:

        class Leaving(WordVectors):
            def encode(self, texts: Sequence[str]) -> Vectors:
                server.kill()
                return super().encode(texts)

        here.embedder = here.reader = Leaving()
        with pytest.raises(StoreError, match=rf"^No Chroma server answers at {server.url}. Start it, or correct"):
            put(here, PIER)
    server.start()
    server.wait()
    with open_small_store(tmp_path / "here", server.url) as here:
        put(here, PIER)
        assert contents(here)["articles"] == {"pier.md": PIER.article}
        assert here.index.collection.count() == 2


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"^No Chroma server answers at http://127.0.0.1:9. Start it, or correct CHROMA_URL.$"
    ):
        open_small_store(tmp_path, "http://127.0.0.1:9", restart=0.1)


def test_a_server_that_was_emptied_and_filled_anew_is_noticed(here: Store, there: Store) -> None:
    put(here, PIER, FAIR)
    assert len(there.sources()) == 2
    for name in ("", "-articles", "-changes", "-claims"):
        here.index._chroma.delete(f"{here.index.name}{name}")
    here.index.reopen()
    here.catch_up()
    put(here, MILL)
    there.index.reopen()
    assert [source.document for source, _ in there.sources()] == ["mill.txt"]


class Slow(WordVectors):
    """Takes until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.begun.set()
        assert self.go_on.wait(30)
        return super().encode(texts)


def test_while_one_embeds_an_article_another_puts_in_others_and_waits_for_this_one(here: Store, there: Store) -> None:
    fates: dict[str, Fate] = {}
    here.embedder = here.reader = slow = Slow()
    first = threading.Thread(target=put, args=(here, PIER))
    first.start()
    assert slow.begun.wait(30)
    put(there, FAIR)
    assert [source.document for source, _ in there.sources()] == ["fair.txt"]

    def second() -> None:
        with there.writing() as writer:
            fates.update(writer.put([PIER, MILL], patience=0))
            slow.go_on.set()
            fates["later"] = writer.put([PIER])["pier.md"]

    waiting = threading.Thread(target=second)
    waiting.start()
    waiting.join()
    first.join()
    assert fates == {"pier.md": Fate.CLAIMED, "mill.txt": Fate.ADDED, "later": Fate.UNCHANGED}
    assert encoded(there) == sorted(each.text for each in (*FAIR.passages, *MILL.passages))
    assert {source.document for source, _ in here.sources()} == {"pier.md", "fair.txt", "mill.txt"}


def encoded(store: Store) -> list[str]:
    """List what was embedded of the passages: the texts below the headings."""
    assert isinstance(store.embedder, WordVectors)
    return sorted(text.split("\n", 1)[1] for text in store.embedder.encoded)


def test_what_another_is_at_work_on_or_has_just_put_in_is_not_removed(here: Store, there: Store) -> None:
    put(here, FAIR, MILL)
    here.embedder = here.reader = slow = Slow()
    with there.writing() as writer:
        first = threading.Thread(target=put, args=(here, prepared("fair.txt", "The fair is over.")))
        first.start()
        assert slow.begun.wait(30)
        assert writer.remove(["fair.txt", "mill.txt"]) == ["mill.txt"]
        slow.go_on.set()
        first.join()
        put(here, PIER)
        assert writer.remove(["fair.txt", "pier.md"]) == []
    assert [source.document for source, _ in there.sources()] == ["fair.txt", "pier.md"]
    remove(there, "pier.md")
    assert [source.document for source, _ in there.sources()] == ["fair.txt"]


def test_one_that_waits_for_a_writer_in_vain_says_so(
    here: Store, there: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "PATIENCE", 0.3)
    with here.index.writing(), pytest.raises(StoreError, match="Another ingest is running"):
        put(there, FAIR)
    put(there, FAIR)
    assert [source.document for source, _ in here.sources()] == ["fair.txt"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # what gives signs of life dies too
@pytest.mark.parametrize("step", ["put", "publish", "discard"])
def test_what_a_dead_machine_left_behind_is_cleared_away(
    here: Store, there: Store, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(here, PIER, FAIR)
    monkeypatch.setattr(lease, "EXPIRY", 0.2)
    with monkeypatch.context() as patch:

        def killed(*_: object) -> None:
            patch.setattr(Chroma, "call", interrupted)  # it cannot tidy up
            raise KeyboardInterrupt

        patch.setattr(here.index, step, killed)
        with pytest.raises(KeyboardInterrupt):
            put(here, prepared("pier.md", "The pier stays."))
    assert here.index.collection.count() == 4
    put(there, FAIR, MILL)
    kept = 2 if step == "put" else 1
    assert there.index.collection.count() == kept + 2
    assert [source.document for source, _ in there.sources()] == ["fair.txt", "mill.txt", "pier.md"]
    assert there.article("pier.md").text == (PIER.article.text if step == "put" else "The pier stays.")
    assert contents(here) == contents(there)


def test_one_that_stood_still_for_too_long_writes_nothing_over_what_came_after(
    here: Store, there: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.embedder = here.reader = slow = Slow()
    monkeypatch.setattr(lease, "EXPIRY", -1.0)  # no sign of life ever holds
    failed: list[BaseException] = []

    def late() -> None:
        try:
            put(here, prepared("pier.md", "The pier stays."))
        except StoreError as error:
            failed.append(error)

    first = threading.Thread(target=late)
    first.start()
    assert slow.begun.wait(30)
    monkeypatch.setattr(lease, "EXPIRY", 60.0)
    put(there, PIER)
    slow.go_on.set()
    first.join()
    assert [str(error) for error in failed] == [lease.TAKEN_OVER]
    assert there.article("pier.md") == here.article("pier.md") == PIER.article
    assert there.index.collection.count() == 2


def test_one_that_is_stopped_keeps_nobody_waiting(here: Store, there: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, step in ((here, "encode"), (here.index, "put")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, interrupted)
            with pytest.raises(KeyboardInterrupt):
                put(here, PIER)
        put(there, PIER)
        assert there.index.collection.count() == 2
        remove(there, "pier.md")


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
