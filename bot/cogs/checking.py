"""A message of anybody's in, what the articles say to each of its statements out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.card import Block, Card
from bot.delivery import CommandReply
from bot.layout import text_of
from bot.markdown import unescaped
from bot.verdicts import verdict_cards

if TYPE_CHECKING:
    from bot.client import Dateline

NAME = "Check against the articles"


class Checking(commands.Cog):
    """The check, in the menu of every message."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._menu = app_commands.ContextMenu(name=NAME, callback=self.check)

    async def cog_load(self) -> None:
        """Put the check into the menu."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it out."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def check(self, interaction: discord.Interaction[Dateline], message: discord.Message) -> None:
        """Check a message, for the person only who asked."""
        bot = interaction.client
        ticket = bot.answering.admit(interaction.user.id, interaction.guild_id)
        reply = CommandReply(interaction, private=True)
        await bot.see_through(bot.answering.see(ticket, reply, lambda: self._checked(message)))

    async def _checked(self, message: discord.Message) -> list[Card]:
        engine = await self._bot.library.engine()
        return verdict_cards(await engine.check(said_in(message)))


def said_in(message: discord.Message) -> str:
    """Read what a message says: its text, what it embeds, and if it is one of our answers, the claims."""
    embeds = (f"{embed.title or ''}\n{embed.description or ''}" for embed in message.embeds)
    return "\n".join(filter(None, (message.content, *embeds, unescaped(text_of(message, Block.CLAIMS)))))
