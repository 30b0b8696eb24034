"""Starting: what is wrong is said in one line that says what to do, and what may pass is waited for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.bot.newsroom import COST, copied
from tests.bot.reading import is_whole
from tests.discord_server import DiscordServer, Exit, bot_process
from tests.discord_server.faults import Fault, broken, hung_up, rate_limited, refused

DATELINE = str(Path(sys.executable).parent / "dateline")
HEAVY = ("discord", "chromadb", "onnxruntime", "llama_index")
TOKEN = "MTIzNDU2Nzg5.loopback.secret"


async def ended(data: Path, *options: str, fault: Fault | None = None, **environment: str) -> Exit:
    """Run a bot that ends by itself, after it has met a fault when it registers its commands."""
    command = (sys.executable, *options, "-m", "bot")
    async with DiscordServer() as discord:
        if fault:
            discord.fail("PUT", "/applications/*", fault)
        async with bot_process(discord, data=data, env=environment, command=command, wait=False) as bot:
            return await bot.ended()


def line_of(stopped: Exit) -> str:
    """Return the one line that a bot ended with, and check that it ended as one that cannot go on."""
    assert stopped.code == 1
    told = [each for each in stopped.stderr.splitlines() if not each.startswith("import time:")]
    (line,) = [each for each in told if " INFO bot" not in each]  # it may have been ready before it knew
    assert line.startswith("dateline: ")
    return line.removeprefix("dateline: ")


async def test_without_a_token_it_says_what_to_do_before_it_loads_anything_heavy(tmp_path: Path) -> None:
    stopped = await ended(tmp_path, "-X", "importtime", DISCORD_TOKEN="")
    assert line_of(stopped).startswith("DISCORD_TOKEN is not set. Make an application as the README says")
    imported = {line.rpartition("|")[2].strip() for line in stopped.stderr.splitlines()}
    assert "bot" in imported
    assert not imported & set(HEAVY)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("token", [f"{TOKEN} x", f"Bot {TOKEN}", f"{TOKEN}\n", f"{TOKEN}é", f"{TOKEN}\x07"])
async def test_what_is_no_token_is_not_tried_nor_shown(tmp_path: Path, token: str) -> None:
    stopped = await ended(tmp_path, DISCORD_TOKEN=token)
    assert "DISCORD_TOKEN" in line_of(stopped)
    assert TOKEN not in stopped.stderr


async def test_a_token_that_discord_does_not_know_is_not_shown(gazette: Path, tmp_path: Path) -> None:
    stopped = await ended(copied(gazette, tmp_path), DISCORD_TOKEN=TOKEN)
    assert line_of(stopped).startswith("Discord does not accept DISCORD_TOKEN. Copy the token from")
    assert TOKEN not in stopped.stderr


@pytest.mark.parametrize("number", ["newsroom", "-1", "1.5"])
async def test_a_server_that_is_no_number_is_said_to_be_none(tmp_path: Path, number: str) -> None:
    assert "DISCORD_GUILD_ID" in line_of(await ended(tmp_path, DISCORD_GUILD_ID=number))


@pytest.mark.parametrize("answer", [refused(403, 50001, "Missing Access"), refused(404, 10004, "Unknown Guild")])
async def test_a_server_that_the_bot_is_not_on_is_said_to_be_the_trouble(
    gazette: Path, tmp_path: Path, answer: Fault
) -> None:
    stopped = await ended(copied(gazette, tmp_path), fault=answer, DISCORD_GUILD_ID="123456789012345678")
    assert line_of(stopped).startswith("The bot is not on the server that DISCORD_GUILD_ID names. Invite it first")


@pytest.mark.parametrize("damaged", ["chroma.sqlite3", "bot.sqlite3", "feedback.sqlite3", "receipts.sqlite3"])
async def test_a_file_that_cannot_be_opened_ends_it_with_a_line_that_says_why(
    gazette: Path, tmp_path: Path, damaged: str
) -> None:
    data = copied(gazette, tmp_path)
    (file,) = [*data.rglob(damaged)] or [data / damaged]
    file.write_bytes(b"This is no database, whatever its name says. " * 100)
    assert "file is not a database" in line_of(await ended(data))


async def test_a_folder_that_cannot_be_made_ends_it_with_a_line(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    assert str(tmp_path / "store") in line_of(await ended(tmp_path / "store"))


async def test_discord_is_waited_for_until_it_can_be_reached(gazette: Path, tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        discord.fail("GET", "/users/@me", hung_up())
        discord.fail("GET", "/oauth2/applications/@me", broken(503))
        discord.fail("PUT", "/applications/*/commands", rate_limited(0.1, via=False))
        place = discord.guild("Newsroom")
        channel, alice = place.channel("general"), place.member("alice")
        async with bot_process(discord, data=copied(gazette, tmp_path)) as bot:
            await (await (await alice.slash(channel, "ask", question=COST)).settled()).until(is_whole)
            stopped = await bot.stop()
    assert discord.faults.left == 0
    assert stopped.code == 0
    assert discord.token not in stopped.stderr


async def test_without_articles_it_says_how_to_add_some(tmp_path: Path) -> None:
    async with DiscordServer() as discord, bot_process(discord, data=tmp_path / "store") as bot:
        place = discord.guild("Newsroom")
        asked = await place.member("alice").slash(place.channel("general"), "ask", question=COST)
        told = await asked.settled()
        stopped = await bot.stop()
    assert "ingest" in told.text
    assert asked.messages == [told]
    assert stopped.code == 0


async def test_the_command_becomes_the_bot_and_stops_when_told(gazette: Path, tmp_path: Path) -> None:
    data = copied(gazette, tmp_path)
    command = (DATELINE, "bot", "--data", str(data), "--verbose")
    async with DiscordServer() as discord, bot_process(discord, command=command) as bot:
        place = discord.guild("Newsroom")
        channel, alice = place.channel("general"), place.member("alice")
        await (await (await alice.slash(channel, "ask", question=COST)).settled()).until(is_whole)
        stopped = await bot.stop()
    assert stopped.code == 0
    assert stopped.stdout == ""
    assert " INFO bot.client: stopping" in stopped.stderr
