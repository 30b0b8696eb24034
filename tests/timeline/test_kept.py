"""Timelines that were shown are found again by their id, for 90 days, also by another process."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rag.errors import StoreError
from rag.schema import Citation, Claim, Dates, Dating, Event, Filters, Mode, Source, Timeline, Usage, When
from rag.timeline.kept import KEPT_FOR, Kept, KeptTimelines

WHEN = datetime(2025, 6, 1, 9, 41, tzinfo=UTC)
MILL = Source("mill.md", "Who pays for the mill?", "Valley Echo", published=Dates.parse("2024-05"))
SOLD = Citation(MILL, 5, 31, "The mill was sold in March.")
BURNED = Citation(MILL, 40, 66, "It burned down in the 1920s.")
EVENTS = (
    Event(Claim("The mill was sold.", (SOLD,), "the miller"), When(Dates.parse("2024-03"), expression="in March"), 2),
    Event(
        Claim("It burned down.", (BURNED,)),
        When(not_before=date(1920, 1, 1), not_after=date(1929, 12, 31), approximate=True),
        disputed=(Dating("1931", (SOLD,)),),
        importance=0.5,
    ),
)
TIMELINE = Timeline(
    "the mill", EVENTS, Mode.OPENAI, 7, Filters(as_of=Dates.parse("2025")), Dates.parse("1900"), notice="Slow.",
    usage=Usage("small", 9, 3, 0.25),
)  # fmt: skip


def at(days: float, folder: Path) -> KeptTimelines:
    """Open the file so many days later."""
    return KeptTimelines(folder / "shown.sqlite3", lambda: WHEN + timedelta(days=days))


def test_a_timeline_is_found_again_after_a_restart(tmp_path: Path) -> None:
    kept = Kept(TIMELINE, server=2**62, file="csv")
    at(0, tmp_path).keep("one", kept)
    at(0, tmp_path).keep("two", Kept(Timeline("", ())))
    assert at(1, tmp_path).get("one") == kept
    assert at(1, tmp_path).get("two") == Kept(Timeline("", ()), server=None, file="")
    assert at(1, tmp_path).get("three") is None


def test_a_timeline_is_kept_for_ninety_days_and_then_deleted(tmp_path: Path) -> None:
    at(0, tmp_path).keep("one", Kept(TIMELINE))
    assert at(KEPT_FOR.days, tmp_path).get("one") == Kept(TIMELINE)
    assert at(KEPT_FOR.days + 1, tmp_path).get("one") is None
    at(KEPT_FOR.days + 1, tmp_path).keep("two", Kept(TIMELINE))
    with sqlite3.connect(tmp_path / "shown.sqlite3") as connection:
        assert connection.execute("SELECT id FROM timelines").fetchall() == [("two",)]


def test_a_file_that_is_damaged_is_reported_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "shown.sqlite3").write_text("not a database at all, but long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match="Move it away"):
        at(0, tmp_path)
