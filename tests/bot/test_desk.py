"""The desk by itself, where a full line can be had without hundreds of people."""

from __future__ import annotations

import pytest

from bot.desk import HOUR, WAITING, WAITING_PER_SERVER, BusyError, Desk, Person, Ticket
from bot.preferences import DEFAULT, Preferences


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def taken(desk: Desk, count: int, *, server: int | None, first: int = 0) -> list[Ticket]:
    """Have so many people ask one question each."""
    return [desk.admit((server, person), DEFAULT) for person in range(first, first + count)]


def called(tickets: list[Ticket]) -> list[bool]:
    return [ticket.called.is_set() for ticket in tickets]


async def test_questions_are_called_in_the_order_in_which_they_came() -> None:
    desk = Desk(at_once=2)
    tickets = taken(desk, 4, server=1)
    assert called(tickets) == [True, True, False, False]
    assert [ticket.place for ticket in tickets] == [0, 0, 1, 2]
    with tickets[1]:
        pass
    assert called(tickets) == [True, True, True, False]
    assert [ticket.place for ticket in tickets] == [0, 0, 0, 1]


async def test_a_question_given_up_in_line_lets_the_others_move_up() -> None:
    desk = Desk(at_once=1)
    tickets = taken(desk, 3, server=1)
    with tickets[1]:
        pass
    assert called(tickets) == [True, False, False]
    assert tickets[2].place == 1


@pytest.mark.parametrize(
    ("servers", "most"), [([1], WAITING_PER_SERVER), ([1, 2, 3], WAITING), ([None], WAITING), ([None, 1], WAITING)]
)
async def test_a_full_line_is_refused_and_what_was_taken_is_kept(servers: list[int | None], most: int) -> None:
    desk = Desk(at_once=1)
    tickets = taken(desk, 1, server=99)
    people: list[Person] = [(servers[number % len(servers)], number) for number in range(most)]
    tickets += [desk.admit(person, DEFAULT) for person in people]
    with pytest.raises(BusyError, match=f"^{most} questions are in line before yours"):
        desk.admit((servers[0], most), DEFAULT)
    assert [ticket.place for ticket in tickets] == list(range(most + 1))


async def test_a_full_line_of_one_server_leaves_room_for_others() -> None:
    desk = Desk(at_once=1)
    taken(desk, 1 + WAITING_PER_SERVER, server=1)
    assert desk.admit((2, 0), DEFAULT).place == WAITING_PER_SERVER + 1
    assert desk.admit((None, 0), DEFAULT).place == WAITING_PER_SERVER + 2


async def test_open_questions_of_one_person_are_limited_on_each_server() -> None:
    desk, limits = Desk(), Preferences(open_questions=1)
    first = desk.admit((1, 7), limits)
    with pytest.raises(BusyError, match="I am still at 1 question of yours"):
        desk.admit((1, 7), limits)
    desk.admit((1, 8), limits)
    desk.admit((2, 7), limits)
    with first:
        pass
    desk.admit((1, 7), limits)


async def test_questions_of_one_person_in_an_hour_are_limited_and_the_wait_is_told() -> None:
    clock = Clock()
    desk, limits = Desk(clock=clock), Preferences(questions_per_hour=2)
    for clock.seconds in (0.0, 600.0):
        with desk.admit((1, 7), limits):
            pass
    clock.seconds = 1200.0
    with pytest.raises(BusyError, match=r"ask 2 questions an hour\. You can ask again in 40 min\."):
        desk.admit((1, 7), limits)
    desk.admit((1, 8), limits)
    clock.seconds = HOUR
    desk.admit((1, 7), limits)


async def test_a_closed_desk_takes_no_more_questions_and_calls_those_it_took() -> None:
    desk = Desk(at_once=1)
    tickets = taken(desk, 2, server=1)
    desk.close()
    with pytest.raises(BusyError, match="being restarted"):
        desk.admit((1, 9), DEFAULT)
    for ticket in tickets:
        with ticket:
            assert await ticket.is_called(within=1)
