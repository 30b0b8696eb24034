"""Requests that go wrong, at each step of an answer: exactly one answer all the same, and nobody left waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.articles import SURVEY
from tests.bot.newsroom import COST, Newsroom
from tests.bot.reading import claims, is_whole
from tests.bot.writer import Writer, claim, writing_newsroom
from tests.discord_server import Channel, Interaction, Message, Person, Place
from tests.discord_server.faults import Fault, broken, broken_after, hung_up, hung_up_after, rate_limited, slow

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAULTS: Mapping[str, Fault] = {
    "asked too often": rate_limited(0.1),
    "turned away by the proxy": rate_limited(0.1, via=False),
    "asked too often everywhere": rate_limited(0.1, everywhere=True),
    "unavailable": broken(503),
    "hung up": hung_up(),
    "done, and hung up": hung_up_after(),
    "done, and broken": broken_after(502),
    "slow": slow(1.0),
}
GROWN = "The line cost 48 million euros.", "A ferry carries 240 people."
SURVEYED = "How many apprentices did the trades of Aldmoor, Birkvale, Cragholm and Dunmere take on?"
QUOTED = "The line cost 48 million euros", GROWN[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def writing(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Newsroom, Writer]]:
    """A bot of this module's own: what goes wrong here concerns no other test."""
    async with writing_newsroom(articles, tmp_path_factory.mktemp("faults")) as (room, writer):
        yield room, writer
    world = room.discord.world
    assert not [each for each in world.interactions.values() if each.token in room.logs[0]]
    assert not [message.text for message in world.messages() if message.loading]


@pytest.fixture
def people(place: Place) -> dict[str, Person]:
    """Somebody to meet each fault."""
    return {fault: place.member(fault) for fault in FAULTS}


@pytest.fixture
def channels(place: Place) -> dict[str, Channel]:
    """A channel for each fault."""
    return {fault: place.channel(fault.replace(" ", "-")) for fault in FAULTS}


def growing(writer: Writer) -> None:
    """Have the model say two things."""
    writer.says(COST, *map(claim, GROWN, QUOTED))


async def all_at_work(room: Newsroom, writer: Writer) -> None:
    """Wait until everybody's question is before the model."""
    await room.discord.until(lambda: len(writer.prompts) == len(FAULTS))


def met_by(
    people: Mapping[str, Person], channel: Channel, question: str = COST, private: bool = False
) -> dict[str, Interaction]:
    """Have everybody ask at once."""
    return {fault: each.calls(channel, "ask", question=question, private=private) for fault, each in people.items()}


def callback(asked: Interaction) -> str:
    return f"/interactions/{asked.id}/{asked.token}/callback"


def response(asked: Interaction) -> str:
    return f"/webhooks/*/{asked.token}/messages/@original"


async def each_answered_once(room: Newsroom, asked: Iterable[Interaction]) -> None:
    """Wait until everybody is answered, and check that there is one answer each and that everything went wrong."""
    answers = [(each, await (await each.settled()).until(is_whole)) for each in asked]
    await room.discord.quiet(0.3)
    assert [each.messages for each, _ in answers] == [[answer] for _, answer in answers]
    assert room.discord.faults.left == 0


# commands


async def test_an_acknowledgement_that_goes_wrong_is_made_again(
    room: Newsroom, writer: Writer, people: dict[str, Person], channel: Channel
) -> None:
    asked = met_by(people, channel)
    for fault, each in asked.items():
        room.discord.fail("POST", callback(each), FAULTS[fault])
    await each_answered_once(room, asked.values())
    assert len(channel.history) == len(FAULTS)


async def test_a_private_answer_stays_private_whatever_goes_wrong(
    room: Newsroom, writer: Writer, people: dict[str, Person], channel: Channel
) -> None:
    asked = met_by(people, channel, private=True)
    for fault, each in asked.items():
        room.discord.fail("POST", callback(each), FAULTS[fault])
        room.discord.fail("PATCH", response(each), FAULTS[fault])
    await each_answered_once(room, asked.values())
    assert channel.history == []


async def test_an_edit_that_goes_wrong_while_an_answer_grows_is_made_again(
    room: Newsroom, writer: Writer, people: dict[str, Person], channel: Channel
) -> None:
    growing(writer)
    with writer.held_back() as let:
        asked = met_by(people, channel)
        for fault, each in asked.items():
            room.discord.fail("PATCH", response(each), FAULTS[fault])
        await all_at_work(room, writer)
        let(len(FAULTS))
        await room.discord.until(lambda: all(each.answer and claims(each.answer) for each in asked.values()))
    await each_answered_once(room, asked.values())
    assert all(claims(message) == [*GROWN] for message in channel.history)


async def test_the_last_edit_that_goes_wrong_is_made_again(
    room: Newsroom, writer: Writer, people: dict[str, Person], channel: Channel
) -> None:
    asked = met_by(people, channel)
    for fault, each in asked.items():
        room.discord.fail("PATCH", response(each), FAULTS[fault])
    await each_answered_once(room, asked.values())


async def test_a_further_part_of_a_long_answer_is_there_once_whatever_goes_wrong(
    room: Newsroom, writer: Writer, people: dict[str, Person], channel: Channel
) -> None:
    del people["done, and broken"]  # discord.py makes that call again by itself, where nothing can keep it from it
    writer.says(SURVEYED, *map(claim, SURVEY))
    asked = met_by(people, channel, SURVEYED)
    for fault, each in asked.items():
        room.discord.fail("POST", f"/webhooks/*/{each.token}", FAULTS[fault])
    await room.discord.until(lambda: all(each.messages and is_whole(each.messages[-1]) for each in asked.values()))
    await room.discord.quiet(0.3)
    said = {fault: [text for part in each.messages for text in claims(part)] for fault, each in asked.items()}
    assert said == {fault: list(SURVEY) for fault in people}


# messages


async def mentioned(room: Newsroom, people: Mapping[str, Person], channels: Mapping[str, Channel]) -> list[Message]:
    """Have everybody ask at once, each in a channel of their own, by mentioning the bot."""
    return [await each.says(channels[fault], f"{room.discord.bot_mention} {COST}") for fault, each in people.items()]


async def each_replied_to_once(room: Newsroom, questions: Iterable[Message]) -> None:
    answers = [await (await each.reply()).until(is_whole) for each in questions]
    await room.discord.quiet(0.3)
    assert [each.replies for each in questions] == [[answer] for answer in answers]
    assert room.discord.faults.left == 0


@pytest.mark.parametrize("step", ["messages", "typing"])
async def test_a_reply_is_sent_once_whatever_goes_wrong(
    room: Newsroom, writer: Writer, people: dict[str, Person], channels: dict[str, Channel], step: str
) -> None:
    for fault, channel in channels.items():
        room.discord.fail("POST", f"/channels/{channel.id}/{step}", FAULTS[fault])
    await each_replied_to_once(room, await mentioned(room, people, channels))


async def test_an_edit_of_a_reply_that_goes_wrong_is_made_again(
    room: Newsroom, writer: Writer, people: dict[str, Person], channels: dict[str, Channel]
) -> None:
    growing(writer)
    for fault, channel in channels.items():
        room.discord.fail("PATCH", f"/channels/{channel.id}/messages/*", FAULTS[fault])
    with writer.held_back() as let:
        questions = await mentioned(room, people, channels)
        await all_at_work(room, writer)
        let(len(FAULTS))
        await room.discord.until(lambda: all(each.replies for each in questions))
    await each_replied_to_once(room, questions)
