"""What a model may cost and what it cost: a ledger in SQLite, shared by processes, and the only judge of the two.

What a call can cost at most is reserved before it, and what it did cost is booked after it. A call is let through while
what is booked and reserved is below every cap that holds for it, so of all that are under way only the last can exceed
one. Days and months are those of UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.database import Database
from rag.errors import SettingsError, SpentError
from rag.settings import Settings

TABLES = """
CREATE TABLE spent (day TEXT NOT NULL, account TEXT NOT NULL, usd REAL NOT NULL, PRIMARY KEY (day, account));
CREATE TABLE reserved (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, lapses REAL NOT NULL, usd REAL NOT NULL
);
"""
SPENT = "SELECT ifnull(sum(usd), 0) FROM spent WHERE account = ifnull(?, account) AND day LIKE ? || '%'"
RESERVED = "SELECT ifnull(sum(usd), 0) FROM reserved WHERE account = ifnull(?, account)"
UNPRICED = (
    "There is a cap on what the model may cost, but no word of what it costs. Set OPENAI_INPUT_PRICE and"
    " OPENAI_OUTPUT_PRICE in .env, in USD per million tokens."
)
BOOK = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (day, account) DO UPDATE SET usd = usd + excluded.usd"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent in USD; 0 for any amount."""

    daily: float = 0.0
    monthly: float = 0.0


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money that is kept for a call under way, on the account and the day that will have spent it."""

    number: int
    account: str
    day: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap that holds for a call: on one account, or on all if that is None, and on the days that begin so."""

    usd: float
    account: str | None
    days: str
    named: str


UNLIMITED = Budget()
BudgetOf = Callable[[str], Budget]


class Ledger:
    """Says before each call whether there is money for it. Threads may share one; all methods may raise StoreError."""

    def __init__(
        self, path: Path, everyone: Budget, budget_of: BudgetOf, now: Callable[[], datetime], *, priced: bool = True
    ) -> None:
        """`everyone` is the budget of all accounts together, `budget_of` that of each; `now` is the clock."""
        self._database = Database(path, TABLES, "Move it away to begin a new one, or update Dateline.", version=1)
        self._everyone = everyone
        self._budget_of = budget_of
        self._now = now
        self._priced = priced

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    def reserve(self, usd: float, account: str, seconds: float) -> Reservation | None:
        """Reserve what a call can cost at most, for as long as it can last; after that, whoever made it has died.

        None if calls under way may yet spend what is left: ask again when they have ended. Raises SpentError if it is
        spent, and SettingsError if there is a cap but no price to reckon with.
        """
        now = self._now().astimezone(UTC)
        limits = list(self._limits(account, f"{now:%Y-%m-%d}"))
        if limits and not self._priced:
            raise SettingsError(UNPRICED)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM reserved WHERE lapses <= ?", (now.timestamp(),))
            for limit in limits:
                (spent,) = connection.execute(SPENT, (limit.account, limit.days)).fetchone()
                (reserved,) = connection.execute(RESERVED, (limit.account,)).fetchone()
                if spent >= limit.usd:
                    raise SpentError(f"{limit.named} budget for the model is spent.")
                if spent + reserved >= limit.usd:
                    return None
            lapses = now.timestamp() + seconds
            row = connection.execute("INSERT INTO reserved VALUES (NULL, ?, ?, ?)", (account, lapses, usd)).lastrowid
        return Reservation(row or 0, account, f"{now:%Y-%m-%d}")

    def settle(self, reservation: Reservation, usd: float) -> None:
        """Book what a call did cost, in place of what was reserved for it."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM reserved WHERE id = ?", (reservation.number,))
            connection.execute(BOOK, (reservation.day, reservation.account, usd))

    def spent(self, days: str, account: str | None = None) -> float:
        """Sum up in USD what was booked for the days that begin so (`2026-05`), on one account or on all."""
        usd: float = self._database.read(SPENT, account, days)[0][0]
        return usd

    def _limits(self, account: str, today: str) -> Iterator[Limit]:
        for whose, budget in ((None, self._everyone), (account, self._budget_of(account))):
            if budget.daily:
                yield Limit(budget.daily, whose, today, "Today's")
            if budget.monthly:
                yield Limit(budget.monthly, whose, today[:7], "This month's")


def is_priced(settings: Settings) -> bool:
    """Tell whether the settings say what a call costs."""
    return settings.openai_input_price > 0 and settings.openai_output_price > 0


def open_ledger(settings: Settings, budget_of: BudgetOf | None = None) -> Ledger | None:
    """Open the ledger beside the store; None if nothing is capped. `budget_of` gives the budget of an account.

    Raises SettingsError for a cap without prices.
    """
    everyone = Budget(settings.daily_usd, settings.monthly_usd)
    if everyone != UNLIMITED and not is_priced(settings):
        raise SettingsError(UNPRICED)
    if everyone == UNLIMITED and budget_of is None:
        return None
    path = settings.data / "spending.sqlite3"
    return Ledger(path, everyone, budget_of or unlimited, lambda: datetime.now(UTC), priced=is_priced(settings))


def unlimited(account: str) -> Budget:
    return UNLIMITED
