"""What goes wrong inside: models that fail, files that are damaged. People are told, the log is, and secrets stay."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.card import Colour
from rag.answer.wording import EXTRACT_NOTE
from tests.bot.newsroom import COST, PAID, copied
from tests.bot.reading import accent, claims, is_whole
from tests.discord_server import DISCORD_API, BotProcess, DiscordServer, Interaction, Message, bot_process
from tests.openai_server import OpenAIServer, Reply, echoing_key, stalled

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "sk-loopback-0123456789abcdef"
TIMEOUT = 2.0  # seconds for a model
REFERENCE = re.compile(r"Something went wrong on my side\. Whoever runs me finds it in the log under ([0-9a-f]{8})\.")
VERBOSE = (sys.executable, "-m", "bot", "--verbose")


@dataclass
class Bot:
    """A bot that logs all it can, and its model, which is refused to it until it does something else."""

    discord: DiscordServer
    model: OpenAIServer
    replies: list[Reply]  # of the model; it gives the last
    process: BotProcess
    data: Path

    def __post_init__(self) -> None:
        self.place = self.discord.guild("Newsroom")
        self.channel = self.place.channel("general")
        self.asked = 0

    async def answer(self, question: str = COST) -> Message:
        """Ask, and wait for the whole answer."""
        self.asked += 1
        asked = await self.place.member(f"reader {self.asked}").slash(self.channel, "ask", question=question)
        return await (await asked.settled()).until(is_whole)

    async def damage(self, file: str, statement: str) -> None:
        """Damage one of the bot's files while it is at work."""
        with sqlite3.connect(self.data / file) as connection:
            connection.execute(statement)
        connection.close()


@pytest_asyncio.fixture(loop_scope="module")
async def bot(gazette: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    replies = [echoing_key(401)]

    async def reply(request: web.Request) -> web.StreamResponse:
        return await replies[-1](request)

    async with DiscordServer(DISCORD_API) as discord, OpenAIServer(reply) as model:
        data = copied(gazette, tmp_path)
        environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": model.url, "OPENAI_TIMEOUT": str(TIMEOUT)}
        async with bot_process(discord, data=data, env=environment, command=VERBOSE) as process:
            yield Bot(discord, model, replies, process, data)


def secrets(discord: DiscordServer) -> list[str]:
    return [KEY, discord.token, *discord.world.interactions]


async def test_a_model_that_fails_is_done_without_and_says_so(bot: Bot) -> None:
    await bot.answer()  # by which the client of the model is loaded, which counts as the model's time
    refused = await bot.answer()
    bot.replies.append(stalled())
    hanging = await bot.answer()
    await bot.model.__aexit__(None, None, None)
    unreachable = await bot.answer()
    for answer in (refused, hanging, unreachable):
        assert claims(answer)[0] == PAID
        assert accent(answer) == Colour.EXTRACT.value
        assert EXTRACT_NOTE in answer.text
        assert "This answer was made without the model." in answer.text
    assert "status 401" in refused.text
    assert "took longer than 2 s" in hanging.text
    assert "cannot be reached" in unreachable.text
    said = "".join(message.text for message in bot.discord.world.messages())
    log = (await bot.process.stop()).stderr
    assert log.count("answering without the model") == 4
    assert not [secret for secret in secrets(bot.discord) if secret in log + said]


async def test_an_error_that_nobody_foresaw_is_told_by_a_reference_that_is_in_the_log(bot: Bot) -> None:
    answer = await bot.answer()
    reader = bot.place.member("reader")
    await bot.damage("receipts.sqlite3", "UPDATE receipts SET entry = 'no JSON'")
    pressed = [await reader.click(answer, button) for button in ("Passages", "👍")]
    told = [await each.settled() for each in pressed]
    await bot.damage("receipts.sqlite3", "DROP TABLE receipts")
    lost = await (await reader.click(answer, "Passages")).settled()
    assert "receipts.sqlite3" in lost.text, "an error that is meant for people has words of its own"
    references = [found[1] for message in told if (found := REFERENCE.fullmatch(message.text))]
    assert len(set(references)) == len(told)
    assert all(message.ephemeral and accent(message) == Colour.PROBLEM.value for message in told)
    log = (await bot.process.stop()).stderr
    for reference in references:
        assert re.search(rf" ERROR bot\.failures: reference {reference}\nTraceback ", log)
    assert not [secret for secret in secrets(bot.discord) if secret in log]


async def test_an_answer_whose_receipt_cannot_be_kept_is_given_all_the_same_without_buttons(bot: Bot) -> None:
    await bot.damage("receipts.sqlite3", "DROP TABLE receipts")
    asked = await bot.place.member("reader").slash(bot.channel, "ask", question=COST)
    answer = await (await asked.settled()).until(lambda message: EXTRACT_NOTE in message.text)
    assert claims(answer)[0] == PAID
    assert answer.buttons == {}
    assert "could not keep an answer" in (await bot.process.stop()).stderr


async def test_feedback_that_cannot_be_kept_is_said_to_be_lost(bot: Bot) -> None:
    answer = await bot.answer()
    await bot.damage("feedback.sqlite3", "DROP TABLE feedback")
    told = await (await bot.place.member("reader").click(answer, "👍")).settled()
    assert told.ephemeral
    assert "Cannot write" in told.text
    assert is_whole(await bot.answer())


async def test_an_acknowledgement_that_comes_too_late_ends_quietly(bot: Bot) -> None:
    reader = bot.place.member("reader")
    late: Interaction = reader.calls(bot.channel, "ask", question=COST)
    bot.discord.advance(4)
    assert is_whole(await bot.answer())
    await bot.discord.quiet(0.3)
    assert late.messages == []
    log = (await bot.process.stop()).stderr
    assert " ERROR " not in log
    assert "Traceback" not in log
