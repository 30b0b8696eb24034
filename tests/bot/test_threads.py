"""Conversations in threads that "Follow up" opens, with a bot that is shown the content of all messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.newsroom import Newsroom
from tests.bot.reading import claims, is_whole
from tests.bot.writer import Writer, claim, writing_newsroom
from tests.discord_server import Channel, Message, Permission, Person, Place, Upload
from tests.discord_server.state import ORDINARY

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARRIES = "A ferry carries 240 people."
LASTS = "A crossing takes 55 minutes."
SENT = "Denmark sent its ambassador, Jens Holmgaard."
MANY, LONG, WHO = "how many people does a ferry carry?", "how long does it take?", "whom did Denmark send?"
OPENING = [f"user: {MANY}", f"assistant: {CARRIES}"]
GREETING = "Go on here: mention me, or reply to an answer of mine."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Newsroom, Writer]]:
    async with writing_newsroom(articles, tmp_path_factory.mktemp("threads"), content=True) as reading:
        yield reading


@pytest.fixture
def room(reading: tuple[Newsroom, Writer]) -> Newsroom:
    return reading[0]


@pytest.fixture
def writer(reading: tuple[Newsroom, Writer]) -> Writer:
    """The model, which answers what these tests ask."""
    writer = reading[1]
    writer.forget()
    for question, answer in ((MANY, CARRIES), (LONG, LASTS), (WHO, SENT)):
        writer.says(question, claim(answer))
    return writer


@pytest_asyncio.fixture(loop_scope="module")
async def thread(writer: Writer, channel: Channel, alice: Person) -> Channel:
    """A thread that the bot opened on an answer to Alice."""
    answer = await asked(alice, channel, MANY)
    told = await (await alice.click(answer, "Follow up")).settled()
    assert answer.thread
    assert (told.text, told.ephemeral) == (f"Go on in <#{answer.thread.id}>.", True)
    assert answer.thread.name == MANY
    assert answer.thread.history[-1].text == GREETING
    return answer.thread


async def asked(person: Person, channel: Channel, question: str) -> Message:
    return await (await (await person.slash(channel, "ask", question=question)).settled()).until(is_whole)


async def answered(message: Message) -> Message:
    return await (await message.reply()).until(is_whole)


async def test_in_a_thread_of_its_own_the_bot_needs_no_mention(
    writer: Writer, thread: Channel, alice: Person, bob: Person
) -> None:
    answer = await answered(await alice.says(thread, LONG))
    assert claims(answer) == [LASTS]
    await answered(await alice.says(thread, WHO))
    await answered(await bob.says(thread, "and how long?"))
    assert writer.conversation_before(LONG) == OPENING
    assert writer.conversation_before(WHO) == [*OPENING, f"user: {LONG}", f"assistant: {LASTS}"]
    assert writer.conversation_before("and how long?") == OPENING, "of Alice's questions he is told nothing"
    assert "Follow up" not in answer.buttons, "a thread has no threads"


async def test_what_people_say_to_each_other_in_a_thread_is_ignored(
    room: Newsroom, writer: Writer, place: Place, thread: Channel, alice: Person, bob: Person
) -> None:
    said = await alice.says(thread, f"{bob.mention} is that right?")
    await bob.says(thread, "I doubt it", reply_to=said)
    await bob.says(thread, "I do not", reply_to=said, ping=False)
    editors = place.role("editors", ORDINARY | Permission.MENTION_EVERYONE)
    editor = place.member("editor", roles=[editors])
    await editor.says(thread, "@everyone look here")
    await editor.says(thread, f"<@&{editors.id}> who checks that?")
    await alice.says(thread, "", files=[Upload("cat.png", b"\x89PNG")])
    await place.member("robot", bot=True).says(thread, LONG)
    await answered(await bob.says(thread, WHO))
    await room.discord.quiet(0.3)
    assert writer.questions == [MANY, WHO]
    mine = [message for message in thread.history if message.author is room.discord.world.bot]
    assert [message.text for message in mine[:-1]] == ["", GREETING], "the thread's opening has no text"
    assert claims(mine[-1]) == [SENT]


async def test_a_reply_without_a_ping_is_answered_in_a_channel_too(
    writer: Writer, channel: Channel, alice: Person
) -> None:
    answer = await asked(alice, channel, MANY)
    await answered(await alice.says(channel, LONG, reply_to=answer, ping=False))
    assert writer.conversation_before(LONG) == OPENING


async def test_managers_can_have_the_bot_wait_for_a_mention_in_threads(
    room: Newsroom, writer: Writer, place: Place, thread: Channel, alice: Person
) -> None:
    boss = place.member("boss", manages=True)
    told = await (await boss.slash(thread, "settings", mention_in_threads=True)).settled()
    assert "only when mentioned" in told.text
    await alice.says(thread, LONG)
    await answered(await alice.says(thread, f"{room.discord.bot_mention} {WHO}"))
    await room.discord.quiet(0.3)
    assert writer.questions == [MANY, WHO]
    assert writer.conversation_before(WHO) == OPENING


async def test_in_a_thread_that_somebody_else_opened_the_bot_waits_for_a_mention(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    answer = await asked(alice, channel, MANY)
    thread = await bob.opens_thread(answer, "What do we make of this?")
    await bob.says(thread, LONG)
    await answered(await bob.says(thread, f"{room.discord.bot_mention} {WHO}"))
    await room.discord.quiet(0.3)
    assert writer.questions == [MANY, WHO]
    assert writer.conversation_before(WHO) == OPENING
