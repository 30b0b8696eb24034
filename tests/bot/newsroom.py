"""A server with people in it and the real bot at work, for tests that share one: a bot takes seconds to start."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from rag.cli import main
from tests.discord_server import (
    DISCORD_API,
    BotProcess,
    Channel,
    DiscordServer,
    Interaction,
    Message,
    Person,
    Upload,
    bot_process,
)
from tests.discord_server.gateway import Intent

COST = "How much did the ferry line cost?"
PAID = "The line cost 48 million euros, of which Norway pays 30 million and Denmark 18 million."
VOLCANOES = "How do volcanoes erupt?"  # the articles do not say
NO_INTENT = Intent(0)


class Newsroom:
    """A server, two ordinary members, one who manages it, and a bot, which can be restarted."""

    def __init__(self, discord: DiscordServer, data: Path, environment: Mapping[str, str]) -> None:
        self.discord = discord
        self.data = data
        self.place = discord.guild("Newsroom")
        self.channel = self.place.channel("general")
        self.alice, self.bob = self.place.member("alice"), self.place.member("bob")
        self.boss = self.place.member("boss", manages=True)
        self.logs: list[str] = []
        self._environment = environment
        self._running = AsyncExitStack()
        self._bot: BotProcess

    async def start(self) -> None:
        """Start the bot."""
        self._bot = await self._running.enter_async_context(
            bot_process(self.discord, data=self.data, env=self._environment)
        )

    async def stop(self) -> None:
        """Stop the bot, and keep its log."""
        self.logs.append((await self._bot.stop()).stderr)
        await self._running.aclose()

    async def restart(self, **environment: str) -> None:
        """Stop the bot and start it again, with changes to its environment."""
        await self.stop()
        self._environment = {**self._environment, **environment}
        await self.start()

    async def answer(
        self, question: str = COST, *, to: Person | None = None, at: Channel | None = None, **options: Any
    ) -> Message:
        """Ask a question, and wait for the whole answer, which has buttons."""
        asked = await (to or self.alice).slash(at or self.channel, "ask", question=question, **options)
        return await (await asked.settled()).until(lambda message: message.buttons)

    async def ingested(self, **given: Any) -> Message:
        """Have the boss add articles, and wait for the report of it."""
        return await settled(await self.boss.slash(self.channel, "ingest", **given), until="There are now ")

    def as_due(self) -> None:
        """Check what holds of everything that the bot has done: raises AssertionError."""
        world = self.discord.world
        assert self.discord.violations == []
        assert [message.text for message in world.messages() if message.author is world.bot and message.pings] == []
        assert [each.data for each in world.interactions.values() if each.failed] == []
        assert [line for log in self.logs for line in log.splitlines() if " ERROR " in line] == []


async def settled(done: Interaction, until: str = "") -> Message:
    """Wait for the answer to what somebody did, and for a text in it, and check that only this person sees it."""
    message = await (await done.settled()).until(lambda each: until in each.text)
    assert message.ephemeral
    return message


@asynccontextmanager
async def newsroom(data: Path, allowed: Intent = NO_INTENT, /, **environment: str) -> AsyncIterator[Newsroom]:
    """Run a bot on a store, with the privileged intents allowed that it may ask for.

    What must hold of everything it did is checked at the end.
    """
    async with DiscordServer(DISCORD_API) as discord:
        discord.gateway.allowed = allowed
        room = Newsroom(discord, data, environment)
        await room.start()
        await opened(room)
        yield room
        await room.stop()
        room.as_due()


async def opened(room: Newsroom) -> None:
    """Wait, on a busy machine for long, until the bot has its articles open."""
    await (await room.alice.slash(room.channel, "sources")).settled(within=60)


def copied(store: Path, to: Path) -> Path:
    """Copy a store that is not to be written to, and return the copy."""
    return shutil.copytree(store, to / "store")


async def dateline(room: Newsroom, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run the command line on the bot's store, and return its JSON. The bot is served meanwhile."""
    capsys.readouterr()
    status = await asyncio.to_thread(main, [*arguments, "--json", "--data", str(room.data)])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    return json.loads(printed.out)


def article(title: str, body: str, **metadata: str) -> bytes:
    """Write an article as a Markdown file."""
    lines = [f"{name}: {json.dumps(value)}" for name, value in {"title": title, **metadata}.items()]
    return "\n".join(["---", *lines, "---", body, ""]).encode()


def jsonl(*lines: object, name: str = "articles.jsonl") -> Upload:
    """Write JSON Lines; a line given as text is written as it is."""
    return Upload(name, "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines).encode())
