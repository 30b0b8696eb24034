"""What the tests of the store share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.settings import Settings
from rag.store.embeddings import MiniLM
from rag.store.store import Store
from tests.store.samples import open_small_store


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM(Settings.model_construct().cache)


@pytest.fixture
def open_again(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Open the test's store, as often as it likes."""
    opened: list[Store] = []

    def opening() -> Store:
        opened.append(open_small_store(tmp_path))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: Callable[[], Store]) -> Store:
    return open_again()
