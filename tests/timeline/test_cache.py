"""What was made of articles is found again while they are the same, and nothing that is damaged ever is."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Basis, Citation, Claim, Dates, Dating, Event, Source, When
from rag.timeline import cache
from rag.timeline.cache import Cache, Harvest, Meanings, corpus_key, packed, unpacked
from rag.timeline.events import Found
from rag.timeline.happenings import Happening
from tests.store.samples import WordVectors

HARBOUR = Source(
    "harbour.md", "Harbour opens", "Coast Courier", published=Dates.parse("2024-06-04"), basis=Basis.STATED
)
GAZETTE = Source("gazette.txt", "A new harbour", publisher="Gazette")
SOURCES = {each.document: each for each in (HARBOUR, GAZETTE)}

texts = st.text(max_size=40)
days = st.dates()
spans = st.builds(lambda one, other: Dates(min(one, other), max(one, other)), days, days)
whens = st.builds(
    When, st.none() | spans, st.none() | days, st.none() | days, st.none() | spans, st.booleans(), texts
)  # fmt: skip
citations = st.builds(Citation, st.sampled_from([HARBOUR, GAZETTE]), st.integers(0, 99), st.integers(0, 99), texts)
happenings = st.builds(
    Happening, st.just(()), citations, texts, whens, st.integers(0, 99), telling=st.floats(0, 1), is_dated=st.booleans()
)
datings = st.builds(Dating, texts, st.lists(citations, max_size=2).map(tuple))
founds = st.builds(
    Found, st.lists(happenings, min_size=1, max_size=3).map(tuple), whens, st.lists(datings, max_size=2).map(tuple)
)
events = st.builds(
    lambda found, text, said_by, origins: (found, passed(found, text, said_by, origins)),
    *(founds, texts, texts, st.integers(1, 9)),
)
harvests = st.builds(Harvest, st.lists(events, max_size=3).map(dict), st.dictionaries(texts, texts, max_size=2))


def passed(found: Found, text: str, said_by: str, origins: int) -> Event:
    """Make the event that the gate lets pass, with the last of its citations."""
    return Event(Claim(text, (found.reports[-1].citation,), said_by), found.when, origins, found.disputed)


OPENED = Happening(
    (),
    Citation(HARBOUR, 0, 23, "The harbour was opened."),
    "The harbour was opened.",
    When(Dates.parse("2024-06-03")),
    0,
)
FOUND = Found((OPENED,), OPENED.when, (Dating("5 June 2024", (Citation(GAZETTE, 4, 9, "Fifth"),)),))
OPENING = Harvest({FOUND: passed(FOUND, OPENED.text, "", 1)}, {"gazette.txt": "harbour.md"})


def told(harvest: Harvest | None) -> object:
    """List all that there is in what was made of articles; events found are not compared by value."""
    if harvest is None:
        return None
    found = [
        ([[getattr(one, each.name) for each in fields(one)] for one in key.reports], key) for key in harvest.events
    ]
    said = [(reports, key.when, key.disputed) for reports, key in found]
    return said, list(harvest.events.values()), harvest.originals


def kept(path: Path, key: str) -> object:
    """Look into the file as another process does."""
    other = Cache(path)
    found = other.get(key, SOURCES)
    other.close()
    return told(found)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "timelines.sqlite3"


@pytest.fixture
def filled(path: Path) -> Iterator[Cache]:
    filled = Cache(path)
    filled.put("opening", OPENING)
    yield filled
    filled.close()


@given(harvests)
def test_events_are_kept_whole(harvest: Harvest) -> None:
    assert told(unpacked(packed(harvest), SOURCES)) == told(harvest)


@given(st.binary(max_size=60))
def test_what_is_no_row_says_so(junk: bytes) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, zlib.error)):
        unpacked(junk, SOURCES)


@pytest.mark.usefixtures("filled")
def test_another_process_finds_what_was_kept(path: Path) -> None:
    assert kept(path, "opening") == told(OPENING)
    assert kept(path, "closing") is None


def test_without_a_file_it_is_remembered() -> None:
    alone = Cache()
    alone.put("opening", OPENING)
    assert told(alone.get("opening", SOURCES)) == told(OPENING)
    assert alone.get("closing", SOURCES) is None


def test_nothing_found_is_kept_as_nothing_found(path: Path) -> None:
    empty = Cache(path)
    empty.put("quiet", Harvest({}, {}))
    empty.close()
    assert kept(path, "quiet") == ([], [], {})


@pytest.mark.parametrize("damage", [b"no database at all", b""])
def test_a_damaged_file_is_made_again(path: Path, damage: bytes, filled: Cache) -> None:
    filled.close()
    path.write_bytes(damage)
    path.with_name(f"{path.name}-wal").write_bytes(damage)
    after = Cache(path)
    assert after.get("opening", SOURCES) is None
    after.put("opening", OPENING)
    after.close()
    assert kept(path, "opening") == told(OPENING)


def test_a_file_of_an_older_version_is_made_again(path: Path, filled: Cache) -> None:
    filled.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("DROP TABLE corpora; CREATE TABLE corpora (other TEXT); PRAGMA user_version = 0")
    after = Cache(path)
    after.put("opening", OPENING)
    after.close()
    assert kept(path, "opening") == told(OPENING)


@pytest.mark.parametrize("damage", ["substr(kept, 1, length(kept) - 3)", "zeroblob(40)", "'text'", "NULL || ''"])
def test_a_damaged_row_does_not_count(path: Path, filled: Cache, damage: str) -> None:
    filled.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE corpora SET kept = ifnull({damage}, 0)")
    assert kept(path, "opening") is None


def test_a_row_on_articles_that_are_gone_does_not_count(path: Path, filled: Cache) -> None:
    filled.close()
    other = Cache(path)
    assert other.get("opening", {"gazette.txt": GAZETTE}) is None
    other.close()


def test_only_the_newest_rows_are_kept(path: Path, filled: Cache) -> None:
    for number in range(cache.KEPT):
        filled.put(f"later {number}", OPENING)
    assert kept(path, "opening") is None
    assert None not in [kept(path, f"later {number}") for number in range(cache.KEPT)]


def test_where_no_file_can_be_it_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    without = Cache(tmp_path / "file" / "timelines.sqlite3")
    without.put("opening", OPENING)
    assert without.get("opening", SOURCES)
    without.close()


def test_several_write_at_once(path: Path) -> None:
    def write(number: int) -> None:
        own = Cache(path)
        own.put(f"opening {number}", OPENING)
        own.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(8)))
    assert None not in [kept(path, f"opening {number}") for number in range(8)]


def test_a_key_names_articles_and_not_their_order() -> None:
    assert corpus_key(["a", "b"], ["c", "a", "b"]) == corpus_key(["b", "a"], ["a", "b", "c"])
    assert len({corpus_key(*each) for each in ((["a"], ["a"]), (["a"], ["a", "b"]), (["b"], ["a", "b"]))}) == 3


def test_other_code_reads_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = corpus_key(["a"], ["a"])
    monkeypatch.setattr(cache, "code_digest", lambda: "other")
    assert corpus_key(["a"], ["a"]) != before


def test_a_sentence_is_embedded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SENTENCES_REMEMBERED", 3)
    model = WordVectors()
    meanings = Meanings(model.encode)
    for sentences in (["one", "two", "one"], ["two", "three"], ["four", "three"], ["four", "one"]):
        assert meanings(sentences) == pytest.approx(WordVectors().encode(sentences))
    assert model.encoded == ["one", "two", "three", "four", "one"]  # one too many: only the last are remembered
