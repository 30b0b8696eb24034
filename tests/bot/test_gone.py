"""Answers whose place is gone, or not the bot's any more, or that come too late: they end quietly, or find a way."""

from __future__ import annotations

import pytest

from tests.bot.articles import SURVEY
from tests.bot.newsroom import COST, Newsroom
from tests.bot.reading import claims, is_whole
from tests.bot.writer import Writer, claim
from tests.discord_server import Channel, Interaction, Permission, Person, Place
from tests.discord_server.faults import refused
from tests.discord_server.state import TOKEN_LASTS

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the log of the bot they share is checked in its end

SURVEYED = "How many apprentices did the trades of Aldmoor, Birkvale, Cragholm and Dunmere take on?"


async def at_work(room: Newsroom, writer: Writer, questions: int) -> None:
    """Wait until so many questions are before the model."""
    await room.discord.until(lambda: len(writer.prompts) == questions)


async def still_answers(room: Newsroom, channel: Channel, person: Person) -> None:
    """Check that other questions go on."""
    assert is_whole(await room.answer(to=person, at=channel))


# deleted meanwhile


async def test_an_answer_to_a_message_that_was_deleted_is_kept_to_itself(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    with writer.held_back():
        question = await alice.says(channel, f"{room.discord.bot_mention} {COST}")
        await at_work(room, writer, 1)
        await alice.deletes(question)
    await room.discord.quiet(0.5)
    assert channel.history == []
    await still_answers(room, channel, bob)


async def test_a_list_that_was_dismissed_before_it_came_is_let_go(
    room: Newsroom, channel: Channel, alice: Person, bob: Person
) -> None:
    room.discord.fail("PATCH", "/webhooks/*/messages/@original", refused(404, 10008, "Unknown Message"))
    asked = await alice.slash(channel, "sources")
    await room.discord.quiet(0.5)
    assert asked.answer is None
    await still_answers(room, channel, bob)


async def test_an_answer_that_was_deleted_while_it_grew_is_not_given_again(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    with writer.held_back() as let:
        asked = await alice.slash(channel, "ask", question=COST)
        question = await bob.says(channel, f"{room.discord.bot_mention} {COST}")
        await at_work(room, writer, 2)
        let(2)
        reply = await (await question.reply()).until(claims)
        answer = await (await asked.settled()).until(claims)
        await alice.deletes(answer)
        await bob.deletes(reply)
    await room.discord.quiet(0.5)
    assert channel.history == [question]
    await still_answers(room, channel, bob)


async def test_an_answer_in_a_channel_or_thread_that_was_deleted_is_kept_to_itself(
    room: Newsroom, writer: Writer, place: Place, channel: Channel, alice: Person, bob: Person
) -> None:
    doomed = place.channel("doomed")
    thread = await alice.opens_thread(await alice.says(channel, "Look here."), "Ferries")
    with writer.held_back():
        by_command = [await alice.slash(at, "ask", question=COST) for at in (doomed, thread)]
        by_message = [await bob.says(at, f"{room.discord.bot_mention} {COST}") for at in (doomed, thread)]
        await at_work(room, writer, 4)
        room.discord.delete(doomed)
        room.discord.delete(thread)
    await room.discord.quiet(0.5)
    assert [each.answer for each in by_command] == [None, None]
    assert [each.replies for each in by_message] == [[], []]
    for each in by_command:  # what nobody sees any more would count as left waiting
        each.channel.messages.clear()
    await still_answers(room, channel, bob)


@pytest.mark.parametrize("lost", [Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL, Permission.READ_MESSAGE_HISTORY])
async def test_a_permission_lost_meanwhile_ends_an_answer_quietly(
    room: Newsroom, writer: Writer, place: Place, channel: Channel, alice: Person, bob: Person, lost: Permission
) -> None:
    shut = place.channel("shut")
    with writer.held_back():
        question = await alice.says(shut, f"{room.discord.bot_mention} {COST}")
        asked = await bob.slash(shut, "ask", question=COST)
        await at_work(room, writer, 2)
        room.discord.forbid(shut, lost)
    assert is_whole(await (await asked.settled()).until(is_whole)), "a command is answered without permissions"
    await room.discord.quiet(0.5)
    assert question.replies == []
    await still_answers(room, channel, bob)


# too late


async def late(room: Newsroom, writer: Writer, *asked: Interaction) -> None:
    """Let a quarter of an hour pass over questions that are before the model."""
    await at_work(room, writer, len(asked))
    room.discord.advance(TOKEN_LASTS + 1)


async def test_an_answer_that_takes_longer_than_a_command_lasts_comes_all_the_same(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    with writer.held_back():
        public = await alice.slash(channel, "ask", question=COST)
        private = await bob.slash(channel, "ask", question=COST, private=True)
        direct = await alice.slash(alice.direct, "ask", question=COST)
        await late(room, writer, public, private, direct)
    (shown,) = public.messages
    assert is_whole(await shown.until(is_whole))
    (told,) = direct.messages
    assert is_whole(await told.until(is_whole))
    await room.discord.until(lambda: bob.direct.history)
    await room.discord.quiet(0.2)
    assert [is_whole(each) for each in bob.direct.history] == [True]
    assert [is_whole(each) for each in channel.history] == [True]
    assert alice.direct.history == [told]


@pytest.mark.parametrize("private", [False, True])
async def test_a_long_answer_that_comes_too_late_comes_in_all_its_parts(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, private: bool
) -> None:
    writer.says(SURVEYED, *map(claim, SURVEY))
    where = alice.direct if private else channel
    with writer.held_back():
        asked = await alice.slash(channel, "ask", question=SURVEYED, private=private)
        await late(room, writer, asked)
    await room.discord.until(lambda: where.history and is_whole(where.history[-1]))
    assert [text for part in where.history for text in claims(part)] == list(SURVEY)


async def test_an_answer_that_goes_on_growing_after_its_command_has_lapsed_becomes_whole(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    with writer.held_back() as let:
        public = await alice.slash(channel, "ask", question=COST)
        private = await bob.slash(channel, "ask", question=COST, private=True)
        await late(room, writer, public, private)
        let(2)
        await room.discord.until(lambda: public.answer and bob.direct.history)
    await public.messages[0].until(is_whole)
    await bob.direct.history[0].until(is_whole)
    assert len(bob.direct.history) == 1
