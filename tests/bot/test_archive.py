"""Answers that were given are found again by their id: after a restart, whatever they hold, and for 90 days."""

from __future__ import annotations

import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.archive import KEPT_FOR, Archive, Kept
from bot.memory import open_memory
from rag.database import Database
from rag.schema import Dates, Filters, Turn
from rag.settings import Settings
from tests import strange

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
PLACE = {"rank": 1, "document": "ferry.md", "start": 0, "end": 1200, "score": 0.8}
RECORD: dict[str, Any] = {
    "question": "What did the ferry line cost?",
    "answer": "It cost 48 million euros. [1]",
    "citations": [{"number": 1, "document": "ferry.md", "quote": "The line cost 48 million euros.", "start": 9}],
    "passages": [],
}
ANSWER = Kept(
    when=NOON,
    question="And the line?",
    record=RECORD,
    versions={"dateline": "0.1.0"},
    server="77",
    private=True,
    history=(Turn("user", "What did the ferry cost?"), Turn("assistant", "9 million. [1]")),
    filters=Filters(until=Dates.parse("2025"), outlets=("Coast Courier",)),
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as memory:
        yield memory


def opened(data: Path) -> Database:
    return open_memory(Settings.model_construct(data=data))


def test_an_answer_is_found_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as memory:
        identity = Archive(memory, lambda: NOON).keep(ANSWER)
    with opened(tmp_path) as memory:
        assert Archive(memory, lambda: NOON).get(identity) == ANSWER


def test_an_answer_is_found_by_another_process_at_once(memory: Database, tmp_path: Path) -> None:
    here = Archive(memory, lambda: NOON)
    with opened(tmp_path) as elsewhere:
        assert here.get(Archive(elsewhere, lambda: NOON).keep(ANSWER)) == ANSWER


def test_an_id_is_short_fits_a_button_and_is_never_the_same(memory: Database) -> None:
    archive = Archive(memory, lambda: NOON)
    identities = {archive.keep(ANSWER) for _ in range(50)}
    assert len(identities) == 50
    assert all(len(identity) <= 22 for identity in identities)
    assert set("".join(identities)) <= set(string.ascii_letters + string.digits + "-_")


def test_an_unknown_id_is_no_answer(memory: Database) -> None:
    archive = Archive(memory, lambda: NOON)
    archive.keep(ANSWER)
    assert archive.get("nobody-ever-gave-this") is None


def test_the_texts_of_passages_are_not_kept_but_where_they_stand_is(memory: Database, tmp_path: Path) -> None:
    archive = Archive(memory, lambda: NOON)
    whole = RECORD | {"passages": [PLACE | {"text": "A long passage about the harbour."}]}
    kept = archive.get(archive.keep(replace(ANSWER, record=whole)))
    assert kept == replace(ANSWER, record=RECORD | {"passages": [PLACE]})
    assert whole["passages"][0]["text"]
    assert b"A long passage" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_answers_of_more_than_90_days_are_pruned_when_opened(memory: Database) -> None:
    archive = Archive(memory, lambda: NOON)
    late, just_in_time = (
        archive.keep(replace(ANSWER, when=NOON + since)) for since in (-timedelta(seconds=1), timedelta())
    )
    assert archive.get(late)
    opened_later = Archive(memory, lambda: NOON + KEPT_FOR)
    assert opened_later.get(late) is None
    assert opened_later.get(just_in_time) == ANSWER


def test_answers_are_pruned_while_running(memory: Database) -> None:
    time = NOON
    archive = Archive(memory, lambda: time)
    identity = archive.keep(ANSWER)
    time = NOON + timedelta(days=89)
    archive.keep(ANSWER)
    assert archive.get(identity) == ANSWER
    time = NOON + timedelta(days=91)
    archive.keep(ANSWER)
    assert archive.get(identity) is None


def test_threads_share_an_archive(memory: Database) -> None:
    archive = Archive(memory, lambda: NOON)
    answers = [replace(ANSWER, question=f"Question {number}?") for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        identities = list(pool.map(archive.keep, answers))
        assert list(pool.map(archive.get, identities)) == answers


@settings(max_examples=50, deadline=None)  # each example writes a file
@given(
    st.builds(
        Kept,
        strange.moments,
        strange.texts,
        strange.answers.map(lambda record: record | {"passages": []}),
        strange.versions,
        strange.texts,
        st.booleans(),
        strange.histories,
        strange.filters,
    )
)
def test_whatever_was_typed_comes_back_as_it_was(answer: Kept) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder)) as memory:
        archive = Archive(memory, lambda: answer.when)
        assert archive.get(archive.keep(answer)) == answer
