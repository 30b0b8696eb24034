"""What a server's managers choose holds for that server, at once and for every process, and makes sense."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.memory import open_memory
from bot.preferences import MOST_AN_HOUR, MOST_OPEN, Changes, PreferenceBook, Preferences
from rag.database import Database
from rag.errors import UsageError
from rag.settings import Settings
from rag.spending import Budget

SERVER, OTHER = 1 << 62, 42  # ids of Discord take up to 63 bits


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as memory:
        yield memory


def opened(data: Path) -> Database:
    return open_memory(Settings.model_construct(data=data))


def test_a_server_that_never_chose_and_direct_messages_have_the_defaults(memory: Database) -> None:
    book = PreferenceBook(memory)
    book.change(OTHER, open_questions=1)
    assert book.of(SERVER) == book.of(None) == Preferences(frozenset(), 3, 0, False)


def test_a_change_leaves_the_rest_and_other_servers_as_they_were(memory: Database) -> None:
    book = PreferenceBook(memory)
    assert book.change(SERVER, channels=[5, 3, 5]) == Preferences(channels=frozenset({3, 5}))
    book.change(OTHER, open_questions=1)
    assert book.change(SERVER, questions_per_hour=20, mention_in_threads=True) == book.of(SERVER)
    assert book.of(SERVER) == Preferences(frozenset({3, 5}), 3, 20, True)
    assert book.of(OTHER) == Preferences(open_questions=1)


def test_what_was_chosen_may_be_undone(memory: Database) -> None:
    book = PreferenceBook(memory)
    book.change(SERVER, channels={7}, open_questions=9)
    assert book.change(SERVER, channels=(), open_questions=3) == Preferences()


def test_a_change_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as memory:
        PreferenceBook(memory).change(SERVER, channels={7})
    with opened(tmp_path) as memory:
        assert PreferenceBook(memory).of(SERVER) == Preferences(channels=frozenset({7}))


def test_what_another_process_changes_counts_at_once(memory: Database, tmp_path: Path) -> None:
    here = PreferenceBook(memory)
    with opened(tmp_path) as elsewhere:
        for number in (1, 2):
            PreferenceBook(elsewhere).change(SERVER, open_questions=number)
            assert here.of(SERVER) == Preferences(open_questions=number)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (Changes(open_questions=0), "Questions at a time"),
        (Changes(open_questions=MOST_OPEN + 1), f"from 1 to {MOST_OPEN}, not {MOST_OPEN + 1}"),
        (Changes(questions_per_hour=-1), "0 for no limit, not -1"),
        (Changes(questions_per_hour=MOST_AN_HOUR + 1), "Questions an hour"),
        (Changes(channels={3, 0}), "not a channel"),
        (Changes(daily_usd=-0.5), "from 0 to 100000 USD"),
        (Changes(monthly_usd=float("nan")), "What the model may cost"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_changes_nothing(
    memory: Database, changes: Changes, says: str
) -> None:
    book = PreferenceBook(memory)
    chosen = book.change(SERVER, open_questions=2)
    with pytest.raises(UsageError, match=says):
        book.change(SERVER, **changes)
    assert book.of(SERVER) == chosen


def test_a_server_has_an_account_of_the_model_with_the_caps_that_were_chosen(memory: Database) -> None:
    book = PreferenceBook(memory)
    book.change(SERVER, daily_usd=1.5, monthly_usd=20)
    assert book.budget_of(str(SERVER)) == Budget(1.5, 20)
    assert book.budget_of(str(OTHER)) == book.budget_of("") == Budget()


def test_direct_messages_have_nothing_to_change(memory: Database) -> None:
    with pytest.raises(UsageError, match="on a server"):
        PreferenceBook(memory).change(None, open_questions=2)


def test_changes_at_once_do_not_undo_each_other(memory: Database) -> None:
    book = PreferenceBook(memory)
    changes = [Changes(channels={7}), Changes(open_questions=5), Changes(questions_per_hour=9)] * 10
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda change: book.change(SERVER, **change), changes))
    assert book.of(SERVER) == Preferences(frozenset({7}), 5, 9)
