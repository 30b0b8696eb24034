"""Nothing on the way from a question to its answer goes through all articles or all words, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from rag.answer.engine import Engine
from rag.receipts import Asked, Receipts, receipt_of
from rag.retrieve.retriever import Retriever
from rag.schema import Dates, Filters
from rag.settings import Settings
from rag.store.catalogue import Catalogue
from rag.store.store import Store
from rag.watch import Watch
from tests.gazette import open_gazette

LISTS = ("sources", "documents", "forms")
FILTERED = Filters(until=Dates.parse("2030"), outlets=("Nordlys Agency", "Coast Courier"))
QUESTIONS = (
    ("How many books did the fire in the library of Tarn destroy?", Filters()),
    ("Who is Yusuf al-Harithy, according to the Tarn Observer?", Filters()),  # spelled otherwise
    ("What did Marit Solvagn tell reportres in Oskel?", Filters()),  # mistyped
    ("What happened last week?", Filters()),
    ("Did the second round end in Lisbon in the last year, and what is the latest?", FILTERED),
    ("How do I bake sourdough bread?", Filters(since=Dates.parse("2025"))),
)


@pytest.fixture
def store(gazette: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that refuses to list what it holds."""
    listing = Catalogue.records

    def refused(*_: object) -> NoReturn:
        raise AssertionError("everything is listed")

    def looked_up(catalogue: Catalogue, documents: list[str] | None = None) -> object:
        return listing(catalogue, documents) if documents is not None else refused()

    with open_gazette(gazette) as store:
        for name in LISTS:
            monkeypatch.setattr(Catalogue, name, refused)
        monkeypatch.setattr(Catalogue, "records", looked_up)
        yield store


@pytest.mark.parametrize(("question", "filters"), QUESTIONS)
async def test_a_question_is_answered_and_kept_without_listing_anything(
    store: Store, tmp_path: Path, question: str, filters: Filters
) -> None:
    engine, chosen = Engine(Retriever(store), today=lambda: date(2025, 1, 14)), Settings.model_construct(data=tmp_path)
    state = store.state()
    answer = await engine.answer(question, filters=filters)
    with Receipts(tmp_path / "receipts.sqlite3") as receipts:
        receipts.keep("one", receipt_of(answer, Asked(question), chosen, state, datetime.now(UTC)), state)
        assert Watch(receipts, store).look_at("one") == []


async def test_a_text_is_checked_without_listing_anything(store: Store) -> None:
    [checked] = await Engine(Retriever(store)).check("A fire destroyed four hundred books in the library of Tarn.")
    assert checked.contradicting


def test_the_store_of_these_tests_refuses_to_list(store: Store) -> None:
    for listing in (
        store.sources,
        store.forms,
        lambda: store.state().records.items(),
        lambda: [*store.state().records],
    ):
        with pytest.raises(AssertionError, match="listed"):
            listing()
