"""Chroma tells what changed and nothing else, and is told who asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import chromadb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import StoreError
from rag.store.chroma import ROW_ID, Login
from rag.store.index import ROOM, Index, logged
from rag.store.record import Record
from rag.store.store import Store
from tests.store.chroma_server import ChromaServer
from tests.store.samples import contents, open_small_store, prepared, put, remove

PIER = prepared("pier.md", "The council votes to close the old pier.", "Ferries will leave from the new quay.")
FAIR = prepared("fair.txt", "The fair drew nine hundred visitors.")
FAR = prepared(f"https://news.example/{'harbour/' * 40}", "The lighthouse is for sale.")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index("dateline-test", tmp_path)
    yield index
    index.close()


def test_changes_name_what_is_newer_and_what_is_gone(store: Store, index: Index) -> None:
    assert (index.changes(0).version, index.changes(0).records) == ("", {})
    put(store, PIER, FAIR)
    first = index.changes(0)
    assert first.complete
    assert first.records == {each.article.source.document: record(each) for each in (PIER, FAIR)}
    put(store, FAR)
    remove(store, "pier.md")
    later = index.changes(first.number)
    assert not later.complete
    assert later.records == {"pier.md": None, FAR.article.source.document: record(FAR)}
    assert later.number > first.number
    assert len({"", first.version, later.version, index.version()}) == 3
    assert index.changes(later.number).records == {}


def record(article: object) -> Record:
    return Record.of(article.article, article.passages, article.provenance)  # type: ignore[attr-defined]


def test_only_the_records_of_what_changed_are_asked_for(
    store: Store, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, *(prepared(f"{number}.txt", f"Report {number}.") for number in range(30)))
    before = index.changes(0).number
    put(store, FAIR)
    asked: list[object] = []
    get = index._records.get

    class Asked:
        def get(self, ids: list[str], **named: object) -> object:
            asked.extend(ids)
            return get(ids=ids, **named)

    monkeypatch.setattr(index, "_records", Asked())
    assert index.changes(before).records == {"fair.txt": record(FAIR)}
    assert asked == ["fair.txt"]


def test_a_store_made_anew_never_goes_on_counting_where_the_old_one_was(store: Store, tmp_path: Path) -> None:
    put(store, PIER)
    put(store, FAIR)
    old = store.index.changes(0)
    with open_small_store(tmp_path / "anew") as anew:
        put(anew, FAIR)
        new = anew.index.changes(old.number)
    assert new.number > old.number
    assert new.complete
    assert set(new.records) == {"fair.txt"}


def test_an_address_of_any_length_goes_in_and_out(store: Store) -> None:
    put(store, FAIR)
    before = contents(store)
    put(store, FAR)
    document = FAR.article.source.document
    assert len(document) > ROW_ID
    assert store.article(document) == FAR.article
    put(store, prepared(document, "The lighthouse is sold."))
    assert store.article(document).text == "The lighthouse is sold."
    remove(store, document)
    assert contents(store) == before


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=600), max_size=40))
def test_the_log_names_every_document_once_in_rows_that_fit(documents: list[str]) -> None:
    rows = logged(documents)
    assert [each for row in rows for each in json.loads(row)] == list(dict.fromkeys(documents))
    assert all(len(row) <= ROOM or len(json.loads(row)) == 1 for row in rows)


def test_a_server_shared_by_teams_is_told_who_asks(tmp_path: Path) -> None:
    asked: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["x-chroma-token"])
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(StoreError, match=rf"^The Chroma server at {url} refuses the key. Correct CHROMA_TOKEN.$"):
            Index("dateline-test", tmp_path, url, login=Login("key-of-ours"))
        server.shutdown()
    assert set(asked) == {"key-of-ours"}
    assert "key-of-ours" not in str(Login("key-of-ours"))


def test_teams_on_one_server_keep_their_stores_apart(tmp_path: Path) -> None:
    with ChromaServer(tmp_path / "server") as server:
        settings = chromadb.config.Settings(anonymized_telemetry=False, chroma_server_host="127.0.0.1")
        settings.chroma_server_http_port = server.port
        settings.chroma_api_impl = "chromadb.api.fastapi.FastAPI"
        admin = chromadb.AdminClient(settings)
        admin.create_tenant("harbour")
        admin.create_database("news", "harbour")
        ours = Index("dateline-test", tmp_path / "ours", server.url, login=Login(tenant="harbour", database="news"))
        theirs = Index("dateline-test", tmp_path / "theirs", server.url)
        with ours.writing():
            ours.publish(["pier.md"])
        assert ours.version() != theirs.version() == ""


def test_the_first_search_in_a_folder_waits_for_who_is_writing_and_later_ones_do_not(
    store: Store, index: Index
) -> None:
    put(store, PIER)
    vector = store.embedder.encode(["quay"])[0]
    found: list[object] = []
    searching = threading.Thread(target=lambda: found.append(index.nearest(vector, 1)))
    with store.index.writing():
        searching.start()
        searching.join(0.3)
        assert found == []
    searching.join()
    assert len(found) == 1
    with store.index.writing():
        assert [index.nearest(vector, 1)] == found
