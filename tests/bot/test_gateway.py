"""Connections that are lost, sessions that end, events that come twice: each question is answered once, and goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from rag.feedback import Feedback, open_feedback
from rag.settings import Settings
from tests.bot.newsroom import COST, Newsroom, copied
from tests.bot.reading import is_whole
from tests.bot.writer import Writer, writing_newsroom
from tests.discord_server import Channel, DiscordServer, Person, bot_process
from tests.discord_server.gateway import BAD_TOKEN, DISALLOWED_INTENTS, TIMED_OUT, UNKNOWN_ERROR, Gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

RESUMED: dict[str, Callable[[Gateway], None]] = {
    "dropped": Gateway.drop,
    "closed for an unknown error": lambda gateway: gateway.close(UNKNOWN_ERROR),
    "asked to reconnect": Gateway.reconnect,
    "invalid but resumable": lambda gateway: gateway.invalidate(resumable=True),
}
ENDED: dict[str, Callable[[Gateway], None]] = {
    "timed out": lambda gateway: gateway.close(TIMED_OUT),
    "invalid": Gateway.invalidate,
}
TO_THE_END = 1000  # events: more than there are
SHARDING_REQUIRED = 4011  # Discord, gateway close codes


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def writing(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Newsroom, Writer]]:
    """A bot of this module's own, which loses its connection."""
    async with writing_newsroom(articles, tmp_path_factory.mktemp("gateway")) as writing:
        yield writing


async def answered(room: Newsroom, channel: Channel, alice: Person) -> None:
    """Ask by command and by mention, and check that each is answered."""
    asked = await alice.slash(channel, "ask", question=COST)
    mention = await alice.says(channel, f"{room.discord.bot_mention} {COST}")
    await (await asked.settled()).until(is_whole)
    await (await mention.reply()).until(is_whole)


def feedback(room: Newsroom) -> list[Feedback]:
    with open_feedback(Settings.model_construct(data=room.data)) as log:
        return list(log.read().values())


async def resumed(room: Newsroom, events: int = 0) -> None:
    """Have the bot lose its connection and resume, and be told again of so many events."""
    before = len(room.discord.gateway.resumed)
    room.discord.gateway.repeat_on_resume(events)
    room.discord.gateway.drop()
    await room.discord.until(lambda: len(room.discord.gateway.resumed) > before)


# lost connections


@pytest.mark.parametrize("cut", RESUMED.values(), ids=RESUMED)
async def test_a_session_that_is_resumed_loses_no_question(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person, cut: Callable[[Gateway], None]
) -> None:
    resumes = len(room.discord.gateway.resumed)
    with writer.held_back():
        before = await alice.slash(channel, "ask", question=COST)
        cut(room.discord.gateway)
        during = bob.calls(channel, "ask", question=COST)
        mention = await bob.says(channel, f"{room.discord.bot_mention} {COST}")
        await room.discord.until(lambda: len(room.discord.gateway.resumed) > resumes)
    answers = [await (await each.settled()).until(is_whole) for each in (before, during)]
    reply = await (await mention.reply()).until(is_whole)
    await answered(room, channel, alice)
    await room.discord.quiet(0.2)
    assert [before.messages, during.messages] == [[answer] for answer in answers]
    assert mention.replies == [reply]


@pytest.mark.parametrize("cut", ENDED.values(), ids=ENDED)
async def test_a_session_that_ends_leaves_no_question_unanswered_and_another_begins(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, cut: Callable[[Gateway], None]
) -> None:
    sessions = len(room.discord.gateway.sessions)
    with writer.held_back():
        before = await alice.slash(channel, "ask", question=COST)
        mention = await alice.says(channel, f"{room.discord.bot_mention} {COST}")
        await room.discord.until(lambda: len(writer.prompts) == 2)
        cut(room.discord.gateway)
    answer = await (await before.settled()).until(is_whole)
    reply = await (await mention.reply()).until(is_whole)
    await room.discord.until(lambda: len(room.discord.gateway.sessions) > sessions)
    await answered(room, channel, alice)
    assert before.messages == [answer]
    assert mention.replies == [reply]


# events that come twice


async def test_what_a_resume_tells_again_is_not_done_again(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    answer = await room.answer(to=alice, at=channel)
    mention = await alice.says(channel, f"{room.discord.bot_mention} {COST}")
    await (await mention.reply()).until(is_whole)
    await bob.dm(COST)
    await room.discord.until(lambda: bob.direct.history and is_whole(bob.direct.history[-1]))
    await (await alice.click(answer, "👍")).settled()
    await (await alice.click(answer, "Passages")).settled()
    thanks = await (await bob.click(answer, "👎")).settled()
    asked = await bob.click(thanks, "Say what is wrong")
    await (await bob.submit(asked, {"Why?": "It was 49 million."})).settled()
    await room.discord.quiet(0.2)
    said, requests = feedback(room), len(room.discord.exchanges)
    await resumed(room, TO_THE_END)
    await room.discord.quiet(0.3)
    assert room.discord.exchanges[requests:] == []
    assert feedback(room) == said


async def test_a_question_that_is_delivered_again_while_it_is_in_work_is_answered_once(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    with writer.held_back():
        asked = await alice.slash(channel, "ask", question=COST)
        room.discord.gateway.repeat("INTERACTION_CREATE")
        await resumed(room)
        mention = await alice.says(channel, f"{room.discord.bot_mention} {COST}")
        room.discord.gateway.repeat("MESSAGE_CREATE")
        await resumed(room)
    answer = await (await asked.settled()).until(is_whole)
    reply = await (await mention.reply()).until(is_whole)
    await room.discord.quiet(0.3)
    assert channel.history == [answer, mention, reply]
    assert writer.questions == [COST, COST]


# the end


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (BAD_TOKEN, "Discord does not accept DISCORD_TOKEN. Copy the token from"),
        (DISALLOWED_INTENTS, "Turn on Message Content Intent on the Bot page"),
        (SHARDING_REQUIRED, "4011"),
    ],
)
async def test_a_connection_that_is_closed_for_good_ends_the_bot_with_a_line_that_says_what_to_do(
    gazette: Path, tmp_path: Path, code: int, remedy: str
) -> None:
    async with DiscordServer() as discord, bot_process(discord, data=copied(gazette, tmp_path)) as bot:
        discord.gateway.close(code)
        ended = await bot.ended()
    assert ended.code == 1
    lines = [line for line in ended.stderr.splitlines() if " INFO " not in line]
    assert len(lines) == 1
    assert lines[0].startswith("dateline: ")
    assert remedy in lines[0]
    assert discord.token not in ended.stderr
