"""A bot that is told to stop finishes what it can and says what it cannot; one that is killed loses nothing it kept."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.answering import RESTARTED
from bot.client import FINISHING
from bot.cogs.library import STOPPED
from bot.desk import AT_ONCE
from rag.feedback import Verdict, open_feedback
from rag.settings import Settings
from tests.bot.newsroom import COST, copied, jsonl
from tests.bot.reading import is_whole
from tests.bot.writer import Writer
from tests.discord_server import BotProcess, Channel, DiscordServer, Exit, Message, Place, bot_process
from tests.discord_server.faults import broken
from tests.gazette import DOCUMENTS, open_gazette
from tests.openai_server import OpenAIServer, written

IN_LINE = 3
MANY = 3000  # articles: it takes seconds to read them
REFUSED = "I am being restarted. Please ask again in a minute."
SOON = 10.0  # seconds; what service managers give at the least


@asynccontextmanager
async def at_work(discord: DiscordServer, data: Path) -> AsyncIterator[tuple[BotProcess, Writer]]:
    """Run a bot with a model of which each reply has one line: that this is all."""
    writer = Writer()
    async with OpenAIServer(written(writer.write)) as server:
        model = {"OPENAI_MODEL": "loopback", "OPENAI_BASE_URL": server.url}
        async with bot_process(discord, data=data, env=model) as bot:
            yield bot, writer


def stopped_well(ended: Exit) -> bool:
    """Tell whether a bot stopped as it should."""
    assert "Traceback" not in ended.stderr
    return ended.code == 0 and ended.seconds < SOON


async def refused(place: Place, channel: Channel) -> list[Message]:
    """Have people ask until one of them is refused, and return what each is told."""
    told: list[Message] = []
    while not told or told[-1].text != REFUSED:
        asked = await place.member(f"late {len(told)}").slash(channel, "ask", question=COST)
        told.append(await asked.settled())
    return told


async def test_questions_in_work_are_finished_or_told_and_no_others_are_taken(gazette: Path, tmp_path: Path) -> None:
    async with DiscordServer() as discord, at_work(discord, copied(gazette, tmp_path)) as (bot, writer):
        place = discord.guild("Newsroom")
        channel = place.channel("general")
        people = [place.member(f"reader {number}") for number in range(AT_ONCE + IN_LINE)]
        writer.says(COST)
        with writer.held_back() as let:
            mention = await people[0].says(channel, f"{discord.bot_mention} {COST}")
            asked = [await each.slash(channel, "ask", question=COST) for each in people[1:]]
            await discord.until(lambda: len(writer.prompts) == AT_ONCE)
            stopping = asyncio.create_task(bot.stop())
            late = await refused(place, channel)
            let(IN_LINE)
            ended = await stopping
    answers = [*mention.replies, *(message for each in asked for message in each.messages)]
    assert len(answers) == len(people)
    assert sum(map(is_whole, answers)) == IN_LINE
    assert [each.text for each in answers if not is_whole(each)] == [RESTARTED] * AT_ONCE
    assert {each.text for each in late} <= {RESTARTED, REFUSED}
    assert stopped_well(ended)


async def test_a_second_signal_changes_nothing_and_the_last_answer_ends_the_wait(gazette: Path, tmp_path: Path) -> None:
    async with DiscordServer() as discord, at_work(discord, copied(gazette, tmp_path)) as (bot, writer):
        place = discord.guild("Newsroom")
        channel, alice = place.channel("general"), place.member("alice")
        with writer.held_back():
            asked = await alice.slash(channel, "ask", question=COST)
            await discord.until(lambda: writer.prompts)
            os.kill(bot.pid, signal.SIGINT)
            os.kill(bot.pid, signal.SIGTERM)
        ended = await bot.ended()
    assert [is_whole(each) for each in asked.messages] == [True]
    assert stopped_well(ended)
    assert ended.seconds < FINISHING, "there was nothing left to wait for"


async def stopped_when(reached: Callable[[DiscordServer], object], data: Path, by: signal.Signals) -> Exit:
    """Stop a bot as soon as it has come so far, and Discord is not what it should be."""
    async with DiscordServer() as discord:
        discord.fail("GET", "/oauth2/applications/@me", broken(), times=1)
        async with bot_process(discord, data=data, wait=False) as bot:
            await discord.until(lambda: reached(discord))
            os.kill(bot.pid, by)
            return await bot.ended()


async def test_a_bot_that_is_starting_stops_at_once(gazette: Path, tmp_path: Path) -> None:
    data = copied(gazette, tmp_path)
    steps: dict[Callable[[DiscordServer], object], signal.Signals] = {
        lambda discord: discord.exchanges: signal.SIGTERM,
        lambda discord: discord.faults.left == 0: signal.SIGINT,
        lambda discord: discord.requests("PUT", "/commands"): signal.SIGTERM,
        lambda discord: discord.gateway.identified: signal.SIGINT,
    }
    ended = await asyncio.gather(*(stopped_when(step, data, by) for step, by in steps.items()))
    assert all(map(stopped_well, ended))


async def test_a_stop_while_articles_are_read_says_so_and_keeps_the_store(gazette: Path, tmp_path: Path) -> None:
    data = copied(gazette, tmp_path)
    lines = [{"title": f"Notice {number}", "body": f"The mill of ward {number} closes."} for number in range(MANY)]
    async with DiscordServer() as discord, bot_process(discord, data=data) as bot:
        place = discord.guild("Newsroom")
        boss = place.member("boss", manages=True)
        asked = await boss.slash(place.channel("general"), "ingest", file=jsonl(*lines))
        message = await (await asked.settled()).until(lambda each: "Reading articles" in each.text)
        ended = await bot.stop()
    assert message.text == STOPPED
    assert stopped_well(ended)
    with open_gazette(data) as store:
        documents = {source.document for source, _ in store.sources()}
    assert documents >= set(DOCUMENTS)


async def test_a_bot_that_was_killed_starts_again_and_its_old_buttons_work(gazette: Path, tmp_path: Path) -> None:
    data = copied(gazette, tmp_path)
    async with DiscordServer() as discord:
        place = discord.guild("Newsroom")
        channel, alice = place.channel("general"), place.member("alice")
        async with at_work(discord, data) as (bot, writer):
            answer = await (await (await alice.slash(channel, "ask", question=COST)).settled()).until(is_whole)
            await (await alice.click(answer, "👍")).settled()
            with writer.held_back():
                await alice.slash(channel, "ask", question=COST)
                await discord.until(lambda: len(writer.prompts) == 2)
                await bot.kill()
        async with bot_process(discord, data=data) as bot:
            passages = await (await alice.click(answer, "Passages")).settled()
            await (await alice.click(answer, "👎")).settled()
            await (await (await alice.slash(channel, "ask", question=COST)).settled()).until(is_whole)
            ended = await bot.stop()
    assert "48 million" in passages.text
    assert stopped_well(ended)
    with open_feedback(Settings.model_construct(data=data)) as log:
        assert [each.verdict for each in log.read().values()] == [Verdict.WRONG]
