"""A desk against a plain model of it: whatever people do, all limits hold exactly and everybody's turn comes."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import desk as room
from bot.desk import HOUR, BusyError, Desk, Person, Ticket
from bot.preferences import Preferences

ANNA = (1, 11)
PATIENT = Preferences(open_questions=20)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def admitted(desk: Desk, person: Person, limits: Preferences) -> Ticket | None:
    try:
        return desk.admit(person, limits)
    except BusyError:
        return None


class Queue(RuleBasedStateMachine):
    """A desk for two questions at once, with a line for six of which four may be of one server."""

    def __init__(self) -> None:
        super().__init__()
        self.smaller = patch.multiple(room, WAITING=6, WAITING_PER_SERVER=4)
        self.smaller.start()
        self.clock = Clock()
        self.desk = Desk(2, self.clock)
        self.tickets: list[Ticket] = []  # in order of admission, called or not
        self.called: list[Ticket] = []
        self.asked: list[tuple[Person, float]] = []

    def teardown(self) -> None:
        self.smaller.stop()

    @property
    def waiting(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket not in self.called]

    @rule(
        server=st.sampled_from([None, 1, 2]),
        member=st.integers(1, 3),
        most_open=st.integers(1, 4),
        an_hour=st.integers(0, 3),
    )
    def ask(self, server: int | None, member: int, most_open: int, an_hour: int) -> None:
        person = (server, member)
        recent = [when for who, when in self.asked if who == person and when > self.clock.now - HOUR]
        allowed = (
            sum(ticket.person == person for ticket in self.tickets) < most_open
            and (not an_hour or len(recent) < an_hour)
            and len(self.waiting) < 6
            and (server is None or sum(ticket.person[0] == server for ticket in self.waiting) < 4)
        )
        ticket = admitted(self.desk, person, Preferences(open_questions=most_open, questions_per_hour=an_hour))
        assert (ticket is not None) == allowed
        if ticket:
            self.tickets.append(ticket)
            self.asked += [(person, self.clock.now)] if an_hour else []
            self.call()

    @rule(seconds=st.sampled_from([1.0, HOUR / 2, HOUR - 1]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.tickets))
        with ticket:
            self.tickets.remove(ticket)
        self.called = [each for each in self.called if each is not ticket]
        self.call()

    def call(self) -> None:
        self.called += self.waiting[: 2 - len(self.called)]

    @invariant()
    def everyone_has_the_place_of_their_coming(self) -> None:
        assert [ticket.place for ticket in self.waiting] == list(range(1, len(self.waiting) + 1))
        assert not any(ticket.called.is_set() for ticket in self.waiting)
        assert all(ticket.place == 0 and ticket.called.is_set() for ticket in self.called)


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


async def test_one_who_is_stopped_while_waiting_makes_room() -> None:
    desk = Desk(1)
    first, second, third = (desk.admit(ANNA, PATIENT) for _ in range(3))

    async def waited(ticket: Ticket) -> bool:
        with ticket:
            return await ticket.is_called(within=60)

    stopped = asyncio.ensure_future(waited(second))
    await asyncio.sleep(0)
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped
    assert third.place == 1
    with first:
        pass
    assert await waited(third)


async def test_a_turn_that_does_not_come_is_not_waited_for() -> None:
    assert not await Desk(0).admit(ANNA, PATIENT).is_called(within=0)
