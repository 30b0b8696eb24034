"""Questions in, each one's turn out: first come, first served, within limits that keep the place usable for all."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from bot.preferences import Preferences
from rag.errors import DatelineError

AT_ONCE = 8  # questions worked on: a model is mostly waited for, and without one two threads take turns
WAITING = 500  # in line, of all servers together
WAITING_PER_SERVER = 250
HOUR = 3600.0  # seconds

Person = tuple[int | None, int]  # a server, None for direct messages, and a member of it


class BusyError(DatelineError):
    """A question cannot be taken now."""


class Desk:
    """Admits questions and calls them up in order."""

    def __init__(self, at_once: int = AT_ONCE, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._clock = clock
        self._waiting: dict[Ticket, None] = {}
        self._called: set[Ticket] = set()
        self._asked: dict[Person, deque[float]] = {}
        self._closed = False

    def admit(self, person: Person, limits: Preferences) -> Ticket:
        """Take a question. Raises BusyError, in words for the person, if there are too many already."""
        self._check(person, limits)
        if limits.questions_per_hour:
            self._asked.setdefault(person, deque()).append(self._clock())
        ticket = Ticket(self, person)
        self._waiting[ticket] = None
        self._call()
        return ticket

    def close(self) -> None:
        """Take no more questions."""
        self._closed = True

    def place(self, ticket: Ticket) -> int:
        """Tell how many questions come before this one, itself counted; 0 once it has been called."""
        return list(self._waiting).index(ticket) + 1 if ticket in self._waiting else 0

    def leave(self, ticket: Ticket) -> None:
        """Strike out a question, answered or given up, and call the next."""
        self._waiting.pop(ticket, None)
        self._called.discard(ticket)
        self._call()

    def _check(self, person: Person, limits: Preferences) -> None:
        if self._closed:
            raise BusyError("I am being restarted. Please ask again in a minute.")
        tickets = (*self._called, *self._waiting)
        open_questions = sum(ticket.person == person for ticket in tickets)
        if open_questions >= limits.open_questions:
            raise BusyError(
                f"I am still at {questions(open_questions)} of yours. Please ask again when one is answered."
            )
        if limits.questions_per_hour and (wait := self._until_allowed(person, limits.questions_per_hour)) > 0:
            raise BusyError(
                f"Here each person may ask {questions(limits.questions_per_hour)} an hour. "
                f"You can ask again in {max(1, round(wait / 60))} min."
            )
        here = sum(ticket.person[0] == person[0] for ticket in self._waiting)
        if len(self._waiting) >= WAITING or (person[0] is not None and here >= WAITING_PER_SERVER):
            raise BusyError(f"{len(self._waiting)} questions are in line before yours. Please try again in a minute.")

    def _until_allowed(self, person: Person, an_hour: int) -> float:
        """Count the seconds until fewer than so many questions were asked in the hour before."""
        now = self._clock()
        for asker, times in list(self._asked.items()):
            while times and times[0] <= now - HOUR:
                times.popleft()
            if not times:
                del self._asked[asker]
        times = self._asked.get(person, deque())
        return times[-an_hour] + HOUR - now if len(times) >= an_hour else 0.0

    def _call(self) -> None:
        while self._waiting and len(self._called) < self._at_once:
            ticket = next(iter(self._waiting))
            del self._waiting[ticket]
            self._called.add(ticket)
            ticket.called.set()


class Ticket:
    """A question's place in line, as a context: to leave it is to leave the line."""

    def __init__(self, desk: Desk, person: Person) -> None:
        self._desk = desk
        self.person = person
        self.called = asyncio.Event()

    @property
    def place(self) -> int:
        return self._desk.place(self)

    async def is_called(self, within: float) -> bool:
        """Wait for the turn, at most so many seconds, and tell whether it has come."""
        try:
            await asyncio.wait_for(self.called.wait(), within)
        except TimeoutError:
            return False
        return True

    def __enter__(self) -> Ticket:
        return self

    def __exit__(self, *_: object) -> None:
        self._desk.leave(self)


def questions(number: int) -> str:
    return f"{number} question{'s' * (number != 1)}"
