"""Many questions in; what the bot still holds of them afterwards: nothing that grows."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import discord as discord_py
import pytest
import yarl
from pydantic import SecretStr

from bot.client import REMEMBERED, Dateline
from bot.delivery import CommandReply, MessageReply
from bot.desk import Ticket
from rag.settings import Settings
from tests.bot.newsroom import COST, copied
from tests.bot.reading import is_whole
from tests.discord_server import DiscordServer, Person, Place

OF_A_QUESTION = (
    Ticket,
    CommandReply,
    MessageReply,
    discord_py.Interaction,
    discord_py.Message,
    discord_py.ui.LayoutView,
    discord_py.ui.Modal,
    asyncio.Task,
)


@asynccontextmanager
async def running(discord: DiscordServer, data: Path) -> AsyncIterator[Dateline]:
    """Run the bot in this process, where what it holds can be counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord_py.http.Route, "BASE", discord.api)
        patch.setattr(discord_py.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
        bot = Dateline(Settings.model_construct(data=data, discord_token=SecretStr(discord.token)))
        serving = asyncio.create_task(bot.serve())
        await discord.until(lambda: discord.gateway.session, within=30)
        yield bot
        bot.stop()
        await serving


def held() -> Counter[str]:
    """Count what is still held of questions."""
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, OF_A_QUESTION))


async def used(discord: DiscordServer, place: Place, people: list[Person]) -> None:
    """Have everybody ask, look at the passages, find fault with the answer and go on in a thread."""
    channel = place.channel("general")
    for each in people:
        asked = await each.slash(channel, "ask", question=COST)
        mention = await each.says(channel, f"{discord.bot_mention} {COST}")
        answer = await (await asked.settled()).until(is_whole)
        await (await mention.reply()).until(is_whole)
        await (await each.click(answer, "Passages")).settled()
        opened = await each.click(answer, "Citation")
        await (await each.submit(opened, {"Which citation?": "1", "Why?": "It does not say so."})).settled()
    await discord.quiet(0.2)


async def test_nothing_is_held_of_questions_that_are_answered(gazette: Path, tmp_path: Path) -> None:
    async with DiscordServer() as discord, running(discord, copied(gazette, tmp_path)):
        place = discord.guild("Newsroom")
        people = [place.member(f"reader {number}") for number in range(10)]
        await used(discord, place, people[:2])
        before = held()
        await used(discord, place, people)
        await discord.until(lambda: held() - before == Counter())  # at times the watch has a task, which is no question


async def test_only_the_latest_events_are_remembered(gazette: Path, tmp_path: Path) -> None:
    async with DiscordServer() as discord, running(discord, copied(gazette, tmp_path)) as bot:
        assert all(bot.is_new(number) for number in range(REMEMBERED + 1))
        assert not bot.is_new(REMEMBERED)
        assert not bot.is_new(1)
        assert bot.is_new(0)
