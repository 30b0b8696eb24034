"""The commands that Discord is told of: what people are shown, where, and whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bot.newsroom import COST, Newsroom, copied
from tests.bot.reading import is_whole
from tests.discord_server import DISCORD_API, DiscordServer, bot_process

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAT, MESSAGE = 1, 3  # Discord, application command types
SERVER, DIRECT = 0, 1  # contexts
TEXT, INTEGER, BOOLEAN, CHANNEL, NUMBER, FILE = 3, 4, 5, 7, 10, 11  # option types
MANAGE_SERVER = str(1 << 5)

# name: type, contexts, the permission needed, and the options; those required have a star
COMMANDS = {
    "ask": (CHAT, [SERVER, DIRECT], None, "question* since until as_of outlet private"),
    "timeline": (CHAT, [SERVER, DIRECT], None, "topic since until outlet as_of limit format private"),
    "sources": (CHAT, [SERVER, DIRECT], None, ""),
    "article": (CHAT, [SERVER, DIRECT], None, "name*"),
    "help": (CHAT, [SERVER, DIRECT], None, ""),
    "ingest": (CHAT, [SERVER], MANAGE_SERVER, "file link"),
    "remove": (CHAT, [SERVER], MANAGE_SERVER, "article*"),
    "evaluate": (CHAT, [SERVER], MANAGE_SERVER, ""),
    "settings": (
        CHAT, [SERVER], MANAGE_SERVER,
        "answer_in not_in everywhere open_questions questions_per_hour mention_in_threads daily_usd monthly_usd"
        " note_changes",
    ),
    "Check against the articles": (MESSAGE, [SERVER, DIRECT], None, ""),
}  # fmt: skip


def outlined(command: Mapping[str, Any]) -> tuple[int, list[int], str | None, str]:
    options = " ".join(option["name"] + "*" * bool(option.get("required")) for option in command["options"])
    return command["type"], command["contexts"], command["default_member_permissions"], options


async def test_commands_are_registered_for_those_and_where_they_are_of_use(room: Newsroom) -> None:
    registered = room.discord.world.commands
    assert {command["name"]: outlined(command) for command in registered[None]} == COMMANDS
    assert [one for server, commands in registered.items() if server for one in commands] == []


async def test_every_command_and_option_says_what_it_is_for(room: Newsroom) -> None:
    commands = [command for command in room.discord.world.commands[None] if command["type"] == CHAT]
    described = [*commands, *(option for command in commands for option in command["options"])]
    assert all(len(one["description"].strip(" …")) > 5 for one in described)


async def test_options_are_of_the_kind_that_people_can_fill_in(room: Newsroom) -> None:
    kinds = {
        f"{command['name']} {option['name']}": (option["type"], bool(option.get("autocomplete")))
        for command in room.discord.world.commands[None]
        for option in command["options"]
    }
    assert kinds == {
        "ask question": (TEXT, False), "ask since": (TEXT, False), "ask until": (TEXT, False),
        "ask as_of": (TEXT, False), "ask outlet": (TEXT, True), "ask private": (BOOLEAN, False),
        "timeline topic": (TEXT, False), "timeline since": (TEXT, False), "timeline until": (TEXT, False),
        "timeline outlet": (TEXT, True), "timeline as_of": (TEXT, False), "timeline limit": (INTEGER, False),
        "timeline format": (TEXT, False), "timeline private": (BOOLEAN, False),
        "article name": (TEXT, True), "remove article": (TEXT, True),
        "ingest file": (FILE, False), "ingest link": (TEXT, False),
        "settings answer_in": (CHANNEL, False), "settings not_in": (CHANNEL, False),
        "settings everywhere": (BOOLEAN, False), "settings open_questions": (INTEGER, False),
        "settings questions_per_hour": (INTEGER, False), "settings mention_in_threads": (BOOLEAN, False),
        "settings daily_usd": (NUMBER, False), "settings monthly_usd": (NUMBER, False),
        "settings note_changes": (BOOLEAN, False),
    }  # fmt: skip


async def test_with_a_server_named_commands_are_registered_there_only(articles: Path, tmp_path: Path) -> None:
    async with DiscordServer(DISCORD_API) as discord:
        home = discord.guild("Home")
        elsewhere, channel = discord.guild("Elsewhere"), home.channel("general")
        alice = home.member("alice")
        environment = {"DISCORD_GUILD_ID": str(home.id)}
        async with bot_process(discord, data=copied(articles, tmp_path), env=environment) as bot:
            registered = discord.world.commands
            assert {command["name"]: outlined(command) for command in registered[home.id]} == COMMANDS
            assert registered[None] == registered.get(elsewhere.id, []) == []
            asked = await alice.slash(channel, "ask", question=COST)
            await (await asked.settled()).until(is_whole)
            assert (await bot.stop()).code == 0
        assert discord.violations == []
