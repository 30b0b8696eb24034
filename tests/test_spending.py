"""What a model may cost is never exceeded by more than one call: not by many askers at once, processes or deaths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SettingsError, SpentError
from rag.settings import Settings
from rag.spending import Budget, Ledger, Reservation, open_ledger, unlimited
from tests.benchmarks.spending import ONE_CALL, QUESTIONS, SPENT_TODAY, rush, rush_of_processes

EVERYONE = Budget(10, 100)
NOON = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    ledger = opened(tmp_path, clock)
    yield ledger
    ledger.close()


def opened(folder: Path, clock: Clock, everyone: Budget = EVERYONE) -> Ledger:
    budgets = {"small": Budget(2, 5)}
    return Ledger(folder / "ledger.sqlite3", everyone, lambda account: budgets.get(account, Budget()), clock)


def spend(ledger: Ledger, usd: float, account: str = "") -> None:
    ledger.settle(reserved(ledger, usd, account), usd)


def reserved(ledger: Ledger, usd: float, account: str = "") -> Reservation:
    reservation = ledger.reserve(usd, account, 60)
    assert reservation is not None
    return reservation


def test_what_is_spent_is_spent_until_the_next_day_of_utc(ledger: Ledger, clock: Clock) -> None:
    spend(ledger, 9.9)
    spend(ledger, 0.2)
    with pytest.raises(SpentError, match=r"^Today's budget for the model is spent\.$"):
        ledger.reserve(0.1, "", 60)
    clock.now = datetime(2026, 5, 15, 4, 59, tzinfo=timezone(timedelta(hours=5)))
    with pytest.raises(SpentError):
        ledger.reserve(0.1, "", 60)
    clock.now += timedelta(minutes=1)
    spend(ledger, 0.1)
    assert ledger.spent("2026-05-14") == pytest.approx(10.1)
    assert ledger.spent("2026-05") == pytest.approx(10.2)


def test_a_month_has_a_budget_of_its_own(ledger: Ledger, clock: Clock) -> None:
    for day in range(1, 12):
        clock.now = NOON.replace(day=day)
        spend(ledger, 9.5)
    with pytest.raises(SpentError, match=r"^This month's budget for the model is spent\.$"):
        ledger.reserve(0.1, "", 60)
    clock.now = datetime(2026, 6, 1, tzinfo=UTC)
    spend(ledger, 0.1)


def test_an_account_has_its_own_budget_within_that_of_all(ledger: Ledger) -> None:
    spend(ledger, 2.0, "small")
    with pytest.raises(SpentError):
        ledger.reserve(0.1, "small", 60)
    spend(ledger, 8.0, "big")
    for account in ("big", "", "another"):
        with pytest.raises(SpentError):
            ledger.reserve(0.1, account, 60)
    assert (ledger.spent("2026-05-14", "small"), ledger.spent("2026-05-14", "big")) == (2.0, 8.0)


def test_what_calls_under_way_can_cost_is_waited_for(ledger: Ledger) -> None:
    under_way = reserved(ledger, 10.0)
    assert ledger.reserve(0.1, "", 60) is None
    ledger.settle(under_way, 1.0)
    assert ledger.reserve(0.1, "", 60) is not None


def test_a_call_is_let_through_while_anything_is_left(ledger: Ledger) -> None:
    spend(ledger, 9.99)
    spend(ledger, 5.0)
    with pytest.raises(SpentError):
        ledger.reserve(0.01, "", 60)


def test_the_reservation_of_a_process_that_died_lapses(ledger: Ledger, clock: Clock) -> None:
    reserved(ledger, 10.0)
    clock.now += timedelta(seconds=59)
    assert ledger.reserve(0.1, "", 60) is None
    clock.now += timedelta(seconds=1)
    assert ledger.reserve(0.1, "", 60) is not None
    assert ledger.spent("2026") == 0


def test_a_call_that_outlives_its_reservation_is_booked_and_touches_no_other(ledger: Ledger, clock: Clock) -> None:
    late = reserved(ledger, 10.0)
    clock.now += timedelta(seconds=60)
    reserved(ledger, 10.0)
    ledger.settle(late, 3.0)
    assert ledger.spent("2026-05-14") == 3.0
    assert ledger.reserve(0.1, "", 60) is None


def test_a_call_over_midnight_is_booked_on_the_day_that_let_it_through(ledger: Ledger, clock: Clock) -> None:
    under_way = reserved(ledger, 1.0)
    clock.now += timedelta(days=1)
    ledger.settle(under_way, 1.0)
    assert (ledger.spent("2026-05-14"), ledger.spent("2026-05-15")) == (1.0, 0.0)


def test_processes_share_the_ledger(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    elsewhere = opened(tmp_path, clock)
    under_way = reserved(elsewhere, 10.0)
    assert ledger.reserve(0.1, "", 60) is None
    elsewhere.settle(under_way, 10.0)
    elsewhere.close()
    with pytest.raises(SpentError):
        ledger.reserve(0.1, "", 60)


CALL = st.tuples(st.floats(0.01, 4.0), st.floats(0.0, 1.0), st.sampled_from(["", "small", "big"]), st.booleans())


@settings(deadline=None)
@given(st.lists(CALL, max_size=30))
def test_no_cap_is_exceeded_by_more_than_one_call_in_whatever_order_they_end(
    calls: list[tuple[float, float, str, bool]],
) -> None:
    with TemporaryDirectory() as folder:
        ledger = opened(Path(folder), Clock(), Budget(10, 12))
        under_way: list[tuple[Reservation, float]] = []
        for most, share, account, ends in calls:
            try:
                if reservation := ledger.reserve(most, account, 60):
                    under_way.append((reservation, most * share))
            except SpentError:
                pass
            if ends and under_way:
                ledger.settle(*under_way.pop(0))
        for each in under_way:
            ledger.settle(*each)
        assert ledger.spent("2026-05-14") < 10 + 4
        assert ledger.spent("2026-05-14", "small") < 2 + 4
        ledger.close()


def test_without_a_cap_no_ledger_is_kept(tmp_path: Path) -> None:
    assert open_ledger(Settings.model_construct(data=tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cap", [{"daily_usd": 1.0}, {"monthly_usd": 1.0}])
@pytest.mark.parametrize("prices", [{}, {"openai_input_price": 1.0}, {"openai_output_price": 1.0}])
def test_a_cap_without_prices_says_what_to_set(tmp_path: Path, cap: dict[str, Any], prices: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="Set OPENAI_INPUT_PRICE and OPENAI_OUTPUT_PRICE"):
        open_ledger(Settings.model_construct(data=tmp_path, **cap, **prices))


def test_an_account_with_a_cap_needs_prices_and_the_others_do_not(tmp_path: Path) -> None:
    ledger = open_ledger(Settings.model_construct(data=tmp_path), lambda account: Budget(daily=float(account == "7")))
    assert ledger is not None
    assert ledger.reserve(0.0, "8", 60) is not None
    with pytest.raises(SettingsError, match="OPENAI_INPUT_PRICE"):
        ledger.reserve(0.0, "7", 60)
    assert unlimited("7") == Budget()
    ledger.close()


# --- with the model's server ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cap", [0.1, 0.7])
async def test_fifty_questions_at_once_exceed_a_cap_by_one_call_at_most(
    gazette: Path, tmp_path: Path, cap: float
) -> None:
    outcome = await rush(gazette, tmp_path, cap)
    assert cap <= outcome.billed < cap + ONE_CALL
    assert outcome.booked == pytest.approx(outcome.billed)
    assert len(outcome.notices) == QUESTIONS
    assert 0 < outcome.notices.count(SPENT_TODAY) == QUESTIONS - outcome.notices.count("")


async def test_two_processes_exceed_a_cap_by_one_call_at_most(gazette: Path, tmp_path: Path) -> None:
    outcome = await rush_of_processes(gazette, tmp_path, 0.2)
    assert 0.2 <= outcome.billed < 0.2 + ONE_CALL
    assert outcome.booked == pytest.approx(outcome.billed)
